# SPDX-License-Identifier: GPL-2.0-only
"""fixture.py NSLENS RECORDING: a recording of the first version, of a real `runc run` with every
function hooked. Each later version must read it, and tell the same of it."""
import json
import os
import sqlite3
import subprocess
import sys

nslens, recording = sys.argv[1:3]
bad = 0


def verdict(name, why=""):
    global bad
    bad += bool(why)
    print(f"FAIL fixture-{name}: {str(why)[:300]}" if why else f"ok fixture-{name}")


def run(*args):
    done = subprocess.run([nslens, *args], capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{args[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def main():
    verdict("small", "" if os.path.getsize(recording) < 200_000 else f"{os.path.getsize(recording)} bytes")
    calls = [r for r in map(json.loads, run("trace", "-i", recording, "--json").splitlines()) if r["type"] == "call"]
    db = sqlite3.connect(f"file:{recording}?mode=ro", uri=True)
    # what the first version told of it stands in its own tables
    want = db.execute("SELECT number, ts - (SELECT value FROM meta WHERE key = 'monotonic'), syscall, pid, ret, errno, "
                      "(SELECT group_concat(fn || ' ' || outcome) FROM (SELECT * FROM steps WHERE call = number ORDER BY n)) "
                      "FROM calls WHERE syscall <> 'exit' ORDER BY number").fetchall()
    got = [(c["number"], c["ts"], c["syscall"], c["pid"], c["ret"], c["errno"],
            ",".join(f"{s['fn']} {s['outcome']}" for s in c["steps"]) or None) for c in calls if c["syscall"] != "exit"]
    numbers = {c["number"] for c in calls}
    verdict("calls", "" if got and got == [w for w in want if w[0] in numbers] and len(got) == len(want) else
            f"{len(got)} calls, {len(want)} in its tables; the first that differs: "
            f"{next(((g, w) for g, w in zip(got, want) if g != w), None)}")
    verdict("steps", "" if any(c["steps"] for c in calls) else "there are none")
    types = {s for c in calls for s in (c["slots"] or {})}
    verdict("namespaces", "" if {"mnt", "uts", "ipc", "pid_for_children", "net"} <= types else sorted(types))
    starts = run("report", recording, "--json")
    verdict("report", "" if "runc" in starts else starts)
    for at in ("+0.1s", "end"):
        g = json.loads(run("graph", "-i", recording, "--at", at, "--json"))
        verdict(f"graph-{at}", "" if g["tasks"] and not g["stale"] else "it is empty, or stale")
    sys.exit(bad > 0)


try:
    main()
except (RuntimeError, ValueError, sqlite3.Error, OSError) as e:
    verdict("reading", repr(e))
    sys.exit(1)
