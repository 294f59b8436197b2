// SPDX-License-Identifier: GPL-2.0-only
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lesson, places, type LessonIncoming, type ResultLine, type StepLine } from "../../../user/web/app/src/model/lesson";
import type { Graph, Incoming } from "../../../user/web/app/src/model/types";
import { Pictures, changesOf, listed, markPlaces } from "../../../user/web/app/src/view-model/lesson";
import { stateOf } from "../../../user/web/app/src/model/state";
import { layOut, freshMemory } from "../../../user/web/app/src/layout/rails";
import { lessonKey } from "../../../user/web/app/src/ui/lesson/keys";
import { World, random } from "./random";

const step = (index: number, more = false, choices: string[] = ["a", "b"]): StepLine =>
	({ type: "step", index, number: index, more, do: "ann look", tell: "t", ask: choices.length ? "which?" : null, choices });
const result = (index: number, choice: number | null, right: number | null = 1): ResultLine => ({
	type: "result", index, outcome: "done", ret: 0, errno: null, told: null, text: null, right, answer: "a", why: null, choice,
	marks: {}, destroyed: [], held: 1, not_observable: [], differences: [], gap: false,
});
const head = { type: "lesson", name: "x", title: "X", topic: "T", level: 1, teaches: "", steps: 2, questions: 2, seen: "functions", blind: null, stage: [], actors: [] } as LessonIncoming;
const start = { type: "start", schema: "nslens/1", steps: true } as Incoming;

function play(lines: (Incoming | LessonIncoming)[]): Lesson {
	const lesson = new Lesson();
	for (const l of [start, head, ...lines]) lesson.add(l);
	return lesson;
}

test("a step that belongs to another is a deed of its turn", () => {
	const lesson = play([step(1), result(1, 1), step(2, true), result(2, null), step(3), result(3, 2)]);
	assert.deepEqual(lesson.turns.map((t) => t.deeds.length), [2, 1]);
	assert.equal(lesson.turns[0]!.deeds[1]!.result!.index, 2);
	assert.deepEqual(lesson.score(), { asked: 2, answered: 2, right: 1, differs: 0 });
});

test("what was only looked at was asked, and not answered", () => {
	const lesson = play([step(1), result(1, null), step(2, false, []), result(2, null, null)]);
	assert.deepEqual(lesson.score(), { asked: 1, answered: 0, right: 0, differs: 0 });
});

test("a new lesson, and a stream that begins anew, forget the old one", () => {
	const lesson = play([step(1), result(1, 1)]);
	lesson.add({ type: "turn", turn: 5, phase: "result" });
	lesson.add(head);
	assert.deepEqual([lesson.turns.length, lesson.phase, lesson.summary], [0, "wait", null]);
	lesson.add({ ...(head as object), name: null } as LessonIncoming);
	assert.equal(lesson.lesson, null);
});

const graphs = () => {
	const w = new World(random(5));
	const before = w.graph();
	for (let i = 0; i < 60; i++) w.next();
	return { before: before as Graph, after: w.graph() as Graph };
};

test("changes are what differs, and nothing else", () => {
	const g = graphs(), before = stateOf(g.before), after = stateOf(g.after);
	assert.deepEqual(changesOf(before, before, {}), { marks: [], words: [] });
	const there = changesOf(before, after, {}), back = changesOf(after, before, {});
	const count = (c: typeof there, tag: string, what: string) => c.marks.filter((m) => m.tag === tag && m.what === what).length;
	assert.ok(there.marks.length > 3);
	for (const what of ["ns", "nsproxy", "task"]) {
		assert.equal(count(there, "NEW", what), count(back, "GONE", what), what);
		assert.equal(count(there, "GONE", what), count(back, "NEW", what), what);
	}
	const born = there.marks.find((m) => m.what === "ns" && m.tag === "NEW")!;
	const named = changesOf(before, after, { blue: born.id }).words.find((w) => w.text.includes("“blue”"));
	assert.ok(named);
});

test("every mark of what is there has a place in the drawing", () => {
	const g = graphs(), after = stateOf(g.after);
	const { rails } = layOut(after, freshMemory(), 0);
	const marks = changesOf(stateOf(g.before), after, {}).marks.filter((m) => m.tag !== "GONE");
	const placed = markPlaces(rails, marks);
	assert.equal(placed.length, marks.length);
	for (const p of placed) assert.ok(p.line >= 0 && p.line < rails.lines.length);
});

test("before, each kernel step, after; and what was there keeps its place", () => {
	const w = new World(random(9)), lines: (Incoming | LessonIncoming)[] = [w.graph() as Incoming];
	for (let i = 1; i <= 12; i++) {
		lines.push(step(i));
		lines.push(...(w.next().filter((l: Incoming) => l.type === "call") as Incoming[]));
		lines.push(result(i, 1), w.graph() as Incoming);
	}
	const lesson = play(lines), pictures = new Pictures(lesson);
	let calls = 0;
	for (const turn of lesson.turns) {
		const list = places(turn, lesson.recording);
		assert.deepEqual([list[0]!.at, list.at(-1)!.at], ["before", "after"]);
		assert.equal(list.length, 2 + turn.calls.reduce((n, c) => n + lesson.recording.steps(c), 0));
		calls += turn.calls.length;
		const rowsOf = (at: "before" | "after") => new Map(pictures.at(turn, { at }).rails.rows.filter((r) => r.kind === "nsproxy").map((r) => [r.id, r.firstLine]));
		const before = rowsOf("before"), after = rowsOf("after");
		for (const [id, line] of before) if (after.has(id)) assert.equal(after.get(id), line, `nsproxy#${id} moved`);
	}
	assert.ok(calls > 0);
});

test("the list is found by word, topic and level", () => {
	const all = [
		{ name: "uts-alone", title: "A copy", topic_title: "First", level: 1, teaches: "names" },
		{ name: "pid-back", title: "Back", topic_title: "Pids", level: 4, teaches: "numbers" },
	];
	assert.equal(listed(all, "").length, 2);
	assert.deepEqual(listed(all, "level 4").map((g) => g.list[0]!.name), ["pid-back"]);
	assert.deepEqual(listed(all, "UTS names").map((g) => g.topic), ["First"]);
	assert.equal(listed(all, "nothing").length, 0);
});

test("keys: digits choose, letters act, and a field keeps its own", () => {
	const key = (k: string, target: object | null = null, more: object = {}) => lessonKey({ key: k, target, ...more } as unknown as KeyboardEvent);
	(globalThis as { document?: unknown }).document = { querySelector: () => null };
	assert.equal(key("3"), 3);
	assert.equal(key("Enter"), "go");
	assert.equal(key("0"), null);
	assert.equal(key("r", null, { ctrlKey: true }), null);
	assert.equal(key("1", { tagName: "INPUT", type: "search", getAttribute: () => null }), null);
	assert.equal(key("1", { tagName: "INPUT", type: "radio", getAttribute: () => null }), 1);
	assert.equal(key("ArrowDown", { tagName: "INPUT", type: "radio", getAttribute: () => null }), null);
	assert.equal(key("Enter", { tagName: "BUTTON", getAttribute: () => null }), null);
	assert.equal(key("toString"), null);
});
