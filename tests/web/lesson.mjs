// SPDX-License-Identifier: GPL-2.0-only
// Lessons in Debian's Chromium: walked by keyboard from first to last, beside what
// `nslens lab run --json` tells of the same scenario.
//
//   node tests/web/lesson.mjs --nslens PATH [--out DIR] [--steps DIR]
//
// --steps: files NAME.jsonl that `lab run --json` wrote where the kernel's single steps can be
// seen (a guest); they are walked as file pages. Pictures go to build/web/shots.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { wrap } from "../../user/web/app/dev.mjs";
import { assert, axeFaults, here, labelFaults, openPage, pageFile, startBrowser, verdicts } from "./browser_tools.mjs";

const args = process.argv.slice(2);
const option = (name, otherwise) => {
	const at = args.indexOf(name);
	return at < 0 ? otherwise : args.splice(at, 2)[1];
};
const nslens = resolve(option("--nslens", "build/nslens"));
const out = resolve(option("--out", join(here, "../../build/web/shots")));
const stepsDir = option("--steps", "");

mkdirSync(out, { recursive: true });
const browser = await startBrowser("lesson");
const { check, end } = verdicts();

/* Pids, inode numbers, ids and times are others each time; white space is the page's business. */
const plain = (text) => (text ?? "").replace(/\d+/g, "N").replace(/\s+/g, " ").trim();

function same(seen, wanted, what) {
	assert(plain(seen) === plain(wanted), `${what}: “${plain(seen)}” instead of “${plain(wanted)}”`);
}

/* Lines of a run, as the turns of a lesson. */
function turnsOf(lines) {
	const turns = [];
	for (const line of lines) {
		const turn = turns.at(-1);
		if (line.type === "step" && !(line.more && turn)) turns.push({ deeds: [{ step: line }], calls: [] });
		else if (line.type === "step") turn.deeds.push({ step: line });
		else if (line.type === "result") turn.deeds.at(-1).result = line;
		else if (line.type === "call") turn.calls.push(line);
	}
	return turns;
}

function run(name) {
	const done = spawnSync(nslens, ["lab", "run", "--json", name], { encoding: "utf8", maxBuffer: 1 << 26 });
	assert(done.status === 0, `lab run --json ${name}: ${done.stderr}`);
	return done.stdout.split("\n").filter(Boolean).map((l) => JSON.parse(l));
}

/* What a lesson's page shows of the present turn. */
const look = (page) => page.evaluate(() => {
	const text = (selector, root = document) => root.querySelector(selector)?.textContent ?? null;
	const all = (selector, root = document) => [...root.querySelectorAll(selector)].map((e) => e.textContent);
	return {
		phase: document.querySelector("main").className,
		progress: text(".progress p span"), max: document.querySelector(".progress progress")?.max,
		do: text(".question .do"), tell: all(".question>p:not(.do):not(.ask)"), ask: text(".question legend, .question .ask"), choices: all(".question label span"),
		verdict: document.querySelector(".verdict")?.className.split(" ")[1] ?? null, answer: text(".verdict .answer"), why: text(".verdict .why"),
		deeds: [...document.querySelectorAll(".deeds>li")].map((li) => ({ do: text(".do code", li), told: text(".told", li), unseen: text(".unseen", li) })),
		where: text(".stepbar .where"), sig: text(".step-view .sig"), here: text(".step-view .here"), title: text(".step-view h2"),
		steps: [...document.querySelectorAll(".step-view .steps li")].map((li) => `${text(".fn", li)} ${text(".out", li)}`.trim()),
		changes: all(".changes li"),
		score: text(".summary .score"), judged: all(".judged .mark"), after: text(".summary .after"),
	};
});

const phaseIs = (p, phase) => p.page.waitForSelector(`main.at-${phase}`, { timeout: 90_000 });

function compareQuestion(seen, turn, number, of) {
	const { step } = turn.deeds[0];
	same(seen.progress, `Step ${number} of ${of}`, "progress");
	assert(Number(seen.progress.split(" ")[1]) === number && seen.max === of, `progress: ${seen.progress} instead of ${number} of ${of}`);
	same(seen.do, step.do, "do");
	same(seen.tell.join(" "), step.tell, "tell");
	same(seen.ask, step.ask, "question");
	same(seen.choices.join(" / "), step.choices.join(" / "), "choices");
}

function compareDeed(seen, { step, result }) {
	same(seen.do, step.do, "deed");
	if (result.told) {
		const text = result.text && !result.errno ? ` ${result.text.trimEnd().replaceAll("\n", " ⏎ ").slice(0, 999)}` : "";
		/* what a look reads may be longer than what is shown */
		assert(plain(seen.told).startsWith(plain(result.told)), `told: “${plain(seen.told)}” instead of “${plain(result.told)}”`);
		if (result.text && result.text.length < 60) same(seen.told, result.told + text, "text");
	}
	same(seen.unseen, result.not_observable.length ? `Not observable here: ${result.not_observable.join(", ")}.` : "", "not observable");
}

