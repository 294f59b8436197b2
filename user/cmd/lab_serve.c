// SPDX-License-Identifier: GPL-2.0-only
/*
 * nslens lab serve: lessons on the page. This process plays them and listens to nobody;
 * what the page wants comes from the server's process in a fixed form (web/lesson.h), and
 * means something only at the turn for which it was meant.
 */
#include "lab_serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../explain/functions.h"
#include "../web/lesson.h"
#include "../web/lines.h"
#include "../web/page.h"
#include "cmd.h"
#include "lab.h"
#include "lab_lines.h"
#include "signals.h"

#define POLL_MS	   100
#define FLUSH_MS   2000
#define GOODBYE_MS 500
/* A page that is loaded anew is back within a moment; what it was at is kept so long. */
#define ALONE_MS 15000u

enum phase { AT_LIST, AT_QUESTION, AT_WORK, AT_RESULT, AT_END, PHASES };

static const char *const phase_names[PHASES] = {
	[AT_LIST] = "list",	[AT_QUESTION] = "question", [AT_WORK] = "work",
	[AT_RESULT] = "result", [AT_END] = "end",
};

struct class
{
	struct serve serve;
	const char *first; /* NAME of the command line, or NULL */
	char own_name[64]; /* of the scenario in that file; "": it is a built-in one */
	struct lab_session session;
	struct lab_lines *lines;
	struct lab_scenario *scenario; /* that is played, or NULL */
	enum phase phase;
	uint32_t turn;
	size_t at; /* the step that is asked about, or comes next */
	unsigned int number;
	uint64_t alone_since; /* ms; 0: somebody looks, or nobody has come yet */
	union {
		struct web_lesson_command command;
		char bytes[sizeof(struct web_lesson_command)];
	} in;
	size_t in_len;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* ---- what the pages are told ---- */

static void send_line(void *ctx, enum lab_line kind, const char *json, size_t len)
{
	static const enum web_line kinds[] = {
		[LAB_LINE_START] = WEB_LINE_START,
		[LAB_LINE_LESSON] = WEB_LINE_GRAPH,
		[LAB_LINE_MORE] = WEB_LINE_EVENT,
	};
	struct class *x = ctx;
	char *message = malloc(len + 1);

	if (!message)
		return;
	message[0] = (char)kinds[kind];
	memcpy(message + 1, json, len);
	web_channel_put(&x->serve.channel, WEB_MSG_LESSON, message, len + 1, true);
	free(message);
}

static void enter(struct class *x, enum phase phase)
{
	struct nsv_json j = lab_lines_begin(x->lines, "turn");

	x->phase = phase;
	nsv_json_u64(&j, "turn", ++x->turn);
	nsv_json_str(&j, "phase", phase_names[phase]);
	lab_lines_end(x->lines, &j, LAB_LINE_MORE);
	web_channel_flush(&x->serve.channel, FLUSH_MS);
}

static void tell_trouble(struct class *x, const char *text)
{
	struct nsv_json j = lab_lines_begin(x->lines, "trouble");

	nsv_json_str(&j, "text", text);
	lab_lines_end(x->lines, &j, LAB_LINE_MORE);
}

static void put_functions(struct nsv_json *j, unsigned int kernel)
{
	nsv_json_open(j, "functions", '{');
	for (size_t i = 0; i < nse_kfn_count; i++) {
		const struct nse_kfn *f = &nse_kfns[i];

		if (kernel && (f->since > kernel || (f->before && f->before <= kernel)))
			continue;
		nsv_json_open(j, f->name, '{');
		nsv_json_str(j, "about", nse_kfn_text(f));
		nsv_json_str(j, "file", f->file);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, '}');
}

/* Once, behind `start`: words about functions, and the list of scenarios. */
static int send_texts(struct class *x)
{
	struct nsv_buf buf = {0};
	struct nsv_json j = {.buf = &buf};
	size_t n = 0;
	struct lab_scenario **all = lab_load_all(&n), *own;

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "texts");
	nsv_json_str(&j, "language", "en");
	put_functions(&j, x->session.machine.kernel);
	nsv_json_open(&j, "scenarios", '[');
	own = x->own_name[0] ? lab_load(x->first) : NULL;
	if (own)
		lab_list_object(&j, own, x->session.machine.kernel);
	lab_scenario_free(own);
	for (size_t i = 0; i < n; i++)
		lab_list_object(&j, all[i], x->session.machine.kernel);
	nsv_json_close(&j, ']');
	nsv_json_close(&j, '}');
	lab_free_all(all, n);
	if (all && !buf.failed) {
		char *message = malloc(buf.len + 1);

		if (message) {
			message[0] = WEB_LINE_TEXTS;
			memcpy(message + 1, buf.data, buf.len);
			web_channel_put(&x->serve.channel, WEB_MSG_LESSON, message, buf.len + 1,
					true);
			free(message);
		}
	}
	free(buf.data);
	return all && !buf.failed ? 0 : -1;
}

