// SPDX-License-Identifier: GPL-2.0-only
// The grid in its scrolling frame: sticky lane heads, only the visible part drawn, and the
// row that changes brought into view.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { View } from "../layout/lineage";
import type { Row } from "../layout/rails";
import type { Call } from "../model/types";
import { SIZE, foldRows, folds, gridWidth, place, type FoldLine, type Grid } from "../view-model/grid";
import { safe } from "../view-model/text";
import { words } from "../view-model/calls";
import { LaneHeads, RailsBody, describeRails, isHalf } from "./rails";

export interface GraphProps {
	view: View;
	call: Call | undefined;
	touched: ReadonlyMap<number, number>; /* nsproxy -> index of the first call that names it */
	at: number; /* index of the current call */
	query: string;
	fold: boolean;
	folding: { current: boolean }; /* whether the last picture had rows enough for it */
	opened: ReadonlySet<number>;
	selected: number | null;
	scale: number;
	present: boolean;
	dark: boolean;
	print: boolean;
	onSelect: (ns: number) => void;
	onUnfold: (keys: number[]) => void;
	overlay?: (grid: Grid) => ComponentChildren; /* drawn over all of it */
}

/* Rows that the current call is about. */
function litRows(view: View, call: Call | undefined): Set<number> | null {
	if (!call) return null;
	const lit = new Set<number>();
	const { rails, moment } = view;
	rails.rows.forEach((row, i) => {
		const own = rails.lines.slice(row.firstLine, row.firstLine + row.nlines)
			.some((l) => l.procs.some((p) => p.task.tid === call.tid || p.task.tid === call.child));
		const named = row.kind === "nsproxy" && (row.id === call.nsproxy?.after || row.id === moment.focus.nsproxy);
		if (own || named || row.kind === "building") lit.add(i);
	});
	return lit;
}

/* Whether a search is about a row: its tasks, its number, its namespaces. */
function rowMatcher(view: View, query: string): ((row: Row, i: number) => boolean) | null {
	const all = words(query).filter((w) => !w.startsWith("-"));
	if (!all.length) return null;
	return (row) => {
		const lines = view.rails.lines.slice(row.firstLine, row.firstLine + row.nlines);
		const text = [
			`nsproxy#${row.id}`,
			...lines.flatMap((l) => l.procs.map((p) => `${p.task.pid} ${p.task.tid} ${p.task.comm}`)),
			...lines.map((l) => l.container ?? ""),
			...lines.flatMap((l) => l.cells.map((c) => (c.ns.initial ? "" : `${c.ns.type}:[${c.ns.inum}]`))),
		].join(" ").toLowerCase();
		return all.every((w) => text.includes(w));
	};
}

export function useGrid(p: GraphProps): Grid {
	return useMemo(() => {
		p.folding.current = folds(p.view.rails.rows.length, p.folding.current);
		const hidden = foldRows(p.view.rails, {
			on: p.fold && p.folding.current, touched: p.touched, matches: rowMatcher(p.view, p.query), opened: p.opened,
		});
		const lit = litRows(p.view, p.call);
		for (const i of lit ?? []) hidden.delete(i);
		return place(p.view.rails, hidden);
	}, [p.view, p.fold, p.opened, p.query, p.touched.size]);
}

/* What should be seen: the row that changes, and the one the caller is in. */
function target(view: View, grid: Grid, call: Call | undefined): { y: number; y2: number } | null {
	const { rails, moment } = view;
	const half = rails.rows.find((r) => r.kind === "building" && isHalf(r.nsproxy));
	const id = moment.focus.nsproxy ?? call?.nsproxy?.after ?? null;
	const row = half ?? rails.rows.find((r) => r.kind === "nsproxy" && r.id === id);
	const line = rails.lines.findIndex((l) => l.procs.some((x) => x.task.tid === call?.tid));
	const ys = [row ? grid.y[row.firstLine] : undefined, line >= 0 ? grid.y[line] : undefined].filter((y): y is number => y !== undefined);
	return ys.length ? { y: ys[0]!, y2: ys[ys.length - 1]! } : null;
}

/* Of a grid with two tracks in each lane. */
const PLAIN_WIDTH = gridWidth();

