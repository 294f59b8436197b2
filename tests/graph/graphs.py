# SPDX-License-Identifier: GPL-2.0-only
"""What the checkers share: nsread's object, holders' lines, the graph's JSON, verdicts."""
import json
import os
import sys

SLOTS = ("mnt", "uts", "ipc", "pid_for_children", "net", "time", "time_for_children", "cgroup",
         "user", "pid_active")
ANONYMOUS = (0, 0xEFFFFFF7)     # what a mount namespace without a number of its own shows


def ok(name):
    print(f"ok {name}")


def fail(name, why):
    print(f"FAIL {name}: {why}")


def skip(name, why):
    print(f"skip {name}: {why}")


def judge(name, wrong, good=None):
    """A verdict for a list of what is wrong."""
    if wrong:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        fail(name, "; ".join(wrong[:3]) + more)
    elif good:
        print(f"ok {name} ({good})")
    else:
        ok(name)


class Out:
    """The directory that a part has filled."""

    def __init__(self, path):
        self.path = path

    def name(self, file):
        return os.path.join(self.path, file)

    def text(self, file):
        try:
            with open(self.name(file), errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def lines(self, file):
        """JSON Lines; a last line that was cut by the end of the run is left out."""
        found = []
        for line in self.text(file).splitlines():
            if line.startswith("{"):
                try:
                    found.append(json.loads(line))
                except ValueError:
                    print(f"   {file}: not JSON: {line[:80]}", file=sys.stderr)
        return found

    def holders(self):
        return [line for line in self.lines("holders") if "keeper" in line]

    def read(self, file):
        return Reading(json.loads(self.text(file)))


class Reading:
    """nsread's object."""

    def __init__(self, data):
        self.reader = data["reader"]
        self.ns = {n["inum"]: n for n in data["namespaces"]}
        self.tasks = {t["tid"]: t for t in data["tasks"]}


class Graph:
    """The object of `nslens graph --format json`, by inode numbers and tids."""

    def __init__(self, data):
        self.data = data
        self.by_id = {n["id"]: n for n in data["namespaces"]}
        self.ns = {n["inum"]: n for n in data["namespaces"] if n["inum"] not in ANONYMOUS}
        self.nsproxies = {p["id"]: p for p in data["nsproxies"]}
        self.tasks = {t["tid"]: t for t in data["tasks"]}

    @staticmethod
    def _id(value):
        """An id stands alone, or in an object that names what it is the id of."""
        if isinstance(value, dict):
            return value["id"] if "id" in value else value.get("nsproxy")
        return value

    def inum(self, value):
        ns = self.by_id.get(self._id(value))
        return ns["inum"] if ns else None

    def slots(self, task):
        """Slot -> inode number, None for what the task has not."""
        proxy = self.nsproxies.get(self._id(task["nsproxy"]))
        inums = {s: self.inum(proxy["slots"].get(s)) if proxy else None for s in SLOTS[:8]}
        inums["user"] = self.inum(task["user"])
        inums["pid_active"] = self.inum(task["pid_active"])
        return inums

    def keepers(self):
        """Flat list, each with `ns`: they stand at the top, or with their namespace."""
        if "keepers" in self.data:
            return self.data["keepers"]
        return [{**k, "ns": n["id"]} for n in self.data["namespaces"] for k in n["keepers"] or []]

    def related(self, ns, what):
        return self.inum(ns.get(what))
