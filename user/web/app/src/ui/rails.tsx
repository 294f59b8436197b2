// SPDX-License-Identifier: GPL-2.0-only
// The rails as SVG. Only what is near the visible part is drawn, unless `full`.

import { LANES, type Cell, type Line, type Rails, type Row } from "../layout/rails";
import { SIZE, linesBetween, rowEnd, trackX, type FoldLine, type Grid } from "../view-model/grid";
import { clip, laneName, nsLabel, nsName, plural, safe, shortInum } from "../view-model/text";
import type { HalfBuilt, Nsproxy, Ns, State } from "../model/state";
import type { Moment } from "../model/walk";
import type { NsType } from "../model/types";

export interface Props {
	rails: Rails;
	grid: Grid;
	moment: Moment;
	/* the task whose call it is, and what to dim: null, nothing */
	caller: number | null;
	lit: ReadonlySet<number> | null; /* indexes of rows that are not dimmed */
	unborn: { has(nsproxy: number): boolean }; /* nsproxies that come later: their rows stay empty */
	selected: number | null;
	floor: number; /* lanes go down to here at least */
	top: number;
	bottom: number;
	onSelect: (ns: number) => void;
	onUnfold: (fold: FoldLine) => void;
}

const H = SIZE.pillHeight;

export function isHalf(x: Nsproxy | HalfBuilt | null): x is HalfBuilt {
	return !!x && "tid" in x;
}

function nsTitle(state: State, ns: Ns): string {
	const owner = ns.owner === null ? undefined : state.namespaces.get(ns.owner);
	return nsName(ns) + (ns.initial ? ", the initial one" : "") + (owner ? `, owned by ${nsName(owner)}${owner.initial ? " (host)" : ""}` : "") +
		(ns.refs === null ? "" : `, ${plural(ns.refs, "reference")} when last read`);
}

function Wires({ p, row, index }: { p: Props; row: Row; index: number }) {
	if (!row.nsproxy) return null;
	const { grid, rails } = p;
	const y0 = grid.y[row.firstLine]!;
	const right = SIZE.margin + SIZE.tasks, box = grid.box;
	const kind = row.kind === "building" ? "wire half" : "wire";
	const dim = p.lit && !p.lit.has(index) ? " dim" : "";
	const paths = [];
	for (let i = 0; i < row.nlines; i++) {
		const line = rails.lines[row.firstLine + i]!, y = grid.y[row.firstLine + i]!;
		if (!line.procs.length) continue;
		paths.push(i === 0 ? `M${right} ${y}H${box}` : `M${right} ${y}H${box - 16}Q${box - 8} ${y} ${box - 8} ${y - 8}V${y0}`);
	}
	paths.push(`M${box - 4} ${y0}H${rowEnd(grid, rails.lines[row.firstLine]!)}`);
	return <path class={kind + dim} d={paths.join("")} />;
}

function taskText(line: Line, caller: number | null): { name: string; more: number } {
	const all = line.procs;
	const own = all.find((x) => x.task.tid === caller) ?? all.find((x) => x.task.pid === caller) ?? all[0]!;
	const threads = own.threads > 1 ? ` (${own.threads})` : "";
	const tid = caller !== null && own.task.tid === caller ? caller : own.task.pid;
	return { name: `${tid} ${safe(own.task.comm, 40)}${threads}`, more: all.length - 1 };
}

function lineTitle(line: Line): string {
	const names = line.procs.slice(0, 12).map((x) => `${x.task.pid} ${safe(x.task.comm, 40)}`);
	if (line.procs.length > 12) names.push(`and ${line.procs.length - 12} more processes`);
	if (line.container) names.push(`container or unit ${safe(line.container, 80)}`);
	if (line.pidPending) names.push("the next child is born in another pid namespace");
	return names.join(", ");
}

