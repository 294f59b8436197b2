# SPDX-License-Identifier: GPL-2.0-only
"""check.py OUT: what a soak left behind, judged. See soak.sh."""
import json
import statistics
import sys
from pathlib import Path

failed = passed = 0


def judge(name, faults, note=""):
    global failed, passed
    if faults:
        failed += 1
        print(f"FAIL {name}: {faults[0]}" + (f" (and {len(faults) - 1} more)" if faults[1:] else ""))
    else:
        passed += 1
        print(f"ok {name}" + (f": {note}" if note else ""))


def series(file):
    found = {}
    for line in file.read_text().splitlines():
        t, name, value = line.split()
        found.setdefault(name, []).append((int(t), None if value == "gone" else int(value)))
    return found


def growth(values):
    """From the second quarter, when everything has been there once, to the last: medians."""
    quarter = len(values) // 4
    return statistics.median(values[quarter:2 * quarter]), statistics.median(values[-quarter:])


def flat(out, file, unit, slack):
    for name, samples in series(out / file).items():
        values = [v for _, v in samples]
        if None in values:
            judge(f"{file}-{name}", [f"it ended after {samples[values.index(None)][0]} s"])
            continue
        if len(values) < 8:
            judge(f"{file}-{name}", [f"only {len(values)} samples: run it for longer"])
            continue
        before, after = growth(values)
        judge(f"{file}-{name}",
              [f"it grew from {before:g} to {after:g} {unit}"] if after > before * 1.1 + slack else [],
              f"{before:g} {unit}, at the end {after:g}, at most {max(values)}")


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def verified(out):
    followed = lines(out / "graph.jsonl")
    all_of = [line for line in followed if line["type"] == "verify"]
    sound = [line for line in all_of if not line["stale"]]
    lost = sum(line["count"] for line in followed if line["type"] == "lost")
    resyncs = sum(line["type"] == "resync" for line in followed)
    judge("graph-verified", [] if sound else ["no verification of a graph that was current"],
          f"{len(sound)} of {len(all_of)} verifications")
    judge("graph-differences", [json.dumps(line["differences"][0]) for line in sound if line["differences"]],
          f"{lost} events lost and told, read anew {resyncs} times")


def traced(out):
    said = lines(out / "trace.jsonl")
    end = said[-1]
    told = sum(line["count"] for line in said if line["type"] == "lost")
    counted = end.get("counts", {}).get("lost") if end["type"] == "end" else None
    judge("trace-ended", [] if end["type"] == "end" else ["the last line is no end record"])
    judge("trace-losses", [] if counted == told else [f"{counted} lost, {told} told"],
          f"{told} lost, all told")


def main():
    out = Path(sys.argv[1])
    rounds, calls, seconds = (out / "rounds").read_text().split()
    trouble = (out / "trouble").read_text().splitlines() if (out / "trouble").exists() else []
    judge("work", trouble, f"{rounds} rounds, {calls} calls, {seconds} s")
    flat(out, "memory", "KB", 1024)
    flat(out, "descriptors", "descriptors", 2)
    verified(out)
    traced(out)
    for line in (out / "ends").read_text().splitlines():
        name, status, took = line.split()
        judge(f"end-{name}", [] if status in ("0", "130") and int(took) <= 10
              else [f"exit status {status} after {took} s"], f"{took} s")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
