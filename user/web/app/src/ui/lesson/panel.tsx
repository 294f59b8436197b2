// SPDX-License-Identifier: GPL-2.0-only
// What is asked, what was predicted, what came of it.

import type { ComponentChildren } from "preact";
import type { Deed, Lesson, ResultLine, Turn } from "../../model/lesson";
import type { Changes } from "../../view-model/lesson";
import { plural, safe } from "../../view-model/text";

const words = (text: string | null | undefined) => safe((text ?? "").replace(/\s*\n\s*/g, " ").trim(), 4000);

/* A long list of flags breaks behind a bar. */
function Do({ text }: { text: string }) {
	return <code>{safe(text, 300).split(/(?<=\|)/).map((part, i) => <span key={i}>{i > 0 && <wbr />}{part}</span>)}</code>;
}

export function Progress({ lesson }: { lesson: Lesson }) {
	const of = lesson.lesson!.steps, number = lesson.turns.at(-1)?.deeds[0]!.step.number ?? 0;
	const { right, asked, answered } = lesson.score();
	return (
		<div class="progress">
			<progress max={of} value={lesson.phase === "end" ? of : Math.max(0, number - 1)} aria-label="How far" />
			<p><span>{lesson.phase === "end" ? "The end" : `Step ${number} of ${of}`}</span>{answered > 0 && <span class="soft">{right} of {plural(asked, "prediction")} right</span>}</p>
		</div>
	);
}

export function Intro({ lesson }: { lesson: Lesson }) {
	const l = lesson.lesson!;
	const actors = l.actors.map((a) => `${safe(a.name, 30)} (${a.thread_of ? `a thread of ${safe(a.thread_of, 30)}` : "a process"}, ${a.tid}${a.unprivileged ? ", an unprivileged user" : ""})`);
	return (
		<div class="intro">
			<p>{words(l.teaches)}</p>
			<p class="soft">The actors are real tasks in throw-away namespaces ({l.stage.map((s) => safe(s, 10)).join(", ")}); the machine's own are not touched: {actors.join(", ")}.</p>
			{l.seen === "tracepoints" && <p class="note">This machine permits tracepoints only: the kernel's single steps, and the destruction of namespaces, cannot be observed here. What is said about them comes from the kernel's source. (nslens doctor)</p>}
			{l.seen === "nothing" && <p class="note">Nothing of the kernel can be seen here, only what the actors get: {words(l.blind)}</p>}
		</div>
	);
}

interface Ask {
	turn: Turn;
	chosen: number;
	may: boolean;
	onChoose: (n: number) => void;
}

export function Question({ turn, chosen, may, onChoose }: Ask) {
	const { step } = turn.deeds[0]!;
	return (
		<section class="question" aria-label="Question">
			<p class="do"><Do text={step.do} /></p>
			{step.tell && <p>{words(step.tell)}</p>}
			{step.choices.length > 0 ? (
				<fieldset>
					<legend>{words(step.ask)}</legend>
					{step.choices.map((c, i) => (
						<label key={i} class={chosen === i + 1 ? "chosen" : ""}>
							<input type="radio" name="choice" checked={chosen === i + 1} disabled={!may} onChange={() => onChoose(i + 1)} />
							<kbd>{i + 1}</kbd> <span>{words(c)}</span>
						</label>
					))}
				</fieldset>
			) : (
				step.ask && <p class="ask">{words(step.ask)}</p>
			)}
		</section>
	);
}

function Verdict({ deed }: { deed: Deed }) {
	const r = deed.result!, { step } = deed;
	if (!step.ask) return null;
	const mine = r.choice === null ? null : step.choices[r.choice - 1];
	const kind = r.right === null || r.choice === null ? "told" : r.choice === r.right ? "hit" : "miss";
	return (
		<div class={`verdict ${kind}`}>
			<p class="ask">{words(step.ask)}</p>
			<p class="answer"><b>{kind === "hit" ? "✓ Right: " : kind === "miss" ? "✗ No: " : "Answer: "}</b>{words(r.answer)}</p>
			{kind === "miss" && mine !== undefined && <p class="soft mine">Predicted: {words(mine)}</p>}
			{r.why && <p class="why">{words(r.why)}</p>}
		</div>
	);
}

