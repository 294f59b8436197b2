// SPDX-License-Identifier: GPL-2.0-only
import { render } from "preact";
import { App } from "./app";
import { LessonApp } from "./lesson/app";

/* The data of a file stands behind this script. */
function begin(): void {
	const place = document.getElementById("app")!;
	place.textContent = "";
	render(place.dataset.lesson === undefined ? <App /> : <LessonApp />, place);
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
else begin();
