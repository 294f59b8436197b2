// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check_internal.h"

/* The call that a verb makes; NONE: no call that touches namespaces. */
static enum nsl_syscall call_of_verb(enum lab_verb verb)
{
	static const struct {
		enum lab_verb verb;
		enum nsl_syscall syscall;
	} rows[] = {
		{LAB_CLONE, NSL_SYS_CLONE},	{LAB_CLONE3, NSL_SYS_CLONE3},
		{LAB_FORK, NSL_SYS_FORK},	{LAB_VFORK, NSL_SYS_VFORK},
		{LAB_UNSHARE, NSL_SYS_UNSHARE}, {LAB_SETNS, NSL_SYS_SETNS},
		{LAB_EXEC, NSL_SYS_EXEC},	{LAB_EXIT, NSL_SYS_EXIT},
		{LAB_KILL, NSL_SYS_EXIT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].verb == verb)
			return rows[i].syscall;
	return NSL_SYS_NONE;
}

/* The task whose call it is: of a kill the one that dies. */
static uint32_t caller(const struct lab_world *w, const struct lab_step *step)
{
	return w->tid[step->op.verb == LAB_KILL ? step->op.other : step->op.actor];
}

static enum nsl_syscall expected_call(const struct lab_world *w, const struct lab_step *step)
{
	struct lab_expect x;

	lab_expect_merge(step, w->kernel, &x);
	return x.set & 1u << LAB_X_CALL ? x.call : call_of_verb(step->op.verb);
}

const struct nsm_call *lab_call_of(const struct lab_world *w, const struct lab_step *step)
{
	/* none is expected: whatever it made; a thread is made by clone or clone3 */
	return lab_seen_call(w->seen, caller(w, step), expected_call(w, step));
}

bool lab_call_is_told(const struct lab_step *step)
{
	const struct lab_op *op = &step->op;

	switch (op->verb) {
	case LAB_UNSHARE:
	case LAB_SETNS:
		return true;
	case LAB_CLONE:
		/* the lowest byte is the signal of its end */
		return op->flags & NSL_NEW_ALL & ~0xffull;
	case LAB_CLONE3:
		/* of a structure that it cannot read, the kernel knows no flags */
		return op->flags & NSL_NEW_ALL && op->clone3 != LAB_C3_SIZE &&
		       op->clone3 != LAB_C3_UNREADABLE;
	default:
		return false;
	}
}

bool lab_wants(const struct lab_step *step, unsigned int kernel, enum lab_key key)
{
	struct lab_expect x;

	lab_expect_merge(step, kernel, &x);
	return x.set & 1u << key;
}

struct lab_finding *lab_find(struct lab_findings *to, enum lab_key key, enum lab_verdict verdict)
{
	struct lab_finding *f = &to->f[to->n < LAB_MAX_FINDINGS ? to->n++ : LAB_MAX_FINDINGS - 1];

	*f = (struct lab_finding){.key = key, .verdict = verdict};
	return f;
}

void lab_found(struct lab_findings *to, enum lab_key key, enum lab_verdict verdict,
	       const char *expected, const char *format, ...)
{
	struct lab_finding *f = lab_find(to, key, verdict);
	va_list ap;

	snprintf(f->expected, sizeof(f->expected), "%s", expected);
	va_start(ap, format);
	vsnprintf(f->really, sizeof(f->really), format, ap);
	va_end(ap);
}

/* ---- what the actor itself got ---- */

static const char *result_text(const struct lab_result *r, char *buf, size_t size)
{
	if (r->kind == LAB_R_NUMBER)
		snprintf(buf, size, "%lld", (long long)r->value);
	else if (r->kind == LAB_R_ERRNO)
		snprintf(buf, size, "%s", nsm_errno_name((int)r->value));
	else
		snprintf(buf, size, "%s", r->kind == LAB_R_OK ? "ok" : "any");
	return buf;
}

static bool result_is(const struct lab_result *r, const struct lab_got *got)
{
	switch (r->kind) {
	case LAB_R_ANY:
		return true;
	case LAB_R_OK:
		return !got->err && got->ret >= 0;
	case LAB_R_NUMBER:
		return !got->err && got->ret == r->value;
	case LAB_R_ERRNO:
		return got->err == (int)r->value;
	}
	return false;
}

static void check_result(const struct lab_expect *x, const struct lab_got *got,
			 struct lab_findings *to)
{
	static const struct lab_result ok = {LAB_R_OK, 0};
	bool said = x->set & 1u << LAB_X_RESULT;
	const struct lab_result *r = said ? x->result : &ok;
	size_t nr = said ? x->nresults : 1, n = 0;
	struct lab_finding *f = lab_find(to, LAB_X_RESULT, LAB_DIFFERS);

	for (size_t i = 0; i < nr; i++) {
		char one[32];

		n += (size_t)snprintf(f->expected + n, sizeof(f->expected) - n, "%s%s",
				      n ? " or " : "", result_text(&r[i], one, sizeof(one)));
		if (result_is(&r[i], got))
			f->verdict = LAB_HOLDS;
	}
	if (got->err)
		snprintf(f->really, sizeof(f->really), "%s (%s)",
			 nsm_errno_name(got->err) ? nsm_errno_name(got->err) : "an unknown errno",
			 strerror(got->err));
	else
		snprintf(f->really, sizeof(f->really), "%lld", (long long)got->ret);
}

static void check_text(const struct lab_expect *x, const struct lab_got *got,
		       struct lab_findings *to)
{
	const char *text = got->text ? got->text : "";

