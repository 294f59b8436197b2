# SPDX-License-Identifier: GPL-2.0-only
"""churn.py PREFIX DIR FORKS: compares what parts/churn.sh left with churn's own counts."""
import json
import os
import sys
from collections import Counter

from records import calls, end, note, read, skip, verdict

MADE = ("unshare", "clone", "clone3", "setns")
NEW = {"CLONE_NEWTIME": 0x80, "CLONE_NEWNS": 0x20000, "CLONE_NEWCGROUP": 0x2000000,
       "CLONE_NEWUTS": 0x4000000, "CLONE_NEWIPC": 0x8000000, "CLONE_NEWUSER": 0x10000000,
       "CLONE_NEWPID": 0x20000000, "CLONE_NEWNET": 0x40000000}
SLOT = {"CLONE_NEWTIME": "time_for_children", "CLONE_NEWNS": "mnt", "CLONE_NEWCGROUP": "cgroup",
        "CLONE_NEWUTS": "uts", "CLONE_NEWIPC": "ipc", "CLONE_NEWUSER": "user",
        "CLONE_NEWPID": "pid_for_children", "CLONE_NEWNET": "net"}
WORKER_CALLS = 50  # of churn.c


def truth(path):
    """churn's own counts, summed over the lines of the file."""
    by = Counter()
    for line in open(path):
        for syscall, errnos in json.loads(line)["by"].items():
            for errno, n in errnos.items():
                by[syscall, errno] += n
    return by


def number(path):
    return int(open(path).read())


def forks_of(path):
    return sum(r["forks"] + r["threads"] for r in map(json.loads, open(path)))


def counted(records):
    """The counts of the end record, in churn's form."""
    by = Counter()
    for syscall, row in end(records)["counts"]["by_syscall"].items():
        if syscall in MADE:
            by[syscall, "ok"] += row["ok"]
            for errno, n in row["errors"].items():
                by[syscall, errno] += n
    return +by


def of_records(records, comm):
    return Counter((c["syscall"], c["errno"] or "ok") for c in calls(records)
                   if c["syscall"] in MADE and c["comm"] == comm)


def difference(want, got):
    return [f"{s} {e}: {want[s, e]} made, {got[s, e]} seen"
            for s, e in sorted(set(want) | set(got)) if want[s, e] != got[s, e]]


def wrong_with(c, possible):
    """What cannot be true in a record that claims to be whole."""
    who = f"call {c['number']} {c['syscall']}"
    if not (c["begin_seen"] and c["end_seen"]) and not c["died"]:
        return f"{who} is cut, but has no gap"
    # function hooks see of a clone3 that is refused before kernel_clone() its return alone
    refused = c["syscall"] == "clone3" and c["errno"] and c["duration"] is None
    if not refused and (c["duration"] is None or c["duration"] < 0):
        return f"{who} has duration {c['duration']}"
    if c["syscall"] not in MADE:
        return None
    if (c["syscall"], c["errno"] or "ok") not in possible:
        return f"{who} has errno {c['errno']}, which churn never got"
    raw = int(c["raw_flags"], 16)
    if c["syscall"] != "setns":
        allowed = raw & ~0xff if c["syscall"] == "clone" else raw
        want = sorted(n for n, bit in NEW.items() if allowed & bit)
        if c["flags"] != want:
            return f"{who} has flags {c['flags']} of {c['raw_flags']}"
    if c["errno"]:
        if c["slots"]:
            return f"{who} failed with {c['errno']} and changed {sorted(c['slots'])}"
        return None
    if c["syscall"] in ("clone", "clone3") and not (c["child"] and c["ret"] > 0):
        return f"{who} succeeded with ret {c['ret']} and child {c['child']}"
    if c["syscall"] in ("unshare", "setns") and c["ret"] != 0:
        return f"{who} succeeded with ret {c['ret']}"
    if c["syscall"] != "setns":
        for flag in c["flags"]:
            slot = SLOT[flag]
            if c["syscall"] != "unshare":  # the child has passed the pending ones
                slot = {"time_for_children": "time", "pid_for_children": "pid_active"}.get(slot, slot)
            how = c["slots"].get(slot, {}).get("how")
            if how != "created":
                return f"{who} with {flag} has slot {slot} {how}"
    return None


def left_out(prefix, name, records, want, got):
    """
    A preemptible kernel (6.13 and later) does not run a program for one task while
    another task of the processor was preempted in the middle of it. That cannot be
    helped, but must be told, and nothing may be seen that was not made. True where
    it happened: an exact comparison is then impossible.
    """
    counts = end(records)["counts"]
    missed = counts["missed"]
    verdict(f"{prefix}{name}-ring-lost-nothing", "" if counts["lost"] == missed
            else f"{counts['lost']} lost, of which the kernel left out {missed}")
    if not missed:
        return False
    made, seen = sum(want.values()), sum(got.values())
    verdict(f"{prefix}{name}-never-too-many",
            [f"{s} {e}: {want[s, e]} made, {n} seen" for (s, e), n in got.items() if n > want[s, e] + missed])
    births = sum(r["count"] for r in records if r["type"] == "lost" and r["hook"] == "task")
    # a worker that is born unseen is not followed, with all that it does
    verdict(f"{prefix}{name}-seen-and-missed", "" if made - seen <= missed + births * WORKER_CALLS
            else f"{made} made, {seen} seen, only {missed} told as missed, {births} of them of births and exits")
    verdict(f"{prefix}{name}-few", "" if missed * 10 < counts["events"] else f"{missed} of {counts['events']}")
    skip(f"{prefix}{name}-exact", f"the kernel left our programs out {missed} times in {counts['events']} events, "
         "being preempted in them; told as lost")
    return True


