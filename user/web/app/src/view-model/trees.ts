// SPDX-License-Identifier: GPL-2.0-only
// What the grid leaves out, so that nothing crosses it: who owns whom, which pid
// namespace lies in which, and what keeps one namespace.

import { LANES } from "../layout/rails";
import { SLOTS } from "../model/types";
import type { Ns, State, Task } from "../model/state";
import { plural, safe } from "./text";

export interface TreeRow {
	ns: Ns;
	depth: number;
	owned: Ns[]; /* not user or pid namespaces; of the initial ones only a count is shown */
	count: number;
}

function below(state: State, type: "user" | "pid"): Map<number | null, Ns[]> {
	const children = new Map<number | null, Ns[]>();
	for (const ns of state.namespaces.values()) {
		if (ns.type !== type || ns.unborn) continue;
		const up = type === "user" ? (ns.parent ?? ns.owner) : ns.parent;
		const known = up !== null && state.namespaces.get(up)?.type === type ? up : ns.initial ? null : hostOf(state, type);
		const list = children.get(known === ns.id ? null : known);
		if (list) list.push(ns);
		else children.set(known === ns.id ? null : known, [ns]);
	}
	return children;
}

function hostOf(state: State, type: "user" | "pid"): number | null {
	return type === "user" ? state.host.user : state.host.pid;
}

function walk(children: Map<number | null, Ns[]>, at: number | null, depth: number, out: TreeRow[]): void {
	for (const ns of (children.get(at) ?? []).sort((a, b) => a.id - b.id)) {
		out.push({ ns, depth, owned: [], count: 0 });
		if (depth < 40) walk(children, ns.id, depth + 1, out);
	}
}

export function userTree(state: State): TreeRow[] {
	const rows: TreeRow[] = [];
	walk(below(state, "user"), null, 0, rows);
	const byId = new Map(rows.map((r) => [r.ns.id, r]));
	for (const ns of state.namespaces.values()) {
		const row = ns.owner === null || ns.unborn ? undefined : byId.get(ns.owner);
		if (!row || ns.type === "user") continue;
		row.count++;
		if (!row.ns.initial) row.owned.push(ns);
	}
	for (const row of rows) row.owned.sort((a, b) => LANES.indexOf(a.type) - LANES.indexOf(b.type) || a.id - b.id);
	return rows;
}

export function pidTree(state: State): TreeRow[] {
	const rows: TreeRow[] = [];
	walk(below(state, "pid"), null, 0, rows);
	return rows;
}

export interface Keeper {
	what: string;
	detail: string;
}

function taskList(tasks: Task[]): string {
	const names = tasks.slice(0, 4).map((t) => `${t.tid} ${safe(t.comm, 32)}`);
	return names.join(", ") + (tasks.length > 4 ? ` and ${tasks.length - 4} more` : "");
}

/* All that holds it, as far as this state tells. */
export function keepersOf(state: State, ns: Ns): Keeper[] {
	const out: Keeper[] = [];
	for (const x of state.nsproxies.values()) {
		const slots = SLOTS.filter((slot) => x.slots[slot] === ns.id);
		if (!slots.length) continue;
		const tasks = [...state.tasks.values()].filter((t) => t.nsproxy === x.id);
		out.push({ what: `nsproxy#${x.id} (${slots.join(", ")})`, detail: tasks.length ? taskList(tasks) : "no task in this view" });
	}
	const cred = ns.type === "user" ? [...state.tasks.values()].filter((t) => t.user === ns.id) : [];
	if (cred.length) out.push({ what: plural(cred.length, "task"), detail: `credentials: ${taskList(cred)}` });
	const inside = ns.type === "pid" ? [...state.tasks.values()].filter((t) => t.pidActive === ns.id) : [];
	if (inside.length) out.push({ what: plural(inside.length, "task"), detail: `in it: ${taskList(inside)}` });
	const all = [...state.namespaces.values()];
	const children = all.filter((n) => n.parent === ns.id && n.type === ns.type);
	if (children.length) out.push({ what: plural(children.length, "child namespace"), detail: children.map((n) => n.inum).join(", ") });
	const owned = all.filter((n) => n.owner === ns.id);
	if (owned.length && !ns.initial) out.push({ what: `owns ${plural(owned.length, "namespace")}`, detail: owned.map((n) => `${n.type}:[${n.inum}]`).join(", ") });
	for (const k of ns.keepers)
		out.push({
			what: safe(k.kind, 30),
			detail: [k.pid ? `${k.pid} ${safe(k.comm, 32)}` : "", k.fd == null ? "" : `fd ${k.fd}`, k.path ? safe(k.path) : ""]
				.filter(Boolean).join(", "),
		});
	return out;
}