	if (x->text)
		lab_found(to, LAB_X_TEXT, strcmp(text, x->text) ? LAB_DIFFERS : LAB_HOLDS, x->text,
			  "%.600s", *text ? text : "(nothing)");
	if (x->text_has)
		lab_found(to, LAB_X_TEXT, strstr(text, x->text_has) ? LAB_HOLDS : LAB_DIFFERS,
			  x->text_has, "not in: %.600s", *text ? text : "(nothing)");
	if (x->text_lacks)
		lab_found(to, LAB_X_TEXT, strstr(text, x->text_lacks) ? LAB_DIFFERS : LAB_HOLDS,
			  "anything without the text given", "'%.60s' stands in: %.600s",
			  x->text_lacks, text);
}

/* ---- the call ---- */

static void check_call(const struct lab_world *w, const struct lab_step *step,
		       const struct lab_expect *x, struct lab_findings *to)
{
	const struct nsm_call *c = lab_seen_call(w->seen, caller(w, step), x->call);

	lab_found(to, LAB_X_CALL, !c == !x->call ? LAB_HOLDS : LAB_DIFFERS,
		  x->call ? nsm_syscall_name(x->call) : "no namespace call", "%s was seen",
		  c ? nsm_syscall_name(c->syscall) : "no such call");
}

static void changes_text(const int *how, char *buf, size_t size)
{
	size_t n = 0;

	snprintf(buf, size, "none");
	for (int i = 0; i < NSL_SLOTS; i++)
		if (how[i] >= 0 && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s %s", n ? ", " : "",
					      nsm_slot_name((enum nsl_slot)i),
					      nsm_how_name((enum nsm_how)how[i]));
}

static void check_changes(const struct lab_world *w, const struct lab_step *step,
			  const struct lab_expect *x, struct lab_findings *to)
{
	const struct nsm_call *c = lab_call_of(w, step);
	int really[NSL_SLOTS];
	struct lab_finding *f = lab_find(to, LAB_X_CHANGES, LAB_DIFFERS);

	memset(really, -1, sizeof(really));
	for (size_t i = 0; c && i < c->nslots; i++)
		really[c->slots[i].slot] = c->slots[i].how;
	changes_text(x->changes, f->expected, sizeof(f->expected));
	changes_text(really, f->really, sizeof(f->really));
	if (!c && lab_call_is_told(step))
		snprintf(f->really, sizeof(f->really), "no call was seen");
	/* forks that share and programs that stay are not told: only hooks show that they did */
	else if (c ? !c->has_views && !c->err : !w->functions)
		f->verdict = LAB_NOT_OBSERVABLE;
	else if (!memcmp(really, x->changes, sizeof(really)))
		f->verdict = LAB_HOLDS;
}

/* ---- births ---- */

static void types_text(const unsigned int *n, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (int t = 0; t < NSL_TYPES; t++)
		for (unsigned int i = 0; i < n[t] && len < size; i++)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
						nsm_type_name((enum nsl_type)t));
}

static void check_born(const struct lab_world *w, const struct lab_expect *x,
		       const struct lab_got *got, struct lab_findings *to)
{
	struct lab_finding *f = lab_find(to, LAB_X_BORN, LAB_HOLDS);
	unsigned int really[NSL_TYPES] = {0};
	size_t n;
	const struct lab_birth *b = lab_seen_births(w->seen, &n);

	for (size_t i = 0; i < n; i++)
		if (b[i].type < NSL_TYPES)
			really[b[i].type]++;
	types_text(x->born, f->expected, sizeof(f->expected));
	types_text(really, f->really, sizeof(f->really));
	for (int t = 0; t < NSL_TYPES; t++) {
		/* without steps, what did not outlive its call is not seen */
		if (really[t] < x->born[t] && got->err && !w->functions)
			f->verdict = f->verdict == LAB_HOLDS ? LAB_NOT_OBSERVABLE : f->verdict;
		else if (really[t] != x->born[t])
			f->verdict = LAB_DIFFERS;
	}
	/* nor could it be seen that there was nothing */
	if (f->verdict == LAB_HOLDS && got->err && !w->functions)
		f->verdict = LAB_NOT_OBSERVABLE;
}

static void not_observable(const struct lab_expect *x, unsigned int keys, struct lab_findings *to)
{
	for (int k = 0; k < LAB_X_KEYS; k++)
		if (x->set & keys & 1u << k)
			lab_found(to, (enum lab_key)k, LAB_NOT_OBSERVABLE, "", "%s", "");
}

#define NEED_FUNCTIONS (1u << LAB_X_STEPS | 1u << LAB_X_HAS | 1u << LAB_X_NEVER)

size_t lab_check(const struct lab_world *w, const struct lab_step *step, const struct lab_got *got,
		 struct lab_finding *f)
{
	struct lab_findings to = {f, 0};
	struct lab_expect x;

	lab_expect_merge(step, w->kernel, &x);
	if (got->interactive) {
		not_observable(&x, 1u << LAB_X_RESULT | 1u << LAB_X_TEXT, &to);
	} else {
		check_result(&x, got, &to);
		if (x.set & 1u << LAB_X_TEXT)
			check_text(&x, got, &to);
	}
	if (!w->graph) {
		not_observable(&x, ~(1u << LAB_X_RESULT | 1u << LAB_X_TEXT), &to);
		return to.n;
	}
	if (x.set & 1u << LAB_X_CALL)
		check_call(w, step, &x, &to);
	if (x.set & 1u << LAB_X_CHANGES)
		check_changes(w, step, &x, &to);
	if (w->functions)
		lab_check_steps(w, step, &x, &to);
	else
		not_observable(&x, NEED_FUNCTIONS, &to);
	if (x.set & 1u << LAB_X_BORN)
		check_born(w, &x, got, &to);
	lab_check_graph(w, &x, &to);
	return to.n;
}