def whole(prefix, d):
    records = read(f"{d}/full.jsonl")
    want, e = truth(f"{d}/full.truth"), end(records)
    n = sum(want.values())
    if left_out(prefix, "full", records, want, of_records(records, "churn")):
        return
    verdict(f"{prefix}counts-equal", difference(want, counted(records)))
    verdict(f"{prefix}records-equal", difference(want, of_records(records, "churn")))
    verdict(f"{prefix}nothing-lost", "" if e["counts"]["lost"] == 0 else f"{e['counts']['lost']} lost")
    verdict(f"{prefix}no-gap", "" if not any(c["gap"] for c in calls(records)) else "a call says gap")
    possible = set(want)
    verdict(f"{prefix}records-right", list(filter(None, (wrong_with(c, possible) for c in calls(records)))))
    verdict(f"{prefix}explained-right", [f"call {c['number']} {c['syscall']} {c['errno']}: {c['explain']}"
                                         for c in calls(records) if "begun before tracing" in c["explain"]])
    forks, all_forks = forks_of(f"{d}/full.truth"), number(f"{d}/forks.after") - number(f"{d}/forks.before")
    verdict(f"{prefix}forks-counted", "" if forks <= e["counts"]["forks"] <= all_forks
            else f"{forks} made, {all_forks} on the whole machine, {e['counts']['forks']} counted")
    seconds = json.loads(open(f"{d}/full.truth").readline())["seconds"]
    note(f"{n} calls and {forks} forks and threads in {seconds:.2f} s, "
         f"{e['counts']['events']} events, {e['counts']['lost']} lost")


def forks_alone(prefix, d, made):
    records = read(f"{d}/forks.jsonl")
    e = end(records)["counts"]
    execs = 0
    if os.path.exists(f"{d}/not_initial"):
        execs = sum(r["type"] == "task" and r["event"] == "exec" for r in records)
        execs += execs > 0  # and the name of the cgroup that they are in
    # what the kernel left out is told by one event a hook
    verdict(f"{prefix}forks-send-nothing", "" if e["events"] - execs <= min(e["missed"], 4) and e["calls"] == 0
            else f"{e['events']} events, {e['calls']} calls")
    verdict(f"{prefix}forks-alone-counted", "" if e["forks"] >= 2 * made
            else f"{2 * made} made, {e['forks']} counted")


def tiny(prefix, d):
    records = read(f"{d}/tiny.jsonl")
    first = truth(f"{d}/tiny1.truth") + truth(f"{d}/tiny2.truth")
    after = truth(f"{d}/tiny3.truth")
    e = end(records)["counts"]
    lost = [r for r in records if r["type"] == "lost"]
    seen = of_records(records, "churn")
    sure = Counter((c["syscall"], c["errno"] or "ok") for c in calls(records)
                   if c["syscall"] in MADE and c["comm"] == "churn" and not c["gap"] and c["end_seen"])
    verdict(f"{prefix}tiny-ring-loses", "" if e["lost"] > 0 and lost else f"lost {e['lost']}, {len(lost)} records")
    verdict(f"{prefix}lost-by-hook", "" if sum(r["count"] for r in lost) == e["lost"]
            and all(r["hook"] for r in lost) else f"records say {sum(r['count'] for r in lost)}, end says {e['lost']}")
    verdict(f"{prefix}loss-is-loss", "" if sum(seen.values()) < sum(first.values()) else "all calls were seen")
    if e["missed"]:
        skip(f"{prefix}tiny-exact", f"the kernel left our programs out {e['missed']} times, being preempted in them")
        return
    verdict(f"{prefix}never-too-many", [f"{s} {x}: {first[s, x]} made, {n} seen"
                                        for (s, x), n in sure.items() if n > first[s, x]])
    verdict(f"{prefix}gap-is-marked", "" if any(c["gap"] for c in calls(records)) else "no call says gap")
    possible = set(first) | set(after)
    verdict(f"{prefix}outside-gaps-right", list(filter(None, (wrong_with(c, possible) for c in calls(records)
                                                        if not c["gap"]))))
    verdict(f"{prefix}after-gap-exact", difference(after, of_records(records, "churn2")))
    late = [c for c in calls(records) if c["comm"] == "churn2"]
    verdict(f"{prefix}after-gap-whole", [f"call {c['number']} {c['syscall']} {c['errno']} says gap" for c in late if c["gap"]]
            + list(filter(None, (wrong_with(c, possible) for c in late))))
    note(f"tiny ring: {e['events']} events, {e['lost']} lost in {len(lost)} records, "
         f"{sum(seen.values())} of {sum(first.values())} calls seen, {sum(c['gap'] for c in calls(records))} with gap")
    story = open(f"{d}/tiny.story", encoding="utf-8").read()
    verdict(f"{prefix}story-shows-gap", "" if "lost here" in story else "the story says nothing of the loss")


prefix, directory, forks = sys.argv[1], sys.argv[2], int(sys.argv[3])
whole(prefix, directory)
forks_alone(prefix, directory, forks)
tiny(prefix, directory)
