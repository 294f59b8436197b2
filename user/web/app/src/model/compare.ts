// SPDX-License-Identifier: GPL-2.0-only
// Two start-ups side by side, as `nslens diff --json` aligns them (user/doc/diff.md), and
// the first start-up of each side, for their time lines.

import type { Startup } from "./types";

export interface Times {
	runs: number;
	min: number;
	median: number;
	max: number;
}

export interface Cell {
	run: number;
	call?: number | null;
	milestone?: number;
	step?: number | null;
	number?: number;
	text: string;
	role: string;
	who: string;
	pid: number;
	tid: number;
	at: number;
	errno: string | null;
	outcome?: string;
	runs: number;
	failed: number;
	duration: Times | null;
}

export interface Pair {
	kind: string;
	marks: string[];
	left: Cell | null;
	right: Cell | null;
	note: string | null;
	steps?: Pair[];
}

export interface Run {
	file: string;
	number: number;
	runtime: string;
	container: string | null;
	kernel: string;
	duration: number;
	outcome: string;
	gap: boolean;
}

export interface Side {
	runs: Run[];
	duration: Times | null;
	outcome: string;
	steps: boolean;
}

export interface NsRole {
	role: string;
	ns: string;
	id: number;
}

export interface Diff {
	verdict: string;
	differences: number;
	a: Side;
	b: Side;
	stages: { stage: string; text: string; left: Times | null; right: Times | null; pace: string }[];
	namespaces: { type: string; left: NsRole | null; right: NsRole | null; different: boolean }[];
	rows: Pair[];
	limits?: { text?: string };
	pace: string;
}

export interface Compare {
	type: "compare";
	diff: Diff;
	startups: (Startup | null)[];
}

/* Where the reader stands: a pair, and one of its steps; -1: the pair itself. */
export interface Place {
	row: number;
	step: number;
}

const list = <T>(x: unknown): T[] => (Array.isArray(x) ? (x as T[]) : []);

/* What is missing is empty: the line may come from a newer program. */
export function readCompare(line: Compare): Compare | null {
	const d = line.diff as Partial<Diff> | undefined;
	if (!d || !Array.isArray(d.rows)) return null;
	const side = (s: Side | undefined): Side => ({ runs: list(s?.runs), duration: s?.duration ?? null, outcome: s?.outcome ?? "", steps: !!s?.steps });
	return {
		type: "compare",
		startups: [line.startups?.[0] ?? null, line.startups?.[1] ?? null],
		diff: { ...d, verdict: d.verdict ?? "", differences: d.differences ?? 0, pace: d.pace ?? "same", a: side(d.a), b: side(d.b), stages: list(d.stages), namespaces: list(d.namespaces), rows: list(d.rows) },
	};
}

export function stepsOf(pair: Pair | undefined): Pair[] {
	return list(pair?.steps);
}

/* One place on or back: through the steps of a pair, then to the next one that is shown. */
export function walkPlaces(rows: readonly Pair[], shown: readonly number[], at: Place, by: 1 | -1): Place {
	const steps = stepsOf(rows[at.row]).length;
	if (by > 0 && at.step + 1 < steps) return { row: at.row, step: at.step + 1 };
	if (by < 0 && at.step >= 0) return { row: at.row, step: at.step - 1 };
	const row = neighbour(shown, at.row, by);
	if (row === undefined) return at;
	return { row, step: by > 0 ? -1 : stepsOf(rows[row]).length - 1 };
}

export function neighbour(shown: readonly number[], row: number, by: 1 | -1): number | undefined {
	return by > 0 ? shown.find((r) => r > row) : [...shown].reverse().find((r) => r < row);
}
