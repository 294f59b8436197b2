// SPDX-License-Identifier: GPL-2.0-only
// Links to a moment: #t=…&call=…&step=…

import type { Recording, Stop } from "../model/recording";

export interface Link {
	t: number | null;
	call: number | null;
	step: number;
	ns: number | null;
	other: boolean; /* in the second one of two recordings */
}

export function parseLink(hash: string): Link {
	const params = new URLSearchParams(hash.replace(/^#/, ""));
	const number = (key: string) => {
		const text = params.get(key);
		return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : null;
	};
	return { t: number("t"), call: number("call"), step: Math.max(0, number("step") ?? 0), ns: number("ns"), other: params.get("side") === "b" };
}

/* It leads to a moment; else to what is now, where at most a namespace is selected. */
export function isMoment(link: Link): boolean {
	return link.call !== null || link.t !== null;
}

export function makeLink(r: Recording, stop: Stop, ns: number | null, other = false): string {
	const call = r.calls[stop.call];
	const parts = call ? [`t=${r.timeOf(stop)}`, `call=${call.number}`, `step=${stop.step}`] : [];
	if (ns !== null) parts.push(`ns=${ns}`);
	if (other) parts.push("side=b");
	return parts.length ? `#${parts.join("&")}` : "#";
}

/* Where a link leads, or null: nowhere in what has been read so far. */
export function follow(r: Recording, link: Link): Stop | null {
	const call = link.call === null ? -1 : r.indexOf(link.call);
	if (call >= 0) return { call, step: Math.min(link.step, r.steps(call) - 1) };
	if (link.t !== null && r.calls.length && link.t <= r.lastTs) return r.stopAt(link.t);
	return null;
}
