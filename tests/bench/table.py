#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes bench.sh's tables of the guests' results, and judges them."""

import argparse
import json
import os
import sys

NAMES = {
    "fe_kernel_clone": "fentry `kernel_clone`",
    "fx_sys_clone": "fexit `__x64_sys_clone`",
    "fx_sys_clone3": "fexit `__x64_sys_clone3`",
    "fx_sys_fork": "fexit `__do_sys_fork`",
    "fx_sys_vfork": "fexit `__do_sys_vfork`",
    "fx_copy_namespaces": "fexit `copy_namespaces`",
    "fx_switch_task_namespaces": "fexit `switch_task_namespaces`",
    "tp_task_newtask": "tp_btf `task_newtask`",
    "tp_sched_process_exit": "tp_btf `sched_process_exit`",
    "tp_task_freed": "tp_btf `sched_process_free`",
}
OPS = ("fork", "thread", "vfork")
SHORT = 15  # of a program's name, as the kernel keeps it


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def newtask_time(row):
    """Of one run, by the kernel's statistics: good for differences."""
    return row["times"]["tp_task_newtask"] / row["runs"]["tp_task_newtask"]


class Kernel:
    """One guest's results."""

    def __init__(self, directory, series):
        at = os.path.join(directory, series)
        with open(os.path.join(at, "kernel"), encoding="utf-8") as file:
            self.release = file.read().strip()
        self.series = series
        self.cost = {row["program"]: row["cost"] for row in lines(os.path.join(at, "cost"))}
        self.path = {row["op"]: row for row in lines(os.path.join(at, "path"))}
        self.bench = {mode: {row["op"]: row["median_ns"] for row in lines(os.path.join(at, mode))}
                      for mode in ("none", "nslens", "none-again")}
        self.tree_cost = {row["program"]: row["cost"] for row in lines(os.path.join(at, "cost-tree"))}
        self.tree_path = {row["op"]: row for row in lines(os.path.join(at, "path-tree"))}
        ends = [row for row in lines(os.path.join(at, "trace")) if row["type"] == "end"]
        self.counts = ends[0]["counts"] if ends else None

    def share(self, op, program):
        """Runs of a program in one operation."""
        row = self.path[op]
        return row["runs"].get(program[:SHORT], 0) / row["n"]

    def sums(self, op):
        return {p: self.share(op, p) * cost for p, cost in self.cost.items()}

    def sum(self, op):
        return sum(self.sums(op).values())

    def tree_sums(self, op):
        """What each program costs where somebody else's process tree is followed."""
        row = self.tree_path[op]
        sums = {p: row["runs"].get(p[:SHORT], 0) / row["n"] * cost for p, cost in self.tree_cost.items()}
        # hookcost renames a thread of its own, but what is looked up is the number of a new process
        sums["tp_task_newtask"] = (self.sums(op)["tp_task_newtask"] +
                                   newtask_time(self.tree_path[op]) - newtask_time(self.path[op]))
        return {p: cost for p, cost in sums.items() if cost >= 1}

    def complaints(self, limit):
        for op in OPS:
            row = self.path[op]
            for name, runs in row["runs"].items():
                # one run in a while is somebody else's
                if runs >= row["n"] / 2 and not any(p[:SHORT] == name for p in self.cost):
                    yield f"{self.series}: program {name} runs at every {op}: hookcost does not measure it"
            if not row["runs"]:
                yield f"{self.series}: no program runs at a {op}: what was measured?"
            if self.sum(op) > limit:
                yield f"{self.series}: a {op} pays {self.sum(op):.0f} instructions, more than {limit}"
        if not self.counts:
            yield f"{self.series}: the trace has no end record"
        elif self.counts["events"] or self.counts["lost"]:
            yield (f"{self.series}: {self.counts['events']} events were sent and "
                   f"{self.counts['lost']} lost by forks and threads of initial tasks")
        elif self.counts["forks"] < 3 * 2600:
            yield f"{self.series}: only {self.counts['forks']} forks were counted"


def table(heads, rows):
    text = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(text + ["| " + " | ".join(row) + " |" for row in rows])


def hooks_table(kernels):
    rows = []
    for program, name in NAMES.items():
        on = [op for op in OPS if any(k.share(op, program) >= 0.5 for k in kernels)]
        if not on:
            continue
        cells = [f"{k.cost[program]:.0f}" if any(k.share(op, program) >= 0.5 for op in OPS) else "–"
                 for k in kernels]
        rows.append([name, ", ".join(on)] + cells)
    for op in OPS:
        rows.append([f"**sum for a {op}**", ""] + [f"**{k.sum(op):.0f}**" for k in kernels])
    return table(["hook", "on the way of"] + [k.series for k in kernels], rows)


def tree_table(kernels):
    rows = []
    for program, name in NAMES.items():
        for op in OPS:
            cells = [k.tree_sums(op).get(program, 0) - k.sums(op).get(program, 0) for k in kernels]
            if any(abs(c) >= 1 for c in cells):
                rows.append([name, op] + [f"{c:+.0f}" for c in cells])
    for op in OPS:
        rows.append(["**sum**", op] + [f"**{sum(k.tree_sums(op).values()):.0f}**" for k in kernels])
    return table(["hook", "operation"] + [k.series for k in kernels], rows)


def bench_table(kernels):
    rows = []
    for k in kernels:
        for op in OPS:
            base = k.bench["none"][op]
            rows.append([k.series, op, f"{base:.0f}"] +
                        [f"{100 * (k.bench[mode][op] / base - 1):+.2f} %"
                         for mode in ("nslens", "none-again")] +
                        [f"{100 * k.sum(op) / base:.2f} %"])
    return table(["kernel", "operation", "alone", "traced", "alone again", "sum of hooks"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=900)
    parser.add_argument("directory")
    parser.add_argument("kernels", nargs="*")
    args = parser.parse_args()

    kernels = [Kernel(args.directory, series) for series in args.kernels]
    if not kernels:
        sys.exit("table.py: no kernel was measured")
    events = [[k.series, k.release, str(k.counts["forks"]), str(k.counts["events"]), str(k.counts["lost"])]
              for k in kernels if k.counts]
    text = "\n".join([
        "Instructions of each hook on the way of a fork, thread or vfork of an initial task:", "",
        hooks_table(kernels), "",
        "The same where the process tree of somebody else is followed (`-- CMD`, `--pid`): what is added, and the sum:",
        "", tree_table(kernels), "",
        "Instructions of the whole operation (median of 10 rounds of 200):", "", bench_table(kernels), "",
        "Events that they sent:", "", table(["kernel", "release", "forks and threads", "events", "lost"], events)])
    print(text)
    wrong = [c for k in kernels for c in k.complaints(args.limit)]
    for complaint in wrong:
        print(f"bench: {complaint}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
