# SPDX-License-Identifier: GPL-2.0-only
"""lesson.py NSLENS: `nslens lab serve` as a hostile network and as several pages see it, and
what is left when a part of it goes. See lesson.sh."""
import json
import os
import signal
import subprocess
import sys
import threading
import time

from stream import Page

NSLENS = sys.argv[1]
failed = 0


def check(name, good, why=""):
    global failed
    if good:
        print(f"ok lesson: {name}", flush=True)
    else:
        failed += 1
        print(f"FAIL lesson: {name}: {why}", flush=True)


def until(test, seconds=15):
    end = time.monotonic() + seconds
    while not test() and time.monotonic() < end:
        time.sleep(0.05)
    return test()


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def family(pid):
    """A process's descendants."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    children.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
            except OSError:
                pass
    found, todo = [], [pid]
    while todo:
        more = children.get(todo.pop(), [])
        found += more
        todo += more
    return found


class Serve:
    def __init__(self, *options):
        self.process = subprocess.Popen([NSLENS, "lab", "serve", "--json", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read())
        self.told = json.loads(line)
        self.address, self.pid, self.server = self.told["address"], self.told["pid"], self.told["server"]
        self.origin = self.address.split("/?")[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(20)

    def actors(self):
        """Tasks of a lesson: descendants that are not the server."""
        return [pid for pid in family(self.pid) if pid != self.server and alive(pid)]


class Viewer(threading.Thread):
    """A page that stays open."""

    def __init__(self, address, last=None):
        super().__init__(daemon=True)
        self.page, self.lines, self.last = Page(address), [], last
        self.connection = None
        self.start()

    def run(self):
        try:
            self.connection = self.page.connect(60)
            self.connection.request("GET", "/events", headers=self.page.headers())
            # for leave(): the answer takes the connection's socket along
            self.socket = self.connection.sock
            answer = self.connection.getresponse()
            while line := answer.fp.readline():
                if line.startswith(b"data: "):
                    self.lines.append(json.loads(line[6:]))
        except (OSError, ValueError, AttributeError):
            pass

    def leave(self):
        self.socket.shutdown(2)

    def newest(self, kind):
        return next((line for line in reversed(self.lines) if line["type"] == kind), None)

    def control(self):
        return self.newest("control") or {}

    def turn(self):
        return (self.newest("turn") or {}).get("turn", 0)

    def phase(self):
        return (self.newest("turn") or {}).get("phase")

    def post(self, origin, **fields):
        fields = {"viewer": self.control().get("viewer", 0), "turn": self.turn(), **fields}
        body = "&".join(f"{k}={v}" for k, v in fields.items())
        return self.page.ask("/api/lesson", "POST", body, Origin=origin)[0]


def entered(viewer):
    return until(lambda: viewer.control() and viewer.phase())


def test_refusals(serve, viewer):
    page, origin = viewer.page, serve.origin
    turn = viewer.turn()
    good = f"do=answer&choice=0&turn={turn}&viewer={viewer.control()['viewer']}"
    wrong = Page(serve.address)
    wrong.cookie = wrong.cookie.split("=")[0] + "=" + "x" * 43
    none = Page(serve.address)
    none.cookie = "a=b"
    stranger = "http://evil.example"
    cases = [
        ("no key", 403, lambda: none.ask("/api/lesson", "POST", good, Origin=origin)),
        ("wrong key", 403, lambda: wrong.ask("/api/lesson", "POST", good, Origin=origin)),
        ("another origin", 403, lambda: page.ask("/api/lesson", "POST", good, Origin=stranger)),
        ("the origin of another port", 403, lambda: page.ask("/api/lesson", "POST", good, Origin="http://127.0.0.1:1")),
        ("no origin", 403, lambda: page.ask("/api/lesson", "POST", good)),
        ("cross-site", 403, lambda: page.ask("/api/lesson", "POST", good, Origin=origin, Sec_Fetch_Site="cross-site")),
        ("another host", 421, lambda: page.ask("/api/lesson", "POST", good, Origin=origin, Host="evil.example")),
        ("GET", 405, lambda: page.ask("/api/lesson")),
        ("GET with a query", 405, lambda: page.ask(f"/api/lesson?{good}")),
        ("HEAD", 405, lambda: page.ask("/api/lesson", "HEAD")),
        ("PUT", 501, lambda: page.ask("/api/lesson", "PUT", good, Origin=origin)),
        ("too long", 413, lambda: page.ask("/api/lesson", "POST", good + "&x=" + "a" * 5000, Origin=origin)),
    ]
    bodies = ["", "do=answer", "{}", "viewer=1", "do=destroy&turn=1&viewer=1", f"do=answer&turn={turn}&viewer=1",
              "do=answer&choice=-1&turn=1&viewer=1", "do=answer&choice=99999999999999999999&turn=1&viewer=1",
              "do=start&turn=1&viewer=1", "do=start&turn=1&viewer=1&name=../../etc/passwd",
              "do=start&turn=1&viewer=1&name=" + "a" * 64, "do=start&turn=1&viewer=1&name=a%2fb",
              "do=answer&choice=1&turn=4294967296&viewer=1", "\0" * 40]
    cases += [(f"malformed: {body[:60]!r}", 400, lambda body=body: page.ask("/api/lesson", "POST", body, Origin=origin))
              for body in bodies]
    cases += [("a viewer that is not there", 409, lambda: page.ask("/api/lesson", "POST", good.replace("viewer=", "viewer=99"), Origin=origin)),
              ("viewer 0", 409, lambda: page.ask("/api/lesson", "POST", f"do=next&turn={turn}&viewer=0", Origin=origin))]
    for name, status, ask in cases:
        got = ask()[0]
        check(f"POST refused: {name}", got == status, f"{got} instead of {status}")
    time.sleep(0.3)
    check("nothing of that moved the lesson", viewer.turn() == turn, f"turn {viewer.turn()} instead of {turn}")


def test_turns(serve, viewer):
    """What is meant for another turn, or does not fit it, does nothing."""
    turn = viewer.turn()
    for fields in ({"do": "answer", "choice": 1, "turn": turn - 1}, {"do": "answer", "choice": 1, "turn": turn + 1},
                   {"do": "next"}, {"do": "answer", "choice": 7}):
        check(f"accepted, and void: {fields['do']} {fields.get('choice', '')} {fields.get('turn', '')}".rstrip(),
              viewer.post(serve.origin, **fields) == 204)
    time.sleep(0.5)
    check("the lesson stands where it stood", viewer.turn() == turn, viewer.turn())
    # twice at once: one step
    viewer.post(serve.origin, do="answer", choice=1, turn=turn)
    viewer.post(serve.origin, do="answer", choice=1, turn=turn)
    viewer.post(serve.origin, do="next", turn=turn)
    check("an answer that comes twice is one", until(lambda: viewer.phase() == "result"), viewer.phase())
    time.sleep(0.3)
    results = [line for line in viewer.lines if line["type"] == "result"]
    check("… with one result, and the prediction in it", len(results) == 1 and results[0]["choice"] == 1, results)


def test_leader(serve, viewer):
    second = Viewer(serve.address)
    entered(second)
    check("a second page does not lead", second.control()["leads"] is False and second.control()["led"] is True, second.control())
    kinds = [line["type"] for line in second.lines]
    check("a page that comes late has the lesson from its beginning",
          all(k in kinds for k in ("start", "texts", "lesson", "graph", "step", "result")) and second.turn() == viewer.turn(), kinds)
    check("what it asks for is refused", second.post(serve.origin, do="next") == 409)
    check("it may take over", second.post(serve.origin, do="lead") == 204)
    until(lambda: second.control()["leads"])
    check("then the first one is refused", until(lambda: not viewer.control()["leads"]) and viewer.post(serve.origin, do="next") == 409)
    check("and the second leads", second.post(serve.origin, do="next") == 204 and until(lambda: viewer.phase() == "question"), viewer.phase())
    second.leave()
    check("when it goes, nobody leads", until(lambda: viewer.control()["led"] is False), viewer.control())
    third = Viewer(serve.address)
    entered(third)
    check("and whoever comes next does", third.control()["leads"] is True, third.control())
    third.leave()
    until(lambda: viewer.control()["led"] is False)
    viewer.post(serve.origin, do="lead")
    until(lambda: viewer.control()["leads"])


def test_names(serve, viewer):
    viewer.post(serve.origin, do="start", name="no-such-one")
    check("an unknown scenario: the list, and a word about it", until(lambda: viewer.phase() == "list" and viewer.newest("trouble")), viewer.phase())
    check("a lesson that is left leaves no task behind", until(lambda: not serve.actors()), serve.actors())
    viewer.post(serve.origin, do="start", name="uts-alone")
    check("another can be begun", until(lambda: viewer.phase() == "question" and serve.actors()), viewer.phase())


def test_alone(serve, viewer):
    check("a lesson has tasks", serve.actors() != [])
    began = time.monotonic()
    viewer.leave()
    time.sleep(3)
    check("a page that is gone for a moment finds its lesson", serve.actors() != [])
    check("no page for longer: nothing is left of it", until(lambda: not serve.actors(), 25), serve.actors())
    check("… after about fifteen seconds", 10 < time.monotonic() - began < 25, time.monotonic() - began)
    back = Viewer(serve.address)
    entered(back)
    check("a page that comes back has the list, and is told why", back.phase() == "list" and back.newest("trouble") is not None, back.lines[-3:])
    back.leave()


def test_students():
    with Serve("--follow-me", "uts-alone") as serve:
        student = Viewer(serve.told["student"])
        entered(student)
        time.sleep(0.3)
        check("a student never leads", student.control() == {**student.control(), "leads": False, "led": False, "may": False}, student.control())
        for what in ("next", "lead", "leave"):
            check(f"a student's POST is refused: {what}", student.post(serve.origin, do=what) == 403)
        teacher = Viewer(serve.address)
        entered(teacher)
        check("the teacher leads, though the student was first", teacher.control()["leads"], teacher.control())
        teacher.post(serve.origin, do="answer", choice=1)
        check("and the student sees it", until(lambda: student.phase() == "result"), student.phase())
        stolen = student.page.ask("/api/lesson", "POST", f"do=next&turn={teacher.turn()}&viewer={teacher.control()['viewer']}", Origin=serve.origin)[0]
        check("also not in the teacher's name", stolen == 403, stolen)


def test_privileges(serve):
    with open(f"/proc/{serve.server}/status") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    for name, value in (("Uid", "65534\t65534\t65534\t65534"), ("CapPrm", "0" * 16), ("CapEff", "0" * 16), ("CapBnd", "0" * 16),
                        ("NoNewPrivs", "1"), ("Seccomp", "2")):
        check(f"the server's process: {name}", status[name].strip() == value, status[name])


def test_killed(which):
    with Serve("uts-alone") as serve:
        family_before = family(serve.pid)
        check(f"kill -9 of the {which}: there was something to end", len(serve.actors()) >= 2, family_before)
        os.kill(serve.server if which == "server" else serve.pid, signal.SIGKILL)
        gone = until(lambda: not any(alive(pid) for pid in [serve.pid, *family_before]))
        check(f"kill -9 of the {which}: nothing is left", gone, [pid for pid in family_before if alive(pid)])
        status = serve.process.wait(20)
        if which == "server":
            check("… and it says so", status == 1 and "has ended" in serve.process.stderr.read(), status)


def test_end():
    with Serve("uts-alone") as serve:
        everything = family(serve.pid)
        serve.process.send_signal(signal.SIGINT)
        check("Ctrl-C: exit status 0", serve.process.wait(20) == 0)
        check("Ctrl-C: nothing is left", until(lambda: not any(alive(pid) for pid in everything)), everything)


def test_usage():
    for words, part in ((["lab", "serve", "a", "b"], "one"), (["lab", "serve", "no-such"], "no scenario"),
                        (["lab", "serve", "--guest", "uts-alone"], "no network"), (["lab", "run", "--port", "1", "uts-alone"], "serve"),
                        (["lab", "--follow-me"], "serve"), (["lab", "serve", "--port", "70000"], "65535")):
        done = subprocess.run([NSLENS, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        check(f"bad usage: {' '.join(words)}", done.returncode == 2 and part in done.stderr, f"{done.returncode}: {done.stderr}")


test_usage()
with Serve("uts-alone") as one:
    first = Viewer(one.address)
    check("the first page leads", entered(first) and first.control()["leads"], first.control())
    check("the scenario of the command line waits with its first question", first.phase() == "question", first.phase())
    test_privileges(one)
    test_refusals(one, first)
    test_turns(one, first)
    test_leader(one, first)
    test_names(one, first)
    test_alone(one, first)
test_students()
test_killed("server")
test_killed("driver")
test_end()
sys.exit(1 if failed else 0)
