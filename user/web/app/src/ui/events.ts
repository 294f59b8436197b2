// SPDX-License-Identifier: GPL-2.0-only
// Server-Sent Events, read from the answer as it comes. The browser's EventSource makes one
// event of each: at thousands a second that alone is most of what the page's thread does,
// and it cannot be told to wait.

export interface Ear {
	opened(): void;
	data(text: string): void;
	/* `last`: the server does not want us; else it is tried again. */
	lost(last: boolean): void;
	/* Where more than enough waits to be read: when there is room again. */
	room(): Promise<void> | null;
}

const AGAIN_MS = 2000;

/* https://html.spec.whatwg.org/multipage/server-sent-events.html, without `event` and `retry`. */
export class EventParser {
	private rest = "";
	private data: string[] = [];
	private id = "";
	/* Of the last event that was whole: what broke off within one is asked for again. */
	lastId = "";

	constructor(private readonly told: (data: string) => void) {}

	feed(text: string): void {
		const lines = (this.rest + text).split("\n");
		this.rest = lines.pop()!;
		for (const line of lines) this.line(line.endsWith("\r") ? line.slice(0, -1) : line);
	}

	private line(line: string): void {
		if (line === "") {
			this.lastId = this.id;
			if (this.data.length) this.told(this.data.join("\n"));
			this.data = [];
		} else if (line.startsWith("data:")) {
			this.data.push(line.slice(line[5] === " " ? 6 : 5));
		} else if (line.startsWith("id:")) {
			this.id = line.slice(line[3] === " " ? 4 : 3);
		}
	}
}

/* Returns what ends it. */
export function hear(url: string, ear: Ear): () => void {
	const abort = new AbortController();
	let lastId = "";
	const once = async (): Promise<boolean> => {
		const headers: Record<string, string> = { accept: "text/event-stream" };
		if (lastId) headers["last-event-id"] = lastId;
		const answer = await fetch(url, { headers, cache: "no-store", signal: abort.signal });
		if (!answer.ok || !answer.body || !answer.headers.get("content-type")?.startsWith("text/event-stream")) return false;
		ear.opened();
		const parser = new EventParser((data) => ear.data(data));
		const reader = answer.body.getReader(), decoder = new TextDecoder();
		for (;;) {
			const { done, value } = await reader.read();
			if (done || abort.signal.aborted) return true;
			parser.feed(decoder.decode(value, { stream: true }));
			lastId = parser.lastId || lastId;
			await ear.room();
		}
	};
	const go = async (): Promise<void> => {
		const again = await once().catch(() => true);
		if (abort.signal.aborted) return;
		ear.lost(!again);
		if (again) setTimeout(() => void go(), AGAIN_MS);
	};
	void go();
	return () => abort.abort();
}
