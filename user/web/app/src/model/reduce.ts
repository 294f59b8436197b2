// SPDX-License-Identifier: GPL-2.0-only
// One line changes the state. A keyframe (`graph`) replaces it.

import {
	SLOTS, isClone, slotType,
	type Call, type Line, type NsLine, type NsRef, type Slot, type SlotChange, type TaskLine,
} from "./types";
import { applyChange, makeNs, stateOf, usedNamespaces, type Nsproxy, type Slots, type State, type Task } from "./state";

export function ensureNs(s: State, ref: NsRef | null | undefined, owner: number | null = null): void {
	if (!ref || s.namespaces.has(ref.id)) return;
	const ns = makeNs(ref, owner, null, false);
	if (ns) s.namespaces.set(ns.id, ns);
}

/* What nothing uses any more, where nobody tells of deaths. */
function sweep(s: State): void {
	if (s.deaths || s.exact) return;
	const used = usedNamespaces(s);
	for (const ns of s.namespaces.values()) {
		if (ns.owner !== null) used.add(ns.owner);
		if (ns.parent !== null) used.add(ns.parent);
	}
	for (const ns of s.namespaces.values())
		if (!used.has(ns.id) && !ns.initial && !ns.unborn && !ns.keepers.length) s.namespaces.delete(ns.id);
}

/* The task no longer has its nsproxy. Without tasks it is gone. */
function leave(s: State, nsproxy: number | null): void {
	const x = nsproxy === null ? undefined : s.nsproxies.get(nsproxy);
	if (!x) return;
	const ntasks = x.ntasks - 1;
	if (ntasks <= 0 && !x.initial) {
		s.nsproxies.delete(x.id);
		sweep(s);
		return;
	}
	s.nsproxies.set(x.id, { ...x, ntasks, count: x.count === null ? null : x.count - 1 });
}

function enter(s: State, nsproxy: number | null, like: number | null): void {
	if (nsproxy === null) return;
	const x = s.nsproxies.get(nsproxy) ?? blankNsproxy(s, nsproxy, like);
	s.nsproxies.set(x.id, { ...x, ntasks: x.ntasks + 1, count: x.count === null ? null : x.count + 1 });
}

/* Until the call that made it is told it looks like the one it was made from. */
function blankNsproxy(s: State, id: number, like: number | null): Nsproxy {
	const from = like === null ? undefined : s.nsproxies.get(like);
	return { id, initial: false, count: 0, ntasks: 0, slots: from?.slots ?? {} };
}

export function putTask(s: State, task: Task, like: number | null): void {
	const old = s.tasks.get(task.tid);
	s.tasks.set(task.tid, task);
	if (old && old.nsproxy === task.nsproxy) return;
	enter(s, task.nsproxy, like);
	if (old) leave(s, old.nsproxy);
}

export function dropTask(s: State, tid: number): void {
	const task = s.tasks.get(tid);
	if (!task) return;
	s.tasks.delete(tid);
	leave(s, task.nsproxy);
}

function isHost(s: State, t: { nsproxy: number | null; user: number | null; pidActive: number | null }): boolean {
	return t.nsproxy === s.host.nsproxy && t.user === s.host.user && t.pidActive === s.host.pid;
}

/* A task that was not there: initial ones come and go without a line. */
export function strayTask(s: State, line: { pid: number; tid: number; comm: string }, nsproxy: number | null): Task {
	return {
		tid: line.tid,
		pid: line.pid,
		ppid: 0,
		comm: String(line.comm),
		nsproxy,
		user: s.host.user,
		pidActive: s.host.pid,
		nsPid: null,
		container: null,
		unit: null,
		initial: nsproxy === s.host.nsproxy,
		kthread: false,
	};
}

function onTask(s: State, line: TaskLine): void {
	const old = s.tasks.get(line.tid);
	if (line.event === "exit" || line.event === "free") {
		dropTask(s, line.tid);
		return;
	}
	if (line.event === "exec") {
		const task = old ?? strayTask(s, line, line.nsproxy);
		putTask(s, { ...task, comm: String(line.comm), container: line.container ?? task.container }, task.nsproxy);
		return;
	}
	const parent = s.tasks.get(line.parent_pid ?? -1);
	const from = parent?.nsproxy ?? s.host.nsproxy;
	const pending = from === null ? null : (s.nsproxies.get(from)?.slots.pid_for_children ?? null);
	const task: Task = {
		...strayTask(s, line, line.nsproxy ?? from),
		ppid: line.parent_pid ?? 0,
		user: line.user ?? parent?.user ?? s.host.user,
		pidActive: line.pid_active ?? (line.tid === line.pid ? pending : null) ?? parent?.pidActive ?? s.host.pid,
		nsPid: line.ns_pid ?? null,
		container: line.container ?? parent?.container ?? null,
		unit: parent?.unit ?? null,
	};
	putTask(s, { ...task, initial: isHost(s, task) }, from);
}

