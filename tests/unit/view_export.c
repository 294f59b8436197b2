// SPDX-License-Identifier: GPL-2.0-only
/* Calls as other tools read them: spans that nest, lines that hold whatever a name is. */
#include <inttypes.h>

#include "../../user/view/export.h"
#include "../../user/view/protobuf.h"
#include "../../user/view/spans.h"
#include "unit.h"
#include "view_calls.h"

static const struct nsv_start start = {.version = "0.1.0",
				       .release = "6.12.0",
				       .boot_id = "boot",
				       .mono_ns = START_NS,
				       .wall_ns = 1700000000000000000,
				       .kernel = 6012,
				       .steps = true};

/* A format's text of one call (or none), a namespace, a loss. The caller frees it. */
static char *text_of(enum nsv_format format, const struct nsm_call *call, size_t *size)
{
	static const uint64_t counts[NSL_TYPES] = {1, 2, 3};
	struct nsm_counts all = {.events = 7};
	struct nsv_end end = {.counts = &all};
	struct nsm_lost lost = {.ts = AT(30000), .count = 5, .hook = NSL_HOOK_STEP};
	char *text = NULL;
	FILE *out = open_memstream(&text, size);
	struct nsv_export *x = nsv_export_new(out, format, &start);
	struct nsm_sink sink = nsv_export_sink(x);

	if (call) {
		struct nsm_task_event task = {.ts = call->ts, .pid = 77, .tid = 77};

		memcpy(task.comm, call->comm, sizeof(task.comm));
		sink.task(sink.ctx, &task);
		sink.call(sink.ctx, call);
	}
	nsv_export_namespaces(x, AT(30000), counts);
	sink.lost(sink.ctx, &lost);
	CHECK_NUM(nsv_export_end(x, &end), 0);
	nsv_export_free(x);
	fclose(out);
	return text;
}

static void spans_nest(void)
{
	struct nsv_span spans[NSV_MAX_SPANS];
	struct nsm_step steps[200];
	uint64_t seed = 3;

	for (int round = 0; round < 2000; round++) {
		struct nsm_call call = a_call(NSL_SYS_UNSHARE, NSL_NEWUTS);
		uint64_t last = 0;
		size_t n;

		for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			steps[i] = a_step(NSL_FN_copy_utsname, (int)(seed >> 61) - 1, NSM_DONE);
			steps[i].ts = call.ts - 200000 + (seed >> 20) % 2000000;
			steps[i].duration = (int64_t)((seed >> 40) % 900000) - 1;
		}
		call.steps = steps;
		call.nsteps = (size_t)(seed >> 33) % ARRAY_LEN(steps);
		n = nsv_spans(&call, round & 1 ? call.ts + 1000 : 0, spans);
		CHECK(n >= 1 && n <= call.nsteps + 1 && n <= NSV_MAX_SPANS);
		for (size_t i = 1; i < n; i++) {
			const struct nsv_span *p = &spans[spans[i].parent];

			CHECK(spans[i].parent < i && spans[i].depth > p->depth);
			CHECK(spans[i].begin <= spans[i].end);
			CHECK(spans[i].begin >= p->begin && spans[i].end <= p->end);
			/* beside each other they do not overlap */
			for (size_t j = 1; j < i; j++)
				CHECK(spans[j].parent != spans[i].parent ||
				      spans[j].end <= spans[i].begin);
			CHECK(spans[i].begin >= last);
			last = spans[i].begin;
		}
		for (size_t i = 0, sum = 0; i < n; i++) {
			sum += nsv_span_self(spans, n, i);
			if (i == n - 1)
				CHECK_NUM(sum, spans[0].end - spans[0].begin);
		}
	}
}

static void not_before_the_last_one(void)
{
	struct nsm_call call = a_call(NSL_SYS_UNSHARE, 0);
	struct nsv_span spans[NSV_MAX_SPANS];

	CHECK_NUM(nsv_spans(&call, call.ts + 99999999, spans), 1);
	CHECK_NUM(spans[0].begin, call.ts + 99999999);
	CHECK_NUM(spans[0].end, call.ts + 99999999);
	call.duration = NSM_DURATION_UNKNOWN;
	nsv_spans(&call, 0, spans);
	CHECK_NUM(spans[0].end, call.ts);
}