function compareResult(seen, turn, choice) {
	const { step, result } = turn.deeds[0];
	if (step.ask) {
		const kind = !step.choices.length || !choice ? "told" : choice === result.right ? "hit" : "miss";
		assert(seen.verdict === kind, `verdict ${seen.verdict} instead of ${kind}`);
		assert(plain(seen.answer).endsWith(plain(result.answer)), `answer “${seen.answer}” instead of “${result.answer}”`);
		same(seen.why, result.why, "why");
	} else {
		assert(seen.verdict === null, "an answer without a question");
	}
	assert(seen.deeds.length === turn.deeds.length, `${seen.deeds.length} deeds instead of ${turn.deeds.length}`);
	turn.deeds.forEach((d, i) => compareDeed(seen.deeds[i], d));
}

const outcomeOf = (s) => (s.outcome === "failed" && s.errno ? `−${s.errno}` : s.outcome === "done" ? "" : s.outcome);

function compareCall(seen, call) {
	const result = call.errno ? `= −1 ${call.errno}` : call.ret === null ? "= ?" : call.syscall === "exit" ? "" : `= ${call.ret}`;
	assert(plain(seen.sig).startsWith(plain(`${call.syscall}(${call.flags.join(" | ")}) ${result}`)), `call “${seen.sig}”, not ${call.syscall} ${result}`);
	same(seen.steps.join("; "), (call.steps ?? []).map((s) => `${s.fn}() ${outcomeOf(s)}`.trim()).join("; "), "steps");
}

/* By the arrows through every kernel step of every call of the turn. */
async function walkCalls(p, turn) {
	let n = 0;
	await p.page.keyboard.press("Home");
	assert((await look(p.page)).where.includes("before"), "Home is not before");
	for (const call of turn.calls) {
		for (let k = 0; k < Math.max(1, call.steps?.length ?? 0); k++, n++) {
			await p.page.keyboard.press("ArrowRight");
			const seen = await look(p.page);
			compareCall(seen, call);
			const step = call.steps?.[k];
			assert(seen.where.includes(`${step?.fn ?? call.syscall}()`), `${seen.where}, not ${step?.fn ?? call.syscall}()`);
			if (step?.explain) same(seen.here?.toLowerCase(), step.explain.toLowerCase(), "explanation of the step");
			if (!step && call.explain) same(seen.here?.toLowerCase(), call.explain.toLowerCase(), "explanation of the call");
		}
	}
	await p.page.keyboard.press("ArrowRight");
	const seen = await look(p.page);
	assert(seen.where.includes("after"), `${n} steps: ${seen.where}`);
	if (turn.calls.length) {
		compareCall(seen, turn.calls[0]);
		same(seen.here?.toLowerCase(), turn.calls[0].explain?.toLowerCase(), "explanation of the whole call");
	}
	await p.page.keyboard.press("b");
	assert((await look(p.page)).where.includes("before"), "b does not flip");
	await p.page.keyboard.press("b");
	return n;
}

/* New namespaces by type: what the picture says must be what was born and is still there. */
function compareChanges(seen, turn) {
	for (const call of turn.calls.filter((c) => !c.errno && c.syscall === "unshare"))
		for (const change of Object.values(call.slots ?? {}).filter((c) => c.how === "created"))
			assert(seen.changes.some((c) => plain(c).startsWith(plain(`NEW ${change.after.ns}`))) || turn.deeds.length > 1, `${change.after.ns} is not told as new: ${seen.changes.join("; ")}`);
	if (turn.calls.length === 0 && turn.deeds.every((d) => d.result.ret === 0 && /look|hostname|getpid/.test(d.step.do))) assert(seen.changes.length === 0, `a change without a call: ${seen.changes}`);
}

const shots = [["1440", { width: 1440, height: 900 }, ""], ["1920-present", { width: 1920, height: 1080 }, "p"], ["390", { width: 390, height: 844 }, ""]];

