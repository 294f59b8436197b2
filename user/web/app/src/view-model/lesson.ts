// SPDX-License-Identifier: GPL-2.0-only
// What changed between two pictures of a lesson: marks in the drawing, and the same in words.

import type { Rails } from "../layout/rails";
import { freshMemory, layOut, type Memory } from "../layout/rails";
import { GHOSTS, type View } from "../layout/lineage";
import type { Lesson, Place, Turn } from "../model/lesson";
import { copyState, usedNamespaces, type Ns, type State, type Task } from "../model/state";
import { nsName, safe } from "./text";

export type ChangeTag = "NEW" | "MOVED" | "GONE";

export interface ChangeMark {
	tag: ChangeTag;
	what: "ns" | "nsproxy" | "task";
	id: number;
}

export interface Changes {
	marks: ChangeMark[];
	words: { tag: ChangeTag; text: string }[];
}

const taskName = (t: Task) => `${safe(t.comm, 40)} (${t.tid})`;
const proxyName = (id: number | null) => (id === null ? "no nsproxy" : `nsproxy#${id}`);

/* The names that the lesson has for namespaces. */
function named(ns: Ns, marks: Readonly<Record<string, number>>): string {
	const names = Object.keys(marks).filter((m) => marks[m] === ns.id);
	return nsName(ns) + (names.length ? ` “${names.map((n) => safe(n, 30)).join("”, “")}”` : "");
}

function moves(before: Task, after: Task, state: State): string[] {
	const words = [];
	if (before.nsproxy !== after.nsproxy)
		words.push(after.nsproxy === null ? `leaves ${proxyName(before.nsproxy)}` : `${proxyName(before.nsproxy)} → ${proxyName(after.nsproxy)}`);
	const user = after.user === before.user || after.user === null ? undefined : state.namespaces.get(after.user);
	if (user) words.push(`its credentials are in ${nsName(user)} now`);
	return words;
}

/* Initial namespaces come into the picture and leave it with those who use them. */
export function changesOf(before: State, after: State, names: Readonly<Record<string, number>>): Changes {
	const out: Changes = { marks: [], words: [] };
	const add = (tag: ChangeTag, what: ChangeMark["what"], id: number, text: string) => {
		out.marks.push({ tag, what, id });
		out.words.push({ tag, text });
	};
	for (const t of after.tasks.values()) {
		const old = before.tasks.get(t.tid);
		if (!old) add("NEW", "task", t.tid, `task ${taskName(t)}${t.nsproxy === null ? "" : ` in ${proxyName(t.nsproxy)}`}`);
		const words = old ? moves(old, t, after) : [];
		if (words.length) add("MOVED", "task", t.tid, `${taskName(t)}: ${words.join("; ")}`);
	}
	for (const t of before.tasks.values()) if (!after.tasks.has(t.tid)) add("GONE", "task", t.tid, `task ${taskName(t)}`);
	for (const x of after.nsproxies.values()) if (!before.nsproxies.has(x.id)) add("NEW", "nsproxy", x.id, proxyName(x.id));
	for (const x of before.nsproxies.values()) if (!after.nsproxies.has(x.id)) add("GONE", "nsproxy", x.id, proxyName(x.id));
	for (const ns of after.namespaces.values()) if (!before.namespaces.has(ns.id) && !ns.initial) add("NEW", "ns", ns.id, named(ns, names));
	for (const ns of before.namespaces.values()) if (!after.namespaces.has(ns.id) && !ns.initial) add("GONE", "ns", ns.id, named(ns, names));
	return out;
}

/* Where a mark stands: the first label of a namespace, the box of an nsproxy, the pill of a task. */
export interface MarkPlace {
	tag: ChangeTag;
	line: number;
	lane: number | null;
	track: number;
	label: boolean;
	what: ChangeMark["what"];
}

