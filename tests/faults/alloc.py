# SPDX-License-Identifier: GPL-2.0-only
"""alloc.py NSLENS ALLOC.so DIR [SAMPLES]: one allocation after the other fails, then all from one on.

DIR has recordings (tests/recorded/run.sh --keep DIR). However it goes, the program must not crash or
misuse memory (it is the sanitized one), must not loop, and must not tell something else than it tells
with memory enough and call it done: status 0 only with the same output, else a message.

Prints a line a check."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

nslens, preload, out = sys.argv[1:4]
samples = int(sys.argv[4]) if len(sys.argv) > 4 else 24
ENV = {**os.environ, "LC_ALL": "C.UTF-8", "LD_PRELOAD": preload, "UBSAN_OPTIONS": "print_stacktrace=1",
       "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0:allocator_may_return_null=1:exitcode=99"}
v1, many, limit = (os.path.join(out, f"{name}.nslens") for name in ("v1", "many", "limit"))
EVENTS = os.path.join(out, "limit.events")
# name: arguments; OUT: a file that is compared
COMMANDS = {
    "trace": ["trace", "-i", many], "trace-json": ["trace", "-i", limit, "--json", "--milestones"],
    "graph": ["graph", "-i", many], "graph-json": ["graph", "-i", v1, "--json", "--at", "+1.52s"],
    "graph-tree": ["graph", "-i", v1, "--tree", "user"], "graph-svg": ["graph", "-i", v1, "--format", "svg"],
    "report": ["report", many], "report-json": ["report", limit, "--json"],
    "report-md": ["report", v1, "--format", "markdown"],
    "diff": ["diff", v1, f"{many}#crun"], "diff-json": ["diff", f"{many}#bwrap", limit, "--json"],
    "why": ["why", "-i", v1, "--at", "+2.3s", "192:net"],
    "explain": ["explain", "copy_net_ns", "EPERM"], "explain-json": ["explain", "--json", "setns", "--lang", "ja"],
    "explain-call": ["explain", "--call", "1", "-i", limit],
    **{f"export-{f}": ["export", limit, "--format", f]
       for f in ("jsonl", "perfetto", "chrome", "otlp", "folded", "prometheus", "events", "html")},
    "export-nslens": ["export", limit, "--format", "nslens", "--force", "-o", "OUT"],
    "export-redact": ["export", limit, "--format", "events", "--redact"],
    "import": ["import", EVENTS, "--force", "-o", "OUT"],
    "doctor-help": ["doctor", "--help"], "lab-list": ["lab", "list"], "manual": ["manual", "trace"],
}


# new names each time: what they are cannot be compared
VARIES = ("export-redact",)


def run(args, name, turn, **more):
    target = os.path.join(out, f"alloc-{name}-{turn}.out")
    if os.path.exists(target):
        os.unlink(target)
    args = [target if a == "OUT" else a for a in args]
    try:
        done = subprocess.run([nslens, *args], capture_output=True, timeout=60, env={**ENV, **more},
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None, b"", b"it did not end within a minute"
    told = done.stdout
    if target in args and done.returncode == 0:
        # a database is not the same bytes again: what it tells is
        told += subprocess.run([nslens, "export", target, "--format", "events"], capture_output=True,
                               env={**ENV, "LD_PRELOAD": ""}, check=True).stdout
    if os.path.exists(target):
        os.unlink(target)
    return done.returncode, told, done.stderr


def fault(name, args, at, every, reference):
    more = {"FAIL_AT": str(at)}
    if every:
        more["FAIL_ALL"] = "1"
    status, told, err = run(args, name, f"{at}-{int(every)}", **more)
    text = err.decode(errors="replace")
    how = f"allocation {at}{' and all after it' if every else ''}"
    if "CHECK failed: sanitizer_" in text:
        return None  # the sanitizer itself cannot live with that
    if status is None or status < 0 or status == 99 or "runtime error" in text or "AddressSanitizer" in text:
        line = next((x for x in text.splitlines() if "ERROR" in x or "runtime error" in x or "SUMMARY" in x), text[-200:])
        frames = [x.strip().split(" in ")[-1] for x in text.splitlines() if x.strip().startswith("#") and "/user/" in x]
        return f"{how}: status {status}: {line} {' < '.join(frames[:3])}"
    if (status, told) == reference:
        return None
    if status == reference[0] and name not in VARIES:
        return f"{how}: it ends with {status}, and tells something else ({len(told)} bytes, not {len(reference[1])}): {text[-200:]!r}"
    if status and not text.strip():
        return f"{how}: status {status} without a word"
    return None


def places(total):
    """The first ones, and others further and further apart."""
    if samples >= total:
        return range(1, total + 1)
    first = samples // 3
    rest = samples - first
    return sorted({*range(1, first + 1),
                   *(int(first + (total - first) * ((n + 1) / rest) ** 2) for n in range(rest))})


def command(item):
    name, args = item
    counter = os.path.join(out, f"alloc-{name}.count")
    status, told, err = run(args, name, 0, FAIL_COUNT=counter)
    if status not in (0, 1):
        return name, [f"status {status} with memory enough: {err[-300:]!r}"], 0
    total = int(open(counter).read())
    # a second time: what differs by itself cannot be compared
    if name not in VARIES and (status, told) != run(args, name, 0)[:2]:
        return name, ["it tells something else each time"], 0
    wrong = [why for at in places(total) for every in (False, True)
             if (why := fault(name, args, at, every, (status, told)))]
    return name, wrong, total


def main():
    with open(EVENTS, "wb") as f:
        subprocess.run([nslens, "export", limit, "--format", "events"], stdout=f, check=True,
                       env={**ENV, "LD_PRELOAD": ""})
    failed = 0
    only = sys.argv[5:] or COMMANDS
    with ThreadPoolExecutor(1) as pool:
        for name, wrong, total in pool.map(command, [(n, a) for n, a in COMMANDS.items() if n in only]):
            failed += bool(wrong)
            print(f"FAIL alloc-{name}: {len(wrong)} of {samples} and {samples}: {wrong[0]}" if wrong else
                  f"ok alloc-{name} ({total} allocations)", flush=True)
            for why in wrong[1:6]:
                print(f"    {why}")
    sys.exit(failed > 0)


main()
