// SPDX-License-Identifier: GPL-2.0-only
// Pairs -> rows with words: what a mark means, which runs of alike rows are folded, and the
// two time lines on one scale.

import type { Cell, Compare, Diff, Pair, Run, Side, Times } from "../model/compare";
import { stepsOf } from "../model/compare";
import type { Startup } from "../model/types";
import { duration, safe } from "./text";

/* Colour is never alone: sign, word and shape repeat it. */
export const SIGNS: Record<string, string> = { missing: "−", added: "+", fails: "!", differs: "~", unseen: "?", "no difference": "·", same: "" };

const WORDS: Record<string, string> = {
	missing: "only in A", added: "only in B", moved: "in another order", changed: "in another way", "by another": "by another task",
	fails: "fails on one side", slower: "B slower", faster: "B faster", steps: "steps differ", kernel: "by the kernel", varies: "comes and goes", unseen: "events lost",
};

export function markWords(marks: readonly string[]): string[] {
	return marks.map((m) => WORDS[m] ?? safe(m, 20));
}

/* "missing", "moved" …: the class of a row; one that is slower and the same otherwise is "slower". */
export function tone(pair: Pair): string {
	if (pair.kind !== "differs") return pair.kind === "no difference" ? "none" : safe(pair.kind, 12);
	for (const mark of ["slower", "faster", "moved"]) if (pair.marks.includes(mark)) return mark;
	return "differs";
}

const SHORT: Record<string, string> = {
	missing: "only A", added: "only B", fails: "fails", slower: "slower", faster: "faster", moved: "order", changed: "changed", "by another": "by whom", steps: "steps", kernel: "kernel", varies: "varies", unseen: "unseen",
};

/* One word for the most telling mark. */
export function markWord(pair: Pair): string {
	const mark = Object.keys(SHORT).find((m) => pair.marks.includes(m));
	return mark ? SHORT[mark]! : "";
}

export function isDifference(pair: Pair): boolean {
	return pair.kind !== "same" && pair.kind !== "no difference";
}

export type Shown = { row: number } | { from: number; to: number };

const FEW = 2; /* so many alike ones are not worth a fold */

/* What is drawn: rows, and folds in place of alike ones. The one that is chosen is never folded. */
export function shownRows(rows: readonly Pair[], fold: boolean, chosen: number): Shown[] {
	const out: Shown[] = [];
	for (let i = 0; i < rows.length;) {
		let end = i;
		while (fold && end < rows.length && !isDifference(rows[end]!) && end !== chosen) end++;
		if (end - i > FEW) {
			out.push({ from: i, to: end });
			i = end;
		} else {
			for (end = Math.max(end, i + 1); i < end; i++) out.push({ row: i });
		}
	}
	return out;
}

/* Which rows the keys walk. */
export function walked(shown: readonly Shown[]): number[] {
	return shown.flatMap((s) => ("row" in s ? [s.row] : []));
}

export function cellTime(cell: Cell | null): string {
	if (!cell) return "";
	const took = cell.duration ? duration(cell.duration.median) : "";
	if (cell.failed && cell.errno) return [safe(cell.errno, 16), took].filter(Boolean).join(" ");
	return took;
}

export function difference(pair: { left: { duration: Times | null } | null; right: { duration: Times | null } | null }): string {
	const a = pair.left?.duration, b = pair.right?.duration;
	if (!a || !b || !a.runs || !b.runs) return "";
	const by = b.median - a.median;
	return by ? `${by > 0 ? "+" : "−"}${duration(Math.abs(by))}` : "";
}

export function sideName(side: Side): string {
	const run = side.runs[0];
	if (!run) return "";
	const more = side.runs.length > 1 ? ` and ${side.runs.length - 1} more` : "";
	return `${baseName(run)} #${run.number}${more}`;
}

export function baseName(run: Run): string {
	return safe(run.file.slice(run.file.lastIndexOf("/") + 1), 60);
}

