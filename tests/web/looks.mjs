// SPDX-License-Identifier: GPL-2.0-only
// Real starts and scenarios of the lab (tests/web/starts) walked in Debian's Chromium at the
// three sizes: every text readable, nothing on anything else, nothing jumps.
//
//   node tests/web/looks.mjs [--shots DIR] [NAME…]
//
// With --shots a picture of each at its most telling step is left in DIR.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { wrap } from "../../user/web/app/dev.mjs";
import { assert, here, labelFaults, openPage, pageFile, startBrowser, textFaults, verdicts } from "./browser_tools.mjs";

const args = process.argv.slice(2);
const shots = args[0] === "--shots" ? resolve(args.splice(0, 2)[1]) : "";
const out = join(here, "../../build/web/looks");
mkdirSync(out, { recursive: true });
if (shots) mkdirSync(shots, { recursive: true });
const browser = await startBrowser("looks");
const page = readFileSync(pageFile, "utf8");
const SIZES = [["1440x900", { width: 1440, height: 900 }, ""], ["1920x1080 present", { width: 1920, height: 1080 }, "p"], ["390x844", { width: 390, height: 844 }, ""]];
const STOPS = 24; /* of a walk that are looked at */
const { check, end } = verdicts();

/*
 * Where things are that must stay: the parts of the page; in the drawing each namespace on its
 * track, each nsproxy in its order. (What stands below a row that grows moves down with it.)
 */
const places = (p) => p.evaluate(() => {
	const at = {};
	for (const part of [".graph", ".stepbar", ".timeline", ".step-view", ".calls", ".trees"]) {
		const el = document.querySelector(part);
		if (el && getComputedStyle(el).display !== "none" && innerWidth > 900) at[part] = Math.round(el.getBoundingClientRect().top);
	}
	const drawing = document.querySelector("svg.rails .body").closest("svg").getBoundingClientRect();
	const rows = [];
	const put = (name, el) => {
		const b = el.getBoundingClientRect();
		(at[name] ??= new Set()).add(Math.round(b.left - drawing.left));
	};
	for (const el of document.querySelectorAll("svg.rails .proxy")) {
		const id = el.querySelector(".id")?.textContent;
		if (id?.startsWith("#")) rows.push([el.querySelector(".rule").getBoundingClientRect().top, id]);
	}
	at.order = rows.sort((a, b) => a[0] - b[0]).map((r) => r[1]);
	for (const el of document.querySelectorAll("svg.rails .ns[role=button]")) put(`${el.getAttribute("class").split(" ")[1]} ${el.getAttribute("aria-label").split(",")[0]}`, el.querySelector("rect"));
	for (const [key, x] of Object.entries(at)) if (x instanceof Set) at[key] = [...x].sort((a, b) => a - b);
	return at;
});

/* What jumped. Something may come, or go; of two pills of one namespace, too. */
function jumps(before, now) {
	const faults = [];
	for (const [what, at] of Object.entries(before)) {
		if (!(what in now) || what === "order") continue;
		const still = Array.isArray(at) ? at.some((x) => now[what].includes(x)) : now[what] === at;
		if (!still) faults.push(`${what} jumps from ${at} to ${now[what]}`);
	}
	const common = (a, b) => a.filter((x) => b.includes(x)).join();
	if (common(before.order, now.order) !== common(now.order, before.order)) faults.push(`rows change places: ${before.order} became ${now.order}`);
	return faults;
}

async function walk(url, calls, viewport, key, name) {
	const p = await openPage(browser, url, viewport);
	if (key) await p.page.keyboard.press(key);
	await p.page.keyboard.press("Home");
	const stops = calls.flatMap((c, i) => Array.from({ length: Math.max(1, c.steps?.length ?? 0) }, (_, k) => [i, k]));
	const every = Math.ceil(stops.length / STOPS), faults = [];
	const made = (c) => (c.steps ?? []).filter((s) => s.outcome === "created" || s.outcome === "undone").length;
	const best = calls.reduce((a, c, i) => (made(c) > made(calls[a]) ? i : a), 0);
	const telling = stops.findIndex(([i, k]) => i === best && k === Math.max(0, (calls[best].steps ?? []).findLastIndex((s) => s.outcome === "created" || s.outcome === "undone")));
	await p.settle();
	let before = await places(p.page);
	for (let n = 0; n < stops.length; n++) {
		if (n % every === 0 || n === telling || n + 1 === stops.length) {
			await p.settle();
			const seen = [...(await labelFaults(p.page)), ...(await textFaults(p.page))];
			faults.push(...seen.map((f) => `call ${calls[stops[n][0]].number} step ${stops[n][1]}: ${f}`));
			const now = await places(p.page);
			faults.push(...jumps(before, now).map((f) => `call ${calls[stops[n][0]].number} step ${stops[n][1]}: ${f}`));
			before = now;
			if (shots && n === telling) await p.page.screenshot({ path: join(shots, `${name}.png`) });
		}
		await p.page.keyboard.press("ArrowRight");
	}
	faults.push(...p.faults);
	await p.close();
	return { faults, stops: stops.length };
}

const all = readdirSync(join(here, "starts")).filter((f) => f.endsWith(".jsonl.gz")).map((f) => f.slice(0, -9)).filter((f) => f !== "runc-crun");
for (const name of args.length ? args : all) {
	const lines = gunzipSync(readFileSync(join(here, "starts", `${name}.jsonl.gz`))).toString().split("\n").filter(Boolean);
	const calls = lines.map((l) => JSON.parse(l)).filter((l) => l.type === "call");
	writeFileSync(join(out, `${name}.html`), wrap(page, lines));
	for (const [size, viewport, key] of SIZES) {
		await check(`${name} ${size}`, async () => {
			const { faults, stops } = await walk(pathToFileURL(join(out, `${name}.html`)).href, calls, viewport, key, `${name}-${size.replace(" ", "-")}`);
			assert(!faults.length, [...new Set(faults)].slice(0, 6).join("; "));
			return `looked at on the way through ${stops} steps`;
		});
	}
}
await end(browser);