/* Looked at in three sizes, and by axe in light, dark and present. */
async function inspect(p, name, faults) {
	for (const [size, viewport, key] of shots) {
		await p.page.setViewportSize(viewport);
		if (key) await p.page.keyboard.press(key);
		await p.settle();
		await p.page.screenshot({ path: join(out, `lesson-${name}-${size}.png`) });
		if (await p.page.$(".graph")) faults.push(...(await labelFaults(p.page)).map((f) => `${name} ${size}: ${f}`));
		if (size !== "390") faults.push(...(await axeFaults(p.page)).map((f) => `${name} ${size}: ${f}`));
		if (key) await p.page.keyboard.press(key);
	}
	await p.page.setViewportSize(shots[0][1]);
	await p.page.keyboard.press("d");
	await p.settle();
	await p.page.screenshot({ path: join(out, `lesson-${name}-dark.png`) });
	faults.push(...(await axeFaults(p.page)).map((f) => `${name} dark: ${f}`));
	await p.page.keyboard.press("d");
}

/* From the first question to the summary. */
async function walkLesson(p, lines, name) {
	const turns = turnsOf(lines), faults = [];
	let right = 0, asked = 0, steps = 0, inspected = 0;
	for (const [i, turn] of turns.entries()) {
		await phaseIs(p, "question");
		compareQuestion(await look(p.page), turn, i + 1, turns.length);
		const { step, result } = turn.deeds[0];
		/* right and wrong in turns, and once just seen */
		const choice = !step.choices.length ? 0 : asked % 3 === 2 ? 0 : asked % 3 === 0 ? result.right : (result.right % step.choices.length) + 1;
		if (i === 0) await inspect(p, `${name}-question`, faults);
		asked += step.choices.length > 0;
		right += choice > 0 && choice === result.right;
		if (choice) await p.page.keyboard.press(String(choice));
		await p.page.keyboard.press("Enter");
		await phaseIs(p, "result");
		const seen = await look(p.page);
		compareResult(seen, turn, choice);
		compareChanges(seen, turn);
		steps += await walkCalls(p, turn);
		if (turn.calls.length && inspected++ < 2) await inspect(p, `${name}-result${inspected}`, faults);
		await p.page.keyboard.press("Enter");
	}
	await phaseIs(p, "end");
	const seen = await look(p.page), summary = lines.find((l) => l.type === "summary");
	if (asked) assert(new RegExp(`^${right} of ${asked} `).test(seen.score), `score “${seen.score}” instead of ${right} of ${asked}`);
	assert(seen.judged.length === asked, `${seen.judged.length} judged of ${asked}`);
	same(seen.after, summary.after, "after");
	await inspect(p, `${name}-end`, faults);
	assert(!p.faults.length, p.faults.slice(0, 3).join("; "));
	assert(!faults.length, `${faults.length} faults: ${faults.slice(0, 5).join("; ")}`);
	return `${turns.length} turns, ${steps} kernel steps or calls, ${right} of ${asked} right`;
}

/* ---- files, from where the kernel's steps can be seen ---- */

for (const file of stepsDir ? readdirSync(stepsDir).filter((f) => f.endsWith(".jsonl")) : []) {
	const name = basename(file, ".jsonl");
	await check(`${name}: with the kernel's steps, as lab run --json told it in a guest`, async () => {
		const lines = readFileSync(join(stepsDir, file), "utf8").split("\n").filter(Boolean);
		const html = join(out, `lesson-${name}.html`);
		writeFileSync(html, wrap(readFileSync(pageFile, "utf8").replace('<div id="app"', '<div id="app" data-lesson'), lines));
		const parsed = lines.map((l) => JSON.parse(l));
		assert(parsed.some((l) => l.type === "call" && l.steps?.length), "no kernel steps were seen in the guest");
		const p = await openPage(browser, pathToFileURL(html).href, { width: 1440, height: 900, wait: "main.at-question" });
		const note = await walkLesson(p, parsed, `steps-${name}`);
		await p.close();
		return note;
	});
}

/* ---- the server ---- */

const serve = spawn(nslens, ["lab", "serve", "--json"], { stdio: ["ignore", "pipe", "pipe"] });
let said = "";
serve.stderr.on("data", (text) => (said += text));
const told = await new Promise((go) => {
	createInterface({ input: serve.stdout }).once("line", (line) => go(JSON.parse(line)));
	serve.once("exit", () => go(null));
});
if (!told) {
	console.log(`FAIL lab serve: ${said}`);
	process.exit(1);
}
const origin = told.address.replace(/\?.*/, "");
const p = await openPage(browser, told.address, { width: 1440, height: 900, origin, wait: ".scenario" });

