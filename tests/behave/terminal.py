# SPDX-License-Identifier: GPL-2.0-only
"""terminal.py NSLENS CALLS [HOOKS]: on a terminal: colour, NO_COLOR, width, Ctrl-C."""
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
import time
import unicodedata

from records import note, verdict

nslens, calls, hooks = sys.argv[1], sys.argv[2], (sys.argv[3:] or [""])[0] or "auto"
SGR = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(args, columns=80, env=None, drop=(), keys=None):
    """What appears, the exit status, and the seconds from `keys` to the end."""
    pid, fd = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        for name in ("NO_COLOR", *drop):
            os.environ.pop(name, None)
        os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8"} if not drop else {}, **(env or {}))
        os.execv(nslens, [nslens, "trace", f"--hooks={hooks}", *args])
    data, typed = b"", None
    signal.alarm(60)
    while True:
        if keys and typed is None and b"nslens" in data:
            time.sleep(0.3)
            os.write(fd, keys)
            typed = time.monotonic()
        try:
            block = os.read(fd, 65536)
        except OSError:
            break
        if not block:
            break
        data += block
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    signal.alarm(0)
    os.close(fd)
    return data.decode(), status, time.monotonic() - (typed or time.monotonic())


def columns_of(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


work = ["--", calls, "run", "unshare-all", "unshare-bad-bit", "clone3-all", "setns-mismatch"]
text, status, _ = on_terminal(work)
verdict("tty-colour", "" if SGR.search(text) and status == 0 else f"no colour, status {status}")
text, _, _ = on_terminal(work, env={"NO_COLOR": "1"})
verdict("tty-NO_COLOR", "" if "\x1b" not in text else "escape sequences though NO_COLOR is set")
text, _, _ = on_terminal(work, env={"NO_COLOR": ""})
verdict("tty-NO_COLOR-empty", "" if SGR.search(text) else "an empty NO_COLOR counts as unset (no-color.org)")
text, status, _ = on_terminal(work, drop=("TERM",))
verdict("tty-no-TERM", "" if status == 0 and "unshare" in text else f"status {status}")
text, _, _ = on_terminal(["--colour=never", *work])
verdict("tty-colour-never", "" if "\x1b" not in text else "escape sequences")
for columns in (40, 60, 100):
    text, _, _ = on_terminal(work, columns=columns)
    # the lines of the story, not those of CMD
    lines = [SGR.sub("", l.rstrip("\r")) for l in text.split("\n") if not l.startswith(("{", "calls:"))]
    wide = [l for l in lines if columns_of(l) > columns and " " in l.strip()]
    verdict(f"tty-width-{columns}", [f"{columns_of(l)} columns: {l!r}" for l in wide]
            or ("" if max(map(columns_of, lines)) > columns // 2 else "no line uses the width"))
text, status, seconds = on_terminal([], keys=b"\x03")
verdict("tty-ctrl-c", "" if status == 0 and seconds <= 1 and "end" in text else f"status {status} after {seconds:.2f} s")
text, status, seconds = on_terminal(["--", "sleep", "30"], keys=b"\x03")
verdict("tty-ctrl-c-cmd", "" if status == 128 + signal.SIGINT and seconds <= 1 and "end" in text
        else f"status {status} after {seconds:.2f} s")
note(f"Ctrl-C: the prompt is back after {seconds * 1000:.0f} ms")
