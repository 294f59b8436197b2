# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the comparator: what it must take for equal, and that it misses no wrong field.

Run: python3 -m unittest discover -s tests/truth
"""

import io
import json
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stderr

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import compare  # noqa: E402
import strace_log  # noqa: E402

UTS, NET, PID = "CLONE_NEWUTS", "CLONE_NEWNET", "CLONE_NEWPID"


def strace(text):
    """Lines `TID body`: the time stamp is put in here."""
    lines = []
    for line in text.strip().splitlines():
        tid, body = line.strip().split(None, 1)
        lines.append(f"{tid:<6}1795325152.{len(lines):06} {body}")
    return lines


def call(tid, syscall, flags=(), ret=0, errno=None, child=None, **more):
    record = {"type": "call", "ts": 1, "duration": 1, "pid": tid, "tid": tid, "comm": "test",
              "syscall": syscall, "flags": list(flags), "raw_flags": "0x0", "ret": ret,
              "errno": errno, "child": child}
    record.update(more)
    return record


def judge(text, *records, extra=()):
    """(compared, differences, what was printed)"""
    out = io.StringIO()
    lines = [{"type": "start", "schema": "nslens/1"}, *records, *extra, {"type": "end", "counts": {}}]
    run = compare.read_nslens(json.dumps(line) for line in lines)
    report = compare.compare(strace_log.read(strace(text)), run, out)
    return report.compared, report.differences, out.getvalue()


class Case(unittest.TestCase):
    def equal(self, compared, text, *records, extra=()):
        got = judge(text, *records, extra=extra)
        self.assertEqual((compared, 0), got[:2], got[2])

    def differs(self, word, text, *records, extra=(), times=None):
        got = judge(text, *records, extra=extra)
        self.assertGreater(got[1], 0, "no difference found")
        self.assertIn(word, got[2])
        if times is not None:
            self.assertEqual(times, got[1], got[2])

    def flags_of(self, body):
        """Flags and whether a tracer must have seen it, of one call."""
        (one,) = strace_log.read(strace(f"7 {body}")).calls
        return list(one.flags), one.required


class Flags(Case):
    def test_symbols(self):
        self.assertEqual(([UTS], True), self.flags_of("unshare(CLONE_NEWUTS) = 0"))
        self.assertEqual((["CLONE_NEWNS", UTS], True), self.flags_of(
            "clone(child_stack=NULL, flags=CLONE_NEWUTS|CLONE_NEWNS|SIGCHLD) = 8"))

    def test_numbers(self):
        self.assertEqual(([UTS], True), self.flags_of("unshare(0x4000000 /* CLONE_NEWUTS */) = 0"))
        self.assertEqual(([UTS], True), self.flags_of("clone(0x4000011, 0, 0, 0, 0) = 8"))
        self.assertEqual(([UTS], True), self.flags_of("clone(child_stack=NULL, flags=0x4000000|17) = 8"))
        self.assertEqual((sorted(strace_log.NEW_BITS), True), self.flags_of(
            "setns(-1, 0xffffffff) = -1 EBADF (Bad file descriptor)"))

    def test_exit_signal_is_no_time_namespace(self):
        for low in ("128", "0x80", "145", "0x91", "SIGRT_8", "SIGCHLD"):
            self.assertEqual(([UTS], True), self.flags_of(
                f"clone(child_stack=NULL, flags=CLONE_NEWUTS|{low}) = 8"))
            self.assertEqual(([], False), self.flags_of(f"clone(child_stack=NULL, flags={low}) = 8"))

    def test_time_elsewhere(self):
        self.assertEqual((["CLONE_NEWTIME"], True), self.flags_of("unshare(CLONE_NEWTIME|0x11) = -1 EINVAL (x)"))
        self.assertEqual((["CLONE_NEWTIME"], True), self.flags_of("unshare(0x91) = -1 EINVAL (x)"))
        self.assertEqual((["CLONE_NEWTIME"], True), self.flags_of(
            "clone3({flags=CLONE_NEWTIME, exit_signal=SIGCHLD}, 88) = 8"))

    def test_high_bits(self):
        for text in ("clone(child_stack=NULL, flags=CLONE_NEWUTS|0x3000000000|SIGCHLD) = 8",
                     "unshare(CLONE_NEWUTS|0x100000000) = -1 EINVAL (Invalid argument)",
                     "setns(4, 0x4000000) = 0",
                     "clone3({flags=CLONE_NEWUTS|0x8000002000000000, exit_signal=SIGCHLD}, 88) = -1 EINVAL (x)"):
            self.assertEqual(([UTS], True), self.flags_of(text))

    def test_clone3_whose_flags_are_never_read(self):
        for text in ("clone3(0x7ffdb4d9d0d0, 63) = -1 EINVAL (Invalid argument)",
                     "clone3(0x8, 88) = -1 EFAULT (Bad address)",
                     "clone3(NULL, 88) = -1 EFAULT (Bad address)",
                     "clone3({flags=CLONE_NEWUTS, exit_signal=SIGCHLD}, 8) = -1 EINVAL (Invalid argument)",
                     'clone3({flags=CLONE_NEWUTS, exit_signal=0, /* bytes 88..127 */ "\\5"...}, 128) = -1 E2BIG (x)',
                     "clone3({flags=CLONE_NEWUTS, exit_signal=0, /* bytes 88..4095 */ ...}, 5000) = -1 E2BIG (x)"):
            self.assertEqual(([], False), self.flags_of(text))
            self.equal(0, f"7 {text}")

    def test_unread_flags_must_not_be_reported(self):
        text = "7 clone3(0x7ffdb4d9d0d0, 63) = -1 EINVAL (Invalid argument)"
        self.equal(1, text, call(7, "clone3", [], -22, "EINVAL"))
        self.differs("flags", text, call(7, "clone3", [UTS], -22, "EINVAL"))

    def test_clone3_results_in_the_argument(self):
        self.equal(1, """7 clone3({flags=CLONE_PIDFD|CLONE_NEWUTS, pidfd=0x7ffd, exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {pidfd=[3]}, 88) = 8
            8 +++ exited with 0 +++""", call(7, "clone3", [UTS], 8, child=8))

    def test_zero_flags_still_count(self):
        self.assertEqual(([], True), self.flags_of("unshare(0) = 0"))
        self.assertEqual(([], True), self.flags_of("setns(4, 0) = 0"))
        self.assertEqual(([], True), self.flags_of("unshare(CLONE_FILES) = 0"))


class Lines(Case):
    def test_unfinished_and_resumed(self):
        self.equal(2, """
            7 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD <unfinished ...>
            8 unshare(CLONE_NEWNET <unfinished ...>
            7 <... clone resumed>, child_tidptr=0x7f) = 8
            7 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=8} ---
            8 <... unshare resumed>) = 0
            8 exit_group(0) = ?
            8 +++ exited with 0 +++""",
                   call(7, "clone", [UTS], 8, child=8), call(8, "unshare", [NET]))

    def test_strings_that_look_like_syntax(self):
        self.equal(1, """
            7 execve("/bin/x", [") = -1", "<unfinished ...>", "setns(3, 0) = 0"], 0x7 /* 3 vars */) = 0
            7 ???( <unfinished ...>
            7 <... ??? resumed>) = ?
            7 unshare(CLONE_NEWUTS) = 0""", call(7, "unshare", [UTS]))

    def test_thread_execs(self):
        self.equal(2, """
            7 unshare(CLONE_NEWUTS) = 0
            8 execve("/bin/x", ["x"], 0x7 /* 3 vars */ <pid changed to 7 ...>
            7 +++ superseded by execve in pid 8 +++
            7 <... execve resumed>) = 0
            7 unshare(CLONE_NEWNET) = 0
            7 +++ exited with 0 +++""", call(7, "unshare", [UTS]), call(7, "unshare", [NET]))

    def test_personality_note(self):
        self.equal(1, """7 [ Process PID=7 runs in 32 bit mode. ]
            7 unshare(CLONE_NEWUTS) = 0""", call(7, "unshare", [UTS]))

    def test_died_in_the_call(self):
        text = """7 setns(3, CLONE_NEWUTS) = 0
            7 unshare(CLONE_NEWNET <unfinished ...>
            7 +++ killed by SIGKILL +++"""
        first = call(7, "setns", [UTS])
        self.equal(1, text, first)
        self.equal(2, text, first, call(7, "unshare", [NET], None))
        self.equal(2, text.replace(" +++ killed", " <... unshare resumed>) = ?\n7 +++ killed"),
                   first, call(7, "unshare", [NET], 0))
        self.differs("flags", text, first, call(7, "unshare", [UTS], 0))

    def test_restarted(self):
        text = """7 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = ? ERESTARTNOINTR (To be restarted)
            7 --- SIGALRM {si_signo=SIGALRM} ---
            7 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = 8
            8 +++ exited with 0 +++"""
        done = call(7, "clone", [UTS], 8, child=8)
        self.equal(1, text, done)
        self.equal(2, text, call(7, "clone", [UTS], -513, "ERESTARTNOINTR"), done)
        self.differs("differ", text, call(7, "clone", [UTS], -4, "EINTR"), done)
        self.differs("missing", text, call(7, "clone", [UTS], -513, "ERESTARTNOINTR"))

    def test_unusable(self):
        for text in ("7 what is this", "7 unshare(CLONE_NEWUTS)", "7 <... resumed"):
            with self.assertRaises(strace_log.Unusable):
                strace_log.read(strace(text))
        for lines in ([], ["unshare(CLONE_NEWUTS) = 0"]):
            with self.assertRaises(strace_log.Unusable):
                strace_log.read(lines)


class Fields(Case):
    """Each field wrong by itself."""

    text = """
        7 execve("/bin/x", ["x"], 0x7 /* 3 vars */) = 0
        7 unshare(CLONE_NEWUTS) = 0
        7 setns(3, CLONE_NEWNET) = -1 EPERM (Operation not permitted)
        7 clone(child_stack=NULL, flags=CLONE_NEWPID|CLONE_NEWUTS|SIGCHLD) = 8
        8 +++ exited with 0 +++
        7 +++ exited with 0 +++"""

    def right(self):
        return [call(7, "unshare", [UTS]), call(7, "setns", [NET], -1, "EPERM"),
                call(7, "clone", [PID, UTS], 8, child=8)]

    def wrong(self, index, word, **fields):
        records = self.right()
        records[index].update(fields)
        self.differs(word, self.text, *records)

    def test_right(self):
        self.equal(3, self.text, *self.right())
        kernel = self.right()
        kernel[1]["ret"] = -1
        self.equal(3, self.text, *kernel)

    def test_syscall(self):
        self.wrong(0, "missing in nslens", syscall="setns")
        self.wrong(2, "missing in nslens", syscall="clone3")
        self.wrong(0, "unknown syscall", syscall="unshar")

    def test_flags(self):
        self.wrong(0, "flags", flags=[])
        self.wrong(0, "flags", flags=[NET])
        self.wrong(0, "flags", flags=[NET, UTS])
        self.wrong(2, "flags", flags=[UTS, PID])  # not sorted
        self.wrong(2, "flags", flags=["CLONE_NEWTIME", PID, UTS])

    def test_result(self):
        self.wrong(0, "ret: strace 0, nslens 1", ret=1)
        self.wrong(0, "result", ret=-1, errno="EPERM")
        self.wrong(1, "result", ret=-22, errno="EINVAL")
        self.wrong(1, "result", ret=0, errno=None)
        self.wrong(1, "ret", ret=-22)
        self.wrong(1, "ret", ret=0)
        self.wrong(2, "ret: strace 8, nslens 9", ret=9)

    def test_child(self):
        self.wrong(0, "child: strace none", child=8)
        self.wrong(1, "child: strace none", child=8)
        self.wrong(2, "child: strace 8, nslens 9", child=9)
        self.wrong(2, "child: strace 8, nslens None", child=None)

    def test_task(self):
        self.wrong(0, "strace never saw it", tid=70, pid=70)
        self.wrong(0, "not in strace at this place", tid=8)

    def test_order(self):
        one, two, three = self.right()
        self.differs("missing", self.text, two, one, three)

    def test_number(self):
        one, two, three = self.right()
        self.differs("missing", self.text, one, three, times=1)
        self.differs("not in strace", self.text, one, one, two, three, times=1)
        self.differs("missing", self.text, times=3)

    def test_missing_one_is_named_and_the_rest_still_pairs(self):
        text = "\n".join(f"7 unshare({name}) = 0" for name in strace_log.NEW_BITS)
        records = [call(7, "unshare", [name]) for name in strace_log.NEW_BITS]
        got = judge(text, *(records[:3] + records[4:]))
        self.assertEqual((7, 1), got[:2], got[2])
        self.assertIn("unshare(CLONE_NEWUTS)", got[2])

    def test_many_calls(self):
        text = "\n".join("7 unshare(CLONE_NEWUTS) = 0" for _ in range(5000))
        records = [call(7, "unshare", [UTS]) for _ in range(5000)]
        self.equal(5000, text, *records)
        records[1000]["ret"] = 1
        self.differs("not looked at", text, *records)

    def test_loss_is_a_difference(self):
        self.differs("3 events lost", self.text, *self.right(),
                     extra=[{"type": "lost", "ts": 1, "count": 3, "hook": "unshare"}])
        records = self.right()
        records[0]["gap"] = True
        self.differs("a gap", self.text, *records)


class Tasks(Case):
    def test_plain_clones_are_not_missed_but_must_be_right(self):
        text = """7 unshare(CLONE_NEWPID) = 0
            7 clone(child_stack=NULL, flags=SIGCHLD) = 8
            8 +++ exited with 0 +++
            7 vfork( <unfinished ...>
            9 +++ exited with 0 +++
            7 <... vfork resumed>) = 9
            7 fork() = -1 EAGAIN (Resource temporarily unavailable)"""
        first = call(7, "unshare", [PID])
        self.equal(1, text, first)
        self.equal(2, text, first, call(7, "clone", [], 8, child=8))
        self.equal(3, text, first, call(7, "vfork", [], 9, child=9), call(7, "fork", [], -11, "EAGAIN"))
        self.differs("ret", text, first, call(7, "clone", [], 80, child=80))
        self.differs("child", text, first, call(7, "vfork", [], 9, child=8))
        self.differs("flags", text, first, call(7, "clone", [PID], 8, child=8))
        self.differs("not in strace", text, first, call(7, "clone3", [], 8, child=8))
        self.differs("not in strace", text, call(7, "clone", [], 8, child=8), first)

    def test_exec_and_exit_need_no_counterpart(self):
        self.equal(1, "7 unshare(CLONE_NEWTIME) = 0", call(7, "unshare", ["CLONE_NEWTIME"]),
                   call(7, "exec"), call(7, "exit"))

    def test_interleaved_tasks(self):
        text = """7 unshare(CLONE_NEWUTS) = 0
            8 unshare(CLONE_NEWNET) = 0
            7 unshare(CLONE_NEWNET) = 0"""
        one, other, two = call(7, "unshare", [UTS]), call(8, "unshare", [NET]), call(7, "unshare", [NET])
        self.equal(3, text, other, one, two)
        self.differs("flags", text, two, other, one)

    def test_reused_pid(self):
        text = """7 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = 8
            8 unshare(CLONE_NEWUTS) = 0
            8 +++ exited with 0 +++
            7 clone(child_stack=NULL, flags=CLONE_NEWNET|SIGCHLD) = 8
            8 unshare(CLONE_NEWNET) = 0
            8 +++ exited with 0 +++"""
        self.equal(4, text, call(7, "clone", [UTS], 8, child=8), call(8, "unshare", [UTS]),
                   call(7, "clone", [NET], 8, child=8), call(8, "unshare", [NET]))

    def test_nested_pid_translated(self):
        text = """7 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 8
            8 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD <unfinished ...>
            9 +++ exited with 0 +++
            8 <... clone resumed>) = 2 /* 9 in strace's PID NS */"""
        first = call(7, "clone", [PID], 8, child=8)
        self.equal(2, text, first, call(8, "clone", [UTS], 2, child=9))
        self.differs("child: strace 9", text, first, call(8, "clone", [UTS], 2, child=2))
        self.differs("ret: strace 2", text, first, call(8, "clone", [UTS], 9, child=9))

    def test_nested_pid_not_translated(self):
        text = """7 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 8
            8 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = 2
            9 +++ exited with 0 +++"""
        first = call(7, "clone", [PID], 8, child=8)
        self.equal(2, text, first, call(8, "clone", [UTS], 2, child=9))
        self.differs("no such task", text, first, call(8, "clone", [UTS], 2, child=2))
        self.differs("no such task", text, first, call(8, "clone", [UTS], 2, child=7))
        self.differs("null", text, first, call(8, "clone", [UTS], 2))

    def test_another_calls_child(self):
        text = """7 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 8
            8 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = 2
            7 clone(child_stack=NULL, flags=CLONE_NEWNET|SIGCHLD) = 9
            9 +++ exited with 0 +++
            10 +++ exited with 0 +++"""
        first, third = call(7, "clone", [PID], 8, child=8), call(7, "clone", [NET], 9, child=9)
        self.equal(3, text, first, call(8, "clone", [UTS], 2, child=10), third)
        self.differs("another call's child", text, first, call(8, "clone", [UTS], 2, child=9), third)

    def test_untraced_child(self):
        text = """7 clone(child_stack=NULL, flags=CLONE_UNTRACED|CLONE_NEWUTS|SIGCHLD) = 8
            7 +++ exited with 0 +++"""
        made = call(7, "clone", [UTS], 8, child=8)
        self.equal(1, text, made)
        self.equal(1, text, made, call(8, "unshare", [NET]))
        self.equal(1, text, made, call(8, "clone", [NET], 9, child=9), call(9, "unshare", [NET]))
        self.equal(1, text, made, call(9, "unshare", [NET], pid=8))
        self.equal(1, text, made, call(9, "unshare", [NET]),
                   extra=[{"type": "task", "event": "new", "pid": 9, "tid": 9, "ppid": 8}])
        self.differs("strace never saw it", text, made, call(9, "unshare", [NET]))
        self.differs("missing", text, call(8, "unshare", [NET]))
        self.differs("child: strace 8", text, call(7, "clone", [UTS], 8, child=9))

    def test_stranger_without_untraced(self):
        self.differs("strace never saw it", """7 clone(child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD) = 8
            8 +++ exited with 0 +++""",
                     call(7, "clone", [UTS], 8, child=8), call(9, "unshare", [NET]))

    def test_strace_itself(self):
        self.equal(1, "7 unshare(CLONE_NEWUTS) = 0", call(6, "clone", [], 7, child=7, comm="strace"),
                   call(7, "unshare", [UTS]))


class Program(unittest.TestCase):
    """The program as it is called: files, last line, exit status."""

    def run_on(self, strace_text, records, *options):
        with tempfile.TemporaryDirectory() as place:
            names = [os.path.join(place, name) for name in ("strace", "jsonl")]
            with open(names[0], "w", encoding="utf-8") as file:
                file.write("\n".join(strace(strace_text)) + "\n")
            with open(names[1], "w", encoding="utf-8") as file:
                file.writelines(line if isinstance(line, str) else json.dumps(line) + "\n" for line in records)
            out = io.StringIO()
            with redirect_stderr(io.StringIO()) as errors:
                status = compare.main([*options, *names], out)
            return status, out.getvalue(), errors.getvalue()

    start, end = {"type": "start", "schema": "nslens/1"}, {"type": "end", "counts": {}}
    one = "7 unshare(CLONE_NEWUTS) = 0"

    def test_statuses(self):
        status, out, _ = self.run_on(self.one, [self.start, call(7, "unshare", [UTS]), self.end])
        self.assertEqual((0, "truth: 1 calls compared, 0 differences"), (status, out.splitlines()[-1]))
        status, out, _ = self.run_on(self.one, [self.start, call(7, "unshare", [NET]), self.end])
        self.assertEqual((1, "truth: 1 calls compared, 1 differences"), (status, out.splitlines()[-1]))
        self.assertEqual(1, self.run_on("7 exit_group(0) = ?", [self.start, self.end])[0])
        self.assertEqual(0, self.run_on("7 exit_group(0) = ?", [self.start, self.end], "--allow-empty")[0])

    def test_unusable_records(self):
        good = call(7, "unshare", [UTS])
        bad = [[good, self.end], [self.start, good], [self.start, "{not json\n", self.end],
               [{"type": "start", "schema": "nslens/2"}, good, self.end],
               [self.start, call(7, "unshare", ret="x"), self.end], [self.start, "[]\n", self.end],
               [self.start, {**good, "flags": "CLONE_NEWUTS"}, self.end],
               [self.start, {key: good[key] for key in good if key != "child"}, self.end], []]
        for records in bad:
            status, _, errors = self.run_on(self.one, records)
            self.assertEqual(2, status, records)
            self.assertIn("compare.py: ", errors)

    def test_no_such_file(self):
        with redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(2, compare.main(["/nonexistent", "/nonexistent"], io.StringIO()))
        self.assertIn("cannot read /nonexistent", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
