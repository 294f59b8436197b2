// SPDX-License-Identifier: GPL-2.0-only
// What a page's thread did, by Chromium's own trace: tasks, pictures, and layouts that a script
// forced before their time (by asking for a size behind a change).

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.stack"];

/* The events of a trace while `run` runs. */
export async function record(browser, run) {
	const cdp = await browser.newBrowserCDPSession(), events = [];
	cdp.on("Tracing.dataCollected", (d) => events.push(...d.value));
	await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: CATEGORIES } });
	await run();
	const done = new Promise((go) => cdp.once("Tracing.tracingComplete", go));
	await cdp.send("Tracing.end");
	await done;
	await cdp.detach();
	return events;
}

const SCRIPT = ["FunctionCall", "EvaluateScript", "FireAnimationFrame", "EventDispatch", "TimerFire", "RunMicrotasks"];
const LAYOUT = ["Layout", "UpdateLayoutTree"];

function whose(e) {
	const stack = (e.args.beginData ?? e.args.data ?? {}).stackTrace ?? [];
	return `${e.name} by ${stack.slice(0, 3).map((s) => `${s.functionName || "?"}:${s.columnNumber}`).join(" < ") || "?"}`;
}

/* Of the busiest page: tasks that took longer than `limit` ms of the thread's time, layouts that were forced. */
export function tasksOf(events, limit = 50) {
	const thread = (e) => `${e.pid}.${e.tid}`;
	const work = new Map();
	for (const e of events) if (e.ph === "X") work.set(thread(e), (work.get(thread(e)) ?? 0) + (e.tdur ?? 0));
	const main = events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map(thread).sort((a, b) => (work.get(b) ?? 0) - (work.get(a) ?? 0))[0];
	const own = events.filter((e) => e.ph === "X" && thread(e) === main);
	const scripts = own.filter((e) => SCRIPT.includes(e.name));
	const within = (e) => scripts.some((s) => s.ts <= e.ts && s.ts + s.dur >= e.ts + e.dur);
	const tasks = own.filter((e) => e.name === "RunTask");
	return {
		tasks: tasks.length,
		long: tasks.map((e) => (e.tdur ?? 0) / 1000).filter((t) => t > limit),
		forced: own.filter((e) => LAYOUT.includes(e.name) && within(e)).map(whose),
		pictures: own.filter((e) => e.name === "Commit").length,
	};
}