export function sideAbout(side: Side): string {
	const run = side.runs[0];
	if (!run) return "";
	return [safe(run.runtime, 20), run.container ? safe(run.container, 20) : "", `Linux ${safe(run.kernel, 40)}`, side.runs.some((r) => r.gap) ? "events lost" : ""].filter(Boolean).join(" · ");
}

export interface StageSpan {
	number: number;
	name: string;
	from: number; /* since its start-up began */
	to: number;
	pace: string;
}

export interface StageRow {
	number: number;
	name: string;
	a: string;
	b: string;
	by: string;
	pace: string;
}

/* One number for one kind, on both sides. */
export function stageRows(d: Diff): StageRow[] {
	return d.stages.map((s, i) => ({
		number: i + 1, name: safe(s.text, 60), a: s.left ? duration(s.left.median) : "–", b: s.right ? duration(s.right.median) : "–",
		by: s.left && s.right ? difference({ left: { duration: s.left }, right: { duration: s.right } }) : "", pace: s.pace,
	}));
}

const finite = (x: unknown): number => (typeof x === "number" && Number.isFinite(x) ? x : 0);

export function stageSpans(d: Diff, startup: Startup | null): StageSpan[] {
	const begin = finite(startup?.ts);
	const stages = Array.isArray(startup?.stages) ? (startup!.stages as Record<string, unknown>[]) : [];
	return stages.flatMap((s) => {
		const kind = d.stages.findIndex((k) => k.stage === s.stage);
		const from = finite(s.ts) - begin;
		return kind < 0 ? [] : [{ number: kind + 1, name: safe(s.name, 60), from, to: from + Math.max(0, finite(s.duration)), pace: d.stages[kind]!.pace }];
	});
}

export function longest(c: Compare): number {
	return Math.max(1, ...c.startups.map((s) => finite(s?.duration)));
}

/* Does a side show the recording that the page has? Then its calls can be gone to. */
export function isOwn(run: Run | undefined, source: string | undefined): boolean {
	if (!run || !source) return false;
	return baseName(run) === safe(source.replace(/[#,].*$/, ""), 60) || baseName(run) === safe(source, 60);
}

export function callOf(pair: Pair | undefined, side: "left" | "right"): number | null {
	const cell = pair?.[side];
	return cell && cell.call != null && typeof cell.number === "number" && cell.run === 0 ? cell.number : null;
}

export type SideLetter = "a" | "b";

/* A call in one of the two graphs, and its step. */
export interface Spot {
	side: SideLetter;
	call: number; /* its number */
	step: number;
}

const CELL = { a: "left", b: "right" } as const;

/* Where the call of a pair, or of one of its steps, stands in the graph of a side. */
export function spotOf(pair: Pair | undefined, step: Pair | undefined, side: SideLetter): Spot | null {
	const call = callOf(pair, CELL[side]), at = step?.[CELL[side]]?.step;
	return call === null ? null : { side, call, step: typeof at === "number" ? at : 0 };
}

/* The row of a call; if it has none the last one before it, so that one is near. */
export function rowOfCall(rows: readonly Pair[], side: SideLetter, call: number): number {
	let best = -1, nearest = -1;
	rows.forEach((r, i) => {
		const number = callOf(r, CELL[side]);
		if (number === call) best = i;
		if (number !== null && number <= call) nearest = i;
	});
	return best >= 0 ? best : nearest;
}

/* The other side of what is done: the same row, or the last one before it that has another side. */
export function counterpart(rows: readonly Pair[], from: Spot): Spot | null {
	const side = from.side === "a" ? "b" : "a";
	const at = rowOfCall(rows, from.side, from.call);
	const alike = callOf(rows[at], CELL[from.side]) === from.call ? stepsOf(rows[at]).find((s) => s[CELL[from.side]]?.step === from.step) : undefined;
	const order = [...rows.keys()].sort((x, y) => Math.abs(x - at) - Math.abs(y - at) || x - y);
	for (const i of order) {
		const spot = spotOf(rows[i], i === at ? alike : undefined, side);
		if (spot) return spot;
	}
	return null;
}

export { stepsOf };
