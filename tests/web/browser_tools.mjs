// SPDX-License-Identifier: GPL-2.0-only
// What the browser tests share: opening a page and noticing what goes wrong in it.

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

export async function axeFaults(page, axe) {
	await page.evaluate(axe);
	return page.evaluate(async () => {
		const result = await window.axe.run(document, { resultTypes: ["violations"] });
		return result.violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].target.join(" ")} ${v.nodes[0].any[0]?.message ?? v.nodes[0].failureSummary ?? ""}`);
	});
}
