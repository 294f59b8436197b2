// SPDX-License-Identifier: GPL-2.0-only
// What the browser tests share: Chromium, verdicts, opening a page and noticing what goes wrong
// in it.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const pageFile = process.env.NSLENS_PAGE ?? join(here, "../../build/web/page.html");
const require = createRequire(join(here, "package.json"));

/* Debian's Chromium. Without it, or without the page, the suite is skipped. */
export async function startBrowser(suite) {
	const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((f) => existsSync(f));
	const missing = [
		[existsSync(pageFile), "the page is not built (make)"],
		[existsSync(join(here, "node_modules/playwright-core")), "playwright-core is not there (npm ci in tests/web)"],
		[chromium, "no chromium (make deps)"],
	].find(([there]) => !there);
	if (missing) {
		console.log(`skip ${suite}: ${missing[1]}`);
		process.exit(77);
	}
	return require("playwright-core").chromium.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
}

export function assert(condition, what) {
	if (!condition) throw new Error(what);
}

/* `check` runs a function and says what came of it: what it returns is a note, what it throws the fault. */
export function verdicts(prefix = "", only = "") {
	let failed = 0;
	return {
		async check(name, run) {
			if (only && !name.includes(only)) return;
			try {
				const note = await run();
				console.log(`ok ${prefix}${name}${note ? ` # ${note}` : ""}`);
			} catch (e) {
				failed++;
				console.log(`FAIL ${prefix}${name}: ${String(e.message ?? e).split("\n").slice(0, 12).join(" | ")}`);
			}
		},
		async end(browser) {
			await browser.close();
			process.exit(failed ? 1 : 0);
		},
	};
}

/* `faults`: errors, and what the page's policy refused. Nothing may be asked for elsewhere. */
export async function openPage(browser, url, o) {
	const context = await browser.newContext({
		viewport: { width: o.width, height: o.height }, colorScheme: o.scheme ?? "light", reducedMotion: o.motion ?? "no-preference", acceptDownloads: true,
	});
	const page = await context.newPage();
	const faults = [];
	page.on("pageerror", (e) => faults.push(`error: ${e.message}`));
	page.on("console", (m) => ["error", "warning"].includes(m.type()) && faults.push(`console: ${m.text()}`));
	page.on("request", (r) => !/^(file|blob|data):/.test(r.url()) && !(o.origin && r.url().startsWith(o.origin)) && faults.push(`asks for ${r.url()}`));
	await page.addInitScript(() => {
		addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
	});
	/* the processor time of the page's own thread: a busy machine does not count */
	const cdp = o.cpu ? await context.newCDPSession(page) : null;
	await cdp?.send("Performance.enable", { timeDomain: "threadTicks" });
	await page.goto(url);
	await page.waitForSelector(o.wait ?? "svg.rails .ns");
	const settle = () => page.evaluate(() => new Promise((go) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(go)), 60)));
	const spent = async () => (cdp ? 1000 * (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration").value : 0);
	const cpu = await spent();
	await settle();
	return { cpu, spent, page, faults, settle, close: () => context.close() };
}

/*
 * How long this machine takes just now for a piece of work that is always the same and of the kind that
 * a page does: scripts, elements, their layout. Milliseconds of the thread, beside which others' are read.
 */
export async function pace(browser) {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	const page = await context.newPage();
	const cdp = await context.newCDPSession(page);
	await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
	const spent = async () => 1000 * (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration").value;
	const began = await spent();
	await page.evaluate(() => {
		const known = new Map(), svg = document.body.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
		for (let i = 0; i < 300_000; i++) known.set(`${i * 7919 % 100_003}`, [i, `${i}`]);
		for (let i = 0; i < 4000; i++) {
			const text = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "text"));
			text.textContent = `namespace ${i} of ${known.size}`;
			text.setAttribute("y", `${i}`);
		}
		return svg.getBBox().height;
	});
	const took = (await spent()) - began;
	await context.close();
	return took;
}

