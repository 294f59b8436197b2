# SPDX-License-Identifier: GPL-2.0-only
"""redact.py NSLENS RECORDING DIR: names are put into a recording, and must be gone from
every form that is exported with --redact, while its structure stays."""
import json
import os
import re
import sqlite3
import subprocess
import sys

nslens, recording, out = sys.argv[1:4]
bad = 0

# in every kind of text that there is; each is looked for byte by byte afterwards
COMMS = ["secretd", "Sécrèt!", "\x1b[31mpwn", "<script>s3", "drop';--s4", "s5ecret%s%n"]
PATHS = ["/home/zaphod/beeblebrox.cfg", "/srv/heart-of-gold/\xff\xfe/x", "/mnt/ma grathea/../<b>"]
HOST = "deepthought.example"
CGROUP = "/user.slice/user-3133731337.slice/zarquon.service/docker-" + "5ec2e7" * 10 + "feed.scope"
SECRETS = ["secretd", "S\xe9cr", "crèt", "s3", "drop'", "s5ecret", "zaphod", "beeblebrox", "heart", "gathea", "grathea",
           HOST, "deepthought", "zarquon", "3133731337", "5ec2e7"]
# too short to be looked for alone
SECRETS = [s for s in SECRETS if len(s) > 4]


def verdict(name, why=""):
    global bad
    bad += bool(why)
    print(f"FAIL {name}: {str(why)[:400]}" if why else f"ok {name}")


def run(*args):
    done = subprocess.run([nslens, *args], capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(args[:5])}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def bytewise(text):
    return text.encode("utf-8").decode("latin-1")[:15]


def poison(lines):
    """Every text of every event becomes one of ours, the same one for the same."""
    names, seen, cgroups = {}, {}, {}

    def pick(kind, old, choices):
        if (kind, old) not in names:
            names[kind, old] = choices[seen.setdefault(kind, 0) % len(choices)]
            seen[kind] += 1
        return names[kind, old]

    for line in lines:
        r = json.loads(line)
        for key in [k for k in r if k.endswith("comm")]:
            r[key] = bytewise(pick("comm", r[key], COMMS))
        if r.get("kind") == "cgroup" and "path" in r:
            number = cgroups.setdefault(r["path"], len(cgroups))
            r["path"] = CGROUP.replace("zarquon", f"zarquon{number}")
        elif "path" in r:
            r["path"] = pick("path", r["path"], PATHS)
        if r.get("kind") == "milestone":
            if not re.fullmatch(r"[\d ,]*|deny|allow", r.get("text", "")):
                r["text"] = pick("text", r["text"], [HOST, PATHS[0], PATHS[2]])
            if "where" in r:
                r["where"] = pick("where", r["where"], PATHS)
        if r["type"] == "recording":
            r["traces"] = "the whole machine while secretd runs"
            r["kernel"] += "-beeblebrox"
        if r["type"] == "end":
            r["because"] = "EPERM of setns in 4711 (secretd)"
        yield json.dumps(r) + "\n"


def numbers_of(path):
    """Every pid and inode number of nsfs that only this machine has."""
    pids, inums = set(), set()
    for line in open(path):
        r = json.loads(line)
        for key, value in r.items():
            if key in ("pid", "tid", "ppid", "task_pid", "task_tid", "target_pid") and value > 100000:
                pids.add(value)
            if isinstance(value, list) and key in ("ns", "owner", "parent", "target") and value[1] >= 0xf0000000:
                inums.add(value[1])
    return pids, inums


def look_for_names(name, data):
    found = [s for s in SECRETS for form in (s.encode("utf-8"), s.encode("latin-1", "ignore"), s.encode("utf-16-le"))
             if form and form in data]
    verdict(f"redact-{name}-no-name", f"{sorted(set(found))} are in it" if found else "")


def shape_of_story(path):
    """All but who and where."""
    calls = []
    for r in map(json.loads, open(path)):
        if r["type"] == "call":
            calls.append((r["ts"], r["duration"], r["syscall"], r["flags"], r["errno"], r["nsproxy"],
                          r["child"] is None, r["container"] is None, r["gap"],
                          [(s["fn"], s["outcome"], s["errno"], s["duration"], (s["ns"] or {}).get("id")) for s in r["steps"] or []],
                          sorted((k, v["how"]) for k, v in (r["slots"] or {}).items())))
        elif r["type"] in ("ns", "milestone", "task"):
            calls.append((r["type"], r["ts"], r.get("event"), r.get("what"), r.get("id")))
    return calls