function TaskPill({ p, line, index, dim }: { p: Props; line: Line; index: number; dim: string }) {
	if (!line.procs.length) return null;
	const y = p.grid.y[index]!, x = SIZE.margin;
	const { name, more } = taskText(line, p.caller);
	const own = line.procs.some((q) => q.task.tid === p.caller);
	const badge = line.pid && !line.pid.initial
		? `${line.procs.length === 1 && line.procs[0]!.task.nsPid ? `${line.procs[0]!.task.nsPid} in ` : "in "}${nsLabel(line.pid)}` : "";
	const room = badge ? badge.length * 7.2 + 14 : 0;
	const plus = more ? `+${more}` : "";
	const width = SIZE.tasks - 20 - room - (plus ? plus.length * 8 + 14 : 0);
	const zombie = p.rails.rows[line.row]!.kind === "zombies";
	return (
		<g class={`task${own ? " own" : ""}${zombie ? " zombie" : ""}${dim}`}>
			<title>{lineTitle(line)}</title>
			<rect x={x} y={y - 12} width={SIZE.tasks} height={24} rx={12} />
			<text x={x + 11} y={y + 5}>{clip(name, width, own ? 8.6 : 7.9)}</text>
			{plus && <text class="more" x={x + SIZE.tasks - room - 9} y={y + 5}>{plus}</text>}
			{badge && (
				<g class="pid">
					<rect class="badge" x={x + SIZE.tasks - room - 2} y={y - 10} width={room} height={20} rx={10} />
					<text class="badge" x={x + SIZE.tasks - room / 2 - 2} y={y + 4}>{badge}</text>
				</g>
			)}
		</g>
	);
}

function ProxyBox({ p, row, dim }: { p: Props; row: Row; dim: string }) {
	const x = p.grid.box, y = p.grid.y[row.firstLine]!, right = x + SIZE.box;
	const half = isHalf(row.nsproxy);
	const count = row.nsproxy!.count === null ? "?" : String(row.nsproxy!.count);
	const name = half ? "new" : row.id < 1e4 ? `#${row.id}` : String(row.id);
	const hit = row.kind === "nsproxy" && p.moment.focus.nsproxy === row.id ? " hit" : "";
	return (
		<g class={`proxy${half ? " half" : ""}${hit}${dim}`}>
			<title>{half ? "an nsproxy that is being built: nobody can see it yet" : `nsproxy#${row.id}, count ${count}`}</title>
			<path d={`M${x} ${y - 14}H${right - 13}L${right} ${y}L${right - 13} ${y + 14}H${x}z`} />
			<text class="count" x={x + 22} y={y + 5}>{count}</text>
			<path class="rule" d={`M${x + 43} ${y - 9}V${y + 9}`} />
			<text class="id" x={x + 50} y={y + 5} font-size={Math.min(14, 58 / name.length)}>{clip(name, 64, 8)}</text>
		</g>
	);
}

function OwnerMark({ x, y }: { x: number; y: number }) {
	return <path class="owner" d={`M${x} ${y - 6}l6 6l-6 6l-6 -6z`} />;
}

function CellMark({ p, cell, dim }: { p: Props; cell: Cell; dim: string }) {
	const lane = p.grid.lanes[cell.lane]!, type = lane.type;
	const x = trackX(lane, cell.track), y = p.grid.y[cell.line]!;
	const owner = cell.ns.owner === null ? undefined : p.moment.state.namespaces.get(cell.ns.owner);
	const picked = p.selected === cell.ns.id ? " picked" : "";
	const select = () => p.onSelect(cell.ns.id);
	const title = <title>{nsTitle(p.moment.state, cell.ns) + (cell.pending ? "; takes effect at the next fork or exec" : "")}</title>;
	if (!cell.label)
		return (
			<g class={`ns ${type}${picked}${dim}`} onClick={select}>
				{title}
				{type === "user" ? <path d={`M${x} ${y - 8}l8 8l-8 8l-8 -8z`} /> : <circle cx={x} cy={y} r={7} />}
				{cell.pending && <text class="pending" x={x + 9} y={y - 5}>!</text>}
			</g>
		);
	return (
		<g class={`ns ${type}${picked}${dim}`} onClick={select} tabindex={0} role="button" aria-label={`${nsLabel(cell.ns)}, ${nsTitle(p.moment.state, cell.ns)}`}
			onKeyDown={(e) => (e.key === "Enter" || e.key === " ") && (e.preventDefault(), select())}>
			{title}
			<rect x={x - SIZE.pill / 2} y={y - H / 2} width={SIZE.pill} height={H} rx={type === "user" ? 4 : H / 2} />
			<text x={x} y={y + 5}>{nsLabel(cell.ns)}</text>
			{owner && !owner.initial && <OwnerMark x={x + SIZE.pill / 2 - 3} y={y + 9} />}
			{cell.pending && <text class="pending" x={x + SIZE.pill / 2 + 2} y={y - 5}>!</text>}
		</g>
	);
}

