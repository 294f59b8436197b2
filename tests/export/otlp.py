# SPDX-License-Identifier: GPL-2.0-only
"""OTLP/JSON, checked against opentelemetry-proto's trace.proto as the specification of
OTLP/JSON has it: names in lowerCamelCase, ids in hexadecimal, 64-bit numbers as text,
enums as numbers; nothing that the .proto does not name.

    otlp.py FILE            an object a line
    otlp.py --serve PORT-FILE OUT [STATUS]   a collector, on loopback: takes what is right
"""
import http.server
import json
import re
import sys


class Wrong(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Wrong(what)


def fields(value, allowed, where):
    need(isinstance(value, dict), f"{where} is no object")
    unknown = set(value) - set(allowed)
    need(not unknown, f"{where} has {sorted(unknown)}")


def text(value, where):
    need(isinstance(value, str), f"{where} is no text")
    value.encode("utf-8")


def nanoseconds(value, where):
    need(isinstance(value, str) and re.fullmatch(r"[0-9]+", value), f"{where} is {value!r}")
    need(0 < int(value) < 1 << 64, f"{where} is {value}")
    return int(value)


def span_id(value, digits, where):
    need(isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value), f"{where} is {value!r}")
    need(int(value, 16), f"{where} is zero")
    return value


def any_value(value, where):
    kinds = ("stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue")
    fields(value, kinds, where)
    need(len(value) == 1, f"{where} is {value!r}")
    kind, it = next(iter(value.items()))
    if kind == "stringValue":
        text(it, where)
    elif kind == "intValue":
        need(isinstance(it, str) and re.fullmatch(r"-?[0-9]+", it) and -(1 << 63) <= int(it) < 1 << 63,
             f"{where} is {it!r}")
    elif kind == "boolValue":
        need(isinstance(it, bool), f"{where} is {it!r}")
    else:
        need(False, f"{where} is of kind {kind}, which nslens does not write")


def attributes(value, where):
    need(isinstance(value, list), f"{where} is no list")
    seen = set()
    for a in value:
        fields(a, ("key", "value"), where)
        text(a["key"], where)
        need(a["key"] and a["key"] not in seen, f"{where}: key {a['key']!r} again, or empty")
        seen.add(a["key"])
        any_value(a["value"], f"{where}.{a['key']}")
    return {a["key"]: next(iter(a["value"].values())) for a in value}


SPAN = ("traceId", "spanId", "traceState", "parentSpanId", "flags", "name", "kind", "startTimeUnixNano",
        "endTimeUnixNano", "attributes", "droppedAttributesCount", "events", "droppedEventsCount", "links",
        "droppedLinksCount", "status")


def span(s):
    fields(s, SPAN, "span")
    need(s.get("name"), "a span without a name")
    text(s["name"], "name")
    span_id(s["traceId"], 32, "traceId")
    span_id(s["spanId"], 16, "spanId")
    if "parentSpanId" in s:
        span_id(s["parentSpanId"], 16, "parentSpanId")
    need(s["kind"] in range(1, 6), f"kind {s['kind']!r}")
    begin, end = nanoseconds(s["startTimeUnixNano"], "start"), nanoseconds(s["endTimeUnixNano"], "end")
    need(begin <= end, f"span {s['name']} ends before it begins")
    attributes(s.get("attributes", []), "attributes")
    for e in s.get("events", []):
        fields(e, ("timeUnixNano", "name", "attributes", "droppedAttributesCount"), "event")
        nanoseconds(e["timeUnixNano"], "event's time")
        text(e["name"], "event's name")
        attributes(e.get("attributes", []), "event's attributes")
    if "status" in s:
        fields(s["status"], ("message", "code"), "status")
        need(s["status"].get("code", 0) in (0, 1, 2), f"status {s['status']!r}")
        text(s["status"].get("message", ""), "status's message")


def request(r):
    """An ExportTraceServiceRequest: how many spans it has."""
    fields(r, ("resourceSpans",), "request")
    n = 0
    for resource in r["resourceSpans"]:
        fields(resource, ("resource", "scopeSpans", "schemaUrl"), "resourceSpans")
        fields(resource["resource"], ("attributes", "droppedAttributesCount"), "resource")
        about = attributes(resource["resource"]["attributes"], "resource")
        need(about.get("service.name"), "the resource has no service.name")
        for scope in resource["scopeSpans"]:
            fields(scope, ("scope", "spans", "schemaUrl"), "scopeSpans")
            fields(scope["scope"], ("name", "version", "attributes", "droppedAttributesCount"), "scope")
            ids, roots = {}, 0
            for s in scope["spans"]:
                span(s)
                need(s["spanId"] not in ids, f"span {s['spanId']} twice")
                ids[s["spanId"]] = s
                roots += "parentSpanId" not in s
            need(roots == 1, f"{roots} roots in a trace")
            need(len({s["traceId"] for s in scope["spans"]}) == 1, "more than one trace")
            for s in scope["spans"]:
                seen = set()
                at = s
                while "parentSpanId" in at:
                    need(at["parentSpanId"] in ids, f"{at['name']} has a parent that is none")
                    need(at["spanId"] not in seen, "spans are their own parents")
                    seen.add(at["spanId"])
                    at = ids[at["parentSpanId"]]
            n += len(ids)
    return n


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    status, out = 200, None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            need(self.path == "/v1/traces", f"path {self.path}")
            need(self.headers["Content-Type"] == "application/json", f"type {self.headers['Content-Type']}")
            said = f"ok {request(json.loads(body))} spans"
            status = self.status
        except (Wrong, KeyError, ValueError) as e:
            said, status = f"wrong: {e!r}", 400
        with open(self.out, "a") as f:
            f.write(said + "\n")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


def main():
    if sys.argv[1] == "--serve":
        Collector.out = sys.argv[3]
        Collector.status = int(sys.argv[4]) if len(sys.argv) > 4 else 200
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        with open(sys.argv[2], "w") as f:
            f.write(str(server.server_address[1]))
        server.serve_forever()
    traces = spans = 0
    for line in open(sys.argv[1]):
        spans += request(json.loads(line))
        traces += 1
    print(f"{traces} traces, {spans} spans")


if __name__ == "__main__":
    main()
