// SPDX-License-Identifier: GPL-2.0-only
// Time runs to the right, linear; one bar a task with its calls as blocks, and the
// stages of a start-up above.

import type { Recording } from "../model/recording";
import type { Call, Startup } from "../model/types";
import { safe } from "./text";

export interface Range {
	from: number;
	to: number;
}

export interface Block {
	call: number; /* index */
	from: number;
	to: number;
	failed: boolean;
}

export interface TaskBar {
	tid: number;
	name: string;
	from: number;
	to: number;
	blocks: Block[];
}

export interface StageBar {
	number: number;
	name: string;
	from: number;
	to: number;
}

/* Tasks that call, in order of their first call; beyond `most` those near `around`. */
export function taskBars(calls: readonly Call[], lines: Recording["lines"], most: number, around: number): { bars: TaskBar[]; more: number } {
	const bars = new Map<number, TaskBar>();
	const from = Math.max(0, around - 400), to = Math.min(calls.length, around + 400);
	for (let i = from; i < to; i++) {
		const c = calls[i]!;
		const end = c.ts + (c.duration ?? 0);
		let bar = bars.get(c.tid);
		if (!bar) bars.set(c.tid, (bar = { tid: c.tid, name: safe(c.comm, 32), from: c.ts, to: end, blocks: [] }));
		bar.name = safe(c.comm, 32);
		bar.from = Math.min(bar.from, c.ts);
		bar.to = Math.max(bar.to, end);
		bar.blocks.push({ call: i, from: c.ts, to: end, failed: !!c.errno });
	}
	if (lines.length < 20_000) lives(bars, lines);
	const all = [...bars.values()].sort((a, b) => a.from - b.from || a.tid - b.tid);
	if (all.length <= most) return { bars: all, more: 0 };
	const own = calls[around]?.tid;
	const at = Math.max(0, all.findIndex((b) => b.tid === own));
	const first = Math.min(Math.max(0, at - (most >> 1)), all.length - most);
	return { bars: all.slice(first, first + most), more: all.length - most };
}

/* From birth to death, where lines tell of them. */
function lives(bars: Map<number, TaskBar>, lines: Recording["lines"]): void {
	for (const line of lines) {
		if (line.type !== "task") continue;
		const bar = bars.get(line.tid);
		if (!bar) continue;
		if (line.event === "new") bar.from = Math.min(bar.from, line.ts);
		if (line.event === "exit") bar.to = Math.max(bar.to, line.ts);
	}
}

/* Blocks as they are drawn, in pixels: of those that would lie on each other one. */
export interface Drawn {
	x: number;
	width: number;
	failed: boolean;
	current: boolean;
	first: number; /* index of its first block, and how many they are */
	n: number;
}

const THINNEST = 3;

/* `x` from a time to pixels, between `left` and `right`. Failed ones and the current one lie on top. */
export function drawnBlocks(blocks: readonly Block[], current: number, x: (ts: number) => number, left: number, right: number): Drawn[] {
	const layers: Drawn[][] = [[], [], []];
	blocks.forEach((b, first) => {
		const from = Math.max(left, x(b.from)), to = Math.max(from + THINNEST, Math.min(right, x(b.to)));
		if (x(b.to) < left || x(b.from) > right) return;
		const layer = layers[b.call === current ? 2 : b.failed ? 1 : 0]!, last = layer[layer.length - 1];
		if (last && from >= last.x && from <= last.x + last.width) {
			last.width = Math.max(last.width, to - last.x);
			last.n = first + 1 - last.first;
		} else {
			layer.push({ x: from, width: to - from, failed: b.failed, current: b.call === current, first, n: 1 });
		}
	});
	return layers.flat();
}

/* The one that is meant at a moment: of those that one is drawn for the nearest. */
export function meant(blocks: readonly Block[], d: Drawn, ts: number): number {
	const away = (b: Block) => Math.max(0, b.from - ts, ts - b.to);
	let best = blocks[d.first]!;
	for (const b of blocks.slice(d.first, d.first + d.n)) if (b.failed === d.failed && away(b) < away(best)) best = b;
	return best.call;
}

const number = (x: unknown): number | null => (typeof x === "number" && Number.isFinite(x) ? x : null);

export interface StartBar {
	name: string; /* "runc started sh in 758 ms" */
	failed: boolean;
	from: number;
	to: number;
	stages: StageBar[];
}

/* All that have stages, by their begin. */
export function starts(startups: readonly Startup[]): StartBar[] {
	return startups.map(readStartup).filter((s) => s.stages.length).sort((a, b) => a.from - b.from);
}

/* The one around `ts`, the innermost of several; else the last that had begun, else the first. */
export function startAt(list: readonly StartBar[], ts: number): number {
	let inside = -1, before = -1;
	for (let i = 0; i < list.length; i++) {
		if (list[i]!.from > ts) break;
		before = i;
		if (ts <= list[i]!.to) inside = i;
	}
	return inside >= 0 ? inside : before >= 0 ? before : list.length ? 0 : -1;
}

function readStartup(s: Startup): StartBar {
	const list = Array.isArray(s.stages) ? (s.stages as Record<string, unknown>[]) : [];
	const stages: StageBar[] = [];
	for (const stage of list) {
		const from = number(stage.ts) ?? number(stage.from) ?? number(stage.begin);
		const to = from !== null && number(stage.duration) !== null ? from + number(stage.duration)! : (number(stage.to) ?? number(stage.end));
		if (from === null || to === null || to < from) continue;
		const last = stages[stages.length - 1], name = safe(stage.name ?? stage.stage ?? stage.what, 60);
		if (last && last.name === name && last.to === from) last.to = to;
		else stages.push({ number: stages.length + 1, name, from, to });
	}
	const outcome = s.outcome === "failed";
	return { name: safe(s.headline ?? s.name ?? s.container ?? "", 160), failed: outcome, from: stages[0]?.from ?? 0, to: stages[stages.length - 1]?.to ?? 0, stages };
}

/* Round marks: 1, 2 or 5 times a power of ten, at least `room` pixels apart. */
export function ticks(range: Range, width: number, room = 90): { at: number[]; step: number } {
	const span = Math.max(1, range.to - range.from);
	const least = (span * room) / Math.max(1, width);
	const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
	const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= least) ?? 10 * power;
	const at: number[] = [];
	for (let t = Math.ceil(range.from / step) * step; t <= range.to && at.length < 60; t += step) at.push(t);
	return { at, step };
}

export function xOf(range: Range, width: number, ts: number): number {
	return ((ts - range.from) / Math.max(1, range.to - range.from)) * width;
}

/* Zoomed by `factor` around `at`, inside `all`. */
export function zoom(range: Range, all: Range, at: number, factor: number): Range {
	const span = Math.min(all.to - all.from, Math.max(1000, (range.to - range.from) * factor));
	const left = at - ((at - range.from) / Math.max(1, range.to - range.from)) * span;
	const from = Math.min(Math.max(all.from, left), all.to - span);
	return { from, to: from + span };
}

/* The range, moved as little as needed so that `at` lies in it. */
export function reveal(range: Range, all: Range, at: number): Range {
	if (at >= range.from && at <= range.to) return range;
	const span = range.to - range.from;
	const from = Math.min(Math.max(all.from, at - span / 2), Math.max(all.from, all.to - span));
	return { from, to: from + span };
}
