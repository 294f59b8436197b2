// SPDX-License-Identifier: GPL-2.0-only
// Rails: the graph on an integer grid, as user/view/rails.h describes it and with the
// same results. A row is one nsproxy, a line of it one group of tasks with the same user
// and pid namespace, a rail one namespace on a track of its type's lane.
//
// layOut() is given the memory of the layout before and returns the next one: what was
// there keeps its row, its line and its track, whatever comes or goes.

import type { KeeperLine, NsType } from "../model/types";
import { usedNamespaces, type HalfBuilt, type Ns, type Nsproxy, type State, type Task } from "../model/state";
import { placeUses, type Place, type Tracks, type Use } from "./tracks";

export const LANES: readonly NsType[] = ["user", "mnt", "uts", "ipc", "pid", "net", "cgroup", "time"];

export type RowKind = "nsproxy" | "building" | "ghost" | "zombies" | "lone";

export interface Proc {
	task: Task;
	threads: number;
}

export interface Cell {
	ns: Ns;
	line: number;
	lane: number;
	track: number;
	label: boolean;
	pending: boolean; /* takes effect at the next fork or exec */
	now: boolean; /* time: what the tasks have now, where time* differs */
}

export interface Rail {
	ns: Ns;
	first: number;
	last: number;
	track: number;
	lane: number;
}

export interface Line {
	row: number;
	user: Ns | null;
	pid: Ns | null;
	procs: Proc[];
	ntasks: number;
	container: string | null;
	cells: Cell[];
	pidPending: boolean;
}

export interface Row {
	kind: RowKind;
	key: number; /* unique among the rows of nsproxies, and stays */
	id: number; /* of the nsproxy or the lone namespace; else 0 */
	nsproxy: Nsproxy | HalfBuilt | null;
	lone: Ns | null;
	keepers: readonly KeeperLine[];
	firstLine: number;
	nlines: number;
	timePending: boolean;
}

export interface Rails {
	tracks: number[]; /* of each lane, at least 2 */
	rows: Row[];
	lines: Line[];
	cells: Cell[];
	rails: Rail[];
}

interface Fold {
	user: number;
	pid: number;
	taken: boolean;
}

interface OldRow {
	key: number;
	folds: Fold[];
}

export interface Memory {
	readonly rows: readonly OldRow[];
	readonly tracks: readonly Tracks[];
}

export function freshMemory(): Memory {
	return { rows: [], tracks: LANES.map(() => []) };
}

/* An nsproxy has no number before it is built: its row stands behind all others. */
export const NAMELESS = 2 ** 52;

interface Entry {
	task: Task;
	user: number;
	pid: number;
	row: number;
	line: number;
}

interface Picked {
	key: number;
	x: Nsproxy | null;
	half: HalfBuilt | null;
}

interface Work {
	state: State;
	memory: Memory;
	rows: OldRow[]; /* of the next memory */
	laneTracks: Tracks[];
	out: Rails;
	entries: Entry[];
	uses: Use[][];
}

function pick(state: State): Picked[] {
	const picked: Picked[] = [];
	for (const x of state.nsproxies.values()) picked.push({ key: x.id, x, half: null });
	for (const half of state.building) picked.push({ key: half.id ?? NAMELESS + (half.tid ?? 0xffffffff), x: null, half });
	picked.sort((a, b) => a.key - b.key);
	for (let i = 1; i < picked.length; i++)
		if (picked[i]!.key <= picked[i - 1]!.key) picked[i]!.key = picked[i - 1]!.key + 1;
	return picked;
}

function addRow(w: Work, kind: RowKind, key: number): Row {
	const row: Row = {
		kind, key, id: key < NAMELESS ? key : 0, nsproxy: null, lone: null, keepers: [],
		firstLine: 0, nlines: 0, timePending: false,
	};
	w.out.rows.push(row);
	return row;
}

function addPicked(w: Work, p: Picked): void {
	const row = addRow(w, p.half ? "building" : "nsproxy", p.key);
	row.nsproxy = p.x ?? p.half;
}

/* What was there and what is there become one list. The oldest ghosts are dropped first. */
function mergeRows(w: Work, ghosts: number): void {
	const picked = pick(w.state);
	const there = new Set(picked.map((p) => p.key));
	const old = w.memory.rows;
	let gone = old.filter((o) => o.key < NAMELESS && !there.has(o.key)).length;
	const merged = w.rows;
	for (let i = 0, k = 0; i < old.length || k < picked.length; ) {
		const o = old[i], p = picked[k];
		if (o && (!p || o.key < p.key)) {
			i++;
			if (o.key >= NAMELESS || gone-- > ghosts) continue;
			addRow(w, "ghost", o.key);
			merged.push({ key: o.key, folds: o.folds.map((f) => ({ ...f })) });
			continue;
		}
		addPicked(w, p!);
		k++;
		const same = o && o.key === p!.key;
		if (same) i++;
		merged.push({ key: p!.key, folds: same ? o.folds.map((f) => ({ ...f })) : [] });
	}
}

