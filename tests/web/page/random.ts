// SPDX-License-Identifier: GPL-2.0-only
// Lines as a kernel could tell them: tasks that fork, unshare, join, fail and exit.

import { SLOTS, slotType, type Call, type Graph, type Line, type NsRef, type NsType, type Slot, type SlotChange, type Step } from "../../../user/web/app/src/model/types";

/* Repeatable: the same seed makes the same lines (mulberry32). */
export function random(seed: number): () => number {
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), a | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const INITIAL: Record<NsType, number> = {
	mnt: 4026531841, uts: 4026531838, ipc: 4026531839, pid: 4026531836, net: 4026531840, cgroup: 4026531835, time: 4026531834, user: 4026531837,
};
const FLAG: Record<NsType, string> = {
	mnt: "CLONE_NEWNS", uts: "CLONE_NEWUTS", ipc: "CLONE_NEWIPC", pid: "CLONE_NEWPID", net: "CLONE_NEWNET", cgroup: "CLONE_NEWCGROUP", time: "CLONE_NEWTIME", user: "CLONE_NEWUSER",
};
export const TYPES = Object.keys(INITIAL) as NsType[];
const COPIES: [string, Slot][] = [
	["copy_mnt_ns", "mnt"], ["copy_utsname", "uts"], ["copy_ipcs", "ipc"], ["copy_pid_ns", "pid_for_children"],
	["copy_cgroup_ns", "cgroup"], ["copy_net_ns", "net"], ["copy_time_ns", "time_for_children"],
];

interface T {
	tid: number;
	comm: string;
	nsproxy: number;
	user: number;
	pid: number;
	host: boolean;
}

export class World {
	private names = new Map<number, NsRef>();
	private slots = new Map<number, Record<Slot, number>>();
	private tasks = new Map<number, T>();
	private nextNs = 100;
	private nextProxy = 2;
	private nextTid = 1000;
	private ts = 1000;
	private number = 0;
	private host = {} as Record<NsType, number>;

	constructor(private readonly rnd: () => number, hostTasks = 5) {
		TYPES.forEach((type, i) => {
			this.host[type] = i + 1;
			this.names.set(i + 1, { ns: `${type}:[${INITIAL[type]}]`, id: i + 1 });
		});
		this.slots.set(1, Object.fromEntries(SLOTS.map((s) => [s, this.host[slotType(s)]])) as Record<Slot, number>);
		for (let i = 0; i < hostTasks; i++) this.task(this.nextTid++, 1, "host", true);
	}

	private task(tid: number, nsproxy: number, comm: string, host = false): T {
		const t = { tid, comm, nsproxy, user: this.host.user, pid: this.host.pid, host };
		this.tasks.set(tid, t);
		return t;
	}

	private pick<V>(list: V[]): V {
		return list[Math.floor(this.rnd() * list.length)]!;
	}

	private ref(id: number): NsRef {
		return this.names.get(id)!;
	}

	private make(type: NsType): NsRef {
		const id = this.nextNs++;
		const ref = { ns: `${type}:[${4026532000 + id}]`, id };
		this.names.set(id, ref);
		return ref;
	}

	graph(): Graph {
		const namespaces = [...this.names.values()].map((r) => {
			const [type, inum] = [r.ns.split(":")[0] as NsType, Number(/\d+/.exec(r.ns)![0])];
			return { id: r.id, type, inum, initial: r.id <= 8, owner: r.id === this.host.user ? null : this.host.user, parent: null, level: null, keepers: [] };
		});
		return {
			type: "graph", ts: this.ts, namespaces,
			nsproxies: [...this.slots].map(([id, slots]) => ({
				id, initial: id === 1, count: this.users(id), half_built: false, building: null, slots: { ...slots },
				tasks: [...this.tasks.values()].filter((t) => t.nsproxy === id).map((t) => t.tid),
			})),
			tasks: [...this.tasks.values()].map((t) => ({
				pid: t.tid, tid: t.tid, ppid: 1, comm: t.comm, nsproxy: t.nsproxy, user: t.user, pid_active: t.pid, ns_pid: 1, container: null,
				initial: t.host && t.nsproxy === 1, kernel_thread: false, exiting: false,
			})),
		};
	}

