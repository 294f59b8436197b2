// SPDX-License-Identifier: GPL-2.0-only
// A call walked step by step: what is being built fills slot by slot, and is put again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Recording } from "../../../user/web/app/src/model/recording";
import type { Call, Graph } from "../../../user/web/app/src/model/types";
import { starts } from "../../../user/web/app/src/view-model/timeline";
import { World, random } from "./random";

function recording(seed: number, lines = 600): Recording {
	const w = new World(random(seed)), r = new Recording();
	r.add(w.graph());
	while (r.lines.length < lines) for (const line of w.next()) r.add(line);
	return r;
}

const filled = (r: Recording, call: number, step: number) => {
	const half = r.moment({ call, step }).state.building[0];
	return half ? Object.values(half.slots).filter((x) => x != null).length : -1;
};

function where(r: Recording, want: (c: Call) => boolean): number[] {
	return r.calls.map((c, i) => (want(c) ? i : -1)).filter((i) => i >= 0);
}

test("a half-built nsproxy fills slot by slot and becomes visible with the switch", () => {
	const r = recording(1);
	const calls = where(r, (c) => c.syscall === "unshare" && !c.errno && c.steps!.length > 5);
	assert.ok(calls.length > 5);
	for (const call of calls) {
		const { steps, tid, nsproxy } = r.calls[call]!;
		const before = r.moment({ call, step: 0 });
		assert.equal(before.state.building.length, 0);
		assert.equal(before.state.tasks.get(tid)!.nsproxy, nsproxy!.before);
		for (let k = 1; k <= 8; k++) {
			assert.equal(filled(r, call, k), k - 1, `call ${call} step ${k}`);
			assert.equal(r.moment({ call, step: k }).state.tasks.get(tid)!.nsproxy, nsproxy!.before, "not visible yet");
			assert.ok(!r.moment({ call, step: k }).state.nsproxies.has(nsproxy!.after!));
		}
		const done = r.moment({ call, step: steps!.length - 1 });
		assert.equal(done.state.building.length, 0);
		assert.equal(done.state.tasks.get(tid)!.nsproxy, nsproxy!.after);
	}
});

test("when a copy fails, what was made is put one by one, in the kernel's order, and nothing stays", () => {
	const r = recording(2, 1500);
	const calls = where(r, (c) => c.errno === "ENOSPC" && c.steps!.some((s) => s.outcome === "undone"));
	assert.ok(calls.length > 3);
	for (const call of calls) {
		const { steps, tid } = r.calls[call]!;
		let put = 0;
		steps!.forEach((s, k) => {
			const m = r.moment({ call, step: k });
			if (s.outcome === "failed" && s.depth === 2) assert.equal(m.focus.tag, "FAIL");
			if (s.outcome === "created") {
				assert.equal(m.focus.tag, "NEW");
				assert.ok(m.state.namespaces.has(s.ns!.id), "it is shown while it lives");
			}
			if (s.outcome === "undone") {
				put++;
				assert.equal(m.put.length, put);
				assert.equal(m.focus.tag, "put −1");
			}
		});
		const after = r.stateBefore(r.lineOf(call) + 1);
		assert.equal(after.building.length, 0);
		assert.equal(after.tasks.get(tid)!.nsproxy, r.calls[call]!.nsproxy!.before);
	}
});

test("namespaces that a call makes are not seen before its step", () => {
	const r = recording(3);
	for (const call of where(r, (c) => c.steps!.some((s) => s.outcome === "created"))) {
		const { steps } = r.calls[call]!;
		const made = steps!.findIndex((s) => s.outcome === "created");
		const id = steps![made]!.ns!.id;
		if (made > 0) assert.ok(r.moment({ call, step: made - 1 }).state.namespaces.get(id)?.unborn !== false, "before");
		assert.equal(r.moment({ call, step: made }).state.namespaces.get(id)!.unborn, false, "at its step");
	}
});

test("a new user namespace moves the task to another rail in the same row", () => {
	const r = recording(4);
	const calls = where(r, (c) => c.flags.includes("CLONE_NEWUSER"));
	assert.ok(calls.length > 3);
	for (const call of calls) {
		const c = r.calls[call]!;
		const first = r.moment({ call, step: 0 }).state.tasks.get(c.tid)!, last = r.moment({ call, step: 1 }).state.tasks.get(c.tid)!;
		assert.equal(first.nsproxy, last.nsproxy);
		assert.equal(first.user, c.slots!.user!.before!.id);
		assert.equal(last.user, c.slots!.user!.after!.id);
	}
});

