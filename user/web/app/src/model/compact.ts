// SPDX-License-Identifier: GPL-2.0-only
// What is kept of a `change`: of each object the members that the page uses, and as long as
// nothing becomes of it one and the same. Under load most of what comes says nothing new,
// and what is kept of it is what the browser's garbage collector walks through.

import { SLOTS, type Change, type NsObject, type NsproxyObject, type Slot, type TaskObject } from "./types";

const NS = ["id", "type", "inum", "initial", "owner", "parent", "level", "refs", "keepers"] as const;
const TASK = ["pid", "tid", "ppid", "comm", "nsproxy", "user", "pid_active", "ns_pid", "container", "unit", "initial", "kernel_thread"] as const;

function same<T extends object>(a: T, b: T, members: readonly (keyof T)[]): boolean {
	for (const m of members) if (a[m] !== b[m]) return false;
	return true;
}

function only<T extends object>(from: T, members: readonly (keyof T)[]): T {
	const to = {} as T;
	for (const m of members) if (from[m] !== undefined) to[m] = from[m];
	return to;
}

function sameProxy(a: NsproxyObject, b: NsproxyObject): boolean {
	if (a.id !== b.id || a.initial !== b.initial || a.count !== b.count || a.building !== b.building) return false;
	for (const slot of SLOTS) if ((a.slots?.[slot] ?? null) !== (b.slots?.[slot] ?? null)) return false;
	return true;
}

function onlyProxy(x: NsproxyObject): NsproxyObject {
	const slots: Partial<Record<Slot, number | null>> = {};
	for (const slot of SLOTS) slots[slot] = x.slots?.[slot] ?? null;
	return { id: x.id, initial: x.initial, count: x.count, half_built: x.half_built, building: x.building, slots, tasks: [] };
}

const list = <T>(x: T[] | undefined): T[] => (Array.isArray(x) ? x : []);

export class Compact {
	private namespaces = new Map<number, NsObject>();
	private nsproxies = new Map<number, NsproxyObject>();
	private tasks = new Map<number, TaskObject>();

	change(c: Change): Change {
		const one = <T extends object>(known: Map<number, T>, key: unknown, x: T, alike: (a: T, b: T) => boolean, part: (x: T) => T): T => {
			const old = typeof key === "number" ? known.get(key) : undefined;
			if (old && alike(old, x)) return old;
			const kept = part(x);
			if (typeof key === "number") known.set(key, kept);
			return kept;
		};
		const kept: Change = {
			type: "change",
			ts: c.ts,
			namespaces: list(c.namespaces).map((n) => one(this.namespaces, n.id, n, (a, b) => same(a, b, NS), (x) => only(x, NS))),
			nsproxies: list(c.nsproxies).map((x) => one(this.nsproxies, x.id, x, sameProxy, onlyProxy)),
			tasks: list(c.tasks).map((t) => one(this.tasks, t.tid, t, (a, b) => same(a, b, TASK), (x) => only(x, TASK))),
			gone: c.gone,
		};
		for (const id of c.gone?.namespaces ?? []) this.namespaces.delete(id);
		for (const id of c.gone?.nsproxies ?? []) this.nsproxies.delete(id);
		for (const tid of c.gone?.tasks ?? []) this.tasks.delete(tid);
		return kept;
	}

	/* A keyframe says everything anew. */
	forget(): void {
		this.namespaces.clear();
		this.nsproxies.clear();
		this.tasks.clear();
	}
}