function collect(w: Work): void {
	const rowOf = new Map<number, number>();
	w.out.rows.forEach((row, i) => {
		if (row.kind === "nsproxy") rowOf.set(row.id, i);
	});
	const zombies = w.out.rows.length;
	for (const task of w.state.tasks.values()) {
		const row = task.nsproxy === null ? zombies : (rowOf.get(task.nsproxy) ?? zombies);
		w.entries.push({ task, user: task.user ?? 0, pid: task.pidActive ?? 0, row, line: 0 });
	}
	w.entries.sort(entryOrder);
}

/* People's programs before kernel threads; a leader before its threads. */
function entryOrder(a: Entry, b: Entry): number {
	const t = a.task, u = b.task;
	return a.row - b.row || a.line - b.line || a.user - b.user || a.pid - b.pid ||
		Number(t.kthread) - Number(u.kthread) || t.pid - u.pid ||
		Number(u.tid === u.pid) - Number(t.tid === t.pid) || t.tid - u.tid;
}

function foldLength(e: Entry[], at: number): number {
	let n = 1;
	while (at + n < e.length && e[at + n]!.user === e[at]!.user && e[at + n]!.pid === e[at]!.pid) n++;
	return n;
}

/* A group that was there goes back to its line; others get a vacant one, or a new one. */
function assignLines(folds: Fold[], e: Entry[]): void {
	for (const f of folds) f.taken = false;
	const set = (at: number, n: number, line: number) => {
		for (let i = at; i < at + n; i++) e[i]!.line = line;
	};
	for (let at = 0, n; at < e.length; at += n) {
		n = foldLength(e, at);
		const known = folds.findIndex((f) => f.user === e[at]!.user && f.pid === e[at]!.pid && !f.taken);
		if (known >= 0) folds[known]!.taken = true;
		set(at, n, known);
	}
	for (let at = 0, vacant = 0, n; at < e.length; at += n) {
		n = foldLength(e, at);
		if (e[at]!.line >= 0) continue;
		while (vacant < folds.length && folds[vacant]!.taken) vacant++;
		folds[vacant] = { user: e[at]!.user, pid: e[at]!.pid, taken: true };
		set(at, n, vacant);
	}
}

/* A container, or a service with namespaces of its own. */
function belongsTo(t: Task): string | null {
	if (t.initial) return null;
	return t.container ?? (t.unit?.endsWith(".service") ? t.unit : null);
}

function fillLine(w: Work, line: Line, e: Entry[]): void {
	const first = e[0]!.task;
	const ns = (id: number | null) => (id === null ? null : (w.state.namespaces.get(id) ?? null));
	for (const { task } of e) {
		const proc = line.procs[line.procs.length - 1];
		if (proc && proc.task.pid === task.pid) proc.threads++;
		else line.procs.push({ task, threads: 1 });
	}
	line.user = ns(first.user);
	line.pid = ns(first.pidActive);
	line.container = belongsTo(first);
	line.ntasks = e.length;
}

function layRow(w: Work, number: number, folds: Fold[], e: Entry[]): void {
	const row = w.out.rows[number]!;
	if (!folds.length && !e.length) folds.push({ user: 0, pid: 0, taken: false });
	assignLines(folds, e);
	e.sort(entryOrder);
	const later = row.nsproxy?.slots.pid_for_children ?? null;
	row.firstLine = w.out.lines.length;
	row.nlines = folds.length;
	for (let i = 0; i < folds.length; i++) {
		const line: Line = {
			row: number, user: null, pid: null, procs: [], ntasks: 0, container: null, cells: [], pidPending: false,
		};
		const mine = e.filter((x) => x.line === i);
		if (mine.length) fillLine(w, line, mine);
		line.pidPending = line.pid !== null && later !== null && later !== line.pid.id;
		w.out.lines.push(line);
	}
}

function layLines(w: Work): void {
	const nrows = w.out.rows.length;
	const byRow = new Map<number, Entry[]>();
	for (const e of w.entries) {
		const list = byRow.get(e.row);
		if (list) list.push(e);
		else byRow.set(e.row, [e]);
	}
	for (let i = 0; i < nrows; i++) layRow(w, i, w.rows[i]!.folds, byRow.get(i) ?? []);
	const zombies = byRow.get(nrows);
	if (!zombies) return;
	addRow(w, "zombies", 0);
	layRow(w, nrows, [], zombies);
}

function addUse(w: Work, ns: Ns | null | undefined, row: number, line: number, now = false): void {
	if (!ns) return;
	w.uses[LANES.indexOf(ns.type)]!.push({ ns, place: { row, line }, now, track: 0, label: false });
}

