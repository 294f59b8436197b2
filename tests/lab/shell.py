#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The shell inside of a container, at a terminal of its own.

    tests/lab/shell.py NSLENS

`lab run container` must give a real shell in the new namespaces, in which job
control and Ctrl-C work, and come back after `exit`. Killed while the user is inside,
it must leave no task. Prints `ok` or `FAIL` lines. Needs root.
"""
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

NSLENS = os.path.realpath(sys.argv[1])
FAILED = 0


def report(name, good, why=""):
    global FAILED
    FAILED += not good
    print(f"ok {name}" if good else f"FAIL {name}: {why[-400:]!r}", flush=True)


class Lesson:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM="xterm", LANG="C.UTF-8")
            os.execv(NSLENS, [NSLENS, "lab", "run", "container"])
        self.text = ""
        self.before = termios.tcgetattr(self.fd)

    def read(self, ms):
        if not select.select([self.fd], [], [], ms / 1000)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)

    def until(self, pattern, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.text)
            if found:
                self.text = self.text[found.end():]
                return found
            if not self.read(200):
                return re.search(pattern, self.text)
        return None

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        while self.read(2000):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def stage_tasks(lesson):
    """Everything below the lesson, by the kernel's list of children."""
    tasks, todo = [], [lesson]
    while todo:
        pid = todo.pop()
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                todo += (found := [int(p) for p in file.read().split()])
                tasks += found
        except OSError:
            pass
    return tasks


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def talk():
    lesson = Lesson()
    report("shell/prompt", lesson.until(r"box# "), lesson.text)
    lesson.type("echo sum $((6*7)) pid $$ $(cat /proc/1/comm)\n")
    report("shell/inside", lesson.until(r"\nsum 42 pid 2 init"), lesson.text)
    lesson.type("ls -d /old /root /home; echo end\n")
    found = lesson.until(r"(?s)echo end\r\n(.*)\nend")
    report("shell/another-root", found and not re.search(r"(?m)^/(root|home)\b", found.group(1)),
           found.group(1) if found else lesson.text)
    lesson.type("sleep 1000\n")
    time.sleep(0.5)
    lesson.type("\x03")
    lesson.type("echo still $((40+2))\n")
    report("shell/ctrl-c", lesson.until(r"still 42", 10), lesson.text)
    lesson.type("exit 3\n")
    report("shell/status", lesson.until(r"The shell has ended, with status 3"), lesson.text)
    after = termios.tcgetattr(lesson.fd)
    report("shell/terminal-restored", after[:4] == lesson.before[:4], str(after[:4]))
    report("shell/goes-on", lesson.end() == 0, lesson.text)


def killed(how):
    lesson = Lesson()
    if not lesson.until(r"box# "):
        report(f"shell/kill-{how.name}", False, lesson.text)
        return
    lesson.type("sleep 1000 &\n")
    lesson.until(r"box# ")
    tasks = stage_tasks(lesson.pid)
    os.kill(lesson.pid, how)
    lesson.end()
    end = time.monotonic() + 5
    while (left := [p for p in tasks if alive(p)]) and time.monotonic() < end:
        time.sleep(0.05)
    report(f"shell/kill-{how.name}", len(tasks) > 4 and not left, f"{len(tasks)} tasks, left {left}")


if os.geteuid():
    print("skip shell: not root")
    sys.exit(77)
if subprocess.run([NSLENS, "doctor"], capture_output=True, check=False).returncode:
    print("skip shell: tracing is not permitted here")
    sys.exit(77)
talk()
killed(signal.SIGKILL)
killed(signal.SIGTERM)
sys.exit(FAILED > 0)
