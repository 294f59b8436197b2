# SPDX-License-Identifier: GPL-2.0-only
"""The checkers must fail where something is wrong: python3 -m unittest discover -s tests/graph"""
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SLOTS = ("mnt", "uts", "ipc", "pid_for_children", "net", "time", "time_for_children", "cgroup",
         "user", "pid_active")
TYPES = ("mnt", "uts", "ipc", "pid", "net", "time", "time", "cgroup", "user", "pid")


def reading():
    """An initial task, one in an own uts namespace, one zombie in an own user namespace."""
    namespaces, init = [], {}
    for n, (slot, kind) in enumerate(zip(SLOTS, TYPES)):
        inum = next((x["inum"] for x in namespaces if x["type"] == kind), 100 + n)
        init[slot] = inum
        if not any(x["inum"] == inum for x in namespaces):
            namespaces.append({"type": kind, "inum": inum, "owner": None if kind == "user" else 108,
                               "parent": None, "level": 0 if kind in ("user", "pid") else None,
                               "owner_uid": 0 if kind == "user" else None, "read": True,
                               "by": ["task"]})
    namespaces.append({**namespaces[1], "inum": 201})
    namespaces.append({"type": "user", "inum": 202, "owner": 108, "parent": 108, "level": 1,
                       "owner_uid": 12345, "read": True, "by": ["task"]})
    namespaces.append({**namespaces[1], "inum": 203, "by": ["fd"]})
    base = {"ppid": 0, "start": 5, "state": "S", "comm": "t", **init}
    return {"reader": 50, "namespaces": namespaces, "tasks": [
        {**base, "tid": 1, "pid": 1, "ns_tid": 1, "ns_pid": 1},
        {**base, "tid": 7, "pid": 7, "ns_tid": 7, "ns_pid": 7, "uts": 201},
        {**base, **dict.fromkeys(SLOTS[:8]), "tid": 8, "pid": 8, "ns_tid": 8, "ns_pid": 8,
         "state": "Z", "user": 202}]}


def graph():
    """The same, as nslens should have it; ids are the inode numbers."""
    r = reading()
    namespaces = [{"id": n["inum"], "refs": 1, "keepers": [], "last_seen": None,
                   **{k: n[k] for k in ("type", "inum", "owner", "parent", "owner_uid")},
                   "level": n["level"] or 0} for n in r["namespaces"]]
    namespaces[-1]["keepers"] = [{"kind": "fd", "pid": 1, "fd": 3, "path": None, "mnt": None}]
    tasks, proxies = [], []
    for t in r["tasks"]:
        if t["mnt"]:
            proxies.append({"id": t["tid"], "count": 1, "slots": {s: t[s] for s in SLOTS[:8]},
                            "tasks": [t["tid"]]})
        tasks.append({**{k: t[k] for k in ("tid", "pid", "ppid", "ns_tid", "ns_pid", "comm",
                                           "user", "pid_active")},
                      "nsproxy": t["tid"] if t["mnt"] else None})
    return {"namespaces": namespaces, "nsproxies": proxies, "tasks": tasks}


def holder(**more):
    return {"kind": "exit-uts", "keeper": "task", "type": "uts", "inum": 201, "pid": 7, "tid": 7,
            "holder": 6, "fd": None, "path": None, "mnt": 100, "cause": ["exit"], **more}


HOLDERS = [holder(), holder(kind="zombie-user", keeper="zombie", type="user", inum=202, pid=8,
                            tid=8, cause=["reaped"]),
           holder(kind="fd-uts", keeper="fd", inum=203, pid=1, tid=1, holder=1, fd=3,
                  cause=["unpinned"])]