/* ---- lessons ---- */

static void end_lesson(struct class *x)
{
	lab_session_end(&x->session);
	lab_scenario_free(x->scenario);
	x->scenario = NULL;
}

/* A frame with which pages that come later begin. */
static void to_list(struct class *x, const char *why)
{
	struct nsv_json j;

	end_lesson(x);
	j = lab_lines_begin(x->lines, "lesson");
	nsv_json_null(&j, "name");
	lab_lines_end(x->lines, &j, LAB_LINE_LESSON);
	if (why)
		tell_trouble(x, why);
	enter(x, AT_LIST);
}

static void to_question(struct class *x)
{
	if (x->at >= x->scenario->nsteps) {
		lab_lines_summary(x->lines, true);
		enter(x, AT_END);
		return;
	}
	lab_lines_step(x->lines, x->at, ++x->number, false);
	enter(x, AT_QUESTION);
}

static void begin_lesson(struct class *x, struct lab_scenario *s)
{
	struct nsl_error e = {""};
	char why[200], text[300];

	end_lesson(x);
	if (!lab_can_run(s, x->session.machine.kernel, why, sizeof(why))) {
		snprintf(text, sizeof(text), "%s %s", s->name, why);
		lab_scenario_free(s);
		to_list(x, text);
		return;
	}
	enter(x, AT_WORK);
	x->scenario = s;
	if (lab_session_begin(&x->session, s, &e)) {
		to_list(x, e.text);
		return;
	}
	lab_lines_lesson(x->lines);
	x->at = lab_next_step(s, x->session.machine.kernel, 0);
	x->number = 0;
	to_question(x);
}

/* Only names of the program's own, and the file of the command line: no other is opened. */
static void start(struct class *x, const char *name)
{
	bool own = x->own_name[0] && !strcmp(name, x->own_name);
	struct lab_scenario *s = own ? lab_load(x->first) : lab_load_own(name);

	if (s)
		begin_lesson(x, s);
	else
		to_list(x, own ? "the file has an error now: see the terminal"
			       : "there is no such scenario");
}

/* 1: the lesson cannot go on. */
static int do_step(struct class *x, size_t index, unsigned int choice, struct nsl_error *e)
{
	static struct lab_report r;

	if (lab_session_step(&x->session, &x->scenario->step[index], &r, e) ||
	    lab_lines_result(x->lines, index, &r, choice, e))
		return -1;
	web_channel_flush(&x->serve.channel, FLUSH_MS);
	return r.outcome.kind != LAB_DONE;
}

/* The step, and those that belong to it. */
static int answer(struct class *x, unsigned int choice, struct nsl_error *e)
{
	const struct lab_scenario *s = x->scenario;
	const unsigned int kernel = x->session.machine.kernel;
	int over;

	if (choice > s->step[x->at].nchoices)
		return 0;
	enter(x, AT_WORK);
	over = do_step(x, x->at, choice, e);
	x->at = lab_next_step(s, kernel, x->at + 1);
	while (!over && !stop_count && x->at < s->nsteps && lab_step_belongs(&s->step[x->at])) {
		lab_lines_step(x->lines, x->at, x->number, true);
		over = do_step(x, x->at, 0, e);
		x->at = lab_next_step(s, kernel, x->at + 1);
	}
	if (over < 0)
		return -1;
	if (over) {
		lab_lines_summary(x->lines, false);
		enter(x, AT_END);
	} else {
		enter(x, AT_RESULT);
	}
	return 0;
}

static void again(struct class *x)
{
	char name[sizeof(x->scenario->name)];

	snprintf(name, sizeof(name), "%s", x->scenario->name);
	start(x, name);
}

/* ---- what the server's process says ---- */

static int obey(struct class *x, const struct web_lesson_command *c, struct nsl_error *e)
{
	if (c->what == WEB_LESSON_WATCHED || c->what == WEB_LESSON_ALONE) {
		x->alone_since = c->what == WEB_LESSON_ALONE ? now_ms() : 0;
		return 0;
	}
	if (c->turn != x->turn)
		return 0;
	if (c->what == WEB_LESSON_START)
		start(x, c->name);
	else if (c->what == WEB_LESSON_ANSWER && x->phase == AT_QUESTION)
		return answer(x, c->choice, e);
	else if (c->what == WEB_LESSON_NEXT && x->phase == AT_RESULT)
		to_question(x);
	else if (c->what == WEB_LESSON_AGAIN && x->scenario)
		again(x);
	else if (c->what == WEB_LESSON_LEAVE && x->phase != AT_LIST)
		to_list(x, NULL);
	return 0;
}

