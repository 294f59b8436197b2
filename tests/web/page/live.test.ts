// SPDX-License-Identifier: GPL-2.0-only
// What a live page is made of: events from a stream, what is kept of them, what is drawn of many.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Compact } from "../../../user/web/app/src/model/compact";
import { Recording } from "../../../user/web/app/src/model/recording";
import type { Change } from "../../../user/web/app/src/model/types";
import { EventParser } from "../../../user/web/app/src/ui/events";
import { Finder, find } from "../../../user/web/app/src/view-model/calls";
import { FOLD_FROM, FOLD_TO, folds } from "../../../user/web/app/src/view-model/grid";
import { drawnBlocks, meant, type Block } from "../../../user/web/app/src/view-model/timeline";
import { World, random } from "./random";

test("events are the same however the stream is cut", () => {
	const text = 'id: 1\ndata: {"a":1}\n\n:\n\ndata: x\ndata: y\n\nid:2\r\ndata:z\r\n\r\nevent: other\n\ndata: not yet\n';
	for (let size = 1; size <= text.length; size++) {
		const told: string[] = [];
		const parser = new EventParser((data) => told.push(data));
		for (let i = 0; i < text.length; i += size) parser.feed(text.slice(i, i + size));
		assert.deepEqual(told, ['{"a":1}', "x\ny", "z"], `cut into ${size}`);
		assert.equal(parser.lastId, "2");
	}
});

test("a stream that breaks off within an event goes on behind the one before it", () => {
	const events = [1, 2, 3].map((n) => `id: ${n}\ndata: ${n}\n\n`), text = events.join("");
	for (let end = 0; end <= text.length; end++) {
		const told: string[] = [];
		const parser = new EventParser((data) => told.push(data));
		parser.feed(text.slice(0, end));
		assert.equal(parser.lastId, told.at(-1) ?? "", `broken off behind ${end} characters`);
		const again = new EventParser((data) => told.push(data));
		again.feed(events.slice(Number(parser.lastId)).join(""));
		assert.deepEqual(told, ["1", "2", "3"], `broken off behind ${end} characters`);
	}
});

/* A `change` with all that a graph has. */
function changeOf(w: World): Change {
	const { namespaces, nsproxies, tasks, ts } = w.graph();
	return { type: "change", ts: ts!, namespaces: namespaces.map(({ keepers: _, ...n }) => ({ ...n, used_by: { slots: 1 } })), nsproxies, tasks, gone: { namespaces: [], nsproxies: [], tasks: [] } };
}

test("of what did not change one object is kept, of what did the new one", () => {
	const w = new World(random(3)), compact = new Compact();
	const first = compact.change(changeOf(w)), again = compact.change(changeOf(w));
	assert.ok(first.namespaces.length > 7 && first.tasks.length > 4);
	first.namespaces.forEach((n, i) => assert.equal(again.namespaces[i], n));
	first.nsproxies.forEach((x, i) => assert.equal(again.nsproxies[i], x));
	first.tasks.forEach((t, i) => assert.equal(again.tasks[i], t));
	assert.ok(!("used_by" in first.namespaces[0]!), "what the page does not use goes");

	const moved = changeOf(w);
	moved.tasks[0]!.comm = "other";
	moved.nsproxies[0]!.slots.uts = 77;
	moved.namespaces[0]!.refs = 9;
	const kept = compact.change(moved);
	assert.equal(kept.tasks[0]!.comm, "other");
	assert.equal(kept.nsproxies[0]!.slots.uts, 77);
	assert.equal(kept.namespaces[0]!.refs, 9);
	assert.equal(first.tasks[0]!.comm === "other", false, "what was told before stays");
	assert.equal(kept.tasks[1], first.tasks[1]);

	/* a tid that comes again is another task */
	compact.change({ type: "change", ts: 1, namespaces: [], nsproxies: [], tasks: [], gone: { namespaces: [], nsproxies: [], tasks: [kept.tasks[1]!.tid] } });
	assert.notEqual(compact.change(moved).tasks[1], kept.tasks[1]);
});

