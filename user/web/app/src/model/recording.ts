// SPDX-License-Identifier: GPL-2.0-only
// All lines so far, and the state at any of them: a keyframe, a checkpoint, a short replay.

import { Compact } from "./compact";
import { readCompare, type Compare } from "./compare";
import { reduce } from "./reduce";
import { copyState, emptyState, type State } from "./state";
import { walk, type Moment } from "./walk";
import type { Call, End, Incoming, Line, Lost, Milestone, PathRow, Start, Startup, Texts } from "./types";

/* So many lines are replayed at most. */
const STRIDE = 512;
/* Live, of more lines than these the older half is forgotten. */
export const KEEP_LIVE = 200_000;

/* Where the reader stands: after step `step` of calls[call]; call -1: before all of them. */
export interface Stop {
	call: number;
	step: number;
}

export class Recording {
	start: Start | null = null;
	end: End | null = null;
	texts: Texts["functions"] = {};
	lines: Line[] = [];
	calls: Call[] = [];
	/* For each call the index of its line. */
	private at: number[] = [];
	private byNumber = new Map<number, number>();
	startups: Startup[] = [];
	compare: Compare | null = null;
	/* The second one of two that are compared, where it is another file. */
	other: Recording | null = null;
	/* It is that one: the server has no answers about its calls. */
	second = false;
	milestones: Milestone[] = [];
	losses: Lost[] = [];
	paths = new Map<number, PathRow[]>();
	/* States before some lines, in order; and the lines that are keyframes. */
	private checkpoints: { index: number; state: State }[] = [];
	private keyframes: number[] = [];
	private changes = false;
	private compact = new Compact();
	private cursor: { index: number; state: State } | null = null;
	/* nsproxies that some call names, with the index of the first one: worth a row of their own */
	readonly touched = new Map<number, number>();
	firstTs = 0;
	lastTs = 0;
	private timed = false;

	/* True: everything known before is void. */
	add(line: Incoming): boolean {
		switch (line.type) {
		case "start":
			this.clear();
			this.start = line;
			return true;
		case "texts":
			this.texts = line.functions ?? {};
			return false;
		case "path":
			for (const n of line.calls ?? []) this.paths.set(n, line.path);
			return false;
		case "startup":
			this.startups.push(line);
			return false;
		case "compare":
			this.compare = readCompare(line);
			return false;
		case "other":
			this.other ??= new Recording();
			this.other.second = true;
			this.other.texts = this.texts;
			if (line.line && line.line.type !== "other") this.other.add(line.line);
			return false;
		case "end":
			this.end = line;
			this.lastTs = Math.max(this.lastTs, line.duration ?? 0);
			return false;
		case "change":
			this.append(this.compact.change(line));
			return false;
		case "graph":
			this.compact.forget();
			this.append(line);
			return false;
		case "call":
		case "ns":
		case "task":
		case "milestone":
		case "lost":
			this.append(line);
			return false;
		default:
			return false; /* newer than this page */
		}
	}

	private clear(): void {
		const fresh = new Recording();
		Object.assign(this, {
			end: null, texts: {}, lines: [], calls: [], at: [], byNumber: fresh.byNumber,
			startups: [], compare: null, other: null, milestones: [], losses: [], paths: fresh.paths, checkpoints: [], keyframes: [], changes: false, compact: fresh.compact,
			cursor: null, firstTs: 0, lastTs: 0, timed: false,
		});
		this.touched.clear();
	}

	private append(line: Line): void {
		if (line.type === "call") {
			this.byNumber.set(line.number, this.calls.length);
			this.at.push(this.lines.length);
			this.calls.push(line);
			this.touch(line);
		} else if (line.type === "graph") {
			this.keyframes.push(this.lines.length);
		} else if (line.type === "change") {
			this.changes = true;
		} else if (line.type === "milestone") {
			this.milestones.push(line);
		} else if (line.type === "lost") {
			this.losses.push(line);
		}
		this.lines.push(line);
		this.time(line);
	}

