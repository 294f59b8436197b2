#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py SAID TRACE LABEL [--tracepoints]: what `milestones` says that it did, against
what nslens told of it (--json): the same, in the same order for each process, and no more."""
import json
import sys

FIELDS = ("what", "errno", "text", "where", "number 0", "number 1", "about", "ns")
OF_COMMAND = 4  # of an exec: the recorder's own mark, not what was done
TRACEPOINTS = ("exec", "cgroup_attach")  # all that can be had without function hooks


def said(path):
    tasks = {}
    for line in open(path, encoding="utf-8"):
        pid, *fields = line.rstrip("\n").split("\t")
        tasks.setdefault(int(pid), []).append(fields)
    return tasks


def told(path):
    tasks, start, end = {}, None, None
    for line in open(path, encoding="utf-8"):
        e = json.loads(line)
        if e["type"] == "start":
            start = e
        elif e["type"] == "end":
            end = e
        elif e["type"] == "milestone":
            ns = e["ns"]["ns"].split("[")[1][:-1] if e["ns"] else "0"
            if e["what"] == "exec":
                e["numbers"][1] &= ~OF_COMMAND
            tasks.setdefault(e["pid"], []).append([
                e["what"], e["errno"] or "0", e["text"] or "", e["where"] or "",
                str(e["numbers"][0]), str(e["numbers"][1]), str(e["about"] or 0), ns])
    return tasks, start, end


def differs(want, got):
    return [f"{name} '{g}', not '{w}'" for name, w, g in zip(FIELDS, want, got)
            if w not in ("*", g)]


def main():
    want, (got, start, end) = said(sys.argv[1]), told(sys.argv[2])
    label, seen = sys.argv[3], set()
    passed = failed = 0
    for pid in sorted(want):
        mine, theirs = want[pid], got.pop(pid, [])
        if "--tracepoints" in sys.argv:
            mine = [m for m in mine if m[0] in TRACEPOINTS]
        for i in range(max(len(mine), len(theirs))):
            if i >= len(theirs):
                why, name = f"not told: {mine[i]}", mine[i][0]
            elif i >= len(mine):
                why, name = f"told, but not done: {theirs[i]}", theirs[i][0]
            else:
                why, name = "; ".join(differs(mine[i], theirs[i])), mine[i][0]
                seen.add(name)
            err = mine[i][1] if i < len(mine) else "?"
            if why:
                print(f"FAIL {label} {name} {err}: {why}")
                failed += 1
            else:
                print(f"ok {label} {name}{'' if err == '0' else ' ' + err}")
                passed += 1
    # the program itself was started, by somebody who does nothing else
    rest = [m for ms in got.values() for m in ms if m[0] != "exec"]
    counts = end["counts"] if end else {}
    for name, ok, why in (
            ("nobody else did anything", not rest, str(rest)),
            ("something was told", len(seen) > 1, str(seen)),
            ("nothing was lost", counts.get("lost") == 0, str(counts.get("lost")))):
        if ok:
            print(f"ok {label} {name}")
            passed += 1
        else:
            print(f"FAIL {label} {name}: {why}")
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
