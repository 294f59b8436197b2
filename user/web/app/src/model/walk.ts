// SPDX-License-Identifier: GPL-2.0-only
// A call, walked step by step: the graph as it is after step k, with the nsproxy that is
// being built, and what that step touched.

import { SLOTS, isClone, slotType, type Call, type NsType, type Slot, type Step } from "./types";
import { changedSlots, dropTask, ensureNs, putTask, strayTask } from "./reduce";
import { copyState, type HalfBuilt, type Nsproxy, type State } from "./state";

export type Tag = "NEW" | "+1" | "put −1" | "FAIL" | "MOVED" | "FREED" | "JOINED";

/* What the current step touched: a namespace, a slot of what is being built, or an nsproxy. */
export interface Focus {
	tag: Tag | null;
	type: NsType | null;
	ns: number | null;
	half: boolean; /* it is about the nsproxy that is being built */
	nsproxy: number | null;
	task: number | null;
}

export interface Moment {
	state: State;
	focus: Focus;
	/* Slots of the half-built nsproxy that have been put again. */
	put: readonly NsType[];
}

const SLOT_OF: Record<NsType, Slot | null> = {
	mnt: "mnt", uts: "uts", ipc: "ipc", pid: "pid_for_children", net: "net",
	cgroup: "cgroup", time: "time_for_children", user: null,
};

const COPIES: Record<string, NsType> = {
	copy_mnt_ns: "mnt", copy_utsname: "uts", copy_ipcs: "ipc", copy_pid_ns: "pid",
	copy_cgroup_ns: "cgroup", copy_net_ns: "net", copy_time_ns: "time", create_user_ns: "user",
	mntns_install: "mnt", utsns_install: "uts", ipcns_install: "ipc", pidns_install: "pid",
	cgroupns_install: "cgroup", netns_install: "net", timens_install: "time", userns_install: "user",
	put_mnt_ns: "mnt", put_uts_ns: "uts", put_ipc_ns: "ipc", put_pid_ns: "pid",
	put_cgroup_ns: "cgroup", put_net: "net", put_time_ns: "time", put_user_ns: "user", commit_creds: "user",
};

export function stepType(step: Step): NsType | null {
	const named = step.ns ? (/^([a-z]+):/.exec(step.ns.ns)?.[1] as NsType | undefined) : undefined;
	return named ?? COPIES[step.fn] ?? null;
}

interface Walk {
	s: State;
	call: Call;
	before: Nsproxy | undefined;
	half: HalfBuilt | null;
	put: NsType[];
	focus: Focus;
}

/* The nsproxy that the caller had: gone already where the call freed it. */
function hadBefore(s: State, call: Call): void {
	const { before, after } = call.nsproxy!;
	if (before === null || s.nsproxies.has(before)) return;
	const slots: Partial<Record<Slot, number | null>> = { ...(after === null ? {} : s.nsproxies.get(after)?.slots) };
	for (const slot of SLOTS) {
		const change = call.slots?.[slot];
		if (change) slots[slot] = change.before?.id ?? null;
	}
	s.nsproxies.set(before, { id: before, initial: false, count: 0, ntasks: 0, slots });
}

/* Before its first step: what lines ahead of its own have told of it already is taken back. */
function rewind(s: State, call: Call): void {
	const clone = isClone(call.syscall);
	if (clone && call.child !== null) dropTask(s, call.child);
	/* initial tasks come without a line */
	if (!s.tasks.has(call.tid)) putTask(s, strayTask(s, call, call.nsproxy?.before ?? s.host.nsproxy), null);
	if (clone || !call.nsproxy || call.errno) return;
	const { before } = call.nsproxy;
	for (const change of Object.values(call.slots ?? {})) ensureNs(s, change.before);
	hadBefore(s, call);
	const task = s.tasks.get(call.tid);
	if (!task) return;
	putTask(s, {
		...task,
		nsproxy: before ?? task.nsproxy,
		user: call.slots?.user?.before?.id ?? task.user,
		pidActive: call.slots?.pid_active?.before?.id ?? task.pidActive,
	}, null);
}

function setSlot(w: Walk, type: NsType, id: number | null): void {
	const slot = SLOT_OF[type];
	if (w.half && slot) w.half = { ...w.half, slots: { ...w.half.slots, [slot]: id } };
}

function show(w: Walk, step: Step): void {
	const ns = step.ns && w.s.namespaces.get(step.ns.id);
	const owner = step.owner?.id ?? ns?.owner ?? null;
	ensureNs(w.s, step.owner);
	ensureNs(w.s, step.ns, owner);
	if (ns?.unborn)
		w.s.namespaces.set(ns.id, { ...ns, unborn: false, owner, parent: step.parent?.id ?? ns.parent });
}

