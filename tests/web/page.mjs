// SPDX-License-Identifier: GPL-2.0-only
// The page's pure parts under node's test runner: TypeScript is bundled first.
//
//   node tests/web/page.mjs

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const app = join(here, "../../user/web/app");
if (!existsSync(join(app, "node_modules/esbuild"))) {
	console.log("skip page: esbuild is not there (npm ci in user/web/app; `make` does it)");
	process.exit(77);
}
const { buildSync } = createRequire(join(app, "package.json"))("esbuild");
const out = join(here, "../../build/web/tests");
const entryPoints = readdirSync(join(here, "page")).filter((f) => f.endsWith(".test.ts")).map((f) => join(here, "page", f));
buildSync({ entryPoints, outdir: out, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" });
const files = entryPoints.map((f) => join(out, `${f.split("/").pop().replace(/\.ts$/, "")}.mjs`));
const run = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...files], { encoding: "utf8", maxBuffer: 1 << 26 });
const number = (word) => Number(new RegExp(`^# ${word} (\\d+)`, "m").exec(run.stdout)?.[1] ?? 0);
process.stdout.write(run.stdout.replace(/^ +/gm, (s) => s));
process.stderr.write(run.stderr);
console.log(`${number("pass")} passed, ${number("fail")} failed, ${number("skipped")} skipped`);
process.exit(run.status ?? 1);
