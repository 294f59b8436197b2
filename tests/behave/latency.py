# SPDX-License-Identifier: GPL-2.0-only
"""latency.py DIR BOOT-OFFSET: every line within 100 ms of its event, as its reader sees it."""
import json
import sys

from records import note, verdict

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
verdict("calls-arrived", "" if len(delays) == 9 else f"{len(delays)} of 9 calls arrived")
# the clock of the reader has steps of 10 ms and is cut off, so a delay is up to 10 ms longer
verdict("clock", "" if all(x > -11 for x in delays) else f"{min(delays):.0f} ms before the event")
verdict("within-100-ms", "" if delays and max(delays) <= 100 else f"{max(delays, default=0):.0f} ms")
verdict("start-flushed", "" if delays_start <= 100 else f"{delays_start:.0f} ms")
verdict("file-within-100-ms", "" if int(open(f"{d}/in_file").read()) >= 9 else "the last call was not in the file")
note(f"delays (ms): {' '.join(f'{x:.0f}' for x in delays)}; of the start record: {delays_start:.0f}")