/* What was not as the file says, and what cannot be seen here. */
function Findings({ result }: { result: ResultLine }) {
	return (
		<>
			{result.differences.length > 0 && (
				<div class="failure">
					<p><b>This is not what the file says.</b>{result.gap ? " Events were lost meanwhile." : ""}</p>
					{result.differences.map((d, i) => <p key={i}>{safe(d.key, 30)}: expected {safe(d.expected, 400)}, but {safe(d.really, 600)}</p>)}
				</div>
			)}
			{result.not_observable.length > 0 && <p class="note unseen">Not observable here: {result.not_observable.map((k) => safe(k, 20)).join(", ")}.</p>}
		</>
	);
}

function DeedText({ deed, first }: { deed: Deed; first: boolean }) {
	const r = deed.result;
	return (
		<li>
			<p class="do">{!first && <span class="soft">and then </span>}<Do text={deed.step.do} /></p>
			{r && r.outcome !== "done" && <p class="failure">It was not done: {words(r.text)}</p>}
			{r && r.outcome === "done" && r.told && (
				<p class={`told${r.errno ? " bad" : ""}`}>{words(r.told)}{r.text && (r.told.endsWith(":") || r.text.length > 0) && !r.errno ? <> <samp>{safe(r.text.trimEnd().replace(/\n/g, " ⏎ "), 1000)}</samp></> : null}</p>
			)}
			{r && r.destroyed.length > 0 && <p class="told">destroyed: {r.destroyed.map((m) => safe(m, 30)).join(", ")}</p>}
			{r && <Findings result={r} />}
		</li>
	);
}

export function Result({ turn }: { turn: Turn }) {
	const first = turn.deeds[0]!;
	return (
		<section class="result" aria-label="What happened">
			{first.step.tell && <p class="soft tell">{words(first.step.tell)}</p>}
			<div role="status">{first.result && <Verdict deed={first} />}</div>
			<h3>What happened</h3>
			<ol class="deeds">{turn.deeds.map((d, i) => <DeedText key={i} deed={d} first={i === 0} />)}</ol>
		</section>
	);
}

export function ChangeList({ changes }: { changes: Changes }) {
	return (
		<div class="changes">
			<h2>What changed</h2>
			{changes.words.length ? (
				<ul>{changes.words.map((w, i) => <li key={i}><span class={`tagged ${w.tag.toLowerCase()}`}>{w.tag}</span> {w.text}</li>)}</ul>
			) : (
				<p class="soft">Nothing in the picture: every task has the namespaces that it had.</p>
			)}
		</div>
	);
}

export function Summary({ lesson, children }: { lesson: Lesson; children: ComponentChildren }) {
	const s = lesson.score(), whole = lesson.summary?.whole !== false;
	const judged = lesson.turns.filter((t) => t.deeds[0]!.result?.right != null);
	return (
		<section class="summary" aria-label="Summary">
			<h2>{whole ? "That was the lesson" : "The lesson ends here"}</h2>
			{s.asked > 0 && <p class="score" role="status">{s.answered ? <><b>{s.right} of {s.asked}</b> predictions right</> : `No prediction was made for ${plural(s.asked, "question")}`}</p>}
			{judged.length > 0 && (
				<ol class="judged">
					{judged.map((t, i) => {
						const r = t.deeds[0]!.result!, mark = r.choice === null ? "–" : r.choice === r.right ? "✓" : "✗";
						return <li key={i} class={mark === "✓" ? "hit" : mark === "✗" ? "miss" : ""}><span class="mark">{mark}</span><span>{words(t.deeds[0]!.step.ask)} <b>{words(r.answer)}</b></span></li>;
					})}
				</ol>
			)}
			{s.differs > 0 && <p class="failure">{plural(s.differs, "step")} did not go as the file says.</p>}
			{lesson.summary?.after && <p class="after">{words(lesson.summary.after)}</p>}
			{children}
		</section>
	);
}
