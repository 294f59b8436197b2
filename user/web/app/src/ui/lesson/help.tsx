// SPDX-License-Identifier: GPL-2.0-only
// `?` in a lesson.

import { useEffect, useRef } from "preact/hooks";

const KEYS: [string, string][] = [
	["1 … 6", "predict"],
	["Enter", "do it; go on"],
	["← →", "back and on through what happened: before, each kernel step, after"],
	["Home End", "the picture before, after"],
	["b", "flip between before and after"],
	["r", "again, from the beginning"],
	["l", "the list of lessons"],
	["/", "search the list"],
	["p", "present: large"],
	["d", "light or dark"],
	["+ −", "zoom the picture"],
	["?", "these keys"],
];

export function LessonHelp({ onClose }: { onClose: () => void }) {
	const ref = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		ref.current!.showModal();
	}, []);
	return (
		<dialog class="help" ref={ref} onClose={onClose} aria-label="Help" onClick={(e) => e.target === ref.current && ref.current!.close()}>
			<h2>Keys</h2>
			<dl>{KEYS.map(([k, v]) => <div key={k}><dt><kbd>{k}</kbd></dt><dd>{v}</dd></div>)}</dl>
			<p>A row is one nsproxy, a rail one namespace: a labelled pill where it is first used, a dot in each row that shares it.</p>
			<button type="button" onClick={() => ref.current!.close()}>Close</button>
		</dialog>
	);
}