static void folded_stacks(void)
{
	struct unshare_story s;
	size_t size;
	char *text;

	unshare_three(&s);
	for (size_t i = 0; i < s.call.nsteps; i++)
		if (s.steps[i].fn == NSL_FN_unshare_nsproxy_namespaces)
			s.steps[i].ts = 0; /* not measured */
	text = text_of(NSV_FOLDED, &s.call, &size);
	CHECK(strstr(text, "runc:[1:CHILD];unshare "));
	CHECK(strstr(text, "runc:[1:CHILD];unshare;create_new_namespaces"));
	free(text);
	strcpy(s.call.comm, "a;b c\n\xff\\");
	fail(&s.call, EPERM);
	s.call.nsteps = 0;
	text = text_of(NSV_FOLDED, &s.call, &size);
	CHECK_STR(text, "a\\x3bb\\x20c\\x0a\\xff\\x5c;unshare;EPERM 1240000\n");
	free(text);
}

/* Braces and brackets close, strings end, and nothing stands in them that JSON forbids. */
static bool json_closes(const char *p)
{
	char stack[64];
	size_t depth = 0;
	bool quoted = false;

	for (; *p; p++) {
		if (quoted && *p == '\\') {
			p++;
		} else if (*p == '"') {
			quoted = !quoted;
		} else if (quoted) {
			if ((unsigned char)*p < 0x20)
				return false;
		} else if (*p == '{' || *p == '[') {
			stack[depth++] = *p == '{' ? '}' : ']';
			if (depth == sizeof(stack))
				return false;
		} else if ((*p == '}' || *p == ']') && (!depth || stack[--depth] != *p)) {
			return false;
		}
	}
	return !depth && !quoted;
}

