# SPDX-License-Identifier: GPL-2.0-only
"""joined.py DIR --kernel K: whoever was joined by setns alone dies in the graph, too."""
import sys

from graphs import Out, judge, skip


def main():
    out = Out(sys.argv[1])
    lines = out.lines("stream")
    status = out.text("stream.status").strip()
    judge("joined-status", [] if status == "0" else
          [f"exit status {status or 'none'}: {out.text('stream.err').strip()[-200:]}"])
    if any(line.get("tracepoints_only") for line in lines):
        skip("joined", "this machine permits no function hook: destructions are not seen")
        return
    if any(line.get("type") == "lost" for line in lines):
        skip("joined", "nslens counted lost events")
        return
    held = out.text("held").split()
    died = {line["ns"]: line for line in lines
            if line.get("type") == "ns" and line["event"] == "destroyed"}
    judge("joined", ([] if held else ["nothing was held: the test tests nothing"]) +
          [f"{ns} never died" for ns in held if ns not in died] +
          [f"{ns} has no owner" for ns in held if ns in died and not died[ns]["owner"]],
          f"{len(held)} namespaces")


if __name__ == "__main__":
    main()
