// SPDX-License-Identifier: GPL-2.0-only
// The layout at any stop of a recording, always the same for the same stop as long as
// one walks: each call is laid out on the memory of the call before it. A far jump
// begins anew at the block that the call is in.

import type { Recording, Stop } from "../model/recording";
import type { Moment } from "../model/walk";
import { freshMemory, layOut, type Memory, type Rails } from "./rails";

const BLOCK = 64;
/* With so many objects or calls layouts cost milliseconds: fewer of them then. */
const MANY = 2000;
const SMALL_BLOCK = 8;

/* Rows of nsproxies that are gone keep their places, so many of them. */
export const GHOSTS = 40;

/* Live they come and go without end: only the youngest are worth their place. */
const GHOSTS_LIVE = 6;

export interface View {
	moment: Moment;
	rails: Rails;
}

export class Lineage {
	private first = 0;
	/* memories[i]: after call first + i - 1, so the one that call first + i is laid out on */
	private memories: Memory[] = [];
	private live: Memory | null = null;

	constructor(private readonly recording: Recording) {}

	/* Forget where everything was. */
	tidy(stop: Stop): void {
		this.first = Math.max(0, stop.call);
		this.memories = [freshMemory()];
		this.live = null;
	}

	private blockOf(call: number): number {
		const s = this.recording.stateBefore(0);
		const objects = s.namespaces.size + s.tasks.size;
		const block = objects > MANY || this.recording.calls.length > MANY ? SMALL_BLOCK : BLOCK;
		return Math.floor(call / block) * block;
	}

	/* What call `call` is laid out on. */
	private memoryAt(call: number): Memory {
		const last = this.first + this.memories.length - 1;
		if (!this.memories.length || call < this.first || call > last + BLOCK) {
			this.first = this.blockOf(call);
			const before = this.recording.calls.length
				? this.recording.stateBefore(this.recording.lineOf(this.first)) : this.recording.now();
			this.memories = [layOut(before, freshMemory(), 0).memory];
		}
		while (this.first + this.memories.length - 1 < call) {
			const i = this.memories.length - 1;
			const done = { call: this.first + i, step: this.recording.steps(this.first + i) - 1 };
			this.memories.push(layOut(this.recording.moment(done).state, this.memories[i]!, GHOSTS).memory);
		}
		return this.memories[call - this.first]!;
	}

	at(stop: Stop): View {
		this.live = null;
		const moment = this.recording.moment(stop);
		return { moment, rails: layOut(moment.state, this.memoryAt(Math.max(0, stop.call)), GHOSTS).rails };
	}

	/* The graph as it is now, behind the last line. */
	now(): View {
		const state = this.recording.now();
		const { rails, memory } = layOut(state, this.live ?? freshMemory(), GHOSTS_LIVE);
		this.live = memory;
		const focus = { tag: null, type: null, ns: null, half: false, nsproxy: null, task: null };
		return { moment: { state, focus, put: [] }, rails };
	}
}
