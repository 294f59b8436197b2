// SPDX-License-Identifier: GPL-2.0-only
// `?`: keys, and what the marks mean.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

const KEYS: [string, string][] = [
	["← →", "one kernel step back, on"],
	["↑ ↓", "one system call back, on"],
	["Home End", "first, last call"],
	["/", "search calls"],
	["f", "fold rows that no call is about"],
	["t", "tidy: close the gaps of what is gone"],
	["l", "follow the live end"],
	["p", "present: large, without the list"],
	["d", "light or dark"],
	["+ −", "zoom the graph"],
	["c", "two start-ups side by side, where the file has them; and back"],
	["n N", "there: the next difference, the one before"],
	["g", "there: the call in the graph; in the graph: the same call on the other side"],
	["Esc", "close, leave the search"],
	["?", "this help"],
];

const MARKS: [string, string][] = [
	["row", "one nsproxy; its tasks at the left, its count in its shape"],
	["rail", "one namespace: a labelled pill where it is first used, a dot in each row that shares it"],
	["1234", "the last four digits of its inode number; host: the initial one"],
	["◆", "at a pill: its owner is not the host's user namespace"],
	["dashed row", "an nsproxy that is being built: nobody can see it yet"],
	["!", "takes effect at the next fork or exec (pid*, time*)"],
	["dotted line", "an nsproxy that has been freed; it keeps its place"],
];

/* The dialog of every page: its keys, and what else it has to say. */
export function KeyHelp({ keys, onClose, children }: { keys: [string, string][]; onClose: () => void; children: ComponentChildren }) {
	const ref = useRef<HTMLDialogElement>(null);
	useEffect(() => {
		ref.current!.showModal();
	}, []);
	return (
		<dialog class="help" ref={ref} onClose={onClose} aria-label="Help" onClick={(e) => e.target === ref.current && ref.current!.close()}>
			<h2>Keys</h2>
			<dl>{keys.map(([k, v]) => <div key={k}><dt><kbd>{k}</kbd></dt><dd>{v}</dd></div>)}</dl>
			{children}
			<button type="button" onClick={() => ref.current!.close()}>Close</button>
		</dialog>
	);
}

export function Help({ onClose }: { onClose: () => void }) {
	return (
		<KeyHelp keys={KEYS} onClose={onClose}>
			<h2>Marks</h2>
			<dl>{MARKS.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>
		</KeyHelp>
	);
}
