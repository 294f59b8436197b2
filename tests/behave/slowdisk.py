# SPDX-License-Identifier: GPL-2.0-only
"""slowdisk.py NSLENS DIR: did the recorder wait for its disk, and does it tell what it lost?"""
import json
import os
import subprocess
import sys

nslens, d = sys.argv[1:3]


def verdict(name, why=""):
    print(f"FAIL {name}: {str(why)[:300]}" if why else f"ok {name}")


def text(name):
    return open(os.path.join(d, name), encoding="utf-8").read()


def made(name):
    return sum(json.loads(line)["calls"] for line in text(f"{name}.truth").splitlines())


def told(name):
    lines = subprocess.run([nslens, "trace", "-i", os.path.join(d, f"{name}.nslens"), "--json", "--comm", "churn"],
                           capture_output=True, check=True).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    calls = sum(r["type"] == "call" and r["syscall"] != "exit" for r in records)
    return calls, sum(r["count"] for r in records if r["type"] == "lost"), records[-1]["counts"]["lost"]


def large():
    """64 MiB may wait for the disk: the recorder itself never does."""
    recorder, helper = (int(n) for n in text("large.waited").split())
    calls, lost, counted = told("large")
    print(f"   waited for the disk: the recorder {recorder / 100} s, who writes for it {helper / 100} s")
    verdict("slow-disk-is-slow", "" if helper >= 100 else f"the disk kept nobody waiting: {helper / 100} s")
    verdict("slow-disk-recorder-goes-on", "" if recorder * 10 <= helper else
            f"it waited {recorder / 100} s for the disk")
    verdict("slow-disk-status", "" if text("large.status").strip() == "0" else text("large.err"))
    verdict("slow-disk-all-there", "" if calls >= made("large") or (counted and lost == counted) else
            f"{calls} calls of {made('large')}, {lost} events told as lost, {counted} counted")


def small():
    calls, lost, counted = told("small")
    said = "lost" in text("small.err").replace("nothing lost", "")
    print(f"   with a small ring: {calls} calls of {made('small')}, {counted} events lost")
    verdict("slow-disk-ring-status", "" if text("small.status").strip() == "0" else text("small.err"))
    verdict("slow-disk-ring-losses-told", "" if (counted > 0) == said and (counted or calls) else
            f"{calls} calls of {made('small')}, {counted} events lost: {text('small.err')}")


for part in (large, small):
    try:
        part()
    except (OSError, ValueError, KeyError, IndexError) as e:
        verdict(part.__name__, repr(e))