test("the state is that of the changes as they came", () => {
	const w = new World(random(5)), r = new Recording();
	r.add(w.graph());
	for (let i = 0; i < 300; i++) {
		for (const line of w.next()) r.add(line);
		const change = changeOf(w), now = r.now();
		change.gone = {
			namespaces: [...now.namespaces.keys()].filter((id) => !change.namespaces.some((n) => n.id === id)),
			nsproxies: [...now.nsproxies.keys()].filter((id) => !change.nsproxies.some((x) => x.id === id)),
			tasks: [...now.tasks.keys()].filter((tid) => !change.tasks.some((t) => t.tid === tid)),
		};
		r.add(change);
		const state = r.now();
		assert.deepEqual([...state.tasks.values()].map((t) => `${t.tid} ${t.comm} ${t.nsproxy} ${t.user}`).sort(), change.tasks.map((t) => `${t.tid} ${t.comm} ${t.nsproxy} ${t.user}`).sort());
		for (const x of change.nsproxies) assert.deepEqual({ ...state.nsproxies.get(x.id!)!.slots }, { ...x.slots }, `nsproxy#${x.id}`);
		assert.equal(state.namespaces.size, change.namespaces.length);
	}
});

const idsOf = (list: readonly { id?: number | null; tid?: number }[]) => list.map((x) => x.tid ?? x.id!).sort((a, b) => a - b);
const goneOf = (r: Recording, c: Change): Change["gone"] => {
	const now = r.now(), gone = (had: Iterable<number>, has: number[]) => [...had].filter((id) => !has.includes(id));
	return { namespaces: gone(now.namespaces.keys(), idsOf(c.namespaces)), nsproxies: gone(now.nsproxies.keys(), idsOf(c.nsproxies)), tasks: gone(now.tasks.keys(), idsOf(c.tasks)) };
};

test("in a burst, too, the last step of a call shows what it did, and the change behind it is what counts", () => {
	const w = new World(random(13)), r = new Recording();
	r.add(w.graph());
	const tell = () => {
		const change = changeOf(w);
		r.add({ ...change, gone: goneOf(r, change) });
		const state = r.now();
		assert.deepEqual([...state.tasks.values()].map((t) => `${t.tid} ${t.comm} ${t.nsproxy} ${t.user}`).sort(), change.tasks.map((t) => `${t.tid} ${t.comm} ${t.nsproxy} ${t.user}`).sort());
		assert.deepEqual([...state.nsproxies.values()].map((x) => `${x.id} ${x.count} ${x.ntasks}`).sort(), change.nsproxies.map((x) => `${x.id} ${x.count} ${x.tasks.length}`).sort());
		assert.deepEqual(idsOf([...state.namespaces.values()]), idsOf(change.namespaces));
	};
	tell();
	const after: Change[] = []; /* each call */
	for (let i = 0; i < 400; i++) {
		for (const line of w.next()) r.add(line);
		while (after.length < r.calls.length) after.push(changeOf(w));
		if (i % 9 === 8) tell();
	}
	/* what the page has shown meanwhile changes nothing of it */
	for (let call = 0; call < r.calls.length; call++) {
		const c = r.calls[call]!, { tasks, nsproxies } = after[call]!;
		if (c.errno || c.syscall === "exit") continue;
		const { state, focus } = r.moment({ call, step: r.steps(call) - 1 });
		if (focus.nsproxy !== null) assert.ok(state.nsproxies.has(focus.nsproxy), `call ${c.number}: nsproxy#${focus.nsproxy} is not there`);
		assert.deepEqual([...state.tasks.values()].map((t) => `${t.tid} ${t.nsproxy}`).sort(), tasks.map((t) => `${t.tid} ${t.nsproxy}`).sort(), `call ${c.number}`);
		assert.deepEqual([...state.nsproxies.values()].map((x) => `${x.id} ${x.ntasks}`).sort(), nsproxies.map((x) => `${x.id} ${x.tasks.length}`).sort(), `call ${c.number}`);
		for (const x of nsproxies) assert.deepEqual({ ...state.nsproxies.get(x.id!)!.slots }, { ...x.slots }, `call ${c.number}, nsproxy#${x.id}`);
	}
	tell();
});

test("a namespace that only a mount keeps stays in a burst, also where no deaths are told", () => {
	const w = new World(random(15)), r = new Recording();
	r.add({ type: "start", schema: "nslens/1", steps: false });
	const graph = w.graph();
	graph.namespaces.push({ ...graph.namespaces[0]!, id: 90, inum: 4026999999, initial: false });
	r.add(graph);
	r.add({ ...changeOf(w), namespaces: [], nsproxies: [], tasks: [] });
	for (let i = 0; i < 30; i++) for (const line of w.next()) r.add(line);
	assert.ok(r.moment({ call: r.calls.length - 1, step: 99 }).state.namespaces.has(90));
});

