# SPDX-License-Identifier: GPL-2.0-only
"""deaths.py DIR --kernel K: for every keeper that went, when its namespace died, and whom the
graph blames."""
import sys

from graphs import Out, fail, judge, skip

LATE = 6e9      # a network namespace waits for RCU and a worker, in an emulated machine
SOON = 2e9      # a loss counts for what happens so long before it is told
SLACK = 2e6     # of the clocks' reading
EARLY = "was declared dead"
# Null is no answer here: the task itself ends the life of the namespace. Except a pid
# namespace, which goes with the last struct pid, in an RCU callback.
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
        self.named = 0
        self.null = []


def gap_in(gaps, drop):
    """A loss about when the keeper went: what is missing may be what was lost."""
    return any(drop["from"] - SLACK <= t <= drop["to"] + SOON for t in gaps)


def judge_one(h, drop, died, pids, total):
    """None, or what is wrong with what is told of the death."""
    who = f"{h['type']}:[{h['inum']}]"
    mine = [(t, line) for t, line in died.get(who, ()) if t >= drop["from"] - LATE]
    if not mine:
        return f"{who} never died"
    t, line = mine[0]
    if t < drop["from"] - SLACK:
        return f"{who} {EARLY} {(drop['from'] - t) / 1e6:.1f} ms before its keeper went"
    if t > drop["to"] + LATE:
        return f"{who} died {(t - drop['to']) / 1e9:.1f} s late"
    if line["cause"] is None:
        total.null.append(h["kind"])
    else:
        total.named += 1
    if line["cause"] is None and h["type"] != "pid" and h["kind"].split("-")[0] in PLAIN:
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


def check_gap(out):
    """Namespaces that no task reaches, and that were held all the time, while events were lost."""
    lines = out.lines("gap")
    kept = [h for h in out.lines("kept") if h.get("inum")]
    judge("gap-lost", [] if any(line.get("type") == "lost" for line in lines) and kept else
          ["nothing was lost: the test tests nothing"])
    judge("gap-noticed", [] if out.text("quiet") else
          ["a loss is not told for 5 s, as long as no other event comes"])
    born = {}
    for line in lines:
        if line.get("type") == "ns":
            born[line["ns"]] = line["event"]
    # born again means that the number went to another one
    dead = [f"{h['kind']} {h['type']}:[{h['inum']}]" for h in kept
            if born.get(f"{h['type']}:[{h['inum']}]") == "destroyed"]
    judge("gap-kept", [f"declared dead, but held: {', '.join(dead[:6])} ({len(dead)} in all)"]
          if dead else [], f"{len(kept)} namespaces")


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
    if any(line.get("tracepoints_only") for line in lines):
        skip("deaths", "this machine permits no function hook: destructions are not seen")
        return
    check_gap(out)
    clock = int(start["monotonic"])
    gaps = [line["ts"] + clock for line in lines if line.get("type") == "lost"]
    mended = [line for line in lines if line.get("type") == "resync"]
    judge("deaths-gaps", [] if len(mended) >= len(gaps) > 0 or not gaps else
          ["events were lost, and no line says that the graph is whole again"],
          f"{len(gaps)} told")
    died = deaths(lines, clock)
    holders = out.holders()
    drops = {d["dropped"]: d for d in out.lines("holders") if d.get("dropped")}
    pids = {}
    for h in holders:
        pids.setdefault(h["kind"], set()).update((h["pid"], h["tid"], h["holder"]))
    total = Sum()
    wrong, open_ones = {}, set()
    for h in holders:
        drop = drops.get(h["kind"])
        bad = wrong.setdefault(h["kind"], [])
        if drop is None or not drop["ok"]:
            bad.append("the keeper could not be let go")
            continue
        why = None
        if h["keeper"] == "none":
            why = undone(lines, h, drop, clock)
        elif h["inum"]:
            why = judge_one(h, drop, died, pids[h["kind"]], total)
        # no loss excuses a death that was told too early
        if why and gap_in(gaps, drop) and EARLY not in why:
            open_ones.add(h["kind"])
        elif why:
            bad.append(why)
    for kind, bad in wrong.items():
        if kind in open_ones and not bad:
            skip(f"death-{kind}", "nslens counted lost events at that moment")
        else:
            judge(f"death-{kind}", bad)
    print(f"   {total.named} deaths have a cause, {len(total.null)} have none: "
          f"{' '.join(total.null)}")


if __name__ == "__main__":
    main()
