#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""peers.py DIRECTORY KERNEL: makes peers.sh's table of what its guest measured."""

import os
import statistics
import sys

WORK = ("churn", "runc", "fork")
NAMES = {"nslens": "nslens --json", "nslens-brief": "nslens --brief", "none-again": "none again",
         "bpftrace": "bpftrace, same hooks", "bpftrace-empty": "empty programs, same hooks",
         "strace": "strace -f", "perf-trace": "perf trace", "trace-cmd": "trace-cmd function_graph"}
COLUMNS = (("ready", "{:.2f} s"), ("stop", "{:.2f} s"), ("gone", "{:.2f} s"), ("cpu", "{:.2f} s"),
           ("lost", "{:,.0f}"), ("lines", "{:,.0f}"), ("bytes", "{:,.0f}"))
HEADS = ("tool", "churn", "runc run", "fork+wait", "ready", "prompt back", "nothing attached",
         "processor time", "events lost", "lines", "bytes")


def read(path):
    """tracer -> what -> round -> value"""
    values = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            number, tracer, what, value = line.split()
            values.setdefault(tracer, {}).setdefault(what, {})[number] = float(value)
    return values


def ratios(row, base):
    """Of each round its own: what changes in the course of the run stays out of it."""
    return [value / base[number] for number, value in row.items() if number in base]


def work_cell(tracer, what, values):
    row = values[tracer].get(what)
    if not row:
        return "–"
    median = statistics.median(row.values())
    cell = f"{median * 1000:.2f} ms" if what == "fork" else f"{median:.2f} s"
    if tracer == "none":
        return cell
    return f"{cell} (x {statistics.median(ratios(row, values['none'][what])):.2f})"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    values = read(os.path.join(sys.argv[1], "times"))
    print(f"Linux {sys.argv[2]}:\n\n| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS))
    values.pop("warm", None)
    for tracer, row in values.items():
        cells = [NAMES.get(tracer, tracer)] + [work_cell(tracer, what, values) for what in WORK]
        cells += [form.format(statistics.median(row[what].values())) if what in row else "–"
                  for what, form in COLUMNS]
        print("| " + " | ".join(cells) + " |")
    none = values["none"]
    rounds = len(none[WORK[0]])
    spread = max(max(none[w].values()) / min(none[w].values()) for w in WORK)
    print("\nOne round.\n" if rounds == 1 else
          f"\nMedians of {rounds} rounds; the work alone differs between them by a factor of up to "
          f"{spread:.2f}.\n")
    failed = os.path.join(sys.argv[1], "failed")
    if os.path.exists(failed):
        with open(failed, encoding="utf-8") as file:
            print("Not measured: " + file.read().strip() + "\n")


if __name__ == "__main__":
    main()
