// SPDX-License-Identifier: GPL-2.0-only
// What comes in: the lines of the schema nslens/1 that the page reads (user/doc/json.md).
// Nothing here is trusted: members may be absent, of another type, or hostile text.

import type { Compare } from "./compare";

export type NsType = "mnt" | "uts" | "ipc" | "pid" | "net" | "cgroup" | "time" | "user";

export const SLOTS = ["mnt", "uts", "ipc", "pid_for_children", "net", "time", "time_for_children", "cgroup"] as const;
export type Slot = (typeof SLOTS)[number];

export interface NsRef {
	ns: string;
	id: number;
}

export interface Start {
	type: "start";
	schema: string;
	version?: string;
	kernel?: string;
	monotonic?: number | string;
	boot_id?: string | null;
	wall_clock_utc?: string | null;
	traces?: string;
	title?: string | null;
	source?: string;
	steps?: boolean;
	role?: "teacher" | "student" | null;
}

export interface KeeperLine {
	kind: string;
	pid: number | null;
	comm: string | null;
	fd: number | null;
	path: string | null;
	mnt?: number | null;
}

export interface NsObject {
	id: number;
	type: NsType;
	inum: number;
	initial: boolean;
	owner: number | null;
	parent: number | null;
	level: number | null;
	refs?: number | null;
	active?: number | null;
	owner_uid?: number | null;
	last_seen?: number | null;
	keepers?: KeeperLine[];
}

export interface NsproxyObject {
	id: number | null;
	initial: boolean;
	count: number | null;
	half_built: boolean;
	building: number | null;
	slots: Partial<Record<Slot, number | null>>;
	tasks: number[];
}

export interface TaskObject {
	pid: number;
	tid: number;
	ppid: number;
	comm: string;
	nsproxy: number | null;
	user: number | null;
	pid_active: number | null;
	ns_pid: number | null;
	container: string | null;
	unit?: string | null;
	cgroup?: string | null;
	initial: boolean;
	kernel_thread: boolean;
	exiting: boolean;
}

export interface Graph {
	type: "graph";
	ts?: number;
	monotonic?: number | string;
	kernel?: string | null;
	stale?: boolean;
	tracepoints_only?: boolean;
	totals?: Record<string, number>;
	namespaces: NsObject[];
	nsproxies: NsproxyObject[];
	tasks: TaskObject[];
}

/* What became of some objects: as they are now, or gone. Behind each line that changed the graph. */
export interface Change {
	type: "change";
	ts: number;
	namespaces: NsObject[];
	nsproxies: NsproxyObject[];
	tasks: TaskObject[];
	gone: { namespaces: number[]; nsproxies: number[]; tasks: number[] };
}

export type Outcome = "created" | "shared" | "installed" | "done" | "failed" | "undone" | "not reached";

export interface Step {
	fn: string;
	outcome: Outcome;
	ns: NsRef | null;
	nsproxy: number | null;
	owner: NsRef | null;
	parent: NsRef | null;
	ts: number | null;
	duration: number | null;
	errno: string | null;
	depth: number;
	inferred: boolean;
	unborn: boolean;
	explain?: string | null;
}

export interface SlotChange {
	before: NsRef | null;
	after: NsRef | null;
	how: string;
}

export interface Failure {
	fn: string | null;
	inferred: boolean;
	check: string | null;
	remedy: string | null;
}

export interface Call {
	type: "call";
	number: number;
	ts: number;
	duration: number | null;
	pid: number;
	tid: number;
	comm: string;
	syscall: string;
	flags: string[];
	raw_flags: string;
	ret: number | null;
	errno: string | null;
	child: number | null;
	child_ns_pid?: number | null;
	target?: { kind: string; ns?: string; id?: number; pid?: number | null } | null;
	nsproxy: { before: number | null; after: number | null } | null;
	slots: Record<string, SlotChange> | null;
	steps: Step[] | null;
	container?: string | null;
	cgroup?: string | null;
	gap?: boolean;
	begin_seen?: boolean;
	end_seen?: boolean;
	died?: boolean;
	failure?: Failure | null;
	explain?: string | null;
}

export interface NsLine {
	type: "ns";
	ts: number;
	event: "created" | "destroyed";
	ns: string;
	id: number;
	owner: NsRef | number | null;
	parent: NsRef | number | null;
	by?: { pid: number; comm: string } | null;
	cause?: { kind: string; pid?: number; comm?: string } | null;
}

export interface TaskLine {
	type: "task";
	ts: number;
	event: "new" | "exec" | "exit" | "free";
	pid: number;
	tid: number;
	parent_pid?: number | null;
	comm: string;
	nsproxy: number | null;
	user?: number | null;
	pid_active?: number | null;
	ns_pid?: number | null;
	container?: string | null;
	cgroup?: string | null;
}

export interface Milestone {
	type: "milestone";
	ts: number;
	pid: number;
	what: string;
	detail?: unknown;
}

export interface Lost {
	type: "lost";
	ts: number;
	count: number;
	hook?: string;
}

export interface PathRow {
	depth: number;
	kind: "function" | "fail" | "if" | "do" | "undo";
	fn: string | null;
	file: string | null;
	when: string | null;
	what: string | null;
	errnos: string[];
	mark?: string;
}

export interface PathLine {
	type: "path";
	calls?: number[];
	path: PathRow[];
}

export interface Texts {
	type: "texts";
	functions: Record<string, { about?: string | null; file?: string | null }>;
}

export interface Stage {
	name: string;
	ts: number;
	duration: number;
	pid?: number | null;
}

export interface Startup {
	type: "startup";
	[member: string]: unknown;
}

/* Of two recordings a line of the second one. */
export interface Other {
	type: "other";
	line: Incoming;
}

export interface End {
	type: "end";
	duration?: number;
	counts?: Record<string, unknown>;
	hint?: string | null;
}

/* What changes the graph, or is told in its place. */
export type Line = Graph | Change | Call | NsLine | TaskLine | Milestone | Lost;
export type Incoming = Start | Line | Compare | PathLine | Texts | Startup | Other | End | { type: "resync"; ts: number };

const TYPES: readonly string[] = ["mnt", "uts", "ipc", "pid", "net", "cgroup", "time", "user"];

/* "uts:[4026532190]" -> uts, 4026532190; null: no such name. */
export function parseNs(text: string): { type: NsType; inum: number } | null {
	const m = /^([a-z]+):\[(\d+)\]$/.exec(text);
	return m && TYPES.includes(m[1]!) ? { type: m[1] as NsType, inum: Number(m[2]) } : null;
}

export function isClone(syscall: string): boolean {
	return syscall === "clone" || syscall === "clone3" || syscall === "fork" || syscall === "vfork";
}

export function slotType(slot: string): NsType {
	if (slot === "pid_for_children" || slot === "pid_active") return "pid";
	if (slot === "time_for_children") return "time";
	return slot as NsType;
}
