# SPDX-License-Identifier: GPL-2.0-only
"""story.py NSLENS DIR: trace -i, as a story, in brief and as JSON: the same calls, steps and outcomes."""
import contextlib
import re
import sqlite3
from collections import Counter

from common import ANSI, RECORDINGS, check, end, fits, lines, need, path, run, words


def shown(name):
    return [r for r in lines("trace", "-i", path(name), "--json") if r["type"] == "call"]


def story(name):
    calls = shown(name)
    text = run("trace", "-i", path(name))
    parts = re.split(r"(?m)^── #(\d+) ", text)
    told = dict(zip(map(int, parts[1::2]), parts[2::2]))
    need(list(told) == [c["number"] for c in calls], "other calls than JSON tells")
    for c in calls:
        one = told[c["number"]]
        head = one.splitlines()[0]
        need(f" {c['syscall']}" in head, "no", c["syscall"], "in", head)
        need(all(flag in head for flag in c["flags"]), "flags", c["flags"], "in", head)
        need(not c["errno"] or f"= -1 {c['errno']}" in head, "no", c["errno"], "in", head)
        for s in c["steps"]:
            need(s["outcome"] in one and (s["fn"] in one or "unborn" in s and s["unborn"]), "step", s["fn"], s["outcome"],
                 "is not in", one)
            if s["outcome"] == "created" and s["ns"]:
                need(s["ns"]["ns"] in one, "not created in the text:", s["ns"]["ns"])
        need(words(c["explain"]) in words(one), "the sentence of JSON is not in", one)


def forms(name):
    plain = run("trace", "-i", path(name), "--milestones")
    colour = run("trace", "-i", path(name), "--milestones", "--colour", "always")
    need("\x1b[" in colour and ANSI.sub("", colour) == plain, "with colours it is another text")
    narrow = run("trace", "-i", path(name), "--milestones", "--width", "72")
    need(re.findall(r"(?m)^── (#\d+)", narrow) == re.findall(r"(?m)^── (#\d+)", plain), "narrow, other calls are told")
    # what is explained is wrapped; what the kernel said is not
    sentences = [line for line in narrow.splitlines() if re.match(r"   [A-Z].*[a-z] [a-z]", line)]
    fits("\n".join(sentences), 72, "the narrow story")
    told = [r for r in lines("trace", "-i", path(name), "--milestones", "--json") if r["type"] == "milestone"]
    at = len(re.findall(r"(?m)^ +[+-][\d.]+ \S+ .*", plain))
    need(at >= len(told) / 8, len(told), "milestones in JSON, and", at, "lines with a time in the story")


def brief(name):
    calls = shown(name)
    text = [line for line in run("trace", "-i", path(name), "--brief").splitlines() if re.match(r"[+-][\d.]+", line)]
    need(len(text) == len(calls), len(text), "lines, and", len(calls), "calls")
    for line, c in zip(text, calls):
        need(re.search(rf" {c['pid']}(/{c['tid']})? ", line) and c["syscall"] in line, "another call than", c["number"], line)
        need(not c["errno"] or c["errno"] in line, c["errno"], "is not in", line)
        for slot, change in (c["slots"] or {}).items():
            after = (change["after"] or {}).get("ns")
            if change["how"] == "created" and after:
                need(f"+{slot}:" in line and after[after.index("["):] in line, slot, "was created:", line)


def sums(name):
    """The counts at the end are those of the calls, by system call and errno."""
    everything = lines("trace", "-i", path(name), "--json")
    counts = everything[-1]["counts"]
    calls = [r for r in everything if r["type"] == "call"]
    for syscall in {c["syscall"] for c in calls} - {"exit"}:
        want = sum(c["syscall"] == syscall for c in calls)
        counted = counts["by_syscall"][syscall]
        failures = Counter(c["errno"] for c in calls if c["syscall"] == syscall and c["errno"])
        need(counted["calls"] == want and counted["errors"] == dict(failures), syscall, want, dict(failures), "told,",
             counted, "counted")


def chosen(name):
    calls = shown(name)
    number_of = {(c["ts"], c["tid"]): c["number"] for c in calls}
    for c in calls[:: max(1, len(calls) // 4)]:
        for option, value, key in (("--pid", c["pid"], "pid"), ("--comm", c["comm"], "comm")):
            got = [r for r in lines("trace", "-i", path(name), "--json", option, str(value)) if r["type"] == "call"]
            seen = {(r["ts"], r["tid"]) for r in got}
            missing = [o["number"] for o in calls if o[key] == c[key] and (o["ts"], o["tid"]) not in seen]
            need(not missing, option, value, "leaves out", missing)
            need(all(number_of[r["ts"], r["tid"]] == r["number"] for r in got), option, value, "numbers calls anew")
            if key == "comm":
                need(all(r["comm"] == value for r in got), option, value, "lets others through")


def numbers(name):
    """A call has one number, whoever tells it."""
    have = {c["number"]: (c["ts"], c["tid"]) for c in shown(name)}
    need(len(have) == len(shown(name)), "a number is given twice")
    start = lines("trace", "-i", path(name), "--json")[0]
    with contextlib.closing(sqlite3.connect(f"file:{path(name)}?mode=ro", uri=True)) as db:
        zero = int(dict(db.execute("select key, value from meta"))["monotonic"])
        kept = {n: (ts - zero, tid) for n, ts, tid in db.execute("select number, ts, tid from calls")}
    need(kept == have, "the table of calls has other numbers:", set(kept.items()) ^ set(have.items()))
    for told in lines("report", path(name), "--json"):
        for c in told.get("calls", ()):
            need(have.get(c["number"]) == (c["ts"], c["tid"]), "the report has another call", c["number"], start["type"])
    for number in list(have)[:: max(1, len(have) // 3)]:
        run("explain", "--call", str(number), "-i", path(name))


for recording in RECORDINGS:
    for part in (story, forms, brief, sums, chosen, numbers):
        check(f"story-{recording}-{part.__name__}", part, recording)
end()
