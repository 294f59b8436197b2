// SPDX-License-Identifier: GPL-2.0-only
// Where the lines come from: the file itself, or a server. README.md has the contract.

import type { Incoming, PathLine, PathRow } from "../model/types";
import { hear } from "./events";

export type Status = "reading" | "file" | "live" | "waiting" | "ended" | "failed";

export interface Sink {
	lines(lines: Incoming[]): void;
	status(status: Status, why?: string): void;
	lead?(hash: string): void;
}

/* So long a file is read before the page draws and listens again. */
const SLICE_MS = 24;
/* Live so long: somebody may have pressed a key meanwhile. */
const LIVE_SLICE_MS = 8;

function parse(text: string): Incoming | null {
	try {
		const line: unknown = JSON.parse(text);
		return line && typeof line === "object" && typeof (line as { type?: unknown }).type === "string" ? (line as Incoming) : null;
	} catch {
		return null;
	}
}

const breath = () => new Promise<void>((go) => {
	const channel = new MessageChannel();
	channel.port1.onmessage = () => go();
	channel.port2.postMessage(0);
});

function bytesOf(base64: string): Uint8Array {
	const text = atob(base64);
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

async function readFile(base64: string, sink: Sink): Promise<void> {
	const packed = new Blob([bytesOf(base64) as BlobPart]).stream();
	const reader = packed.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream()).getReader();
	let rest = "", until = performance.now() + SLICE_MS, batch: Incoming[] = [], bad = 0, begun = false;
	const take = (text: string) => {
		const line = text && parse(text);
		if (line) batch.push(line);
		else if (text) bad++;
	};
	const flush = async () => {
		if (batch.length) sink.lines(batch);
		batch = [];
		begun = true;
		await breath();
		until = performance.now() + SLICE_MS;
	};
	for (;;) {
		const { done, value } = await reader.read();
		const parts = (rest + (value ?? "")).split("\n");
		rest = done ? "" : parts.pop()!;
		for (const part of parts) {
			take(part);
			/* the first picture is to be that of the first call */
			const first = begun || batch.some((l) => l.type === "call") || performance.now() > until + 200;
			if (performance.now() > until && first) await flush();
		}
		if (done) break;
	}
	await flush();
	sink.status("file", bad ? `${bad} lines could not be read` : undefined);
}

/* Of the page's time drawing what comes may take a third: the rest is the reader's. */
const REST = 2, REST_MIN_MS = 60, REST_MAX_MS = 500;
/* So long a backlog is read before something of it is drawn. */
const BACKLOG_MS = 300;
/* So many lines wait here at most: what is behind them is the server's, which knows how to leave some out. */
const WAITING = 8000;

/* When what was asked for has been drawn; soon in any case, if nobody looks. */
function drawn(then: () => void): void {
	let done = false;
	const once = () => {
		if (!done) then();
		done = true;
	};
	requestAnimationFrame(() => void breath().then(once));
	setTimeout(once, 1000);
}

/*
 * What comes from a server, in turns: it is read in short slices, drawn in a task of its own,
 * and then the page rests. What the reader asks for goes first: nothing is drawn between
 * a key and its picture.
 */
class Turns {
	private queue: string[] = [];
	private batch: Incoming[] = [];
	private planned = false;
	private drawing = false;
	private held = false;
	private emptied: (() => void) | null = null;
	private free = 0; /* not before */
	private shown = 0;

	constructor(private readonly take: (line: Incoming) => boolean, private readonly draw: (lines: Incoming[]) => void) {
		for (const type of ["keydown", "pointerdown", "wheel"]) addEventListener(type, () => this.hold(), { capture: true, passive: true });
	}

	push(text: string): void {
		this.queue.push(text);
		this.plan();
	}

	/* Whoever brings more should wait for this; null: bring it. */
	room(): Promise<void> | null {
		return this.queue.length < WAITING ? null : new Promise((go) => (this.emptied = go));
	}

	private hold(): void {
		if (this.held || this.drawing) return;
		this.held = true;
		drawn(() => {
			this.held = false;
			this.plan();
		});
	}

