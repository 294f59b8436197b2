// SPDX-License-Identifier: GPL-2.0-only
// The page and the program lay out alike: for moments of recordings the graph is taken
// from `nslens graph --json`, laid out here, and each mark compared with `--format svg`.
//
//   node tests/web/same_layout.mjs --nslens PROGRAM FILE.nslens …

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const app = join(here, "../../user/web/app");
const args = process.argv.slice(2);
if (args[0] !== "--nslens" || args.length < 3) {
	console.error("usage: same_layout.mjs --nslens PROGRAM FILE.nslens ...");
	process.exit(2);
}
const [, nslens, ...files] = args;
if (!existsSync(join(app, "node_modules/esbuild"))) {
	console.log("skip same_layout: esbuild is not there (npm ci in user/web/app)");
	process.exit(77);
}
const outfile = join(here, "../../build/web/tests/export.mjs");
createRequire(join(app, "package.json"))("esbuild").buildSync({ entryPoints: [join(here, "page/export.ts")], outfile, bundle: true, format: "esm", logLevel: "warning" });
const { LANES, freshMemory, layOut, stateOf } = await import(pathToFileURL(outfile).href);

const run = (...words) => execFileSync(nslens, words, { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });

/* Marks of the program's SVG, without its legend: "type x y label". */
function marksOf(svg) {
	const bottom = Number(/<svg [^>]*height="(\d+)"/.exec(svg)[1]) - 70;
	const marks = [];
	for (const m of svg.matchAll(/<rect x="(-?\d+)" y="(\d+)" width="44" height="22" rx="\d+" class="o f-(\w+)"/g))
		marks.push([m[3], Number(m[1]) + 22, Number(m[2]) + 11, "label"]);
	for (const m of svg.matchAll(/<circle cx="(\d+)" cy="(\d+)" r="7" class="o f-(\w+)"/g)) marks.push([m[3], Number(m[1]), Number(m[2]), "dot"]);
	return marks.filter((m) => m[2] < bottom).map((m) => m.join(" ")).sort();
}

/* The same of our own layout, with the sizes of user/view/graph_svg.c. */
function marksHere(rails) {
	const step = Math.max(...rails.tracks) <= 8 ? 32 : 16;
	let at = 20 + 320 + 16, y = 96 + 30;
	const lanes = LANES.map((type, i) => {
		if (i === 1) at += 6 - 6 + 98 + 30;
		const x = at;
		at += 44 + 14 + step * (rails.tracks[i] - 1) + 6;
		return x;
	});
	const ys = rails.lines.map((line, i) => {
		const row = rails.rows[line.row], own = y;
		y += 30 + (i + 1 === row.firstLine + row.nlines ? 8 : 0);
		return own;
	});
	return rails.cells.map((c) => [LANES[c.lane], lanes[c.lane] + 7 + 22 + step * c.track, ys[c.line], c.label ? "label" : "dot"].join(" ")).sort();
}

let failed = 0, compared = 0;
for (const file of files) {
	const times = run("trace", "--json", "-i", file).split("\n").filter(Boolean).map((l) => JSON.parse(l)).filter((l) => l.type === "call").map((l) => l.ts + (l.duration ?? 0));
	const wanted = [...new Set([0, 0.2, 0.4, 0.6, 0.8, 1].map((s) => times[Math.min(times.length - 1, Math.floor(s * times.length))] ?? 0))];
	let marks = 0, wrong = "";
	for (const ts of wanted) {
		const at = `+${(ts / 1e9).toFixed(9)}s`;
		const ours = marksHere(layOut(stateOf(JSON.parse(run("graph", "-i", file, "--at", at, "--json"))), freshMemory(), 0).rails);
		const theirs = marksOf(run("graph", "-i", file, "--at", at, "--format", "svg"));
		marks += theirs.length;
		if (ours.join("\n") !== theirs.join("\n"))
			wrong ||= `at ${at}: here ${ours.filter((m) => !theirs.includes(m)).slice(0, 4).join(", ")}; there ${theirs.filter((m) => !ours.includes(m)).slice(0, 4).join(", ")}`;
	}
	compared += marks;
	if (wrong || !marks) failed++;
	console.log(wrong ? `FAIL layout of ${basename(file)}: ${wrong}` : `ok layout of ${basename(file)}: ${marks} marks at ${wanted.length} moments`);
}
process.exit(failed || !compared ? 1 : 0);
