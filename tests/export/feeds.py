# SPDX-License-Identifier: GPL-2.0-only
"""feeds.py NSLENS DIR: what a recorder gives away while it is at work: metrics in a file, and
start-ups to a collector that is there, refuses, is slow, or is not there."""
import os
import re
import shutil
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
nslens, out = sys.argv[1:3]
bad = 0
WORK = "for i in 1 2 3; do unshare --pid --mount --uts --fork --mount-proc true; done; sleep 0.3"


def verdict(name, why=""):
    global bad
    bad += bool(why)
    print(f"FAIL feeds-{name}: {str(why)[:400]}" if why else f"ok feeds-{name}")


def record(name, *options):
    began = time.monotonic()
    done = subprocess.run([nslens, "record", "--force", "-o", os.path.join(out, f"{name}.nslens"), *options, "--", "sh",
                           "-c", WORK], capture_output=True, text=True, timeout=120)
    return done, time.monotonic() - began


class collector:
    def __init__(self, status="200"):
        self.port_file, self.log = os.path.join(out, "port"), os.path.join(out, "collector.log")
        self.status = status

    def __enter__(self):
        for name in (self.port_file, self.log):
            if os.path.exists(name):
                os.unlink(name)
        self.process = subprocess.Popen([sys.executable, os.path.join(here, "otlp.py"), "--serve", self.port_file,
                                         self.log, self.status])
        for _ in range(100):
            if os.path.exists(self.port_file) and os.path.getsize(self.port_file):
                break
            time.sleep(0.1)
        self.url = f"http://localhost:{open(self.port_file).read()}"
        return self

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait()

    def took(self):
        return open(self.log).read().splitlines() if os.path.exists(self.log) else []


def otlp():
    with collector() as c:
        done, _ = record("otlp", "--otlp-endpoint", c.url)
        took = c.took()
    verdict("otlp-status", "" if done.returncode == 0 else done.stderr)
    wrong = [line for line in took if not line.startswith("ok")]
    verdict("otlp-schema", wrong[:2])
    said = re.search(r"(\d+) start-ups were sent to the collector$", done.stderr, re.M)
    verdict("otlp-sent", "" if said and int(said[1]) == len(took) >= 3 else f"{len(took)} taken; {done.stderr}")
    exported = subprocess.run([nslens, "export", os.path.join(out, "otlp.nslens"), "--format", "otlp"],
                              capture_output=True, text=True).stdout.splitlines()
    exported = [line for line in exported if '"name":"start ' in line]  # and calls that belong to none
    verdict("otlp-as-exported", "" if len(exported) == len(took) else f"{len(exported)} in the recording, {len(took)} sent")


def trouble():
    with collector("400") as c:
        done, _ = record("refused", "--otlp-endpoint", c.url)
    verdict("otlp-refused", "" if done.returncode == 0 and "it answered 400" in done.stderr else done.stderr)
    done, took = record("nobody", "--otlp-endpoint", "http://127.0.0.1:9")
    verdict("otlp-nobody-there", "" if done.returncode == 0 and "were not" in done.stderr and took < 60 else
            f"{took:.0f} s: {done.stderr}")
    for url, said in (("https://localhost:4318", "plain HTTP"), ("localhost:4318", "no URL"), ("http://", "no URL"),
                      ("http://a b/", "no URL"), ("http://u:p@host/", "no URL")):
        done = subprocess.run([nslens, "record", "--otlp-endpoint", url, "--", "true"], capture_output=True, text=True)
        verdict(f"otlp-url-{url}", "" if done.returncode == 2 and said in done.stderr else done.stderr)


def metrics():
    path = os.path.join(out, "nslens.prom")
    done, _ = record("metrics", "--metrics", path)
    text = open(path).read()
    got = sum(int(n) for n in re.findall(r'nslens_calls_total\{syscall="unshare"\} (\d+)', text))
    verdict("metrics-counted", "" if done.returncode == 0 and got >= 3 else f"{got} unshare; {done.stderr}")
    verdict("metrics-namespaces", "" if re.search(r'nslens_namespaces\{type="mnt"\} [1-9]', text) else text[:300])
    verdict("metrics-nothing-left", [f for f in os.listdir(out) if f.endswith(".tmp")])
    verdict("metrics-readable", "" if os.stat(path).st_mode & 0o777 == 0o644 else oct(os.stat(path).st_mode))
    if shutil.which("promtool"):
        check = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        verdict("metrics-promtool", check.stdout + check.stderr if check.returncode else "")
    else:
        print("skip feeds-metrics-promtool: promtool is not installed (Debian's package prometheus has it)")
    done, _ = record("metrics", "--metrics", os.path.join(out, "no/such/dir/x.prom"))
    verdict("metrics-cannot-write", "" if done.returncode == 125 and "no/such/dir" in done.stderr else done.stderr)


for part in (otlp, trouble, metrics):
    try:
        part()
    except (OSError, ValueError, subprocess.SubprocessError) as e:
        verdict(part.__name__, f"it broke off: {e!r}")
sys.exit(bad > 0)