class Checker(unittest.TestCase):
    def run_checker(self, name, files, kernel="6.12"):
        with tempfile.TemporaryDirectory() as out:
            for file, content in files.items():
                with open(os.path.join(out, file), "w") as f:
                    if isinstance(content, str):
                        f.write(content)
                    elif isinstance(content, dict):
                        json.dump(content, f)
                    else:
                        f.writelines(json.dumps(line) + "\n" for line in content)
            got = subprocess.run([sys.executable, os.path.join(HERE, name + ".py"), out,
                                  "--kernel", kernel], capture_output=True, text=True)
        self.assertEqual(got.returncode, 0, got.stderr)
        return {line.split(":")[0].split()[1] for line in got.stdout.splitlines()
                if line.startswith("FAIL")}


class Complete(Checker):
    def files(self, g=None, r=None):
        return {"graph": g or graph(), "read1": reading(), "read2": r or reading(),
                "holders": HOLDERS, "graph.status": "0\n", "verify.status": "0\n"}

    def wrong(self, change):
        g = copy.deepcopy(graph())
        change(g)
        return self.run_checker("complete", self.files(g))

    def test_right(self):
        self.assertEqual(self.run_checker("complete", self.files()), set())

    def test_missing_task(self):
        self.assertIn("tasks", self.wrong(lambda g: g["tasks"].pop(0)))

    def test_task_too_many(self):
        self.assertEqual(self.wrong(lambda g: g["tasks"].append({**g["tasks"][0], "tid": 4})),
                         {"no-task-too-many"})

    def test_slot(self):
        def change(g):
            g["nsproxies"][1]["slots"]["uts"] = 101
        self.assertEqual(self.wrong(change), {"slots", "holder-exit-uts"})

    def test_user(self):
        def change(g):
            g["tasks"][2]["user"] = 108
        self.assertEqual(self.wrong(change), {"slots", "holder-zombie-user"})

    def test_inner_pid(self):
        def change(g):
            g["tasks"][1]["ns_pid"] = 3
        self.assertEqual(self.wrong(change), {"ids-inside"})

    def test_zombie_with_nsproxy(self):
        def change(g):
            g["tasks"][2]["nsproxy"] = 1
        self.assertEqual(self.wrong(change), {"zombies"})

    def test_missing_namespace(self):
        self.assertEqual(self.wrong(lambda g: g["namespaces"].pop()),
                         {"namespaces", "holder-fd-uts"})

    def test_namespace_too_many(self):
        self.assertEqual(
            self.wrong(lambda g: g["namespaces"].append({**g["namespaces"][1], "id": 9, "inum": 9})),
            {"no-namespace-too-many"})

    def test_owner_parent_level_uid(self):
        for key, value, name in (("owner", 202, "owners"), ("parent", 202, "parents"),
                                 ("level", 3, "levels"), ("owner_uid", 0, "owner-uids")):
            def change(g, key=key, value=value):
                next(n for n in g["namespaces"] if n["inum"] == 202)[key] = value
            self.assertEqual(self.wrong(change), {name})

    def test_keeper(self):
        for key, value in (("kind", "mount"), ("fd", 4), ("pid", 9)):
            def change(g, key=key, value=value):
                g["namespaces"][-1]["keepers"][0][key] = value
            self.assertEqual(self.wrong(change), {"holder-fd-uts"})

    def shm(self, change=lambda g: None, kernel="6.12"):
        """Two segments that look alike; the namespace of the second is not seen."""
        g = graph()
        g["namespaces"][-1]["keepers"].append(
            {"kind": "shm", "pid": 7, "fd": None, "path": "SysV segment 0", "mnt": None})
        change(g)
        files = {**self.files(g), "holders": HOLDERS + [
            holder(kind="shmfd-ipc", keeper="shm", inum=203),
            holder(kind="shm-ipc", keeper="shm", inum=999, pid=8)]}
        return self.run_checker("complete", files, kernel)

    def test_segments(self):
        def mislead(g):
            g["namespaces"][-1]["keepers"][-1]["pid"] = 8
        self.assertEqual(self.shm(), set())
        self.assertEqual(self.shm(mislead), {"holder-shmfd-ipc", "holder-shm-ipc"})

    def test_mountinfo(self):
        files = {**self.files(), "holders": HOLDERS + [
            holder(kind="mountinfo-mnt", keeper="mountinfo", inum=998)]}
        self.assertEqual(self.run_checker("complete", files), {"holder-mountinfo-mnt"})
        self.assertEqual(self.run_checker("complete", files, "6.1"), set())

    def test_what_moves_is_not_judged(self):
        moved = reading()
        moved["tasks"][1]["uts"] = 101
        g = graph()
        g["nsproxies"][1]["slots"]["uts"] = 101
        self.assertNotIn("slots", self.run_checker("complete", self.files(g, moved)))


