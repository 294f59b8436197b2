# SPDX-License-Identifier: GPL-2.0-only
"""filters.py DIR: what belongs into each trace of parts/filters.sh is there, nothing else is."""
import glob
import json
import os
import sys
from collections import Counter

from records import calls, end, read, verdict

d = sys.argv[1]


def text(name):
    with open(f"{d}/{name}", encoding="utf-8") as f:
        return f.read()


def truth(pattern):
    """(pid, tid, syscall, errno) of the calls in `calls`'s own files that a trace must tell."""
    made = Counter()
    for path in glob.glob(f"{d}/{pattern}"):
        for line in open(path):
            if line.startswith("{"):
                r = json.loads(line)
                if r["expect_call"] and not r["optional"]:
                    made[r["pid"], r["tid"], r["syscall"], r["errno"]] += 1
    return made


def seen(records):
    return Counter((c["pid"], c["tid"], c["syscall"], c["errno"]) for c in calls(records))


def compare(case, only=True):
    """Nothing of CASE.in* is missing, nothing of CASE.out* is there; returns the records."""
    path = f"{d}/{case}.jsonl"
    if not os.path.exists(path):
        return None  # the part has said why
    records = read(path)
    want, unwanted, got = truth(f"{case}.in*"), truth(f"{case}.out*"), seen(records)
    wrong = [f"missing: {k}" for k in want - got] + [f"not wanted: {k}" for k in unwanted & got]
    if not want and glob.glob(f"{d}/{case}.in*"):
        wrong.append("the test itself made no call")
    if only and not unwanted:
        wrong.append("the test itself made no call outside")
    if not end(records):
        wrong.append("no end record")
    verdict(case, wrong)
    return records


def ends(records):
    return [c for c in calls(records) if c["syscall"] == "exit"]


compare("pid")
tree = compare("tree")
hint = compare("hint")
verdict("hint-told", "" if end(hint)["hint"] and "--all" in end(hint)["hint"]
        and not calls(hint) else f"hint {end(hint)['hint']}, {len(calls(hint))} calls")
verdict("no-hint-with-own-calls", "" if end(tree)["hint"] is None else end(tree)["hint"])
compare("all", only=False)
for case in ("comm", "cgroup", "cgroup1", "container"):
    records = compare(case)
    if records and case == "container":
        verdict("container-named", "" if all("0123456789ab" in (c["container"] or "") for c in calls(records))
                else "a call without its container")
records = compare("type")
asked = {"CLONE_NEWUTS", "CLONE_NEWNET"}
verdict("type-only", [f"call {c['number']} {c['syscall']} {c['flags']}" for c in calls(records)
                      if c["syscall"] not in ("exit", "exec") and not asked & set(c["flags"])])
compare("type-empty")

all_exits = compare("exits", only=False)
few = compare("noexits", only=False)
pid = int(text("exits.pid"))
verdict("exits-all", "" if any(c["pid"] == pid for c in ends(all_exits)) else f"no exit of {pid}")
pid = int(text("noexits.pid"))
verdict("exits-few", "" if not any(c["pid"] == pid for c in ends(few)) and ends(few)
        else f"{len(ends(few))} exits, that of {pid} among them or none")

compare("wait", only=False)
verdict("wait-waits", "" if int(text("wait.ms")) >= 700 and text("wait.status").strip() == "3"
        else f"{text('wait.ms').strip()} ms, status {text('wait.status').strip()}")
alive = end(read(f"{d}/nowait.jsonl"))["alive"]
verdict("survivors-named", "" if any("sleep" in a or " sh" in a for a in alive) else f"alive {alive}")
verdict("survivors-told", "" if "Still running" in text("nowait.story") else "the story does not name them")
verdict("nowait-status", "" if text("nowait.status").strip() == "3" else text("nowait.status"))

want, got = text("user.want").split("\n"), text("user.got").split("\n")
want[2], got[2] = (" ".join(sorted(x.split())) for x in (want[2], got[2] if len(got) > 2 else ""))
verdict("user-identity", [f"{g!r} instead of {w!r}" for w, g in zip(want, got) if w != g]
        or ("" if len(want) == len(got) else f"{got}"))
verdict("user-unknown", "" if "no-such-user" in text("nouser.err") and text("nouser.status").strip() == "2"
        else f"status {text('nouser.status').strip()}: {text('nouser.err').strip()}")

records = compare("ia32", only=False)
if records:
    verdict("ia32-marked", [f"call {c['number']} {c['syscall']} is not marked" for c in calls(records)
                            if c["comm"] == "calls" and not c["compat"]
                            and c["syscall"] not in ("exit", "exec")][:3])
