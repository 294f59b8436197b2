#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares, call by call and in order for each task, what strace and nslens saw of one run.

    compare.py [--allow-empty] STRACE-FILE NSLENS-JSONL

STRACE-FILE is from `strace -f -o` (best with --decode-pids=pidns) with clone, clone3, fork, vfork,
unshare, setns and execve traced; NSLENS-JSONL from `nslens trace --json` (schema nslens/1) around it.

Compared: syscall, CLONE_NEW* flags, result (errno name, or the value the caller got), child.
Must be in both: each unshare and setns, each clone and clone3 with a CLONE_NEW* bit that the kernel
reads. May be in nslens alone: exec and exit. May be in strace alone: a clone without such bits (where
nslens has one, it must be right), a call that a signal made to restart, a call that its caller died in.

The last line is `truth: N calls compared, N differences`.
Exit status: 0 equal; 1 differences, or nothing compared (unless --allow-empty); 2 unusable input.
"""

import argparse
import errno as errnos
import json
import sys
from dataclasses import dataclass

import strace_log
from strace_log import CLONE_LIKE, NAMESPACE_ONLY, Unusable

SCHEMA = "nslens/1"
SYSCALLS = CLONE_LIKE + NAMESPACE_ONLY
UNCOMPARED = ("exec", "exit")  # they have no strace counterpart of the same shape
SHOWN_PER_TASK = 20
ALIGNED_AT_MOST = 1000  # calls of one task after its first difference
# What only the kernel knows: strace names them, the errno module does not.
RESTARTS = {"ERESTARTSYS": 512, "ERESTARTNOINTR": 513, "ERESTARTNOHAND": 514,
            "ERESTART_RESTARTBLOCK": 516}


# --- nslens ---------------------------------------------------------------------------------------


@dataclass
class Seen:
    """One call record of nslens."""

    line: int
    tid: int
    pid: int
    comm: str
    syscall: str
    flags: tuple
    ret: int
    errno: str
    child: int

    def __str__(self):
        result = self.errno or ("null" if self.ret is None else str(self.ret))
        child = f" child {self.child}" if self.child is not None else ""
        return f"{self.syscall}({'|'.join(self.flags) or '0'}) = {result}{child}"


class Recording:
    """What of an nslens run matters here."""

    def __init__(self):
        self.calls = []
        self.parents = {}  # tid -> tid that made it, as far as records say so
        self.faults = []  # losses and the like: each is a difference


def number(value):
    """An integer of the schema: large ones are strings."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, str):
        return int(value, 0)
    if value is None or isinstance(value, int):
        return value
    raise ValueError(f"{value!r} is not a number")


def call_record(line, record):
    flags = record["flags"]
    if not isinstance(flags, list) or not all(isinstance(name, str) for name in flags):
        raise ValueError(f"flags {flags!r} is not an array of names")
    errno = record["errno"]
    if errno is not None and not isinstance(errno, str):
        raise ValueError(f"errno {errno!r} is neither a name nor null")
    tid, pid = number(record["tid"]), number(record["pid"])
    if tid is None or pid is None:
        raise ValueError("pid or tid is null")
    return Seen(line, tid, pid, record["comm"], record["syscall"], tuple(flags),
                number(record["ret"]), errno, number(record["child"]))


def read_nslens(lines):
    run = Recording()
    started = ended = False
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
            kind = record["type"]
            if kind == "start":
                started = True
                if record["schema"] != SCHEMA:
                    raise ValueError(f"schema {record['schema']!r}, not {SCHEMA!r}")
            elif kind == "call":
                call = call_record(line, record)
                if record.get("gap"):
                    run.faults.append(f"line {line}: a gap in {call} of task {call.tid}")
                if call.child is not None:
                    run.parents[call.child] = call.tid
                if call.syscall not in UNCOMPARED:
                    run.calls.append(call)
            elif kind == "task" and record.get("event") == "new":
                parent = number(record.get("ppid") or record.get("parent"))
                if parent is not None:
                    run.parents.setdefault(number(record["tid"]), parent)
            elif kind == "lost":
                run.faults.append(f"line {line}: {record['count']} events lost at {record.get('hook')}")
            elif kind == "end":
                ended = True
                lost = (record.get("counts") or {}).get("lost")
                if lost not in (None, 0) and not any("lost" in fault for fault in run.faults):
                    run.faults.append(f"line {line}: the end record counts {lost!r} lost")
        except KeyError as missing:
            raise Unusable(f"line {line}: no field {missing}") from None
        except (ValueError, TypeError, AttributeError) as wrong:
            raise Unusable(f"line {line}: {wrong}") from None
    if not started:
        raise Unusable("no start record: nslens did not get ready")
    if not ended:
        raise Unusable("no end record: nslens was cut off")
    return run


