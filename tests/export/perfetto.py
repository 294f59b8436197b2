# SPDX-License-Identifier: GPL-2.0-only
"""perfetto.py TEXT JSONL: a Perfetto trace, decoded by protoc, beside the story of the same."""
import json
import re
import sys
from collections import Counter, defaultdict


def packets(lines):
    """Each packet as a list of (path, value); protoc prints a field a line."""
    path, packet = [], []
    for line in lines:
        line = line.strip()
        if line.endswith("{"):
            path.append(line[:-1].strip())
            if path == ["packet"]:
                packet = []
        elif line == "}":
            path.pop()
            if not path:
                yield packet
        else:
            key, value = line.split(": ", 1)
            packet.append((".".join(path[1:] + [key]), value.strip('"')))


def check(text, story):
    bad = []
    tracks, counters, begun, ended = {}, set(), Counter(), defaultdict(list)
    events, flows_from, flows_to = [], {}, {}
    for order, packet in enumerate(packets(open(text, errors="replace"))):
        p = dict(packet)
        unknown = [k for k, _ in packet if re.search(r"(^|\.)\d+$", k)]
        if unknown:
            bad.append(f"fields that the .proto does not know: {unknown}")
        if "track_descriptor.uuid" in p:
            uuid = p["track_descriptor.uuid"]
            tracks[uuid] = p
            parent = p.get("track_descriptor.parent_uuid")
            if parent and parent not in tracks:
                bad.append(f"track {uuid} lies in {parent}, which was not described")
        if "track_event.type" in p:
            events.append((int(p["timestamp"]), order, p))
            if p["track_event.track_uuid"] not in tracks:
                bad.append(f"an event on track {p['track_event.track_uuid']}, which is none")
            if p.get("timestamp_clock_id") != "3":
                bad.append("an event of another clock")
    # as the trace processor: by time, then as they stand in the file
    events.sort(key=lambda e: e[:2])
    stacks, names, failed = defaultdict(list), Counter(), 0
    for ts, _, p in events:
        kind, track = p["track_event.type"], p["track_event.track_uuid"]
        if kind == "TYPE_SLICE_BEGIN":
            stacks[track].append((ts, p["track_event.name"]))
            category = p["track_event.categories"]
            if category in ("call", "failed") and len(stacks[track]) != 1:
                bad.append(f"call {p['track_event.name']} lies in {stacks[track][:-1]}")
            if category == "step" and len(stacks[track]) == 1:
                bad.append(f"step {p['track_event.name']} lies in no call")
            if category != "step":
                names[p["track_event.name"]] += 1
                failed += category == "failed"
            if "track_event.flow_ids" in p:
                flows_from[p["track_event.flow_ids"]] = ts
        elif kind == "TYPE_SLICE_END":
            if not stacks[track]:
                bad.append(f"an end at {ts} of nothing")
            else:
                stacks[track].pop()
        elif kind == "TYPE_COUNTER":
            counters.add(tracks[track]["track_descriptor.name"])
        if "track_event.terminating_flow_ids" in p:
            flows_to[p["track_event.terminating_flow_ids"]] = ts
    open_ones = [s for s in stacks.values() if s]
    if open_ones:
        bad.append(f"slices without an end: {open_ones[:3]}")
    for flow, ts in flows_from.items():
        if flow not in flows_to or flows_to[flow] < ts:
            bad.append(f"flow {flow} ends nowhere, or before it begins")
    calls, children, refused = Counter(), 0, 0
    for line in open(story):
        r = json.loads(line)
        if r["type"] == "call":
            calls[r["syscall"]] += 1
            refused += r["errno"] is not None
            children += r["child"] is not None
    if calls != names:
        bad.append(f"calls {dict(names)}, the story has {dict(calls)}")
    if failed != refused:
        bad.append(f"{failed} failed, the story has {refused}")
    if len(counters) != 8:
        bad.append(f"counters: {sorted(counters)}")
    if children and not flows_from:
        bad.append("no flow from a clone to its child")
    return bad, sum(calls.values()), len(flows_from)


if __name__ == "__main__":
    wrong, calls, flows = check(sys.argv[1], sys.argv[2])
    for line in wrong[:10]:
        print(line)
    print(f"{calls} calls, {flows} flows")
    sys.exit(bool(wrong))
