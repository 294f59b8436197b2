// SPDX-License-Identifier: GPL-2.0-only
// The list of calls. Only the visible part is in the document: there may be 100,000.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Recording } from "../model/recording";
import { describe } from "../view-model/calls";
import { duration, moment, safe } from "../view-model/text";

export const ITEM = 46;

interface Props {
	recording: Recording;
	found: readonly number[];
	current: number;
	tail: boolean; /* stays at the newest call */
	query: string;
	onQuery: (query: string) => void;
	onPick: (call: number) => void;
	searchRef: { current: HTMLInputElement | null };
}

export function CallList({ recording, found, current, tail, query, onQuery, onPick, searchRef }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const all = useRef<HTMLDivElement>(null);
	const [view, setView] = useState({ top: 0, height: 400 });
	const at = position(found, current);
	useLayoutEffect(() => {
		const el = box.current;
		if (!el || tail || at < 0) return;
		const y = at * ITEM;
		if (y < el.scrollTop) el.scrollTop = Math.max(0, y - ITEM);
		else if (y + ITEM > el.scrollTop + el.clientHeight) el.scrollTop = y + 2 * ITEM - el.clientHeight;
	}, [at, tail]);
	useEffect(() => {
		const el = box.current!;
		const measure = () => setView((v) => {
			const top = Math.floor(el.scrollTop / ITEM) * ITEM, height = el.clientHeight;
			return v.top === top && v.height === height ? v : { top, height };
		});
		/* at the newest call the place is known without asking the browser, which would lay out the page for it */
		const scrolled = () => void (!tail && measure());
		/* told when everything has been laid out: only then scrolling costs nothing */
		const observer = new ResizeObserver(() => {
			if (tail) el.scrollTop = el.scrollHeight;
			measure();
		});
		observer.observe(el);
		observer.observe(all.current!);
		el.addEventListener("scroll", scrolled, { passive: true });
		if (!tail) measure();
		return () => {
			observer.disconnect();
			el.removeEventListener("scroll", scrolled);
		};
	}, [tail]);
	const top = tail ? Math.max(0, found.length * ITEM - view.height) : view.top;
	const from = Math.max(0, Math.floor(top / ITEM) - 6);
	const to = Math.min(found.length, Math.ceil((top + view.height) / ITEM) + 6);
	return (
		<section class="calls" aria-label="System calls">
			<div class="search">
				<label for="search">Search</label>
				<input id="search" type="search" value={query} ref={searchRef} autocomplete="off" spellcheck={false}
					placeholder="comm, pid, type, errno, −exit" onInput={(e) => onQuery(e.currentTarget.value)} />
				<output>{found.length === recording.calls.length ? `${found.length} calls` : `${found.length} of ${recording.calls.length}`}</output>
			</div>
			<div class="list" ref={box} role="listbox" aria-label="Calls, in the order of their return" tabIndex={0} aria-activedescendant={at >= 0 ? `call${current}` : undefined}>
				<div class="all" ref={all} style={{ height: `${found.length * ITEM}px` }} role="presentation">
					{found.slice(from, to).map((call, i) => (
						<Item key={call} recording={recording} call={call} y={(from + i) * ITEM} current={call === current} n={from + i + 1} of={found.length} onPick={onPick} />
					))}
				</div>
				{!found.length && <p class="none">{recording.calls.length ? "No call is like this." : "No call yet."}</p>}
			</div>
		</section>
	);
}

function position(found: readonly number[], call: number): number {
	let low = 0, high = found.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (found[middle]! < call) low = middle + 1;
		else high = middle;
	}
	return found[low] === call ? low : -1;
}

function Item(p: { recording: Recording; call: number; y: number; current: boolean; n: number; of: number; onPick: (call: number) => void }) {
	const call = p.recording.calls[p.call]!;
	const item = describe(call);
	return (
		<div id={`call${p.call}`} class={`item${p.current ? " current" : ""}${item.failed ? " failed" : ""}`} role="option" aria-selected={p.current}
			aria-posinset={p.n} aria-setsize={p.of} style={{ transform: `translateY(${p.y}px)` }} onClick={() => p.onPick(p.call)}>
			<span class="what" title={`${item.verb} ${item.what}`}><b>{item.verb}</b> {item.what}</span>
			<span class="d">{duration(call.duration)}</span>
			<span class="t">{moment(call.ts)}</span>
			<span class="who" title={safe(call.comm)}>{call.tid} {safe(call.comm, 40)}{call.gap ? " · events lost" : ""}</span>
		</div>
	);
}
