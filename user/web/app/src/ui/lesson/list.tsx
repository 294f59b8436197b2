// SPDX-License-Identifier: GPL-2.0-only
// The scenarios by topic and level.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Scenario } from "../../model/lesson";
import { listed } from "../../view-model/lesson";
import { plural, safe } from "../../view-model/text";

interface Props {
	scenarios: readonly Scenario[];
	may: boolean;
	searchRef: { current: HTMLInputElement | null };
	onStart: (name: string) => void;
}

const LEVELS = ["", "never seen a namespace", "knows fork and exec", "has used containers", "reads man pages", "reads kernel source"];

function Item({ s, may, onStart }: { s: Scenario; may: boolean; onStart: (name: string) => void }) {
	return (
		<li>
			<button type="button" class="scenario" disabled={!s.runs_here || !may} onClick={() => onStart(s.name)}>
				<span class="level" title={`level ${s.level} of 5: ${LEVELS[s.level] ?? ""}`}><span class="offscreen">level </span>{s.level}</span>
				<span class="what"><b>{safe(s.title, 120)}</b> <span class="name">{safe(s.name, 60)}</span></span>
				{!s.runs_here && <span class="not">not here: {safe(s.why_not, 120)}</span>}
			</button>
		</li>
	);
}

export function ScenarioList({ scenarios, may, searchRef, onStart }: Props) {
	const [query, setQuery] = useState("");
	const box = useRef<HTMLDivElement>(null);
	const groups = listed(scenarios, query);
	const n = groups.reduce((sum, g) => sum + g.list.length, 0);
	/* up and down between scenarios, from the search too */
	const move = (e: KeyboardEvent) => {
		if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
		const all = [...box.current!.querySelectorAll<HTMLElement>("input,.scenario:not(:disabled)")];
		const at = all.indexOf(document.activeElement as HTMLElement);
		const next = all[Math.max(0, Math.min(all.length - 1, at + (e.key === "ArrowDown" ? 1 : -1)))];
		next?.focus();
		e.preventDefault();
	};
	useEffect(() => {
		searchRef.current?.focus();
	}, []);
	return (
		<div class="scenarios" ref={box} onKeyDown={move}>
			<div class="intro">
				<h2>Which lesson?</h2>
				<p>Each does something real on this machine, in throw-away namespaces: you predict, then you see what the kernel did. The number is the level, from 1 ({LEVELS[1]}) to 5 ({LEVELS[5]}).</p>
				<div class="search">
					<label for="find">Search</label>
					<input id="find" type="search" ref={searchRef} value={query} autocomplete="off" spellcheck={false} placeholder="pid, setns, “level 1”, keeps …"
						onInput={(e) => setQuery(e.currentTarget.value)}
						onKeyDown={(e) => {
							if (e.key === "Enter") box.current!.querySelector<HTMLButtonElement>(".scenario:not(:disabled)")?.click();
						}} />
					<output>{plural(n, "lesson")}</output>
				</div>
			</div>
			<div class="topics">
				{groups.map((g) => (
					<section key={g.topic}>
						<h3>{safe(g.topic, 60)}</h3>
						<ul>{g.list.map((s) => <Item key={s.name} s={s} may={may} onStart={onStart} />)}</ul>
					</section>
				))}
				{!n && <p class="none">No lesson is like this.</p>}
			</div>
		</div>
	);
}