# --- one call against one record ------------------------------------------------------------------


class Judge:
    """Says what differs between a call of strace and a record of nslens."""

    def __init__(self, log):
        self.log = log
        # A child that strace named belongs to that call alone.
        self.named = {}
        for call in log.calls:
            if call.child is not None:
                self.named.setdefault(call.child, []).append(call)

    def differences(self, call, seen):
        """Words for each field that differs."""
        found = []
        if call.syscall != seen.syscall:
            found.append(f"syscall: strace {call.syscall}, nslens {seen.syscall}")
        if call.flags != seen.flags:
            found.append(f"flags: strace [{' '.join(call.flags)}], nslens [{' '.join(seen.flags)}]")
        if call.unknown:
            return found
        wrong = self.result(call, seen)
        if wrong:
            found.append(wrong)
        wrong = self.child(call, seen)
        if wrong:
            found.append(wrong)
        return found

    @staticmethod
    def result(call, seen):
        if call.errno != seen.errno:
            return (f"result: strace {call.errno or call.ret}, "
                    f"nslens {seen.errno or f'{seen.ret} with errno null'}")
        if not call.errno:
            return f"ret: strace {call.ret}, nslens {seen.ret}" if call.ret != seen.ret else None
        value = RESTARTS.get(call.errno) or getattr(errnos, call.errno, None)
        allowed = (-1,) if value is None else (-1, -value)
        if seen.ret not in allowed:
            return f"ret: strace -1 {call.errno}, nslens {seen.ret} beside errno {seen.errno}"
        return None

    def child(self, call, seen):
        if not call.makes_child:
            return f"child: strace none, nslens {seen.child}" if seen.child is not None else None
        if call.child is not None:
            if call.child != seen.child:
                return f"child: strace {call.child}, nslens {seen.child}"
            return None
        if seen.child is None:
            return "child: strace has one, nslens null"
        if call.untraced:
            return None
        # strace knows it only by a number of another pid namespace: it must be a task that came
        # after the call began and that no other call made.
        if not self.log.life_after(seen.child, call.line):
            return f"child: nslens {seen.child}, strace saw no such task appear"
        births = len([life for life in self.log.lives[seen.child] if life.first > call.line])
        claims = len([other for other in self.named.get(seen.child, []) if other.line > call.line])
        if births <= claims:
            return f"child: nslens {seen.child}, which is another call's child"
        return None


# --- the calls of one task ------------------------------------------------------------------------


def align(judge, calls, seen):
    """Pairs (call, seen, differences) in order; one of call and seen is None where it stands alone."""
    pairs = []
    i = j = 0
    # Most often all is equal: no table then.
    while i < len(calls):
        if j < len(seen) and not judge.differences(calls[i], seen[j]):
            pairs.append((calls[i], seen[j], []))
            i, j = i + 1, j + 1
        elif not calls[i].required:
            i += 1
        else:
            break
    if i == len(calls) and j == len(seen):
        return pairs, None
    # The skipped ones may be what a wrong record stands for: look at them again.
    while i > 0 and not calls[i - 1].required and not (pairs and pairs[-1][0] is calls[i - 1]):
        i -= 1
    rest = None
    calls, seen = calls[i:], seen[j:]
    if max(len(calls), len(seen)) > ALIGNED_AT_MOST:
        rest = (f"not looked at after so many: {max(0, len(calls) - ALIGNED_AT_MOST)} calls of strace, "
                f"{max(0, len(seen) - ALIGNED_AT_MOST)} of nslens")
        calls, seen = calls[:ALIGNED_AT_MOST], seen[:ALIGNED_AT_MOST]
    return pairs + cheapest(judge, calls, seen), rest


def cheapest(judge, calls, seen):
    """Edit distance: a call alone costs 1 (0 if it may be missing), a wrong field less."""
    rows, columns = len(calls), len(seen)
    alone = [1.0 if call.required else 0.0 for call in calls]
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    pair = [[None] * columns for _ in range(rows)]
    for i in range(rows, -1, -1):
        for j in range(columns, -1, -1):
            if i == rows:
                cost[i][j] = columns - j
                continue
            best = cost[i + 1][j] + alone[i]
            if j < columns:
                best = min(best, cost[i][j + 1] + 1.0)
                if calls[i].syscall == seen[j].syscall:
                    pair[i][j] = judge.differences(calls[i], seen[j])
                    best = min(best, cost[i + 1][j + 1] + 0.45 * len(pair[i][j]))
            cost[i][j] = best
    pairs = []
    i = j = 0
    while i < rows or j < columns:
        here = cost[i][j]
        if (i < rows and j < columns and pair[i][j] is not None
                and here == cost[i + 1][j + 1] + 0.45 * len(pair[i][j])):
            pairs.append((calls[i], seen[j], pair[i][j]))
            i, j = i + 1, j + 1
        elif i < rows and here == cost[i + 1][j] + alone[i]:
            if calls[i].required:
                pairs.append((calls[i], None, ["missing in nslens"]))
            i += 1
        else:
            pairs.append((None, seen[j], ["not in strace at this place"]))
            j += 1
    return pairs


