# SPDX-License-Identifier: GPL-2.0-only
"""What the page is fed (user/web/app/README.md, user/doc/serve.md), read as a page reads it:
a stream of Server-Sent Events, and the graph that follows from it."""
import http.client
import json
import urllib.parse


class Page:
    """A browser's view of one address: it has the key, then the cookie."""

    def __init__(self, address):
        url = urllib.parse.urlsplit(address)
        self.host, self.port = url.hostname, url.port
        connection = self.connect()
        connection.request("GET", f"/?{url.query}")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        connection.close()

    def connect(self, timeout=20):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def headers(self, **more):
        return {"Cookie": self.cookie, **{k.replace("_", "-"): v for k, v in more.items()}}

    def ask(self, path, method="GET", body=None, **headers):
        connection = self.connect()
        connection.request(method, path, body=body, headers=self.headers(**headers))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def events(self, last=None, timeout=20):
        """Yields (id or None, object), until the stream ends."""
        connection = self.connect(timeout)
        connection.request("GET", "/events",
                           headers=self.headers(**({"Last_Event_ID": str(last)} if last else {})))
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        number = None
        while line := answer.fp.readline():
            if line.startswith(b"id: "):
                number = int(line[4:])
            elif line.startswith(b"data: "):
                yield number, json.loads(line[6:])
                number = None
        connection.close()


class Graph:
    """The graph, from keyframes and changes alone."""

    def __init__(self):
        self.namespaces, self.nsproxies, self.tasks = {}, {}, {}
        self.known = False

    def take(self, line):
        if line["type"] == "start":
            self.__init__()
        elif line["type"] == "graph":
            self.known = True
            self.namespaces = {ns["id"]: ns for ns in line["namespaces"]}
            self.nsproxies = {x["id"]: x for x in line["nsproxies"]}
            self.tasks = {t["tid"]: t for t in line["tasks"]}
        elif line["type"] == "change":
            for ns in line["namespaces"]:
                self.namespaces[ns["id"]] = {**ns, "keepers": self.namespaces.get(ns["id"], {}).get("keepers", [])}
            self.nsproxies.update((x["id"], x) for x in line["nsproxies"])
            self.tasks.update((t["tid"], t) for t in line["tasks"])
            for id in line["gone"]["namespaces"]:
                self.namespaces.pop(id, None)
            for id in line["gone"]["nsproxies"]:
                self.nsproxies.pop(id, None)
            for tid in line["gone"]["tasks"]:
                self.tasks.pop(tid, None)


# readings, which move without an event: user/doc/json.md
READINGS = {
    "namespaces": {"refs", "active", "read", "last_seen", "unused_since", "born", "keepers"},
    "nsproxies": {"count", "read", "tasks"},
    "tasks": {"ppid", "seen"},
}


def differences(graph, told, initial=True):
    """What differs between a Graph and the object of `nslens graph --json`. Without `initial`
    tasks that are initial are left out: they are as the last snapshot saw them."""
    found = []
    for kind, key in (("namespaces", "id"), ("nsproxies", "id"), ("tasks", "tid")):
        mine = dict(getattr(graph, kind))
        theirs = {x[key]: x for x in told[kind]}
        for id in sorted(set(mine) | set(theirs), key=lambda x: x or 0):
            a, b = mine.get(id), theirs.get(id)
            if not initial and kind == "tasks" and (a or b)["initial"]:
                continue
            if not a or not b:
                found.append(f"{kind} {id}: {'only told' if b else 'only kept'}: {a or b}")
                continue
            for name in sorted(set(a) | set(b)):
                if name in READINGS[kind] or (not initial and name == "used_by"):
                    continue
                if a.get(name) != b.get(name):
                    found.append(f"{kind} {id}: {name}: {a.get(name)} but {b.get(name)}")
    return found