	/*
	 * Live, and too long: forgets what lies before a keyframe in the middle. Returns how
	 * many calls went: indexes of the others are lower by so many now.
	 */
	trim(most = KEEP_LIVE): number {
		const from = this.lines.length > most ? this.keyframes.find((k) => k >= this.lines.length / 2) : undefined;
		if (from === undefined) return 0;
		const gone = this.at.findIndex((at) => at >= from);
		const calls = gone < 0 ? this.calls.length : gone;
		for (const c of this.calls.slice(0, calls)) this.paths.delete(c.number);
		this.lines = this.lines.slice(from);
		this.calls = this.calls.slice(calls);
		this.at = this.at.slice(calls).map((at) => at - from);
		this.keyframes = this.keyframes.filter((k) => k >= from).map((k) => k - from);
		this.byNumber = new Map(this.calls.map((c, i) => [c.number, i]));
		this.forgetTouched(calls);
		this.firstTs = this.calls[0]?.ts ?? this.lastTs;
		this.startups = this.startups.filter((s) => endOf(s) >= this.firstTs);
		this.milestones = this.milestones.filter((m) => m.ts >= this.firstTs);
		this.losses = this.losses.filter((l) => l.ts >= this.firstTs);
		this.checkpoints = [];
		this.cursor = null;
		return calls;
	}

	private touch(call: Call): void {
		for (const id of named(call)) if (!this.touched.has(id)) this.touched.set(id, this.calls.length - 1);
	}

	/* The first `calls` are gone: of what they named stays what others name, and what is still there. */
	private forgetTouched(calls: number): void {
		const stays = new Set(this.calls.flatMap(named)), keyframe = this.lines[0];
		if (keyframe?.type === "graph") for (const x of keyframe.nsproxies) if (x.id !== null) stays.add(x.id);
		for (const [id, first] of this.touched) {
			if (stays.has(id)) this.touched.set(id, Math.max(0, first - calls));
			else this.touched.delete(id);
		}
	}

	private time(line: Line): void {
		const ts = line.ts;
		if (typeof ts !== "number") return;
		const end = line.type === "call" ? ts + (line.duration ?? 0) : ts;
		if (line.type === "graph") return;
		this.firstTs = this.timed ? Math.min(this.firstTs, ts) : ts;
		this.timed = true;
		this.lastTs = Math.max(this.lastTs, end);
	}

	/* The last one at or before `index`: where a replay begins. */
	private nearest(index: number): { index: number; state: State } {
		let best = lastBefore(this.checkpoints, (c) => c.index <= index) ?? { index: 0, state: this.fresh() };
		const keyframe = lastBefore(this.keyframes, (k) => k <= index);
		if (keyframe !== undefined && keyframe > best.index) best = { index: keyframe, state: this.fresh() };
		return this.cursor && this.cursor.index <= index && this.cursor.index >= best.index ? this.cursor : best;
	}

	private remember(index: number, state: State): void {
		const at = this.checkpoints.findIndex((c) => c.index >= index);
		if (this.checkpoints[at]?.index === index) return;
		this.checkpoints.splice(at < 0 ? this.checkpoints.length : at, 0, { index, state: copyState(state) });
	}

	/* The state before line `index`. What is returned is not changed later. */
	stateBefore(index: number): State {
		const from = this.nearest(index);
		if (from.index === index && from === this.cursor) return from.state;
		let state = copyState(from.state);
		for (let i = from.index; i < index; i++) {
			if (i % STRIDE === 0) this.remember(i, state);
			state = reduce(state, this.lines[i]!);
		}
		this.cursor = { index, state };
		return state;
	}

	/*
	 * As stateBefore(); what the next `change` will tell is concluded meanwhile, from the lines
	 * since the last one: in a burst one `change` stands for several. What it tells then is
	 * put on what was exact, so nothing that was concluded wrongly stays. `call`: the one
	 * whose first step is asked for.
	 */
	private shownBefore(index: number, call: Call | null = null): State {
		const since = this.untoldSince(index);
		if (since === index) return this.stateBefore(index);
		let state = copyState(this.stateBefore(since));
		for (const line of this.lines.slice(since, index)) if (!call || !isWithin(line, call)) state = reduce(state, line, true);
		return state;
	}