function rowUses(w: Work, row: Row): void {
	const ns = (id: number | null | undefined) => (id == null ? undefined : w.state.namespaces.get(id));
	for (let i = 0; i < row.nlines; i++) addUse(w, w.out.lines[row.firstLine + i]!.user, row.key, i);
	const slots = row.nsproxy!.slots;
	for (const slot of ["mnt", "uts", "ipc", "pid_for_children", "net", "cgroup"] as const)
		addUse(w, ns(slots[slot]), row.key, 0);
	const now = ns(slots.time), later = ns(slots.time_for_children);
	row.timePending = !!now && !!later && now.id !== later.id;
	addUse(w, later, row.key, 0);
	if (now && now.id !== later?.id) addUse(w, now, row.key, 0, true);
}

function isPending(w: Work, use: Use, line: number): boolean {
	const row = w.out.rows[w.out.lines[line]!.row]!;
	if (use.ns.type === "time") return row.timePending && !use.now;
	if (use.ns.type !== "pid") return false;
	return w.out.lines.slice(row.firstLine, row.firstLine + row.nlines).some((l) => l.pidPending);
}

function putLane(w: Work, lane: number, lineAt: (p: Place) => number): void {
	const uses = w.uses[lane]!;
	const tracks = placeUses(w.memory.tracks[lane]!, uses);
	w.laneTracks[lane] = tracks;
	for (const u of uses) {
		const line = lineAt(u.place);
		w.out.cells.push({
			ns: u.ns, line, lane, track: u.track, label: u.label, pending: isPending(w, u, line), now: u.now,
		});
	}
	tracks.forEach((track, i) => {
		for (const s of track)
			w.out.rails.push({ ns: s.ns, first: lineAt(s.first), last: lineAt(s.last), track: i, lane });
		if (track.length) w.out.tracks[lane] = Math.max(w.out.tracks[lane]!, i + 1);
	});
}

/* Below the rails: on the namespace's track if it has one, always with a label. */
function addLoose(w: Work, ns: Ns, line: number, lone: boolean): void {
	const lane = LANES.indexOf(ns.type);
	let track = ns.initial ? 0 : 1;
	if (!ns.initial && !lone)
		for (const r of w.out.rails) if (r.lane === lane && r.ns.id === ns.id) track = r.track;
	w.out.cells.push({ ns, line, lane, track, label: true, pending: false, now: false });
}

function layCells(w: Work): void {
	const firstLine = new Map<number, number>();
	for (const row of w.out.rows) {
		if (row.kind !== "zombies") firstLine.set(row.key, row.firstLine);
		if (row.nsproxy) rowUses(w, row);
	}
	const lineAt = (p: Place) => firstLine.get(p.row)! + p.line;
	for (let lane = 0; lane < LANES.length; lane++) putLane(w, lane, lineAt);
	const last = w.out.rows[w.out.rows.length - 1];
	if (last?.kind !== "zombies") return;
	for (let i = last.firstLine; i < last.firstLine + last.nlines; i++) {
		const user = w.out.lines[i]!.user;
		if (user) addLoose(w, user, i, false);
	}
}

/* Namespaces that no task and no nsproxy uses: something else keeps them. */
function layLone(w: Work): void {
	const used = usedNamespaces(w.state);
	const lone = [...w.state.namespaces.values()].filter((ns) => !used.has(ns.id) && !ns.unborn);
	lone.sort((a, b) => a.id - b.id);
	for (const ns of lone) {
		const row = addRow(w, "lone", 0);
		row.id = ns.id;
		row.lone = ns;
		row.keepers = ns.keepers;
		row.firstLine = w.out.lines.length;
		row.nlines = 1;
		w.out.lines.push({
			row: w.out.rows.length - 1, user: null, pid: null, procs: [], ntasks: 0, container: null,
			cells: [], pidPending: false,
		});
		addLoose(w, ns, row.firstLine, true);
	}
}

export function layOut(state: State, memory: Memory, ghosts: number): { rails: Rails; memory: Memory } {
	const w: Work = {
		state, memory, rows: [], laneTracks: [], entries: [], uses: LANES.map(() => []),
		out: { tracks: LANES.map(() => 2), rows: [], lines: [], cells: [], rails: [] },
	};
	mergeRows(w, ghosts);
	collect(w);
	layLines(w);
	layCells(w);
	layLone(w);
	const { cells, lines } = w.out;
	cells.sort((a, b) => a.line - b.line || a.lane - b.lane || a.track - b.track);
	for (const cell of cells) lines[cell.line]!.cells.push(cell);
	return { rails: w.out, memory: { rows: w.rows, tracks: w.laneTracks } };
}
