// SPDX-License-Identifier: GPL-2.0-only
// Where a lesson comes from: the server, which is told what the reader wants; or a file of
// `nslens lab run --json`, which is handed out turn by turn.

import type { Lesson, LessonIncoming, ResultLine, StepLine } from "../../model/lesson";
import type { Incoming } from "../../model/types";
import { isFile, open, type Status } from "../source";

export type Wish = { do: "next" } | { do: "answer"; choice: number } | { do: "start"; name: string } | { do: "again" } | { do: "leave" } | { do: "lead" };

export interface Desk {
	wish(wish: Wish): void;
}

interface Ear {
	changed(): void;
	status(status: Status, why: string): void;
	trouble(text: string): void;
}

const REFUSED: Record<number, string> = { 403: "This page may only watch.", 409: "Another page leads the lesson now." };

async function post(lesson: Lesson, wish: Wish, ear: Ear): Promise<void> {
	const { do: what, ...rest } = wish;
	const body = new URLSearchParams({ do: what, viewer: String(lesson.control?.viewer ?? 0), turn: String(lesson.turn) });
	for (const [k, v] of Object.entries(rest)) body.set(k, String(v));
	try {
		const answer = await fetch("api/lesson", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: body.toString() });
		if (!answer.ok) ear.trouble(REFUSED[answer.status] ?? `The server refused: ${answer.status}.`);
	} catch {
		ear.trouble("The server does not answer: has nslens ended?");
	}
}

type Any = Incoming | LessonIncoming;

/* A file's lines, held back until the reader asks for them. */
class Player {
	private at = 0;
	private turn = 0;

	constructor(private readonly lesson: Lesson, private readonly lines: readonly Any[]) {}

	private phase(phase: "question" | "result" | "end"): void {
		this.lesson.add({ type: "turn", turn: ++this.turn, phase });
	}

	private isQuestion(line: Any | undefined): boolean {
		return line?.type === "step" && !(line as StepLine).more;
	}

	private until(stop: (line: Any) => boolean, change: (line: Any) => Any = (l) => l): void {
		while (this.at < this.lines.length && !stop(this.lines[this.at]!)) this.lesson.add(change(this.lines[this.at++]!));
	}

	begin(): void {
		this.at = 0;
		this.until((l) => this.isQuestion(l));
		this.next();
	}

	next(): void {
		if (this.isQuestion(this.lines[this.at])) {
			this.lesson.add(this.lines[this.at++]!);
			this.phase("question");
			return;
		}
		this.until(() => false);
		this.phase("end");
	}

	answer(choice: number): void {
		let first = true;
		this.until((l) => this.isQuestion(l) || l.type === "summary", (line) => {
			if (line.type !== "result" || !first) return line;
			first = false;
			return { ...(line as ResultLine), choice: choice || null };
		});
		this.phase("result");
	}
}

export function connect(lesson: Lesson, ear: Ear): Desk {
	const lines: Any[] = [];
	let player: Player | null = null;
	open({
		lines(batch) {
			for (const line of batch) {
				if (isFile()) lines.push(line);
				else lesson.add(line);
			}
			ear.changed();
		},
		status(status, why) {
			if (status === "file") {
				player = new Player(lesson, lines);
				player.begin();
				ear.changed();
			}
			ear.status(status, why ?? "");
		},
	});
	return {
		wish(wish) {
			if (!isFile()) {
				void post(lesson, wish, ear);
				return;
			}
			if (wish.do === "answer" && lesson.phase === "question") player?.answer(wish.choice);
			else if (wish.do === "next" && lesson.phase === "result") player?.next();
			else if (wish.do === "again") player?.begin();
			ear.changed();
		},
	};
}