	private plan(): void {
		if (this.planned || this.drawing || (!this.queue.length && !this.batch.length)) return;
		this.planned = true;
		const wait = this.free - performance.now();
		if (wait > 0) setTimeout(() => this.turn(), wait);
		else void breath().then(() => this.turn());
	}

	private turn(): void {
		this.planned = false;
		const late = performance.now() - this.shown;
		/* a key that is held down must not stop what comes for good */
		if (this.held && late < REST_MAX_MS) return;
		if (this.queue.length && (late < BACKLOG_MS || !this.batch.length)) {
			this.read();
			this.plan();
		} else {
			this.give();
		}
	}

	private read(): void {
		const until = performance.now() + LIVE_SLICE_MS;
		let i = 0;
		while (i < this.queue.length && performance.now() < until) {
			const line = parse(this.queue[i++]!);
			if (line && this.take(line)) this.batch.push(line);
		}
		this.queue = i < this.queue.length ? this.queue.slice(i) : [];
		if (this.queue.length >= WAITING / 2 || !this.emptied) return;
		this.emptied();
		this.emptied = null;
	}

	private give(): void {
		const began = performance.now(), lines = this.batch;
		if (!lines.length) return;
		this.batch = [];
		this.shown = began;
		this.drawing = true; /* nothing more until it is */
		this.draw(lines);
		drawn(() => {
			this.drawing = false;
			this.free = performance.now() + Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, (performance.now() - began) * REST));
			this.plan();
		});
	}
}

function listen(sink: Sink): void {
	let over = false, led = false;
	const take = (line: Incoming) => {
		const lead = line as unknown as { type: string; hash: unknown };
		if (lead.type === "lead") sink.lead?.(String(lead.hash));
		if (line.type === "end") over = true;
		return lead.type !== "lead";
	};
	const turns = new Turns(take, (lines) => {
		sink.lines(lines);
		if (over && lines[lines.length - 1]?.type === "end") sink.status("ended");
	});
	const close = hear("events", {
		opened: () => sink.status("live"),
		data(text) {
			/* else it connects again before its turn comes; a student's page is led on */
			if (text.startsWith('{"type":"start"')) led = text.includes('"role":"student"');
			if (text.startsWith('{"type":"end"') && !led) close();
			turns.push(text);
		},
		lost(last) {
			if (over) close();
			else sink.status(last ? "failed" : "waiting");
		},
		room: () => turns.room(),
	});
}

export function isFile(): boolean {
	return document.getElementById("data") !== null;
}

/* From here to the first picture: `first-drawing` among the page's measurements. */
function measureFirst(sink: Sink): Sink {
	const start = performance.now();
	let first = true;
	return {
		...sink,
		lines(lines) {
			sink.lines(lines);
			if (!first) return;
			first = false;
			requestAnimationFrame(() => void breath().then(() => performance.measure("first-drawing", { start, end: performance.now() })));
		},
	};
}

export function open(to: Sink): void {
	const sink = measureFirst(to);
	const data = document.getElementById("data");
	sink.status("reading");
	if (!data) {
		listen(sink);
		return;
	}
	const base64 = (data.textContent ?? "").trim();
	data.textContent = "";
	readFile(base64, sink).catch((e: unknown) => sink.status("failed", `This file's data cannot be unpacked: ${String(e)}`));
}

/* The kernel's path of a call; null: not to be had. */
export async function fetchPath(call: number): Promise<PathRow[] | null> {
	if (isFile()) return null;
	try {
		const answer = await fetch(`api/path?call=${call}`);
		return answer.ok ? ((await answer.json()) as PathLine).path : null;
	} catch {
		return null;
	}
}

export interface Why {
	verdict?: string;
	keepers?: { text?: string; kind?: string; command?: string | null }[];
}

export async function fetchWhy(ns: number): Promise<Why | null> {
	if (isFile()) return null;
	try {
		const answer = await fetch(`api/why?ns=${ns}`);
		return answer.ok ? ((await answer.json()) as Why) : null;
	} catch {
		return null;
	}
}

export function postLead(hash: string): void {
	if (!isFile()) fetch("api/lead", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ hash }) }).catch(() => {});
}
