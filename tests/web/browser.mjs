// SPDX-License-Identifier: GPL-2.0-only
// The page in Debian's Chromium: walked by keyboard, read by axe-core, looked at, measured.
//
//   node tests/web/browser.mjs [--out DIR] [--only WORD] [FILE.jsonl …]
//   node tests/web/browser.mjs --export FILE.html TRACE.jsonl
//
// Without files: those in tests/web/data, what `nslens export --format html` made of
// recordings of Debian's 6.12 in a guest. Pictures go to DIR (build/web/shots). With
// --export a file of the program is walked beside what `nslens trace --json` tells.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { wrap } from "../../user/web/app/dev.mjs";
import { assert, axeFaults, here, labelFaults, openPage, pace, pageFile, startBrowser, verdicts } from "./browser_tools.mjs";
import { hostile, many, objects } from "./browser_data.mjs";

const args = process.argv.slice(2);
const option = (name, otherwise) => {
	const at = args.indexOf(name);
	return at < 0 ? otherwise : args.splice(at, 2)[1];
};
const out = resolve(option("--out", join(here, "../../build/web/shots")));
const only = option("--only", "");

mkdirSync(out, { recursive: true });
const exported = option("--export", "");
const page = readFileSync(pageFile, "utf8");
const files = exported ? [] : args.length ? args.map((f) => resolve(f)) : readdirSync(join(here, "data")).filter((f) => f.endsWith(".jsonl")).map((f) => join(here, "data", f));
const browser = await startBrowser("browser");
const { check, end } = verdicts("", only);

function build(name, lines) {
	const file = join(out, `${name}.html`);
	writeFileSync(file, wrap(page, lines));
	return pathToFileURL(file).href;
}

const linesOf = (file) => readFileSync(file, "utf8").split("\n").filter(Boolean);
const sound = (p, what) => assert(!p.faults.length, `${what}: ${p.faults.slice(0, 3).join("; ")}`);

/* Every step by the right arrow, from the first to the last: what the address says is the list of calls. */
async function walk(url, calls) {
	const p = await openPage(browser, url, { width: 1440, height: 900 });
	await p.page.keyboard.press("Home");
	const wanted = calls.flatMap((c) => Array.from({ length: Math.max(1, c.steps?.length ?? 0) }, (_, i) => `${c.number}.${i}.${c.steps?.[i]?.fn ?? c.syscall}`));
	for (let i = 0; i < wanted.length; i++) {
		const seen = await p.page.evaluate(() => {
			const where = document.querySelector(".stepbar .where").textContent;
			const m = /step (\d+) \/ \d+ of call (\d+) \/ \d+ (.*)\(\)$/.exec(where.replace(/\s+/g, " "));
			return m ? `${m[2]}.${m[1] - 1}.${m[3]}` : where;
		});
		assert(seen === wanted[i], `step ${i}: ${seen} instead of ${wanted[i]}`);
		await p.page.keyboard.press("ArrowRight");
	}
	for (const c of [...calls].reverse().slice(1)) {
		await p.page.keyboard.press("ArrowUp");
		const text = await p.page.textContent(".stepbar .where");
		assert(text.includes(`of call ${c.number} /`), `up: ${text}, not call ${c.number}`);
	}
	sound(p, "walk");
	await p.close();
	return `${wanted.length} steps`;
}

const SIZES = [["1440", { width: 1440, height: 900 }, ""], ["1920-present", { width: 1920, height: 1080 }, "p"], ["390", { width: 390, height: 844 }, ""]];

/* The most telling step: the last made namespace of the call that makes most, and one that fails. */
function moments(calls) {
	const made = (c) => c.steps?.filter((s) => s.outcome === "created").length ?? 0;
	const best = calls.reduce((a, c) => (made(c) > made(a) ? c : a), calls[0]);
	const create = Math.max(0, best.steps?.findLastIndex((s) => s.outcome === "created") ?? 0);
	const list = [["step", best.number, create], ["first", calls[0].number, 0], ["last", calls.at(-1).number, Math.max(0, (calls.at(-1).steps?.length ?? 1) - 1)]];
	const undone = calls.find((c) => c.steps?.some((s) => s.outcome === "undone"));
	if (undone) list.push(["undone", undone.number, undone.steps.findIndex((s) => s.outcome === "undone")]);
	return list;
}

async function look(url, name, calls) {
	const faults = [];
	for (const [what, call, step] of moments(calls)) {
		for (const [size, viewport, key] of SIZES) {
			for (const scheme of size === "1440" ? ["light", "dark"] : ["light"]) {
				const p = await openPage(browser, `${url}#call=${call}&step=${step}`, { ...viewport, scheme });
				if (key) await p.page.keyboard.press(key);
				await p.settle();
				await p.page.screenshot({ path: join(out, `${name}-${what}-${size}${scheme === "dark" ? "-dark" : ""}.png`) });
				faults.push(...(await labelFaults(p.page)).map((f) => `${what} ${size}: ${f}`));
				sound(p, what);
				await p.close();
			}
		}
	}
	assert(!faults.length, faults.slice(0, 6).join("; "));
}

