// SPDX-License-Identifier: GPL-2.0-only
// otlp.mjs FILE: each line, an OTLP/JSON request, through OpenTelemetry's published protocol: as
// the message that the .proto describes, in its bytes and back, nothing of it may be lost or changed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const root = createRequire(import.meta.url)("@opentelemetry/otlp-transformer/build/src/generated/root.js");
const Request = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

// OTLP/JSON differs from protobuf's own JSON in this: ids are hexadecimal, not base64.
const isId = (key) => ["traceId", "spanId", "parentSpanId"].includes(key);
const walk = (value, id) => Array.isArray(value) ? value.map((v) => walk(v, id))
	: value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, isId(k) ? id(v) : walk(v, id)]))
	: value;

let spans = 0, failed = 0;
readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean).forEach((line, n) => {
	const said = JSON.parse(line);
	const message = Request.fromObject(walk(said, (hex) => Buffer.from(hex, "hex").toString("base64")));
	const why = Request.verify(message);
	const back = Request.toObject(Request.decode(Request.encode(message).finish()), { longs: String, bytes: String, arrays: false });
	const again = walk(back, (base64) => Buffer.from(base64, "base64").toString("hex"));
	// empty lists are no field at all in bytes
	const bare = JSON.parse(JSON.stringify(said, (_, v) => (Array.isArray(v) && !v.length ? undefined : v)));
	if (why || !isDeepStrictEqual(again, bare)) {
		failed++;
		console.log(`line ${n + 1}: ${why ?? "comes back as something else"}`);
	}
	spans += said.resourceSpans.flatMap((r) => r.scopeSpans).flatMap((s) => s.spans).length;
});
console.log(`${spans} spans`);
process.exit(failed ? 1 : 0);
