// SPDX-License-Identifier: GPL-2.0-only
// Two start-ups side by side: what is done at the left in A, at the right in B, in one row
// where it is the same thing. Walked by the keys of the graph.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { neighbour, stepsOf, walkPlaces, type Compare, type Pair, type Place, type Side } from "../model/compare";
import type { Recording } from "../model/recording";
import {
	cellTime, counterpart, difference, isDifference, isOwn, longest, markWord, markWords, rowOfCall, shownRows, sideAbout, sideName, SIGNS, spotOf, stageRows, stageSpans, tone, walked, type Spot,
} from "../view-model/compare";
import { ticks, xOf } from "../view-model/timeline";
import { duration, moment, plural, safe } from "../view-model/text";
import type { Action } from "./keys";
import { useWidth } from "./width";

export interface CompareState {
	compare: Compare | null;
	spots: Spot[]; /* the calls of the chosen row that a graph has */
	show: (spot: Spot) => void;
	on: boolean;
	place: Place;
	fold: boolean;
	hash: string;
	actions: Partial<Record<Action, () => void>>;
	go: (place: Place) => void;
	toggle: () => void;
	setFold: (fold: boolean) => void;
}

export function parsePlace(hash: string): Place | null {
	const m = /(?:^#|&)row=(\d{1,6})(?:&step=(\d{1,6}))?/.exec(hash);
	return m ? { row: Number(m[1]), step: m[2] === undefined ? -1 : Number(m[2]) } : null;
}

/* Chosen by the link; else it is what a file with two start-ups opens with. */
function wanted(hash: string): boolean {
	return parsePlace(hash) !== null || !/[#&](t|call|ns)=/.test(hash);
}

/* `toGraph` leaves for a call; `here` is the one that the graph shows. */
export function useCompare(recording: Recording, here: Spot | null, toGraph: (spot: Spot) => void): CompareState {
	const compare = recording.compare;
	const [chosen, choose] = useState<boolean>(() => wanted(location.hash));
	const [at, setPlace] = useState<Place | null>(() => parsePlace(location.hash));
	const [fold, setFold] = useState(true);
	useEffect(() => {
		const changed = () => {
			choose(wanted(location.hash));
			const there = parsePlace(location.hash);
			if (there) setPlace(there);
		};
		addEventListener("hashchange", changed);
		return () => removeEventListener("hashchange", changed);
	}, []);
	const rows = compare?.diff.rows ?? [];
	const place = clamp(rows, at ?? { row: Math.max(0, rows.findIndex(isDifference)), step: -1 });
	const go = (p: Place) => setPlace(clamp(rows, p));
	const shown = walked(shownRows(rows, fold, place.row));
	const row = (by: 1 | -1, among: readonly number[]) => {
		const next = neighbour(among, place.row, by);
		if (next !== undefined) go({ row: next, step: -1 });
	};
	const different = () => rows.flatMap((r, i) => (isDifference(r) ? [i] : []));
	const on = !!compare && chosen;
	const toggle = () => {
		const row = !on && here ? rowOfCall(rows, here.side, here.call) : -1;
		if (row >= 0 && row !== place.row) go({ row, step: -1 });
		choose(!on);
	};
	const known = (spot: Spot | null) => (spot && graphOf(recording, compare!, spot) ? spot : null);
	const spots = compare ? (["a", "b"] as const).map((side) => known(spotOf(rows[place.row], stepsOf(rows[place.row])[place.step], side))).filter((s) => s !== null) : [];
	const show = (spot: Spot | null | undefined) => {
		if (!spot) return;
		choose(false);
		toGraph(spot);
	};
	const across = () => show(here && known(counterpart(rows, here)));
	const actions = on ? {
		next: () => go(walkPlaces(rows, shown, place, 1)),
		previous: () => go(walkPlaces(rows, shown, place, -1)),
		down: () => row(1, shown),
		up: () => row(-1, shown),
		first: () => go({ row: shown[0] ?? 0, step: -1 }),
		last: () => go({ row: shown[shown.length - 1] ?? 0, step: -1 }),
		nextDifference: () => row(1, different()),
		previousDifference: () => row(-1, different()),
		fold: () => setFold((f) => !f),
		graph: () => show(spots[0]),
		compare: toggle,
		search: () => {}, tidy: () => {}, live: () => {}, bigger: () => {}, smaller: () => {},
	} : compare ? { compare: toggle, graph: across } : {};
	return { spots, show, compare, on, place, fold, hash: `#row=${place.row}${place.step < 0 ? "" : `&step=${place.step}`}`, actions, go, toggle, setFold };
}

function clamp(rows: readonly Pair[], p: Place): Place {
	const row = Math.min(Math.max(0, p.row), Math.max(0, rows.length - 1));
	return { row, step: Math.min(p.step, stepsOf(rows[row]).length - 1) };
}

/* Whose graph B's is; null: it has not come yet, or is not there. Both sides may be in one file. */
export function secondOf(recording: Recording): Recording | null {
	const run = recording.compare?.diff.b.runs[0];
	return recording.other ?? (isOwn(run, recording.start?.source) ? recording : null);
}

/* The recording that has a call. */
export function graphOf(recording: Recording, c: Compare, spot: Spot): Recording | null {
	const run = (spot.side === "a" ? c.diff.a : c.diff.b).runs[0];
	const r = spot.side === "b" ? secondOf(recording) : recording;
	return r && isOwn(run, r.start?.source) && r.indexOf(spot.call) >= 0 ? r : null;
}

function SideHead({ letter, side }: { letter: string; side: Side }) {
	return (
		<p class="side">
			<b class="letter">{letter}</b> <b>{sideName(side)}</b> <span class="soft">{sideAbout(side)}</span> <b>{side.duration ? duration(side.duration.median) : ""}</b>{" "}
			<span class={side.outcome === "running" ? "soft" : "bad"}>{safe(side.outcome, 20)}</span>
		</p>
	);
}

const LEFT = 34, RIGHT = 14, BAR = 24;

/* Both from their own beginning, on one scale. */
function Bars({ compare }: { compare: Compare }) {
	const [ref, width] = useWidth();
	const range = { from: 0, to: longest(compare) };
	const inner = Math.max(50, width - LEFT - RIGHT);
	const x = (t: number) => LEFT + xOf(range, inner, t);
	const marks = ticks(range, inner);
	return (
		<div class="both" ref={ref}>
			<svg class="bars" width={width} height={2 * BAR + 34} role="img" aria-label="Stages of A and of B, on one scale">
				<g class="axis">{marks.at.map((t) => (
					<g key={t}><path d={`M${x(t)} 2V${2 * BAR + 12}`} />{x(t) < width - 32 && <text x={x(t)} y={2 * BAR + 27}>{moment(t, marks.step)}</text>}</g>
				))}</g>
				{compare.startups.map((s, side) => {
					const y = 4 + side * (BAR + 4);
					return (
						<g key={side}>
							<text class="name" x={8} y={y + 16}>{side ? "B" : "A"}</text>
							{stageSpans(compare.diff, s).map((g, i) => {
								const w = Math.max(1.5, x(g.to) - x(g.from));
								return (
									<g key={i} class={`stage ${side && g.pace !== "same" ? g.pace : ""}`}>
										<title>{`${g.number} ${g.name}: ${duration(g.to - g.from)}`}</title>
										<rect x={x(g.from)} y={y} width={w} height={BAR - 2} />
										{w > 16 && <text x={x(g.from) + w / 2} y={y + 16}>{g.number}</text>}
									</g>
								);
							})}
						</g>
					);
				})}
			</svg>
		</div>
	);
}

const PACE: Record<string, string> = { slower: "▲ B slower", faster: "▼ B faster" };

function Stages({ compare }: { compare: Compare }) {
	return (
		<ol class="stage-list" aria-label="Stages, A and B">
			{stageRows(compare.diff).map((s) => (
				<li key={s.number} class={s.pace}>
					<b class="n">{s.number}</b> {s.name} <span class="t">{s.a} → {s.b}</span>{PACE[s.pace] && <b class="tag"> {PACE[s.pace]} {s.by}</b>}
				</li>
			))}
		</ol>
	);
}

function Namespaces({ compare }: { compare: Compare }) {
	return (
		<ul class="ns-list" aria-label="Namespaces of the payload, A and B">
			{compare.diff.namespaces.filter((n) => n.left || n.right).map((n) => (
				<li key={n.type} class={n.different ? "different" : ""}>
					<b>{safe(n.type, 10)}</b> {n.different ? `${safe(n.left?.role ?? "none", 20)} ≠ ${safe(n.right?.role ?? "none", 20)}` : safe(n.left?.role ?? n.right?.role, 20)}
				</li>
			))}
		</ul>
	);
}

function Half({ cell, letter }: { cell: Pair["left"]; letter: string }) {
	if (!cell) return <><td class="what none" title={`not in ${letter}`}>–</td><td class="took" /></>;
	return (
		<>
			<td class={`what${cell.failed ? " bad" : ""}`}><span class="at">{moment(cell.at)}</span><span class="text" title={safe(cell.text, 400)}>{safe(cell.text, 200)}</span></td>
			<td class={`took${cell.failed ? " bad" : ""}`}>{cellTime(cell)}</td>
		</>
	);
}

/* Scrolls this box, not what is around it. */
function show(box: HTMLElement | null | undefined, row: Element | null | undefined, head = 0): void {
	if (!box || !row) return;
	const inside = row.getBoundingClientRect(), around = box.getBoundingClientRect();
	if (inside.top < around.top + head) box.scrollTop -= around.top + head - inside.top;
	else if (inside.bottom > around.bottom) box.scrollTop += Math.min(inside.bottom - around.bottom, inside.top - around.top - head);
}

function Table({ state }: { state: CompareState }) {
	const rows = state.compare!.diff.rows;
	const shown = useMemo(() => shownRows(rows, state.fold, state.place.row), [rows, state.fold, state.place.row]);
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		show(box.current, box.current?.querySelector("tr[aria-selected=true]"), box.current?.querySelector("thead")?.clientHeight);
	}, [state.place.row, state.fold]);
	return (
		<div class="pairs" ref={box} tabIndex={0} role="region" aria-label="What is done, and by whom">
			<table role="grid" aria-label="A and B, row by row" aria-rowcount={rows.length}>
				<thead><tr><th scope="col" class="sign"><span class="offscreen">difference</span></th><th scope="col" class="who">by</th><th scope="col">A</th><th scope="col" class="took">took</th><th scope="col">B</th><th scope="col" class="took">took</th></tr></thead>
				<tbody>
					{shown.map((s) => {
						if (!("row" in s)) return <tr key={`f${s.from}`} class="fold"><td class="sign" /><td colSpan={5}><button type="button" onClick={() => state.setFold(false)}>{plural(s.to - s.from, "row")} alike</button></td></tr>;
						const r = rows[s.row]!, chosen = s.row === state.place.row;
						return (
							<tr key={s.row} class={tone(r)} aria-selected={chosen} aria-rowindex={s.row + 1} onClick={() => state.go({ row: s.row, step: -1 })}>
								<td class="sign" title={markWords(r.marks).join(", ")}>{SIGNS[r.kind] ?? "?"} <span class="mark">{markWord(r)}</span></td>
								<td class="who">{safe((r.left ?? r.right)?.who, 24)}</td>
								<Half cell={r.left} letter="A" />
								<Half cell={r.right} letter="B" />
							</tr>
						);
					})}
				</tbody>
			</table>
		</div>
	);
}

