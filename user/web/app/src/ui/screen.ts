// SPDX-License-Identifier: GPL-2.0-only
// What a page asks of the screen, and how large it can draw on it.

import { useEffect, useMemo, useState } from "preact/hooks";

/* Steps of + and −. */
export const SCALES = [0.6, 0.75, 0.9, 1, 1.15, 1.35, 1.6, 2];

export function useMedia(query: string): boolean {
	const list = useMemo(() => matchMedia(query), [query]);
	const [on, set] = useState(list.matches);
	useEffect(() => {
		const told = () => set(list.matches);
		list.addEventListener("change", told);
		return () => list.removeEventListener("change", told);
	}, [list]);
	return on;
}
