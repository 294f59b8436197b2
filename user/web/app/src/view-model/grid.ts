// SPDX-License-Identifier: GPL-2.0-only
// The integer grid in pixels. Lines that folding leaves out have no place of their own.

import { LANES, type Line, type Rails, type Row } from "../layout/rails";
import type { NsType } from "../model/types";

export const SIZE = {
	margin: 14,
	tasks: 214,
	taskGap: 12,
	box: 96,
	boxGap: 18,
	pill: 44,
	pillHeight: 22,
	step: 30,
	pad: 5,
	lane: 4,
	line: 32,
	row: 8,
	top: 10,
	fold: 26,
	head: 50,
} as const;

export interface LaneBox {
	type: NsType;
	x: number;
	width: number;
	tracks: number;
	step: number;
}

/* One or more rows in one line: "12 rows". */
export interface FoldLine {
	y: number;
	rows: number;
	ghosts: number;
	first: number; /* index of the first row */
}

export interface Grid {
	width: number;
	height: number;
	lanes: LaneBox[];
	box: number;
	y: number[]; /* middle of each line; of a folded one that of its fold */
	folded: boolean[]; /* by line */
	folds: FoldLine[];
}

const MANY_TRACKS = 8;

/* Of a grid whose lanes have two tracks each. */
export function gridWidth(): number {
	return columns({ tracks: LANES.map(() => 2) }).width;
}

function columns(rails: { tracks: number[] }): { lanes: LaneBox[]; box: number; width: number } {
	const most = Math.max(...rails.tracks);
	const step = most <= MANY_TRACKS ? SIZE.step : 16;
	let x = SIZE.margin + SIZE.tasks + SIZE.taskGap, box = 0;
	const lanes = LANES.map((type, i) => {
		if (type !== "user" && !box) {
			box = x + 8;
			x = box + SIZE.box + SIZE.boxGap;
		}
		const tracks = rails.tracks[i]!;
		const width = SIZE.pill + 2 * SIZE.pad + step * (tracks - 1);
		const lane = { type, x, width, tracks, step };
		x += width + SIZE.lane;
		return lane;
	});
	return { lanes, box, width: x + SIZE.margin };
}

export function trackX(lane: LaneBox, track: number): number {
	return lane.x + SIZE.pad + SIZE.pill / 2 + lane.step * track;
}

/* `hidden`: rows that are folded away; those beside each other share one thin line. */
export function place(rails: Rails, hidden: ReadonlySet<number>): Grid {
	const grid: Grid = { ...columns(rails), height: 0, y: [], folded: [], folds: [] };
	let y = SIZE.top, fold: FoldLine | null = null;
	rails.rows.forEach((row, i) => {
		const hide = hidden.has(i);
		if (hide && !fold) {
			fold = { y: y + SIZE.fold / 2, rows: 0, ghosts: 0, first: i };
			grid.folds.push(fold);
			y += SIZE.fold;
		}
		if (!hide) fold = null;
		else {
			fold!.rows++;
			fold!.ghosts += Number(row.kind === "ghost");
		}
		for (let n = 0; n < row.nlines; n++) {
			grid.folded.push(hide);
			grid.y.push(hide ? fold!.y : y + SIZE.line / 2);
			if (!hide) y += SIZE.line;
		}
		if (!hide) y += SIZE.row;
	});
	grid.height = y + SIZE.top;
	return grid;
}

/* Where the line of namespaces of a row ends. */
export function rowEnd(grid: Grid, line: Line): number {
	let end = grid.box + SIZE.box;
	for (const cell of line.cells) if (cell.lane > 0) end = Math.max(end, trackX(grid.lanes[cell.lane]!, cell.track));
	return end;
}

/* Lines between two heights, by binary search: y rises with the line. */
export function linesBetween(grid: Grid, top: number, bottom: number): { from: number; to: number } {
	const below = (limit: number) => {
		let low = 0, high = grid.y.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (grid.y[middle]! < limit) low = middle + 1;
			else high = middle;
		}
		return low;
	};
	return { from: below(top - SIZE.line), to: below(bottom + SIZE.line) };
}

export const FOLD_FROM = 60;
/* Once there were so many they stay folded down to this: rows that come and go must not open and close the others. */
export const FOLD_TO = 45;

export function folds(rows: number, before: boolean): boolean {
	return rows > (before ? FOLD_TO : FOLD_FROM);
}

/*
 * Rows that are folded away. With a filter: those it does not touch. Without one those that
 * no call of the recording is about. Never what is being built.
 */
export function foldRows(rails: Rails, o: {
	on: boolean; touched: { has(nsproxy: number): boolean }; matches: ((row: Row, i: number) => boolean) | null; opened: ReadonlySet<number>;
}): Set<number> {
	const hidden = new Set<number>();
	if (!o.on) return hidden;
	rails.rows.forEach((row, i) => {
		const initial = row.kind === "nsproxy" && (row.nsproxy as { initial?: boolean }).initial;
		if (initial || row.kind === "building" || o.opened.has(row.key || -row.id)) return;
		const wanted = o.matches ? o.matches(row, i) : row.kind === "nsproxy" && o.touched.has(row.id);
		if (!wanted) hidden.add(i);
	});
	return hidden;
}
