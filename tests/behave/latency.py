# SPDX-License-Identifier: GPL-2.0-only
"""latency.py DIR BOOT-OFFSET: lines come within 100 ms of their events, as their reader sees it."""
import json
import sys

from records import note, verdict

MOST = 100  # milliseconds: what user/doc/json.md promises


def late(delays):
    if len(delays) != 9:
        return f"{len(delays)} of 9 calls"
    return f"{max(delays):.0f} ms" if max(delays) > MOST else ""


def listed(delays):
    return " ".join(f"{x:.0f}" for x in delays)


d, offset = sys.argv[1], float(sys.argv[2])  # CLOCK_BOOTTIME - CLOCK_MONOTONIC, seconds
mono, delays = None, []
for line in open(f"{d}/arrived", encoding="utf-8"):
    up, record = line.split(" ", 1)
    record = json.loads(record)
    if record["type"] == "start":
        mono = record["monotonic"]
        delays_start = (float(up) - offset) * 1e3 - mono / 1e6
    elif record["type"] == "call" and record["syscall"] == "unshare":
        event = mono + record["ts"] + (record["duration"] or 0)
        delays.append((float(up) - offset) * 1e3 - event / 1e6)
with open(f"{d}/in_file", encoding="utf-8") as ups, open(f"{d}/file.jsonl", encoding="utf-8") as lines:
    records = [json.loads(line) for line in lines]
    events = [records[0]["monotonic"] + r["ts"] + (r["duration"] or 0)
              for r in records if r["type"] == "call" and r["syscall"] == "unshare"]
    in_file = [(float(up) - offset) * 1e3 - event / 1e6 for up, event in zip(ups, events)]
# the clock of the reader has steps of 10 ms and is cut off, so a delay is up to 10 ms longer
verdict("clock", "" if all(x > -11 for x in delays + in_file) else f"{min(delays + in_file):.0f} ms before the event")
verdict("within-100-ms", late(delays))
verdict("start-flushed", "" if delays_start <= MOST else f"{delays_start:.0f} ms")
verdict("file-within-100-ms", late(in_file))
note(f"delays (ms): {listed(delays)}; of the start record: {delays_start:.0f}; in the file: {listed(in_file)}")
