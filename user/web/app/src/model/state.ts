// SPDX-License-Identifier: GPL-2.0-only
// The graph at one moment. Objects are never changed, only replaced: a copy of the
// three maps is a copy of the state.

import {
	SLOTS, parseNs,
	type Change, type Graph, type KeeperLine, type NsObject, type NsRef, type NsType, type NsproxyObject, type Slot, type TaskObject,
} from "./types";

export interface Ns {
	readonly id: number;
	readonly type: NsType;
	readonly inum: number;
	readonly initial: boolean;
	readonly owner: number | null;
	readonly parent: number | null;
	readonly level: number | null;
	readonly refs: number | null;
	readonly keepers: readonly KeeperLine[];
	/* Made inside a call that has not been told yet: not shown before its step. */
	readonly unborn: boolean;
}

export type Slots = Readonly<Partial<Record<Slot, number | null>>>;

export interface Nsproxy {
	readonly id: number;
	readonly initial: boolean;
	readonly count: number | null;
	/* Tasks of this state that have it; the kernel's own count may be higher. */
	readonly ntasks: number;
	readonly slots: Slots;
}

/*
 * Not visible yet: `tid` builds it (null: a child without a pid). `id` is the number that
 * it will have, where that is known already: it decides where its row stands.
 */
export interface HalfBuilt {
	readonly id: number | null;
	readonly tid: number | null;
	readonly count: number | null;
	readonly slots: Slots;
}

export interface Task {
	readonly tid: number;
	readonly pid: number;
	readonly ppid: number;
	readonly comm: string;
	readonly nsproxy: number | null;
	readonly user: number | null;
	readonly pidActive: number | null;
	readonly nsPid: number | null;
	readonly container: string | null;
	readonly unit: string | null;
	readonly initial: boolean;
	readonly kthread: boolean;
}

export interface State {
	namespaces: Map<number, Ns>;
	nsproxies: Map<number, Nsproxy>;
	tasks: Map<number, Task>;
	building: readonly HalfBuilt[];
	stale: boolean;
	/* Deaths of namespaces are told. With tracepoints alone they are not: what nothing uses goes. */
	deaths: boolean;
	/* `change` lines tell what becomes of objects; else it is concluded from the calls. */
	exact: boolean;
	/* Number of the initial objects: where unknown tasks are put. */
	host: { nsproxy: number | null; user: number | null; pid: number | null };
}

export function emptyState(): State {
	return {
		namespaces: new Map(),
		nsproxies: new Map(),
		tasks: new Map(),
		building: [],
		stale: false,
		deaths: true,
		exact: false,
		host: { nsproxy: null, user: null, pid: null },
	};
}

export function copyState(s: State): State {
	return {
		...s,
		host: { ...s.host },
		namespaces: new Map(s.namespaces),
		nsproxies: new Map(s.nsproxies),
		tasks: new Map(s.tasks),
	};
}

/* Initial namespaces of the kernel have fixed inode numbers (include/uapi/linux/nsfs.h). */
const INITIAL: Record<number, NsType> = {
	4026531834: "time",
	4026531835: "cgroup",
	4026531836: "pid",
	4026531837: "user",
	4026531838: "uts",
	4026531839: "ipc",
};

export function isInitial(type: NsType, inum: number): boolean {
	return INITIAL[inum] === type;
}

export function makeNs(ref: NsRef, owner: number | null, parent: number | null, unborn: boolean): Ns | null {
	const name = parseNs(ref.ns);
	if (!name) return null;
	return {
		id: ref.id,
		type: name.type,
		inum: name.inum,
		initial: isInitial(name.type, name.inum),
		owner,
		parent,
		level: null,
		refs: null,
		keepers: [],
		unborn,
	};
}

const number = (x: unknown): number | null => (typeof x === "number" ? x : null);
const text = (x: unknown): string | null => (typeof x === "string" ? x : null);

function slotsOf(from: Partial<Record<Slot, number | null>> | undefined): Slots {
	const slots: Partial<Record<Slot, number | null>> = {};
	for (const slot of SLOTS) slots[slot] = number(from?.[slot]);
	return slots;
}