/* Slots that are not filled yet, or have been put again. */
function Holes({ p, row }: { p: Props; row: Row }) {
	const y = p.grid.y[row.firstLine]!, line = p.rails.lines[row.firstLine]!;
	const used = new Set(line.cells.map((c) => c.lane));
	return (
		<>
			{LANES.map((type, lane) => {
				if (type === "user" || used.has(lane)) return null;
				const x = trackX(p.grid.lanes[lane]!, 1), put = p.moment.put.includes(type);
				const here = p.moment.focus.half && p.moment.focus.type === type;
				return (
					<g class={`hole${put ? " put" : ""}${here && p.moment.focus.tag === "FAIL" ? " fail" : ""}`}>
						<rect x={x - SIZE.pill / 2} y={y - H / 2} width={SIZE.pill} height={H} rx={H / 2} />
						<text x={x} y={y + 4}>{put ? "put" : "empty"}</text>
					</g>
				);
			})}
		</>
	);
}

const TAG_CLASS: Record<string, string> = { FAIL: "bad", "put −1": "bad", FREED: "bad" };

export function Tag({ x, y, text }: { x: number; y: number; text: string }) {
	const width = text.length * 8.2 + 12;
	return (
		<g class={`tag ${TAG_CLASS[text] ?? ""}`}>
			<rect x={x - width / 2} y={y - 27} width={width} height={16} rx={8} />
			<text x={x} y={y - 15}>{text}</text>
		</g>
	);
}

/* What the step touched: a ring round it, and what happened to it in a word. */
function FocusMark({ p }: { p: Props }) {
	const { focus } = p.moment;
	if (!focus.tag) return null;
	if (focus.type && (focus.half || focus.ns !== null)) {
		const lane = LANES.indexOf(focus.type);
		const row = focus.half ? p.rails.rows.find((r) => r.kind === "building") : undefined;
		const cell = row
			? p.rails.lines[row.firstLine]!.cells.find((c) => c.lane === lane)
			: [...p.rails.cells].reverse().find((c) => c.lane === lane && c.ns.id === focus.ns && inLit(p, c.line));
		const line = cell?.line ?? row?.firstLine;
		if (line === undefined || p.grid.folded[line]) return null;
		const x = trackX(p.grid.lanes[lane]!, cell ? cell.track : 1), y = p.grid.y[line]!;
		const w = !cell || cell.label ? SIZE.pill : 14;
		return (
			<g class="focus">
				<rect class={TAG_CLASS[focus.tag] ?? ""} x={x - w / 2 - 3} y={y - H / 2 - 3} width={w + 6} height={H + 6} rx={(H + 6) / 2} />
				<Tag x={x} y={y} text={focus.tag} />
			</g>
		);
	}
	const row = p.rails.rows.find((r) => r.id === focus.nsproxy && (r.kind === "nsproxy" || r.kind === "ghost"));
	if (!row || p.grid.folded[row.firstLine]) return null;
	return <g class="focus"><Tag x={p.grid.box + (row.kind === "ghost" ? SIZE.box + 12 : SIZE.box / 2 - 6)} y={p.grid.y[row.firstLine]! + (row.kind === "ghost" ? 12 : -2)} text={focus.tag} /></g>;
}

function inLit(p: Props, line: number): boolean {
	return !p.lit || p.lit.has(p.rails.lines[line]!.row);
}

