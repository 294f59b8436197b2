# SPDX-License-Identifier: GPL-2.0-only
"""faults.py DIR CALLS: what was told while output stood still, the tracer was stopped, the clock was set."""
import json
import os
import sys

d, calls = sys.argv[1], int(sys.argv[2])


def verdict(name, why=""):
    print(f"FAIL {name}: {str(why)[:300]}" if why else f"ok {name}")


def read(name):
    return [json.loads(line) for line in open(os.path.join(d, name))]


def status(name):
    return open(os.path.join(d, f"{name}.status")).read().strip()


def lost_of(records):
    return sum(r["count"] for r in records if r["type"] == "lost")


def full_and_on():
    """What a full disk took of a ring is told where it is missing, and the graph is read anew behind it."""
    if not os.path.exists(f"{d}/full-on.err"):
        return  # a guest's disk is not filled
    records = read("full-on.jsonl")
    told, counted = lost_of(records), records[-1]["counts"]["lost"]
    said = sum(int(w.split()[2]) for w in open(f"{d}/full-on.err") if w.rstrip().endswith("the disk was full"))
    verdict("full-on-told", "" if 0 < told == counted <= said else f"{told} told, {counted} counted, {said} said at the end")
    kinds = [e.get("kind") for e in read("full-after.events")]
    last = max((i for i, kind in enumerate(kinds) if kind == "lost"), default=None)  # None: the ring has given it up
    graph = next(r for r in read("full-after.graph") if r["type"] == "graph")
    verdict("full-on-read-anew", "" if not graph["stale"] and (last is None or "snapshot" in kinds[last:]) else
            f"stale: {graph['stale']}, or no snapshot behind the gap")
    made = sum(line["calls"] for line in read("full-on.truth"))
    after = sum(r["type"] == "call" for r in read("full-after.jsonl"))
    verdict("full-on-goes-on", "" if after >= made else f"{after} calls in the ring, {made} made at last")


def stalled():
    records = read("stalled.jsonl")
    done = sum(r["type"] == "call" and r["syscall"] != "exit" for r in records)
    end = records[-1]
    verdict("stalled-status", "" if status("stalled") == "0" else open(f"{d}/stalled.err").read())
    verdict("stalled-whole-lines", "" if end["type"] == "end" else f"the last is {end['type']}")
    lost = end["counts"]["lost"]
    verdict("stalled-losses-told", "" if lost == lost_of(records) and (lost or done >= calls) else
            f"{done} calls of {calls}, {lost} lost, {lost_of(records)} told")
    print(f"   stalled: {done} calls told of {calls}, {lost} events lost")


def stopped():
    records = read("stopped.jsonl")
    checks = [r for r in records if r["type"] == "verify"]
    verdict("stopped-status", "" if status("stopped") in ("0", "130") else f"{status('stopped')}: {open(f'{d}/stopped.err').read()}")
    verdict("stopped-right-again", "" if checks and not checks[-1]["differences"] and not checks[-1]["stale"] else checks[-1:])
    verdict("stopped-losses-told", "" if lost_of(records) or sum(r["type"] == "ns" for r in records) >= calls / 10 else
            "neither losses nor namespaces")
    print(f"   stopped: {lost_of(records)} events lost")


def clock():
    if not os.path.exists(f"{d}/clock.jsonl"):
        return
    for name in ("clock.jsonl", "clock2.jsonl"):
        records = read(name)
        ts = [r["ts"] for r in records if r["type"] == "call"]
        end = [r for r in records if r["type"] == "end"][0]
        verdict(f"{name.split('.')[0]}-times", "" if ts and 0 <= min(ts) and max(ts) <= end["duration"] < 120e9 else
                f"{min(ts)} to {max(ts)}, {end['duration']} ns in all")
        long = [r["duration"] for r in records if r["type"] == "call" and (r["duration"] or 0) > 30e9]
        verdict(f"{name.split('.')[0]}-durations", long)
    verdict("clock-status", "" if status("clock") == "0" else status("clock"))


for part in (full_and_on, stalled, stopped, clock):
    try:
        part()
    except (OSError, ValueError, KeyError, IndexError) as e:
        verdict(part.__name__, repr(e))