async function accessible(url, call) {
	const faults = [];
	for (const scheme of ["light", "dark"]) {
		const p = await openPage(browser, `${url}#call=${call}&step=3`, { width: 1440, height: 900, scheme });
		for (const [state, keys] of [["plain", []], ["present", ["p"]], ["help", ["p", "?"]]]) {
			for (const key of keys) await p.page.keyboard.press(key);
			await p.settle();
			faults.push(...(await axeFaults(p.page)).map((f) => `${scheme} ${state}: ${f}`));
		}
		await p.page.keyboard.press("Escape");
		await p.page.locator("svg.rails .ns[role=button]").first().click();
		await p.settle();
		faults.push(...(await axeFaults(p.page)).map((f) => `${scheme} keepers: ${f}`));
		await p.close();
	}
	assert(!faults.length, faults.slice(0, 5).join("; "));
}

if (exported) {
	const calls = linesOf(args[0]).map((l) => JSON.parse(l)).filter((l) => l.type === "call");
	await check(`${basename(exported)}: walked by keyboard, as the trace tells it`, () => walk(pathToFileURL(resolve(exported)).href, calls));
	await end(browser);
}

for (const file of files) {
	const name = basename(file, ".jsonl"), lines = linesOf(file);
	const calls = lines.map((l) => JSON.parse(l)).filter((l) => l.type === "call");
	const url = build(name, lines);
	await check(`${name}: walked by keyboard`, () => walk(url, calls));
	await check(`${name}: looked at`, () => look(url, name, calls));
	await check(`${name}: axe-core`, () => accessible(url, moments(calls)[0][1]));
}

