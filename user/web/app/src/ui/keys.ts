// SPDX-License-Identifier: GPL-2.0-only
// Which key does what. Not while text is typed, not with modifiers of the browser.

const KEYS = {
	ArrowRight: "next", ArrowLeft: "previous", ArrowDown: "down", ArrowUp: "up", Home: "first", End: "last",
	"/": "search", p: "present", "?": "help", f: "fold", t: "tidy", l: "live", d: "theme", "+": "bigger", "=": "bigger", "-": "smaller",
	c: "compare", n: "nextDifference", N: "previousDifference", g: "graph", Escape: "escape",
} as const;

export type Action = (typeof KEYS)[keyof typeof KEYS];

export function keyAction(e: KeyboardEvent): Action | null {
	if (e.ctrlKey || e.metaKey || e.altKey) return null;
	const el = e.target as HTMLElement | null;
	const typing = !!el && (el.tagName === "INPUT" || el.tagName === "TEXTAREA" || el.tagName === "SELECT");
	if (typing) {
		if (e.key === "Escape") {
			el.blur();
			return null;
		}
		return e.key === "ArrowDown" ? "down" : e.key === "ArrowUp" ? "up" : null;
	}
	if (document.querySelector("dialog[open]")) return null;
	return Object.hasOwn(KEYS, e.key) ? KEYS[e.key as keyof typeof KEYS] : null;
}