def death(ts, ns, cause):
    return {"type": "ns", "ts": ts, "event": "destroyed", "ns": ns, "id": 1, "cause": cause}


class Deaths(Checker):
    START = {"type": "start", "ts": 0, "monotonic": 10**9}
    WHO = {"kind": "exit", "pid": 7, "tid": 7, "comm": "h-exit-uts"}

    LOST = {"type": "lost", "ts": 1, "count": 1}

    def verdict(self, *lines, gap=()):
        drop = {"dropped": "exit-uts", "ok": True, "from": 10**10, "to": 10**10 + 10**6}
        return self.run_checker("deaths", {
            "stream": [self.START, *lines], "stream.status": "0\n",
            "holders": [holder(), drop], "kept": [holder()], "quiet": "noticed",
            "gap": [self.LOST, *gap]})

    def test_gap(self):
        self.assertEqual(self.verdict(death(9 * 10**9, "uts:[201]", self.WHO),
                                      gap=[death(5, "uts:[201]", None)]), {"gap-kept"})

    def test_right(self):
        self.assertEqual(self.verdict(death(9 * 10**9, "uts:[201]", self.WHO)), set())

    def test_wrong(self):
        for line in (death(9 * 10**9 - 10**8, "uts:[201]", self.WHO),           # too early
                     death(17 * 10**9, "uts:[201]", self.WHO),                  # too late
                     death(9 * 10**9, "uts:[202]", self.WHO),                   # another one
                     death(9 * 10**9, "uts:[201]", None),
                     death(9 * 10**9, "uts:[201]", {**self.WHO, "kind": "child"}),
                     death(9 * 10**9, "uts:[201]", {**self.WHO, "pid": 12}),
                     death(9 * 10**9, "uts:[201]", {**self.WHO, "comm": "kworker/0:1"})):
            self.assertEqual(self.verdict(line), {"death-exit-uts"}, line)

    def test_loss(self):
        lost = {"type": "lost", "ts": 9 * 10**9, "count": 1}
        resync = {"type": "resync", "ts": 9 * 10**9 + 5, "duration": 1}
        # what the gap may have swallowed is left open, what was told too early is not
        self.assertEqual(self.verdict(lost, resync), set())
        self.assertEqual(self.verdict(lost), {"deaths-gaps"})
        self.assertEqual(self.verdict(lost, resync, death(8 * 10**9, "uts:[201]", None)),
                         {"death-exit-uts"})


class Joined(Checker):
    START = {"type": "start", "ts": 0, "monotonic": 10**9}

    def verdict(self, *lines, held="uts:[201]\nuts:[202]\n"):
        return self.run_checker("joined", {
            "stream": [self.START, *lines], "stream.status": "0\n", "held": held})

    @staticmethod
    def death(ns, owner=True):
        return {**death(5, ns, None), "owner": {"ns": "user:[108]", "id": 2} if owner else None}

    def test_right(self):
        self.assertEqual(self.verdict(self.death("uts:[201]"), self.death("uts:[202]")), set())
        self.assertEqual(self.verdict({"type": "lost", "ts": 1, "count": 1}), set())

    def test_wrong(self):
        self.assertEqual(self.verdict(self.death("uts:[201]")), {"joined"})
        self.assertEqual(self.verdict(self.death("uts:[201]"), self.death("uts:[202]", False)),
                         {"joined"})
        self.assertEqual(self.verdict(held=""), {"joined"})


