# SPDX-License-Identifier: GPL-2.0-only
"""complete.py DIR --kernel K: the graph against two readings of nsread and what holders made.

What both readings agree on did not move in between, so the graph must say the same.
"""
import json
import os
import sys

from graphs import ANONYMOUS, SLOTS, Graph, Out, fail, judge, skip

# What the graph calls the keepers that holders makes.
KEEPER = {"fd": "fd", "mount": "mount", "socket": "socket", "pidfd": "pidfd", "proc": "proc",
          "mountinfo": "proc", "shm": "shm"}
# No reading tells which namespace these hold, unless something else leads to it.
UNSEEN = {"shm": "a segment whose ipc namespace nothing else leads to",
          "pidfd": "a pidfd of a dead task", "proc": "a procfs without processes",
          "cred": "credentials of an open file", "sysvipc": "an open /proc/sysvipc file",
          "cgroupfile": "an open file of the cgroup filesystem",
          "tree": "an open tree in an anonymous mount namespace"}
# Since when the kernel lists mount namespaces that no task, descriptor or mount leads to.
MNT_LIST = (6, 12)
LED_TO = ("shmfd-ipc", "pidfdtask-pid", "proctask-pid")
# What nsread does not look for.
ONLY_GRAPH = ("proc", "shm", "pidfd")


def steady(a, b):
    """Tasks that both readings have, and have alike."""
    keys = SLOTS + ("pid", "ns_pid", "ns_tid", "start")
    for tid, task in a.tasks.items():
        other = b.tasks.get(tid)
        if other and all(task[k] == other[k] for k in keys):
            yield task


def hidden(task):
    """Some machines hide a task's namespaces even from root."""
    return task["state"] not in "ZX" and task["user"] is None


def check_tasks(graph, a, b):
    missing, wrong, ids = [], [], []
    compared = out_of_sight = 0
    for task in steady(a, b):
        got = graph.tasks.get(task["tid"])
        who = f"{task['comm']}[{task['tid']}]"
        if got is None:
            if hidden(task):
                out_of_sight += 1
            else:
                missing.append(who)
            continue
        compared += 1
        if got["pid"] != task["pid"]:
            wrong.append(f"{who} has pid {got['pid']}, not {task['pid']}")
        for key in ("ns_pid", "ns_tid"):
            if got[key] is not None and got[key] != task[key]:
                ids.append(f"{who}: {key} {got[key]}, not {task[key]}")
        if hidden(task):
            continue
        slots = graph.slots(got)
        for slot in SLOTS:
            # nothing to see of a pid namespace without a child, but the graph knows it
            if task[slot] is None and (slot == "pid_for_children" or task["state"] in "ZX"):
                continue
            if slots[slot] != task[slot]:
                wrong.append(f"{who}: {slot} {slots[slot]}, not {task[slot]}")
    judge("tasks", missing and [f"not in the graph: {', '.join(missing[:8])}"
                                f" ({len(missing)} in all)"], f"{compared} compared")
    judge("slots", wrong)
    judge("ids-inside", ids)
    either = a.tasks.keys() | b.tasks.keys()
    # what came after the first reading began may be gone before the second
    judge("no-task-too-many", [f"{t['comm']}[{tid}]" for tid, t in graph.tasks.items()
                               if tid not in either and tid < a.reader])
    if out_of_sight:
        skip("hidden-tasks", f"this machine hides {out_of_sight} tasks even from root: "
             "neither /proc nor the kernel's iterator shows their namespaces")


def check_zombies(graph, a, b):
    wrong = []
    n = 0
    for task in steady(a, b):
        got = graph.tasks.get(task["tid"])
        if task["state"] == "Z" and got:
            n += 1
            if graph.slots(got)["mnt"] is not None:
                wrong.append(f"{task['comm']}[{task['tid']}] still has an nsproxy")
    judge("zombies", wrong or ([] if n else ["there was none"]), f"{n} compared")


def describe(n):
    return f"{n['type']}:[{n['inum']}]"


def check_namespaces(graph, a, b, holders):
    missing, owners, parents, levels, uids, types = [], [], [], [], [], []
    known = {i: n for i, n in a.ns.items() if i in b.ns and n["type"] == b.ns[i]["type"]}
    for inum, want in known.items():
        got = graph.ns.get(inum)
        if got is None:
            missing.append(f"{describe(want)} (nsread: {' '.join(want['by'])})")
            continue
        if got["type"] != want["type"]:
            types.append(f"{describe(got)}, not {describe(want)}")
        if not want["read"]:
            continue
        who = describe(want)
        owner, parent = graph.related(got, "owner"), graph.related(got, "parent")
        # a user namespace is owned by its parent: one of the two may stand for both
        if owner != want["owner"] and not (want["type"] == "user" and owner is None):
            owners.append(f"{who}: owner {owner}, not {want['owner']}")
        if parent != want["parent"]:
            parents.append(f"{who}: parent {parent}, not {want['parent']}")
        if want["level"] is not None and got["level"] != want["level"]:
            levels.append(f"{who}: level {got['level']}, not {want['level']}")
        if want["type"] == "user" and got.get("owner_uid") != want["owner_uid"]:
            uids.append(f"{who}: owner_uid {got.get('owner_uid')}, not {want['owner_uid']}")
    judge("namespaces", missing or types, f"{len(known)} compared")
    judge("owners", owners)
    judge("parents", parents)
    judge("levels", levels)
    judge("owner-uids", uids)
    held = {h["inum"] for h in holders}
    pending = {graph.slots(t)["pid_for_children"] for t in graph.tasks.values()}
    # nsread does not ask tun devices, which are sockets to the kernel
    pending |= {graph.inum(k["ns"]) for k in graph.keepers()
                if k["kind"] in ONLY_GRAPH or k["path"] == "/dev/net/tun"}
    judge("no-namespace-too-many",
          [describe(n) for i, n in graph.ns.items()
           if i not in a.ns and i not in b.ns and i not in held and i not in pending])


