// SPDX-License-Identifier: GPL-2.0-only
// `?` in a lesson.

import { KeyHelp } from "../help";

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
	return (
		<KeyHelp keys={KEYS} onClose={onClose}>
			<p>A row is one nsproxy, a rail one namespace: a labelled pill where it is first used, a dot in each row that shares it.</p>
		</KeyHelp>
	);
}