export function markPlaces(rails: Rails, marks: readonly ChangeMark[]): MarkPlace[] {
	const list: MarkPlace[] = [];
	for (const m of marks) {
		if (m.what === "ns") {
			const cell = rails.cells.find((c) => c.ns.id === m.id && c.label) ?? rails.cells.find((c) => c.ns.id === m.id);
			if (cell) list.push({ tag: m.tag, line: cell.line, lane: cell.lane, track: cell.track, label: cell.label, what: "ns" });
		} else if (m.what === "nsproxy") {
			const row = rails.rows.find((r) => r.id === m.id && (r.kind === "nsproxy" || r.kind === "ghost"));
			if (row) list.push({ tag: m.tag, line: row.firstLine, lane: null, track: 0, label: false, what: "nsproxy" });
		} else {
			const line = rails.lines.findIndex((l) => l.procs.some((p) => p.task.tid === m.id));
			if (line >= 0) list.push({ tag: m.tag, line, lane: null, track: 0, label: false, what: "task" });
		}
	}
	return list;
}

/*
 * The pictures of a lesson. Each is laid out on the one before it, so what was there keeps
 * its place, whichever moment is looked at.
 */
export class Pictures {
	private memories: { lines: number; memory: Memory }[] = [];
	private epoch = -1;

	constructor(private readonly lesson: Lesson) {}

	/* Of what lies before line `lines`. */
	private memoryBefore(lines: number): Memory {
		if (this.epoch !== this.lesson.epoch) {
			this.memories = [];
			this.epoch = this.lesson.epoch;
		}
		const known = this.memories.find((m) => m.lines === lines);
		if (known) return known.memory;
		const last = [...this.memories].reverse().find((m) => m.lines < lines);
		const { memory } = this.lay(this.lesson.recording.stateBefore(lines), last?.memory ?? freshMemory());
		this.memories.push({ lines, memory });
		return memory;
	}

	/* What is only there as an ancestor or owner, and the host's, would be a row of its own. */
	private lay(state: State, memory: Memory): { rails: Rails; memory: Memory; state: State } {
		const used = usedNamespaces(state), s = copyState(state);
		for (const ns of s.namespaces.values()) if (ns.initial && !used.has(ns.id)) s.namespaces.delete(ns.id);
		return { ...layOut(s, memory, GHOSTS), state: s };
	}

	has(turn: Turn): boolean {
		return turn.before > 0;
	}

	at(turn: Turn, place: Place): View {
		const r = this.lesson.recording;
		/* in order, so that each has its forerunner */
		for (const t of this.lesson.turns) {
			this.memoryBefore(t.before);
			if (t === turn) break;
		}
		const memory = this.memoryBefore(turn.before);
		if (place.at === "call") {
			const moment = r.moment({ call: place.call, step: place.step });
			const { rails, state } = this.lay(moment.state, memory);
			return { moment: { ...moment, state }, rails };
		}
		const { rails, state } = this.lay(r.stateBefore(place.at === "before" ? turn.before : turn.after), memory);
		return { moment: { state, focus: NONE, put: [] }, rails };
	}

	changes(turn: Turn): Changes {
		const r = this.lesson.recording;
		const names = Object.assign({}, ...turn.deeds.map((d) => d.result?.marks ?? {})) as Record<string, number>;
		return changesOf(r.stateBefore(turn.before), r.stateBefore(turn.after), names);
	}
}

const NONE: View["moment"]["focus"] = { tag: null, type: null, ns: null, half: false, nsproxy: null, task: null };

/* The list, by topic; a search finds words of name, title, topic, and "level 2". */
export function listed<S extends { name: string; title: string; topic_title: string; level: number; teaches: string }>(all: readonly S[], query: string): { topic: string; list: S[] }[] {
	const words = query.toLowerCase().split(/\s+/).filter(Boolean);
	const groups: { topic: string; list: S[] }[] = [];
	for (const s of all) {
		const text = `${s.name} ${s.title} ${s.topic_title} level ${s.level} l${s.level} ${s.teaches}`.toLowerCase();
		if (!words.every((w) => text.includes(w))) continue;
		const group = groups.find((g) => g.topic === s.topic_title);
		if (group) group.list.push(s);
		else groups.push({ topic: s.topic_title, list: [s] });
	}
	return groups;
}
