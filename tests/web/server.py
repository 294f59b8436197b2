# SPDX-License-Identifier: GPL-2.0-only
"""server.py NSLENS PROGRAMS SCRATCH: see server.sh."""
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from stream import Graph, Page, differences

NSLENS, PROGRAMS, SCRATCH = sys.argv[1:4]
failed = 0


def check(name, good, why=""):
    global failed
    if good:
        print(f"ok {name}", flush=True)
    else:
        failed += 1
        print(f"FAIL {name}: {why}", flush=True)


class Serve:
    """nslens serve, running."""

    def __init__(self, *options):
        self.process = subprocess.Popen([NSLENS, "serve", "--json", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read())
        self.told = json.loads(line)
        self.address, self.port = self.told["address"], self.told["port"]
        self.pid, self.server = self.told["pid"], self.told["server"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, number=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "it did not end"

    def status(self, key):
        with open(f"/proc/{self.server}/status") as f:
            return next(line.split(":")[1].strip() for line in f if line.startswith(key + ":"))

    def memory(self):
        return int(self.status("VmRSS").split()[0])

    def cpu(self):
        with open(f"/proc/{self.server}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Viewer(threading.Thread):
    """A page that stays: keeps the graph, and looks at every keyframe whether it was right."""

    def __init__(self, address, last=None):
        super().__init__(daemon=True)
        self.page, self.graph, self.last = Page(address), Graph(), last
        self.types, self.numbers, self.calls, self.leads = {}, [], [], []
        self.times, self.unshared = [], []  # pids
        self.wrong, self.starts, self.ended, self.error = [], 0, False, None
        self.start()

    def run(self):
        try:
            for number, line in self.page.events(self.last):
                self.take(number, line)
        except Exception as e:  # the connection ended in a way it should not
            self.error = e

    def take(self, number, line):
        kind = line["type"]
        self.types[kind] = self.types.get(kind, 0) + 1
        if number:
            self.numbers.append(number)
        if kind == "graph" and self.graph.known and not line["stale"] and not self.types.get("lost"):
            self.wrong += differences(self.graph, line, initial=False)
        self.starts += kind == "start"
        if kind == "call":
            self.calls.append(line["number"])
            self.times.append(line["ts"])
            if line["syscall"] == "unshare":
                self.unshared.append(line["pid"])
        elif kind == "lead":
            self.leads.append(line["hash"])
        elif kind == "end":
            self.ended = True
        self.graph.take(line)

    def sees(self, test, seconds=15):
        until = time.monotonic() + seconds
        while not test(self) and time.monotonic() < until:
            time.sleep(0.05)
        return test(self)


def load(calls):
    return [f"{PROGRAMS}/churn", "--calls", str(calls), "--tasks", "2"]


def unshare():
    """A call; whose it is."""
    process = subprocess.Popen(["unshare", "--uts", "--ipc", "true"])
    process.wait()
    return process.pid


# ---- raw requests ----

def talk(port, data, seconds=8.0):
    """What comes back: the status and all of it; 0: nothing."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as s:
        try:
            s.sendall(data)
        except OSError:
            pass
        answer = b""
        try:
            while part := s.recv(65536):
                answer += part
        except OSError:
            pass
    return (int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0), answer


def request(line, *headers, body=""):
    return ("\r\n".join([line, *headers, "Connection: close", "", ""]) + body).encode("latin-1")


def test_refusals(serve):
    port, own = serve.port, f"Host: 127.0.0.1:{serve.port}"
    cookie = f"Cookie: {Page(serve.address).cookie}"
    wrong = "Cookie: nslens_%d=%s" % (port, "x" * 43)
    key = serve.address.split("key=")[1]
    origin = f"Origin: http://127.0.0.1:{port}"
    post = "POST /api/lead HTTP/1.1"
    cases = [
        ("the page", 200, request("GET / HTTP/1.1", own, cookie)),
        ("localhost", 200, request("GET / HTTP/1.1", f"Host: localhost:{port}", cookie)),
        ("no key", 403, request("GET / HTTP/1.1", own)),
        ("wrong key in the address", 403, request(f"GET /?key={'x' * 43} HTTP/1.1", own)),
        ("half a key", 403, request(f"GET /?key={key[:20]} HTTP/1.1", own)),
        ("key at another place", 403, request(f"GET /events?key={key} HTTP/1.1", own)),
        ("wrong cookie", 403, request("GET / HTTP/1.1", own, wrong)),
        ("no key, no such page", 403, request("GET /nothing HTTP/1.1", own)),
        ("no such page", 404, request("GET /nothing HTTP/1.1", own, cookie)),
        ("wrong Host", 421, request("GET / HTTP/1.1", "Host: evil.example", cookie)),
        ("wrong Host with the key", 421, request(f"GET /?key={key} HTTP/1.1", f"Host: rebind.example:{port}")),
        ("no Host", 400, request("GET / HTTP/1.1", cookie)),
        ("two Hosts", 400, request("GET / HTTP/1.1", own, own, cookie)),
        ("path trick", 404, request("GET /../../etc/passwd HTTP/1.1", own, cookie)),
        ("escaped path trick", 404, request("GET /%2e%2e/etc/passwd HTTP/1.1", own, cookie)),
        ("absolute target", 400, request("GET http://other.example/ HTTP/1.1", own, cookie)),
        ("cross-origin read", 403, request("GET /events HTTP/1.1", own, cookie, "Origin: http://evil.example")),
        ("cross-site read", 403, request("GET /events HTTP/1.1", own, cookie, "Sec-Fetch-Site: cross-site")),
        ("cross-origin POST", 403, request(post, own, cookie, "Origin: http://evil.example", "Content-Length: 2", body="#t")),
        ("POST without Origin", 403, request(post, own, cookie, "Content-Length: 2", body="#t")),
        ("POST without key", 403, request(post, own, origin, "Content-Length: 2", body="#t")),
        ("POST of nonsense", 400, request(post, own, cookie, origin, "Content-Length: 8", body="<script>")),
        ("POST that is too long", 413, request(post, own, cookie, origin, "Content-Length: 100000000")),
        ("POST without length", 411, request(post, own, cookie, origin)),
        ("chunked POST", 501, request(post, own, cookie, origin, "Transfer-Encoding: chunked")),
        ("POST of the page", 405, request("POST / HTTP/1.1", own, cookie, origin, "Content-Length: 0")),
        ("GET of what is posted", 405, request("GET /api/lead HTTP/1.1", own, cookie)),
        ("another method", 501, request("TRACE / HTTP/1.1", own, cookie)),
        ("another version", 505, request("GET / HTTP/3.0", own, cookie)),
        ("huge headers", 431, request("GET / HTTP/1.1", own, "X: " + "a" * 1000000)),
        ("a thousand headers", 431, request("GET / HTTP/1.1", own, *["A: b"] * 1000)),
        ("huge address", 414, request("GET /" + "a" * 100000 + " HTTP/1.1", own)),
        ("TLS", 400, bytes.fromhex("160301020001000001fc0303") + bytes(64)),
        ("zero bytes", 400, b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
        ("path of no call", 404, request("GET /api/path?call=99999999 HTTP/1.1", own, cookie)),
        ("path of nonsense", 400, request("GET /api/path?call=1%27 HTTP/1.1", own, cookie)),
        ("why of no namespace", 404, request("GET /api/why?ns=99999999 HTTP/1.1", own, cookie)),
    ]
    for name, status, data in cases:
        got, answer = talk(port, data)
        check(f"request: {name}", got == status, f"{got} instead of {status}: {answer[:200]!r}")
        if got != 200 and b"Set-Cookie" in answer:
            check(f"request: {name}: no cookie", False, "a cookie was set")
    _, page = talk(port, cases[0][2])
    head = page.split(b"\r\n\r\n")[0].decode().lower()
    for header in ("content-security-policy: default-src 'none'; script-src 'sha256-", "x-content-type-options: nosniff",
                   "referrer-policy: no-referrer", "cross-origin-resource-policy: same-origin", "cache-control: no-store"):
        check(f"header: {header.split(':')[0]}", header in head, head)
    _, enter = talk(port, request(f"GET /?key={key} HTTP/1.1", own))
    check("the cookie is HttpOnly and SameSite=Strict", b"; HttpOnly; SameSite=Strict" in enter, enter)


def test_junk(serve):
    rng = random.Random(7)
    odd = 0
    for _ in range(200):
        status, answer = talk(serve.port, rng.randbytes(rng.randrange(1, 400)) + b"\r\n\r\n", 3)
        odd += status not in (0, 400)
    check("200 times random bytes: 400 or nothing", odd == 0, f"{odd} other answers")


def test_slow_requests(serve):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", serve.port), timeout=20) as s:
        answer = b""
        try:
            for byte in b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 100:
                s.send(bytes([byte]))
                s.settimeout(0.25)
                try:
                    answer = s.recv(1000)
                    break
                except TimeoutError:
                    pass
        except OSError:
            pass
    took = time.monotonic() - began
    check("a request byte by byte: 408 after five seconds", b" 408 " in answer and took < 9, f"{answer[:40]!r} after {took:.1f} s")


# ---- many ----

def test_many_connections(serve, viewer):
    before = serve.memory()
    own = f"Host: 127.0.0.1:{serve.port}"
    seen = {}
    data = request("GET /nothing HTTP/1.1", own)
    for _ in range(10000):
        status, _ = talk(serve.port, data)
        seen[status] = seen.get(status, 0) + 1
    check("10,000 connections one after the other: all refused", seen == {403: 10000}, seen)

    idle, refused = [], 0
    for _ in range(1000):
        try:
            idle.append(socket.create_connection(("127.0.0.1", serve.port), timeout=2))
        except OSError:
            refused += 1
    pid = unshare()
    check("1,000 connections at once: a page that is there goes on", viewer.sees(lambda v: pid in v.unshared), "nothing came")
    status, _ = Page(serve.address).ask("/")
    check("1,000 connections at once: a page still comes in", status == 200, status)
    descriptors = len(os.listdir(f"/proc/{serve.server}/fd"))
    check("1,000 connections at once: 200 are kept at most", descriptors < 220, descriptors)
    for s in idle:
        s.close()
    # the log and the calls that are kept take 32 MiB of it
    check("memory of the server after 11,000 connections", serve.memory() < 80000, f"{serve.memory()} KiB, {before} before")


def woken(sock, pid, seconds=60):
    """Reads what a viewer is sent, until that task's unshare is in it, or one made later, should others
    have driven that one out: how often the stream began, where its numbers jumped, whether the call
    came, how many bytes it took."""
    sock.settimeout(10)
    pids, again, until = {pid}, time.monotonic() + 10, time.monotonic() + seconds
    starts, jumps, last, seen, size, rest = 0, [], None, False, 0, b""
    while not seen and time.monotonic() < until:
        if time.monotonic() > again:
            pids.add(unshare())
            again += 10
        try:
            part = sock.recv(1 << 20)
        except TimeoutError:
            break
        if not part:
            break
        size += len(part)
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                number = int(line[4:])
                if last is not None and number != last + 1:
                    jumps.append((last, number))
                last = number
            elif line.startswith(b'data: {"type":"start"'):
                starts += 1
            elif line.startswith(b'data: {"type":"call"') and b'"syscall":"unshare"' in line:
                seen = seen or json.loads(line[6:])["pid"] in pids
    return starts, jumps, seen, size


def test_slow_readers(serve):
    """Viewers who take nothing, while much happens: they cost little, and nobody waits for them."""
    cookie = Page(serve.address).cookie
    stuck, began = [], time.monotonic()
    for _ in range(20):
        s = socket.create_connection(("127.0.0.1", serve.port))
        # not the one that reads again later: by so small a window it would never catch up
        if stuck:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{serve.port}\r\nCookie: {cookie}\r\n\r\n".encode())
        stuck.append(s)
    viewer = Viewer(serve.address)
    viewer.sees(lambda v: v.graph.known)
    done = subprocess.run(load(20000), stdout=subprocess.PIPE, text=True)
    pid = unshare()
    check("slow readers: another viewer is up to date", viewer.sees(lambda v: pid in v.unshared, 60), viewer.types)
    memory = serve.memory()
    check("slow readers: the load ran", done.returncode == 0, done.stdout)
    check("slow readers: the server's memory is bounded", memory < 150000, f"{memory} KiB")
    # one of them wakes up: what it missed is gone, so it begins anew, and is right again
    idle = time.monotonic() - began
    starts, jumps, seen, size = woken(stuck[0], pid)
    if not seen and idle > 20:
        print(f"skip slow readers: one that fell behind: it took nothing for {idle:.0f} s, and after 20 s it is dropped")
    else:
        check("slow readers: one that fell behind sees what is now", seen, f"not in {size} bytes")
        check("slow readers: one that fell behind begins anew", starts > len(jumps), f"{starts} starts, but jumps {jumps[:3]}")
    for s in stuck:
        s.close()
    check("slow readers: graph of a viewer right at each keyframe", not viewer.wrong, viewer.wrong[:5])


# ---- what a page sees ----

def test_privileges(serve):
    with open(f"/proc/{serve.server}/status") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    for name, value in (("Uid", "65534\t65534\t65534\t65534"), ("Gid", "65534\t65534\t65534\t65534"), ("Groups", ""),
                        ("CapPrm", "0" * 16), ("CapEff", "0" * 16), ("CapBnd", "0" * 16), ("CapAmb", "0" * 16),
                        ("NoNewPrivs", "1"), ("Seccomp", "2")):
        check(f"the server's process: {name}", status[name].strip() == value, status[name])
    names = [os.readlink(f"/proc/{serve.server}/fd/{fd}") for fd in os.listdir(f"/proc/{serve.server}/fd")]
    check("the server's process has no BPF descriptors", not any("bpf" in n for n in names), names)
    check("the tracing process does not listen", str(serve.pid) not in subprocess.run(
        ["ss", "-ltnp"], stdout=subprocess.PIPE, text=True).stdout.replace(f"pid={serve.server},", ""), "it does")


def names_of(told):
    return {ns["id"]: ns["ns"] for ns in told["namespaces"]}


def rows_of(told, pids):
    """What tasks see, by names that two programs share."""
    names = names_of(told)
    slots = {x["id"]: {k: names.get(v) for k, v in x["slots"].items()} for x in told["nsproxies"]}
    return {t["tid"]: (t["comm"], slots.get(t["nsproxy"]), names.get(t["user"]), names.get(t["pid_active"]))
            for t in told["tasks"] if t["pid"] in pids}


def test_same_graph(serve, viewer):
    """Tasks in namespaces of their own: the page must have what nslens graph has."""
    sleepers = [subprocess.Popen(["unshare", *flags, "sleep", "60"]) for flags in
                (["--uts"], ["--net", "--ipc"], ["--user", "--map-root-user", "--mount"], ["--pid", "--fork"],
                 ["--cgroup", "--time", "--fork"])]
    own = {p.pid for p in sleepers}
    time.sleep(1)
    told = json.loads(subprocess.run([NSLENS, "graph", "--json"], stdout=subprocess.PIPE).stdout)
    pids = {t["pid"] for t in told["tasks"] if t["pid"] in own or t["ppid"] in own}
    pid = unshare()
    viewer.sees(lambda v: pid in v.unshared)
    mine = {"namespaces": list(viewer.graph.namespaces.values()), "nsproxies": list(viewer.graph.nsproxies.values()),
            "tasks": list(viewer.graph.tasks.values())}
    a, b = rows_of(mine, pids), rows_of(told, pids)
    check("the graph that follows from the stream is that of nslens graph", a == b and len(b) >= 5,
          f"{len(b)} tasks; " + str([(x, a.get(x), b.get(x)) for x in set(a) | set(b) if a.get(x) != b.get(x)])[:600])
    for p in sleepers:
        p.kill()
        p.wait()


def test_late_and_resume(serve):
    first = Viewer(serve.address)
    first.sees(lambda v: v.graph.known)
    pids = [unshare() for _ in range(5)]
    first.sees(lambda v: set(pids) <= set(v.unshared))
    late = Viewer(serve.address)
    check("a late viewer sees what was before", late.sees(lambda v: set(pids) <= set(v.unshared)), (pids, late.types))
    check("a late viewer has a keyframe first", late.types.get("graph", 0) >= 1 and late.starts == 1, late.types)

    middle = first.numbers[len(first.numbers) // 2]
    again = Viewer(serve.address, last=middle)
    pid = unshare()
    check("Last-Event-ID: it goes on", first.sees(lambda v: pid in v.unshared) and again.sees(lambda v: pid in v.unshared), again.types)
    expected = [n for n in first.numbers if n > middle]
    n = min(len(expected), len(again.numbers))
    check("Last-Event-ID: behind that event, without a gap",
          again.starts == 0 and n > 3 and again.numbers[:n] == expected[:n], (again.starts, again.numbers[:3], expected[:3]))
    future = Viewer(serve.address, last=10 ** 15)
    check("Last-Event-ID that is none of ours: it begins anew", future.sees(lambda v: v.starts == 1 and v.graph.known), future.types)


def test_path_and_why(serve, viewer):
    page = Page(serve.address)
    status, text = page.ask(f"/api/path?call={viewer.calls[-1]}")
    check("the path of a call", status == 200 and json.loads(text)["path"], (status, text[:100]))
    ns = next(ns for ns in viewer.graph.namespaces.values() if ns["type"] == "uts")
    status, text = page.ask(f"/api/why?ns={ns['id']}")
    check("why a namespace is alive", status == 200 and json.loads(text)["ns"] == ns["ns"], (status, text[:100]))


def test_keepers(serve, viewer):
    """What holds a namespace is read every ten seconds: a descriptor comes, and goes when it is closed."""
    sleeper = subprocess.Popen(["unshare", "--uts", "sleep", "600"])
    while os.stat(f"/proc/{sleeper.pid}/ns/uts").st_ino == os.stat("/proc/self/ns/uts").st_ino:
        time.sleep(0.05)
    with open(f"/proc/{sleeper.pid}/ns/uts") as ns:
        inum = os.fstat(ns.fileno()).st_ino
        holder = subprocess.Popen(["sleep", "600"], stdin=ns)
    pid = unshare()  # what was before it is on the page when it is
    viewer.sees(lambda v: pid in v.unshared)

    def holders(v):
        return [k["pid"] for x in list(v.graph.namespaces.values()) if x["inum"] == inum for k in x["keepers"]]

    def why():
        own = next((x["id"] for x in list(viewer.graph.namespaces.values()) if x["inum"] == inum), 0)
        status, text = viewer.page.ask(f"/api/why?ns={own}")
        return status, [k["command"] for k in json.loads(text)["keepers"] if k["kind"] == "descriptor"] if status == 200 else text

    check("an open descriptor is a keeper", viewer.sees(lambda v: holders(v) == [holder.pid], 60), (holders(viewer), why()))
    check("why names it", why() == (200, [f"kill {holder.pid}"]), why())
    holder.kill()
    holder.wait()
    check("it goes when it is closed", viewer.sees(lambda v: not holders(v), 60), (holders(viewer), why()))
    check("why names it no more", why() == (200, []), why())
    sleeper.kill()
    sleeper.wait()


def test_live():
    with Serve() as serve:
        viewer = Viewer(serve.address)
        check("the page is there, and a viewer gets the graph", viewer.sees(lambda v: v.graph.known), viewer.error)
        test_privileges(serve)
        test_refusals(serve)
        test_junk(serve)
        test_slow_requests(serve)
        pid = unshare()
        check("a call is on the page", viewer.sees(lambda v: pid in v.unshared), viewer.types)
        test_same_graph(serve, viewer)
        test_late_and_resume(serve)
        test_path_and_why(serve, viewer)
        test_keepers(serve, viewer)
        test_many_connections(serve, viewer)
        test_slow_readers(serve)
        check("the first viewer lost nothing", viewer.error is None and (
            viewer.starts > 1 or viewer.numbers == list(range(viewer.numbers[0], viewer.numbers[0] + len(viewer.numbers)))),
            (viewer.error, viewer.starts))
        check("its graph was right at each keyframe", not viewer.wrong, viewer.wrong[:5])
        late = Viewer(serve.address)
        late.sees(lambda v: v.graph.known)
        status = serve.stop()
        check("Ctrl-C ends it with status 0", status == 0, status)
        check("viewers are told the end", late.sees(lambda v: v.ended), late.types)


def test_follow_me():
    with Serve("--follow-me") as serve:
        student, teacher = Viewer(serve.told["student"]), Page(serve.address)
        student.sees(lambda v: v.graph.known)
        origin = f"http://127.0.0.1:{serve.port}"
        status, _ = student.page.ask("/api/lead", "POST", '{"hash":"#t=1&call=2&step=3"}', Origin=origin)
        check("a student cannot lead", status == 403, status)
        status, _ = teacher.ask("/api/lead", "POST", '{"hash":"#t=1&call=2&step=3"}', Origin=origin)
        check("a teacher leads", status == 204, status)
        check("students follow", student.sees(lambda v: v.leads == ["#t=1&call=2&step=3"]), student.leads)
        later = Viewer(serve.told["student"])
        check("a student who comes later follows, too", later.sees(lambda v: v.leads == ["#t=1&call=2&step=3"]), later.leads)
        status, _ = teacher.ask("/api/lead", "POST", '{"hash":"#<img src=x>"}', Origin=origin)
        check("nothing but a place can be sent", status == 400, status)


def test_killed():
    """Either of the two processes dies: the other one ends."""
    serve = Serve()
    os.kill(serve.server, signal.SIGKILL)
    try:
        status = serve.process.wait(10)
    except subprocess.TimeoutExpired:
        status = serve.stop(signal.SIGKILL) and "it goes on"
    check("the server is killed: nslens says so and ends", status == 1 and "has ended" in serve.process.stderr.read(), status)
    serve = Serve()
    os.kill(serve.pid, signal.SIGKILL)
    serve.process.wait()
    until = time.monotonic() + 5
    while os.path.exists(f"/proc/{serve.server}") and time.monotonic() < until:
        time.sleep(0.05)
    check("nslens is killed: its server ends", not os.path.exists(f"/proc/{serve.server}"), "it goes on")


# ---- recordings ----

def test_recorded():
    path = f"{SCRATCH}/r.nslens"
    subprocess.run([NSLENS, "record", "-o", path, "--", "sh", "-c",
                    "for i in 1 2 3 4 5; do unshare -u -i true; unshare -U -r -n -f true; unshare -p -f true; done; "
                    f"{PROGRAMS}/churn --calls 300 --tasks 2 > /dev/null"], check=True, stderr=subprocess.DEVNULL)
    os.chmod(path, 0o644)
    os.chown(path, 65534, 65534)
    with Serve("-i", path) as serve:
        viewer = Viewer(serve.address)
        viewer.join(30)
        told = json.loads(subprocess.run([NSLENS, "graph", "-i", path, "--json"], stdout=subprocess.PIPE).stdout)
        found = differences(viewer.graph, told)
        if told["tracepoints_only"]:
            # nobody tells of the death of what no task reaches
            found = [d for d in found if not d.startswith("namespaces")]
        check("recorded: the graph at the end is that of nslens graph -i", viewer.ended and not found, found[:5])
        check("recorded: it was right at each keyframe", not viewer.wrong, viewer.wrong[:5])
        trace = [json.loads(line) for line in subprocess.run([NSLENS, "trace", "-i", path, "--json"],
                                                              stdout=subprocess.PIPE).stdout.splitlines()]
        start = next(line for line in trace if line["type"] == "start")
        calls = {line["number"] for line in trace if line["type"] == "call" and line["ts"] >= 0}
        check("recorded: all calls of nslens trace -i are there", calls and calls <= set(viewer.calls) and start["steps"] is not None,
              sorted(calls - set(viewer.calls))[:5])
        check("recorded: the source is not root", "Uid:\t65534" in open(f"/proc/{serve.pid}/status").read(), "it is")
        status, text = viewer.page.ask(f"/api/path?call={viewer.calls[0]}")
        check("recorded: the path of a call", status == 200, status)
        check("recorded: why is of now alone", viewer.page.ask("/api/why?ns=1")[0] == 404, "it answers")
    middle = sorted(viewer.times)[len(viewer.times) // 2]
    with Serve("-i", path, "--from", f"+{middle / 1e9:.9f}s") as serve:
        part = Viewer(serve.address)
        part.join(30)
        check("recorded: a part has the same numbers", part.calls and set(part.calls) < set(viewer.calls), part.calls[:3])
    for why, options in (("no such file", ["-i", f"{SCRATCH}/none"]), ("not a recording", ["-i", "/etc/passwd"]),
                         ("--from without -i", ["--from", "+1s"]), ("a port that is none", ["--port", "70000"])):
        p = subprocess.run([NSLENS, "serve", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
        check(f"bad usage: {why}", p.returncode in (1, 2) and p.stderr and not p.stdout, (p.returncode, p.stderr))


# ---- cost ----

def test_cost():
    with Serve() as serve:
        viewers = [subprocess.Popen(["curl", "-sN", "-b", Page(serve.address).cookie, f"http://127.0.0.1:{serve.port}/events"],
                                    stdout=open(f"{SCRATCH}/v{i}", "wb")) for i in range(5)]
        time.sleep(1)
        work = subprocess.Popen(load(10 ** 8), stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(1)
        size, cpu, began = os.path.getsize(f"{SCRATCH}/v0"), serve.cpu(), time.monotonic()
        time.sleep(8)
        cpu, took = serve.cpu() - cpu, time.monotonic() - began
        os.killpg(work.pid, signal.SIGKILL)
        work.wait()
        time.sleep(0.5)
        for v in viewers:
            v.kill()
    with open(f"{SCRATCH}/v0", "rb") as f:
        f.seek(size)
        events = sum(1 for line in f if line.startswith(b"data: "))
    share, rate = 100 * cpu / took, events / took
    print(f"   five viewers at {rate:.0f} events/s each: the server takes {share:.1f} % of a core, "
          f"{10000 * share / max(rate, 1):.1f} µs an event")
    check("five viewers at 5,000 events/s: under 5 % of a core", share * 5000 / max(rate, 5000) < 5, f"{share:.1f} % at {rate:.0f}/s")


for test in (test_recorded, test_live, test_follow_me, test_killed, test_cost):
    try:
        test()
    except Exception as e:
        check(test.__name__, False, f"{type(e).__name__}: {e}")
sys.exit(1 if failed else 0)
