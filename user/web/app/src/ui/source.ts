// SPDX-License-Identifier: GPL-2.0-only
// Where the lines come from: the file itself, or a server. README.md has the contract.

import type { Incoming, PathLine, PathRow } from "../model/types";

export type Status = "reading" | "file" | "live" | "waiting" | "ended" | "failed";

export interface Sink {
	lines(lines: Incoming[]): void;
	status(status: Status, why?: string): void;
	lead?(hash: string): void;
}

/* So long the page may be busy before it draws and listens again. */
const SLICE_MS = 24;

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

function listen(sink: Sink): void {
	const events = new EventSource("events");
	let queue: string[] = [], batch: Incoming[] = [], planned = false, over = false, free = 0, shown = 0;
	const give = () => {
		if (!batch.length) return;
		const began = performance.now();
		sink.lines(batch);
		batch = [];
		shown = began;
		free = Infinity; /* nothing more until this is drawn */
		const next = () => {
			const took = performance.now() - began;
			free = performance.now() + Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, took * REST));
			if (queue.length || batch.length) plan();
		};
		drawn(next);
	};
	const drain = () => {
		planned = false;
		const until = performance.now() + SLICE_MS;
		let i = 0;
		for (; i < queue.length && performance.now() < until; i++) {
			const line = parse(queue[i]!);
			if (!line) continue;
			if ((line as { type: string }).type === "lead") sink.lead?.(String((line as unknown as { hash: unknown }).hash));
			else batch.push(line);
			if (line.type === "end") over = true;
		}
		queue = i < queue.length ? queue.slice(i) : [];
		if (!queue.length || performance.now() - shown > BACKLOG_MS) give();
		if (over && !queue.length) {
			give();
			events.close();
			sink.status("ended");
		} else if (queue.length) plan();
	};
	const plan = () => {
		if (planned || free === Infinity) return;
		planned = true;
		const wait = free - performance.now();
		if (wait > 0) setTimeout(drain, wait);
		else void breath().then(drain);
	};
	events.onopen = () => sink.status("live");
	events.onerror = () => sink.status(events.readyState === EventSource.CLOSED ? "failed" : "waiting");
	events.onmessage = (e: MessageEvent<string>) => {
		queue.push(e.data);
		plan();
	};
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
