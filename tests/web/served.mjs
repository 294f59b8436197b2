// SPDX-License-Identifier: GPL-2.0-only
// The page as `nslens serve` serves it, in Debian's Chromium.
//
//   node tests/web/served.mjs follow NSLENS A B     two start-ups, led by a teacher's page
//   node tests/web/served.mjs stages NSLENS DIR     the stages of a start that happens meanwhile
//
// Prints `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.

import { spawn, spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { assert, startBrowser, verdicts } from "./browser_tools.mjs";

const [what, nslens, ...rest] = process.argv.slice(2);
const PATIENCE = 60_000; /* of a machine that has much else to do */
const { check, end } = verdicts("served: ");

/* nslens serve, running; what it printed first. */
async function serve(...options) {
	const process_ = spawn(nslens, ["serve", "--json", ...options], { stdio: ["ignore", "pipe", "inherit"] });
	const told = await new Promise((go, no) => {
		createInterface({ input: process_.stdout }).once("line", (line) => go(JSON.parse(line)));
		process_.once("exit", () => no(new Error("nslens serve has ended")));
	});
	return { told, stop: () => new Promise((go) => (process_.once("exit", go), process_.kill("SIGINT"))) };
}

const browser = await startBrowser(`served-${what}`);

async function visit(address, faults) {
	const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
	page.setDefaultTimeout(PATIENCE);
	page.on("pageerror", (e) => faults.push(e.message));
	await page.goto(address);
	return page;
}

/* Where a page is: the row and step of two start-ups, or the call and step of whose graph. */
const placeOf = (page) => page.evaluate(() => {
	const where = document.querySelector(".stepbar .where")?.textContent.replace(/\s+/g, " ").replace(/\d+ rows? differ$/, "").trim();
	return `${document.querySelector(".sides-of [aria-pressed=true] b")?.textContent ?? "both"}: ${where}`;
});

async function follows(student, teacher, what) {
	const wanted = await placeOf(teacher), until = Date.now() + PATIENCE;
	let seen = await placeOf(student);
	while (seen !== wanted && Date.now() < until) {
		await new Promise((go) => setTimeout(go, 50));
		seen = await placeOf(student);
	}
	assert(seen === wanted, `${what}: the teacher is at "${wanted}", the student at "${seen}"`);
	return wanted;
}

async function follow([a, b]) {
	const faults = [], server = await serve("-i", a, "--compare", b, "--follow-me");
	const teacher = await visit(server.told.address, faults), student = await visit(server.told.student, faults);
	for (const page of [teacher, student]) await page.waitForSelector(".compare .pairs tbody tr");
	const places = new Set();
	await check("a student's page goes where the teacher's goes: rows, steps, both graphs, and back", async () => {
		for (const key of ["f", "End", "Home", "ArrowRight", "ArrowDown", "n", "n", "ArrowRight", "N", "g", "ArrowRight", "g", "ArrowRight", "End", "g", "c", "n", "g", "Home", "c"]) {
			await teacher.keyboard.press(key);
			/* as long as it takes the teacher's page to tell: a quarter of a second, and what a busy machine adds */
			await teacher.waitForTimeout(50);
			places.add(await follows(student, teacher, key));
		}
		assert([..."AB"].every((letter) => [...places].some((p) => p.startsWith(`${letter}:`))), `only ${[...places].join("; ")}`);
		return `${places.size} places`;
	});
	await check("a student who looks elsewhere leads nobody, and is fetched at the next step", async () => {
		await teacher.keyboard.press("Home");
		const before = await follows(student, teacher, "Home");
		await student.keyboard.press("End");
		await student.waitForTimeout(800);
		assert((await placeOf(teacher)) === before, "the teacher's page moved");
		assert((await placeOf(student)) !== before, "the student cannot look elsewhere");
		await teacher.keyboard.press("ArrowDown");
		await follows(student, teacher, "ArrowDown");
	});
	const late = await visit(server.told.student, faults);
	await check("a student who comes later is where the teacher is", async () => {
		await late.waitForSelector(".stepbar .where");
		await follows(late, teacher, "late");
	});
	await check("no errors on the way", () => assert(!faults.length, faults.join("; ")));
	await server.stop();
}

/* As the page words times: user/web/app/src/view-model/text.ts. */
const digits = (x) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
const words = (ns) => (ns < 1e3 ? `${ns} ns` : ns < 1e6 ? `${digits(ns / 1e3)} µs` : ns < 1e9 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e9)} s`);
/* Stages beside each other with one name are one on the page. */
const joined = (stages) => stages.reduce((list, s) => {
	const last = list.at(-1);
	if (last && last.name === s.name && last.ts + last.duration === s.ts) last.duration += s.duration;
	else list.push({ name: s.name, ts: s.ts, duration: s.duration });
	return list;
}, []);

/* The first `startup` of the stream that is about `name`. */
async function startupOf(page, name) {
	return page.evaluate(async (name) => {
		const reader = (await fetch("events")).body.pipeThrough(new TextDecoderStream()).getReader();
		for (let rest = ""; ; ) {
			const { done, value } = await reader.read();
			if (done) return null;
			const lines = (rest + value).split("\n");
			rest = lines.pop();
			for (const l of lines) {
				if (!l.startsWith('data: {"type":"startup"') || !l.includes(name)) continue;
				await reader.cancel();
				return JSON.parse(l.slice(6));
			}
		}
	}, name);
}

const stagesOn = (page) => page.evaluate(() => ({
	name: document.querySelector(".timeline .start b")?.title ?? "",
	stages: [...document.querySelectorAll(".timeline .legend li")].map((li) => li.textContent.replace(/\s+/g, " ").trim()),
	bars: [...document.querySelectorAll(".timeline .stage title")].map((t) => t.textContent),
}));

async function stages([dir]) {
	const payload = `stages-${process.pid}`, program = join(dir, payload), file = join(dir, "stages.nslens");
	copyFileSync("/bin/true", program);
	const start = spawnSync("bwrap", ["--version"]).status === 0
		? ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", program]
		: ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", program];
	const faults = [], server = await serve();
	const page = await visit(server.told.address, faults);
	await page.waitForSelector("svg.rails .ns");
	let told, recorded;
	await check(`${start[0]} starts a program while the page looks on: its stages are there`, async () => {
		const recorder = spawn(nslens, ["record", "--force", "-o", file], { stdio: ["ignore", "ignore", "pipe"] });
		const ended = new Promise((go) => recorder.once("exit", go));
		await new Promise((go) => createInterface({ input: recorder.stderr }).once("line", go)); /* "recording to …" */
		const run = spawnSync(start[0], start.slice(1), { encoding: "utf8" });
		assert(run.status === 0, run.stderr);
		await page.waitForSelector(".timeline .start b");
		/* others of this machine may start something, too */
		for (const until = Date.now() + PATIENCE; !(await stagesOn(page)).name.includes(payload); ) {
			assert(Date.now() < until, `the page tells of "${(await stagesOn(page)).name}"`);
			const back = page.locator("[aria-label='The start-up before']:not([disabled])");
			if (await back.count()) await back.click();
			await page.waitForTimeout(200);
		}
		recorder.kill("SIGINT");
		await ended;
	});
	await check("the stages on the page are those of the server's startup", async () => {
		told = await startupOf(page, payload);
		const want = joined(told.stages), seen = await stagesOn(page);
		assert(want.length >= 2, JSON.stringify(told.stages));
		assert(seen.name === told.headline, `"${seen.name}", not "${told.headline}"`);
		const list = want.map((s, i) => `${i + 1} ${s.name} ${words(s.duration)}`);
		assert(seen.stages.join("; ") === list.join("; "), `${seen.stages.join("; ")} instead of ${list.join("; ")}`);
		return list.join("; ");
	});
	await check("they are those that nslens report tells of a recording of the same start", async () => {
		const lines = spawnSync(nslens, ["report", file, "--json"], { encoding: "utf8" }).stdout.split("\n").filter(Boolean).map((l) => JSON.parse(l));
		recorded = lines.find((l) => l.type === "startup" && l.headline.includes(payload));
		assert(recorded, "the report does not have it");
		const [a, b] = [told, recorded].map((s) => joined(s.stages).map((x) => x.name).join(", "));
		assert(a === b, `${a} instead of ${b}`);
		assert(told.payload.pid === recorded.payload.pid && told.outcome === recorded.outcome, `${told.payload.pid} ${told.outcome}`);
		/* two tracers, each with a clock reading of its own */
		const off = Math.abs(told.duration - recorded.duration);
		assert(off < recorded.duration * 0.2 + 2e7, `${words(told.duration)} and ${words(recorded.duration)}`);
		return `${words(told.duration)}, recorded ${words(recorded.duration)}`;
	});
	await check("no errors on the page", () => assert(!faults.length, faults.join("; ")));
	await server.stop();
}

await (what === "follow" ? follow : stages)(rest);
await end(browser);