function StepHalf({ cell }: { cell: Pair["left"] }) {
	return <td>{cell ? [safe(cell.outcome ?? "", 20), cell.errno ? safe(cell.errno, 16) : "", cell.duration ? duration(cell.duration.median) : ""].filter(Boolean).map((t) => <span key={t}>{t}</span>) : "–"}</td>;
}

/* Everything about the chosen pair, with the kernel's steps. */
function Detail({ state }: { state: CompareState }) {
	const compare = state.compare!, pair = compare.diff.rows[state.place.row];
	const box = useRef<HTMLElement>(null);
	const step = useRef<HTMLTableRowElement>(null);
	useEffect(() => show(box.current, step.current), [state.place.row, state.place.step]);
	if (!pair) return <section class="step-view" aria-label="The chosen row"><p>Nothing was done in either.</p></section>;
	const steps = stepsOf(pair), shown = state.place.step >= 0 ? steps[state.place.step] : undefined;
	return (
		<section class="step-view detail" aria-label="The chosen row" tabIndex={0} ref={box}>
			<p class="tags">{markWords(pair.marks).map((w) => <b key={w} class="tag">{w}</b>)}{!pair.marks.length && <span class="soft">alike</span>} <span class="soft">{difference(pair)}</span></p>
			{pair.note && <p class="note">{safe(pair.note, 600)}</p>}
			{(["left", "right"] as const).map((side) => {
				const cell = pair[side];
				return (
					<p key={side} class="one">
						<b class="letter">{side === "left" ? "A" : "B"}</b> {cell ? <><span class={`text${cell.failed ? " bad" : ""}`}>{safe(cell.text, 600)}</span> <span class="soft">by {safe(cell.who, 60)}, {cell.tid}, at {moment(cell.at)}</span> <b>{cellTime(cell)}</b></> : <span class="soft">does not do it</span>}
					</p>
				);
			})}
			{state.spots.length > 0 && (
				<p class="spots">
					{state.spots.map((s, i) => <button key={s.side} type="button" onClick={() => state.show(s)}>{s.side.toUpperCase()}: call {s.call} in the graph{i ? "" : " (g)"}</button>)}
				</p>
			)}
			{steps.length > 0 && (
				<table class="pair-steps" aria-label="The kernel's steps, A and B">
					<thead><tr><th scope="col"><span class="offscreen">difference</span></th><th scope="col">kernel step</th><th scope="col">A</th><th scope="col">B</th></tr></thead>
					<tbody>
						{steps.map((s, i) => (
							<tr key={i} class={tone(s)} aria-current={i === state.place.step ? "step" : undefined} ref={i === state.place.step ? step : undefined} onClick={() => state.go({ row: state.place.row, step: i })}>
								<td class="sign">{SIGNS[s.kind] ?? "?"}</td><th scope="row">{safe((s.left ?? s.right)?.text, 60)}</th><StepHalf cell={s.left} /><StepHalf cell={s.right} />
							</tr>
						))}
					</tbody>
				</table>
			)}
			{shown && (shown.note || shown.marks.length > 0) && <p class="note">{[...markWords(shown.marks), shown.note ? safe(shown.note, 400) : ""].filter(Boolean).join(". ")}</p>}
		</section>
	);
}

