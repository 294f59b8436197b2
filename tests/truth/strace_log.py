# SPDX-License-Identifier: GPL-2.0-only
"""Reads what `strace -f -o FILE` wrote and gives the calls that can touch namespaces.

strace prints what the caller passed; this module says what of it the kernel would read, since
that is what a tracer inside the kernel reports (clone's low byte, clone3's bad pointers).
"""

import re
from dataclasses import dataclass, field

NEW_BITS = {
    "CLONE_NEWTIME": 0x00000080,
    "CLONE_NEWNS": 0x00020000,
    "CLONE_NEWCGROUP": 0x02000000,
    "CLONE_NEWUTS": 0x04000000,
    "CLONE_NEWIPC": 0x08000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}
CLONE_UNTRACED = 0x00800000
KNOWN = dict(NEW_BITS, CLONE_UNTRACED=CLONE_UNTRACED)

CLONE_LIKE = ("clone", "clone3", "fork", "vfork")
NAMESPACE_ONLY = ("unshare", "setns")

CLONE_ARGS_SIZE_VER0 = 64
LARGEST_CLONE_ARGS = 4096  # a page


class Unusable(Exception):
    """The text is not what it should be: nothing can be said about it."""


@dataclass
class Call:
    """One call as strace saw it."""

    tid: int
    line: int  # where its entry stands, and its return
    end_line: int
    syscall: str
    flags: tuple  # names of the CLONE_NEW* bits that the kernel reads, sorted
    required: bool  # a namespace call: a tracer must have seen it
    untraced: bool = False  # strace cannot follow its child
    ret: int = None  # what the caller got; None with an error or where nobody got it
    errno: str = None
    unknown: bool = False  # the caller died in it
    restarted: bool = False  # interrupted by a signal, comes again
    child: int = None  # in strace's pid namespace; None: not known from this line alone

    @property
    def makes_child(self):
        return self.syscall in CLONE_LIKE and self.ret is not None and self.ret > 0

    def __str__(self):
        if self.unknown:
            result = "?"
        elif self.errno:
            result = self.errno
        else:
            result = str(self.ret)
        child = f" child {self.child}" if self.child is not None else ""
        return f"{self.syscall}({'|'.join(self.flags) or '0'}) = {result}{child}"


@dataclass
class Life:
    """One task: from the first line of a tid to its end. A tid may come again."""

    tid: int
    first: int


@dataclass
class Log:
    calls: list = field(default_factory=list)
    lives: dict = field(default_factory=dict)  # tid -> [Life], in order

    def by_tid(self):
        tids = {}
        for call in self.calls:
            tids.setdefault(call.tid, []).append(call)
        return tids

    def life_at(self, tid, line):
        """(tid, first line) of the task that had this tid then."""
        return max((tid, life.first) for life in self.lives[tid] if life.first <= line)

    def life_after(self, tid, line):
        """(tid, first line) of the next task that appears with this tid, or None."""
        return min(((tid, life.first) for life in self.lives.get(tid, []) if life.first > line),
                   default=None)


def flag_bits(text):
    """The bits of `CLONE_NEWUTS|0x80|SIGCHLD`, `0x4000011 /* … */`: names that do not matter are 0."""
    bits = 0
    for token in text.split("/*")[0].strip().split("|"):
        if token in KNOWN:
            bits |= KNOWN[token]
        elif re.fullmatch(r"-?(0x[0-9a-fA-F]+|\d+)", token):
            value = int(token, 16) if "x" in token else int(token)
            bits |= value & (1 << 64) - 1
    return bits


def new_names(bits):
    return tuple(sorted(name for name, bit in NEW_BITS.items() if bits & bit))


def clone_bits(args):
    """clone(2): the low byte is the exit signal, and bits above 32 are ignored."""
    found = re.search(r"flags=([^,)]+)", args)
    # With -e raw=clone the flags are the first argument (all but the oldest architectures).
    return flag_bits(found.group(1) if found else args.split(",")[0]) & 0xFFFFFF00


def clone3_bits(args, errno):
    """clone3(2): None where the kernel gave up before it read the flags."""
    found = re.match(r"\{flags=([^,}]+)", args)
    size = re.search(r",\s*(\d+|0x[0-9a-f]+)\s*$", args)
    if not found:
        return None
    if size and not CLONE_ARGS_SIZE_VER0 <= int(size.group(1), 0) <= LARGEST_CLONE_ARGS:
        return None
    if errno == "E2BIG":
        return None
    return flag_bits(found.group(1))


def last_argument(args):
    return args.rsplit(",", 1)[-1]


LINE = re.compile(r"(\d+)\s+(?:\d+(?:[.:]\d+)+\s+)?(\S.*)")
RESUMED = re.compile(r"<\.\.\. (\S+) resumed>(.*)")
ENTRY = re.compile(r"([a-z_0-9]+|\?+)\(")
RETURN = re.compile(r"\)\s+= (\?|-?\d+|0x[0-9a-f]+)((?:\s.*)?)$")
TRANSLATED = re.compile(r"/\* (\d+) in strace's PID NS \*/")
ERRNO = re.compile(r"\s(E[A-Z0-9_]+)\b")
# An argument string may hold anything; only the end of the line is strace's own word.
UNFINISHED = re.compile(r"\s*<(unfinished|detached|pid changed to (\d+)) \.\.\.>$")


