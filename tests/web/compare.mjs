// SPDX-License-Identifier: GPL-2.0-only
// Compare mode in Debian's Chromium, beside what `nslens diff --json` tells of the same two.
//
//   node tests/web/compare.mjs [BOTH.html DIFF.json]
//
// BOTH.html: nslens export A --compare B --format html. Without: the lines of such a file in
// tests/web/starts, runc and crun in a guest. Prints `ok NAME`, `FAIL NAME: why`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { wrap } from "../../user/web/app/dev.mjs";
import { assert, axeFaults, here, openPage, pageFile, startBrowser, textFaults, verdicts } from "./browser_tools.mjs";

const browser = await startBrowser("compare");
const isCompare = (l) => l.startsWith('{"type":"compare"');

/* Of a guest, where all functions are hooked: no machine need be able to make it again. */
function stored() {
	const out = join(here, "../../build/web/shots");
	const start = (file) => gunzipSync(readFileSync(join(here, `starts/${file}.jsonl.gz`))).toString().split("\n").filter(Boolean);
	const all = start("runc-crun").filter((l) => !l.startsWith('{"type":"other"'));
	all.push(...start("crun").filter((l) => !l.startsWith('{"type":"texts"')).map((l) => `{"type":"other","line":${l}}`));
	mkdirSync(out, { recursive: true });
	writeFileSync(join(out, "runc-crun.html"), wrap(readFileSync(pageFile, "utf8"), all));
	return [join(out, "runc-crun.html"), JSON.parse(all.find(isCompare)).diff];
}
const [html, diff] = process.argv[3] ? [process.argv[2], JSON.parse(readFileSync(process.argv[3], "utf8"))] : stored();
const url = pathToFileURL(resolve(html)).href;
const name = basename(html, ".html");
const lines = gunzipSync(Buffer.from(/id="data">([^<]*)/.exec(readFileSync(html, "utf8"))[1], "base64")).toString().split("\n").filter(Boolean);
const different = diff.rows.flatMap((r, i) => (["same", "no difference"].includes(r.kind) ? [] : [i]));
const { check, end } = verdicts(`${name}: `);

const equal = (a, b, what) => assert(JSON.stringify(a) === JSON.stringify(b), `${what}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`);

async function withPage(o, hash, run) {
	const p = await openPage(browser, url + hash, { width: 1440, height: 900, wait: ".compare .pairs tbody tr", ...o });
	const note = await run(p);
	assert(!p.faults.length, p.faults.slice(0, 3).join("; "));
	await p.close();
	return note;
}

const place = (p) => p.page.evaluate(() => {
	const m = /^row (\d+) \/ (\d+)(?:, step (\d+))?/.exec(document.querySelector(".stepbar .where").textContent);
	const row = document.querySelector(".pairs tr[aria-selected=true]");
	const cells = row ? [...row.querySelectorAll("td.what")].map((td) => td.querySelector(".text")?.title ?? null) : [];
	const step = document.querySelector(".pair-steps tr[aria-current=step] th")?.textContent ?? null;
	return { row: m[1] - 1, step: m[3] === undefined ? -1 : m[3] - 1, of: Number(m[2]), cells, fn: step, sign: row?.querySelector(".sign").textContent[0], at: row?.rowIndex };
});

const SIGN = { missing: "−", added: "+", fails: "!", differs: "~", "no difference": "·", same: " " };

/* The whole of it by the right arrow alone, everything unfolded: each pair, each step. */
await check("walked by keyboard, row by row and step by step as diff tells it", () => withPage({}, "", async (p) => {
	await p.page.keyboard.press("f");
	await p.page.keyboard.press("Home");
	let stops = 0;
	for (const [i, row] of diff.rows.entries()) {
		const names = [null, ...(row.steps ?? []).map((s) => (s.left ?? s.right).text)];
		for (const [k, fn] of names.entries()) {
			const seen = await place(p);
			equal([seen.row, seen.step, seen.of], [i, k - 1, diff.rows.length], "place");
			equal(seen.cells, [row.left?.text ?? null, row.right?.text ?? null], `row ${i}`);
			equal(seen.fn, fn, `row ${i}, step ${k - 1}`);
			equal(seen.sign, SIGN[row.kind], `sign of row ${i}`);
			await p.page.keyboard.press("ArrowRight");
			stops++;
		}
	}
	await p.page.keyboard.press("Home");
	await p.page.keyboard.press("End");
	equal((await place(p)).row, diff.rows.length - 1, "End");
	return `${stops} stops`;
}));

await check("n and N go to each difference, and to nothing else", () => withPage({}, "#row=0", async (p) => {
	const seen = [0];
	for (let i = 0; i <= different.length; i++) {
		await p.page.keyboard.press("n");
		const at = (await place(p)).row;
		if (at !== seen.at(-1)) seen.push(at);
	}
	equal(seen.filter((r) => r || different[0] === 0), different, "differences");
	for (let i = different.length - 2; i >= 0; i--) {
		await p.page.keyboard.press("N");
		equal((await place(p)).row, different[i], "back");
	}
	return `${different.length} of ${diff.rows.length} rows`;
}));