function Building({ p, row }: { p: Props; row: Row }) {
	const half = row.nsproxy as HalfBuilt;
	const y = p.grid.y[row.firstLine]!, x = SIZE.margin;
	const from = p.rails.lines.findIndex((l) => l.procs.some((q) => q.task.tid === half.tid));
	const y0 = from < 0 || p.grid.folded[from] ? null : p.grid.y[from]!;
	return (
		<g class="building">
			{y0 !== null && <path class="arrow" d={`M${x - 1} ${y0}H${x - 6}Q${x - 10} ${y0} ${x - 10} ${y0 < y ? y0 + 4 : y0 - 4}V${y0 < y ? y - 4 : y + 4}Q${x - 10} ${y} ${x - 6} ${y}H${p.grid.box - 10}`} />}
			<path class="head" d={`M${p.grid.box - 12} ${y - 6}l10 6l-10 6z`} />
			<rect class="words" x={x + 2} y={y - 11} width={SIZE.tasks - 6} height={22} />
			<text x={x + 8} y={y + 5}>{half.tid === null ? "being built, not visible yet" : `for ${half.tid}, not visible yet`}</text>
		</g>
	);
}

function LoneLine({ p, row, index }: { p: Props; row: Row; index: number }) {
	const y = p.grid.y[index]!, k = row.keepers[0];
	const by = !k ? "" : k.path ? `${safe(k.kind, 20)} at ${safe(k.path, 60)}` : k.pid ? `${safe(k.kind, 20)} of ${k.pid} ${safe(k.comm, 20)}` : safe(k.kind, 20);
	const cell = p.rails.lines[index]!.cells[0];
	return (
		<g class="lone">
			<title>{`No task uses it. Kept by: ${by || "what was not read"}`}</title>
			<text x={SIZE.margin + 11} y={y + 5}>{clip(by ? `no task: ${by}` : "no task uses it", SIZE.tasks + 4)}</text>
			{cell && <path class="wire half" d={`M${SIZE.margin + SIZE.tasks + 6} ${y}H${trackX(p.grid.lanes[cell.lane]!, cell.track)}`} />}
		</g>
	);
}

function LineMarks({ p, index }: { p: Props; index: number }) {
	const line = p.rails.lines[index]!, row = p.rails.rows[line.row]!;
	const first = index === row.firstLine;
	const dim = p.lit && !p.lit.has(line.row) ? " dim" : "";
	if (row.kind === "ghost") {
		if (!first || p.unborn.has(row.id)) return null;
		return (
			<g class="ghost">
				<path d={`M${p.grid.box} ${p.grid.y[index]}H${p.grid.width - SIZE.margin}`} />
				<text x={p.grid.box + 2} y={p.grid.y[index]! - 4}>{`freed #${row.id}`}</text>
			</g>
		);
	}
	return (
		<g>
			{row.kind === "building" && first && <Building p={p} row={row} />}
			{row.kind === "lone" && <LoneLine p={p} row={row} index={index} />}
			{row.kind === "zombies" && first && <text class="note" x={p.grid.box + 2} y={p.grid.y[index]! + 5}>exiting</text>}
			{row.nsproxy && first && <ProxyBox p={p} row={row} dim={dim} />}
			{row.kind === "building" && first && <Holes p={p} row={row} />}
			<TaskPill p={p} line={line} index={index} dim={dim} />
			{line.cells.map((cell) => <CellMark key={`${cell.lane}.${cell.track}`} p={p} cell={cell} dim={dim} />)}
		</g>
	);
}

/* Of rows that come and go before it the index of its first one says nothing. */
function foldKey(row: Row): string {
	return `${row.kind}${row.key || row.id}`;
}

function foldName(p: Props, f: FoldLine): string {
	const row = p.rails.rows[f.first]!;
	return `${plural(f.rows, "row")} folded${f.ghosts ? `, ${f.ghosts} freed` : ""}${row.key ? `, from nsproxy#${row.id} on` : ""}`;
}