/* The pill moves to what has been built. */
function switched(w: Walk): void {
	const { call } = w;
	const after = call.nsproxy?.after ?? null;
	const task = w.s.tasks.get(call.tid);
	if (!task || after === null || call.errno) return;
	if (!w.s.nsproxies.has(after)) {
		const slots = changedSlots(w.before?.slots ?? {}, call.slots);
		w.s.nsproxies.set(after, { id: after, initial: false, count: 1, ntasks: 0, slots });
		w.half = null;
	}
	for (const c of Object.values(call.slots ?? {})) ensureNs(w.s, c.after);
	const x = w.s.nsproxies.get(after)!;
	w.s.nsproxies.set(after, { ...x, ntasks: x.ntasks + 1 });
	const old = task.nsproxy === null ? undefined : w.s.nsproxies.get(task.nsproxy);
	if (old)
		w.s.nsproxies.set(old.id, {
			...old, ntasks: old.ntasks - 1, count: old.count === null ? null : old.count - 1,
		});
	w.s.tasks.set(task.tid, { ...task, nsproxy: after });
	w.focus = { ...w.focus, tag: "MOVED", nsproxy: after, task: task.tid };
}

function committed(w: Walk, step: Step): void {
	const task = w.s.tasks.get(w.call.tid);
	const user = step.ns?.id ?? w.call.slots?.user?.after?.id ?? null;
	if (!task || user === null || step.outcome !== "installed") return;
	show(w, step);
	w.s.tasks.set(task.tid, { ...task, user });
	w.focus = { ...w.focus, tag: "MOVED", task: task.tid };
}

function freed(w: Walk, step: Step): void {
	const x = step.nsproxy === null ? undefined : w.s.nsproxies.get(step.nsproxy);
	w.focus.tag = "FREED";
	w.focus.nsproxy = step.nsproxy;
	if (x && x.ntasks <= 0 && !x.initial) w.s.nsproxies.delete(x.id);
}

/* Outcomes of what fills or empties a slot. */
function slotStep(w: Walk, step: Step, type: NsType): void {
	const own = type !== "user" && w.half !== null;
	w.focus = { ...w.focus, type, ns: step.ns?.id ?? null, half: own };
	switch (step.outcome) {
	case "created":
		show(w, step);
		setSlot(w, type, step.ns?.id ?? null);
		w.focus.tag = "NEW";
		break;
	case "shared":
		show(w, step);
		setSlot(w, type, step.ns?.id ?? w.before?.slots[SLOT_OF[type]!] ?? null);
		w.focus.tag = "+1";
		break;
	case "installed":
		show(w, step);
		setSlot(w, type, step.ns?.id ?? null);
		w.focus.tag = "JOINED";
		break;
	case "failed":
		w.focus.tag = "FAIL";
		break;
	case "undone":
		setSlot(w, type, null);
		if (own) w.put.push(type);
		w.focus.tag = "put −1";
		break;
	default:
		break;
	}
}

const RELEASES = ["free_nsproxy", "nsproxy_ns_active_put", "deactivate_nsproxy"];

function apply(w: Walk, step: Step): void {
	w.focus = { tag: null, type: null, ns: null, half: false, nsproxy: step.nsproxy, task: null };
	if (step.outcome === "not reached") return;
	if (step.fn === "create_new_namespaces") {
		const tid = step.unborn || isClone(w.call.syscall) ? w.call.child : w.call.tid;
		const id = w.call.errno ? null : step.nsproxy;
		w.half = { id, tid: isClone(w.call.syscall) ? tid : w.call.tid, count: 1, slots: {} };
		w.put = [];
		w.focus.half = true;
		return;
	}
	if (step.fn === "switch_task_namespaces") {
		if (step.outcome === "installed") switched(w);
		return;
	}
	if (step.fn === "commit_creds") {
		w.focus.type = "user";
		w.focus.ns = step.ns?.id ?? null;
		committed(w, step);
		return;
	}
	if (RELEASES.includes(step.fn)) {
		freed(w, step);
		return;
	}
	const type = stepType(step);
	if (type) slotStep(w, step, type);
	else if (step.outcome === "failed") w.focus.tag = "FAIL";
}

/* A step that stands inside create_new_namespaces; behind the last one a failed build is gone. */
function isInside(step: Step): boolean {
	return step.fn.startsWith("copy_") || step.fn.startsWith("put_") || step.outcome === "not reached" ||
		step.fn.endsWith("_install") || step.fn === "create_new_namespaces";
}

/* `before` and `after`: the states that the call's line finds and leaves. `k` counts from 0. */
export function walk(before: State, after: State, call: Call, k: number): Moment {
	const steps = call.steps ?? [];
	const s = copyState(before);
	rewind(s, call);
	const w: Walk = {
		s, call, half: null, put: [],
		before: call.nsproxy?.before == null ? undefined : s.nsproxies.get(call.nsproxy.before),
		focus: { tag: null, type: null, ns: null, half: false, nsproxy: null, task: null },
	};
	for (let i = 0; i <= k && i < steps.length; i++) {
		apply(w, steps[i]!);
		if (call.errno && w.half && !isInside(steps[i]!) && i > 0) w.half = null;
	}
	const last = k >= steps.length - 1;
	if (last && !(call.errno && w.focus.half)) {
		return { state: after, focus: settled(w, call), put: w.put };
	}
	if (w.half) s.building = [...s.building, w.half];
	return { state: s, focus: w.focus, put: w.put };
}

/* With the last step the whole call has happened. */
function settled(w: Walk, call: Call): Focus {
	const focus = { ...w.focus, half: false };
	if (focus.tag === null && !call.errno) {
		focus.nsproxy = call.nsproxy?.after ?? null;
		focus.task = isClone(call.syscall) ? call.child : call.tid;
		if (isClone(call.syscall)) focus.tag = "NEW";
	}
	return focus;
}

export { slotType };
