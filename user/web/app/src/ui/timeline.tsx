// SPDX-License-Identifier: GPL-2.0-only
// Stages, one bar a task, and the scrubber.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Recording, Stop } from "../model/recording";
import { drawnBlocks, meant, reveal, startAt, starts, taskBars, ticks, xOf, zoom, type Range } from "../view-model/timeline";
import type { Milestone } from "../model/types";
import { useWidth } from "./width";
import { clip, duration, moment, safe } from "../view-model/text";

const LEFT = 176, ROW = 22, RIGHT = 14, BARS = 7;

function milestoneText(m: Milestone): string {
	const detail = typeof m.detail === "string" ? m.detail : m.detail ? JSON.stringify(m.detail) : "";
	return `${safe(m.what, 60)} ${safe(detail, 160)} · ${moment(m.ts)}`;
}

function byTask(all: readonly Milestone[]): Map<number, Milestone[]> {
	const lists = new Map<number, Milestone[]>();
	for (const m of all) {
		const list = lists.get(m.pid);
		if (list) list.push(m);
		else lists.set(m.pid, [m]);
	}
	return lists;
}

interface Props {
	recording: Recording;
	version: number;
	stop: Stop;
	now: boolean;
	onTime: (ts: number) => void;
	onCall: (call: number) => void;
}