test("before the first step of its exit a task is there as it was", () => {
	const w = new World(random(17)), r = new Recording();
	const graph = w.graph(), task = { ...graph.tasks[0]!, tid: 7000, pid: 7000, user: 77, ppid: 1001, initial: false };
	r.add({ ...graph, tasks: [...graph.tasks, task] });
	r.add({ ...changeOf(w), namespaces: [], nsproxies: [], tasks: [task] });
	/* so the kernel tells it: the exit first, then what it let go */
	r.add({ type: "task", ts: 2000, event: "exit", pid: 7000, tid: 7000, comm: "x", nsproxy: 1 });
	const step = { fn: "exit_task_namespaces", outcome: "done" as const, ns: null, nsproxy: null, owner: null, parent: null, ts: 2001, duration: 1, errno: null, depth: 0, inferred: false, unborn: false };
	r.add({
		type: "call", number: 1, ts: 2001, duration: 3, pid: 7000, tid: 7000, comm: "x", syscall: "exit", flags: [], raw_flags: "0x0", ret: 0, errno: null, child: null,
		nsproxy: { before: 1, after: null }, slots: {}, steps: [step, { ...step, depth: 1 }],
	});
	const { tasks } = r.moment({ call: 0, step: 0 }).state;
	assert.deepEqual([tasks.get(7000)?.user, tasks.get(7000)?.ppid], [77, 1001]);
	assert.ok(!r.moment({ call: 0, step: 1 }).state.tasks.has(7000), "with the last one it is gone");
});

test("a search that has looked at a call does not look again, and finds the same", () => {
	const w = new World(random(7)), r = new Recording();
	r.add(w.graph());
	for (const query of ["", "unshare", "setns -failed"]) {
		const finder = new Finder(query);
		for (let i = 0; i < 40; i++) {
			for (const line of w.next()) r.add(line);
			assert.deepEqual([...finder.among(r.calls)], [...find(r.calls, query)]);
		}
		assert.equal(finder.among(r.calls), finder.among(r.calls));
	}
	assert.ok(find(r.calls, "unshare").length > 0);
});

test("blocks that would lie on each other are drawn as one, and each can be chosen", () => {
	const rnd = random(9);
	const blocks: Block[] = Array.from({ length: 400 }, (_, call) => ({ call, from: call * 1000, to: call * 1000 + 400 * rnd(), failed: rnd() < 0.3 }));
	const x = (ts: number) => 100 + ts / 1000; /* one pixel a block */
	const drawn = drawnBlocks(blocks, 200, x, 100, 900);
	assert.ok(drawn.length < 150, `${drawn.length}`);
	assert.equal(drawn.filter((d) => d.current).length, 1);
	assert.ok(drawn.at(-1)!.current && !drawn[0]!.failed, "what matters lies on top");
	for (const b of blocks) {
		const over = drawn.filter((d) => x(b.from) >= d.x - 1e-9 && x(b.from) <= d.x + d.width && d.failed === b.failed);
		assert.ok(over.length > 0, `block ${b.call} is not drawn`);
		if (!over.some((d) => d.current)) assert.ok(over.some((d) => meant(blocks, d, b.from) === b.call), `block ${b.call} cannot be chosen`);
	}
	/* far apart each is its own, and what is out of sight is not drawn */
	const wide = drawnBlocks(blocks, -1, (ts) => 100 + ts / 10, 100, 900);
	assert.deepEqual(wide.map((d) => d.first).sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
	assert.ok(wide.every((d) => d.n === 1));
});

test("rows that come and go do not open and close the folded ones", () => {
	assert.ok(!folds(FOLD_FROM, false) && folds(FOLD_FROM + 1, false));
	let on = false, turns = 0;
	for (let i = 0; i < 100; i++) {
		const now = folds(FOLD_FROM - 3 + (i % 7), on);
		turns += Number(now !== on);
		on = now;
	}
	assert.equal(turns, 1);
	assert.ok(!folds(FOLD_TO, true), "few rows are all shown");
});
