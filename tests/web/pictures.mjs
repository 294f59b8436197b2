// SPDX-License-Identifier: GPL-2.0-only
// The pictures of README.md, out of the page itself: `make pictures`.
//
//   node tests/web/pictures.mjs [DIR]        default: user/doc/pictures
//
// Real starts (tests/web/starts), drawn by Debian's Chromium, with few colours by pngquant.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { wrap } from "../../user/web/app/dev.mjs";
import { here, openPage, pageFile, startBrowser, textFaults } from "./browser_tools.mjs";

const out = resolve(process.argv[2] ?? join(here, "../../user/doc/pictures"));
const work = join(here, "../../build/web/pictures");
for (const dir of [out, work]) mkdirSync(dir, { recursive: true });
const MOST = 200_000;

const made = (c) => (c.steps ?? []).filter((s) => s.outcome === "created").length;
const most = (calls) => calls.reduce((a, c) => (made(c) > made(a) ? c : a), calls[0]);
const lastOf = (call, outcome) => Math.max(0, (call.steps ?? []).findLastIndex((s) => s.outcome === outcome));
const PICTURES = [
	["runc", "runc", (calls) => { const c = most(calls); return `#call=${c.number}&step=${lastOf(c, "created")}`; }, "svg.rails .ns"],
	["unwind", "lab-unwind", (calls) => { const c = calls.find((x) => x.steps?.some((s) => s.outcome === "undone")); return `#call=${c.number}&step=${lastOf(c, "undone")}`; }, "svg.rails .ns"],
	["compare", "runc-crun", (calls, lines) => {
		const { rows } = lines.map((l) => JSON.parse(l)).find((l) => l.type === "compare").diff;
		return `#row=${rows.findIndex((r) => r.left?.call !== undefined && r.marks.includes("steps"))}&step=2`;
	}, ".pairs tbody tr"],
];

const browser = await startBrowser("pictures");
let failed = 0;
for (const [name, from, place, wait] of PICTURES) {
	const lines = gunzipSync(readFileSync(join(here, "starts", `${from}.jsonl.gz`))).toString().split("\n").filter(Boolean);
	const calls = lines.map((l) => JSON.parse(l)).filter((l) => l.type === "call");
	const file = join(work, `${name}.html`), raw = join(work, `${name}.png`), png = join(out, `${name}.png`);
	writeFileSync(file, wrap(readFileSync(pageFile, "utf8"), lines));
	const p = await openPage(browser, pathToFileURL(file).href + place(calls, lines), { width: 1280, height: 800, wait, motion: "reduce" });
	await p.settle();
	const faults = [...p.faults, ...(await textFaults(p.page))];
	await p.page.screenshot({ path: raw });
	await p.close();
	try {
		execFileSync("pngquant", ["--force", "--strip", "--speed", "1", "--output", png, "64", raw]);
	} catch (e) {
		if (e.code !== "ENOENT") throw e;
		console.log(`skip pictures: pngquant is not there (make deps): ${name}.png keeps all its colours`);
		writeFileSync(png, readFileSync(raw));
	}
	const size = statSync(png).size;
	if (size > MOST) faults.push(`${size} bytes are more than ${MOST}`);
	failed += faults.length;
	console.log(faults.length ? `FAIL picture ${name}: ${faults.slice(0, 4).join("; ")}` : `ok picture ${name} # ${size} bytes`);
}
await browser.close();
process.exit(failed ? 1 : 0);