/* The next whole command. 0: none yet; -1 with `e`: the server's process is not to be trusted. */
static int receive(struct class *x, struct nsl_error *e)
{
	ssize_t n = recv(x->serve.channel.fd, x->in.bytes + x->in_len,
			 sizeof(x->in.bytes) - x->in_len, MSG_DONTWAIT);

	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		return nsl_error_set(e, "the process that serves the page has ended");
	x->in_len += n > 0 ? (size_t)n : 0;
	if (x->in_len < sizeof(x->in.bytes))
		return 0;
	x->in_len = 0;
	if (!web_lesson_valid(&x->in.command))
		return nsl_error_set(e, "the process that serves the page says what it may not");
	return 1;
}

static int attend(struct class *x, struct nsl_error *e)
{
	struct pollfd fd = {.fd = x->serve.channel.fd, .events = POLLIN};
	int got;

	if (poll(&fd, 1, POLL_MS) <= 0)
		return 0;
	while (!stop_count && (got = receive(x, e))) {
		if (got < 0 || obey(x, &x->in.command, e))
			return -1;
	}
	return 0;
}

static int hold_class(struct class *x, struct nsl_error *e)
{
	while (!stop_count) {
		if (attend(x, e))
			return -1;
		if (x->session.live && live_poll(x->session.live, 0, e) < 0)
			return -1;
		if (x->scenario && x->alone_since && now_ms() - x->alone_since > ALONE_MS)
			to_list(x, "No page was open any more: the lesson was ended.");
		web_channel_flush(&x->serve.channel, 0);
	}
	return 0;
}

static int open_class(struct class *x, struct nsl_error *e)
{
	const struct lab_lines_options o = {.paths = true, .line = send_line, .ctx = x};

	if (lab_session_open(&x->session, e))
		return stop_count ? 0 : -1;
	x->lines = lab_lines_new(&o, &x->session, "lessons");
	if (!x->lines || send_texts(x))
		return nsl_error_set(e, "out of memory");
	if (x->first)
		start(x, x->own_name[0] ? x->own_name : x->first);
	else
		to_list(x, NULL);
	if (x->session.blind[0])
		complain("lab", "results alone can be shown: %s", x->session.blind);
	serve_announce(&x->serve);
	return hold_class(x, e);
}

static int source(struct serve *s, struct nsl_error *e)
{
	struct class *x = s->ctx;
	int err = open_class(x, e);

	end_lesson(x);
	web_channel_flush(&s->channel, GOODBYE_MS);
	lab_lines_free(x->lines);
	lab_session_close(&x->session);
	return err;
}

/* The scenario of the command line must be one, before anything is begun. */
static int check_first(struct class *x)
{
	struct lab_scenario *s = lab_load(x->first), *built_in;
	struct machine m;
	char why[200];
	int status = EXIT_USAGE;

	if (!s)
		return EXIT_USAGE;
	built_in = lab_load_own(x->first);
	if (!built_in)
		snprintf(x->own_name, sizeof(x->own_name), "%s", s->name);
	lab_scenario_free(built_in);
	machine_read(&m);
	if (lab_can_run(s, m.kernel, why, sizeof(why))) {
		status = EXIT_DONE;
	} else {
		complain("lab", "%s %s", s->name, why);
		status = EXIT_FAILED;
	}
	lab_scenario_free(s);
	return status;
}

int lab_serve(const struct lab_options *o, const char *name)
{
	static struct class x;
	struct nsl_error e = {""};
	int status;

	if (!web_page_size) {
		complain("lab", "%s", WEB_NO_PAGE);
		return EXIT_FAILED;
	}
	x.first = name;
	status = name ? check_first(&x) : EXIT_DONE;
	if (status)
		return status;
	x.serve = (struct serve){
		.options = {.port = o->port, .follow_me = o->follow_me, .json = o->json},
		.process = lab_serve_process,
		.source = source,
		.ctx = &x,
	};
	x.session.live_options =
		(struct live_options){.mode = o->mode, .btf = o->btf, .verbose = o->verbose};
	signal(SIGPIPE, SIG_IGN);
	signals_catch();
	status = serve_run(&x.serve, &e) ? EXIT_FAILED : EXIT_DONE;
	if (e.text[0])
		complain("lab", "%s", e.text);
	return status;
}
