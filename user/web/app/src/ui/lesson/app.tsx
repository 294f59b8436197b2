// SPDX-License-Identifier: GPL-2.0-only
// A lesson: the picture at the left, what is asked and told at the right.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Lesson, places, type Place, type Turn } from "../../model/lesson";
import type { Stop } from "../../model/recording";
import { Pictures, type Changes } from "../../view-model/lesson";
import { safe } from "../../view-model/text";
import { Graph, type GraphProps } from "../graph";
import { SCALES, useMedia } from "../screen";
import { isFile, type Status } from "../source";
import { StepPanel } from "../step";
import { LessonHelp } from "./help";
import { lessonKey, type LessonAction } from "./keys";
import { ScenarioList } from "./list";
import { ChangeMarks } from "./marks";
import { ChangeList, Intro, Progress, Question, Result, Summary } from "./panel";
import { connect, type Desk, type Wish } from "./source";

const NO_CHANGES: Changes = { marks: [], words: [] };

function useLesson() {
	const lesson = useMemo(() => new Lesson(), []);
	const [version, setVersion] = useState(0);
	const [status, setStatus] = useState<{ status: Status; why: string }>({ status: "reading", why: "" });
	const [trouble, setTrouble] = useState("");
	const desk = useRef<Desk | null>(null);
	useEffect(() => {
		desk.current = connect(lesson, {
			changed() {
				setTrouble("");
				setVersion((n) => n + 1);
			},
			status: (s, why) => setStatus({ status: s, why }),
			trouble: setTrouble,
		});
	}, []);
	return { lesson, version, status, trouble, wish: (w: Wish) => desk.current?.wish(w) };
}

const STATUS: Record<Status, string> = { reading: "reading …", file: "recorded", live: "live", waiting: "connecting again …", ended: "ended", failed: "nslens has ended" };

function isPlace(a: Place, b: Place): boolean {
	return a.at === b.at && (a.at !== "call" || b.at !== "call" || (a.call === b.call && a.step === b.step));
}

/* Where the picture is: before, at a kernel step, after. */
function Walk({ turn, place, list, calls, onPlace }: { turn: Turn; place: Place; list: Place[]; calls: Lesson["recording"]["calls"]; onPlace: (p: Place) => void }) {
	const at = list.findIndex((p) => isPlace(p, place));
	const call = place.at === "call" ? calls[place.call] : undefined;
	const nth = place.at === "call" ? turn.calls.indexOf(place.call) : -1;
	return (
		<nav class="stepbar" aria-label="Before and after">
			<button type="button" aria-pressed={place.at === "before"} onClick={() => onPlace(list[0]!)}>before</button>
			<button type="button" disabled={at <= 0} onClick={() => onPlace(list[at - 1]!)} aria-label="One kernel step back">◀</button>
			<button type="button" disabled={at >= list.length - 1} onClick={() => onPlace(list[at + 1]!)} aria-label="One kernel step on">▶</button>
			<button type="button" aria-pressed={place.at === "after"} onClick={() => onPlace(list[list.length - 1]!)}>after</button>
			<span class="where">
				{call && place.at === "call"
					? <>{turn.calls.length > 1 && <span class="soft">call {nth + 1} of {turn.calls.length}, </span>}{call.steps?.length ? `step ${place.step + 1} / ${call.steps.length} ` : ""}<b>{safe(call.steps?.[place.step]?.fn ?? call.syscall, 60)}()</b></>
					: <span class="soft">{place.at === "before" ? "the picture before" : "the picture after; what changed is marked"}</span>}
			</span>
			<span class="hint">← → through it · b before/after</span>
		</nav>
	);
}