await check("the SVG that is saved is one, and needs nothing else", async () => {
	const url = build("svg", linesOf(files[0]));
	const p = await openPage(browser, url, { width: 1440, height: 900 });
	const [svg] = await Promise.all([p.page.waitForEvent("download"), p.page.click("text=SVG")]);
	await svg.saveAs(join(out, "saved.svg"));
	const text = readFileSync(join(out, "saved.svg"), "utf8");
	assert(text.includes("<svg ") && !/<script|href=|url\(|style=|class=/.test(text), "not plain");
	const [png] = await Promise.all([p.page.waitForEvent("download"), p.page.click("text=PNG")]);
	await png.saveAs(join(out, "saved.png"));
	assert(readFileSync(join(out, "saved.png")).subarray(1, 4).toString() === "PNG", "no PNG");
	sound(p, "saving");
	await p.close();
});

await check("hostile names inject nothing", async () => {
	const url = build("hostile", hostile());
	const p = await openPage(browser, url, { width: 1440, height: 900 });
	for (let i = 0; i < 30; i++) await p.page.keyboard.press("ArrowRight");
	const seen = await p.page.evaluate(() => ({
		owned: window.owned ?? null,
		odd: document.querySelectorAll("img,iframe,object,embed,script:not(#data):not(body > script)").length,
		text: document.body.innerText, html: document.documentElement.innerHTML.slice(0, 5e6),
	}));
	assert(seen.owned === null, "a script ran");
	assert(seen.odd === 0, `${seen.odd} elements were injected`);
	// eslint-disable-next-line no-control-regex
	assert(!/[\u0001-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(seen.text), "control characters are shown as they are");
	assert(seen.text.includes("\\x1b") || seen.html.includes("\\x1b"), "escapes are shown");
	await p.page.screenshot({ path: join(out, "hostile.png") });
	sound(p, "hostile");
	await p.close();
});

/* What pace() takes, and the first drawing (200 to 244 ms), on the machine for which 300 ms are promised. */
const PACE = 150;

await check("5,000 objects: first drawing under 300 ms", async () => {
	const url = build("objects", objects(5000));
	const times = [], cpu = [], paces = [];
	for (let i = 0; i < 5; i++) {
		paces.push(await pace(browser));
		const p = await openPage(browser, url, { width: 1440, height: 900, cpu: true });
		times.push(await p.page.evaluate(() => performance.getEntriesByName("first-drawing")[0].duration));
		cpu.push(p.cpu);
		sound(p, "objects");
		await p.close();
	}
	const [wall, own, work] = [times, cpu, paces].map((list) => list.sort((a, b) => a - b).map((t) => t.toFixed(0)).join(", "));
	/* a slower processor, or half of one, takes as much longer for the drawing as for that work */
	const limit = 300 * Math.max(1, paces[2] / PACE);
	const note = `${wall} ms by the clock; ${own} ms of its thread, with loading and scripts; limit ${limit.toFixed(0)} ms, where known work takes ${work}`;
	/* the clock measures others of a busy machine, too: the thread's own time is what counts */
	assert(cpu[2] > 1 && cpu[2] < limit, note);
	return note;
});

await check("5,000 objects: panning at 60 frames a second", async () => {
	const p = await openPage(browser, build("objects", objects(5000)), { width: 1440, height: 900, cpu: true });
	await p.page.evaluate(() => document.querySelector("button[title^=Fold]").click());
	await p.settle();
	const began = await p.spent();
	const median = await p.page.evaluate(async () => {
		const el = document.querySelector(".graph"), gaps = [];
		let last = performance.now();
		for (let i = 0; i < 180; i++) {
			el.scrollTop += 24;
			await new Promise((go) => requestAnimationFrame(go));
			gaps.push(performance.now() - last);
			last = performance.now();
		}
		gaps.sort((a, b) => a - b);
		return gaps[90];
	});
	const own = (await p.spent() - began) / 180;
	await p.close();
	const note = `${own.toFixed(1)} ms of its thread a frame, ${median.toFixed(1)} ms by the clock (median)`;
	assert(own > 0.01 && own < 16.7, note);
	return note;
});

await check("100,000 events: open in under 2 s, and a jump is quick", async () => {
	const lines = many(100_000);
	const url = build("many", lines);
	const t0 = performance.now();
	const p = await openPage(browser, url, { width: 1440, height: 900, cpu: true });
	await p.page.waitForFunction(() => document.querySelector(".state")?.textContent === "recording", null, { timeout: 60_000 });
	const all = performance.now() - t0, own = await p.spent();
	const first = await p.page.evaluate(() => performance.getEntriesByName("first-drawing")[0].startTime + performance.getEntriesByName("first-drawing")[0].duration);
	const jump = await p.page.evaluate(async () => {
		const times = [];
		for (const share of [0.9, 0.1, 0.5, 0.99, 0.01]) {
			const t = performance.now();
			const bars = document.querySelector("svg.bars"), box = bars.getBoundingClientRect();
			const at = { clientX: box.left + 180 + (box.width - 200) * share, clientY: box.top + 10, bubbles: true, buttons: 1, pointerId: 1 };
			bars.setPointerCapture = () => {};
			bars.dispatchEvent(new PointerEvent("pointerdown", at));
			await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
			times.push(performance.now() - t);
		}
		return times;
	});
	sound(p, "many");
	await p.close();
	assert(own > 1 && own < 2000, `${all.toFixed(0)} ms until all is read, ${own.toFixed(0)} ms of its thread`);
	return `first drawing ${first.toFixed(0)} ms, all read ${all.toFixed(0)} ms (${own.toFixed(0)} ms of its thread), jumps ${jump.map((t) => t.toFixed(0)).join(", ")} ms`;
});

await check("all that can be done can be reached by Tab", async () => {
	const p = await openPage(browser, build("tab", linesOf(files[0])), { width: 1440, height: 900 });
	const seen = new Set();
	for (let i = 0; i < 400; i++) {
		await p.page.keyboard.press("Tab");
		const what = await p.page.evaluate(() => {
			const el = document.activeElement;
			if (!el || el === document.body) return null;
			const style = getComputedStyle(el);
			return { name: `${el.tagName}.${el.getAttribute("class") ?? ""}`, ring: style.outlineStyle !== "none" || el.closest("svg.rails") !== null };
		});
		if (!what) break;
		assert(what.ring, `${what.name} has no ring`);
		seen.add(what.name.split(" ")[0]);
	}
	for (const want of ["BUTTON.", "g.ns", "DIV.graph", "SECTION.trees", "svg.bars", "DIV.list", "INPUT.", "BUTTON.step", "BUTTON.strong"]) assert(seen.has(want), `${want} is not reached: ${[...seen].join(" ")}`);
	await p.close();
});

await check("no motion for those who want none", async () => {
	const p = await openPage(browser, build("calm", linesOf(files[0])), { width: 1440, height: 900, motion: "reduce" });
	const moving = await p.page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => getComputedStyle(e).animationName !== "none").length);
	assert(moving === 0, `${moving} elements move`);
	await p.close();
});

await check("print: the whole graph, light", async () => {
	const p = await openPage(browser, build("print", linesOf(files[0])), { width: 1440, height: 900, scheme: "dark" });
	await p.page.pdf({ path: join(out, "print.pdf"), format: "A4", landscape: true, printBackground: true });
	sound(p, "print");
	await p.close();
});

await end(browser);
