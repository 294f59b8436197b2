// SPDX-License-Identifier: GPL-2.0-only
// Beside the grid: the call, where in the kernel it is, what this step means, all steps.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Recording, Stop } from "../model/recording";
import type { PathRow } from "../model/types";
import { pathItems, stepView, type StepItem } from "../view-model/step";
import { moment, safe } from "../view-model/text";
import { fetchPath } from "./source";

/* Long names of functions break behind an underscore, if they must. */
function breakable(text: string) {
	return text.split(/(?<=_)/).map((part, i) => <span key={i}>{i > 0 && <wbr />}{part}</span>);
}

interface Props {
	recording: Recording;
	stop: Stop;
	now: boolean; /* behind the last call: that one is told */
	showPath: boolean;
	onShowPath: (show: boolean) => void;
	onStep: (step: number) => void;
}

/* Of the file, or asked for once; null: there is none. */
function usePath(recording: Recording, number: number | undefined, now: boolean): PathRow[] | undefined {
	const [, told] = useState(0);
	const known = number === undefined ? undefined : recording.paths.get(number);
	useEffect(() => {
		if (number === undefined || known || recording.second) return;
		let here = true;
		const ask = () => void fetchPath(number).then((rows) => {
			if (!rows) return;
			recording.paths.set(number, rows);
			if (here) told((n) => n + 1);
		});
		const timer = setTimeout(ask, now ? LOOKED_AT_MS : 0);
		return () => {
			here = false;
			clearTimeout(timer);
		};
	}, [number, known, now]);
	return known;
}

/* Calls that stay the last one for so long are looked at. */
const LOOKED_AT_MS = 300;

function Steps({ steps, at, now, onStep }: { steps: StepItem[]; at: number; now: boolean; onStep: (step: number) => void }) {
	const box = useRef<HTMLOListElement>(null);
	useLayoutEffect(() => {
		/* only where the panel itself scrolls: on a small screen the page does, and stays */
		const scroll = () => {
			const row = box.current?.querySelector('[aria-current="step"]'), panel = box.current?.closest<HTMLElement>(".step-view");
			if (!row || !panel || panel.scrollHeight <= panel.clientHeight + 1) return;
			const rect = row.getBoundingClientRect(), frame = panel.getBoundingClientRect();
			if (rect.top < frame.top) panel.scrollTop -= frame.top - rect.top + 8;
			else if (rect.bottom > frame.bottom) panel.scrollTop += rect.bottom - frame.bottom + 8;
		};
		if (!now) return scroll();
		const timer = setTimeout(scroll, LOOKED_AT_MS);
		return () => clearTimeout(timer);
	}, [at, steps.length, now]);
	return (
		<ol class="steps" ref={box} aria-label="Steps of this call, in the kernel's order">
			{steps.map((s, i) => (
				<li key={i}>
					<button type="button" class={`step d${s.depth} ${s.kind}${i > at ? " later" : ""}`} aria-current={i === at ? "step" : undefined} onClick={() => onStep(i)}>
						<span class={`dot ${s.type ?? "none"} ${s.kind}`} />
						<span class="fn">{s.fn}()</span>
						<span class="out">{s.outcome}</span>
						<span class="took">{s.time}</span>
					</button>
				</li>
			))}
		</ol>
	);
}

function Path({ rows, open, onOpen }: { rows: readonly PathRow[]; open: boolean; onOpen: (open: boolean) => void }) {
	return (
		<details class="path" open={open} onToggle={(e) => onOpen(e.currentTarget.open)}>
			<summary>The kernel's path</summary>
			{open && (
				<ol>
					{pathItems(rows).map((r, i) => (
						<li key={i} class={`row d${r.depth} ${r.kind} ${r.mark ? "marked" : ""} ${r.mark.replace(/\W+/g, "-")}`}>
							<span class="mark">{r.mark}</span>
							<span class="text">
								{r.name && <code>{r.name}</code>}
								{r.when && <span class="when">{r.name ? " if " : ""}{r.when}</span>}
								{r.what && <span class="what"> {r.what}</span>}
								{r.errnos && <code class="errnos"> {r.errnos}</code>}
							</span>
						</li>
					))}
				</ol>
			)}
		</details>
	);
}

export function StepPanel({ recording, stop, now, showPath, onShowPath, onStep }: Props) {
	const call = recording.calls[stop.call];
	const path = usePath(recording, call?.number, now);
	if (!call)
		return (
			<section class="step-view" aria-label="Step" tabIndex={0}>
				<h2>The graph</h2>
				<p>No call that touches namespaces has been seen yet. What is there already stands in the graph.</p>
			</section>
		);
	const v = stepView(call, stop.step, recording.texts, path);
	return (
		<section class="step-view" aria-label="Step" tabIndex={0}>
			{now && <p class="soft">Now, behind the last call. ← goes back into it:</p>}
			<p class="sig">
				<b>{v.syscall}</b>({v.flags.map((f, i) => <span key={f}>{i > 0 && " | "}<wbr />{f}</span>)}) <span class={v.failed ? "bad" : ""}>{v.result}</span>
			</p>
			<p class="who">#{call.number} · task {call.tid} <b>{safe(call.comm, 40)}</b> · +{moment(recording.timeOf(stop))}{call.container ? ` · ${safe(call.container, 40)}` : ""}</p>
			{v.chain.length > 1 && <p class="chain">{v.chain.map((fn, i) => <span key={i} class={i === v.chain.length - 1 ? "last" : ""}>{i > 0 && " › "}{fn}()</span>)}</p>}
			<div class={`meaning${(call.steps?.length ?? 0) > 3 ? "" : " short"}`} aria-live={now ? "off" : "polite"}>
				<h2 class={v.steps[stop.step]?.kind === "bad" ? "bad" : ""}>{breakable(v.title)}</h2>
				{v.here && <p class={v.failed && !v.steps.length ? "here failure" : "here"}>{v.here.charAt(0).toUpperCase() + v.here.slice(1)}</p>}
				{v.failure && (
					<div class="failure">
						<p><b>Why:</b> {v.failure.check}</p>
						{v.failure.remedy && <p><b>Remedy:</b> {v.failure.remedy}</p>}
					</div>
				)}
				{v.about && <p class="about">{v.about}</p>}
				{(v.condition || v.source) && (
					<div class="source">{v.source && <code>{v.source}</code>}{v.condition && <span>if {v.condition.when}{v.condition.mark && <> <b class={v.condition.mark === "refused" ? "bad" : ""}>→ {v.condition.mark}</b></>}</span>}</div>
				)}
				{v.time && <p class="soft">{v.time}</p>}
			</div>
			{call.gap && <p class="failure">Events were lost while this call was open: steps may be missing.</p>}
			<Steps steps={v.steps} at={stop.step} now={now} onStep={onStep} />
			{v.slots.length > 0 && (
				<table class="slots">
					<caption>{v.nsproxy || "What changed"}</caption>
					<tbody>
						{v.slots.map((s) => <tr key={s.slot}><th scope="row">{s.slot}</th><td>{s.before}</td><td>→ {s.after}</td><td class="how">{s.how}</td></tr>)}
					</tbody>
				</table>
			)}
			{v.whole && <p class="whole"><b>The whole call.</b> {v.whole}</p>}
			{path && <Path rows={path} open={showPath} onOpen={onShowPath} />}
		</section>
	);
}
