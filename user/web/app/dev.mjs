// SPDX-License-Identifier: GPL-2.0-only
// For work on the page: JSON Lines become a file page, as `nslens export --format html` makes it.
//
//   node dev.mjs OUT.html TRACE.jsonl [GRAPH.json]
//
// GRAPH.json (one `nslens graph --json` of the start of the trace) goes in behind `start`.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));

export function wrap(page, lines) {
	const hash = (element) => {
		const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)[1];
		return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
	};
	const csp = `default-src 'none'; script-src ${hash("script")}; style-src ${hash("style")}; img-src blob: data:; base-uri 'none'; form-action 'none'`;
	const data = gzipSync(lines.join("\n") + "\n").toString("base64");
	return page
		.replace("<!--csp-->", `<meta http-equiv="Content-Security-Policy" content="${csp}">`)
		.replace("</body>", () => `<script type="application/octet-stream" id="data">${data}</script>\n</body>`);
}

export function pageFile() {
	return process.env.NSLENS_PAGE ?? join(here, "../../../build/web/page.html");
}

export function merge(trace, graph) {
	const lines = trace.split("\n").filter(Boolean);
	if (graph) lines.splice(1, 0, graph.trim());
	return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [out, trace, graph] = process.argv.slice(2);
	if (!trace) {
		console.error("usage: node dev.mjs OUT.html TRACE.jsonl [GRAPH.json]");
		process.exit(2);
	}
	const lines = merge(readFileSync(trace, "utf8"), graph && readFileSync(graph, "utf8"));
	writeFileSync(out, wrap(readFileSync(pageFile(), "utf8"), lines));
}