	/* Behind the last line before `index` that tells the state; not more lines than a replay may have. */
	private untoldSince(index: number): number {
		const least = this.changes ? Math.max(0, index - STRIDE) : index;
		for (let i = index; i > least; i--) {
			const { type } = this.lines[i - 1]!;
			if (type === "change" || type === "graph") return i;
		}
		return least;
	}

	private fresh(): State {
		const s = emptyState();
		s.deaths = this.start?.steps !== false;
		s.exact = this.changes;
		return s;
	}

	now(): State {
		return this.stateBefore(this.lines.length);
	}

	lineOf(call: number): number {
		return this.at[call]!;
	}

	indexOf(number: number): number {
		return this.byNumber.get(number) ?? -1;
	}

	/* A call without steps is one stop. */
	steps(call: number): number {
		return Math.max(1, this.calls[call]?.steps?.length ?? 0);
	}

	moment(stop: Stop): Moment {
		const call = this.calls[stop.call];
		if (!call) return { state: this.beforeAll(), focus: NO_FOCUS, put: [] };
		const at = this.at[stop.call]!;
		const before = this.shownBefore(at, call);
		/* what the program says about it stands right behind it, but in a burst */
		const after = this.lines[at + 1]?.type === "change" ? this.stateBefore(at + 2) : this.shownBefore(at + 1);
		return walk(before, after, call, stop.step);
	}

	/* After the first keyframe and all that no call is needed for. */
	private beforeAll(): State {
		return this.shownBefore(this.at[0] ?? this.lines.length);
	}

	/* One kernel step on or back, over the ends of calls. */
	next(s: Stop): Stop {
		if (s.call >= 0 && s.step + 1 < this.steps(s.call)) return { call: s.call, step: s.step + 1 };
		return s.call + 1 < this.calls.length ? { call: s.call + 1, step: 0 } : s;
	}

	previous(s: Stop): Stop {
		if (s.step > 0) return { call: s.call, step: s.step - 1 };
		return s.call > 0 ? { call: s.call - 1, step: this.steps(s.call - 1) - 1 } : s;
	}

	/* The stop that a moment falls into: the last call that had begun, its last step that had ended. */
	stopAt(ts: number): Stop {
		let best = -1;
		for (let i = 0; i < this.calls.length; i++)
			if (this.calls[i]!.ts <= ts && (best < 0 || this.calls[i]!.ts >= this.calls[best]!.ts)) best = i;
		if (best < 0) return { call: this.calls.length ? 0 : -1, step: 0 };
		const steps = this.calls[best]!.steps ?? [];
		let step = 0;
		for (let k = 0; k < steps.length; k++) if (steps[k]!.ts !== null && steps[k]!.ts! <= ts) step = k;
		const call = this.calls[best]!;
		if (call.duration !== null && ts >= call.ts + call.duration) step = this.steps(best) - 1;
		return { call: best, step };
	}

	timeOf(stop: Stop): number {
		const call = this.calls[stop.call];
		if (!call) return this.firstTs;
		const step = call.steps?.[stop.step];
		if (stop.step >= this.steps(stop.call) - 1) return call.ts + (call.duration ?? 0);
		return step?.ts ?? call.ts;
	}
}

/* The nsproxies that a call names. */
function named(call: Call): number[] {
	const ids = [call.nsproxy?.before, call.nsproxy?.after, ...(call.steps ?? []).map((s) => s.nsproxy)];
	return ids.filter((id) => id != null);
}

function endOf(startup: Startup): number {
	return Number(startup.ts ?? 0) + Number(startup.duration ?? 0);
}

/* A line ahead of the call's own that is about its caller as the call leaves it: it exits, or is another program. */
function isWithin(line: Line, call: Call): boolean {
	return line.type === "task" && line.tid === call.tid && (line.event === "exit" || line.event === "free" || line.ts >= call.ts);
}

/* The last of a sorted list for which it holds. */
function lastBefore<T>(list: readonly T[], holds: (t: T) => boolean): T | undefined {
	let low = 0, high = list.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (holds(list[middle]!)) low = middle + 1;
		else high = middle;
	}
	return list[low - 1];
}

const NO_FOCUS: Moment["focus"] = { tag: null, type: null, ns: null, half: false, nsproxy: null, task: null };