function Folds({ p }: { p: Props }) {
	return (
		<>
			{p.grid.folds.filter((f) => f.y > p.top - 40 && f.y < p.bottom + 40).map((f) => (
				<g key={foldKey(p.rails.rows[f.first]!)} class="fold" tabindex={0} role="button" aria-label={`${foldName(p, f)}: show them`} onClick={() => p.onUnfold(f)}
					onKeyDown={(e) => (e.key === "Enter" || e.key === " ") && (e.preventDefault(), p.onUnfold(f))}>
					<rect x={SIZE.margin} y={f.y - 9} width={p.grid.width - 2 * SIZE.margin} height={18} rx={9} />
					<text x={SIZE.margin + 12} y={f.y + 4}>{`${plural(f.rows, "row")} folded${f.ghosts ? `, ${f.ghosts} freed` : ""}`}</text>
				</g>
			))}
		</>
	);
}

export function LaneHeads({ grid }: { grid: Grid }) {
	const note: Partial<Record<NsType, string>> = { user: "of the task", pid: "for children", time: "for children" };
	return (
		<g class="heads">
			<text class="h" x={SIZE.margin} y={20}>tasks</text>
			<text class="s" x={SIZE.margin} y={38}>same row = same nsproxy</text>
			<text class="h" x={grid.box} y={20}>nsproxy</text>
			<text class="s" x={grid.box} y={38}>count · number</text>
			{grid.lanes.map((lane) => (
				<g key={lane.type} class={`head ${lane.type}`}>
					<rect x={lane.x} y={44} width={lane.width} height={4} />
					<text class="h m" x={lane.x + lane.width / 2} y={20}>{laneName(lane.type)}</text>
					<text class="s m" x={lane.x + lane.width / 2} y={38}>{note[lane.type] ?? ""}</text>
				</g>
			))}
		</g>
	);
}

export function RailsBody(p: Props) {
	const { grid, rails } = p;
	const { from, to } = linesBetween(grid, p.top, p.bottom);
	const lines = [];
	const rows = new Set<number>();
	for (let i = from; i < to; i++) {
		if (grid.folded[i]) continue;
		lines.push(i);
		rows.add(rails.lines[i]!.row);
	}
	const marks = rails.rails.filter((r) => r.first !== r.last && grid.y[r.last]! >= p.top - 40 && grid.y[r.first]! <= p.bottom + 40 && grid.y[r.first] !== grid.y[r.last]);
	return (
		<g class="body">
			{grid.lanes.map((lane) => <rect key={lane.type} class={`lane ${lane.type}`} x={lane.x} y={0} width={lane.width} height={Math.max(grid.height, p.floor)} />)}
			{[...rows].map((i) => <Wires key={rails.rows[i]!.key || -i} p={p} row={rails.rows[i]!} index={i} />)}
			{marks.map((r) => {
				const lane = grid.lanes[r.lane]!, x = trackX(lane, r.track), y1 = grid.y[r.first]!, y2 = grid.y[r.last]!;
				return (
					<g key={`${r.lane}.${r.ns.id}.${r.track}.${r.first}`} class={`rail ${lane.type}${p.selected === r.ns.id ? " picked" : ""}`} onClick={() => p.onSelect(r.ns.id)}>
						<title>{nsTitle(p.moment.state, r.ns)}</title>
						<path class="edge" d={`M${x} ${y1}V${y2}`} />
						<path class="core" d={`M${x} ${y1}V${y2}`} />
					</g>
				);
			})}
			<Folds p={p} />
			{lines.map((i) => {
				const row = rails.rows[rails.lines[i]!.row]!;
				return <LineMarks key={`${row.key || `l${row.id}`}.${i - row.firstLine}`} p={p} index={i} />;
			})}
			<FocusMark p={p} />
		</g>
	);
}

/* For people who do not see the picture. */
export function describeRails(rails: Rails, state: State): string {
	const live = rails.rows.filter((r) => r.kind === "nsproxy").length;
	const half = rails.rows.some((r) => r.kind === "building");
	return `${plural(live, "nsproxy")}, ${plural(state.namespaces.size, "namespace")}, ${plural(state.tasks.size, "task")}` +
		(half ? "; one nsproxy is being built" : "");
}

export { shortInum };
