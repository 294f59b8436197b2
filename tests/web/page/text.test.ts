// SPDX-License-Identifier: GPL-2.0-only
import assert from "node:assert/strict";
import { test } from "node:test";
import { describe as describeCall, find, matches } from "../../../user/web/app/src/view-model/calls";
import { stepView } from "../../../user/web/app/src/view-model/step";
import { clip, duration, moment, safe } from "../../../user/web/app/src/view-model/text";
import { reveal, ticks, zoom } from "../../../user/web/app/src/view-model/timeline";
import { follow, makeLink, parseLink } from "../../../user/web/app/src/ui/link";
import { Recording } from "../../../user/web/app/src/model/recording";
import { World, random } from "./random";
import type { Call, Failure } from "../../../user/web/app/src/model/types";

test("hostile text prints nothing but what is seen", () => {
	assert.equal(safe("a\u001b[31mb"), "a\\x1b[31mb");
	assert.equal(safe("x\u202Eevil\u200b"), "x\\u202eevil\\u200b");
	assert.equal(safe("\n\t\0"), "\\x0a\\x09\\x00");
	assert.equal(safe("<script>"), "<script>");
	assert.equal(safe("日本 €"), "日本 €");
	assert.equal(safe("\ud800x"), "\\ud800x");
	assert.equal(safe("é😀"), "é😀");
	assert.equal(safe("\u0085\u009b"), "\\x85\\x9b");
	assert.equal(safe("x".repeat(500)).length, 200);
	assert.equal(safe(null), "");
	for (let code = 0; code < 0x3000; code++) {
		const out = safe(String.fromCharCode(code));
		assert.ok(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(out), code.toString(16));
	}
});

test("times read well", () => {
	assert.equal(duration(999), "999 ns");
	assert.equal(duration(5_800_000), "5.80 ms");
	assert.equal(duration(null), "");
	assert.equal(moment(21_200_000), "21.2 ms");
	assert.equal(moment(20_000_000, 10_000_000), "20 ms");
	assert.equal(moment(1_500_000_000, 500_000_000), "1.5 s");
	assert.equal(clip("abcdefghij", 40, 10), "abc…");
});

test("marks of an axis are apart and round", () => {
	for (const span of [1000, 12_345, 7e6, 3.3e9, 8e10]) {
		const { at, step } = ticks({ from: 0, to: span }, 900);
		assert.ok(at.length >= 2 && at.length <= 11, `${span}: ${at.length}`);
		assert.match(String(step / 10 ** Math.floor(Math.log10(step))), /^(1|2|5)(\.0+\d*)?$/);
	}
});

test("zoom stays inside and keeps the place under the pointer", () => {
	const all = { from: 0, to: 1e9 };
	let range = all;
	for (let i = 0; i < 10; i++) range = zoom(range, all, 3e8, 0.5);
	assert.ok(range.from <= 3e8 && 3e8 <= range.to && range.to - range.from < 2e6);
	for (let i = 0; i < 20; i++) range = zoom(range, all, 3e8, 2);
	assert.deepEqual(range, all);
	const moved = reveal({ from: 0, to: 10 }, { from: 0, to: 100 }, 50);
	assert.deepEqual(moved, { from: 45, to: 55 });
});

function world(seed: number, lines: number): Recording {
	const w = new World(random(seed)), r = new Recording();
	r.add(w.graph());
	while (r.lines.length < lines) for (const line of w.next()) r.add(line);
	return r;
}

test("a search finds by every word, and leaves out by minus", () => {
	const r = world(3, 300);
	const all = find(r.calls, "");
	assert.equal(all.length, r.calls.length);
	const failed = find(r.calls, "ENOSPC");
	assert.ok(failed.length > 0 && failed.every((i) => r.calls[i]!.errno === "ENOSPC"));
	assert.deepEqual(find(r.calls, "unshare -enospc").length + failed.length, find(r.calls, "unshare").length);
	assert.ok(matches(r.calls[0]!, `#${r.calls[0]!.number}`));
	assert.equal(find(r.calls, "no such thing").length, 0);
});

test("every call has words, whatever it is", () => {
	const r = world(4, 500);
	for (const call of r.calls) {
		const item = describeCall(call);
		assert.ok(item.verb);
		assert.equal(item.failed, call.errno !== null);
		for (let k = 0; k < Math.max(1, call.steps?.length ?? 0); k++) assert.ok(stepView(call, k, {}, undefined).title);
	}
});

test("links lead back to where they were made", () => {
	const r = world(6, 300);
	let stop = { call: 0, step: 0 };
	for (let i = 0; i < 200; i++) {
		const link = parseLink(makeLink(r, stop, 42));
		assert.equal(link.ns, 42);
		assert.deepEqual(follow(r, link), stop);
		stop = r.next(stop);
	}
	assert.equal(follow(r, parseLink("#call=999999")), null);
	assert.deepEqual(parseLink("#call=1;alert(1)&t=x"), { t: null, call: null, step: 0, ns: null, other: false });
	assert.ok(follow(r, parseLink(`#t=${r.calls[5]!.ts + 1}`))!.call >= 5);
	const b = makeLink(r, { call: 1, step: 0 }, null, true);
	assert.ok(b.endsWith("&side=b") && parseLink(b).other && !parseLink(makeLink(r, { call: 1, step: 0 }, null)).other);
});

test("next and previous are each other's opposite, through every step", () => {
	const r = world(8, 400);
	let stop = { call: 0, step: 0 }, n = 1;
	for (let next = r.next(stop); next !== stop; next = r.next(stop)) {
		assert.deepEqual(r.previous(next), stop);
		stop = next;
		n++;
	}
	assert.equal(n, r.calls.reduce((sum, _, i) => sum + r.steps(i), 0));
});

test("why a call failed is told once, whether it has steps or not", () => {
	const failure: Failure = { fn: "copy_process", inferred: true, check: "the pending pid namespace is another one", remedy: "fork first" };
	const whole = `inferred: refused by copy_process: ${failure.check}. Remedy: ${failure.remedy}. The caller's namespaces are unchanged.`;
	const call = { type: "call", number: 1, ts: 1, duration: 5, pid: 1, tid: 1, comm: "x", syscall: "clone", flags: [], raw_flags: "0x0", ret: -1, errno: "EINVAL", child: null, nsproxy: null, slots: null, steps: null, failure, explain: whole } as Call;
	const times = (c: Call, step: number) => {
		const v = stepView(c, step, {}, undefined);
		return `${v.here} ${v.failure?.check ?? ""} ${v.title}`.split(failure.check!).length - 1;
	};
	assert.equal(times(call, 0), 1);
	assert.equal(times({ ...call, steps: [] }, 0), 1);
	/* an older program's words do not have it */
	assert.equal(times({ ...call, explain: "refused" }, 0), 1);
	assert.equal(times({ ...call, explain: null }, 0), 1);
	const step = { fn: "copy_process", outcome: "failed" as const, ns: null, nsproxy: null, owner: null, parent: null, ts: 1, duration: 1, errno: "EINVAL", depth: 0, inferred: false, unborn: false, explain: "it refused" };
	assert.equal(times({ ...call, steps: [step] }, 0), 1);
});