	private users(nsproxy: number): number {
		return [...this.tasks.values()].filter((t) => t.nsproxy === nsproxy).length;
	}

	private call(t: T, syscall: string, more: Partial<Call>): Call {
		this.ts += 1 + Math.floor(this.rnd() * 1000);
		return {
			type: "call", number: ++this.number, ts: this.ts, duration: 500, pid: t.tid, tid: t.tid, comm: t.comm, syscall, flags: [], raw_flags: "0x0", ret: 0,
			errno: null, child: null, nsproxy: { before: t.nsproxy, after: t.nsproxy }, slots: {}, steps: [], explain: "", ...more,
		};
	}

	private step(fn: string, outcome: Step["outcome"], depth: number, more: Partial<Step> = {}): Step {
		return { fn, outcome, ns: null, nsproxy: null, owner: null, parent: null, ts: this.ts, duration: 5, errno: null, depth, inferred: false, unborn: false, ...more };
	}

	/* Forgets nsproxies and namespaces that nothing has any more. */
	private reap(): Line[] {
		const lines: Line[] = [];
		for (const id of this.slots.keys()) if (id !== 1 && !this.users(id)) this.slots.delete(id);
		const used = new Set([...this.slots.values()].flatMap((s) => Object.values(s)));
		for (const t of this.tasks.values()) used.add(t.user).add(t.pid);
		for (const ref of this.names.values()) {
			if (ref.id <= 8 || used.has(ref.id)) continue;
			this.names.delete(ref.id);
			lines.push({ type: "ns", ts: this.ts, event: "destroyed", ns: ref.ns, id: ref.id, owner: null, parent: null, cause: null });
		}
		return lines;
	}

	private unshare(t: T, fail: boolean): Line[] {
		const from = this.slots.get(t.nsproxy)!, next = { ...from };
		const wanted = COPIES.filter(() => this.rnd() < 0.4);
		const lines: Line[] = [], steps = [this.step("unshare_nsproxy_namespaces", fail ? "failed" : "done", 0), this.step("create_new_namespaces", fail ? "failed" : "done", 1)];
		const changes: Record<string, SlotChange> = {};
		const stopAt = fail ? 1 + Math.floor(this.rnd() * 6) : 99;
		const made: [string, NsRef][] = [];
		COPIES.forEach(([fn, slot], i) => {
			const mine = wanted.some(([f]) => f === fn);
			if (i > stopAt) steps.push(this.step(fn, "not reached", 2));
			else if (i === stopAt) steps.push(this.step(fn, "failed", 2, { errno: "ENOSPC" }));
			else if (!mine) steps.push(this.step(fn, "shared", 2, { ns: this.ref(from[slot]) }));
			else {
				const ref = this.make(slotType(slot));
				lines.push({ type: "ns", ts: this.ts, event: "created", ns: ref.ns, id: ref.id, owner: null, parent: null, by: { pid: t.tid, comm: t.comm } });
				steps.push(this.step(fn, "created", 2, { ns: ref, owner: this.ref(this.host.user) }));
				changes[slot] = { before: this.ref(from[slot]), after: ref, how: "created" };
				next[slot] = ref.id;
				made.unshift([fn, ref]);
			}
		});
		const put: Record<string, string> = { copy_mnt_ns: "put_mnt_ns", copy_utsname: "put_uts_ns", copy_ipcs: "put_ipc_ns", copy_pid_ns: "put_pid_ns", copy_cgroup_ns: "put_cgroup_ns", copy_net_ns: "put_net" };
		if (fail) for (const [fn, ref] of made) steps.push(this.step(put[fn] ?? "put_time_ns", "undone", 2, { ns: ref }));
		const flags = wanted.map(([, slot]) => FLAG[slotType(slot)]).sort();
		if (fail) {
			lines.push(...this.reap());
			lines.push(this.call(t, "unshare", { flags, steps, ret: -1, errno: "ENOSPC", failure: { fn: "copy_net_ns", inferred: false, check: "a limit", remedy: null } }));
			return lines;
		}
		const before = t.nsproxy, after = this.nextProxy++;
		steps[1]!.nsproxy = after;
		steps.push(this.step("switch_task_namespaces", "installed", 0, { nsproxy: after }));
		this.slots.set(after, next);
		t.nsproxy = after;
		lines.push(this.call(t, "unshare", { flags, steps, slots: changes, nsproxy: { before, after } }), ...this.reap());
		return lines;
	}

