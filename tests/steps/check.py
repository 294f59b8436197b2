#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares a trace of `calls` with what `calls` says it did, and with the table.

usage: check.py CALLS.txt TRACE.jsonl --kernel X.Y --mode functions|kprobe|tracepoint

Prints one line for each case, "ok|FAIL LABEL case: ...", and what is wrong with
it below; the same for the whole run (records nobody asked for, namespaces,
nsproxies) and for the ten points of points.py; then "N passed, N failed, N
skipped". Exit status: 0 none failed, 1 some did, 2 usage or unreadable input.
"""

import argparse
import json
import sys
from collections import defaultdict

import points
import table

RELEASES = {"free_nsproxy", "nsproxy_ns_active_put"}


class Run:
    """One run: lines and records, matched, and what was found wrong."""

    def __init__(self, lines, records, kernel, mode):
        self.kernel, self.mode = kernel, mode
        self.functions = mode != "tracepoint"
        self.lines, self.records = lines, records
        self.calls = [r for r in records if r["type"] == "call"]
        self.exits = [r for r in self.calls if r["syscall"] == "exit"]
        self.ns = [r for r in records if r["type"] == "ns"]
        self.start = next((r for r in records if r["type"] == "start"), None)
        self.end = next((r for r in records if r["type"] == "end"), None)
        self.faults = defaultdict(list)  # case -> texts
        self.common = defaultdict(list)  # check of the whole run -> texts
        self.pairs = defaultdict(list)   # case -> [(line, record)]
        self.cases = list(dict.fromkeys(l["case"] for l in lines))

    def case_ok(self, case):
        return case in self.cases and not self.faults[case]


def say_call(r):
    return "%s(%s) = %s %s" % (r["syscall"], "|".join(r["flags"]), r["ret"], r["errno"] or "")


def number(text):
    return int(text, 16) if isinstance(text, str) else text


def same_call(line, rec):
    """The names of the members in which a record differs from the program's own words."""
    bad = []
    for key in ("syscall", "ret", "errno", "child"):
        if line[key] != rec[key]:
            bad.append("%s is %s, not %s" % (key, rec[key], line[key]))
    if sorted(line["flags"]) != rec["flags"]:
        bad.append("flags are %s, not %s" % (rec["flags"], line["flags"]))
    # fork and vfork have no flags to compare
    if line["raw_flags"] is not None and line["syscall"] not in ("fork", "vfork"):
        # clone(2) ignores the upper half, and kernel_clone() never sees it
        mask = 0xffffffff if line["syscall"] == "clone" else (1 << 64) - 1
        if number(line["raw_flags"]) & mask != number(rec["raw_flags"]) & mask:
            bad.append("raw_flags are %s, not %s" % (rec["raw_flags"], line["raw_flags"]))
    if line["nstype"] is not None and number(line["nstype"]) != rec.get("nstype"):
        bad.append("nstype is %s, not %s" % (rec.get("nstype"), line["nstype"]))
    # the program's own exec is always a native one
    if rec["compat"] != (line["abi"] == "ia32" and line["syscall"] != "exec"):
        bad.append("compat is %s at a call through the %s entry" % (rec["compat"], line["abi"]))
    for key in ("gap", "died"):
        if rec[key]:
            bad.append("%s is set" % key)
    if not rec["begin_seen"] or not rec["end_seen"]:
        early = rec["errno"] and rec["slots"] is None  # told at its return alone
        if not rec["end_seen"] or not early:
            bad.append("an end of it was not seen")
    return bad


def match(run):
    """Each line that expects a call has one record, in the order of its task."""
    queues = defaultdict(list)
    for r in run.calls:
        if r["syscall"] != "exit":
            queues[r["tid"]].append(r)
    for line in run.lines:
        queue = queues[line["tid"]]
        if not line["expect_call"]:
            if not (line["optional"] and queue and queue[0]["syscall"] == line["syscall"]):
                continue
        if not queue:
            run.faults[line["case"]].append("no record of " + say_call(line))
            continue
        rec = queue.pop(0)
        run.pairs[line["case"]].append((line, rec))
        for text in same_call(line, rec):
            run.faults[line["case"]].append("%s: %s" % (say_call(line), text))
    # a task belongs to the case whose lines it printed
    owner = {line["tid"]: line["case"] for line in run.lines}
    for tid, queue in queues.items():
        for r in queue:
            text = "nobody made %s by %s, task %s" % (say_call(r), r["comm"], tid)
            if tid in owner:
                run.faults[owner[tid]].append(text)
            else:
                run.common["no other calls"].append(text)
    for case in run.pairs:
        run.pairs[case].sort(key=lambda pair: pair[1]["ts"])


