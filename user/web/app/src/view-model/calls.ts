// SPDX-License-Identifier: GPL-2.0-only
// The list of calls: one line each, and which of them a search finds.

import { isClone, type Call } from "../model/types";
import { plural, safe, shortInum } from "./text";

export interface CallItem {
	verb: string;
	what: string;
	failed: boolean;
}

const TYPE_OF: Record<string, string> = {
	CLONE_NEWNS: "mnt", CLONE_NEWUTS: "uts", CLONE_NEWIPC: "ipc", CLONE_NEWPID: "pid",
	CLONE_NEWNET: "net", CLONE_NEWCGROUP: "cgroup", CLONE_NEWTIME: "time", CLONE_NEWUSER: "user",
};

export function flagTypes(call: Call): string[] {
	return (call.flags ?? []).map((f) => TYPE_OF[f] ?? safe(f, 20));
}

function typesOf(call: Call): string {
	const types = flagTypes(call);
	return types.length > 4 ? `${types.length} namespaces` : types.join(", ");
}

function target(call: Call): string {
	const t = call.target;
	if (t?.kind === "pidfd") return `${typesOf(call)} of ${t.pid ?? "?"}`;
	if (t?.ns) {
		const inum = /\[(\d+)\]/.exec(t.ns)?.[1];
		return `${safe(t.ns.split(":")[0], 10)} ${inum ? shortInum(Number(inum)) : ""}`.trim();
	}
	return typesOf(call);
}

/* What it did, in a few words; the whole story stands in `explain`. */
export function describe(call: Call): CallItem {
	const failed = !!call.errno;
	const end = failed ? `: ${safe(call.errno, 20)}` : "";
	const types = typesOf(call);
	if (isClone(call.syscall)) {
		const child = call.child === null ? "" : ` makes ${call.child}`;
		return { verb: safe(call.syscall, 12), what: `${child}${types ? `: ${types.includes(" ") && !types.includes(",") ? types.replace(" ", " new ") : `new ${types}`}` : ""}${end}`.trim(), failed };
	}
	switch (call.syscall) {
	case "unshare":
		return { verb: "unshare", what: types + end, failed };
	case "setns":
		return { verb: "setns", what: `into ${target(call)}${end}`, failed };
	case "exec":
		return { verb: "exec", what: `${safe(call.comm, 40)}${end}`, failed };
	case "exit": {
		const dropped = Object.keys(call.slots ?? {}).length;
		return { verb: "exit", what: dropped ? `drops ${plural(dropped, "reference")}` : "", failed };
	}
	default:
		return { verb: safe(call.syscall, 12), what: types + end, failed };
	}
}

/* All that a search looks at, in lower case. */
function haystack(call: Call): string {
	const parts: unknown[] = [
		`#${call.number}`, call.syscall, call.comm, call.pid, call.tid, call.child, call.errno, call.container, call.cgroup,
		...flagTypes(call), ...(call.flags ?? []), call.errno ? "failed" : "",
		call.nsproxy?.after == null ? "" : `nsproxy#${call.nsproxy.after}`,
		...Object.values(call.slots ?? {}).flatMap((s) => [s.before?.ns, s.after?.ns]),
		...(call.steps ?? []).flatMap((s) => [s.fn, s.ns?.ns]),
	];
	return parts.filter((p) => p != null).join(" ").toLowerCase();
}

const cache = new WeakMap<Call, string>();

/* Every word must be found; "-word" must not. */
export function matches(call: Call, query: string): boolean {
	let text = cache.get(call);
	if (text === undefined) cache.set(call, (text = haystack(call)));
	return words(query).every((w) => (w.startsWith("-") && w.length > 1 ? !text!.includes(w.slice(1)) : text!.includes(w)));
}

export function words(query: string): string[] {
	return query.toLowerCase().split(/\s+/).filter((w) => w !== "");
}

/* Indexes of the calls that a search finds. Where calls are added it looks at those alone. */
export class Finder {
	private readonly found: number[] = [];
	private readonly all: boolean;
	private next = 0;

	constructor(private readonly query: string) {
		this.all = !words(query).length;
	}

	/* The same array each time. */
	among(calls: readonly Call[]): readonly number[] {
		for (; this.next < calls.length; this.next++) if (this.all || matches(calls[this.next]!, this.query)) this.found.push(this.next);
		return this.found;
	}
}

export function find(calls: readonly Call[], query: string): readonly number[] {
	return new Finder(query).among(calls);
}
