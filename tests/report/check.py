#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py DIR [NAME...]: does `nslens report` tell of each start what strace saw of it?

strace's log is read here anew, by nothing that nslens has: its calls of the tasks of a start must
be those of the report, in the same order and with the same outcome, the payload must be what
strace saw exec last, and the time from the first call to the exec must agree as far as two
readings of a traced program can. Starts that were slowed on purpose must be named by the text
alone.
"""

import contextlib
import json
import os
import re
import sqlite3
import sys

NEW = re.compile(r"CLONE_NEW(?:NS|UTS|IPC|USER|PID|NET|CGROUP|TIME)")
LINE = re.compile(r"^(\d+)\s+(\d+\.\d+) (.*)$")
CLONES = ("clone", "clone3", "fork", "vfork")
BASIC = {"CLONE_NEWNS", "CLONE_NEWPID"}


class Call:
    def __init__(self, pid, begin, name, args):
        self.pid, self.begin, self.name, self.args = pid, begin, name, args
        self.end, self.ret, self.errno = None, None, None

    @property
    def flags(self):
        return set(NEW.findall(self.args))

    @property
    def is_namespace(self):
        return self.name == "setns" or (self.name in CLONES + ("unshare",) and bool(self.flags))

    def __str__(self):
        return f"{self.pid} {self.name}({'|'.join(sorted(self.flags))}) = {self.errno or self.ret}"


def read_strace(path):
    calls, unfinished = [], {}
    for line in open(path, errors="replace"):
        match = LINE.match(line)
        if not match:
            continue
        pid, at, rest = int(match[1]), float(match[2]), match[3]
        resumed = re.match(r"<\.\.\. (\w+) resumed>(.*)$", rest)
        if resumed:
            call = unfinished.pop(pid, None)
            if not call:
                continue
            call.args += resumed[2]
            rest = resumed[2]
        else:
            begun = re.match(r"(\w+)\((.*)$", rest)
            if not begun:
                continue
            call = Call(pid, at, begun[1], begun[2])
            calls.append(call)
            if rest.endswith("<unfinished ...>"):
                unfinished[pid] = call
                continue
        done = re.search(r"\) += (-?\d+|\?)(?: ([A-Z]+))?", rest)
        call.end = at
        if done and done[1] != "?":
            call.ret = int(done[1])
            call.errno = done[2] if call.ret < 0 else None
    return calls


def read_report(path):
    lines = [json.loads(line) for line in open(path)]
    return lines[0], [l for l in lines if l["type"] == "startup"]


class Checker:
    def __init__(self, directory, names):
        self.dir, self.names = directory, names
        self.passed = self.failed = self.skipped = 0

    def path(self, name, kind):
        return os.path.join(self.dir, f"{name}.{kind}")

    def say(self, name, faults):
        if faults:
            self.failed += 1
            print(f"FAIL {name}: {faults[0]}")
            for fault in faults[1:8]:
                print(f"    {fault}")
        else:
            self.passed += 1
            print(f"ok {name}")

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip {name}: {why}")

    def missing(self, name):
        if self.names and name not in self.names:
            return True
        if os.path.exists(self.path(name, "skip")):
            self.skip(name, open(self.path(name, "skip")).read().strip())
            return True
        return not os.path.exists(self.path(name, "json"))

    def was_meant(self, name):
        return (not self.names or name in self.names) and not os.path.exists(self.path(name, "skip"))

    def log(self, name):
        if not os.path.exists(self.path(name, "log")):
            return "nothing of it was left"
        text = open(self.path(name, "log"), errors="replace").read()
        return " ".join(text.split())[-200:]

    def one_start(self, start, calls):
        """What strace saw of the tasks of one start, against what the report says."""
        faults = []
        payload = start["payload"]
        pids = {task["pid"] for task in start["tasks"] if not task["outer"]}
        execs = [c for c in calls if c.pid == payload["pid"] and c.name == "execve" and c.ret == 0]
        if not execs:
            return [f"strace saw no exec of the payload {payload['pid']}"]
        told = [c for c in start["calls"] if not c["outer"] and (c["flags"] or c["syscall"] == "setns")]
        first = told[0]
        begin = [c for c in calls if c.pid == first["pid"] and c.name == first["syscall"]
                 and c.flags == set(first["flags"])]
        if not begin:
            return [f"strace did not see {first['syscall']} of {first['pid']}"]
        # the first exec after the first call; a task may have run something else before
        execs = [c for c in execs if c.begin >= begin[0].begin] or execs[-1:]
        end = execs[0]
        seen = [c for c in calls if c.pid in pids and c.is_namespace
                and begin[0].begin <= c.begin <= end.end]
        want = [(c.pid, c.name, sorted(c.flags), c.errno) for c in seen if c.name != "setns"]
        have = [(c["pid"], c["syscall"], sorted(c["flags"]), c["errno"]) for c in told
                if c["syscall"] != "setns"]
        if want != have:
            faults.append(f"calls: strace has {want}, the report {have}")
        if sum(c.name == "setns" for c in seen) != sum(c["syscall"] == "setns" for c in told):
            faults.append("not the same number of setns")
        if payload["file"] and not end.args.startswith(f'"{payload["file"]}"'):
            faults.append(f"payload: strace has {end.args[:60]}, the report {payload['file']}")
        of_strace = end.end - begin[0].begin
        of_report = (start["ts"] + start["duration"] - first["ts"]) / 1e9
        # strace stops the task at both ends; a busy machine makes it late
        if abs(of_strace - of_report) > max(0.3 * of_strace, 0.05):
            faults.append(f"time: strace {of_strace:.4f} s, the report {of_report:.4f} s")
        for call in start["calls"]:
            if call["outer"] and call["flags"] and not any(
                    (c.pid, c.name, sorted(c.flags), c.errno) ==
                    (call["tid"], call["syscall"], sorted(call["flags"]), call["errno"])
                    for c in calls):
                faults.append(f"strace did not see {call['syscall']} {call['flags']} of {call['tid']}, "
                              "which is said to be around the start")
        faults += self.whole(start)
        return faults

    def in_functions(self, name, start):
        """The time in the kernel's functions is known where the recording has times of steps."""
        with contextlib.closing(sqlite3.connect(self.path(name, "nslens"))) as db:
            timed = {n for n, in db.execute('select call from steps where duration > 0')}
        return [f"call {c['number']}: {c['in_functions']} of {c['duration']} ns in functions"
                for c in start["calls"]
                if (c["number"] in timed) != bool(c["in_functions"])
                or (c["in_functions"] or 0) > (c["duration"] or 0)]

    @staticmethod
    def whole(start):
        """Stages and path cover the start, and their order is that of the calls in them."""
        faults, at = [], start["ts"]
        for stage in start["stages"]:
            if stage["ts"] != at:
                faults.append(f"a hole before the stage {stage['stage']}")
            at = stage["ts"] + stage["duration"]
        if at != start["ts"] + start["duration"]:
            faults.append("the stages end elsewhere than the start")
        if sum(g["duration"] for g in start["critical_path"]) != start["duration"]:
            faults.append("the critical path is not as long as the start")
        order = [stage["stage"] for stage in start["stages"]]
        if order[-1] != "exec":
            faults.append(f"the last stage is {order[-1]}")
        indexes = [c["stage"] for c in start["calls"]]
        if indexes != sorted(indexes):
            faults.append(f"calls are not in the order of their stages: {indexes}")
        return faults

    def traced(self, name, runtime, expected=None, frame=None):
        """`expected`: how many starts; None: as many as such calls succeeded."""
        if self.missing(name):
            if self.was_meant(name):
                self.say(f"report of {name}", [f"it was not run: {self.log(name)}"])
            return
        status = open(self.path(name, "status")).read().strip()
        if status == "77":
            self.skip(name, self.log(name))
            return
        if status != "0":
            self.say(f"report of {name}", [f"exit status {status}: {self.log(name)}"])
            return
        calls = read_strace(self.path(name, "strace"))
        pids = {c.pid for c in calls}
        head, starts = read_report(self.path(name, "json"))
        starts = [s for s in starts if s["payload"] and s["payload"]["pid"] in pids]
        made = sum(1 for c in calls if c.name in CLONES + ("unshare",)
                   and c.flags & BASIC and (c.ret or 0) >= 0 and not c.errno)
        faults = []
        if len(starts) != (expected or made):
            faults.append(f"{len(starts)} starts in the report, {expected or made} in strace's log")
        if runtime not in [s["runtime"] for s in starts]:
            faults.append(f"no start by {runtime}: {[s['runtime'] for s in starts]}")
        if frame and frame not in [s["frame"] for s in starts]:
            faults.append(f"no start around which is {frame}: {[s['frame'] for s in starts]}")
        for start in starts:
            if start["outcome"] == "doubtful":
                self.skip(name, "events were lost")
                return
            faults += [f"start {start['number']}: {fault}"
                       for fault in self.one_start(start, calls) + self.in_functions(name, start)]
        self.say(f"report of {name}: {len(starts)} starts as strace saw them", faults)

    def text(self, name, wanted):
        """The text alone must name it."""
        if self.missing(name):
            if self.was_meant(name):
                self.say(f"{name}", [f"it was not run: {self.log(name)}"])
            return
        for kind in ("txt", "md"):
            text = " ".join(open(self.path(name, kind)).read().replace("\\", "").split())
            self.say(f"{name} is named in the {kind}",
                     [f"no '{words}' in it ({self.log(name)})" for words in wanted
                      if not re.search(words, text)])
        long = [l for l in open(self.path(name, "txt")) if len(l.rstrip("\n")) > 100]
        self.say(f"{name}: the text fits 100 columns", long)

    def run(self):
        self.traced("runc", "runc")
        self.traced("crun", "crun")
        self.traced("bwrap", "bwrap")
        self.traced("unshare", "unshare")
        self.traced("podman", self.engine_of("podman"))
        self.traced("nspawn", "systemd-nspawn", expected=1)
        self.traced("docker", "runc", expected=1, frame="docker")
        self.traced("containerd", "runc", expected=1, frame="containerd")
        self.traced("lxc", "lxc", expected=1)
        self.traced("rootless-bwrap", "bwrap")
        self.traced("rootless-podman", self.engine_of("rootless-podman"), expected=1,
                    frame="podman")
        self.text("hook", [r'"another program runs"(, took [^:]*)?: \S*/sleep as sleep \(\d+\)',
                           r"runc.* started true"])
        self.text("lock", [r'"another program runs"(, took [^:]*)?: \S*/flock as flock \(\d+\)'])
        self.text("limit", [r"bwrap failed to start a container", r"failed with ENOSPC",
                            r"/proc/sys/user/max_(net|\*)_namespaces"])

    def engine_of(self, name):
        """Which runtime podman took, by strace."""
        path = self.path(name, "strace")
        text = open(path, errors="replace").read() if os.path.exists(path) else ""
        return "runc" if re.search(r'execve\("[^"]*/runc"', text) else "crun"


def main():
    checker = Checker(sys.argv[1], sys.argv[2:])
    checker.run()
    print(f"{checker.passed} passed, {checker.failed} failed, {checker.skipped} skipped")
    return 1 if checker.failed else 0


if __name__ == "__main__":
    sys.exit(main())
