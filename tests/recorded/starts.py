# SPDX-License-Identifier: GPL-2.0-only
"""starts.py NSLENS DIR: report and diff, as text, Markdown and JSON, of starts of which it is known how they went."""
import re

from common import ANSI, RECORDINGS, check, end, lines, need, path, run, words

# runtimes of the starts, in order; what went wrong or took long, as the verdict must name it
KNOWN = {
    "v1": (["runc"], []),
    "many": (["unshare", "runc", "crun", "bwrap", "unshare"], []),
    "crun": (["crun"], []),
    "hook": (["runc"], ["another program runs", "sleep"]),
    "limit": (["bwrap"], ["ENOSPC", "copy_net_ns", "max_net_namespaces"]),
}


def report(name, *options):
    told = lines("report", path(name), "--json", *options)
    return told[0], [r for r in told if r["type"] == "startup"]


def known(name):
    runtimes, wanted = KNOWN[name]
    head, starts = report(name)
    need([s["runtime"] for s in starts] == runtimes, [s["runtime"] for s in starts], "and not", runtimes)
    need(head["startups"] == len(starts), head["startups"], "counted")
    said = " ".join(s["verdict"] for s in starts)
    need(all(w in said for w in wanted), "the verdict does not name", wanted, ":", said)
    failed = name == "limit"
    need(all((s["outcome"] == "failed") == failed for s in starts), [s["outcome"] for s in starts])


def consistent(name):
    """The parts of a start are as long as the whole, and its calls are those of the trace."""
    traced = {(r["ts"], r["tid"]): r for r in lines("trace", "-i", path(name), "--json") if r["type"] == "call"}
    for s in report(name)[1]:
        for part in ("stages", "critical_path"):
            need(sum(p["duration"] for p in s[part]) == s["duration"], s["number"], part, "are not as long as the start")
        for c in s["calls"]:
            t = traced.get((c["ts"], c["tid"]))
            need(t, "call at", c["ts"], "of", c["tid"], "is not in the trace")
            need((t["syscall"], t["errno"], t["flags"]) == (c["syscall"], c["errno"], sorted(c["flags"])), t, c)


def as_read(name):
    for s in report(name)[1]:
        for form in ("text", "markdown"):
            told = words(run("report", path(name), "--start", str(s["number"]), "--format", form))
            for w in (s["headline"], s["verdict"].replace('"', "")):
                need(words(w) in told.replace('"', ""), form, "lacks", w)
            at = 0
            for stage in s["stages"]:
                found = told.find(stage["name"], at)
                need(found >= 0, form, "lacks the stage", stage["name"], "or has it elsewhere")
                at = found + 1
            if form == "text":
                for ns in s["namespaces"]:
                    need(ns["ns"] in told or ns["host"], "the text lacks", ns["ns"])
            if s["payload"] and s["payload"]["file"]:
                need(s["payload"]["file"] in told, form, "lacks the payload")
        plain = run("report", path(name), "--start", str(s["number"]))
        need(ANSI.sub("", run("report", path(name), "--start", str(s["number"]), "--colour", "always")) == plain,
             "with colours it is another text")


def chosen(name):
    starts = report(name)[1]
    for runtime in {s["runtime"] for s in starts}:
        got = report(name, "--runtime", runtime)[1]
        need([s["number"] for s in got] == [s["number"] for s in starts if s["runtime"] == runtime], "--runtime", runtime)
    for container in {s["container"] for s in starts if s["container"]}:
        got = report(name, "--container", container)[1]
        need({s["container"] for s in got} == {container}, "--container", container)
    slowest = max(starts, key=lambda s: s["duration"])
    told = run("report", path(name), "--slowest", "1")
    need(re.findall(r"(?m)^── (\d+) ", told) == [str(slowest["number"])], "--slowest 1 shows", told[:200])
    run("report", path(name), "--start", "99", status=1)


def differing(a, b, *wanted, stages=()):
    d = lines("diff", a, b, "--json", status=1)[0]
    need(d["differences"] and all(w in d["verdict"] for w in wanted), wanted, "is not in", d["verdict"])
    only_b = {s["text"] for s in d["stages"] if s["right"] and not s["left"]}
    need(set(stages) <= only_b, stages, "is not only in B:", only_b)
    text = run("diff", a, b, status=1)
    everything = run("diff", a, b, "--all", status=1)
    markdown = run("diff", a, b, "--format", "markdown", status=1)
    for told in (text, everything, markdown):
        need(words(d["verdict"]) in words(told).replace("**", ""), "the verdict is not in", told[:200])
    need(ANSI.sub("", run("diff", a, b, "--colour", "always", status=1)) == text, "with colours it is another text")
    rows = [r for r in d["rows"] if r["kind"] != "same" and r["marks"]]
    marks = {"missing": "-", "added": "+"}
    for kind, mark in marks.items():
        want = sum(r["kind"] == kind for r in d["rows"])
        table = markdown.split("## What is done")[-1]
        # steps of a call have rows of their own, and nobody who does them
        got = len(re.findall(rf"(?m)^\| \{mark} \| [^ ]", table))
        need(got == want, want, kind, "in JSON,", got, "in Markdown")
        got = len(re.findall(rf"(?m)^\{mark} ", text.split("What is done")[-1].split("\n\n")[0]))
        need(got >= want, want, kind, "in JSON,", got, "in the text")
    for r in rows[:20]:
        for side in filter(None, (r["left"], r["right"])):
            need(words(side["text"])[:25] in words(everything), "row", side["text"], "is not in the text")
    need(len(everything) >= len(text), "--all tells less")
    # seen from the other side, what is only in one is only in the other
    back = lines("diff", b, a, "--json", status=1)[0]
    for one, other in (("missing", "added"), ("added", "missing")):
        need(sum(r["kind"] == one for r in d["rows"]) == sum(r["kind"] == other for r in back["rows"]), one, "and", other)


def alike(a):
    d = lines("diff", a, a, "--json")[0]
    need(d["differences"] == 0, a, "differs from itself:", d["verdict"])
    for form in ("text", "markdown"):
        need(words(d["verdict"]) in words(run("diff", a, a, "--format", form)).replace("**", ""), form, "has another verdict")


for recording in RECORDINGS:
    if recording in KNOWN:
        for part in (known, consistent, as_read, chosen):
            check(f"report-{recording}-{part.__name__}", part, recording)
        for number in range(len(KNOWN[recording][0])):
            check(f"diff-{recording}-{number + 1}-alike", alike, f"{path(recording)}#{number + 1}")
check("diff-hook", differing, path("v1"), path("hook"), stages=["another program runs"])
check("diff-runtime", differing, f"{path('many')}#runc", f"{path('many')}#crun")
check("diff-fails", differing, f"{path('many')}#bwrap", path("limit"), "ENOSPC", "max_net_namespaces")
check("diff-works-again", differing, path("limit"), f"{path('many')}#bwrap", "ENOSPC")
check("diff-several", differing, f"{path('many')}#unshare", f"{path('v1')},{path('hook')}")
end()
