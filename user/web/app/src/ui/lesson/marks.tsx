// SPDX-License-Identifier: GPL-2.0-only
// Drawn over the picture: what this turn has made, moved and ended.

import type { Rails } from "../../layout/rails";
import { SIZE, trackX, type Grid } from "../../view-model/grid";
import { markPlaces, type ChangeMark, type MarkPlace } from "../../view-model/lesson";
import { Tag } from "../rails";

function Mark({ m, grid }: { m: MarkPlace; grid: Grid }) {
	const y = grid.y[m.line]!;
	if (grid.folded[m.line]) return null;
	if (m.what === "ns") {
		const x = trackX(grid.lanes[m.lane!]!, m.track), w = m.label ? SIZE.pill : 16;
		return (
			<g class={`change ${m.tag.toLowerCase()}`}>
				<rect x={x - w / 2 - 3} y={y - 14} width={w + 6} height={28} rx={14} />
				<Tag x={x} y={y} text={m.tag} />
			</g>
		);
	}
	if (m.what === "nsproxy")
		return <g class={`change ${m.tag.toLowerCase()}`}><Tag x={grid.box + SIZE.box / 2 - 6} y={y - 2} text={m.tag} /></g>;
	return (
		<g class={`change ${m.tag.toLowerCase()}`}>
			<rect x={SIZE.margin - 3} y={y - 15} width={SIZE.tasks + 6} height={30} rx={15} />
			<Tag x={SIZE.margin + SIZE.tasks / 2 + 4} y={y} text={m.tag} />
		</g>
	);
}

export function ChangeMarks({ rails, grid, marks }: { rails: Rails; grid: Grid; marks: readonly ChangeMark[] }) {
	return <g class="changed">{markPlaces(rails, marks).map((m, i) => <Mark key={i} m={m} grid={grid} />)}</g>;
}
