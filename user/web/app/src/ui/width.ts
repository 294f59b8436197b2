// SPDX-License-Identifier: GPL-2.0-only
// How wide an element is, now.

import { useEffect, useRef, useState } from "preact/hooks";

export function useWidth(): [{ current: HTMLDivElement | null }, number] {
	const ref = useRef<HTMLDivElement>(null);
	const [width, setWidth] = useState(900);
	useEffect(() => {
		const observer = new ResizeObserver(() => setWidth(ref.current!.clientWidth));
		observer.observe(ref.current!);
		return () => observer.disconnect();
	}, []);
	return [ref, width];
}
