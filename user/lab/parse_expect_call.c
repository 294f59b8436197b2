// SPDX-License-Identifier: GPL-2.0-only
/* Expectations about what the actor got and about its call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse_expect.h"
#include "wanted.h"

static bool one_result(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	struct lab_result *to = &x->result[x->nresults];
	const char *text = lab_scalar(r, node, "result");
	char *end;
	int err;

	if (!text)
		return false;
	if (x->nresults == LAB_MAX_RESULTS)
		return lab_wrong(r, node, 0, "result: more than %d", LAB_MAX_RESULTS);
	x->nresults++;
	to->value = strtoll(text, &end, 10);
	to->kind = LAB_R_NUMBER;
	if (end != text && !*end)
		return true;
	err = lab_errno(text);
	to->value = err;
	to->kind = !strcmp(text, "ok") ? LAB_R_OK : !strcmp(text, "any") ? LAB_R_ANY : LAB_R_ERRNO;
	return to->kind != LAB_R_ERRNO || err > 0 ||
	       lab_wrong(r, node, 0,
			 "result: '%.40s' is neither ok, any, a number nor an errno such as EPERM",
			 text);
}

bool lab_x_result(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_RESULT;
	return lab_each(r, v, "result", one_result, x);
}

static bool text_has(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_expect *)ctx)->text_has = lab_text(r, v, "text: has"));
}

static bool text_lacks(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_expect *)ctx)->text_lacks = lab_text(r, v, "text: lacks"));
}

bool lab_x_text(struct reader *r, yaml_node_t *v, void *ctx)
{
	static const struct field table[] = {
		{"has", text_has}, {"lacks", text_lacks}, {NULL, NULL}};
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_TEXT;
	if (v->type == YAML_MAPPING_NODE)
		return lab_fields(r, v, "text", table, x);
	x->text = lab_scalar(r, v, "text");
	if (x->text && !*x->text)
		return (x->text = lab_strdup(r, "", 0));
	return (x->text = lab_text(r, v, "text"));
}

bool lab_x_call(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *text = lab_scalar(r, v, "call");
	int call;

	if (!text)
		return false;
	x->set |= 1u << LAB_X_CALL;
	call = lab_is_none(v) ? NSL_SYS_NONE : lab_syscall(text);
	x->call = (enum nsl_syscall)call;
	return call >= 0 || lab_wrong(r, v, 0,
				      "call: '%.40s' is none of clone, clone3, fork, vfork, "
				      "unshare, setns, exec, exit, none",
				      text);
}

static bool one_change(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *name = (const char *)key->data.scalar.value;
	const char *text = lab_scalar(r, value, "changes");
	int slot = lab_slot(name);

	if (!text)
		return false;
	if (slot < 0)
		return lab_wrong(r, key, 0,
				 "changes: '%.40s' is no slot; write mnt, uts, ipc, "
				 "pid_for_children, net, time, time_for_children, cgroup, user or "
				 "pid_active",
				 name);
	x->changes[slot] = lab_how(text);
	return x->changes[slot] >= 0 ||
	       lab_wrong(r, value, 0,
			 "changes: '%.40s' is none of created, installed, inherited, dropped",
			 text);
}

bool lab_x_changes(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_CHANGES;
	return lab_pairs(r, v, "changes", one_change, x);
}

struct words {
	const char *word[LAB_MAX_WANTED];
	char open[256]; /* "create(uts": a comma inside of (…) ends an entry of a YAML list */
	size_t n;
};

static bool one_word(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct words *w = ctx;
	const char *text = lab_text(r, node, "steps");
	char why[300];
	struct lab_wanted out[LAB_MAX_WANTED];
	struct lab_words one = {w->word + w->n, 1};

	if (!text)
		return false;
	if (w->open[0]) {
		size_t n = strlen(w->open);

		snprintf(w->open + n, sizeof(w->open) - n, ",%s", text);
		text = w->open;
	} else if (strchr(text, '(')) {
		snprintf(w->open, sizeof(w->open), "%s", text);
	}
	if (w->open[0] && !strchr(text, ')'))
		return true;
	if (w->n == LAB_MAX_WANTED)
		return lab_wrong(r, node, 0, "steps: more than %d", LAB_MAX_WANTED);
	w->word[w->n] = lab_strdup(r, text, strlen(text));
	w->open[0] = 0;
	if (!w->word[w->n])
		return false;
	if (lab_wanted(&one, 0, out, why, sizeof(why)) < 0)
		return lab_wrong(r, node, 0, "steps: %s", why);
	w->n++;
	return true;
}

static bool step_words(struct reader *r, yaml_node_t *v, struct lab_words *to)
{
	struct words w = {.n = 0};
	const char **kept;

	if (!lab_each(r, v, "steps", one_word, &w))
		return false;
	if (w.open[0])
		return lab_wrong(r, v, 0, "steps: '%.60s' has no closing )", w.open);
	kept = lab_alloc(r, sizeof(*kept) * (w.n + 1));
	if (!kept)
		return false;
	memcpy(kept, w.word, sizeof(*kept) * w.n);
	*to = (struct lab_words){kept, w.n};
	return true;
}

bool lab_x_steps(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_STEPS;
	return step_words(r, v, &x->steps);
}

bool lab_x_has(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_HAS;
	return step_words(r, v, &x->has);
}

static bool one_never(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_expect *x = ctx;
	const char *text = lab_scalar(r, node, "never");
	int fn = text ? lab_fn(text) : -1;

	if (!text)
		return false;
	if (fn <= 0)
		return lab_wrong(r, node, 0,
				 "never: '%.48s' is no function that is followed; nslens doctor "
				 "lists them",
				 text);
	x->never[fn] = 1;
	return true;
}

bool lab_x_never(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_expect *x = ctx;

	x->set |= 1u << LAB_X_NEVER;
	return lab_each(r, v, "never", one_never, x);
}
