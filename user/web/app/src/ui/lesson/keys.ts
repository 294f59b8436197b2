// SPDX-License-Identifier: GPL-2.0-only
// Keys of a lesson. Digits choose, Enter goes on; the arrows walk through what happened.

const KEYS = {
	ArrowRight: "forth", ArrowLeft: "back", Home: "before", End: "after", b: "flip",
	Enter: "go", r: "again", l: "list", p: "present", d: "theme", "?": "help", "+": "bigger", "=": "bigger", "-": "smaller",
	"/": "search", Escape: "escape",
} as const;

export type LessonAction = (typeof KEYS)[keyof typeof KEYS];

const isOwn = (el: HTMLElement | null, key: string) =>
	!!el && ((el.tagName === "BUTTON" || el.tagName === "SUMMARY" || el.getAttribute("role") === "button") && (key === "Enter" || key === " "));

/* A number: that choice. */
export function lessonKey(e: KeyboardEvent): LessonAction | number | null {
	if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return null;
	const el = e.target as HTMLElement | null;
	if (el?.tagName === "INPUT" && (el as HTMLInputElement).type !== "radio") {
		if (e.key === "Escape") el.blur();
		return null;
	}
	if (isOwn(el, e.key)) return null;
	/* a group of choices has its own arrows */
	if (el?.tagName === "INPUT" && e.key.startsWith("Arrow")) return null;
	if (/^[1-9]$/.test(e.key)) return Number(e.key);
	return Object.hasOwn(KEYS, e.key) ? KEYS[e.key as keyof typeof KEYS] : null;
}