export function Graph(p: GraphProps) {
	const box = useRef<HTMLDivElement>(null);
	const [window_, setWindow] = useState({ top: 0, height: 600, width: 1060 });
	const grid = useGrid(p);
	/* fits the frame as long as no lane has grown; then it stays, and scrolls */
	const scale = p.scale * Math.min(p.present ? 2.2 : 1.3, Math.max(p.present ? 1 : 0.85, (window_.width - 2) / PLAIN_WIDTH));
	useEffect(() => {
		const el = box.current!;
		let planned = 0;
		const measure = () => {
			planned = 0;
			setWindow((w) => {
				const top = Math.floor(el.scrollTop / 128) * 128;
				return w.top === top && w.height === el.clientHeight && w.width === el.clientWidth ? w : { top, height: el.clientHeight, width: el.clientWidth };
			});
		};
		const plan = () => (planned ||= requestAnimationFrame(measure));
		const observer = new ResizeObserver(plan);
		observer.observe(el);
		el.addEventListener("scroll", plan, { passive: true });
		return () => observer.disconnect();
	}, []);
	const want = target(p.view, grid, p.call);
	useLayoutEffect(() => {
		const el = box.current;
		if (!el || !want) return;
		const head = SIZE.head * scale, room = el.clientHeight - head;
		const y = want.y * scale, both = Math.abs(want.y - want.y2) * scale < room - 90;
		const top = Math.min(y, both ? want.y2 * scale : y) - 45, bottom = Math.max(y, both ? want.y2 * scale : y) + 45;
		if (top < el.scrollTop) el.scrollTop = Math.max(0, top);
		else if (bottom > el.scrollTop + room) el.scrollTop = bottom - room;
	}, [want?.y, want?.y2, p.at, scale]);
	/* where not all lanes fit: the one that changes */
	const lane = grid.lanes.find((l) => l.type === p.view.moment.focus.type);
	useLayoutEffect(() => {
		const el = box.current;
		if (!el || !lane) return;
		const left = lane.x * scale - 12, right = (lane.x + lane.width) * scale + 12;
		if (left < el.scrollLeft) el.scrollLeft = left;
		else if (right > el.scrollLeft + el.clientWidth) el.scrollLeft = right - el.clientWidth;
	}, [lane?.x, lane?.width, p.at, scale]);
	const lit = useMemo(() => litRows(p.view, p.call), [p.view, p.call]);
	const unborn = useMemo(() => ({ has: (id: number) => (p.touched.get(id) ?? -1) >= p.at }), [p.touched.size, p.at]);
	const unfold = (f: FoldLine) => p.onUnfold(p.view.rails.rows.slice(f.first, f.first + f.rows).map((r) => r.key || -r.id));
	const width = grid.width * scale;
	const floor = p.print ? grid.height : Math.max(grid.height, (window_.height - 1) / scale - SIZE.head);
	return (
		<div class="graph" ref={box} tabIndex={0} role="region" aria-label="Graph of nsproxies and namespaces">
			<svg class={`rails heads${p.dark ? " dark" : ""}`} width={width} height={SIZE.head * scale} viewBox={`0 0 ${grid.width} ${SIZE.head}`} aria-hidden="true">
				<LaneHeads grid={grid} />
			</svg>
			<svg class={`rails${p.dark ? " dark" : ""}`} width={width} height={floor * scale} viewBox={`0 0 ${grid.width} ${floor}`} role="group"
				aria-label={describeRails(p.view.rails, p.view.moment.state)}>
				<RailsBody rails={p.view.rails} grid={grid} moment={p.view.moment} caller={p.call?.tid ?? null} lit={lit} unborn={unborn} selected={p.selected} floor={floor}
					top={p.print ? 0 : window_.top / scale - 200} bottom={p.print ? 1e9 : (window_.top + window_.height) / scale + 200}
					onSelect={p.onSelect} onUnfold={unfold} />
				{p.overlay?.(grid)}
			</svg>
			{p.view.moment.state.stale && <p class="stale" role="status">Events were lost: this picture may be wrong until the next reading.</p>}
		</div>
	);
}

/* Head and body as one drawing, for files. */
export function WholeGraph(p: GraphProps & { title: string }) {
	const grid = useGrid(p);
	const head = SIZE.head + 34;
	return (
		<svg xmlns="http://www.w3.org/2000/svg" class={`rails${p.dark ? " dark" : ""}`} width={grid.width} height={grid.height + head} viewBox={`0 0 ${grid.width} ${grid.height + head}`} role="img">
			<title>{p.title}</title>
			<rect class="paper" width={grid.width} height={grid.height + head} />
			<text class="h" x={SIZE.margin} y={24}>{safe(p.title, 150)}</text>
			<g transform="translate(0 34)"><LaneHeads grid={grid} /></g>
			<g transform={`translate(0 ${head})`}>
				<RailsBody rails={p.view.rails} grid={grid} moment={p.view.moment} caller={p.call?.tid ?? null} lit={litRows(p.view, p.call)} unborn={new Set()}
					selected={p.selected} floor={0} top={-1e9} bottom={1e9} onSelect={() => {}} onUnfold={() => {}} />
			</g>
		</svg>
	);
}
