# SPDX-License-Identifier: GPL-2.0-only
"""ring.py NSLENS DIR: a flight recorder that keeps a time and not a size, and one that saves
itself because a start-up was slow."""
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

nslens, out = sys.argv[1:3]
bad = 0


def verdict(name, why=""):
    global bad
    bad += bool(why)
    print(f"FAIL ring-{name}: {str(why)[:400]}" if why else f"ok ring-{name}")


def start(name, *options):
    log = open(os.path.join(out, f"{name}.log"), "w")
    p = subprocess.Popen([nslens, "record", "-o", os.path.join(out, f"{name}.nslens"), *options], stderr=log)
    wait_for(name, "recording to", 30)
    return p


def wait_for(name, text, seconds):
    for _ in range(int(seconds * 10)):
        said = open(os.path.join(out, f"{name}.log")).read()
        if text in said:
            return said
        time.sleep(0.1)
    raise ValueError(f"{name}: no '{text}' in {open(os.path.join(out, f'{name}.log')).read()!r}")


def end(p):
    p.send_signal(signal.SIGINT)
    return p.wait(30)


def times(path):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    first, last, n, low, high = db.execute("SELECT min(ts), max(ts), count(*), min(seq), max(seq) FROM events").fetchone()
    return (last - first) / 1e9, n, high - low + 1


def by_time():
    keep = 10
    p = start("time", "--ring", f"{keep}s")
    began = time.monotonic()
    while time.monotonic() - began < 2.5 * keep:
        subprocess.run(["unshare", "--uts", "true"], check=True)
        time.sleep(0.05)
    p.send_signal(signal.SIGUSR1)
    wait_for("time", "saved", 20)
    verdict("time-ends", end(p) or "")
    seconds, n, numbers = times(os.path.join(out, "time.nslens"))
    # at least what was asked for, and not all of it: a 32nd part goes at a time
    verdict("time-kept", "" if keep - 1 <= seconds < 1.6 * keep else f"{seconds:.1f} s of {2.5 * keep:.0f}, {keep} were asked for")
    verdict("time-no-holes", "" if n == numbers else f"{n} events, {numbers} numbers")
    graph = subprocess.run([nslens, "graph", "-i", os.path.join(out, "time.nslens"), "--json"], capture_output=True)
    verdict("time-graph", "" if graph.returncode == 0 and b'"stale":false' in graph.stdout else graph.stderr)
    copy = os.path.join(out, "time.copy.nslens")
    lines = subprocess.run([nslens, "export", os.path.join(out, "time.nslens"), "--format", "events"], capture_output=True,
                           check=True).stdout
    subprocess.run([nslens, "import", "-", "-o", copy, "--force"], input=lines, check=True, capture_output=True)
    verdict("time-imported", "" if times(copy) == times(os.path.join(out, "time.nslens")) else "it is something else")


def when_slow():
    p = start("slow", "--ring", "16M", "--save-on", "slow=700ms")
    quick = ["unshare", "--pid", "--mount", "--fork", "true"]
    subprocess.run(quick, check=True)
    time.sleep(1)
    said = open(os.path.join(out, "slow.log")).read()
    verdict("slow-quick-is-not", "" if "saved" not in said else said)
    # the namespace is made at once, and what is to run in it comes late
    subprocess.run(["unshare", "--pid", "--mount", "--fork", sys.executable, "-c",
                    "import os, time; time.sleep(0)"], check=True)
    subprocess.run([sys.executable, "-c", "import ctypes, os, time; ctypes.CDLL(None).unshare(0x20000000 | 0x20000);"
                    "p = os.fork();\nif not p: time.sleep(1.2); os.execv('/bin/true', ['true'])\nos.wait()"], check=True)
    said = wait_for("slow", "saved", 20)
    end(p)
    because = sqlite3.connect(os.path.join(out, "slow.nslens")).execute(
        "SELECT value FROM meta WHERE key = 'because'").fetchone()
    took = re.search(r"the start of \d+ \(true\) took ([\d.]+) s", because[0] if because else "")
    verdict("slow-saved", "" if took and 1.1 < float(took[1]) < 10 else f"{because} {said}")


for part in (by_time, when_slow):
    try:
        part()
    except (OSError, ValueError, sqlite3.Error, subprocess.SubprocessError) as e:
        verdict(part.__name__, f"it broke off: {e!r}")
sys.exit(bad > 0)
