#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes record.sh's table of the guest's results, and judges them."""

import argparse
import json
import os
import re
import sys

WHAT = {"fork": "fork and wait, no namespace", "uts": "clone(CLONE_NEWUTS)",
        "start": "a container's start"}


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def medians(directory, name):
    return {row["op"]: row for row in map(json.loads, read(directory, name).splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=2)
    parser.add_argument("directory")
    args = parser.parse_args()
    at = args.directory
    none, trace, stones, follow, record, again = (
        medians(at, n) for n in ("none", "trace", "milestones", "follow", "record", "none-again"))
    wrong, rows = [], []
    for op, what in WHAT.items():
        base, traced, recorded = (m[op]["median"] for m in (none, trace, record))
        # a recording has the graph and milestones, too: who else asks for both pays as much
        same = follow[op]["median"] + stones[op]["median"] - traced
        more = 100 * (recorded / same - 1)
        rows.append([what, f"{base:.0f}"] + [f"{m[op]['median'] - base:+.0f}" for m in (trace, stones, follow, record)] +
                    [f"{again[op]['median'] - base:+.0f}", f"{more:+.2f} %"])
        if more > args.limit:
            wrong.append(f"{op}: recorded it takes {more:.2f} % more than with the same hooks, the limit is {args.limit}")
    said = read(at, "record.err")
    found = re.search(r"(\d+) events, (\d+) calls, nothing lost", said)
    if not found:
        wrong.append(f"the recording lost something, or has not ended: {said.strip()}")
    if not re.search(r"lost +0 of", read(at, "trace.end")):
        wrong.append(f"the trace lost something, or has not ended: {read(at, 'trace.end').strip()}")
    print(f"Instructions of one operation, Linux {read(at, 'kernel').strip()}, medians of 11 rounds:\n")
    heads = ["operation", "alone", "`trace`", "`trace --milestones`", "`graph --follow`", "`record`", "alone again",
             "recorded against the same hooks"]
    for row in [heads, ["---"] * len(heads)] + rows:
        print("| " + " | ".join(row) + " |")
    if found:
        own = {}
        for name in ("trace", "record"):
            before, after = map(int, read(at, f"{name}.cpu").split())
            own[name] = after - before
        events, calls = int(found[1]), int(found[2])
        print(f"\nThe recorder's own work for these {events} events of {calls} calls, counted apart: "
              f"{own['record'] / events:.0f} instructions an event, {own['record'] / calls:.0f} a call; "
              f"`trace --brief` takes {own['trace'] / calls:.0f} a call.")
    for complaint in wrong:
        print(f"bench: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
