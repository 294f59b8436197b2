# SPDX-License-Identifier: GPL-2.0-only
"""page.py NSLENS DIR: what the page gets of a recording, as one HTML file has it, is what trace tells."""
import base64
import gzip
import json
import re
import subprocess

from common import check, end, lines, need, nslens, path


def inside(name):
    done = subprocess.run([nslens, "export", path(name), "--format", "html"], capture_output=True)
    if b"without the page" in done.stderr:
        return None
    need(done.returncode == 0, done.stderr.decode(errors="replace"))
    packed = re.search(rb'id="data"[^>]*>([A-Za-z0-9+/=\s]+)<', done.stdout)
    return [json.loads(line) for line in gzip.decompress(base64.b64decode(packed[1])).splitlines()]


def same(name):
    told = inside(name)
    if told is None:
        print(f"   {name}: built without the page")
        return
    want = lines("trace", "-i", path(name), "--json", "--milestones")
    for kind, keys in (("milestone", ("ts", "pid", "what", "detail")),
                       ("call", ("ts", "tid", "syscall", "ret", "errno", "slots", "explain"))):
        got = [[r.get(k) for k in keys] for r in told if r["type"] == kind]
        listed = [[r.get(k) for k in keys] for r in want if r["type"] == kind]
        missing = [r for r in listed if r not in got]
        need(listed and not missing, len(missing), "of", len(listed), kind, "lines are not in the page:", missing[:1])


for recording in ("v1", "many", "limit"):
    check(f"page-{recording}", same, recording)
end()
