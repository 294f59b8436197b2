// SPDX-License-Identifier: GPL-2.0-only
/* The log of frames: where a viewer begins, and that its memory is bounded. */
#include <string.h>

#include "../../user/web/calls.h"
#include "../../user/web/log.h"
#include "unit.h"

static void add(struct web_log *log, enum web_line kind, const char *json)
{
	web_log_add(log, kind, json, strlen(json));
}

static void test_frames_are_numbered(void)
{
	struct web_log log;

	web_log_init(&log, 1 << 20);
	CHECK(!web_log_begin(&log, false) && web_log_end(&log) == 1);
	add(&log, WEB_LINE_START, "{start}");
	add(&log, WEB_LINE_TEXTS, "{texts}");
	CHECK_STR(log.start, "{start}");
	CHECK_STR(log.texts, "{texts}");
	CHECK(web_log_end(&log) == 1);
	add(&log, WEB_LINE_EVENT, "{a}");
	add(&log, WEB_LINE_GRAPH, "{g}");
	add(&log, WEB_LINE_EVENT, "{b}");
	add(&log, WEB_LINE_GRAPH, "{h}");
	CHECK_NUM(web_log_end(&log), 5);
	CHECK_NUM(web_log_begin(&log, false), 2);
	CHECK_NUM(web_log_begin(&log, true), 4);
	CHECK(!strncmp(web_log_frame(&log, 3)->text, "id: 3\ndata: {b}\n\n", 17));
	CHECK(web_log_frame(&log, 3)->len == 17);
	CHECK(!web_log_frame(&log, 0) && !web_log_frame(&log, 5));
	web_log_free(&log);
}

static void test_memory_is_bounded(void)
{
	static char big[1000];
	struct web_log log;

	memset(big, 'x', sizeof(big) - 1);
	web_log_init(&log, 10000);
	for (int i = 1; i <= 5000; i++) {
		add(&log, i % 5 == 1 ? WEB_LINE_GRAPH : WEB_LINE_EVENT, big);
		CHECK(log.bytes <= 10000 + sizeof(big) + 100);
		/* whoever comes can begin */
		CHECK(web_log_frame(&log, web_log_begin(&log, false)));
		CHECK(web_log_frame(&log, web_log_begin(&log, true))->kind == WEB_LINE_GRAPH);
	}
	CHECK(log.first > 4900 && log.full);
	/* without a new keyframe the last one stays, and one is asked for */
	for (int i = 0; i < 20; i++)
		add(&log, WEB_LINE_EVENT, big);
	CHECK(log.wants_keyframe && web_log_frame(&log, log.keyframe));
	add(&log, WEB_LINE_GRAPH, "{}");
	CHECK(log.bytes <= 10000 && !log.wants_keyframe);
	web_log_free(&log);
}

static void test_calls_are_kept_and_found(void)
{
	const struct nsm_step steps[3] = {{.fn = NSL_FN_copy_mnt_ns}, {.fn = NSL_FN_copy_ipcs}};
	struct nsm_call call = {.steps = steps, .nsteps = 3, .cgroup_path = "/gone"};
	struct web_calls calls;

	web_calls_init(&calls, 1 << 20);
	for (call.number = 2; call.number <= 5000; call.number += 2)
		web_calls_add(&calls, &call);
	CHECK(calls.bytes <= 1 << 20 && calls.n > 100);
	CHECK(!web_calls_find(&calls, 2) && !web_calls_find(&calls, 99999));
	for (uint64_t n = 4800; n < 5000; n++) {
		const struct nsm_call *c = web_calls_find(&calls, n);

		CHECK(!c == (n % 2 == 1));
		CHECK(!c || (c->number == n && c->nsteps == 3 && !c->cgroup_path &&
			     c->steps[1].fn == NSL_FN_copy_ipcs));
	}
	web_calls_free(&calls);
}

int main(void)
{
	RUN(test_frames_are_numbered);
	RUN(test_memory_is_bounded);
	RUN(test_calls_are_kept_and_found);
	return unit_end();
}
