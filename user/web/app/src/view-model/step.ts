// SPDX-License-Identifier: GPL-2.0-only
// One step of a call, in words: those of the program (`explain`, `about`), never our own
// where it has any.

import type { Call, PathRow, Step, Texts } from "../model/types";
import { stepType } from "../model/walk";
import { duration, safe } from "./text";

export interface StepItem {
	fn: string;
	outcome: string;
	time: string;
	detail: string;
	depth: number;
	kind: "plain" | "made" | "bad" | "off";
	type: string | null;
}

export interface StepView {
	syscall: string;
	flags: string[];
	result: string;
	failed: boolean;
	chain: string[];
	title: string;
	here: string;
	about: string;
	source: string | null;
	condition: Condition | null;
	time: string;
	failure: { check: string; remedy: string | null; fn: string | null } | null;
	steps: StepItem[];
	whole: string;
	slots: { slot: string; before: string; after: string; how: string }[];
	nsproxy: string;
}

function kindOf(step: Step): StepItem["kind"] {
	if (step.outcome === "failed" || step.outcome === "undone") return "bad";
	if (step.outcome === "not reached") return "off";
	return step.outcome === "created" || step.outcome === "installed" ? "made" : "plain";
}

function item(step: Step): StepItem {
	return {
		fn: safe(step.fn, 60),
		outcome: step.outcome === "failed" && step.errno ? `−${safe(step.errno, 20)}` : step.outcome === "done" ? "" : safe(step.outcome, 20),
		time: step.outcome === "not reached" ? "" : duration(step.duration),
		detail: step.ns && step.outcome !== "shared" ? safe(step.ns.ns, 40) : step.nsproxy ? `nsproxy#${step.nsproxy}` : "",
		depth: Math.min(6, Math.max(0, step.depth || 0)),
		kind: kindOf(step),
		type: stepType(step),
	};
}

/* The functions around a step. */
function chainOf(steps: readonly Step[], at: number): string[] {
	const chain = [steps[at]!.fn];
	for (let i = at - 1, depth = steps[at]!.depth; i >= 0; i--)
		if (steps[i]!.depth < depth) {
			depth = steps[i]!.depth;
			chain.unshift(steps[i]!.fn);
		}
	return chain.map((fn) => safe(fn, 60));
}

function titleOf(step: Step): string {
	const fn = `${safe(step.fn, 60)}()`;
	if (step.outcome === "not reached") return `${fn} was not reached`;
	if (step.outcome === "failed") return step.errno ? `${fn} fails: ${safe(step.errno, 20)}` : `${fn} fails`;
	const ns = step.ns ? safe(step.ns.ns, 40) : "";
	switch (step.outcome) {
	case "created": return `${fn} makes a new namespace: ${ns}`;
	case "shared": return `${fn}: one more reference`;
	case "undone": return `Unwinding: ${fn}`;
	case "installed": return ns ? `${fn}: ${ns}` : `${fn}: the task uses it now`;
	default: return fn;
	}
}

/* The step that decided: of those that failed the innermost. */
export function culprit(call: Call): number {
	let found = -1;
	(call.steps ?? []).forEach((s, i) => {
		if (s.outcome === "failed" && (found < 0 || s.depth > call.steps![found]!.depth)) found = i;
	});
	return found;
}

export interface Condition {
	when: string;
	mark: string;
}

/* Rows of the path that lie inside the function of a step, and its own row. */
function rowsOf(rows: readonly PathRow[], fn: string): { own: PathRow; inside: PathRow[] } | null {
	const all = rows.map((r, i) => (r.kind === "function" && r.fn === fn ? i : -1)).filter((i) => i >= 0);
	const at = all.find((i) => rows[i]!.mark && rows[i]!.mark !== "not taken") ?? all[0];
	if (at === undefined) return null;
	const own = rows[at]!;
	let end = at + 1;
	while (end < rows.length && rows[end]!.depth > own.depth) end++;
	return { own, inside: rows.slice(at + 1, end).filter((r) => r.depth === own.depth + 1) };
}

const IDLE = ["passed", "not taken", "not known", "not reached", ""];

