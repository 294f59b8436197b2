# SPDX-License-Identifier: GPL-2.0-only
"""keepers.py DIR --kernel K: what reading keepers did to the machine."""
import json
import re
import sys

from graphs import Graph, Out, judge, skip

# a mount namespace that no task is in cannot be read but from inside
HELD = re.compile(r"= \d+<(?!mnt)\w+:\[\d+\]>$")
TABLE = re.compile(r'openat\(.*, "fd", .*= \d+<')


def check_itself(out):
    why = next((line for line in out.lines("why") if line.get("type") == "why"), {})
    judge("own-references", [] if why.get("refs") == 1 and why.get("unaccounted") == 0 else
          [f"a namespace that one descriptor holds has {why.get('refs')} references, "
           f"{why.get('unaccounted')} unaccounted for: {why.get('no_count')}"])
    pid = int(out.text("why.pid"))
    calls = [c for c in out.lines("calls") if c.get("type") == "call" and c["comm"] == "nslens"]
    others = sorted({c["pid"] for c in calls} - {pid})
    judge("own-processes", ([] if calls else ["it joined no namespace: the test tests nothing"]) +
          [f"process {other} beside {pid}, which a tracer takes for another" for other in others],
          f"{len(calls)} calls")


def check_forged(out):
    pid = int(out.text("forger").split()[1])
    graph = Graph(json.loads(out.text("forged")))
    told = {k["fd"]: k for k in graph.keepers() if k["pid"] == pid and k["kind"] == "proc"}
    judge("forged-table", ([] if 7 in told else ["the genuine table is not told"]) +
          [f"a table is told as what descriptor {fd} is: {k}" for fd, k in told.items() if fd != 7])


def check_watching(out):
    lines = out.text("opened").splitlines()
    if not lines:
        skip("own-holding", "strace is not installed")
        skip("one-walk", "strace is not installed")
        return
    readings = sum('"1/task"' in line for line in lines)
    last = lines[len(lines) // 2:]
    opened = [line for line in last if HELD.search(line)]
    judge("own-holding", ([] if readings >= 4 else [f"{readings} walks only"]) +
          [f"opened while nothing changed: {line}" for line in opened],
          f"{len(last)} files opened, and no such namespace")
    graph = json.loads(out.text("graph"))
    processes = len({t["pid"] for t in graph["tasks"]})
    walked = sum(bool(TABLE.search(line)) for line in out.text("walked").splitlines())
    judge("one-walk", [] if walked < 1.5 * processes else
          [f"descriptors were listed {walked} times, of {processes} processes"],
          f"{walked} tables of {processes} processes")


def main():
    out = Out(sys.argv[1])
    check_itself(out)
    check_forged(out)
    check_watching(out)


if __name__ == "__main__":
    main()