class Verify(Checker):
    GOOD = {"type": "verify", "ts": 5, "tasks": 3, "namespaces": 9, "differences": [],
            "stale": False}
    LOST = {"type": "lost", "ts": 2, "count": 4}
    RESYNC = {"type": "resync", "ts": 3, "duration": 1}

    def verdict(self, asked=None, tiny=None):
        return self.run_checker("verify", {
            "asked": asked or [self.GOOD], "timed": [self.GOOD] * 3,
            "tiny": tiny or [self.LOST, self.RESYNC, self.GOOD], "asked.bursts": "1\n",
            "asked.status": "0", "timed.status": "0", "tiny.status": "0"})

    def test_right(self):
        self.assertEqual(self.verdict(), set())

    def test_difference(self):
        self.assertEqual(self.verdict([{**self.GOOD, "differences": [{"kind": "x"}]}]),
                         {"bursts-differences"})

    def test_stale_and_lost(self):
        self.assertEqual(self.verdict([{**self.GOOD, "stale": True}]),
                         {"bursts-verified", "bursts-current"})
        self.assertEqual(self.verdict([self.LOST, self.RESYNC, self.GOOD]), set())
        self.assertEqual(self.verdict([self.LOST, self.GOOD]), {"bursts-gaps"})
        self.assertEqual(self.verdict([self.GOOD, self.LOST, self.RESYNC]), set())
        self.assertEqual(self.verdict([{**self.GOOD, "stale": True}, self.GOOD]), set())

    def test_small_ring(self):
        self.assertIn("small-ring-lost", self.verdict(tiny=[self.GOOD]))
        self.assertIn("small-ring-resync", self.verdict(tiny=[self.LOST, self.GOOD]))
        self.assertIn("small-ring-current", self.verdict(tiny=[self.LOST, self.RESYNC]))


class Keepers(Checker):
    def verdict(self, why=None, pid=7, opened="", walked=2, tables=(7,)):
        forged = graph()
        forged["namespaces"][0]["keepers"] = [
            {"kind": "proc", "pid": 70, "fd": fd, "path": "/x/mounts", "mnt": None} for fd in tables]
        first = '9 openat(3</proc>, "1/task", O_RDONLY) = 4</proc/1/task>\n'
        return self.run_checker("keepers", {
            "why": [{"type": "why", "refs": 1, "unaccounted": 0, "no_count": None, **(why or {})}],
            "why.pid": "7\n", "calls": [{"type": "call", "comm": "nslens", "pid": pid}],
            "forger": "ready 70\n", "forged": forged, "opened": first * 8 + opened, "graph": graph(),
            "walked": '9 openat(5</proc/1/task/1>, "fd", O_RDONLY) = 6</proc/1/fd>\n' * walked})

    def test_right(self):
        self.assertEqual(self.verdict(), set())
        self.assertEqual(self.verdict(opened="9 openat(3<x>, \"4\", 0) = 5<mnt:[4026532177]>\n"),
                         set())

    def test_wrong(self):
        self.assertEqual(self.verdict(why={"refs": 2}), {"own-references"})
        self.assertEqual(self.verdict(pid=8), {"own-processes"})
        self.assertEqual(self.verdict(opened="9 openat(3<x>, \"4\", 0) = 5<net:[4026532177]>\n"),
                         {"own-holding"})
        self.assertEqual(self.verdict(walked=8), {"one-walk"})
        self.assertEqual(self.verdict(tables=(7, 8)), {"forged-table"})
        self.assertEqual(self.verdict(tables=()), {"forged-table"})


if __name__ == "__main__":
    unittest.main()
