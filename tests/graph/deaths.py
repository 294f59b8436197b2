# SPDX-License-Identifier: GPL-2.0-only
"""deaths.py DIR --kernel K: for every keeper that went, when its namespace died, and whom the
graph blames."""
import sys

from graphs import Out, fail, judge, skip

LATE = 6e9      # a network namespace waits for RCU and a worker, in an emulated machine
SLACK = 2e6     # of the clocks' reading
# What must be told where it can be told: the task itself ends the life of the namespace.
PLAIN = ("exit", "switch", "zombie", "undone", "thread")


def deaths(lines, start):
    """(namespace as text) -> [(time, line)] of those destroyed."""
    found = {}
    for line in lines:
        if line.get("type") == "ns" and line["event"] == "destroyed":
            found.setdefault(line["ns"], []).append((line["ts"] + start, line))
    return found


def blame(cause, h, pids):
    """None, or what is wrong with it."""
    if cause is None:
        return None
    allowed = h["cause"] or ["unpinned"]
    if cause["kind"] not in allowed:
        return f"cause {cause['kind']}, not {' or '.join(allowed)} or null"
    if cause.get("comm", "").startswith(("kworker", "ksoftirq", "rcu", "swapper")):
        return f"a kernel worker is blamed: {cause['comm']}"
    if cause.get("pid") and cause["pid"] not in pids:
        return f"{cause['comm']}[{cause['pid']}] is blamed, which did not hold it"
    return None


class Sum:
    def __init__(self):
        self.named = self.null = 0


def judge_one(h, drop, died, pids, total):
    who = f"{h['type']}:[{h['inum']}]"
    mine = [(t, line) for t, line in died.get(who, ()) if t >= drop["from"] - LATE]
    early = [t for t, _ in mine if t < drop["from"] - SLACK]
    if early:
        return f"{who} was declared dead {(drop['from'] - early[0]) / 1e6:.1f} ms before its keeper went"
    if not mine:
        return f"{who} never died"
    t, line = mine[0]
    if t > drop["to"] + LATE:
        return f"{who} died {(t - drop['to']) / 1e9:.1f} s late"
    total.named += line["cause"] is not None
    total.null += line["cause"] is None
    if line["cause"] is None and h["cause"] and h["kind"].split("-")[0] in PLAIN:
        return f"{who}: no cause, though {h['kind']} went last"
    why = blame(line["cause"], h, pids)
    return f"{who}: {why}" if why else None


def undone(lines, h, drop, start):
    """What a failed clone made and took back."""
    for line in lines:
        if line.get("type") == "ns" and line["event"] == "destroyed" \
                and line["ns"].startswith(h["type"] + ":") \
                and drop["from"] - SLACK <= line["ts"] + start <= drop["to"] + LATE \
                and line["cause"] and line["cause"]["kind"] == "undone" \
                and line["cause"].get("pid") == h["pid"]:
            return None
    return f"no {h['type']} namespace died that a failed clone of {h['pid']} had made"


def main():
    out = Out(sys.argv[1])
    lines = out.lines("stream")
    status = out.text("stream.status").strip()
    judge("deaths-status", [] if status == "0" else
          [f"exit status {status or 'none'}: {out.text('stream.err').strip()[-200:]}"])
    start = next((line for line in lines if line.get("type") == "start"), None)
    if start is None:
        fail("deaths", "the stream has no start")
        return
    if start.get("steps") is False or start.get("deaths") is False:
        skip("deaths", "this machine permits no function hook: destructions are not seen")
        return
    lost = [line for line in lines if line.get("type") == "lost"]
    judge("deaths-no-loss", [str(line) for line in lost])
    clock = int(start["monotonic"])
    died = deaths(lines, clock)
    holders = out.holders()
    drops = {d["dropped"]: d for d in out.lines("holders") if d.get("dropped")}
    pids = {}
    for h in holders:
        pids.setdefault(h["kind"], set()).update((h["pid"], h["tid"], h["holder"]))
    total = Sum()
    wrong = {}
    for h in holders:
        drop = drops.get(h["kind"])
        bad = wrong.setdefault(h["kind"], [])
        if drop is None or not drop["ok"]:
            bad.append("the keeper could not be let go")
        elif h["keeper"] == "none":
            bad += filter(None, [undone(lines, h, drop, clock)])
        elif h["inum"]:
            bad += filter(None, [judge_one(h, drop, died, pids[h["kind"]], total)])
    for kind, bad in wrong.items():
        judge(f"death-{kind}", bad)
    print(f"   {total.named} deaths have a cause, {total.null} have none")


if __name__ == "__main__":
    main()
