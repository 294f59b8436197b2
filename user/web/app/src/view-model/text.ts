// SPDX-License-Identifier: GPL-2.0-only
// Words for people. Text of traced processes is hostile: what does not print is shown as
// an escape, so that nothing can hide, turn the writing round, or look like something else.

import type { Ns } from "../model/state";
import type { NsType } from "../model/types";

/* C0, DEL, C1, zero width and bidirectional controls, separators, the byte order mark, lone surrogates. */
// eslint-disable-next-line no-control-regex
const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

export function safe(text: unknown, most = 200): string {
	const whole = String(text ?? "").replace(HOSTILE, (c) => {
		const code = c.codePointAt(0)!;
		return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
	});
	return whole.length > most ? `${whole.slice(0, most - 1)}…` : whole;
}

/* What fits into `room` pixels, at about so many for a character. */
export function clip(text: string, room: number, width = 7.6): string {
	const most = Math.max(1, Math.floor(room / width));
	return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function shortInum(inum: number): string {
	return String(inum).slice(-4);
}

/* "host", the last digits, or "anon" for a mount namespace without a number. */
export function nsLabel(ns: Ns): string {
	if (ns.initial) return "host";
	return ns.inum ? shortInum(ns.inum) : "anon";
}

export function nsName(ns: { type: NsType; inum: number }): string {
	return `${ns.type}:[${ns.inum}]`;
}

export function laneName(type: NsType): string {
	return type === "pid" || type === "time" ? `${type}*` : type;
}

export function duration(ns: number | null | undefined): string {
	if (ns === null || ns === undefined) return "";
	const abs = Math.abs(ns);
	if (abs < 1000) return `${ns} ns`;
	if (abs < 1e6) return `${digits(ns / 1e3)} µs`;
	if (abs < 1e9) return `${digits(ns / 1e6)} ms`;
	return `${digits(ns / 1e9)} s`;
}

function digits(x: number): string {
	const abs = Math.abs(x);
	return abs >= 100 ? x.toFixed(0) : abs >= 10 ? x.toFixed(1) : x.toFixed(2);
}

/* A moment, on an axis where two marks are `step` apart. */
export function moment(ns: number, step = 0): string {
	const unit = Math.max(Math.abs(ns), step * 10);
	const places = (per: number) => (step > 0 ? Math.max(0, Math.ceil(-Math.log10(step / per) - 1e-9)) : 1);
	if (unit >= 1e9) return `${(ns / 1e9).toFixed(step > 0 ? Math.min(9, places(1e9)) : 3)} s`;
	if (unit >= 1e6 || ns === 0) return `${(ns / 1e6).toFixed(Math.min(6, places(1e6)))} ms`;
	return `${(ns / 1e3).toFixed(Math.min(3, places(1e3)))} µs`;
}

export function plural(n: number, word: string): string {
	return `${n} ${word}${n === 1 ? "" : word.endsWith("y") && word !== "nsproxy" ? "ies" : word === "nsproxy" ? "" : "s"}`;
}
