// SPDX-License-Identifier: GPL-2.0-only
// Labels can be read on their colours, and lanes beside each other are told apart, also by
// people who see no red, green or blue. Colours are read from the style that is used.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

type Rgb = [number, number, number];
const css = readFileSync("user/web/app/src/ui/rails.css", "utf8");
const LANES = ["user", "mnt", "uts", "ipc", "pid", "net", "cgroup", "time"];

/* Of all rules that have this selector. */
function variables(selector: string): Map<string, string> {
	const out = new Map<string, string>();
	for (const rule of css.matchAll(/^([^{}\n]+)\{([^}]*)\}/gm))
		if (rule[1]!.split(",").includes(selector))
			for (const m of rule[2]!.matchAll(/--([\w-]+):([^;}]+)/g)) out.set(m[1]!, m[2]!.trim());
	return out;
}

function rgb(text: string): Rgb {
	const hex = text.replace("#", "");
	const long = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
	return [0, 2, 4].map((i) => parseInt(long.slice(i, i + 2), 16) / 255) as Rgb;
}

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]: Rgb) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

function contrast(a: Rgb, b: Rgb): number {
	const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
	return (x + 0.05) / (y + 0.05);
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => a.map((x, i) => x * share + b[i]! * (1 - share)) as Rgb;

/* Machado, Oliveira and Fernandes (2009), severity 1, on linear light. */
const BLIND: Record<string, number[][]> = {
	"full sight": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
	protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
	deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
	tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function see(c: Rgb, kind: string): Rgb {
	const lin = c.map(linear);
	return BLIND[kind]!.map((row) => Math.min(1, Math.max(0, row.reduce((s, m, i) => s + m * lin[i]!, 0)))) as Rgb;
}

/* Distance in CIE L*a*b*, of linear light. */
function lab([r, g, b]: Rgb): Rgb {
	const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116);
	const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047), y = f(0.2126 * r + 0.7152 * g + 0.0722 * b), z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
	return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(...lab(a).map((x, i) => x - lab(b)[i]!));

const light = variables(".rails"), dark = new Map([...light, ...variables(".rails.dark")]);
const on = new Map(LANES.map((lane) => [lane, new RegExp(`\\.${lane}\\{--c:var\\(--${lane}\\);--on:(#\\w+)\\}`).exec(css)![1]!]));

for (const [name, theme] of [["light", light], ["dark", dark]] as const) {
	test(`labels can be read, ${name}`, () => {
		const paper = rgb(theme.get("paper")!);
		for (const lane of LANES) {
			const fill = rgb(theme.get(lane)!), keep = parseFloat(theme.get("keep")!) / 100;
			assert.ok(contrast(fill, rgb(on.get(lane)!)) >= 4.5, `${lane}: ${contrast(fill, rgb(on.get(lane)!)).toFixed(2)}`);
			const dimmed = mix(fill, rgb(theme.get("mix")!), keep);
			assert.ok(contrast(dimmed, rgb(theme.get("dim-ink")!)) >= 4.5, `dimmed ${lane}: ${contrast(dimmed, rgb(theme.get("dim-ink")!)).toFixed(2)}`);
			const tint = mix(fill, paper, parseFloat(theme.get("tint")!) / 100);
			for (const text of ["ink", "soft", "bad"])
				assert.ok(contrast(tint, rgb(theme.get(text)!)) >= 4.5, `${text} on the lane of ${lane}: ${contrast(tint, rgb(theme.get(text)!)).toFixed(2)}`);
			assert.ok(contrast(rgb(theme.get("edge")!), paper) >= 3, "outlines");
		}
		for (const [ink, ground] of [["ink", "paper"], ["soft", "paper"], ["soft", "box"], ["ink", "box"], ["tag-ink", "tag"], ["bad-ink", "bad"], ["bad", "paper"]] as const)
			assert.ok(contrast(rgb(theme.get(ink)!), rgb(theme.get(ground)!)) >= 4.5, `${ink} on ${ground}`);
	});
}

for (const kind of Object.keys(BLIND))
	test(`lanes beside each other differ: ${kind}`, () => {
		for (let i = 1; i < LANES.length; i++) {
			const a = see(rgb(light.get(LANES[i - 1]!)!), kind), b = see(rgb(light.get(LANES[i]!)!), kind);
			assert.ok(distance(a, b) > 10, `${LANES[i - 1]} and ${LANES[i]}: ${distance(a, b).toFixed(1)}`);
		}
	});