def named(graph, h, keepers):
    """None, or why the keeper of this holder is not named."""
    kind = h["keeper"]
    ns = graph.ns.get(h["inum"])
    task = graph.tasks.get(h["tid"])
    if kind in ("task", "zombie", "pid_for_children", "time_for_children"):
        if task is None:
            return f"its task {h['tid']} is not in the graph"
        slots = graph.slots(task)
        if h["inum"] is None:
            init = {s["pid_for_children"] for s in map(graph.slots, graph.tasks.values())
                    if s["pid_for_children"] == s["pid_active"]}
            return (None if slots["pid_for_children"] not in init | {None}
                    else "pid_for_children shows no namespace of its own")
        slot = {"pid": "pid_active"}.get(h["type"], h["type"])
        slot = kind if kind.endswith("for_children") else slot
        return None if slots[slot] == h["inum"] else f"{slot} is {slots[slot]}, not {h['inum']}"
    if kind in ("child", "owned"):
        related = "parent" if kind == "child" else "owner"
        return (None if any(graph.related(n, related) == h["inum"] for n in graph.ns.values())
                else f"no namespace names it as its {related}")
    want = KEEPER[kind]
    fits = [k for k in keepers if k["kind"] == want and graph.inum(k["ns"]) == h["inum"]]
    if not fits:
        return (f"no keeper of kind {want}; the graph names "
                f"{[k['kind'] for k in keepers if graph.inum(k['ns']) == h['inum']]}")
    if want in ("fd", "socket", "pidfd") or kind == "mountinfo":
        fits = [k for k in fits if k["pid"] == h["pid"] and k["fd"] == h["fd"]]
        return None if fits else f"not as descriptor {h['fd']} of {h['pid']}"
    if want == "shm":
        return None if any(k["pid"] == h["pid"] for k in fits) else f"not as of {h['pid']}"
    if any(k["path"] == h["path"] and k["mnt"] == h["mnt"] for k in fits):
        return None
    return f"not as mounted on {h['path']} in mnt:[{h['mnt']}], but {fits[0]}"


def series(kernel):
    """(6, 12) of "6.12", and of the running kernel for "live"."""
    text = os.uname().release if kernel == "live" else kernel
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in text.split(".")[:2])


def misled(h, keepers, graph):
    """A segment of a namespace that is not seen must not be told as one of another."""
    return [f"the segment of {h['pid']} is told as one of ipc:[{graph.inum(k['ns'])}]"
            for k in keepers if k["kind"] == "shm" and h["keeper"] == "shm"
            and k["pid"] == h["pid"] and graph.inum(k["ns"]) != h["inum"]]


def check_holders(graph, holders, lines, kernel):
    keepers = graph.keepers()
    for line in lines:
        if "unsupported" in line:
            skip(f"holder-{line['kind']}", line["unsupported"])
        elif "failed" in line:
            fail(f"holder-{line['kind']}", f"it could not be made: {line['failed']}")
    anonymous = [n for n in graph.by_id.values()
                 if n["type"] == "mnt" and n["inum"] in ANONYMOUS]
    wrong = {}
    for h in holders:
        kind = h["kind"]
        wrong.setdefault(kind, []).extend(misled(h, keepers, graph))
        if wrong[kind]:
            continue
        if h["keeper"] == "none":
            del wrong[kind]
        elif h["keeper"] in UNSEEN and h["kind"] not in LED_TO:
            if h["inum"] in graph.ns or h["keeper"] == "tree" and anonymous:
                continue
            skip(f"holder-{kind}", f"{UNSEEN[h['keeper']]}: no reading of the kernel shows it")
            del wrong[kind]
        elif h["keeper"] == "mountinfo" and h["inum"] not in graph.ns and kernel < MNT_LIST:
            skip(f"holder-{kind}", "an open mountinfo file of a mount namespace that no task is "
                 "in: before Linux 6.12 user space has no list of mount namespaces")
            del wrong[kind]
        elif h["inum"] is not None and h["inum"] not in graph.ns:
            wrong[kind].append(f"{h['type']}:[{h['inum']}] is not in the graph")
        else:
            why = named(graph, h, keepers)
            if why:
                wrong[kind].append(f"{h['type']}:[{h['inum']}]: {why}")
    for kind, why in wrong.items():
        judge(f"holder-{kind}", why)


def compare_lsns(out, graph, holders):
    held = {h["inum"] for h in holders if h["inum"]}
    seen = {int(line.split()[0]) for line in out.text("lsns").splitlines() if line.strip()}
    if seen:
        print(f"   of {len(held)} namespaces held, the graph shows {len(held & graph.ns.keys())}, "
              f"lsns {len(held & seen)}")


def main():
    out = Out(sys.argv[1])
    lines = out.lines("holders")
    holders = out.holders()
    status = out.text("graph.status").strip()
    judge("graph-status", [] if status == "0" else
          [f"exit status {status}: {out.text('graph.err').strip()[-200:]}"])
    if status != "0":
        return
    a, b = out.read("read1"), out.read("read2")
    graph = Graph(json.loads(out.text("graph")))
    check_tasks(graph, a, b)
    check_zombies(graph, a, b)
    check_namespaces(graph, a, b, holders)
    check_holders(graph, holders, lines, series(sys.argv[3]))
    status = out.text("verify.status").strip()
    judge("verify-alone", [] if status == "0" else
          [f"exit status {status}: {out.text('verify').strip()[-300:]}"])
    compare_lsns(out, graph, holders)


if __name__ == "__main__":
    main()