test("a clone's child is not there before its last step", () => {
	const r = recording(5);
	for (const call of where(r, (c) => c.child !== null)) {
		const c = r.calls[call]!;
		assert.ok(r.stateBefore(r.lineOf(call)).tasks.has(c.child!), "its line has come before the call's");
		const m = r.moment({ call, step: c.steps!.length - 1 });
		assert.equal(m.focus.tag, "NEW");
		assert.ok(m.state.tasks.has(c.child!));
	}
});

test("a start line forgets what was before it", () => {
	const r = recording(6);
	assert.equal(r.add({ type: "start", schema: "nslens/1" }), true);
	assert.equal(r.calls.length, 0);
	assert.equal(r.lines.length, 0);
	assert.equal(r.now().tasks.size, 0);
});

test("a long live recording forgets its older half, and stays right", () => {
	const w = new World(random(9)), r = new Recording(), whole = new Recording();
	const add = (line: Parameters<Recording["add"]>[0]) => {
		r.add(line);
		whole.add(line);
	};
	add(w.graph());
	let gone = 0;
	for (let i = 0; i < 4000; i++) {
		for (const line of w.next()) add(line);
		if (i % 100 === 99) add(w.graph());
		gone += r.trim(1000);
	}
	assert.ok(gone > 500 && r.lines.length <= 1400, `${gone} ${r.lines.length}`);
	assert.equal(r.calls.length + gone, whole.calls.length);
	for (let call = 0; call < r.calls.length; call += 7) {
		assert.equal(r.calls[call]!.number, whole.calls[call + gone]!.number);
		assert.equal(r.indexOf(r.calls[call]!.number), call);
		const a = r.moment({ call, step: 2 }).state, b = whole.moment({ call: call + gone, step: 2 }).state;
		assert.deepEqual([...a.tasks.keys()].sort(), [...b.tasks.keys()].sort());
		assert.deepEqual([...a.nsproxies.keys()].sort(), [...b.nsproxies.keys()].sort());
	}
});

test("with the older half goes what was known of it alone: start-ups, and nsproxies that calls named", () => {
	const w = new World(random(10)), r = new Recording();
	r.add(w.graph());
	let keyframe = w.graph();
	const ends: number[] = [];
	for (let i = 0; i < 4000; i++) {
		for (const line of w.next()) r.add(line);
		const { ts } = r.calls.at(-1)!;
		if (i % 50 === 49) ends.push(ts), r.add({ type: "startup", ts: ts - 3000, duration: 3000, stages: [{ name: "all", ts: ts - 3000, duration: 3000 }] });
		if (i % 100 === 99) r.add((keyframe = w.graph()));
		const touched = new Map(r.touched), gone = r.trim(1000);
		if (!gone) continue;
		assert.deepEqual(starts(r.startups).map((s) => s.to), ends.filter((to) => to >= r.firstTs), `calls from ${r.firstTs}`);
		const there = new Set((r.lines[0] as Graph).nsproxies.map((x) => x.id));
		for (const [i, c] of r.calls.entries()) for (const s of c.steps!) if (s.nsproxy !== null) assert.ok(r.touched.get(s.nsproxy)! <= i);
		const names = new Set(r.calls.flatMap((c) => [c.nsproxy!.before, c.nsproxy!.after, ...c.steps!.map((s) => s.nsproxy)]));
		for (const [id, first] of touched) assert.equal(r.touched.get(id), names.has(id) || there.has(id) ? Math.max(0, first - gone) : undefined, `nsproxy#${id}`);
	}
	assert.ok(r.startups.length < 20 && r.touched.size < r.calls.length + keyframe.nsproxies.length, `${r.startups.length} start-ups, ${r.touched.size} nsproxies`);
});

test("lines that make no sense do no harm", () => {
	const r = recording(7, 50);
	const before = r.lines.length;
	r.add({ type: "nonsense" } as never);
	assert.equal(r.lines.length, before);
	r.add({ type: "ns", ts: 1, event: "created", ns: "no such:[x]", id: 5000, owner: null, parent: null });
	r.add({ type: "call", number: 9999, ts: 5, duration: null, pid: 1, tid: 424242, comm: "x", syscall: "unshare", flags: [], raw_flags: "", ret: null, errno: null, child: null, nsproxy: null, slots: null, steps: null });
	assert.doesNotThrow(() => r.now());
	assert.doesNotThrow(() => r.moment({ call: r.calls.length - 1, step: 3 }));
});