def say_step(s):
    return s["fn"] + ":" + s["outcome"] + (":" + s["errno"] if s["errno"] else "")


def differ(got, want):
    """A short account of where two lists of steps part."""
    at = 0
    while at < min(len(got), len(want)) and got[at] == want[at]:
        at += 1
    return "step %d is %s, not %s\n    got  %s\n    want %s" % (
        at + 1, got[at] if at < len(got) else "missing", want[at] if at < len(want) else "there",
        " ".join(got) or "-", " ".join(want) or "-")


def check_row(run, case, rec, row):
    faults = run.faults[case]
    if rec["syscall"] != row["syscall"] or rec["errno"] != row["errno"]:
        faults.append("%s, but the table has %s = %s" % (
            say_call(rec), row["syscall"], row["errno"] or "success"))
        return
    got = [say_step(s) for s in rec["steps"] or []]
    want = row["steps"] if run.functions else []
    if got != want:
        faults.append("%s: %s" % (say_call(rec), differ(got, want)))
    slots = {name: s["how"] for name, s in (rec["slots"] or {}).items()}
    if rec["slots"] is None and not row["errno"]:
        faults.append("%s: its slots are not known" % say_call(rec))
    elif slots != row["slots"]:
        faults.append("%s: slots are %s, not %s" % (say_call(rec), slots, row["slots"]))


def check_rows(run, expected):
    for case in run.cases:
        rows = list(expected.get(case, []))
        if case not in expected:
            run.faults[case].append("the table has no such case")
        for _, rec in run.pairs[case]:
            while rows and rows[0]["optional"] and rows[0]["syscall"] != rec["syscall"]:
                rows.pop(0)
            if rows:
                check_row(run, case, rec, rows.pop(0))
            else:
                run.faults[case].append("the table has no %s" % say_call(rec))
        for row in rows:
            if not row["optional"]:
                run.faults[case].append("the table has a %s that was not made" % row["syscall"])
    for case in expected:
        if case not in run.cases:
            run.faults[case].append("the case did not run")
            run.cases.append(case)


def check_made(run):
    """A slot that was created holds a namespace that was born in this run, and no old one."""
    born = {r["id"] for r in run.ns if r["event"] == "created"}
    for case in run.cases:
        for _, rec in run.pairs[case]:
            for name, s in (rec["slots"] or {}).items():
                if s["how"] == "created" and s["after"]["id"] not in born:
                    run.faults[case].append("slot %s: %s was never created" % (name, s["after"]))


def lost(run, hook):
    return sum(r["count"] for r in run.records if r["type"] == "lost" and r["hook"] == hook)


def check_namespaces(run):
    """Every namespace that was created is destroyed, once and later; no other is."""
    faults = run.common["namespaces created and destroyed"]
    born, dead = {}, {}
    for r in run.ns:
        seen = born if r["event"] == "created" else dead
        if r["id"] in seen:
            faults.append("%s #%s is %s twice" % (r["ns"], r["id"], r["event"]))
        seen[r["id"]] = r
    adopted = {s["after"]["id"] for case in ("open-tree-namespace", "fsmount-namespace")
               for _, rec in run.pairs[case] for s in (rec["slots"] or {}).values()}
    # A kprobe is not hit inside another one's handler, where deaths often happen (softirq):
    # those that nslens itself counts as lost may be missing, no others.
    alive = [r for i, r in born.items() if i not in dead]
    if len(alive) > lost(run, "free"):
        faults += ["%s #%s of task %s is never destroyed" % (r["ns"], r["id"], r["by"]["pid"])
                   for r in alive]
    for i, r in born.items():
        if i in dead and dead[i]["ts"] < r["ts"]:
            faults.append("%s #%s is destroyed before it is created" % (r["ns"], i))
    for i, r in dead.items():
        if i not in born and i not in adopted:
            faults.append("%s #%s is destroyed and was never created" % (r["ns"], i))
    for event, seen in (("created", born), ("destroyed", dead)):
        total = sum(run.end["counts"][event].values())
        if total != len(seen):
            faults.append("the counts have %d %s, the stream %d" % (total, event, len(seen)))


def check_nsproxies(run):
    """Every nsproxy that a call made is released once: by an exit, a switch or an undo."""
    faults = run.common["each nsproxy released once"]
    made, gone = set(), defaultdict(int)
    for r in run.calls:
        for s in r["steps"] or []:
            if s["fn"] == "create_new_namespaces" and s["outcome"] == "done":
                made.add(s["nsproxy"])
            if s["fn"] in RELEASES:
                gone[s["nsproxy"]] += 1
        # from 6.19 on the release of setns's private one is not to be seen
        if run.kernel >= (6, 19) and r["syscall"] == "setns" and r["errno"]:
            gone.update({s["nsproxy"]: 1 for s in r["steps"] or []
                         if s["fn"] == "create_new_namespaces"})
    for n in sorted(made | set(gone), key=str):
        if n not in made or gone[n] != 1:
            faults.append("nsproxy %s: made %d times, released %d times" % (n, n in made, gone[n]))