await check("stages, namespaces and the verdict are those of diff", () => withPage({}, "", async (p) => {
	const seen = await p.page.evaluate(() => ({
		verdict: document.querySelector(".verdict h2").textContent,
		stages: [...document.querySelectorAll(".stage-list li")].map((li) => [li.className, li.textContent]),
		ns: [...document.querySelectorAll(".ns-list li")].map((li) => [li.querySelector("b").textContent, li.className === "different"]),
		bars: document.querySelectorAll(".both .stage").length,
	}));
	equal(seen.verdict, diff.verdict, "verdict");
	equal(seen.stages.map((s) => s[0]), diff.stages.map((s) => s.pace), "pace of stages");
	for (const [i, s] of diff.stages.entries()) assert(seen.stages[i][1].includes(s.text), `stage ${i}: ${seen.stages[i][1]}`);
	equal(seen.ns, diff.namespaces.filter((n) => n.left || n.right).map((n) => [n.type, n.different]), "namespaces");
	const compare = JSON.parse(lines.find(isCompare));
	equal(compare.diff.rows, diff.rows, "the rows in the file");
	equal(seen.bars, compare.startups.reduce((n, s) => n + s.stages.length, 0), "bars of stages");
	assert(seen.bars > 3, "no bars");
}));

await check("a link leads to its row and step, and follows them", async () => {
	const row = diff.rows.findIndex((r) => (r.steps ?? []).length > 2);
	const at = row < 0 ? diff.rows.length - 1 : row, step = row < 0 ? -1 : 2;
	await withPage({}, `#row=${at}${step < 0 ? "" : `&step=${step}`}`, async (p) => {
		const seen = await place(p);
		equal([seen.row, seen.step], [at, step], "opened");
		await p.page.keyboard.press("Home");
		await p.page.waitForFunction((hash) => location.hash !== hash, `#row=${at}${step < 0 ? "" : `&step=${step}`}`);
		await p.page.evaluate((hash) => { location.hash = hash; }, `#row=${at}`);
		await p.settle();
		equal((await place(p)).row, at, "changed");
	});
});

await check("c and g lead to the graph, at the row's call, and back", async () => {
	const row = diff.rows.findIndex((r) => r.left?.call != null);
	if (row < 0) return "no call in A";
	return withPage({}, `#row=${row}`, async (p) => {
		await p.page.keyboard.press("g");
		await p.page.waitForSelector("svg.rails .ns");
		await p.page.waitForFunction((n) => location.hash.includes(`call=${n}&`), diff.rows[row].left.number);
		await p.page.keyboard.press("c");
		await p.page.waitForSelector(".compare .pairs");
		equal((await place(p)).row, row, "back");
	});
});

/* What the page has of B: of its own, or in the same file. */
const others = lines.map((l) => JSON.parse(l)).filter((l) => l.type === "other").map((l) => l.line);
const callsOf = (all) => all.filter((l) => l.type === "call");
const graphs = { a: callsOf(lines.map((l) => JSON.parse(l))), b: callsOf(others.length ? others : lines.map((l) => JSON.parse(l))) };
const where = (p) => p.page.evaluate(() => {
	const m = /step (\d+) \/ \d+ of call (\d+) \/ (\d+) (.*)\(\)$/.exec(document.querySelector(".stepbar .where").textContent.replace(/\s+/g, " "));
	return { step: m[1] - 1, call: Number(m[2]), of: Number(m[3]), fn: m[4], side: document.querySelector(".sides-of [aria-pressed=true] b").textContent.toLowerCase() };
});
const toGraph = async (p, key) => {
	await p.page.keyboard.press(key);
	await p.page.waitForSelector("svg.rails .ns");
	await p.settle();
	return where(p);
};
const both = diff.rows.flatMap((r, i) => (r.left?.call != null && r.right?.call != null && r.left.run === 0 && r.right.run === 0 ? [i] : []));

await check("g leads to A's graph and on to the same call in B's, and back", () => withPage({}, `#row=${both[0] ?? 0}`, async (p) => {
	if (!both.length) return "no call is made in both";
	for (const row of both.slice(0, 6)) {
		const { left, right } = diff.rows[row];
		await p.page.evaluate((hash) => { location.hash = hash; }, `#row=${row}`);
		await p.settle();
		const a = await toGraph(p, "g"), b = await toGraph(p, "g");
		equal([a.side, a.call, a.of], ["a", left.number, graphs.a.length], `row ${row}, A`);
		equal([b.side, b.call, b.of], ["b", right.number, graphs.b.length], `row ${row}, B`);
		await p.page.waitForFunction((n) => location.hash.includes(`call=${n}&`) && location.hash.endsWith("side=b"), right.number);
		equal((await toGraph(p, "g")).side, "a", "and back");
		await p.page.keyboard.press("c");
		await p.page.waitForSelector(".compare .pairs");
		equal((await place(p)).row, row, "the row");
	}
	return `${Math.min(6, both.length)} of ${both.length} rows`;
}));

