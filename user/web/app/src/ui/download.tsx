// SPDX-License-Identifier: GPL-2.0-only
// The present picture as a file: SVG with its own style, or PNG drawn from it.

import { render } from "preact";
import { WholeGraph, type GraphProps } from "./graph";

/* color-mix() and custom properties are not known to every viewer: what the browser made of them is written down. */
const WRITTEN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "text-anchor"];

function flatten(svg: SVGSVGElement): void {
	for (const el of svg.querySelectorAll<SVGElement>("rect,circle,path,text")) {
		const style = getComputedStyle(el);
		for (const name of WRITTEN) {
			const value = style.getPropertyValue(name);
			if (value && value !== "normal" && !(name === "stroke-dasharray" && value === "none")) el.setAttribute(name, value.replace(/px/g, ""));
		}
	}
	svg.setAttribute("font-family", 'system-ui, "DejaVu Sans", sans-serif');
	svg.setAttribute("font-size", "14");
	svg.querySelector(".paper")?.setAttribute("fill", getComputedStyle(svg).getPropertyValue("--paper").trim());
	for (const el of [svg, ...svg.querySelectorAll("[class],[role],[tabindex],[aria-label]")])
		for (const name of ["class", "role", "tabindex", "aria-label"]) el.removeAttribute(name);
}

export function svgText(p: GraphProps, title: string): { text: string; width: number; height: number } {
	const host = document.createElement("div");
	host.className = "offscreen";
	document.body.append(host);
	render(<WholeGraph {...p} title={title} />, host);
	const svg = host.querySelector("svg")!;
	flatten(svg);
	const text = `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;
	const size = { width: svg.width.baseVal.value, height: svg.height.baseVal.value };
	render(null, host);
	host.remove();
	return { text, ...size };
}

function save(blob: Blob, name: string): void {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(blob);
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveSvg(p: GraphProps, title: string, name: string): void {
	save(new Blob([svgText(p, title).text], { type: "image/svg+xml" }), `${name}.svg`);
}

/* The largest side that browsers agree to draw. */
const MOST = 16_000;

export async function savePng(p: GraphProps, title: string, name: string): Promise<void> {
	const { text, width, height } = svgText(p, title);
	const scale = Math.min(2, MOST / width, MOST / height);
	const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
	try {
		const image = new Image();
		image.src = url;
		await image.decode();
		const canvas = document.createElement("canvas");
		canvas.width = Math.round(width * scale);
		canvas.height = Math.round(height * scale);
		canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
		const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
		if (blob) save(blob, `${name}.png`);
	} finally {
		URL.revokeObjectURL(url);
	}
}
