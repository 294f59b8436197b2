# SPDX-License-Identifier: GPL-2.0-only
"""verify.py DIR --kernel K: what the graph that was kept said of itself after each burst."""
import json
import sys

from graphs import Out, judge, skip


def differences(lines):
    return [f"verification {i}: {len(line['differences'])} differences, first "
            f"{json.dumps(line['differences'][0])}"
            for i, line in enumerate(lines, 1) if line["differences"]]


def sound(verified):
    """A stale graph was not compared at all."""
    return [line for line in verified if not line["stale"]]


def of(lines, kind):
    return [line for line in lines if line.get("type") == kind]


def ended_well(name, out, file):
    status = out.text(f"{file}.status").strip()
    judge(f"{name}-status", [] if status == "0" else
          [f"exit status {status or 'none'}: {out.text(file + '.err').strip()[-200:]}"])


def settled(lines):
    """The last verification was of a graph that is current: each loss before it was over.
    What was lost after it, while nslens was told to stop, is not its matter."""
    verified = of(lines, "verify")
    return bool(verified) and not verified[-1]["stale"]


def check_asked(out):
    bursts = int(out.text("asked.bursts") or 0)
    lines = out.lines("asked")
    verified = of(lines, "verify")
    good = len(sound(verified))
    ended_well("bursts", out, "asked")
    judge("bursts-verified", [] if good and good == bursts else
          [f"{good} of {len(verified)} verifications were of a graph that was current, "
           f"after {bursts} bursts"], f"{good} bursts, {len(verified)} asked for")
    judge("bursts-differences", differences(verified))
    judge("bursts-current", [] if settled(lines) else ["the graph is stale at the end"])
    lost, mended = of(lines, "lost"), of(lines, "resync")
    # the kernel skips a probe that is hit while it runs: nslens counts that, and reads anew
    judge("bursts-gaps", [] if not lost or mended else ["a loss was never mended"],
          f"{len(lost)} told, {len(mended)} times read anew")
    if verified:
        print(f"   {max(v['namespaces'] for v in verified)} namespaces and "
              f"{max(v['tasks'] for v in verified)} tasks at most when verified")
    ran = out.text("runtimes").splitlines()
    if ran:
        judge("bursts-runtimes", [f"{line}: {out.text(line.split()[0] + '.log').strip()[-150:]}"
                                  for line in ran if not line.endswith(" 0")],
              f"{len(ran)} containers")
    else:
        skip("bursts-runtimes", "runc, crun and bubblewrap are started in the full guest")


def check_timed(out):
    lines = out.lines("timed")
    verified = of(lines, "verify")
    ended_well("every-second", out, "timed")
    good = len(sound(verified))
    judge("every-second-verified", [] if good >= 3 else
          [f"{good} of {len(verified)} verifications were of a graph that was current"], f"{good}")
    judge("every-second-differences", differences(verified))


def check_tiny(out):
    lines = out.lines("tiny")
    verified = of(lines, "verify")
    lost, resync = of(lines, "lost"), of(lines, "resync")
    ended_well("small-ring", out, "tiny")
    judge("small-ring-lost", [] if lost else ["nothing was lost: the test tests nothing"],
          f"{sum(line['count'] for line in lost)} events")
    judge("small-ring-resync", [] if resync else ["no line says that the graph is whole again"])
    judge("small-ring-verified", [] if sound(verified) else
          [f"none of {len(verified)} verifications was of a graph that was current"])
    judge("small-ring-differences", differences(verified))
    judge("small-ring-current", [] if settled(lines) else ["the graph is stale at the end"])


def main():
    out = Out(sys.argv[1])
    check_asked(out)
    check_timed(out)
    check_tiny(out)


if __name__ == "__main__":
    main()
