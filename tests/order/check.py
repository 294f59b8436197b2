#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py TRACE.jsonl [--deaths]: is the stream in an order that the kernel could have had?

Follows every task by the stream alone: what a call finds before it must be what
the task's last call (or its birth) left behind. Addresses and inode numbers are
reused within microseconds under churn, on two processors at once, so one event
out of order or one id given twice breaks the chain. With --deaths (function
hooks): a namespace is created once, destroyed once, and not seen afterwards.
"""
import json
import sys

MAX_SHOWN = 10


class Checker:
    def __init__(self):
        self.problems = []
        self.links = 0  # comparisons that were made
        self.state = {}  # tid -> nsproxy id
        self.user = {}  # tid -> user namespace id
        self.created = {}
        self.destroyed = {}
        self.missed = self.forgotten = self.gap_ts = 0

    def gap(self, ts, count):
        """Ids start anew: of what lives now the stream tells no more, or under another id."""
        self.state.clear()
        self.missed += count
        self.gap_ts = ts
        self.forgotten = len(self.created) - len(self.destroyed)

    def fail(self, record, text):
        self.problems.append(f"{text}: {json.dumps(record)[:300]}")

    def call(self, c):
        if c["gap"] or not c["begin_seen"] or not c["end_seen"] or c["nsproxy"] is None:
            return
        tid, before, after = c["tid"], c["nsproxy"]["before"], c["nsproxy"]["after"]
        if c["ts"] < self.gap_ts:  # it began with the ids of before
            self.state.pop(tid, None)
            return
        if tid in self.state:
            self.links += 1
            if before is not None and self.state[tid] != before:
                self.fail(c, f"task {tid} had nsproxy#{self.state[tid]}, the call finds #{before}")
        self.state[tid] = before
        if c["errno"]:
            return
        if c["syscall"] in ("unshare", "setns", "exec"):
            self.state[tid] = after
        elif c["syscall"] == "exit":
            self.state.pop(tid, None)
        elif c["child"]:
            self.state[c["child"]] = after
        for name, slot in (c["slots"] or {}).items():
            for side in ("before", "after"):
                ns = slot[side]
                if ns:
                    self.use(c, ns["id"], name)

    def use(self, c, ns, name):
        died = self.destroyed.get(ns)
        if died is not None and c["ts"] > died:
            self.fail(c, f"{name} namespace {ns} is used by a call that began after its death")

    def namespace(self, n):
        seen = self.created if n["event"] == "created" else self.destroyed
        if n["id"] in seen:
            self.fail(n, f"namespace {n['id']} is {n['event']} twice")
        if n["event"] == "destroyed" and n["id"] not in self.created and not self.missed:
            self.fail(n, f"namespace {n['id']} is destroyed and was never created")
        seen[n["id"]] = n["ts"]


def main():
    path = sys.argv[1]
    deaths = "--deaths" in sys.argv[2:]
    checker = Checker()
    calls = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            r = json.loads(line)
            if r["type"] == "call":
                calls += 1
                checker.call(r)
            elif r["type"] == "ns":
                checker.namespace(r)
            elif r["type"] == "task" and r["event"] == "exit":
                checker.state.pop(r["tid"], None)
            elif r["type"] == "lost" and deaths and r["hook"] == "free":
                checker.gap(r["ts"], r["count"])
            elif r["type"] == "lost":
                checker.problems.append(f"events were lost: {line.strip()}")
    for problem in checker.problems[:MAX_SHOWN]:
        print(f"  {problem}")
    verdict = "ok" if not checker.problems and checker.links > 100 else "FAIL"
    print(f"{verdict} order: {calls} calls, {checker.links} followed from one call of a task to the next, "
          f"{len(checker.problems)} problems")
    if deaths:
        left = len(checker.created) - len(checker.destroyed)
        # a death that was not seen must have been counted as lost
        missed, forgotten = checker.missed, checker.forgotten
        verdict = "ok" if checker.destroyed and left <= missed + forgotten + 5 else "FAIL"
        print(f"{verdict} deaths: {len(checker.created)} created, {len(checker.destroyed)} destroyed, "
              f"{missed} told as lost, {forgotten} alive at the loss, "
              f"{left - missed} not seen to die")
        return verdict != "ok" or bool(checker.problems)
    return bool(checker.problems) or checker.links <= 100


if __name__ == "__main__":
    sys.exit(main())
