#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whatever was seen on a kernel has an explanation.

    tests/explain/seen.py NSLENS [FILE...]

FILE holds JSON Lines of `nslens trace --json`; default: the traces that the step
tests left in build/test-results. Every (function, outcome, errno) of a step and
every (system call, errno) of a call must have an entry in `nslens explain --json`,
for the kernel on which it was seen. Prints `ok` or `FAIL` for each file; exit
status 77 where there is no file.
"""
import glob
import json
import subprocess
import sys

EXPLAINED = {}


def explain(nslens, name, kernel):
    key = name, kernel
    if key not in EXPLAINED:
        done = subprocess.run([nslens, "explain", "--json", "--kernel", kernel, name],
                              capture_output=True, text=True, check=False)
        EXPLAINED[key] = json.loads(done.stdout) if done.returncode == 0 else None
    return EXPLAINED[key]


def has_errno(entry, errno):
    return any(row["errno"] in (errno, None) and row["check"] for row in entry["errnos"])


def lacks(nslens, kernel, call):
    """What of one call has no entry, in words."""
    entry = explain(nslens, call["syscall"], kernel)
    if not entry or entry["kind"] != "system call" or not entry["text"] or not entry["path"]:
        yield f"system call {call['syscall']}"
    elif call.get("errno") and not has_errno(entry, call["errno"]):
        yield f"{call['errno']} of {call['syscall']}"
    if call.get("errno") and not explain(nslens, call["errno"], kernel):
        yield f"errno {call['errno']}"
    for step in call.get("steps") or []:
        entry = explain(nslens, step["fn"], kernel)
        if not entry or entry["kind"] != "function" or not entry["text"]:
            yield f"function {step['fn']}"
            continue
        if not entry["outcomes"].get(step["outcome"]):
            yield f"{step['fn']}: {step['outcome']}"
        errno = step.get("errno")
        # what a function only hands on is explained where it began
        inner = any(s.get("errno") == errno and s["fn"] != step["fn"] for s in call["steps"])
        if errno and not inner and not has_errno(entry, errno):
            yield f"{step['fn']}: {errno}"


def check(nslens, path):
    kernel, seen, missing = "all", set(), set()
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue  # a trace that was cut off
            if event.get("type") == "start":
                kernel = ".".join(event["kernel"].split(".")[:2])
            if event.get("type") != "call" or not event.get("syscall"):
                continue
            for step in event.get("steps") or []:
                seen.add((step["fn"], step["outcome"], step.get("errno")))
            seen.add((event["syscall"], event.get("errno")))
            missing.update(lacks(nslens, kernel, event))
    if not seen:
        print(f"FAIL {path}: no call in it")
        return False
    if missing:
        print(f"FAIL {path}: no explanation on {kernel} for: {'; '.join(sorted(missing))}")
        return False
    print(f"ok {path}: {len(seen)} kinds of steps and results on {kernel}")
    return True


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    files = sys.argv[2:] or sorted(glob.glob("build/test-results/steps-*/trace.*"))
    if not files:
        print("skip explain/seen: no traces; run tests/run.sh first")
        sys.exit(77)
    sys.exit(not all([check(sys.argv[1], path) for path in files]))


if __name__ == "__main__":
    main()
