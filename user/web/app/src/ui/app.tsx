// SPDX-License-Identifier: GPL-2.0-only
// The whole page: what the reader has chosen, and where he stands.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Lineage } from "../layout/lineage";
import { Recording, type Stop } from "../model/recording";
import type { Incoming } from "../model/types";
import { Finder } from "../view-model/calls";
import { safe } from "../view-model/text";
import { CallList } from "./calls";
import type { Spot } from "../view-model/compare";
import { ComparePage, Sides, graphOf, parsePlace, secondOf, useCompare } from "./compare";
import { savePng, saveSvg } from "./download";
import { Graph, type GraphProps } from "./graph";
import { Help } from "./help";
import { keyAction } from "./keys";
import { follow as followLink, isMoment, makeLink, parseLink } from "./link";
import { SCALES, useMedia } from "./screen";
import { isFile, open, postLead, type Status } from "./source";
import { StepPanel } from "./step";
import { Timeline } from "./timeline";
import { Keepers, Trees } from "./trees";

const NOWHERE: Stop = { call: -1, step: 0 };

/* To a moment, or to a row of two start-ups; else it is for what is now. */
function isPlace(hash: string): boolean {
	return isMoment(parseLink(hash)) || parsePlace(hash) !== null;
}

/* Feeds the recording; `version` rises with what has come. */
function useRecording(onLead: (hash: string) => void, onTrim: (calls: number) => void) {
	const recording = useMemo(() => new Recording(), []);
	const [version, setVersion] = useState(0);
	const [status, setStatus] = useState<{ status: Status; why: string }>({ status: "reading", why: "" });
	const [epoch, setEpoch] = useState(0);
	useEffect(() => {
		open({
			lines(lines: Incoming[]) {
				let fresh = false;
				for (const line of lines) fresh = recording.add(line) || fresh;
				const gone = isFile() ? 0 : recording.trim();
				if (gone) onTrim(gone);
				if (fresh) setEpoch((n) => n + 1);
				setVersion((n) => n + 1);
			},
			status: (s, why) => setStatus({ status: s, why: why ?? "" }),
			lead: onLead,
		});
	}, []);
	return { recording, version, status, epoch };
}

const STATUS: Record<Status, string> = {
	reading: "reading …", file: "recording", live: "live", waiting: "connecting again …", ended: "ended", failed: "failed",
};