static void chrome_is_json(void)
{
	static const char *const names[] = {"plain",	"\",\"pid\":1", "\x1b[2J\n",
					    "\xff\xfe", "</script>",	"\\"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct unshare_story s;
		size_t size;
		char *text;

		unshare_three(&s);
		strcpy(s.call.comm, names[i]);
		text = text_of(NSV_CHROME, &s.call, &size);
		CHECK(json_closes(text));
		CHECK(strstr(text, "\"name\":\"unshare\"") && strstr(text, "\"dur\":1240.000"));
		CHECK(!strstr(text, "</script>"));
		free(text);
	}
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* A process is called as its leader is, whichever of its threads is told of. */
static void threads_do_not_name_processes(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct nsv_export *x = nsv_export_new(out, NSV_CHROME, &start);
	struct nsm_sink sink = nsv_export_sink(x);
	struct nsm_task_event leader = {.ts = AT(0), .pid = 500, .tid = 500, .comm = "leader"};
	struct nsm_task_event thread = {.ts = AT(10), .pid = 500, .comm = "thread"};
	struct nsm_counts all = {0};

	sink.task(sink.ctx, &leader);
	for (thread.tid = 501; thread.tid < 504; thread.tid++)
		sink.task(sink.ctx, &thread);
	/* of this process a thread is seen first */
	thread.pid = 600;
	thread.tid = 601;
	sink.task(sink.ctx, &thread);
	leader.pid = leader.tid = 600;
	leader.event = NSL_TASK_EXEC;
	sink.task(sink.ctx, &leader);
	CHECK_NUM(nsv_export_end(x, &(struct nsv_end){.counts = &all}), 0);
	nsv_export_free(x);
	fclose(out);
	CHECK(json_closes(text));
	CHECK_NUM(times(text, "\"process_name\",\"pid\":500,"), 1);
	CHECK(strstr(text, "\"process_name\",\"pid\":500,\"tid\":500,\"args\":{\"name\":\"leader"));
	CHECK_NUM(times(text, "\"process_name\",\"pid\":600,"), 2);
	free(text);
}

static void nothing_is_whole_too(void)
{
	size_t size;
	char *text = text_of(NSV_CHROME, NULL, &size);

	CHECK(json_closes(text));
	free(text);
	text = text_of(NSV_FOLDED, NULL, &size);
	CHECK_STR(text, "");
	free(text);
}

static uint64_t varint(const unsigned char **p, const unsigned char *end)
{
	uint64_t n = 0;

	for (int shift = 0; *p < end && shift < 64; shift += 7) {
		n |= (uint64_t)(**p & 0x7f) << shift;
		if (!(*(*p)++ & 0x80))
			break;
	}
	return n;
}

/* Fields follow each other to the very end; messages inside, too. */
static bool fields_close(const unsigned char *p, const unsigned char *end, int levels)
{
	while (p < end) {
		uint64_t key = varint(&p, end), length;

		if (!(key >> 3))
			return false;
		switch (key & 7) {
		case 0:
			varint(&p, end);
			break;
		case 1:
			p += 8;
			break;
		case 2:
			length = varint(&p, end);
			if (length > (uint64_t)(end - p))
				return false;
			if (levels && !fields_close(p, p + length, levels - 1))
				return false;
			p += length;
			break;
		default:
			return false;
		}
		if (p > end)
			return false;
	}
	return p == end;
}

static void perfetto_is_protobuf(void)
{
	struct unshare_story s;
	size_t size;
	char *text;

	unshare_three(&s);
	strcpy(s.call.comm, "\xff\x1b[2Jx");
	text = text_of(NSV_PERFETTO, &s.call, &size);
	CHECK(size > 500);
	CHECK(fields_close((unsigned char *)text, (unsigned char *)text + size, 2));
	CHECK(memmem(text, size, "create_new_namespaces", 21));
	/* protobuf's strings are UTF-8 */
	CHECK(!memchr(text, '\x1b', size) || !memmem(text, size, "\x1b[2J", 4));
	free(text);
}

static void lengths_are_patched(void)
{
	struct nsv_buf b = {0};
	size_t m;
	static const char want[] = "\x0a\x85\x80\x80\x00\x12\x03"
				   "abc\x18\x96\x01";

	m = nsv_pb_open(&b, 1);
	nsv_pb_str(&b, 2, "abc");
	nsv_pb_close(&b, m);
	nsv_pb_u64(&b, 3, 150);
	CHECK_NUM(b.len, sizeof(want) - 1);
	CHECK(b.len == sizeof(want) - 1 && !memcmp(b.data, want, b.len));
	free(b.data);
}

static void metrics_add_up(void)
{
	struct unshare_story s;
	size_t size;
	char *text;

	unshare_three(&s);
	text = text_of(NSV_PROMETHEUS, &s.call, &size);
	CHECK(strstr(text, "\nnslens_calls_total{syscall=\"unshare\"} 1\n"));
	CHECK(strstr(text, "\nnslens_namespaces{type=\"uts\"} 2\n"));
	CHECK(strstr(text, "\nnslens_events_lost_total{hook=\"step\"} 5\n"));
	CHECK(strstr(text, "_bucket{syscall=\"unshare\",le=\"0.001\"} 0\n"));
	CHECK(strstr(text, "_bucket{syscall=\"unshare\",le=\"0.003\"} 1\n"));
	CHECK(strstr(text, "_bucket{syscall=\"unshare\",le=\"+Inf\"} 1\n"));
	CHECK(strstr(text, "_sum{syscall=\"unshare\"} 0.001240000\n"));
	CHECK(strstr(text, "_duration_seconds_count{function=\"copy_mnt_ns\"} 1\n"));
	free(text);
	fail(&s.call, EPERM);
	text = text_of(NSV_PROMETHEUS, &s.call, &size);
	CHECK(strstr(text, "nslens_call_failures_total{syscall=\"unshare\",errno=\"EPERM\"} 1\n"));
	free(text);
}

int main(void)
{
	RUN(spans_nest);
	RUN(not_before_the_last_one);
	RUN(folded_stacks);
	RUN(chrome_is_json);
	RUN(threads_do_not_name_processes);
	RUN(nothing_is_whole_too);
	RUN(perfetto_is_protobuf);
	RUN(lengths_are_patched);
	RUN(metrics_add_up);
	return unit_end();
}
