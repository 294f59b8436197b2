# SPDX-License-Identifier: GPL-2.0-only
"""graphs.py NSLENS DIR: graph -i at several moments, in every form and through every filter, and why -i for
each namespace in it."""
import re
import time
import xml.dom.minidom

from common import ANSI, RECORDINGS, check, end, fits, lines, need, path, run, words


def moments(name):
    """Where calls ended: something has just changed then."""
    calls = [r for r in lines("trace", "-i", path(name), "--json") if r["type"] == "call"]
    every = max(1, len(calls) // 3)
    return [f"+{(c['ts'] + c['duration']) / 1e9 + 0.0001:.6f}s" for c in calls[::every] if c["duration"]][:4] + ["end"]


def graph(name, at, *options):
    return lines("graph", "-i", path(name), "--at", at, "--json", *options)[0]


def used(g):
    """Numbers of all namespaces that are not initial."""
    return {n["inum"] for n in g["namespaces"] if not n["initial"]}


def whole(name):
    """What the objects name is there, and the counts are those of the rows."""
    for at in moments(name):
        g = graph(name, at)
        ids = {n["id"] for n in g["namespaces"]}
        proxies = {p["id"]: p for p in g["nsproxies"]}
        for n in g["namespaces"]:
            need({n["owner"], n["parent"]} - {None} <= ids, at, n["ns"], "has an owner or parent that is not there")
        for p in g["nsproxies"]:
            need({s if isinstance(s, int) else s["id"] for s in p["slots"].values() if s} <= ids, at, "a slot of", p["id"])
        for t in g["tasks"]:
            need(t["nsproxy"] is None or t["nsproxy"] in proxies, at, "task", t["tid"], "has an nsproxy that is not there")
        need(g["totals"]["namespaces"] == len(ids) and g["totals"]["nsproxies"] == len(proxies), at, g["totals"])


def by_clock(name):
    """A moment as the wall clock had it is the same moment."""
    began = int(lines("trace", "-i", path(name), "--json")[0]["wall_clock"])
    for at in moments(name)[:-1]:
        ns = began + round(float(at[1:-1]) * 1e9)
        wall = time.localtime(ns // 10**9)
        for form in ("%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
            told = f"{time.strftime(form, wall)}.{ns % 10**9:09}"
            need(graph(name, told) == graph(name, at), told, "is not", at)


def text(name):
    for at in moments(name):
        g = graph(name, at)
        for options in ((), ("--verbose",), ("--width", "80")):
            drawn = run("graph", "-i", path(name), "--at", at, *options)
            missing = [i for i in used(g) if str(i % 10000).zfill(4) not in drawn]
            need(not missing, at, options, "namespaces are not drawn:", missing)
            totals = g["totals"]
            need(f"{totals['nsproxies']} nsprox" in drawn and f"{totals['namespaces']} namespaces" in drawn, at,
                 "the first line counts otherwise:", drawn[:150])
            if "80" in options:
                fits(drawn, 80, f"the graph at {at}")
        colour = run("graph", "-i", path(name), "--at", at, "--colour", "always")
        need("\x1b[" in colour and ANSI.sub("", colour) == run("graph", "-i", path(name), "--at", at), at,
             "with colours it is another graph")


def trees(name):
    for at in moments(name):
        g = graph(name, at)
        for kind in ("user", "pid"):
            drawn = run("graph", "-i", path(name), "--at", at, "--tree", kind)
            for n in g["namespaces"]:
                if n["type"] == kind:
                    need(f"{kind}:[{n['inum']}]" in drawn, at, n["ns"], "is not in the tree")
            # a child stands further in than its parent
            depth = {int(i): len(line) - len(line.lstrip(" │├└─")) for line in drawn.splitlines()
                     for i in re.findall(rf"^[ │├└─]*{kind}:\[(\d+)\]", line)}
            by_id = {n["id"]: n for n in g["namespaces"]}
            for n in g["namespaces"]:
                if n["type"] == kind and n["parent"]:
                    need(depth[n["inum"]] > depth[by_id[n["parent"]]["inum"]], at, n["ns"], "is not below its parent")


def pictures(name):
    for at in moments(name):
        g = graph(name, at)
        for form in ("dot", "mermaid", "svg"):
            drawn = run("graph", "-i", path(name), "--at", at, "--format", form)
            # beside the type, as in the text
            digits = 10 if form == "dot" else 4
            missing = [i for i in used(g) if str(i)[-digits:] not in drawn]
            need(not missing, at, form, "lacks", missing)
            if form == "svg":
                xml.dom.minidom.parseString(drawn)


def filtered(name):
    for at in moments(name):
        g = graph(name, at)
        by_id = {n["id"]: n for n in g["namespaces"]}
        for kind in ("net", "uts,user"):
            got = graph(name, at, "--type", kind)
            need({n["type"] for n in got["namespaces"]} <= set(kind.split(",")), at, "--type", kind, "shows others")
        others = [t for t in g["tasks"] if t["nsproxy"] and t["nsproxy"] != 1][:2]
        for t in others:
            got = graph(name, at, "--pid", str(t["pid"]))
            need(got["tasks"] and {x["pid"] for x in got["tasks"]} == {t["pid"]}, at, "--pid", t["pid"],
                 [x["pid"] for x in got["tasks"]])
        for i in sorted(used(g))[:3]:
            ns = next(n for n in by_id.values() if n["inum"] == i)
            got = graph(name, at, "--ns", ns["ns"])
            need(ns["ns"] in {n["ns"] for n in got["namespaces"]}, at, "--ns", ns["ns"], "does not show it")
        for container in {t["container"] for t in g["tasks"] if t["container"]}:
            got = graph(name, at, "--container", container)
            need(got["tasks"] and {t["container"] for t in got["tasks"]} == {container}, at, "--container", container)


def why(name):
    for at in moments(name):
        rows = graph(name, at)["namespaces"]
        for n in [n for n in rows if not n["initial"]] + [n for n in rows if n["initial"]][:1]:
            told = lines("why", "-i", path(name), "--at", at, "--json", n["ns"])[0]
            text_ = run("why", "-i", path(name), "--at", at, n["ns"], "--width", "90")
            need(told["id"] == n["id"] and words(told["verdict"]) in words(text_), at, n["ns"], "verdict", text_[:200])
            need(n["initial"] == ("never dies" in told["verdict"]), at, n["ns"], told["verdict"])
            for k in told["keepers"]:
                if k.get("comm"):
                    need(k["comm"].encode("ascii", "ignore").decode() in text_, at, n["ns"], "does not name", k["comm"])
            sum_ = told["explained"]
            need(sum_["sum"] == sum(v for k, v in sum_.items() if k != "sum"), at, n["ns"], sum_)
        colour = run("why", "-i", path(name), "--at", at, n["ns"], "--width", "90", "--colour", "always")
        need(ANSI.sub("", colour) == text_, at, n["ns"], "with colours it is another text")
    run("why", "-i", path(name), "net:[1]", status=1)
    run("why", "-i", path(name), "nonsense:1", status=1)


for recording in RECORDINGS:
    for part in (whole, by_clock, text, trees, pictures, filtered, why):
        check(f"graph-{recording}-{part.__name__}", part, recording)
end()