	private newUser(t: T): Line[] {
		const ref = this.make("user"), before = this.ref(t.user);
		t.user = ref.id;
		const steps = [this.step("create_user_ns", "created", 0, { ns: ref, owner: before }), this.step("commit_creds", "installed", 0, { ns: ref })];
		return [
			{ type: "ns", ts: this.ts, event: "created", ns: ref.ns, id: ref.id, owner: before, parent: before },
			this.call(t, "unshare", { flags: [FLAG.user], steps, slots: { user: { before, after: ref, how: "created" } } }), ...this.reap(),
		];
	}

	private fork(t: T): Line[] {
		const child = this.task(this.nextTid++, t.nsproxy, t.comm);
		child.user = t.user;
		child.pid = this.slots.get(t.nsproxy)!.pid_for_children;
		const changes: Record<string, SlotChange> = child.pid === t.pid ? {} : { pid_active: { before: this.ref(t.pid), after: this.ref(child.pid), how: "inherited" } };
		return [
			{ type: "task", ts: this.ts, event: "new", pid: child.tid, tid: child.tid, parent_pid: t.tid, comm: t.comm, nsproxy: t.nsproxy },
			this.call(t, "clone", { child: child.tid, ret: child.tid, slots: changes, steps: [this.step("copy_namespaces", "done", 0)] }),
		];
	}

	private setns(t: T): Line[] {
		const other = this.pick([...this.slots.keys()]), type = this.pick(["mnt", "uts", "ipc", "net", "cgroup"] as const);
		const from = this.slots.get(t.nsproxy)!, to = this.slots.get(other)![type];
		const before = t.nsproxy, after = this.nextProxy++;
		const ref = this.ref(to);
		this.slots.set(after, { ...from, [type]: to });
		t.nsproxy = after;
		const steps = [
			this.step("create_new_namespaces", "done", 0, { nsproxy: after }),
			...COPIES.map(([fn, slot]) => this.step(fn, "shared", 1, { ns: this.ref(from[slot]) })),
			this.step(`${type}ns_install`, "installed", 0, { ns: ref }), this.step("switch_task_namespaces", "installed", 0, { nsproxy: after }), this.step("put_nsset", "done", 0),
		];
		const slots: Record<string, SlotChange> = to === from[type] ? {} : { [type]: { before: this.ref(from[type]), after: ref, how: "installed" } };
		return [this.call(t, "setns", { flags: [FLAG[type]], steps, slots, nsproxy: { before, after } }), ...this.reap()];
	}

	private exit(t: T): Line[] {
		this.tasks.delete(t.tid);
		const last = t.nsproxy !== 1 && !this.users(t.nsproxy);
		const line: Line = { type: "task", ts: this.ts, event: "exit", pid: t.tid, tid: t.tid, comm: t.comm, nsproxy: t.nsproxy };
		const call = this.call(t, "exit", { nsproxy: { before: t.nsproxy, after: null }, steps: [this.step("exit_task_namespaces", "done", 0)] });
		return [...(last ? [call] : []), line, ...this.reap()];
	}

	/* What happens next: one or more lines. */
	next(): Line[] {
		const t = this.pick([...this.tasks.values()]);
		const dice = this.rnd();
		if (dice < 0.25) return this.unshare(t, false);
		if (dice < 0.32) return this.unshare(t, true);
		if (dice < 0.4) return this.newUser(t);
		if (dice < 0.6) return this.fork(t);
		if (dice < 0.75) return this.setns(t);
		return this.tasks.size > 4 && !t.host ? this.exit(t) : this.fork(t);
	}
}
