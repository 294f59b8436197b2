// SPDX-License-Identifier: GPL-2.0-only
// mermaid.mjs FILE CHROMIUM: the file, drawn by Mermaid in a browser: it must be a picture with
// every node and every link that the file names.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");
const text = readFileSync(process.argv[2], "utf8");
const browser = await chromium.launch({ executablePath: process.argv[3], args: ["--no-sandbox", "--disable-gpu"] });
try {
	const page = await browser.newPage();
	const faults = [];
	page.on("request", (r) => !/^(about|data|blob):/.test(r.url()) && faults.push(`asks for ${r.url()}`));
	await page.setContent("<!doctype html><body></body>");
	await page.addScriptTag({ path: require.resolve("mermaid/dist/mermaid.min.js") });
	const drawn = await page.evaluate(async (source) => {
		mermaid.initialize({ startOnLoad: false, securityLevel: "strict", maxTextSize: 1e7, maxEdges: 1e5 });
		try {
			const { svg } = await mermaid.render("picture", source);
			document.body.innerHTML = svg;
		} catch (e) {
			return { why: e.message ?? String(e) };
		}
		const count = (what) => document.querySelectorAll(what).length;
		return { nodes: count("g.node"), groups: count("g.cluster"), links: count("path.flowchart-link"), scripts: count("svg script, svg [onclick], svg [onload]") };
	}, text);
	const groups = text.match(/^\s*subgraph /gm)?.length ?? 0;
	const links = text.match(/ (-->|---|-\.->|-\.-|==>)[ |]/g)?.length ?? 0;
	if (drawn.why) faults.push(drawn.why);
	else if (!drawn.nodes) faults.push("nothing is drawn");
	else if (drawn.groups !== groups || drawn.links !== links) faults.push(`${drawn.groups} groups and ${drawn.links} links are drawn, ${groups} and ${links} are in the file`);
	else if (drawn.scripts) faults.push("there is a script in the picture");
	console.log(faults.length ? faults.join("; ").slice(0, 400) : `${drawn.nodes} nodes, ${drawn.links} links`);
	process.exitCode = faults.length ? 1 : 0;
} finally {
	await browser.close();
}