function nsOf(n: NsObject, old: Ns | undefined): Ns {
	return {
		id: n.id,
		type: n.type,
		inum: n.inum,
		initial: !!n.initial,
		owner: number(n.owner),
		parent: number(n.parent),
		level: number(n.level),
		refs: number(n.refs),
		keepers: n.keepers ?? old?.keepers ?? [],
		/* what a call is making is told by that call */
		unborn: old?.unborn ?? false,
	};
}

function nsproxyOf(x: NsproxyObject, id: number, ntasks: number): Nsproxy {
	return { id, initial: !!x.initial, count: number(x.count), ntasks, slots: slotsOf(x.slots) };
}

function taskOf(t: TaskObject): Task {
	return {
		tid: t.tid,
		pid: t.pid,
		ppid: t.ppid,
		comm: String(t.comm),
		nsproxy: number(t.nsproxy),
		user: number(t.user),
		pidActive: number(t.pid_active),
		nsPid: number(t.ns_pid),
		container: text(t.container),
		unit: text(t.unit),
		initial: !!t.initial,
		kthread: !!t.kernel_thread,
	};
}

function countTask(s: State, nsproxy: number | null, by: number): void {
	const x = nsproxy === null ? undefined : s.nsproxies.get(nsproxy);
	if (x) s.nsproxies.set(x.id, { ...x, ntasks: x.ntasks + by });
}

function setTask(s: State, task: Task): void {
	countTask(s, s.tasks.get(task.tid)?.nsproxy ?? null, -1);
	countTask(s, task.nsproxy, 1);
	s.tasks.set(task.tid, task);
}

function putObjects(s: State, from: { namespaces?: NsObject[]; nsproxies?: NsproxyObject[]; tasks?: TaskObject[] }): void {
	const building: HalfBuilt[] = [];
	for (const n of from.namespaces ?? []) {
		s.namespaces.set(n.id, nsOf(n, s.namespaces.get(n.id)));
		if (n.initial && n.type === "user") s.host.user = n.id;
		if (n.initial && n.type === "pid") s.host.pid = n.id;
	}
	for (const x of from.nsproxies ?? []) {
		if (typeof x.id !== "number") {
			building.push({ id: null, tid: number(x.building), count: number(x.count), slots: slotsOf(x.slots) });
			continue;
		}
		s.nsproxies.set(x.id, nsproxyOf(x, x.id, s.nsproxies.get(x.id)?.ntasks ?? 0));
		if (x.initial) s.host.nsproxy = x.id;
	}
	for (const t of from.tasks ?? []) setTask(s, taskOf(t));
	s.building = building;
}

/* A keyframe: the state as it says, whatever was before. */
export function stateOf(g: Graph): State {
	const s = emptyState();
	s.stale = !!g.stale;
	putObjects(s, g);
	return s;
}

/* What the program says has changed: from now on nothing that stays is concluded from calls. */
export function applyChange(s: State, c: Change): void {
	s.exact = true;
	putObjects(s, c);
	/* what is being built is shown by the steps of its call */
	s.building = [];
	for (const tid of c.gone?.tasks ?? []) {
		countTask(s, s.tasks.get(tid)?.nsproxy ?? null, -1);
		s.tasks.delete(tid);
	}
	for (const id of c.gone?.nsproxies ?? []) s.nsproxies.delete(id);
	for (const id of c.gone?.namespaces ?? []) s.namespaces.delete(id);
}

/* Whether a task or an nsproxy uses it, for all namespaces at once. */
export function usedNamespaces(s: State): Set<number> {
	const used = new Set<number>();
	const add = (id: number | null | undefined) => {
		if (id != null) used.add(id);
	};
	for (const x of s.nsproxies.values()) for (const slot of SLOTS) add(x.slots[slot]);
	for (const x of s.building) for (const slot of SLOTS) add(x.slots[slot]);
	for (const t of s.tasks.values()) {
		add(t.user);
		add(t.pidActive);
	}
	return used;
}
