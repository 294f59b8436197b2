# SPDX-License-Identifier: GPL-2.0-only
"""seeds.py CORPUS RECORDING... SCENARIOS: what fuzzing begins with, one folder a target."""
import glob
import os
import shutil
import sqlite3
import sys

corpus, recordings, scenarios = sys.argv[1], sys.argv[2:-1], sys.argv[-1]


def seed(target, name, data):
    with open(os.path.join(corpus, target, name), "wb") as f:
        f.write(data)


for r, path in enumerate(recordings):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    bodies = [body for body, in db.execute("SELECT body FROM events ORDER BY seq")]
    for n in range(0, min(len(bodies), 6000), 60):
        part = b"".join(bodies[n:n + 60])
        seed("events", f"seed{r}.{n}", part[:20000])
        seed("views", f"seed{r}.{n}", part[:20000])

for path in glob.glob(os.path.join(scenarios, "*.yaml")):
    shutil.copy(path, os.path.join(corpus, "scenario"))

for name in ("self/stat", "self/status", "self/mountinfo", "self/mounts", "self/mountstats", "self/cgroup", "self/maps",
             "sysvipc/shm"):
    with open(f"/proc/{name}", "rb") as f:
        seed("proc", name.replace("/", "."), f.read(4000))
seed("proc", "pidfd", b"pos:\t0\nflags:\t02\nPid:\t17\nNSpid:\t17\n")
seed("proc", "ns", b"net:[4026531840]")
seed("proc", "cgroup1", b"12:cpu,cpuacct:/a/b\n0::/user.slice\\040x\n")

host = "Host: 127.0.0.1:7777\r\n"
teacher = host + "Cookie: nslens_7777=" + "T" * 43 + "\r\n"
lead = "Origin: http://127.0.0.1:7777\r\nContent-Length: 11\r\n\r\n#t=1&call=2"


def lesson(body):
    return f"POST /api/lesson HTTP/1.1\r\n{teacher}Origin: http://127.0.0.1:7777\r\nContent-Length: {len(body)}\r\n\r\n{body}"


for n, text in enumerate([
        f"GET /?key={'S' * 43} HTTP/1.1\r\n{host}\r\n",
        f"GET / HTTP/1.1\r\n{teacher}\r\nHEAD / HTTP/1.1\r\n{teacher}\r\n",
        f"GET /events HTTP/1.1\r\n{teacher}Last-Event-ID: 40\r\n\r\n",
        f"GET /api/path?call=1 HTTP/1.1\r\n{teacher}\r\nGET /api/why?ns=1 HTTP/1.1\r\n{teacher}\r\n",
        f"POST /api/lead HTTP/1.1\r\n{teacher}{lead}",
        lesson("do=answer&choice=2&turn=7&viewer=1"),
        lesson("do=start&name=container&turn=1&viewer=1") + lesson("do=next&turn=2&viewer=1"),
        lesson("do=lead&viewer=1") + lesson("do=again&turn=0&viewer=1") + lesson("do=leave&turn=0&viewer=9")]):
    seed("http", f"seed{n}", text.encode())
