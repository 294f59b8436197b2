# SPDX-License-Identifier: GPL-2.0-only
"""formats.py NSLENS RECORDING DIR: every format of a recording, read by what reads it.

Prints a line a check. Names in the recording may be hostile."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict

import otlp
import perfetto

here = os.path.dirname(os.path.abspath(__file__))
nslens, recording, out = sys.argv[1:4]
bad = 0


def verdict(name, why=""):
    global bad
    bad += bool(why)
    print(f"FAIL {name}: {str(why)[:400]}" if why else f"ok {name}")


def export(form, *options, source=recording):
    path = os.path.join(out, f"x.{form}")
    done = subprocess.run([nslens, "export", source, "--format", form, "-o", path, *options],
                          capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise RuntimeError(f"export --format {form}: {done.stderr}")
    return path


def story():
    lines = [json.loads(line) for line in open(export("jsonl"))]
    told = subprocess.run([nslens, "trace", "-i", recording, "--json", "--milestones"], capture_output=True,
                          check=True).stdout.decode()
    want = [json.loads(line) for line in told.splitlines()]
    for last in (want[-1], lines[-1]):
        last["counts"].pop("events")  # trace reads the rows of a keyframe, too
    if want != lines:
        return "it is not what trace --json --milestones tells"
    return "" if lines[0]["type"] == "start" and lines[-1]["type"] == "end" else "no start or end"


def calls_of(path):
    return [r for r in map(json.loads, open(path)) if r["type"] == "call"]


def events():
    """Out and in again: the same bytes under the same numbers."""
    path = export("events")
    copy = os.path.join(out, "again.nslens")
    subprocess.run([nslens, "import", path, "-o", copy, "--force"], check=True, capture_output=True)
    for table, order in (("events", "seq"), ("meta", "key"), ("hooks", "n"), ("calls", "number"),
                         ("steps", "call, n"), ("gaps", "seq")):
        rows = [sqlite3.connect(f"file:{name}?mode=ro", uri=True).execute(
            f"SELECT * FROM {table} ORDER BY {order}").fetchall() for name in (recording, copy)]
        if rows[0] != rows[1]:
            return f"table {table} differs: {len(rows[0])} rows, then {len(rows[1])}"
    again = os.path.join(out, "again.events")
    subprocess.run([nslens, "export", copy, "--format", "events", "-o", again], check=True)
    return "" if open(path, "rb").read() == open(again, "rb").read() else "exported again it is something else"


def perfetto_trace():
    if not shutil.which("protoc"):
        return None
    path = export("perfetto")
    text = os.path.join(out, "x.txt")
    with open(path, "rb") as f, open(text, "wb") as t:
        done = subprocess.run(["protoc", f"--proto_path={here}", "--decode=perfetto.protos.Trace", "trace.proto"],
                              stdin=f, stdout=t, stderr=subprocess.PIPE)
    if done.returncode:
        return done.stderr.decode()
    wrong, calls, flows = perfetto.check(text, export("jsonl"))
    print(f"   {calls} calls, {flows} flows")
    return "; ".join(map(str, wrong[:3])) or ("" if calls else "no call in it")


def chrome():
    trace = json.load(open(export("chrome")))
    want = Counter(c["syscall"] for c in calls_of(export("jsonl")))
    got, stacks, flows = Counter(), defaultdict(list), defaultdict(set)
    for e in trace["traceEvents"]:
        if not isinstance(e.get("name"), str) or e["ph"] not in "MXiCsf":
            return f"an event of none of the kinds: {e}"
        if e["ph"] == "X":
            begin, end = round(e["ts"] * 1000), round((e["ts"] + e["dur"]) * 1000)
            if e["cat"] != "step":
                got[e["name"]] += 1
            stacks[e["pid"], e["tid"]].append((begin, end, e["name"]))
        elif e["ph"] in "sf":
            flows[e["id"]].add(e["ph"])
    if got != want:
        return f"{dict(got)}, the story has {dict(want)}"
    for spans in stacks.values():
        inside = []
        for begin, end, name in sorted(spans, key=lambda s: (s[0], -s[1])):
            while inside and inside[-1] <= begin:
                inside.pop()
            if inside and end > inside[-1] + 1:
                return f"{name} ends after what it lies in"
            inside.append(end)
    ends = [i for i, kinds in flows.items() if "s" in kinds and "f" not in kinds]
    return f"flows without an end: {ends[:3]}" if ends else ""


def folded():
    total = 0
    for line in open(export("folded"), encoding="ascii"):
        if not re.fullmatch(r"[!-:<-~]+(;[!-:<-~]+)+ [1-9][0-9]*\n", line):
            return f"no stack: {line!r}"
        total += int(line.rsplit(" ", 1)[1])
    want = sum(c["duration"] or 0 for c in calls_of(export("jsonl")))
    # calls that overlap on one thread count once
    return "" if 0 < total <= want and total > want * 0.9 else f"{total} ns, the calls took {want}"


NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*\}'


def prometheus_text(text):
    """The text format 0.0.4: families together, HELP and TYPE before samples, no sample twice."""
    family, kind, seen, families, buckets = None, None, set(), set(), {}
    for line in text.splitlines():
        head = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
        if head:
            if head[1] == "HELP":
                if head[2] in families:
                    return f"family {head[2]} twice"
                families.add(head[2])
            family, kind = head[2], head[3] if head[1] == "TYPE" else None
            if head[1] == "TYPE" and kind not in ("counter", "gauge", "histogram"):
                return f"type {kind}"
            continue
        sample = re.fullmatch(rf"({NAME})({LABELS})? (-?[0-9.e+-]+|\+Inf|NaN)", line)
        if not sample:
            return f"no sample: {line!r}"
        base = re.sub(r"_(bucket|sum|count)$", "", sample[1]) if kind == "histogram" else sample[1]
        if base != family or not kind:
            return f"{sample[1]} stands under {family}"
        if kind == "counter" and not sample[1].endswith("_total"):
            return f"counter {sample[1]}"
        if line.rsplit(" ", 1)[0] in seen:
            return f"sample twice: {line}"
        seen.add(line.rsplit(" ", 1)[0])
        if sample[1].endswith("_bucket"):
            key = base + re.sub(r',?le="[^"]*"', "", sample[2])
            if int(sample[3]) < buckets.get(key, 0):
                return f"a bucket has less than the one before: {line}"
            buckets[key] = int(sample[3])
    return "" if "nslens_calls_total" in families else "nslens_calls_total is missing"


def prometheus():
    path = export("prometheus")
    text = open(path, encoding="ascii").read()
    why = prometheus_text(text)
    if why:
        return why
    db = sqlite3.connect(f"file:{recording}?mode=ro", uri=True)
    for syscall, calls, failed in db.execute("SELECT syscall, count(*), sum(errno IS NOT NULL) FROM calls GROUP BY 1"):
        if f'nslens_calls_total{{syscall="{syscall}"}} {calls}\n' not in text:
            return f"{calls} calls of {syscall} are not there"
        got = sum(int(n) for n in re.findall(rf'nslens_call_failures_total{{syscall="{syscall}",[^}}]*}} (\d+)', text))
        if got != failed:
            return f"{syscall}: {got} failed, {failed} recorded"
    return ""


def promtool():
    if not shutil.which("promtool"):
        return None
    done = subprocess.run(["promtool", "check", "metrics"], stdin=open(export("prometheus")), capture_output=True,
                          text=True)
    return done.stdout + done.stderr if done.returncode else ""


def otlp_traces():
    """Each line as the schema wants it; each call in one of them, and in one alone."""
    spans, told = 0, Counter()
    try:
        for line in open(export("otlp")):
            request = json.loads(line)
            spans += otlp.request(request)
            for s in request["resourceSpans"][0]["scopeSpans"][0]["spans"]:
                about = otlp.attributes(s.get("attributes", []), "attributes")
                if "thread.id" in about and "process.pid" in about:  # a step has no process
                    told[s["name"], int(about["thread.id"])] += 1
    except otlp.Wrong as e:
        return str(e)
    rows = sqlite3.connect(f"file:{recording}?mode=ro", uri=True).execute(
        "SELECT syscall, tid, count(*) FROM calls WHERE syscall != 'exit' GROUP BY 1, 2")
    want = Counter({(syscall, tid): n for syscall, tid, n in rows})
    print(f"   {spans} spans")
    return "" if told == want else f"missing {dict(want - told)}, not in the recording {dict(told - want)}"


def dot():
    if not shutil.which("dot"):
        return None
    for form in ("dot", "svg"):
        done = subprocess.run(["dot", "-Tsvg", "-o/dev/null", export(form)] if form == "dot" else
                              ["python3", "-c", "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])", export(form)],
                              capture_output=True, text=True)
        if done.returncode:
            return done.stderr
    return ""


def mermaid():
    """The part of its grammar that is used: a flowchart of nodes, links, subgraphs and classes."""
    label = r'"(?:[^"\n]*)"'
    node = rf"[a-z]\w*([\[({{>]+{label}[\])}}]+)?(:::\w+)?"
    lines = open(export("mermaid"), encoding="utf-8").read().splitlines()
    forms = (r"flowchart (LR|TB)", node, rf"{node} (-->|---|-\.->|-\.-|==>)(\|[^|]*\|)? ?{node}",
             rf"subgraph \w+( ?\[{label}\])?", r"end", r"(classDef|class|style|linkStyle) .+", r"direction \w+", r"%%.*", "")
    depth = 0
    for line in lines:
        if not any(re.fullmatch(f, line.strip().rstrip(";")) for f in forms):
            return f"not of its grammar: {line!r}"
        depth += line.strip().startswith("subgraph") - (line.strip() == "end")
    return "" if not depth and lines and lines[0].startswith("flowchart") else "it does not begin or end"


def parts():
    """From the middle: nothing earlier, nothing later, and the graph of that moment is right."""
    db = sqlite3.connect(f"file:{recording}?mode=ro", uri=True)
    mono = db.execute("SELECT value FROM meta WHERE key = 'monotonic'").fetchone()[0]
    first, last = db.execute("SELECT min(ts), max(ts) FROM events").fetchone()
    begin, end = first + (last - first) // 3, first + 2 * (last - first) // 3
    when = [f"{'+' if t >= mono else '-'}{abs(t - mono) / 1e9:.9f}" for t in (begin, end)]
    part = os.path.join(out, "part.nslens")
    subprocess.run([nslens, "export", recording, "--format", "nslens", "--from", when[0], "--to", when[1], "-o", part,
                    "--force"], check=True, capture_output=True)
    got = sqlite3.connect(part).execute("SELECT seq, body FROM events ORDER BY seq").fetchall()
    want = db.execute("SELECT seq, body FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq",
                      (got[0][0], got[-1][0])).fetchall() if got else []
    if not got or got != want:
        return f"{len(got)} events, {len(want)} wanted"
    # with tracepoints alone nobody tells of deaths: what no task reaches is not certain
    only_used = not db.execute("SELECT value FROM meta WHERE key = 'steps'").fetchone()[0]
    graphs = []
    for name in (recording, part):
        g = json.loads(subprocess.run([nslens, "graph", "-i", name, "--json", "--at", when[1]], check=True,
                                      capture_output=True).stdout)
        graphs.append([sorted(n["ns"] for n in g["namespaces"] if not only_used or n["unused_since"] is None),
                       sorted(t["tid"] for t in g["tasks"])])
    return "" if graphs[0] == graphs[1] else f"the graph of {when[1]} differs"


def main():
    for check in (story, events, perfetto_trace, chrome, folded, prometheus, promtool, otlp_traces, dot, mermaid, parts):
        try:
            why = check()
        except (OSError, ValueError, KeyError, IndexError, RuntimeError, subprocess.CalledProcessError, sqlite3.Error) as e:
            why = f"it broke off: {e!r} {getattr(e, 'stderr', b'') or ''}"
        if why is None:
            print(f"skip export-{check.__name__}: the tool that reads it is not installed")
        else:
            verdict(f"export-{check.__name__}", why)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
