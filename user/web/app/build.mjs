// SPDX-License-Identifier: GPL-2.0-only
// Makes the page: one HTML file, its style and script inline, nothing else asked for.
//
//   node build.mjs [OUT]      default: build/web/page.html at the top of the repository

import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../../../build/web/page.html"));

async function bundle(entry, loader) {
	const result = await build({
		entryPoints: [join(here, entry)],
		absWorkingDir: here,
		bundle: true,
		minify: true,
		write: false,
		format: "iife",
		target: ["chrome120", "firefox121", "safari17"],
		jsx: "automatic",
		jsxImportSource: "preact",
		charset: "utf8",
		legalComments: "none",
		logLevel: "warning",
		loader,
	});
	return result.outputFiles[0].text.trim();
}

// A text that ends the element it stands in would end it for good.
function inline(text, element) {
	if (new RegExp(`</${element}`, "i").test(text)) throw new Error(`</${element} in what is put inline`);
	return text;
}

const style = inline(`${await bundle("src/ui/rails.css")}${await bundle("src/ui/page.css")}${await bundle("src/ui/compare.css")}${await bundle("src/ui/lesson/lesson.css")}`, "style");
const script = inline(await bundle("src/ui/main.tsx"), "script");
const page = (await readFile(join(here, "page.html"), "utf8"))
	.replace("/*style*/", () => style)
	.replace("/*script*/", () => script);

// The program puts data before it: it must be the only one.
if (page.split("</body>").length !== 2) throw new Error("</body> stands in the page more than once");
await mkdir(dirname(out), { recursive: true });
await writeFile(out, page);
console.log(`${out}: ${page.length} bytes`);