await check("the list: by topic, searched and started by keyboard", async () => {
	const listed = spawnSync(nslens, ["lab", "list", "--json"], { encoding: "utf8" }).stdout.split("\n").filter(Boolean).map((l) => JSON.parse(l));
	const seen = await p.page.evaluate(() => [...document.querySelectorAll(".scenario")].map((e) => ({ name: e.querySelector(".name").textContent, level: e.querySelector(".level").textContent, off: e.disabled })));
	assert(seen.length === listed.length, `${seen.length} scenarios instead of ${listed.length}`);
	listed.forEach((s, i) => assert(seen[i].name === s.name && seen[i].level.endsWith(String(s.level)) && seen[i].off === !s.runs_here, `${JSON.stringify(seen[i])} instead of ${s.name}`));
	const faults = [];
	await p.page.evaluate(() => document.activeElement.blur());
	await inspect(p, "list", faults);
	assert(!faults.length, faults.slice(0, 4).join("; "));
	return `${seen.length} scenarios`;
});

async function startByKeyboard(name) {
	/* also out of a lesson in which a check has failed */
	if (!(await p.page.$("#find"))) await p.page.keyboard.press("l");
	await p.page.waitForSelector("#find");
	await p.page.evaluate(() => document.activeElement.blur());
	await p.page.keyboard.press("/");
	await p.page.keyboard.press("Control+a");
	await p.page.keyboard.type(name);
	await p.page.waitForFunction((n) => document.querySelector(".scenario .name")?.textContent === n, name);
	await p.page.keyboard.press("ArrowDown");
	await p.page.keyboard.press("Enter");
}

for (const name of ["uts-alone", "pid-unshare", "keep-bind", "unwind", "setns-each"]) {
	await check(`${name}: walked by keyboard, as lab run --json tells it`, async () => {
		const lines = run(name);
		await startByKeyboard(name);
		const note = await walkLesson(p, lines, name);
		await p.page.keyboard.press("r");
		await phaseIs(p, "question");
		assert((await look(p.page)).progress.startsWith("Step 1 "), "again does not begin anew");
		await p.page.keyboard.press("l");
		await p.page.waitForSelector(".scenario");
		return note;
	});
}

await check("a second page watches, sees the same, and may take over", async () => {
	await startByKeyboard("uts-alone");
	await phaseIs(p, "question");
	const watcher = await openPage(browser, told.address, { width: 1440, height: 900, origin, wait: "main.at-question" });
	await watcher.page.waitForSelector(".watching");
	assert((await watcher.page.$(".go")) === null, "a watcher is offered to go on");
	await watcher.page.keyboard.press("1");
	await watcher.page.keyboard.press("Enter");
	await watcher.page.keyboard.press("l");
	await watcher.settle();
	await phaseIs(p, "question");
	await p.page.keyboard.press("1");
	await p.page.keyboard.press("Enter");
	await phaseIs(p, "result");
	await phaseIs(watcher, "result");
	const [mine, theirs] = [await look(p.page), await look(watcher.page)];
	same(theirs.answer, mine.answer, "what the watcher sees");
	assert(theirs.verdict === "hit", theirs.verdict);
	await watcher.page.screenshot({ path: join(out, "lesson-watching.png") });
	const faults = await axeFaults(watcher.page);
	assert(!faults.length, faults.slice(0, 3).join("; "));
	await watcher.page.click(".watching button");
	await p.page.waitForSelector(".watching");
	await watcher.page.waitForSelector(".go");
	await watcher.page.keyboard.press("Enter");
	await phaseIs(p, "question");
	await watcher.close();
	await p.page.click(".watching button");
	await p.page.waitForSelector(".go");
	assert(!p.faults.length, p.faults.slice(0, 3).join("; "));
});

await check("a page that is loaded anew stands where it stood, and leads", async () => {
	await phaseIs(p, "question");
	const before = await look(p.page);
	await p.page.reload();
	await phaseIs(p, "question");
	await p.page.waitForSelector(".go");
	same((await look(p.page)).do, before.do, "the step");
});

await check("all that can be done can be reached by Tab", async () => {
	const seen = new Set();
	for (let i = 0; i < 80; i++) {
		await p.page.keyboard.press("Tab");
		const what = await p.page.evaluate(() => {
			const el = document.activeElement;
			if (!el || el === document.body) return null;
			const ring = getComputedStyle(el.closest("label") ?? el).outlineStyle !== "none" || el.closest("svg.rails") !== null;
			return { name: `${el.tagName}.${(el.getAttribute("class") ?? "").split(" ")[0]}`, ring };
		});
		if (!what) break;
		assert(what.ring, `${what.name} has no ring`);
		seen.add(what.name);
	}
	for (const want of ["BUTTON.", "BUTTON.strong", "DIV.graph", "DIV.pane", "INPUT."]) assert(seen.has(want), `${want} is not reached: ${[...seen].join(" ")}`);
});

await p.close();
const ended = new Promise((go) => serve.once("exit", go));
serve.kill("SIGINT");
const status = await ended;
await check("Ctrl-C ends it", async () => assert(status === 0, `exit status ${status}: ${said}`));
await end(browser);
