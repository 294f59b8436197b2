# SPDX-License-Identifier: GPL-2.0-only
"""explained.py NSLENS DIR: the path that each recorded call took, and every name that explain knows."""
import re

from common import ANSI, check, end, fits, lines, need, path, run, words


def calls(name):
    every = [r for r in lines("trace", "-i", path(name), "--json") if r["type"] == "call"]
    # one of each kind: what was asked, and how it went
    return list({(c["syscall"], tuple(c["flags"]), c["errno"], len(c["steps"])): c for c in every}.values())


def paths(name):
    """What ran is taken, the function that refused is on the path, and what was not reached is not."""
    some = calls(name)
    one = next((c for c in some if c["errno"]), some[0])
    for c in some:
        where = ("explain", "--kernel", "6.12", "--call", str(c["number"]), "-i", path(name))
        told = lines(*where[:1], *where[3:], "--json")[0]["path"]
        marks = {}
        for p in told:
            if p["kind"] == "function":
                marks.setdefault(p["fn"], p["mark"])
        for s in c["steps"]:
            if s["fn"] in marks and not s["inferred"] and s["outcome"] != "undone":
                need(marks[s["fn"]] in ("taken", "failed"), name, c["number"], s["fn"], "ran, and is", marks[s["fn"]])
            if s["outcome"] == "not reached" and s["fn"] in marks:
                need(marks[s["fn"]] != "taken", name, c["number"], s["fn"], "was not reached, and is taken")
        text = run("explain", "--call", str(c["number"]), "-i", path(name), "--all")
        need(text.count("\n") >= len(told), name, c["number"], len(told), "places, and", text.count("\n"), "lines")
        if c is not one:
            continue
        colour = run("explain", "--call", str(c["number"]), "-i", path(name), "--all", "--colour", "always")
        need(ANSI.sub("", colour) == text, name, c["number"], "with colours it is another text")


def listed(kernel="6.12"):
    names = [(e["name"], e["kind"]) for e in lines("explain", "--list", "--kernel", kernel, "--json")]
    need(len(names) > 150, "only", len(names), "names")
    return names


def name_in_json(kernel, language):
    names = listed(kernel)
    told = []
    for at in range(0, len(names), 32):  # so many at a time
        told += lines("explain", "--kernel", kernel, "--lang", language, "--json", *[n for n, _ in names[at:at + 32]])
    need([t["name"] for t in told] == [n for n, _ in names], "other names than were asked for")
    by_name = {t["name"]: t for t in told}
    known = set(by_name)
    for name, kind in names:
        t = by_name[name]
        need(t["kernel"] == kernel and t["language"] == language, name, t["kernel"], t["language"])
        need(t["text"] or t["path"] or t["errnos"], "nothing is said of", name)
        need(set(t.get("see", ())) <= known, name, "leads to", set(t.get("see", ())) - known)
        need(all(e["check"] and e["place"] for e in t["errnos"]), name, "has a failure without its check")
        if kind == "errno":
            need(all(e["errno"] in (name, None) for e in t["errnos"]), name, [e["errno"] for e in t["errnos"]])


def name_as_read():
    """What JSON has of a name stands in its text, too."""
    names = list(dict.fromkeys(n for n, _ in listed()))
    for at in range(0, len(names), 32):
        some = names[at:at + 32]
        told = lines("explain", "--kernel", "6.12", "--lang", "en", "--json", *some)
        text = run("explain", "--kernel", "6.12", "--lang", "en", "--width", "80", *some)
        fits(text, 80, "explain " + " ".join(some))
        flat = words(re.sub("[│├└─]", "", text))
        where = 0
        for t in told:
            where = flat.find(words(t["text"]), where)
            need(where >= 0, "of", t["name"], "JSON says:", t["text"])
            for e in t["errnos"] if t["kind"] in ("errno", "function") else ():
                need(words(e["check"]) in flat, t["name"], "the text lacks:", e["check"])
            for p in t["path"] if len(t["path"]) > 1 else ():
                need(not p["what"] or words(p["what"])[:20] in flat, t["name"], "the text lacks", p["what"])


for recording in ("calls", "many", "limit"):
    check(f"explain-path-{recording}", paths, recording)
for kernel_, language_ in (("5.10", "en"), ("6.12", "ja"), ("7.3", "zh_CN")):
    check(f"explain-json-{kernel_}-{language_}", name_in_json, kernel_, language_)
check("explain-text", name_as_read)
end()