def same_partition(a, b, keys):
    """What was equal is equal, and what was different is different."""
    forth, back = {}, {}
    for x, y in zip(map(json.loads, open(a)), map(json.loads, open(b))):
        for key in keys:
            if key in x or key in y:
                u, v = (key, x.get(key)), (key, y.get(key))
                if forth.setdefault(u, v) != v or back.setdefault(v, u) != u:
                    return f"{key}: {u[1]!r} and {back[v][1]!r} became {v[1]!r}"
    return ""


def graph_shape(name):
    g = json.loads(run("graph", "-i", name, "--json"))
    return ([(n["id"], n["type"], n["initial"], n["owner"], n["parent"], n["level"], n["used_by"]) for n in g["namespaces"]],
            [(x["id"], x["initial"], x["count"], x["slots"]) for x in g["nsproxies"]],
            sorted((t["nsproxy"] or 0, t["user"] or 0, t["initial"], t["container"] is None) for t in g["tasks"]))


def report_shape(name):
    """What a report says of start-ups, but for names and numbers of this machine. Runtimes keep theirs."""
    shape = []
    for line in run("report", name, "--json").decode().splitlines():
        r = json.loads(line)
        if r["type"] == "startup":
            shape.append((r["runtime"], r["frame"], r["outcome"], r["ts"], r["duration"], r["container"] is None,
                          r["sums"], [(s["stage"] if "stage" in s else s.get("kind"), s.get("ts"), s.get("duration"))
                                      for s in r["stages"]]))
    return shape


def main():
    plain, named = os.path.join(out, "plain.events"), os.path.join(out, "named.events")
    hostile, clean = os.path.join(out, "hostile.nslens"), os.path.join(out, "clean.nslens")
    run("export", recording, "--format", "events", "-o", plain)
    with open(named, "w") as f:
        f.writelines(poison(open(plain)))
    run("import", named, "-o", hostile, "--force")
    run("export", hostile, "--format", "events", "-o", named)
    data = open(hostile, "rb").read()
    verdict("redact-names-were-there", "" if all(s.encode() in data or s.encode("latin-1") in data
                                                 for s in ("secretd", "zarquon", "5ec2e7")) else "no")
    run("export", hostile, "--format", "nslens", "--redact", "-o", clean, "--force")
    run("export", hostile, "--format", "events", "--redact", "--key", "k", "-o", named + ".clean")
    run("export", hostile, "--format", "jsonl", "-o", named + ".story")
    forms = {"nslens": clean, "events": named + ".clean"}
    for form in ("jsonl", "perfetto", "chrome", "folded", "otlp", "prometheus", "json", "dot", "mermaid", "svg"):
        forms[form] = os.path.join(out, f"clean.{form}")
        run("export", hostile, "--format", form, "--redact", "--key", "k", "-o", forms[form])
    imported = os.path.join(out, "imported.nslens")
    run("import", named, "-o", imported, "--redact", "--force")
    forms["imported"] = imported
    for name, path in forms.items():
        look_for_names(name, open(path, "rb").read())
    pids, inums = numbers_of(plain)
    kept = (pids | inums) & set(map(int, re.findall(r"\b\d{6,10}\b", open(forms["events"]).read())))
    verdict("redact-numbers", f"{len(kept)} of {len(pids | inums)} numbers are still there" if
            len(kept) > len(pids | inums) // 20 else "")
    verdict("redact-same-story", "" if shape_of_story(named + ".story") == shape_of_story(forms["jsonl"]) else "it differs")
    verdict("redact-same-graph", "" if graph_shape(hostile) == graph_shape(clean) else "it differs")
    verdict("redact-one-to-one", same_partition(named, forms["events"],
                                                ("pid", "tid", "task_pid", "task_tid", "cgroup", "comm")))
    again = named + ".again"
    run("export", hostile, "--format", "events", "--redact", "--key", "k", "-o", again)
    verdict("redact-same-key", "" if open(again).read() == open(forms["events"]).read() else "the same key makes others")
    run("export", hostile, "--format", "events", "--redact", "-o", again)
    verdict("redact-other-key", "" if open(again).read() != open(forms["events"]).read() else "without a key it is the same")
    shared = os.path.join(out, "shared.nslens")
    run("export", recording, "--format", "nslens", "--redact", "-o", shared, "--force")
    verdict("redact-same-report", "" if report_shape(shared) == report_shape(recording) else "it differs")
    ids = [sqlite3.connect(f).execute("SELECT value FROM meta WHERE key = 'boot_id'").fetchone() for f in (hostile, clean)]
    verdict("redact-boot-id", "" if ids[0] != ids[1] else "it is still there")
    sys.exit(bad > 0)


main()
