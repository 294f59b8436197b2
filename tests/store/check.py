# SPDX-License-Identifier: GPL-2.0-only
"""check.py DIR: are the recordings that part.sh left right?"""
import json
import os
import re
import sqlite3
import sys
import time
from collections import Counter

MADE = ("unshare", "clone", "clone3", "setns")
bad = 0


def verdict(name, why=""):
    global bad
    bad += bool(why)
    print(f"FAIL {name}: {why}" if why else f"ok {name}")


def text(name):
    return open(name, encoding="utf-8", errors="replace").read() if os.path.exists(name) else ""


def truth(name):
    by = Counter()
    for line in open(name):
        for syscall, errnos in json.loads(line)["by"].items():
            for errno, n in errnos.items():
                by[syscall, errno] += n
    return by


def recorded(name, comm):
    db = sqlite3.connect(f"file:{name}?mode=ro", uri=True)
    rows = db.execute("SELECT syscall, coalesce(errno, 'ok'), count(*) FROM calls "
                      "WHERE comm = ? GROUP BY 1, 2", (comm,))
    return Counter({(s, e): n for s, e, n in rows if s in MADE})


def whole(name):
    db = sqlite3.connect(f"file:{name}?mode=ro", uri=True)
    said = db.execute("PRAGMA integrity_check").fetchone()[0]
    return "" if said == "ok" else said


def difference(want, got):
    return "; ".join(f"{s} {e}: {want[s, e]} made, {got[s, e]} recorded"
                     for s, e in sorted(set(want) | set(got)) if want[s, e] != got[s, e])


CLOCKS = ("ts", "duration", "number", "id", "nsproxy", "explain")


