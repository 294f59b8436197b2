#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
union.py REASON CHECK-FILE...: verdicts of several tries, in each of which nslens told
losses that a preemptible kernel forces on it (README, limits).

A case is right when it was right in one try: what is told of it must never differ
from that but by what is missing. What is asked of a run as a whole (nothing lost,
every namespace's end seen) cannot hold then: where no try was whole, it is a skip.
"""
import re
import sys

ORDER = {"ok": 0, "skip": 1, "FAIL": 2}


def key_of(line):
    word, rest = line.split(" ", 1)
    if rest.startswith("point "):
        return word, rest.split(":")[0], True
    if re.match(r"\S+ run: ", rest):
        return word, rest, True
    return word, rest.split(":")[0], False


best = {}
for path in sys.argv[2:]:
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if not re.match(r"(ok|FAIL|skip) ", line):
            continue
        word, key, whole = key_of(line)
        if key not in best or ORDER[word] < ORDER[best[key][0]]:
            best[key] = (word, line, whole)
count = {"ok": 0, "FAIL": 0, "skip": 0}
for key, (word, line, whole) in best.items():
    if word == "FAIL" and whole:
        word, line = "skip", f"skip {key}: no run was whole: {sys.argv[1]}"
    count[word] += 1
    print(line)
print(f"{count['ok']} passed, {count['FAIL']} failed, {count['skip']} skipped")
sys.exit(count["FAIL"] != 0)