def check_exits(run):
    """An exit tells a release with all slots still readable, or the end of a pid namespace."""
    faults = run.common["exits"]
    zapped = defaultdict(int)
    for r in run.exits:
        steps = [say_step(s) for s in r["steps"] or []]
        names = [s.split(":")[0] for s in steps]
        zapped[r["tid"]] += names.count("zap_pid_ns_processes")
        release = "nsproxy_ns_active_put" if run.kernel >= (6, 19) else "free_nsproxy"
        # none: an exit that drops no nsproxy
        if run.functions and steps not in ([], [release + ":done"], ["zap_pid_ns_processes:done"]):
            faults.append("exit of %s: steps %s" % (r["tid"], " ".join(steps) or "-"))
        if names == [release] and len(r["slots"] or {}) != 8:
            faults.append("exit of %s: not all eight slots are told" % r["tid"])
    inits = [rec["child"] for pairs in run.pairs.values() for _, rec in pairs
             if rec["child"] and rec["child_ns_pid"] == 1]
    for tid in inits if run.functions else []:
        if zapped[tid] != 1:
            faults.append("pid 1 of a new pid namespace, task %s: zap_pid_ns_processes %d times"
                          % (tid, zapped[tid]))


def check_stream(run):
    faults = run.common["the stream is whole"]
    if not run.start or not run.end:
        faults.append("it has no start or no end record")
        return
    if table.version(run.start["kernel"]) != run.kernel:
        faults.append("it was recorded on %s" % run.start["kernel"])
    excused = lost(run, "free") if run.mode == "kprobe" else 0
    if run.end["counts"]["lost"] > excused:
        faults.append("%d events were lost" % run.end["counts"]["lost"])
    how = run.start["hooks"].get("create_new_namespaces", "none")
    if how != {"functions": "fentry", "kprobe": "kprobe", "tracepoint": "none"}[run.mode]:
        faults.append("create_new_namespaces is seen by '%s' in mode %s" % (how, run.mode))
    if run.start["steps"] != run.functions:
        faults.append("the start record says steps: %s" % run.start["steps"])


def load(path):
    try:
        with open(path, encoding="utf-8") as f:
            return [json.loads(text) for text in f]
    except (OSError, ValueError) as e:
        sys.exit("check.py: %s: %s" % (path, e))


def report(run, label):
    passed = failed = skipped = 0

    def line(good, name, what, faults):
        nonlocal passed, failed
        passed, failed = passed + good, failed + (not good)
        print("%s %s %s: %s" % ("ok" if good else "FAIL", label, name, what))
        for text in faults:
            print("  " + text)

    for case in run.cases:
        calls = run.pairs[case]
        steps = sum(len(rec["steps"] or []) for _, rec in calls)
        line(not run.faults[case], case, "%d calls, %d steps" % (len(calls), steps),
             run.faults[case])
    for name, faults in run.common.items():
        line(not faults, "run", name, faults)
    for n, verdict, text in points.judge(run):
        if verdict == "skip":
            skipped += 1
            print("skip point %d: %s" % (n, text))
        elif verdict == "ok":
            passed += 1
            print("ok point %d: %s" % (n, text))
        else:
            failed += 1
            print("FAIL point %d: %s" % (n, text))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calls")
    parser.add_argument("trace")
    parser.add_argument("--kernel", required=True, help="X.Y, or a release")
    parser.add_argument("--mode", required=True, choices=["functions", "kprobe", "tracepoint"])
    parser.add_argument("--label", help="before each case (the kernel)")
    args = parser.parse_args()

    lines, records = load(args.calls), load(args.trace)
    if not lines:
        sys.exit("check.py: %s: no call in it: did the program run?" % args.calls)
    run = Run(lines, records, table.version(args.kernel), args.mode)
    abi = "ia32" if any(l["abi"] == "ia32" for l in lines) else lines[0]["abi"] if lines else "x86-64"
    match(run)
    check_rows(run, table.cases(run.kernel, abi))
    run.common["no other calls"] += []
    check_stream(run)
    if run.start and run.end:
        check_exits(run)
        if run.functions:
            check_made(run)
            check_namespaces(run)
            check_nsproxies(run)
    return 1 if report(run, args.label or args.kernel) else 0


if __name__ == "__main__":
    sys.exit(main())