export function Timeline({ recording, version, stop, now, onTime, onCall }: Props) {
	const [ref, width] = useWidth();
	const begun = useMemo(() => starts(recording.startups), [recording.startups, recording.startups.length]);
	const first = Math.min(recording.firstTs, begun[0]?.from ?? recording.firstTs);
	const pad = Math.max(1000, (recording.lastTs - first) * 0.01);
	const all: Range = { from: first - pad, to: recording.lastTs + pad };
	const [chosen, choose] = useState<Range | null>(null);
	const ts = now ? recording.lastTs : recording.timeOf(stop);
	const range = chosen ? reveal(chosen, all, ts) : all;
	const left = width < 560 ? 92 : LEFT;
	const inner = Math.max(50, width - left - RIGHT);
	const x = (t: number) => left + xOf(range, inner, t);
	const tsAt = (px: number) => range.from + ((px - left) / inner) * (range.to - range.from);
	const around = now ? recording.calls.length - 1 : stop.call;
	const { bars, more } = useMemo(() => taskBars(recording.calls, recording.lines, BARS, around), [version, around]);
	const milestones = useMemo(() => byTask(recording.milestones), [version]);
	const start = startAt(begun, ts);
	const stages = begun[start] ?? null;
	const legend = useRef<HTMLOListElement>(null);
	useEffect(() => {
		const row = legend.current?.querySelector<HTMLElement>(".current");
		if (row) legend.current!.scrollTop = row.offsetTop - legend.current!.offsetTop;
	}, [stages, ts]);
	const svg = useRef<SVGSVGElement>(null);
	useEffect(() => {
		const el = svg.current!;
		const wheel = (e: WheelEvent) => {
			if (!e.ctrlKey && Math.abs(e.deltaX) >= Math.abs(e.deltaY)) return;
			e.preventDefault();
			choose(zoom(range, all, tsAt(e.clientX - el.getBoundingClientRect().left), e.deltaY > 0 ? 1.25 : 0.8));
		};
		el.addEventListener("wheel", wheel, { passive: false });
		return () => el.removeEventListener("wheel", wheel);
	});
	const top = stages ? 50 : 24;
	/* it never gets lower: what stands above would jump */
	const most = useRef(1);
	most.current = Math.max(most.current, bars.length);
	const height = top + most.current * ROW + 22;
	const marks = ticks(range, inner);
	const scrub = (e: PointerEvent) => onTime(tsAt(e.clientX - svg.current!.getBoundingClientRect().left));
	const own = recording.calls[around]?.tid;
	const zoomBy = (f: number) => choose(zoom(range, all, ts, f));
	return (
		<section class="timeline" aria-label="Time line" ref={ref}>
			<div class="tools">
				{stages && <p class="start">
					{begun.length > 1 && <span class="group" role="group" aria-label="Start-ups">
						<button type="button" disabled={start <= 0} onClick={() => onTime(begun[start - 1]!.from)} aria-label="The start-up before">‹</button>
						<button type="button" disabled={start + 1 >= begun.length} onClick={() => onTime(begun[start + 1]!.from)} aria-label="The next start-up">›</button>
					</span>}
					<b class={stages.failed ? "bad" : ""} title={stages.name}>{begun.length > 1 ? `${start + 1}/${begun.length} ` : ""}{stages.name}</b>
				</p>}
				{stages && <ol class={begun.length > 1 ? "legend many" : "legend"} aria-label="Stages" tabIndex={0} ref={legend}>{stages.stages.map((s) => <li key={s.number} class={ts >= s.from && ts < s.to ? "current" : ""}><b>{s.number}</b> {s.name} <strong>{duration(s.to - s.from)}</strong></li>)}</ol>}
				<span class="zoom">
					<button type="button" onClick={() => zoomBy(0.5)} aria-label="Zoom in">+</button>
					<button type="button" onClick={() => zoomBy(2)} aria-label="Zoom out">−</button>
					<button type="button" onClick={() => choose(null)} disabled={!chosen}>all</button>
				</span>
			</div>
			<svg ref={svg} class="bars" width={width} height={height} role="slider" tabindex={0} aria-label="Moment" aria-valuemin={Math.round(recording.firstTs / 1000)}
				aria-valuemax={Math.round(recording.lastTs / 1000)} aria-valuenow={Math.round(ts / 1000)} aria-valuetext={moment(ts)}
				onPointerDown={(e) => { e.currentTarget.setPointerCapture(e.pointerId); scrub(e); }} onPointerMove={(e) => e.buttons === 1 && scrub(e)}>
				<g class="axis">
					{marks.at.map((t) => (
						<g key={t}>
							<path d={`M${x(t)} ${top - 18}V${height - 20}`} />
							{x(t) < width - 32 && <text x={x(t)} y={height - 5}>{moment(t, marks.step)}</text>}
						</g>
					))}
				</g>
				{stages && stages.stages.filter((s) => s.to > range.from && s.from < range.to).map((s) => (
					<g key={s.number} class={`stage${ts >= s.from && ts <= s.to ? " current" : ""}`}>
						<title>{`${s.number} ${s.name}: ${duration(s.to - s.from)}`}</title>
						<rect x={Math.max(left, x(s.from))} y={8} width={Math.max(2, Math.min(width - RIGHT, x(s.to)) - Math.max(left, x(s.from)))} height={18} />
						{Math.min(width - RIGHT, x(s.to)) - Math.max(left, x(s.from)) > 18 && <text x={(Math.max(left, x(s.from)) + Math.min(width - RIGHT, x(s.to))) / 2} y={21}>{s.number}</text>}
					</g>
				))}
				{stages && <text class="name" x={8} y={21}>stages</text>}
				{bars.map((bar, i) => {
					const y = top + i * ROW;
					const from = Math.max(left, x(bar.from)), to = Math.min(width - RIGHT, x(bar.to));
					return (
						<g key={bar.tid} class={`bar${bar.tid === own ? " own" : ""}`}>
							<text class="name" x={8} y={y + 4}>{clip(`${bar.tid} ${bar.name}`, left - 14)}</text>
							{to > from && <rect class="life" x={from} y={y - 6} width={Math.max(2, to - from)} height={12} rx={6} />}
							{(milestones.get(bar.tid) ?? []).filter((m) => m.ts >= range.from && m.ts <= range.to).slice(0, 100).map((m, k) => (
								<path key={`m${k}`} class="milestone" d={`M${x(m.ts)} ${y - 5}l5 5l-5 5l-5 -5z`}><title>{milestoneText(m)}</title></path>
							))}
							{drawnBlocks(bar.blocks, around, x, left, width - RIGHT).map((d, k) => (
								<rect key={k} class={`block${d.failed ? " bad" : ""}${d.current ? " current" : ""}`} x={d.x} y={d.current ? y - 9 : y - 7} width={d.width} height={d.current ? 18 : 14} rx={2}
									onPointerDown={(e) => { e.stopPropagation(); onCall(meant(bar.blocks, d, tsAt(e.clientX - svg.current!.getBoundingClientRect().left))); }} />
							))}
						</g>
					);
				})}
				{recording.losses.filter((l) => l.ts >= range.from && l.ts <= range.to).map((l, i) => <path key={i} class="lost" d={`M${x(l.ts)} ${top - 14}V${height - 22}`}><title>{`${l.count} events lost here`}</title></path>)}
				<g class="cursor"><path d={`M${x(ts)} ${top - 16}V${height - 20}`} /><path class="knob" d={`M${x(ts) - 7} ${top - 24}h14v9l-7 7l-7 -7z`} /></g>
				{more > 0 && <text class="name more" x={8} y={height - 5}>{`+${more} tasks`}</text>}
			</svg>
		</section>
	);
}
