# SPDX-License-Identifier: GPL-2.0-only
"""What the checkers here share: each runs a command twice, as JSON and as people read it, and
compares the two; or compares it with what another command tells."""
import json
import re
import subprocess
import sys

nslens, out = sys.argv[1:3]
RECORDINGS = ("v1", "calls", "many", "crun", "hook", "limit")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
failed = 0


class Wrong(Exception):
    pass


def need(condition, *why):
    if not condition:
        raise Wrong(" ".join(map(str, why)))


def path(name):
    return f"{out}/{name}.nslens"


def run(*args, status=0):
    """Standard output of nslens. It must end with this status, and complain only if it fails."""
    done = subprocess.run([nslens, *args], capture_output=True)
    text, err = done.stdout.decode(), done.stderr.decode(errors="replace")
    need(done.returncode == status, "nslens", *args, "ended with", done.returncode, "and not", status, err[-300:])
    need(status or not err, "nslens", *args, "said", err[-300:])
    return text


def lines(*args, status=0):
    return [json.loads(line) for line in run(*args, status=status).splitlines()]


def words(text):
    """As one line: however it was wrapped, quoted for Markdown, or set off by the border of a box."""
    return " ".join(text.replace("\\", "").split())


def fits(text, width, what):
    long = [line for line in text.splitlines() if len(line) > width]
    need(not long, what, "has lines of more than", width, "columns:", long[:1])


def check(name, function, *args, **more):
    global failed
    try:
        function(*args, **more)
        print(f"ok {name}")
    except (Wrong, KeyError, IndexError, TypeError, AttributeError, ValueError, OSError) as e:
        failed += 1
        print(f"FAIL {name}: {str(e) if isinstance(e, Wrong) else repr(e)}"[:600].replace("\n", " "))


def end():
    sys.exit(failed > 0)