/* Texts of the drawing that lie on each other or leave their shape. */
export async function labelFaults(page) {
	return page.evaluate(() => {
		const faults = [];
		const view = document.querySelector(".graph").getBoundingClientRect();
		const texts = [...document.querySelectorAll("svg.rails .body text")].map((el) => ({ el, box: el.getBoundingClientRect(), what: el.textContent }))
			.filter((t) => t.box.bottom > view.top && t.box.top < view.bottom && t.box.width > 0);
		const covered = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3.5;
		for (let i = 0; i < texts.length; i++)
			for (let k = i + 1; k < texts.length; k++)
				if (covered(texts[i].box, texts[k].box)) faults.push(`"${texts[i].what}" lies on "${texts[k].what}"`);
		for (const { el, box, what } of texts) {
			const shape = el.parentElement.querySelector(":scope > rect, :scope > path")?.getBoundingClientRect();
			if (!shape || !el.closest(".ns,.task,.proxy,.hole,.tag") || el.classList.contains("pending")) continue;
			if (box.left < shape.left - 1 || box.right > shape.right + 1) faults.push(`"${what}" leaves its shape by ${Math.max(shape.left - box.left, box.right - shape.right).toFixed(1)}`);
		}
		for (const el of document.querySelectorAll(".step .fn,.stepbar button,.top button,.item.current .what")) if (el.scrollWidth > el.clientWidth + 1) faults.push(`"${el.textContent}" is cut off`);
		if (document.documentElement.scrollWidth > innerWidth + 1) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
		return faults;
	});
}

/*
 * Texts of the whole page that lie on each other, or of which a part cannot be seen: cut off
 * by what is around them without a sign of it (an ellipsis, a scroll bar).
 */
export async function textFaults(page) {
	return page.evaluate(() => {
		const faults = [], seen = [];
		const clips = (v) => v === "hidden" || v === "clip";
		/* what is left of a box by everything that scrolls or clips around it */
		const visible = (el, box) => {
			let { left, right, top, bottom } = box;
			for (let e = el; e && e !== document.body; e = e.parentElement) {
				const s = getComputedStyle(e);
				if (s.visibility === "hidden" || s.display === "none") return null;
				if (s.overflowX === "visible" && s.overflowY === "visible") continue;
				const b = e.getBoundingClientRect();
				left = Math.max(left, b.left), right = Math.min(right, b.right), top = Math.max(top, b.top), bottom = Math.min(bottom, b.bottom);
			}
			left = Math.max(left, 0), right = Math.min(right, innerWidth);
			return right - left > 1 && bottom - top > 1 ? { left, right, top, bottom } : null;
		};
		const layer = (el) => el.closest("thead,svg.heads,.stepbar,header.top,dialog") ?? null;
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let n = walker.nextNode(); n; n = walker.nextNode()) {
			const el = n.parentElement, what = n.data.trim().slice(0, 40);
			if (!what || el.closest("script,style,noscript,title,.offscreen,option") || el.closest("label") && el.closest(".search")) continue;
			const range = document.createRange();
			range.selectNodeContents(n);
			for (const box of range.getClientRects()) {
				const left = visible(el, box);
				if (!left) continue;
				seen.push({ n, what, box: left, layer: layer(el) });
				const style = getComputedStyle(el);
				if (box.right - left.right > 1.5 && !wayOut(el, "x") && !ellipsis(el, style)) faults.push(`"${what}" is cut off at the right`);
				if (left.left - box.left > 1.5 && !wayOut(el, "x") && !ellipsis(el, style)) faults.push(`"${what}" is cut off at the left`);
			}
		}
		/* it can be scrolled to, or says that there is more */
		function wayOut(el, axis) {
			for (let e = el; e && e !== document.body; e = e.parentElement) {
				const s = getComputedStyle(e);
				const over = axis === "x" ? s.overflowX : s.overflowY;
				if (over === "auto" || over === "scroll") return true;
				if (clips(over) && e.tagName !== "svg") return false;
			}
			return document.scrollingElement.scrollWidth > innerWidth;
		}
		function ellipsis(el) {
			for (let e = el; e && e !== document.body; e = e.parentElement) if (getComputedStyle(e).textOverflow === "ellipsis") return true;
			return false;
		}
		const covered = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4.5;
		seen.sort((a, b) => a.box.top - b.box.top);
		for (let i = 0; i < seen.length; i++)
			for (let k = i + 1; k < seen.length && seen[k].box.top < seen[i].box.bottom; k++)
				/* what scrolls may pass below a head that stays */
				if (seen[i].n !== seen[k].n && seen[i].layer === seen[k].layer && covered(seen[i].box, seen[k].box)) faults.push(`"${seen[i].what}" lies on "${seen[k].what}"`);
		return [...new Set(faults)];
	});
}

export async function axeFaults(page) {
	await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
	return page.evaluate(async () => {
		const result = await window.axe.run(document, { resultTypes: ["violations"] });
		return result.violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].target.join(" ")} ${v.nodes[0].any[0]?.message ?? v.nodes[0].failureSummary ?? ""}`);
	});
}
