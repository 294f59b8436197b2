# SPDX-License-Identifier: GPL-2.0-only
"""reading.py NSLENS RECORDING DIR [PERF-DATA [TRACE-DAT]]: reads them in every way; see reading.sh."""
import os
import random
import sqlite3
import subprocess
import sys
import time

SECONDS, MEGABYTES, SEEK_MS, MOMENTS = 5, 300, 50, 30

nslens, recording, work = sys.argv[1:4]
perf_data, trace_dat = (sys.argv[4:] + ["", ""])[:2]
wrong = []


def run(argv, out):
    """Processor seconds, wall seconds and megabytes of one program."""
    began = time.monotonic()
    with open(out, "wb") as f:
        child = subprocess.Popen(argv, stdout=f, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"reading.py: {' '.join(argv)}: status {child.returncode}")
    return used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024


def row(name, argv, count, limit=True, out=None):
    to = out or os.path.join(work, "out")
    cpu, wall, memory = run(argv, os.devnull if out else to)
    size = os.path.getsize(to) / 1e6
    os.unlink(to)
    print(f"| {name} | {cpu:.2f} s | {cpu / count * 1e6:.2f} µs | {wall:.2f} s | {memory:.0f} MB | {size:.0f} MB |", flush=True)
    if limit and (cpu > SECONDS or memory > MEGABYTES):
        wrong.append(f"{name}: {cpu:.2f} s and {memory:.0f} MB; the limits are {SECONDS} s and {MEGABYTES} MB")


def lines_of(argv):
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        return sum(1 for line in child.stdout if line.strip() and not line.startswith(b"cpus="))


def seeks(db):
    first, last, mono = db.execute("SELECT min(ts), max(ts), (SELECT value FROM meta WHERE key = 'monotonic') FROM events").fetchone()
    random.seed(1)
    times = []
    for _ in range(MOMENTS):
        when = random.randrange(max(first, int(mono)), last) - int(mono)
        argv = [nslens, "graph", "-i", recording, "--at", f"+{when / 1e9:.9f}s", "--json"]
        times.append(run(argv, os.devnull)[0] * 1000)
    times.sort()
    print(f"\nThe graph of a random moment, the whole command, {MOMENTS} times: {times[MOMENTS // 2]:.0f} ms of processor "
          f"time in the middle, {times[-1]:.0f} ms at most.")
    if times[-1] > SEEK_MS:
        wrong.append(f"a seek took {times[-1]:.0f} ms, the limit is {SEEK_MS}")


def main():
    db = sqlite3.connect(f"file:{recording}?mode=ro", uri=True)
    count, = db.execute("SELECT count(*) FROM events").fetchone()
    calls, = db.execute("SELECT count(*) FROM calls").fetchone()
    print(f"{count} events ({calls} calls, {os.path.getsize(recording) / 1e6:.0f} MB) read by nslens:\n")
    print("| command | processor time | of that an event | on the wall | memory | told |\n|---|---|---|---|---|---|")
    row("report", [nslens, "report", recording], count)
    row("report --json", [nslens, "report", "--json", recording], count)
    row("trace --brief", [nslens, "trace", "-i", recording, "--brief"], count)
    row("graph --at end", [nslens, "graph", "-i", recording, "--at", "end"], count)
    for form in ("jsonl", "events", "perfetto", "chrome", "otlp", "folded", "prometheus", "html"):
        out = os.path.join(work, f"out.{form}")
        row(f"export --format {form}", [nslens, "export", recording, "--format", form, "-o", out], count, form != "html", out)
    if perf_data and os.path.exists(perf_data):
        n = lines_of(["perf", "script", "-i", perf_data])
        row(f"perf script ({n} page faults)", ["perf", "script", "-i", perf_data], n, False)
    if trace_dat and os.path.exists(trace_dat):
        n = lines_of(["trace-cmd", "report", "-i", trace_dat])
        row(f"trace-cmd report ({n} system calls)", ["trace-cmd", "report", "-i", trace_dat], n, False)
    seeks(db)
    for complaint in wrong:
        print(f"reading.py: {complaint}", file=sys.stderr)
    sys.exit(bool(wrong))


main()
