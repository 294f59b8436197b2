// SPDX-License-Identifier: GPL-2.0-only
/* A diff in words, as text, as Markdown and as JSON. */
#include <errno.h>

#include "../../user/view/diff.h"
#include "../../user/view/utf8.h"
#include "align_starts.h"

static const struct nsv_diff_run run_a = {.file = "good.nslens", .release = "6.12.1"};
static const struct nsv_diff_run run_b = {.file = "bad.nslens", .release = "6.12.1"};

typedef void (*printer)(struct nsv *v, const struct nsv_diff *d);

/* To be freed. */
static char *print(const struct nsa *n, printer put, bool all, const char *file)
{
	struct nsv_diff_run a = run_a;
	struct nsv_diff d = {.n = n, .runs = {&a, &run_b}, .all = all};
	struct nsv_options o = {.width = 100};
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct nsv *v = out ? nsv_new(out, &o) : NULL;

	if (!v)
		abort();
	if (file)
		a.file = file;
	put(v, &d);
	CHECK_NUM(nsv_flush(v), 0);
	nsv_free(v);
	fclose(out);
	return text;
}

static const char *words(const char *(*say)(const struct nsa *, char *, size_t),
			 const struct nsa *n)
{
	static char text[NSE_DIFF_LEN];

	return say(n, text, sizeof(text));
}

static struct nsu_call *fail_in(struct made *m)
{
	struct nsu_call *c = call(m, 101, NSL_SYS_SETNS, NSL_NEWNET, 20000, EPERM);

	c->call.target_kind = NSL_TARGET_NSFS;
	c->call.target_type = NSL_NET;
	m->s.outcome = NSU_FAILED;
	m->s.failed_call = m->s.ncalls - 1;
	return c;
}

/* Both join a net namespace; B may not. */
static struct nsa *refused(struct made **a, struct made **b)
{
	*a = made_new();
	*b = made_new();
	for (int i = 0; i < 2; i++) {
		struct made *m = i ? *b : *a;

		task(m, 100, 1, "runc");
		task(m, 101, 100, "runc:[1:CHILD]");
		call(m, 100, NSL_SYS_CLONE3, NSL_NEWPID, 100000, 0);
	}
	call(*a, 101, NSL_SYS_SETNS, NSL_NEWNET, 20000, 0);
	payload(*a, 101);
	fail_in(*b);
	return two(*a, *b);
}

static void verdict_failure(void)
{
	struct made *a, *b;
	struct nsa *n = refused(&a, &b);
	const char *text = words(nse_diff_verdict, n);
	const char *first = "B fails at setns net with EPERM, which A does not. ";

	CHECK(!strncmp(text, first, strlen(first)));
	CHECK(strstr(text, "Of 2 things done, 1 failing on one side.") != NULL);
	nsa_free(n);
	free(a);
	free(b);
}

static struct nsa *slow(struct made **a, struct made **b)
{
	*a = a_start();
	*b = a_start();
	pass(*a, 10 * MS);
	stage(*a, NSU_STAGE_HOOK);
	pass(*b, 2010 * MS);
	stage(*b, NSU_STAGE_HOOK);
	strcpy((*b)->stages[(*b)->s.nstages - 1].comm, "slowhook");
	return two(*a, *b);
}

static void verdict_pace(void)
{
	struct made *a, *b;
	struct nsa *n = slow(&a, &b);

	CHECK_STR(words(nse_diff_verdict, n),
		  "B took 2.00 s longer than A (2.01 s against 10.6 ms): 2.00 s of it in the stage "
		  "\"another program runs\" of slowhook.");
	nsa_free(n);
	n = two(b, a);
	CHECK(strstr(words(nse_diff_verdict, n), "B took 2.00 s less than A") != NULL);
	nsa_free(n);
	free(a);
	free(b);
}

static void verdict_same(void)
{
	struct made *a = a_start();
	struct nsa *n = two(a, a);

	CHECK_STR(words(nse_diff_verdict, n),
		  "No difference: 12 things are done alike, in the same order.");
	CHECK(strstr(words(nse_diff_limits, n), "2 times as long, and 100 ms longer") != NULL);
	nsa_free(n);
	free(a);
}

/* A loss is no difference; it is said what it may have cost. */
static void verdict_loss(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	one_ns(a, NSL_NET, NSU_ROLE_CREATED);
	one_ns(b, NSL_NET, NSU_ROLE_SHARED);
	a->s.outcome = NSU_DOUBTFUL;
	a->s.gap = true;
	n = two(a, b);
	CHECK(!n->outcome);
	CHECK_STR(words(nse_diff_verdict, n),
		  "The payload's net namespace is a new one in A and the host's in B. Events were "
		  "lost in A: what is missing there may only not have been seen.");
	nsa_free(n);
	/* one that was not seen to come to its payload */
	a->s.payload.pid = 0;
	n = two(b, a);
	CHECK(n->outcome);
	CHECK(strstr(words(nse_diff_verdict, n),
		     "B is not seen to come to its payload, A is. ") != NULL);
	nsa_free(n);
	free(a);
	free(b);
}

