// SPDX-License-Identifier: GPL-2.0-only
// A lesson: its lines -> what a page of it shows. Lines are those of `nslens lab run --json`
// (user/doc/json.md), from `nslens lab serve` with a few of its own.

import { Recording } from "./recording";
import type { Incoming, Start, Texts } from "./types";

export interface Scenario {
	name: string;
	title: string;
	topic: string;
	topic_title: string;
	level: number;
	teaches: string;
	steps: number;
	runs_here: boolean;
	why_not: string | null;
}

export interface LessonLine {
	type: "lesson";
	name: string | null; /* null: none, the list */
	title: string;
	topic: string;
	level: number;
	teaches: string;
	steps: number;
	questions: number;
	seen: "functions" | "tracepoints" | "nothing";
	blind: string | null;
	stage: string[];
	actors: { name: string; tid: number; thread_of: string | null; unprivileged: boolean }[];
}

export interface StepLine {
	type: "step";
	index: number;
	number: number;
	more: boolean;
	do: string;
	tell: string | null;
	ask: string | null;
	choices: string[];
}

export interface ResultLine {
	type: "result";
	index: number;
	outcome: "done" | "refused" | "broken" | "timeout";
	ret: number;
	errno: string | null;
	told: string | null;
	text: string | null;
	right: number | null;
	answer: string | null;
	why: string | null;
	choice: number | null;
	marks: Record<string, number>;
	destroyed: string[];
	held: number;
	not_observable: string[];
	differences: { key: string; expected: string; really: string }[];
	gap: boolean;
}

export interface SummaryLine {
	type: "summary";
	whole: boolean;
	after: string | null;
}

export type Phase = "wait" | "list" | "question" | "work" | "result" | "end";

export interface TurnLine {
	type: "turn";
	turn: number;
	phase: Phase;
}

export interface Control {
	type: "control";
	viewer: number;
	leads: boolean;
	led: boolean;
	may: boolean;
}

export type LessonIncoming = LessonLine | StepLine | ResultLine | SummaryLine | TurnLine | Control | { type: "trouble"; text: string };

/* One line of `do`, and what it came to. */
export interface Deed {
	step: StepLine;
	result: ResultLine | null;
}

/* A question, or a pause: the deeds that follow it. */
export interface Turn {
	deeds: Deed[];
	before: number; /* lines of the recording before it, and behind it */
	after: number;
	calls: number[]; /* indexes */
}

export class Lesson {
	start: Start | null = null;
	texts: Texts["functions"] = {};
	scenarios: Scenario[] = [];
	lesson: LessonLine | null = null; /* null: none is under way */
	turns: Turn[] = [];
	summary: SummaryLine | null = null;
	turn = 0;
	phase: Phase = "wait";
	trouble = "";
	control: Control | null = null;
	recording = new Recording();
	epoch = 0; /* rises with every lesson */

	add(line: Incoming | LessonIncoming): void {
		switch (line.type) {
		case "start":
			this.start = line;
			this.reset();
			break;
		case "texts":
			this.texts = line.functions ?? {};
			this.scenarios = (line as unknown as { scenarios?: Scenario[] }).scenarios ?? [];
			this.recording.texts = this.texts;
			break;
		case "lesson":
			this.reset();
			this.lesson = typeof line.name === "string" ? line : null;
			break;
		case "step":
			this.begin(line);
			break;
		case "result": {
			const deed = this.turns[this.turns.length - 1]?.deeds.at(-1);
			if (deed) deed.result = line;
			break;
		}
		case "summary":
			this.summary = line;
			break;
		case "turn":
			this.turn = line.turn;
			this.phase = line.phase;
			if (line.phase === "work") this.trouble = "";
			break;
		case "trouble":
			this.trouble = line.text;
			break;
		case "control":
			this.control = line;
			break;
		default:
			this.record(line);
		}
	}

	private reset(): void {
		this.recording = new Recording();
		this.recording.start = this.start;
		this.recording.texts = this.texts;
		this.lesson = null;
		this.turns = [];
		this.summary = null;
		this.trouble = "";
		this.phase = "wait";
		this.epoch++;
	}

	private begin(step: StepLine): void {
		const last = this.turns[this.turns.length - 1];
		if (step.more && last) last.deeds.push({ step, result: null });
		else this.turns.push({ deeds: [{ step, result: null }], before: this.recording.lines.length, after: this.recording.lines.length, calls: [] });
	}

	private record(line: Incoming): void {
		this.recording.add(line);
		const turn = this.turns[this.turns.length - 1];
		if (!turn) return;
		turn.after = this.recording.lines.length;
		if (line.type === "call") turn.calls.push(this.recording.calls.length - 1);
	}

	score(): Score {
		const judged = this.turns.map((t) => t.deeds[0]!.result).filter((r): r is ResultLine => r !== null && r.right !== null);
		const differing = this.turns.flatMap((t) => t.deeds).filter((d) => d.result && (d.result.differences.length || d.result.outcome !== "done"));
		return {
			asked: judged.length,
			answered: judged.filter((r) => r.choice !== null).length,
			right: judged.filter((r) => r.choice === r.right).length,
			differs: differing.length,
		};
	}
}

export interface Score {
	asked: number;
	answered: number;
	right: number;
	differs: number;
}

/* Where the reader stands in a turn: before it, in a call, behind it. */
export type Place = { at: "before" } | { at: "call"; call: number; step: number } | { at: "after" };

export function places(turn: Turn, recording: Recording): Place[] {
	const inside = turn.calls.flatMap((call) => Array.from({ length: recording.steps(call) }, (_, step) => ({ at: "call" as const, call, step })));
	return [{ at: "before" }, ...inside, { at: "after" }];
}