function idOf(ref: NsRef | number | null | undefined): number | null {
	return typeof ref === "number" ? ref : (ref?.id ?? null);
}

function onNs(s: State, line: NsLine): void {
	if (line.event === "destroyed") {
		s.namespaces.delete(line.id);
		return;
	}
	if (s.namespaces.has(line.id)) return;
	const ns = makeNs(line, idOf(line.owner), idOf(line.parent), true);
	if (ns) s.namespaces.set(ns.id, ns);
}

/* Slots of an nsproxy after the changes of a call. */
export function changedSlots(from: Slots, changes: Record<string, SlotChange> | null): Slots {
	const slots: Partial<Record<Slot, number | null>> = { ...from };
	for (const slot of SLOTS) if (changes?.[slot]) slots[slot] = changes[slot]!.after?.id ?? null;
	return slots;
}

/* Its namespaces are seen from now on. */
export function bear(s: State, call: Call): void {
	for (const step of call.steps ?? []) {
		const ns = step.ns && s.namespaces.get(step.ns.id);
		if (ns?.unborn)
			s.namespaces.set(ns.id, {
				...ns,
				unborn: false,
				owner: step.owner?.id ?? ns.owner,
				parent: step.parent?.id ?? ns.parent,
			});
		ensureNs(s, step.owner);
	}
	for (const change of Object.values(call.slots ?? {})) {
		const ns = change.after && s.namespaces.get(change.after.id);
		if (ns?.unborn) s.namespaces.set(ns.id, { ...ns, unborn: false });
		else ensureNs(s, change.after);
	}
}

function ownerOf(call: Call): number | null {
	return call.slots?.user?.after?.id ?? null;
}

/* What the call changed, for its task or for its child. */
function onCall(s: State, call: Call): void {
	bear(s, call);
	if (call.syscall === "exit") {
		dropTask(s, call.tid);
		return;
	}
	if (!call.nsproxy) return;
	const clone = isClone(call.syscall);
	const caller = s.tasks.get(call.tid);
	/* a caller that is not initial is known, unless it has gone meanwhile */
	if (!caller && !clone && call.nsproxy.after === null) return;
	const { before, after } = call.nsproxy;
	const tid = clone ? call.child : call.tid;
	if (tid === null || (clone && call.errno)) return;
	const old = clone ? s.tasks.get(tid) : caller;
	if (clone && !old) return; /* it ran and is gone */
	for (const slot of Object.values(call.slots ?? {})) ensureNs(s, slot.after, ownerOf(call));
	const like = before === null ? undefined : s.nsproxies.get(before);
	if (after !== null && after !== before && (!s.nsproxies.has(after) || clone)) {
		const known = s.nsproxies.get(after) ?? blankNsproxy(s, after, before);
		s.nsproxies.set(after, { ...known, slots: changedSlots(like?.slots ?? known.slots, call.slots) });
	}
	const task = old ?? strayTask(s, call, before);
	const moved = clone && task.nsproxy !== null && task.nsproxy !== after && task.nsproxy !== before;
	const next: Task = {
		...task,
		comm: clone || call.syscall === "exec" ? task.comm : String(call.comm),
		nsproxy: moved ? task.nsproxy : after,
		user: call.slots?.user?.after?.id ?? task.user,
		pidActive: call.slots?.pid_active?.after?.id ?? task.pidActive,
		container: task.container ?? call.container ?? null,
	};
	putTask(s, { ...next, initial: isHost(s, next) }, before);
	sweep(s);
}

/*
 * Changes `s` (the maps are its own) or returns another state. `conclude`: what calls and tasks
 * did is concluded from their lines; else a `change` behind them tells.
 */
export function reduce(s: State, line: Line, conclude = !s.exact): State {
	switch (line.type) {
	case "graph": {
		const next = stateOf(line);
		next.deaths = s.deaths;
		next.exact = s.exact;
		return next;
	}
	case "change":
		applyChange(s, line);
		return s;
	case "call":
		if (conclude) onCall(s, line);
		else bear(s, line);
		return s;
	case "ns":
		onNs(s, line);
		return s;
	case "task":
		if (conclude) onTask(s, line);
		return s;
	case "lost":
		s.stale = true;
		return s;
	default:
		return s;
	}
}

export { slotType };
