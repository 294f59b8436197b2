#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes peers.sh's table of what its guest measured."""

import os
import statistics
import sys

WORK = ("churn", "runc", "fork")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: peers.py DIRECTORY")
    values = {}
    with open(os.path.join(sys.argv[1], "times"), encoding="utf-8") as file:
        for line in file:
            _, tracer, what, value = line.split()
            values.setdefault(tracer, {}).setdefault(what, []).append(float(value))
    median = {t: {w: statistics.median(v) for w, v in row.items()} for t, row in values.items()}
    base = median["none"]
    rows = []
    for tracer, row in median.items():
        cells = [tracer]
        for what in WORK:
            unit = f"{row[what] * 1000:.2f} ms" if what == "fork" else f"{row[what]:.2f} s"
            cells.append(unit if tracer == "none" else f"{unit} (x {row[what] / base[what]:.2f})")
        for what, form in (("ready", "{:.2f} s"), ("stop", "{:.2f} s"), ("gone", "{:.2f} s"),
                           ("cpu", "{:.2f} s"), ("lost", "{:.0f}"), ("lines", "{:.0f}"),
                           ("bytes", "{:,.0f}")):
            cells.append(form.format(row[what]) if what in row else "–")
        rows.append(cells)
    heads = ["tracer", "churn", "runc run", "fork+wait", "ready", "prompt back", "nothing attached",
             "processor time", "events lost", "lines", "bytes"]
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    spread = max((max(v) / min(v) for w, v in values["none"].items() if w in WORK), default=1)
    print(f"\nRounds of the same work alone differ by a factor of up to {spread:.2f}.")
    failed = os.path.join(sys.argv[1], "failed")
    if os.path.exists(failed):
        with open(failed, encoding="utf-8") as file:
            print("\nNot measured: " + file.read().strip())


if __name__ == "__main__":
    main()
