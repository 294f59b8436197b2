// SPDX-License-Identifier: GPL-2.0-only
// Recordings that no machine makes on request: hostile, wide, and long ones. The lines
// are those of the random world that the tests of the layout use, too.

import { buildSync } from "../../user/web/app/node_modules/esbuild/lib/main.js";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const outfile = join(here, "../../build/web/tests/random.mjs");
buildSync({ entryPoints: [join(here, "page/random.ts")], outfile, bundle: true, format: "esm", logLevel: "warning" });
const { World, random } = await import(pathToFileURL(outfile).href);

const START = { type: "start", schema: "nslens/1", version: "0", kernel: "6.12.0", monotonic: 0, traces: "a test", steps: true };

const NAMES = [
	"<img src=x onerror=owned=1>", "</script><script>owned=1</script>", "\u001b[31mred\u001b[0m", "a\u202Eevil\u2066", "\"'><svg onload=owned=1>", "&lt;b&gt;", "\u0000\u0007\n\t",
	"{{7*7}}${7*7}", "javascript:owned=1", "\ud800", "x".repeat(4000), "<!--", "]]>", "\u0085\u009b31m",
];

export function hostile() {
	const world = new World(random(11));
	let n = 0;
	const evil = (line) => {
		const name = NAMES[n++ % NAMES.length];
		if ("comm" in line) line.comm = name;
		if (line.by) line.by.comm = name;
		if (line.type === "call") Object.assign(line, { container: name, cgroup: name, explain: name, failure: { fn: name, inferred: false, check: name, remedy: name } });
		for (const s of line.steps ?? []) s.explain = name;
		return line;
	};
	const graph = world.graph();
	for (const t of graph.tasks) Object.assign(evil(t), { container: NAMES[n % NAMES.length], initial: false });
	for (const ns of graph.namespaces) ns.keepers = [{ kind: NAMES[1], pid: 1, comm: NAMES[2], fd: 3, path: NAMES[n++ % NAMES.length] }];
	graph.namespaces.push({ ...graph.namespaces[1], id: 90, inum: 4026999999, initial: false });
	const lines = [{ ...START, title: NAMES[0], kernel: NAMES[1], traces: NAMES[2] }, { type: "texts", functions: { copy_mnt_ns: { about: NAMES[0], file: NAMES[1] } } }, graph];
	for (let i = 0; i < 60; i++) lines.push(...world.next().map(evil));
	lines.push({ type: "path", calls: [1, 2, 3], path: [{ depth: 0, kind: "function", fn: NAMES[0], file: NAMES[1], when: NAMES[2], what: NAMES[3], errnos: [NAMES[4]], mark: NAMES[5] }] });
	return lines.map((l) => JSON.stringify(l));
}

/* A graph of about so many objects. */
export function objects(n) {
	const world = new World(random(21), Math.floor(n / 4));
	const lines = [];
	for (let i = 0; i < n; i++) world.next();
	let graph = world.graph();
	while (graph.namespaces.length + graph.nsproxies.length + graph.tasks.length < n) {
		for (let i = 0; i < 200; i++) world.next();
		graph = world.graph();
	}
	lines.push(START, graph);
	for (let i = 0; i < 20; i++) lines.push(...world.next());
	return lines.map((l) => JSON.stringify(l));
}

/* Of so many events: what the kernel tells for a call is its begin, its end, and each step. */
export function many(n) {
	const world = new World(random(31), 40);
	const lines = [START, world.graph()];
	for (let events = 0, frames = 1; events < n; ) {
		/* as the program does: a keyframe now and then */
		if (lines.length > frames * 5000) frames += lines.push(world.graph()) > 0 ? 1 : 0;
		const next = world.next();
		for (const line of next) events += line.type === "call" ? 2 + line.steps.length : 1;
		lines.push(...next);
	}
	lines.push({ type: "end", duration: lines.at(-1).ts });
	return lines.map((l) => JSON.stringify(l));
}

/* What is not as it was, as lines `change`. */
class Changes {
	constructor() {
		this.had = { namespaces: new Map(), nsproxies: new Map(), tasks: new Map() };
	}

	from(graph) {
		const line = { type: "change", ts: graph.ts, gone: {} };
		for (const [kind, key] of [["namespaces", "id"], ["nsproxies", "id"], ["tasks", "tid"]]) {
			const had = this.had[kind], has = new Map(graph[kind].map((x) => [x[key], JSON.stringify(x)]));
			line[kind] = graph[kind].filter((x) => had.get(x[key]) !== has.get(x[key])).map(({ keepers: _, ...x }) => x);
			line.gone[kind] = [...had.keys()].filter((id) => !has.has(id));
			this.had[kind] = has;
		}
		return line;
	}
}

/* A machine where much happens, as a server tells it: a keyframe, so many lines with a `change` behind each event. */
export function busy(n) {
	const world = new World(random(41), 40), told = [], changes = new Changes();
	for (let i = 0; i < 400; i++) world.next();
	const keyframe = world.graph();
	let events = 0;
	changes.from(keyframe);
	while (told.length < n) {
		const next = world.next();
		for (const line of next) events += line.type === "call" ? 2 + line.steps.length : 1;
		told.push(...next, changes.from(world.graph()));
	}
	return { head: { ...START, source: "live" }, keyframe, told, events };
}
