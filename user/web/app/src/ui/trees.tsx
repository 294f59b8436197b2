// SPDX-License-Identifier: GPL-2.0-only
// The strip under the grid: who owns what, the pid namespaces, what keeps one.

import { useEffect, useState } from "preact/hooks";
import type { Ns, State } from "../model/state";
import { keepersOf, pidTree, userTree } from "../view-model/trees";
import { nsLabel, nsName, plural, safe } from "../view-model/text";
import { fetchWhy, type Why } from "./source";

const MOST = 60, OWNED = 14;

function Pill({ ns, picked, onSelect }: { ns: Ns; picked: boolean; onSelect: (id: number) => void }) {
	return (
		<button type="button" class={`pill ${ns.type}${picked ? " picked" : ""}`} title={nsName(ns)} aria-pressed={picked} onClick={() => onSelect(ns.id)}>
			{nsLabel(ns)}
		</button>
	);
}

interface Props {
	state: State;
	selected: number | null;
	onSelect: (id: number) => void;
}

export function Trees({ state, selected, onSelect }: Props) {
	const users = userTree(state), pids = pidTree(state);
	return (
		<section class="trees" aria-label="Trees" tabIndex={0}>
			<div>
				<h2>user tree, and what each owns</h2>
				<ul>
					{users.slice(0, MOST).map((r) => (
						<li key={r.ns.id} class={`d${Math.min(8, r.depth)}`}>
							{r.depth > 0 && <span class="twig">└</span>}
							<Pill ns={r.ns} picked={selected === r.ns.id} onSelect={onSelect} />
							{r.ns.initial ? <span class="soft">owns {plural(r.count, "namespace")}</span>
								: r.owned.slice(0, OWNED).map((ns) => (
									<button key={ns.id} type="button" class={`owned${selected === ns.id ? " picked" : ""}`} title={nsName(ns)} onClick={() => onSelect(ns.id)}>
										<span class={`dot ${ns.type}`} />{ns.type} {nsLabel(ns)}
									</button>
								))}
							{!r.ns.initial && r.owned.length > OWNED && <span class="soft">and {r.owned.length - OWNED} more</span>}
							{!r.ns.initial && !r.owned.length && <span class="soft">owns none</span>}
						</li>
					))}
				</ul>
				{users.length > MOST && <p class="soft">and {users.length - MOST} more user namespaces</p>}
			</div>
			<div>
				<h2>pid tree</h2>
				<ul>
					{pids.slice(0, MOST).map((r) => (
						<li key={r.ns.id} class={`d${Math.min(8, r.depth)}`}>
							{r.depth > 0 && <span class="twig">└</span>}
							<Pill ns={r.ns} picked={selected === r.ns.id} onSelect={onSelect} />
							<span class="soft">level {r.ns.level ?? r.depth}</span>
						</li>
					))}
				</ul>
				{pids.length > MOST && <p class="soft">and {pids.length - MOST} more</p>}
			</div>
		</section>
	);
}

export function Keepers({ state, ns, onClose }: { state: State; ns: Ns; onClose: () => void }) {
	const [why, setWhy] = useState<Why | null>(null);
	useEffect(() => {
		let here = true;
		setWhy(null);
		void fetchWhy(ns.id).then((w) => here && setWhy(w));
		return () => {
			here = false;
		};
	}, [ns.id]);
	const keepers = keepersOf(state, ns);
	const owner = ns.owner === null ? undefined : state.namespaces.get(ns.owner);
	return (
		<section class="keepers" aria-label="Keepers of a namespace">
			<header>
				<h2><span class={`dot ${ns.type}`} /> {nsName(ns)}{ns.initial ? " (initial)" : ""}</h2>
				<button type="button" onClick={onClose} aria-label="Close">×</button>
			</header>
			<p class="soft">{owner ? `Owned by ${nsName(owner)}${owner.initial ? " (host)" : ""}. ` : ""}{ns.refs === null ? "" : `${plural(ns.refs, "reference")} when the kernel was last read.`}</p>
			{why?.verdict && <p>{safe(why.verdict, 1000)}</p>}
			<h3>What keeps it</h3>
			<ul>
				{keepers.map((k, i) => <li key={i}><b>{k.what}</b> {k.detail}</li>)}
				{!keepers.length && <li>Nothing in this picture: what holds it (a descriptor, a mount, a socket) was not read.</li>}
			</ul>
		</section>
	);
}