export function LessonApp() {
	const { lesson, version, status, trouble, wish } = useLesson();
	const pictures = useMemo(() => new Pictures(lesson), [lesson]);
	const [chosen, choose] = useState(0);
	const [place, setPlace] = useState<Place>({ at: "after" });
	const [theme, setTheme] = useState<"auto" | "light" | "dark">("auto");
	const [present, setPresent] = useState(false);
	const [zoom, setZoom] = useState(3);
	const [help, setHelp] = useState(false);
	const [showPath, setShowPath] = useState(false);
	const [selected, select] = useState<number | null>(null);
	const search = useRef<HTMLInputElement>(null);
	const pane = useRef<HTMLDivElement>(null);
	const systemDark = useMedia("(prefers-color-scheme: dark)");
	const dark = theme === "dark" || (theme === "auto" && systemDark);
	const { phase } = lesson;
	const may = isFile() || !!lesson.control?.leads;
	const turn = lesson.lesson ? lesson.turns.at(-1) : undefined;
	const told = phase === "result" || phase === "end";

	/* a new turn begins with its question, and shows its end when it has one */
	useLayoutEffect(() => {
		choose(0);
		setPlace({ at: told ? "after" : "before" });
		pane.current?.scrollTo(0, 0);
	}, [lesson.epoch, lesson.turns.length, phase]);
	useEffect(() => {
		document.documentElement.dataset.theme = dark ? "dark" : "light";
		document.documentElement.classList.toggle("present", present);
	}, [dark, present]);
	useEffect(() => {
		document.title = lesson.lesson ? `${safe(lesson.lesson.title, 120)} – nslens` : "Lessons – nslens";
	}, [lesson.epoch, lesson.lesson]);

	const list = useMemo(() => (turn && told ? places(turn, lesson.recording) : [{ at: "before" } as Place]), [turn, told, version]);
	const here = told ? place : ({ at: "before" } as Place);
	const picture = useMemo(() => (turn && pictures.has(turn) ? pictures.at(turn, here) : null), [turn, here, version]);
	const changes = useMemo(() => (turn && told && pictures.has(turn) ? pictures.changes(turn) : NO_CHANGES), [turn, told, version]);
	const step = (d: number) => {
		const at = list.findIndex((p) => isPlace(p, here));
		const next = list[at + d];
		if (next) setPlace(next);
	};
	const go = () => {
		if (!may) return;
		if (phase === "question") wish({ do: "answer", choice: chosen });
		else if (phase === "result") wish({ do: "next" });
		else if (phase === "end" && !isFile()) wish({ do: "leave" });
	};
	const actions: Record<LessonAction, () => void> = {
		go,
		forth: () => step(1),
		back: () => step(-1),
		before: () => setPlace(list[0]!),
		after: () => setPlace(list[list.length - 1]!),
		flip: () => told && setPlace(here.at === "before" ? { at: "after" } : { at: "before" }),
		again: () => may && lesson.lesson && wish({ do: "again" }),
		list: () => may && !isFile() && lesson.lesson && wish({ do: "leave" }),
		search: () => search.current?.focus(),
		present: () => setPresent((p) => !p),
		theme: () => setTheme(dark ? "light" : "dark"),
		help: () => setHelp((h) => !h),
		bigger: () => setZoom((z) => Math.min(SCALES.length - 1, z + 1)),
		smaller: () => setZoom((z) => Math.max(0, z - 1)),
		escape: () => (help ? setHelp(false) : selected !== null ? select(null) : choose(0)),
	};
	const latest = useRef({ actions, onChoice: (_: number) => {} });
	latest.current = {
		actions,
		onChoice: (n) => may && phase === "question" && n <= (turn?.deeds[0]!.step.choices.length ?? 0) && choose(n),
	};
	useEffect(() => {
		const key = (e: KeyboardEvent) => {
			const what = lessonKey(e);
			if (what === null) return;
			e.preventDefault();
			if (typeof what === "number") latest.current.onChoice(what);
			else latest.current.actions[what]();
		};
		addEventListener("keydown", key);
		return () => removeEventListener("keydown", key);
	}, []);

	const marks = here.at === "after" ? changes.marks.filter((m) => m.tag !== "GONE") : here.at === "before" && told ? changes.marks.filter((m) => m.tag === "GONE" || m.tag === "MOVED") : [];
	const stop: Stop = here.at === "call" ? here : { call: turn?.calls[0] ?? -1, step: Infinity }; /* behind its last step: the whole call */
	const call = here.at === "call" ? lesson.recording.calls[here.call] : undefined;
	const graph: GraphProps | null = picture && {
		view: picture, call, touched: lesson.recording.touched, at: here.at === "call" ? here.call : here.at === "before" ? (turn?.calls[0] ?? lesson.recording.calls.length) : lesson.recording.calls.length,
		query: "", fold: false, folding: { current: false }, opened: new Set(), selected, scale: SCALES[zoom]!, present, dark, print: false,
		onSelect: (ns) => select((s) => (s === ns ? null : ns)), onUnfold: () => {},
		overlay: (grid) => <ChangeMarks rails={picture.rails} grid={grid} marks={marks} />,
	};
	const title = lesson.lesson ? safe(lesson.lesson.title, 120) : "Lessons";
	const watching = !isFile() && lesson.control && !lesson.control.leads;
	return (
		<>
			<header class="top">
				<h1>nslens</h1>
				<p class="about"><span class={`state ${status.status}`}>{STATUS[status.status]}</span> {title}{lesson.start?.kernel ? ` · Linux ${safe(lesson.start.kernel, 40)}` : ""}</p>
				<div class="buttons">
					{lesson.lesson && !isFile() && <button type="button" disabled={!may} onClick={actions.list}>list</button>}
					{lesson.lesson && <button type="button" disabled={!may} onClick={actions.again}>again</button>}
					<button type="button" aria-pressed={present} onClick={actions.present}>present</button>
					<button type="button" onClick={actions.theme}>{dark ? "light" : "dark"}</button>
					<button type="button" onClick={actions.help} aria-label="Help">?</button>
				</div>
			</header>
			{(status.why || trouble || lesson.trouble) && <p class="warning" role="alert">{safe(status.why || trouble || lesson.trouble, 400)}</p>}
			{watching && (
				<p class="watching" role="status">{lesson.control!.led ? "You watch: another page leads this lesson." : "No page leads this lesson."}
					{lesson.control!.may && <button type="button" onClick={() => wish({ do: "lead" })}>lead from here</button>}
				</p>
			)}
			{!lesson.lesson ? (
				<main class="choose">{phase === "list" ? <ScenarioList scenarios={lesson.scenarios} may={may} searchRef={search} onStart={(name) => wish({ do: "start", name })} /> : <p class="wait" role="status">One moment …</p>}</main>
			) : (
				<main class={`lesson at-${phase}`}>
					<div class="left">
						{graph ? <Graph {...graph} /> : <p class="nopicture">There is no picture: nothing of the kernel can be seen here.</p>}
						{told && turn && <Walk turn={turn} place={here} list={list} calls={lesson.recording.calls} onPlace={setPlace} />}
						{told && graph && <ChangeList changes={changes} />}
					</div>
					<div class="right">
						<div class="pane" ref={pane} tabIndex={0} role="region" aria-label="Lesson">
							<Progress lesson={lesson} />
							{lesson.turns.length <= 1 && phase !== "result" && phase !== "end" && <Intro lesson={lesson} />}
							{turn && (phase === "question" || phase === "work") && <Question turn={turn} chosen={chosen} may={may && phase === "question"} onChoose={choose} />}
							{phase === "work" && <p class="wait" role="status">The kernel is at it …</p>}
							{phase === "question" && may && <button type="button" class="strong go" onClick={go}>{chosen ? `${chosen} is my prediction: do it` : turn?.deeds[0]!.step.choices.length ? "just do it" : "do it"} <kbd>Enter</kbd></button>}
							{phase === "result" && turn && <Result turn={turn} />}
							{phase === "result" && may && <button type="button" class="strong go" onClick={go}>go on <kbd>Enter</kbd></button>}
							{phase === "end" && (
								<Summary lesson={lesson}>
									{may && (
										<p class="buttons">
											{!isFile() && <button type="button" class="strong go" onClick={go}>the list <kbd>Enter</kbd></button>}
											<button type="button" class="go" onClick={actions.again}>again <kbd>r</kbd></button>
										</p>
									)}
								</Summary>
							)}
						</div>
						{phase === "result" && turn && turn.calls.length > 0 && (
							<div class={here.at === "call" ? "onecall" : "wholecall"}>
								<StepPanel recording={lesson.recording} stop={stop} now={false} showPath={showPath} onShowPath={setShowPath}
								onStep={(s) => setPlace({ at: "call", call: stop.call, step: s })} />
							</div>
						)}
					</div>
				</main>
			)}
			{help && <LessonHelp onClose={() => setHelp(false)} />}
		</>
	);
}