/* The condition in the kernel that decided what this step did. */
function conditionOf(rows: readonly PathRow[] | undefined, step: Step): { condition: Condition | null; file: string | null } {
	const found = rows && rowsOf(rows, step.fn);
	if (!found) return { condition: null, file: null };
	const { own, inside } = found;
	const refused = step.outcome === "failed" ? inside.find((r) => r.kind === "fail" && !IDLE.includes(r.mark ?? "")) : undefined;
	const asked = inside.find((r) => r.kind === "if" && r.when && (r.mark === "taken" || r.mark === "not taken"));
	const row = refused ?? (own.when ? own : undefined) ?? (step.outcome === "failed" ? undefined : asked);
	return {
		condition: row?.when ? { when: safe(row.when, 400), mark: row === asked && row.mark === "not taken" ? "no" : row === own ? "" : row === asked ? "yes" : "refused" } : null,
		file: own.file,
	};
}

function shareOf(step: Step, call: Call): string {
	if (step.outcome === "not reached") return "";
	if (step.inferred) return "Inferred: no hook saw it; it follows from the kernel's source and the steps around it.";
	if (step.duration === null) return "";
	const share = call.duration ? (100 * step.duration) / call.duration : 101;
	const part = share < 1 ? ", less than 1 % of the call" : share <= 100 ? `, ${share.toFixed(0)} % of the call` : "";
	return `It took ${duration(step.duration)}${part}.`;
}

function resultOf(call: Call): string {
	if (call.errno) return `= −1 ${safe(call.errno, 20)}`;
	if (call.ret === null) return call.died ? "= ? (it died)" : "= ?";
	return call.syscall === "exit" ? "" : `= ${call.ret}`;
}

/* The type stands in the slot's name. */
function inumOf(ref: { ns: string } | null): string {
	if (!ref) return "none";
	return /\[(\d+)\]$/.exec(ref.ns)?.[1] ?? safe(ref.ns, 30);
}

function slotRows(call: Call): StepView["slots"] {
	return Object.entries(call.slots ?? {}).map(([slot, c]) => ({
		slot: safe(slot, 24),
		before: inumOf(c.before),
		after: inumOf(c.after),
		how: safe(c.how, 20),
	}));
}

function nsproxyLine(call: Call): string {
	const before = call.nsproxy?.before ?? null, after = call.nsproxy?.after ?? null;
	if (before === null && after === null) return "";
	if (after === null) return `nsproxy#${before} is left`;
	return before !== null && before !== after ? `nsproxy#${before} → nsproxy#${after}` : `nsproxy#${after} stays`;
}

export function stepView(call: Call, at: number, texts: Texts["functions"], path: readonly PathRow[] | undefined): StepView {
	const steps = call.steps ?? [];
	const step = steps[at];
	const fn = step ? texts[step.fn] : undefined;
	const where = step ? conditionOf(path, step) : { condition: null, file: null };
	/* a call without steps is told as a whole, with its reason */
	const decided = steps.length ? culprit(call) === at : !(call.explain ?? "").includes(call.failure?.check ?? "");
	return {
		syscall: safe(call.syscall, 20),
		flags: (call.flags ?? []).map((f) => safe(f, 30)),
		result: resultOf(call),
		failed: !!call.errno,
		chain: step ? chainOf(steps, at) : [],
		title: step ? titleOf(step) : `${safe(call.syscall, 20)}()${call.errno ? ` fails: ${safe(call.errno, 20)}` : ""}`,
		here: step ? safe(step.explain ?? "", 2000) : safe(call.explain ?? "", 6000),
		about: safe(fn?.about ?? "", 4000),
		source: where.file ?? fn?.file ?? null,
		condition: where.condition,
		time: step ? shareOf(step, call) : call.steps === null ? "Its steps are not seen here: this machine permits tracepoints only (nslens doctor)." : steps.length ? "" : "No namespace function ran inside.",
		failure: decided && call.failure?.check
			? { check: safe(call.failure.check, 1000), remedy: call.failure.remedy ? safe(call.failure.remedy, 1000) : null, fn: call.failure.fn }
			: null,
		steps: steps.map(item),
		whole: step ? safe(call.explain ?? "", 6000) : "",
		slots: slotRows(call),
		nsproxy: nsproxyLine(call),
	};
}

export interface PathItem {
	depth: number;
	kind: PathRow["kind"];
	name: string;
	when: string;
	what: string;
	errnos: string;
	mark: string;
}

export function pathItems(rows: readonly PathRow[]): PathItem[] {
	return rows.map((r) => ({
		depth: Math.min(10, Math.max(0, r.depth || 0)),
		kind: r.kind,
		name: r.fn && r.kind === "function" ? `${safe(r.fn, 60)}()` : "",
		when: safe(r.when ?? "", 400),
		what: safe(r.what ?? "", 400),
		errnos: (r.errnos ?? []).map((e) => safe(e, 20)).join(" "),
		mark: safe(r.mark ?? "", 30),
	}));
}