# --- the whole ------------------------------------------------------------------------------------


def of_untraced(seen, roots, parents):
    """Does this record's task descend from a child that strace could not follow?"""
    for start in (seen.tid, seen.pid):
        tid, met = start, set()
        while tid is not None and tid not in met:
            if tid in roots:
                return True
            met.add(tid)
            tid = parents.get(tid)
    return False


class Report:
    def __init__(self, out):
        self.out = out
        self.compared = 0
        self.differences = 0

    def task(self, tid, comm, pairs, rest):
        wrong = [entry for entry in pairs if entry[2]]
        self.compared += len([entry for entry in pairs if entry[0] and entry[1]])
        self.differences += sum(len(entry[2]) for entry in wrong) + (1 if rest else 0)
        if not wrong and not rest:
            return
        print(f"task {tid} ({comm}): {len(wrong)} of {len(pairs)} calls differ", file=self.out)
        for call, seen, words in wrong[:SHOWN_PER_TASK]:
            if call:
                print(f"  - strace:{call.line:<6} {call}", file=self.out)
            if seen:
                print(f"  + nslens:{seen.line:<6} {seen}", file=self.out)
            for word in words:
                print(f"      {word}", file=self.out)
        if len(wrong) > SHOWN_PER_TASK:
            print(f"  … and {len(wrong) - SHOWN_PER_TASK} more", file=self.out)
        if rest:
            print(f"  {rest}", file=self.out)

    def fault(self, words):
        self.differences += 1
        print(words, file=self.out)


def compare(log, run, out=sys.stdout):
    report = Report(out)
    judge = Judge(log)
    for fault in run.faults:
        report.fault(f"nslens {fault}")

    records = {}
    outside = []
    ignored = 0
    for seen in run.calls:
        if seen.syscall not in SYSCALLS:
            report.fault(f"nslens line {seen.line}: unknown syscall {seen.syscall!r}")
        elif seen.tid in log.lives:
            records.setdefault(seen.tid, []).append(seen)
        elif seen.comm == "strace":
            ignored += 1  # strace itself runs inside nslens
        else:
            outside.append(seen)

    roots = set()
    calls = log.by_tid()
    for tid in sorted(set(calls) | set(records)):
        comm = records[tid][0].comm if tid in records else "?"
        pairs, rest = align(judge, calls.get(tid, []), records.get(tid, []))
        report.task(tid, comm, pairs, rest)
        roots.update(seen.child for call, seen, _ in pairs if call and seen and call.untraced)
    roots.discard(None)

    unseen = 0
    for seen in outside:
        if of_untraced(seen, roots, run.parents):
            unseen += 1
        else:
            report.fault(f"task {seen.tid} ({seen.comm}): strace never saw it\n"
                         f"  + nslens:{seen.line:<6} {seen}")
    if ignored:
        print(f"{ignored} calls of strace itself left out", file=out)
    if unseen:
        print(f"{unseen} calls of untraced children left out: strace cannot see them", file=out)
    print(f"truth: {report.compared} calls compared, {report.differences} differences", file=out)
    return report


def load(path, reader):
    try:
        # Names and arguments may hold any bytes.
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            return reader(lines)
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror}") from None
    except Unusable as error:
        raise Unusable(f"{path}: {error}") from None


def main(arguments, out=sys.stdout):
    parser = argparse.ArgumentParser(
        prog="compare.py", description="Compare strace -f and nslens trace --json, call by call.")
    parser.add_argument("--allow-empty", action="store_true", help="no call to compare is no failure")
    parser.add_argument("strace", metavar="STRACE-FILE")
    parser.add_argument("nslens", metavar="NSLENS-JSONL")
    options = parser.parse_args(arguments)
    try:
        log = load(options.strace, strace_log.read)
        run = load(options.nslens, read_nslens)
    except Unusable as error:
        print(f"compare.py: {error}", file=sys.stderr)
        return 2
    report = compare(log, run, out)
    if report.differences:
        return 1
    if not report.compared and not options.allow_empty:
        print("compare.py: nothing was compared (--allow-empty permits that)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
