# SPDX-License-Identifier: GPL-2.0-only
"""hostile.py DIR: no byte of a task's name steers a terminal or breaks JSON."""
import glob
import json
import os
import re
import subprocess
import sys

from records import calls, read, verdict

d = sys.argv[1]
SGR = re.compile(rb"\x1b\[[0-9;]*m")
# what steers a terminal, or turns or hides text, also where it is spelled in UTF-8
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def steering(data, ascii_only=False):
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        return f"no UTF-8 at byte {e.start}: {data[max(0, e.start - 20):e.start + 20]!r}"
    found = UNSAFE.search(text)
    if found:
        return f"control character {found.group()!r} in {text[max(0, found.start() - 20):found.end() + 20]!r}"
    if ascii_only and not text.isascii():
        return "not ASCII, though the locale is"
    return ""


def contents(path):
    with open(path, "rb") as f:
        return f.read()


def decode(raw):
    """Invalid UTF-8 as U+FFFD; how many of them one broken sequence gives is left open."""
    return re.sub("\ufffd+", "\ufffd", raw.decode(errors="replace"))


for kind in ("story", "brief"):
    for locale in ("C", "C.UTF-8"):
        data = contents(f"{d}/{kind}.{locale}")
        made = [json.loads(line) for line in open(f"{d}/{kind}.{locale}.truth")]
        verdict(f"{kind}-{locale}", steering(data, locale == "C"))
        verdict(f"{kind}-{locale}-complete", [f"task {m['pid']} is not told" for m in made
                                              if not re.search(rb"\b%d\b" % m["pid"], data)]
                or ("" if len(made) > 10 else "hostile made too few calls"))
for locale in ("C", "C.UTF-8"):
    data = contents(f"{d}/colour.{locale}")
    verdict(f"colour-{locale}", steering(SGR.sub(b"", data)) or ("" if SGR.search(data) else "no colour at all"))
    verdict(f"colour-closed-{locale}", "" if SGR.findall(data)[-1] in (b"\x1b[m", b"\x1b[0m")
            else f"the last one is {SGR.findall(data)[-1]!r}")
for locale in ("C", "C.UTF-8"):
    path = f"{d}/json.{locale}"
    lines = contents(path).split(b"\n")
    jq = [subprocess.run(["jq", "-e", "."], input=line, capture_output=True).returncode for line in lines[:-1]]
    verdict(f"json-{locale}-jq", [f"line {i + 1}: status {status}" for i, status in enumerate(jq) if status]
            or ("" if lines[-1] == b"" else "the last line has no end"))
    verdict(f"json-{locale}-safe", steering(contents(path)))
    real = {r["pid"]: bytes.fromhex(r["comm_hex"]) for r in map(json.loads, open(path + ".truth"))}
    got = {c["pid"]: c["comm"] for c in calls(read(path)) if c["syscall"] == "unshare"}
    verdict(f"json-{locale}-names", [f"{raw!r} became {got.get(pid)!r}" for pid, raw in real.items()
                                     if re.sub("\ufffd+", "\ufffd", got.get(pid, "none")) != decode(raw)])
for path in sorted(glob.glob(f"{d}/*.C")):
    if os.path.basename(path).split(".")[0] in ("survivor", "notfound", "command", "option"):
        verdict(os.path.basename(path)[:-2], steering(contents(path)) or ("" if contents(path) else "empty"))
alive = read(f"{d}/survivor.json")[-1]["alive"]
verdict("survivor-json", "" if any("\x1b" in a for a in alive) else f"alive {alive}")