export function App() {
	const [chosen, setStop] = useState<Stop>(NOWHERE);
	const [second, setSecond] = useState(parseLink(location.hash).other);
	const [following, setFollowing] = useState(!isFile() && !isPlace(location.hash));
	const [query, setQuery] = useState("");
	const [selected, select] = useState<number | null>(parseLink(location.hash).ns);
	const [fold, setFold] = useState(true);
	const folding = useRef(false);
	const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
	const [theme, setTheme] = useState<"auto" | "light" | "dark">("auto");
	const [present, setPresent] = useState(false);
	const [zoom, setZoom] = useState(3);
	const [help, setHelp] = useState(false);
	const [showPath, setShowPath] = useState(false);
	const [printing, setPrinting] = useState(false);
	const [tidied, setTidied] = useState(0);
	const [trims, setTrims] = useState(0);
	const search = useRef<HTMLInputElement>(null);
	const pending = useRef(isPlace(location.hash) ? parseLink(location.hash) : null);
	const systemDark = useMedia("(prefers-color-scheme: dark)");
	const dark = !printing && (theme === "dark" || (theme === "auto" && systemDark));
	const jump = useCallback((hash: string) => {
		const link = parseLink(hash), place = isPlace(hash);
		select(link.ns);
		pending.current = place ? link : null;
		/* a file has no now: there the reader stays where he is */
		if (place || isFile()) {
			setFollowing(false);
			land();
			return;
		}
		setSecond(link.other);
		setStop(NOWHERE);
		setFollowing(true);
	}, []);
	const { recording: first, version, status, epoch } = useRecording((hash) => (parsePlace(hash) || document.querySelector(".compare") ? (location.hash = hash) : jump(hash)), (gone) => {
		setStop((s) => (s.call >= gone ? { ...s, call: s.call - gone } : NOWHERE));
		setTrims((n) => n + 1);
	});
	/* of two that are compared the one whose graph is shown */
	const recording = second && first.other ? first.other : first;
	const lineage = useMemo(() => new Lineage(recording), [recording, epoch, trims]);

	function land(): void {
		const link = pending.current, r = link?.other ? secondOf(first) : first;
		const there = link && r && followLink(r, link);
		if (there) {
			pending.current = null;
			setSecond(link.other);
			setStop(there);
		}
	}
	const traced = useRef("");
	useEffect(() => {
		/* a page that fell behind begins anew, too: the same trace has the same rows */
		const trace = `${first.start?.boot_id} ${first.start?.monotonic}`;
		if (epoch > 1) setStop(NOWHERE);
		if (epoch > 1 && trace !== traced.current) setOpened(new Set());
		traced.current = trace;
	}, [epoch]);
	useEffect(land, [version]);
	useEffect(() => {
		if (status.status === "file" && pending.current) {
			pending.current = null;
			land();
		}
	}, [status.status]);
	useEffect(() => {
		const changed = () => {
			if (location.hash !== written.current) jump(location.hash);
		};
		addEventListener("hashchange", changed);
		const before = () => setPrinting(true), after = () => setPrinting(false);
		addEventListener("beforeprint", before);
		addEventListener("afterprint", after);
		return () => {
			removeEventListener("hashchange", changed);
			removeEventListener("beforeprint", before);
			removeEventListener("afterprint", after);
		};
	}, []);

	/* before the reader has chosen: where the link leads, or the first call */
	const stop = useMemo(() => {
		if (chosen.call >= 0 || following) return chosen;
		const link = pending.current, there = link && link.other === second ? followLink(recording, link) : null;
		return there ?? (recording.calls.length && (!pending.current || status.status === "file") ? { call: 0, step: 0 } : NOWHERE);
	}, [chosen, following, version, status.status, second]);
	const now = following || stop.call < 0;
	const at = now ? recording.calls.length : stop.call;
	const view = useMemo(() => (now ? lineage.now() : lineage.at(stop)), [lineage, stop, tidied, now ? version : 0, now]);
	const call = now ? undefined : recording.calls[stop.call];
	const finder = useMemo(() => new Finder(query), [query, epoch, trims, recording]);
	const found = finder.among(recording.calls);

	const go = (s: Stop) => {
		setFollowing(false);
		pending.current = null;
		setStop(s);
	};
	const spot: Spot | null = recording.calls[stop.call] ? { side: second ? "b" : "a", call: recording.calls[stop.call]!.number, step: stop.step } : null;
	const compare = useCompare(first, spot, (to) => {
		const r = graphOf(first, first.compare!, to)!, call = r.indexOf(to.call);
		setSecond(to.side === "b");
		select(null);
		setOpened(new Set());
		go({ call, step: Math.min(to.step, r.steps(call) - 1) });
	});

	/* links: at most a few a second, browsers refuse more */
	const written = useRef("");
	useEffect(() => {
		if (pending.current && !compare.on) return;
		const timer = setTimeout(() => {
			written.current = compare.on ? compare.hash : makeLink(recording, now ? NOWHERE : stop, selected, second);
			if (written.current !== location.hash && !(written.current === "#" && !location.hash)) history.replaceState(null, "", written.current);
			if (first.start?.role === "teacher") postLead(written.current);
		}, 250);
		return () => clearTimeout(timer);
	}, [stop, now, selected, second, compare.on, compare.hash]);

	const here: Stop = now ? { call: recording.calls.length, step: 0 } : stop;
	const toCall = (d: number) => {
		/* up and down keep to what the search has found */
		const list = found.length ? found : null;
		const next = list ? (d > 0 ? list.find((i) => i > here.call) : [...list].reverse().find((i) => i < here.call)) : here.call + d;
		if (next !== undefined && recording.calls[next]) go({ call: next, step: 0 });
	};
	const tidy = () => {
		lineage.tidy(stop);
		setTidied((n) => n + 1);
	};
	/* who stops following stays at what he looks at */
	const live = () => {
		if (isFile()) return;
		go(following ? lastStop(recording) : chosen);
		setFollowing(!following);
	};
	const actions = {
		next: () => go(recording.next(here)),
		previous: () => go(now ? lastStop(recording) : recording.previous(stop)),
		down: () => toCall(1),
		up: () => toCall(-1),
		first: () => go({ call: 0, step: 0 }),
		last: () => go(lastStop(recording)),
		search: () => search.current?.focus(),
		present: () => setPresent((p) => !p),
		help: () => setHelp((h) => !h),
		fold: () => setFold((f) => !f),
		tidy,
		live,
		theme: () => setTheme(dark ? "light" : "dark"),
		bigger: () => setZoom((z) => Math.min(SCALES.length - 1, z + 1)),
		smaller: () => setZoom((z) => Math.max(0, z - 1)),
		compare: () => {}, nextDifference: () => {}, previousDifference: () => {}, graph: () => {},
		escape: () => (help ? setHelp(false) : selected !== null ? select(null) : query ? setQuery("") : setPresent(false)),
		...compare.actions,
	};
	const latest = useRef(actions);
	latest.current = actions;
	useEffect(() => {
		const key = (e: KeyboardEvent) => {
			const name = keyAction(e);
			if (!name) return;
			e.preventDefault();
			latest.current[name]();
		};
		addEventListener("keydown", key);
		return () => removeEventListener("keydown", key);
	}, []);
	useEffect(() => {
		document.documentElement.dataset.theme = dark ? "dark" : "light";
		document.documentElement.classList.toggle("present", present);
	}, [dark, present]);

	const title = safe(recording.start?.title ?? recording.start?.traces ?? "", 120);
	useEffect(() => {
		document.title = title ? `${title} – nslens` : "nslens";
	}, [title]);
	const graph: GraphProps = {
		view, call, touched: recording.touched, at, query, fold, folding, opened, selected, scale: SCALES[zoom]!, present, dark, print: printing,
		onSelect: (ns) => select((s) => (s === ns ? null : ns)),
		onUnfold: (keys) => setOpened((o) => new Set([...o, ...keys])),
	};
	const name = `nslens-${call ? `call-${call.number}-step-${stop.step}` : "graph"}`;
	const pictureTitle = [title, call ? `call ${call.number}, ${call.syscall} of ${call.tid}` : "", recording.start?.kernel ? `Linux ${recording.start.kernel}` : ""].filter(Boolean).join(" · ");
	const ns = selected === null ? undefined : view.moment.state.namespaces.get(selected);
	return (
		<>
			<header class="top">
				<h1>nslens</h1>
				<p class="about"><span class={`state ${status.status}`}>{STATUS[status.status]}</span> {title}{recording.start?.kernel ? ` · Linux ${safe(recording.start.kernel, 40)}` : ""}{recording.start?.steps === false ? " · tracepoints only" : ""}</p>
				<div class="buttons">
					{compare.compare && <button type="button" aria-pressed={compare.on} onClick={compare.toggle} title="Two start-ups side by side (c)">compare</button>}
					{compare.compare && !compare.on && <Sides state={compare} side={second ? "b" : "a"} onSide={() => latest.current.graph()} />}
					{!isFile() && !compare.on && <button type="button" aria-pressed={following} onClick={actions.live}>follow</button>}
					<button type="button" aria-pressed={compare.on ? compare.fold : fold} onClick={actions.fold} title={compare.on ? "Fold rows that are alike (f)" : "Fold rows that no call is about, beyond 60 (f)"}>fold</button>
					{!compare.on && <button type="button" onClick={tidy} title="Close the gaps of what is gone (t)">tidy</button>}
					{!compare.on && <><span class="group" role="group" aria-label="Zoom">
						<button type="button" onClick={actions.smaller} aria-label="Smaller">−</button>
						<button type="button" onClick={actions.bigger} aria-label="Larger">+</button>
					</span>
					<span class="group" role="group" aria-label="Save the picture">
						<button type="button" onClick={() => saveSvg(graph, pictureTitle, name)}>SVG</button>
						<button type="button" onClick={() => void savePng(graph, pictureTitle, name)}>PNG</button>
					</span></>}
					<button type="button" aria-pressed={present} onClick={actions.present}>present</button>
					<button type="button" onClick={actions.theme}>{dark ? "light" : "dark"}</button>
					<button type="button" onClick={actions.help} aria-label="Help">?</button>
				</div>
			</header>
			{status.why && <p class="warning" role="alert">{safe(status.why, 300)}</p>}
			{compare.on ? <ComparePage state={compare} /> : <main>
				<div class="left">
					<Graph {...graph} />
					<Trees state={view.moment.state} selected={selected} onSelect={graph.onSelect} />
					<StepBar recording={recording} stop={stop} now={now} actions={actions} />
					<Timeline recording={recording} version={version} stop={stop} now={now} onTime={(ts) => recording.calls.length && go(recording.stopAt(ts))}
						onCall={(i) => go({ call: i, step: 0 })} />
				</div>
				<div class="right">
					{ns && <Keepers state={view.moment.state} ns={ns} onClose={() => select(null)} />}
					<StepPanel recording={recording} stop={now ? lastStop(recording) : stop} now={now} showPath={showPath} onShowPath={setShowPath} onStep={(step) => go({ call: now ? recording.calls.length - 1 : stop.call, step })} />
					<CallList recording={recording} found={found} current={now ? -1 : stop.call} tail={following} query={query} onQuery={setQuery} onPick={(i) => go({ call: i, step: 0 })} searchRef={search} />
				</div>
			</main>}
			{help && <Help onClose={() => setHelp(false)} />}
		</>
	);
}

function lastStop(r: Recording): Stop {
	const call = r.calls.length - 1;
	return call < 0 ? NOWHERE : { call, step: r.steps(call) - 1 };
}

function StepBar({ recording, stop, now, actions }: { recording: Recording; stop: Stop; now: boolean; actions: Record<"first" | "previous" | "next" | "last" | "up" | "down", () => void> }) {
	const call = now ? undefined : recording.calls[stop.call];
	const steps = call ? recording.steps(stop.call) : 0;
	return (
		<nav class="stepbar" aria-label="Steps">
			<button type="button" onClick={actions.first} aria-label="First call">|◀</button>
			<button type="button" onClick={actions.previous}>◀ step</button>
			<button type="button" class="strong" onClick={actions.next}>step ▶</button>
			<span class="where">
				{call ? <>step {stop.step + 1} / {steps} <span class="soft">of call {call.number} / {recording.calls.length}</span> <b>{safe(call.steps?.[stop.step]?.fn ?? call.syscall, 60)}()</b></>
					: <span class="soft">now, behind {recording.calls.length} calls</span>}
			</span>
			<span class="hint">← → kernel step · ↑ ↓ system call · ? help</span>
		</nav>
	);
}