def plain(value):
    """A record without clocks, and without the numbers that each tracer gives by itself."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in CLOCKS}
    return [plain(v) for v in value] if isinstance(value, list) else value


def story(name):
    """Calls in their order, and everything else as often as it was told: two tracers that are
    attached to the same function do not run at the same moment."""
    calls, others = [], Counter()
    for line in open(name):
        r = json.loads(line)
        text = json.dumps([plain(r), re.sub(r"#\d+|\d[\d.,]* [mµn]?s\b", "#", r.get("explain") or "")],
                          sort_keys=True)
        if r["type"] == "call":
            calls.append(text)
        elif r["type"] in ("task", "ns", "lost"):
            others[text] += 1
    return calls, others


def first_difference(live, told):
    for i, (x, y) in enumerate(zip(live[0], told[0])):
        if x != y:
            return f"call {i}: live {x[:300]} told {y[:300]}"
    if len(live[0]) != len(told[0]):
        return f"{len(live[0])} calls live, {len(told[0])} told"
    missing, more = live[1] - told[1], told[1] - live[1]
    return f"not told: {list(missing)[:2]}; only told: {list(more)[:2]}" if missing or more else ""


def alone():
    verdict("churn-status", "" if text("churn.status").strip() == "0" else text("churn.log"))
    verdict("churn-whole", whole("churn.nslens"))
    lost = sqlite3.connect("churn.nslens").execute("SELECT coalesce(sum(count), 0) FROM gaps").fetchone()[0]
    missed = sqlite3.connect("churn.nslens").execute("SELECT value FROM meta WHERE key = 'missed'").fetchone()[0]
    if missed:
        print(f"skip churn-exact: the kernel left our programs out {missed} times, being preempted in them; told as lost")
    else:
        verdict("churn-nothing-lost", f"{lost} lost" if lost else "")
        verdict("churn-exact", difference(truth("churn.truth"), recorded("churn.nslens", "churn")))
    verdict("churn-one-file", ", ".join(f for f in os.listdir(".") if f.startswith("churn.nslens-")))
    seconds = json.loads(open("churn.truth").readline())["seconds"]
    n = sum(truth("churn.truth").values())
    events = sqlite3.connect("churn.nslens").execute("SELECT count(*) FROM events").fetchone()[0]
    size = os.path.getsize("churn.nslens")
    print(f"   {n} calls in {seconds:.2f} s ({n / seconds:.0f}/s), {events} events, {size / events:.0f} bytes an event")


def both():
    for what in ("both", "told", "graph"):
        verdict(f"{what}-status", "" if text(f"{what}.status").strip() == "0" else text("both.log"))
    live, told = story("both.live"), story("both.told")
    gaps = sum('"gap": true' in r for r in live[0] + told[0])
    if gaps:
        print("skip told-as-live: events were lost")
    else:
        verdict("told-as-live", first_difference(live, told))
    verdict("told-something", "" if len(told[0]) >= 300 else f"{len(told[0])} calls")
    graph = json.loads(text("both.graph"))
    verdict("graph-of-the-end", "" if graph["type"] == "graph" and not graph["stale"] and graph["tasks"] else "none")


def queries(document):
    """Every query of the document runs, and has an answer."""
    files = [sqlite3.connect(f"file:{name}.nslens?mode=ro", uri=True) for name in ("churn", "leave")]
    found = re.findall(r"```sql\n(.*?)```", text(document), re.S)
    verdict("documented-queries", "" if len(found) >= 5 else f"{len(found)} found")
    for n, sql in enumerate(found, 1):
        started = time.monotonic()
        rows = [row for db in files for row in db.execute(sql)]
        took = time.monotonic() - started
        verdict(f"query-{n}", "it has no answer" if not rows else f"{took:.1f} s" if took > 20 else "")


def keepers():
    """Where a reading of them begins is told: so nothing is in it twice, and what is gone is not in it."""
    if not os.path.exists("kept.jsonl"):
        print("skip keepers: only where no hook tells of deaths they are read meanwhile")
        return
    inum = int(re.search("[0-9]+", text("kept.ns")).group())
    told = [e for e in map(json.loads, open("kept.jsonl")) if e.get("kind") == "keeper" and e["type"] == "event"]
    readings = []
    for e in told:
        if "ns" not in e:
            readings.append([])
        elif readings:
            readings[-1].append((e["ns"][1], e.get("keeper_kind", 0), e.get("keeper_pid", 0), e.get("fd", 0), e.get("path")))
    verdict("keepers-reading-begins", "" if told and "ns" not in told[0] else f"{len(told)} events, the first {told[:1]}")
    twice = [k for r in readings for k, n in Counter(r).items() if n > 1]
    verdict("keepers-once", f"{twice[:3]}" if twice else "")
    held = [r for r in readings if any(k[0] == inum and k[3] == 9 for k in r)]
    verdict("keepers-read-again", "" if len(held) > 1 else f"{len(held)} of {len(readings)} readings have fd 9")


def commands():
    verdict("status-of-command", "" if text("seven.status").strip() == "7" else text("seven.status"))
    verdict("status-not-found", "" if text("none.status").strip() == "127" else text("none.status"))
    verdict("never-replaces", "" if text("exists.status").strip() == "125" and "--force" in text("exists.log")
            else text("exists.log"))


def ring():
    verdict("ring-status", "" if text("fly.status").strip() == "0" else text("fly.log"))
    kb = int(text("fly.kb") or 0)
    verdict("ring-bounded", "" if 0 < kb <= 16 * 1024 else f"{kb} KiB of 16 MiB")
    log = text("fly.log")
    verdict("ring-saved-on-errno", "" if "EBADF of" in log else log)
    verdict("ring-saved-on-signal", "" if "SIGUSR1" in log else log)
    for name in ("fly.nslens", "fly.nslens.1", "fly.nslens.ring"):
        verdict(f"{name}-whole", whole(name) if os.path.exists(name) else "it is not there")
    db = sqlite3.connect("fly.nslens")
    verdict("ring-says-why", "" if db.execute("SELECT value FROM meta WHERE key = 'because'").fetchone() else "no")
    seqs = db.execute("SELECT min(seq), max(seq), count(*) FROM events").fetchone()
    verdict("ring-without-holes", "" if seqs[1] - seqs[0] + 1 == seqs[2] else str(seqs))
    calls = sum(truth("fly.truth").values())
    kept = db.execute("SELECT count(*) FROM calls WHERE comm = 'churn'").fetchone()[0]
    print(f"   the ring kept {kept} of {calls} calls in {kb} KiB")


document = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../user/doc/recording.md")
os.chdir(sys.argv[1])
for part in (alone, lambda: queries(document), both, keepers, commands, ring):
    try:
        part()
    except (OSError, ValueError, sqlite3.Error, IndexError, KeyError) as e:
        verdict(part.__name__, f"it broke off: {e!r}")
sys.exit(bad > 0)