export function ComparePage({ state }: { state: CompareState }) {
	const { diff } = state.compare!;
	const rows = diff.rows.length, different = diff.rows.filter(isDifference).length;
	return (
		<main class="compare">
			<div class="left">
				<section class="verdict" aria-label="The two start-ups" tabIndex={0}>
					<h2>{safe(diff.verdict, 600)}</h2>
					<div class="sides"><SideHead letter="A" side={diff.a} /><SideHead letter="B" side={diff.b} /></div>
					<Bars compare={state.compare!} />
					<Stages compare={state.compare!} />
					<Namespaces compare={state.compare!} />
				</section>
				<Table state={state} />
				<nav class="stepbar" aria-label="Rows">
					<button type="button" onClick={state.actions.previousDifference} aria-label="Previous difference">◀ !</button>
					<button type="button" onClick={state.actions.previous}>◀ step</button>
					<button type="button" class="strong" onClick={state.actions.next}>step ▶</button>
					<button type="button" onClick={state.actions.nextDifference} aria-label="Next difference">! ▶</button>
					<span class="where">row {state.place.row + 1} / {rows}{state.place.step >= 0 ? `, step ${state.place.step + 1}` : ""} <span class="soft">{plural(different, "row")} differ</span></span>
					<span class="hint">← → step · ↑ ↓ row · n N difference · f fold · g graphs</span>
				</nav>
			</div>
			<div class="right"><Detail state={state} /></div>
		</main>
	);
}

/* In the graph: whose it is, and the way across. */
export function Sides({ state, side, onSide }: { state: CompareState; side: "a" | "b"; onSide: () => void }) {
	const { a, b } = state.compare!.diff;
	return (
		<span class="group sides-of" role="group" aria-label="Whose graph">
			{([["a", a], ["b", b]] as const).map(([letter, s]) => (
				<button key={letter} type="button" aria-pressed={side === letter} title={`${sideName(s)}: the same call there (g)`} onClick={() => side !== letter && onSide()}>
					<b>{letter.toUpperCase()}</b> {safe(s.runs[0]?.container ?? s.runs[0]?.runtime ?? "", 16)}
				</button>
			))}
		</span>
	);
}
