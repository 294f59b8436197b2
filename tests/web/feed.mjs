// SPDX-License-Identifier: GPL-2.0-only
// A server as a page sees it, without a kernel behind it: it tells given lines at a given
// pace, as the program's own server does (user/doc/serve.md).

import { createServer } from "node:http";

/* As the server: what comes within so many milliseconds goes out together. */
const TICK = 25;

export class Feed {
	static async open(page) {
		const feed = new Feed();
		feed.frames = [];
		feed.viewers = new Set();
		feed.asked = []; /* what came in: [url, last event id] */
		feed.status = 200; /* of /events */
		feed.server = createServer((request, response) => {
			feed.asked.push([request.url, request.headers["last-event-id"] ?? null]);
			if (request.url === "/") response.writeHead(200, { "content-type": "text/html" }).end(page);
			else if (request.url !== "/events") response.writeHead(404).end();
			else if (feed.status !== 200) response.writeHead(feed.status).end();
			else feed.view(request, response);
		});
		await new Promise((go) => feed.server.listen(0, "127.0.0.1", go));
		feed.origin = `http://127.0.0.1:${feed.server.address().port}`;
		return feed;
	}

	view(request, response) {
		response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
		response.write(this.frames.slice(Number(request.headers["last-event-id"] ?? 0)).join("") || ":\n\n");
		this.viewers.add(response);
		response.on("close", () => this.viewers.delete(response));
	}

	/* Objects or lines of JSON. */
	tell(lines) {
		const from = this.frames.length;
		for (const l of lines) this.frames.push(`id: ${this.frames.length + 1}\ndata: ${typeof l === "string" ? l : JSON.stringify(l)}\n\n`);
		const text = this.frames.slice(from).join("");
		for (const v of this.viewers) v.write(text);
	}

	/* Calls `next(n)` for n lines, so that they come to `rate` a second, until it is stopped. */
	run(rate, next) {
		let told = 0;
		const began = Date.now();
		const tick = () => {
			const due = Math.floor(((Date.now() - began) * rate) / 1000);
			if (due > told) this.tell(next(due - told));
			told = Math.max(told, due);
		};
		const timer = setInterval(tick, TICK);
		return () => clearInterval(timer);
	}

	drop() {
		for (const v of this.viewers) v.destroy();
	}

	close() {
		this.drop();
		this.server.close();
	}
}

/* Lines again and again: times and numbers of calls go on; each round begins with a keyframe. */
export function again(keyframe, told) {
	const span = told.at(-1).ts - told[0].ts + 1e6, calls = Math.max(...told.map((l) => l.number ?? 0));
	let i = 0, round = 0;
	const later = (l) => {
		const by = round * span, at = (ts) => (ts === null ? null : ts + by);
		return { ...l, ts: at(l.ts), ...(l.type === "call" ? { number: l.number + round * calls, steps: l.steps?.map((s) => ({ ...s, ts: at(s.ts) })) ?? l.steps } : {}) };
	};
	return (n) => {
		const out = [];
		while (out.length < n) {
			if (i === told.length) {
				i = 0;
				round++;
				out.push({ ...keyframe, ts: told[0].ts + round * span });
			}
			out.push(later(told[i++]));
		}
		return out;
	};
}