static void kernels(void)
{
	struct nsm_step step = {.fn = NSL_FN_nsproxy_ns_active_put};
	struct nsa_item item = {.kind = NSA_STEP, .step = &step};
	struct nsu_call call = {.call = {.syscall = NSL_SYS_CLONE3}};
	struct nsa_item clone3 = {.kind = NSA_CALL, .call = &call};

	CHECK(!nse_diff_exists(&item, 6012));
	CHECK(nse_diff_exists(&item, 6019));
	CHECK(nse_diff_exists(&item, 0));
	step.fn = NSL_FN_exit_task_namespaces;
	CHECK(nse_diff_exists(&item, 6012));
	CHECK(!nse_diff_exists(&item, 6019));
	CHECK(!nse_diff_exists(&clone3, 5002));
	CHECK(nse_diff_exists(&clone3, 5010));
}

static void as_text(void)
{
	struct made *a, *b;
	struct nsa *n = refused(&a, &b);
	char *text = print(n, nsv_diff_text, false, NULL);

	CHECK(strstr(text, "A  good.nslens #1") == text);
	CHECK(strstr(text, "\n              1 alike\n") != NULL);
	CHECK(strstr(text, "\n! payload     setns net ") != NULL);
	CHECK(strstr(text, "setns net") != NULL);
	CHECK(strstr(text, "EPERM\n") != NULL);
	/* no line is wider than what was asked for */
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		CHECK(nsv_utf8_width(line) <= 100);
	free(text);
	text = print(n, nsv_diff_text, true, NULL);
	CHECK(strstr(text, "clone3 pid") != NULL);
	CHECK(strstr(text, " alike\n") == NULL);
	free(text);
	nsa_free(n);
	free(a);
	free(b);
}

/* What a file or a process calls itself must not become markup, escapes or another field. */
static void hostile(void)
{
	struct made *a = a_start(), *b = a_start();
	const char *evil = "\x1b[31m|\"<script>`\n\xff";
	struct nsa *n;
	char *text;

	snprintf(a->milestones[6].m.text, sizeof(a->milestones[6].m.text), "%s", evil);
	a->s.container = evil;
	n = two(a, b);
	text = print(n, nsv_diff_text, true, evil);
	CHECK(!strchr(text, 0x1b));
	free(text);
	text = print(n, nsv_diff_markdown, true, evil);
	CHECK(!strchr(text, 0x1b));
	CHECK(!strstr(text, "<script>"));
	CHECK(strstr(text, "\\<script\\>") != NULL);
	CHECK(strstr(text, "\\|") != NULL);
	free(text);
	text = print(n, nsv_diff_json, true, evil);
	CHECK(!strchr(text, 0x1b));
	CHECK(!strstr(text, "<script"));
	CHECK(strstr(text, "\\u001b[31m|\\\"\\u003cscript") != NULL);
	CHECK_NUM(strchr(text, '\n') - text, (long)strlen(text) - 1);
	free(text);
	nsa_free(n);
	free(a);
	free(b);
}

static void as_json(void)
{
	struct made *a, *b;
	struct nsa *n = refused(&a, &b);
	char *text = print(n, nsv_diff_json, false, NULL);

	CHECK(strstr(text, "{\"type\":\"diff\",\"schema\":\"nslens/1\",\"verdict\":\"B fails") ==
	      text);

	CHECK(strstr(text, "\"kind\":\"same\",\"marks\":[],\"left\":{\"run\":0,\"call\":0,") !=
	      NULL);
	CHECK(strstr(text, "\"kind\":\"fails\",\"marks\":[\"fails\"]") != NULL);
	CHECK(strstr(text, "\"errno\":\"EPERM\"") != NULL);
	CHECK(strstr(text, "\"noise_known\":false") != NULL);
	free(text);
	nsa_free(n);
	free(a);
	free(b);
}

static void as_markdown(void)
{
	struct made *a, *b;
	struct nsa *n = slow(&a, &b);
	char *text = print(n, nsv_diff_markdown, false, NULL);

	CHECK(strstr(text, "# Two start-ups\n\n**B took 2.00 s longer") == text);
	CHECK(strstr(text, "| another program runs | 10.0 ms | 2.01 s | +2.00 s |") != NULL);
	CHECK(!strstr(text, "sethostname"));
	free(text);
	nsa_free(n);
	free(a);
	free(b);
}

int main(void)
{
	RUN(verdict_failure);
	RUN(verdict_pace);
	RUN(verdict_same);
	RUN(verdict_loss);
	RUN(kernels);
	RUN(as_text);
	RUN(hostile);
	RUN(as_json);
	RUN(as_markdown);
	return unit_end();
}
