// SPDX-License-Identifier: GPL-2.0-only
// Which track of its lane a namespace is drawn on, and from where to where: first-fit
// interval colouring with a memory, as in user/view/rails_tracks.c, whose results it
// shares. Old stretches stay; one that is used further on grows, and where another one
// is in the way, a second stretch begins on another track: its label is repeated.

import type { Ns } from "../model/state";

/* Does not move when rows come or grow. */
export interface Place {
	row: number;
	line: number;
}

export interface Use {
	ns: Ns;
	place: Place;
	now: boolean;
	track: number;
	label: boolean;
}

export interface Stretch {
	id: number;
	ns: Ns;
	first: Place;
	last: Place;
	track: number;
}

export type Tracks = Stretch[][];

export function order(a: Place, b: Place): number {
	return a.row !== b.row ? a.row - b.row : a.line - b.line;
}

/* Index of the first stretch that ends at `place` or behind it. */
function search(track: Stretch[], place: Place): number {
	let low = 0, high = track.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (order(track[middle]!.last, place) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

/* `own` is not in the way. */
function isFree(track: Stretch[], first: Place, last: Place, own: number): boolean {
	for (let i = search(track, first); i < track.length; i++) {
		if (order(track[i]!.first, last) > 0) return true;
		if (track[i]!.id !== own) return false;
	}
	return true;
}

/* The next tracks, while they are made; and the stretches of each namespace. */
interface Next {
	tracks: Tracks;
	own: Map<number, Stretch[]>;
}

function insert(t: Next, s: Stretch): void {
	while (t.tracks.length <= s.track) t.tracks.push([]);
	const track = t.tracks[s.track]!;
	track.splice(search(track, s.first), 0, s);
	const own = t.own.get(s.id);
	if (own) own.push(s);
	else t.own.set(s.id, [s]);
}

function has(s: Stretch, place: Place): boolean {
	return order(s.first, place) <= 0 && order(place, s.last) <= 0;
}

/* All uses of one namespace. */
interface Group {
	uses: Use[];
	open: Place | null; /* the first use that no old stretch covers */
	old: boolean;
}

/* A stretch cut down to what is still used of it, or null. */
function keepUsed(s: Stretch, uses: Use[]): Stretch | null {
	const kept = uses.filter((u) => has(s, u.place));
	if (!kept.length) return null;
	return { ...s, ns: kept[0]!.ns, first: kept[0]!.place, last: kept[kept.length - 1]!.place };
}

function groupUses(t: Next, old: Stretch[], uses: Use[]): Group[] {
	const groups: Group[] = [];
	for (let i = 0, at = 0; i < uses.length; ) {
		const id = uses[i]!.ns.id;
		const from = i;
		while (i < uses.length && uses[i]!.ns.id === id) i++;
		const group: Group = { uses: uses.slice(from, i), open: null, old: false };
		while (at < old.length && old[at]!.id < id) at++;
		/* as they were, and as they are cut: later ones are compared with what is left */
		const kept: Stretch[] = [];
		for (; at < old.length && old[at]!.id === id; at++) {
			const cut = keepUsed(old[at]!, group.uses);
			kept.push(cut ?? old[at]!);
			if (cut) insert(t, cut);
			group.old = true;
		}
		group.open = group.uses.find((u) => !kept.some((s) => has(s, u.place)))?.place ?? null;
		groups.push(group);
	}
	return groups;
}

/* A stretch of this namespace that has the place, or else the last one before it with nothing between. */
function ownStretch(t: Next, id: number, place: Place, before: boolean): Stretch | null {
	let best: Stretch | null = null;
	for (const s of t.own.get(id) ?? []) {
		if (has(s, place)) return s;
		if (!before || order(s.last, place) >= 0) continue;
		const track = t.tracks[s.track]!;
		if (track[search(track, place) - 1] === s && (!best || order(best.last, s.last) < 0)) best = s;
	}
	return best;
}

/* From the use `k` as far as its own uses go, up to a stretch that is there already. */
function beginStretch(t: Next, g: Group, k: number): void {
	const { ns, place } = g.uses[k]!;
	let last = place;
	for (let i = k + 1; i < g.uses.length; i++) {
		if (g.old && ownStretch(t, ns.id, g.uses[i]!.place, false)) break;
		last = g.uses[i]!.place;
	}
	let track = ns.initial ? 0 : 1; /* 0 is kept for the initial one */
	while (track < t.tracks.length && !isFree(t.tracks[track]!, place, last, 0)) track++;
	insert(t, { id: ns.id, ns, first: place, last, track });
}

function settle(t: Next, g: Group): void {
	for (let k = 0; k < g.uses.length; ) {
		const { ns, place } = g.uses[k]!;
		let s = ownStretch(t, ns.id, place, true);
		if (s && !has(s, place)) {
			if (isFree(t.tracks[s.track]!, s.last, place, ns.id)) s.last = place;
			else s = null;
		}
		if (!s) {
			beginStretch(t, g, k);
			s = ownStretch(t, ns.id, place, false)!;
		}
		for (; k < g.uses.length && has(s, g.uses[k]!.place); k++) {
			g.uses[k]!.track = s.track;
			g.uses[k]!.label = order(g.uses[k]!.place, s.first) === 0;
		}
	}
}

const NOWHERE: Place = { row: 0, line: 0 };

/* Puts the uses of one lane on tracks. What was there stays on its track as far as it is used. */
export function placeUses(before: Tracks, uses: Use[]): Tracks {
	uses.sort((a, b) => a.ns.id - b.ns.id || order(a.place, b.place));
	const old = before.flat().map((s) => ({ ...s }));
	old.sort((a, b) => a.id - b.id || order(a.first, b.first));
	const t: Next = { tracks: before.map(() => []), own: new Map() };
	const groups = groupUses(t, old, uses);
	/* the order of the C library's sort: equal keys keep theirs */
	groups.sort((a, b) => order(a.open ?? NOWHERE, b.open ?? NOWHERE));
	for (const g of groups) settle(t, g);
	return t.tracks;
}