class Reader:
    def __init__(self):
        self.log = Log()
        self.pending = {}  # tid -> (line number, text so far)
        self.alive = set()

    def read(self, lines):
        number = 0
        for number, text in enumerate(lines, 1):
            text = text.rstrip("\n")
            if text:
                self.line(number, text)
        for tid in list(self.pending):
            self.died(tid, number)
        if not self.log.lives:
            raise Unusable("no line of strace in it")
        self.log.calls.sort(key=lambda call: call.line)
        return self.log

    def line(self, number, text):
        found = LINE.fullmatch(text)
        if not found:
            raise Unusable(f"line {number} is not strace -f -o output: {text[:80]!r}")
        tid, body = int(found.group(1)), found.group(2)
        if tid not in self.alive:
            self.alive.add(tid)
            self.log.lives.setdefault(tid, []).append(Life(tid, number))
        if body.startswith("+++ superseded"):
            # The leader's tid goes on, as the thread that called execve.
            self.pending.pop(tid, None)
        elif body.startswith("+++"):
            self.died(tid, number)
            self.alive.discard(tid)
        elif body.startswith(("---", "[ ", "strace:")):
            pass
        elif body.startswith("<... "):
            self.resumed(number, tid, body)
        else:
            self.entered(number, tid, body)

    def resumed(self, number, tid, body):
        found = RESUMED.fullmatch(body)
        if not found:
            raise Unusable(f"line {number}: a resumed call of another form: {body[:80]!r}")
        entry, text = self.pending.pop(tid, (number, found.group(1) + "("))
        self.either(number, tid, entry, text + found.group(2))

    def entered(self, number, tid, body):
        if not ENTRY.match(body):
            raise Unusable(f"line {number}: neither call, signal nor exit: {body[:80]!r}")
        self.either(number, tid, number, body)

    def either(self, number, tid, entry, text):
        """A call's text so far: cut off, or whole."""
        cut = UNFINISHED.search(text)
        if not cut:
            self.finished(tid, entry, number, text)
            return
        self.pending[tid] = (entry, text[: cut.start()])
        if cut.group(2):
            # A thread that execs takes over the leader's tid.
            self.pending[int(cut.group(2))] = self.pending.pop(tid)
            self.alive.discard(tid)
        elif cut.group(1) == "detached":
            self.died(tid, number)

    def died(self, tid, number):
        if tid in self.pending:
            entry, text = self.pending.pop(tid)
            self.finished(tid, entry, number, text + ") = ?")

    def finished(self, tid, entry, number, text):
        name = ENTRY.match(text).group(1)
        if name not in CLONE_LIKE + NAMESPACE_ONLY:
            return
        result = RETURN.search(text)
        if not result:
            raise Unusable(f"line {number}: {name} without a result: {text[:80]!r}")
        args = text[len(name) + 1 : result.start()]
        value, rest = result.group(1), result.group(2)
        errno = ERRNO.match(rest)
        errno = errno.group(1) if errno and value in ("-1", "?") else None

        bits = 0
        if name == "clone":
            bits = clone_bits(args)
        elif name == "clone3":
            bits = clone3_bits(args, errno) or 0
        elif name == "unshare":
            bits = flag_bits(args)
        elif name == "setns":
            bits = flag_bits(last_argument(args)) & 0xFFFFFFFF

        call = Call(tid, entry, number, name, new_names(bits), False)
        call.untraced = name in ("clone", "clone3") and bool(bits & CLONE_UNTRACED)
        call.restarted = bool(errno) and errno.startswith("ERESTART")
        call.unknown = value == "?" and not errno
        call.errno = errno
        if not errno and not call.unknown:
            call.ret = int(value, 16) if "x" in value else int(value)
        # Who died in a call may have died before the kernel began it; a restarted one comes again.
        call.required = not call.unknown and not call.restarted and (
            name in NAMESPACE_ONLY or bool(call.flags))
        translated = TRANSLATED.search(rest)
        if call.makes_child and translated:
            call.child = int(translated.group(1))
        self.log.calls.append(call)


def moves_children(call):
    """Does it put the caller's later children into another pid namespace?"""
    if call.ret != 0 or call.syscall not in NAMESPACE_ONLY:
        return False
    # setns with type 0 says nothing about the type.
    return "CLONE_NEWPID" in call.flags or (call.syscall == "setns" and not call.flags)


def name_children(log):
    """Gives the calls their child, where strace did not translate it but it can be known.

    A caller in strace's own pid namespace gets the number that strace uses too. The first task is
    such a one, and so are its children until a call changes their pid namespace.
    """
    first = min((lives[0] for lives in log.lives.values()), key=lambda life: life.first)
    home = {(first.tid, first.first)}
    moved = set()
    for call in log.calls:
        me = log.life_at(call.tid, call.line)
        if moves_children(call):
            moved.add(me)
        if not call.makes_child:
            continue
        if call.child is None and (me in home or log.life_after(call.ret, call.line)):
            call.child = call.ret
        child = log.life_after(call.child, call.line)
        if child and me in home and me not in moved and "CLONE_NEWPID" not in call.flags:
            home.add(child)


def read(lines):
    """A Log of the lines, or Unusable."""
    log = Reader().read(lines)
    name_children(log)
    return log