await check("what only B does leads to B's graph, and B's graph is walked by keyboard", () => withPage({}, "", async (p) => {
	const row = diff.rows.findIndex((r) => !r.left && r.right?.call != null && r.right.run === 0);
	if (row >= 0) {
		await p.page.evaluate((hash) => { location.hash = hash; }, `#row=${row}`);
		await p.settle();
		const b = await toGraph(p, "g");
		equal([b.side, b.call], ["b", diff.rows[row].right.number], "only in B");
	} else {
		await p.page.evaluate((hash) => { location.hash = hash; }, `#call=${graphs.b[0].number}&step=0&side=b`);
		await p.page.waitForSelector("svg.rails .ns");
		await p.settle();
	}
	await p.page.keyboard.press("Home");
	let steps = 0;
	for (const c of graphs.b.slice(0, 30)) {
		for (let k = 0; k < Math.max(1, c.steps?.length ?? 0); k++, steps++) {
			const seen = await where(p);
			equal([seen.side, seen.call, seen.step, seen.fn], ["b", c.number, k, c.steps?.[k]?.fn ?? c.syscall], "place");
			await p.page.keyboard.press("ArrowRight");
		}
	}
	return `${steps} steps`;
}));

await check("a link into B's graph opens it", () => withPage({ wait: "svg.rails .ns" }, `#call=${graphs.b.at(-1).number}&step=0&side=b`, async (p) => {
	const seen = await where(p);
	equal([seen.side, seen.call], ["b", graphs.b.at(-1).number], "opened");
}));

for (const [size, viewport, keys] of [["1440x900", { width: 1440, height: 900 }, []], ["1920x1080, present", { width: 1920, height: 1080 }, ["p"]], ["390x844", { width: 390, height: 844 }, []]]) {
	await check(`${size}: no text lies on another or is cut`, () => withPage(viewport, `#row=${different[0] ?? 0}`, async (p) => {
		for (const key of keys) await p.page.keyboard.press(key);
		const faults = [];
		for (let i = 0; i < 12; i++) {
			await p.settle();
			faults.push(...(await textFaults(p.page)));
			await p.page.keyboard.press(i % 3 === 2 ? "n" : "ArrowRight");
		}
		assert(!faults.length, [...new Set(faults)].slice(0, 5).join("; "));
	}));
}

for (const scheme of ["light", "dark"]) {
	await check(`axe-core, ${scheme}`, () => withPage({ scheme }, `#row=${different[0] ?? 0}`, async (p) => {
		const faults = await axeFaults(p.page);
		await p.page.keyboard.press("n");
		await p.page.keyboard.press("ArrowRight");
		await p.page.keyboard.press("p");
		await p.settle();
		faults.push(...(await axeFaults(p.page)));
		assert(!faults.length, faults.slice(0, 4).join("; "));
	}));
}

await check("print: every row, nothing hidden behind a scroll bar", () => withPage({}, "", async (p) => {
	await p.page.keyboard.press("f");
	await p.page.emulateMedia({ media: "print" });
	await p.settle();
	const cut = await p.page.evaluate(() => {
		const box = document.querySelector(".pairs"), body = document.scrollingElement;
		return { rows: box.querySelectorAll("tbody tr").length, inner: box.scrollHeight - box.clientHeight, verdict: document.querySelector(".verdict").scrollHeight - document.querySelector(".verdict").clientHeight, high: body.scrollHeight >= box.getBoundingClientRect().bottom - 1 };
	});
	equal(cut.rows, diff.rows.length, "rows");
	assert(cut.inner <= 1 && cut.verdict <= 1 && cut.high, `cut off: ${JSON.stringify(cut)}`);
}));

await check("hostile names in it inject nothing", async () => {
	const NAMES = ["<img src=x onerror=owned=1>", "</script><script>owned=1</script>", "\u001b[31mred", "a\u202Eevil", "x".repeat(3000), "&lt;b&gt;"];
	let n = 0;
	const evil = JSON.parse(lines.find(isCompare), (key, value) => (typeof value === "string" && !["type", "kind", "stage", "schema"].includes(key) ? NAMES[n++ % NAMES.length] : value));
	const file = join(dirname(resolve(html)), `${name}-hostile.html`);
	writeFileSync(file, wrap(readFileSync(pageFile, "utf8"), lines.map((l) => (isCompare(l) ? JSON.stringify(evil) : l))));
	const p = await openPage(browser, pathToFileURL(file).href, { width: 1440, height: 900, wait: ".compare .pairs tbody tr" });
	for (let i = 0; i < 20; i++) await p.page.keyboard.press(i % 4 ? "ArrowRight" : "n");
	const seen = await p.page.evaluate(() => ({ owned: window.owned ?? null, odd: document.querySelectorAll("img,iframe,script:not(#data):not(body > script)").length, text: document.body.innerText }));
	assert(seen.owned === null && seen.odd === 0, "something was injected");
	// eslint-disable-next-line no-control-regex
	assert(!/[\u0001-\u0008\u000e-\u001f\u202a-\u202e]/.test(seen.text), "control characters are shown as they are");
	assert(!p.faults.length, p.faults.slice(0, 3).join("; "));
	await p.close();
});

await end(browser);
