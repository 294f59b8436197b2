// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's steps of a call, compared with those that the file lists. */
#include <stdio.h>
#include <string.h>

#include "check_internal.h"
#include "wanted.h"

#define MAX_STEPS 160

/* Room for one step: "copy_mnt_ns created". */
#define STEP_LEN 80

static const char *step_text(const struct lab_wanted *s, char *buf)
{
	const char *err = s->outcome == NSM_FAILED && s->err ? nsm_errno_name(s->err) : NULL;

	snprintf(buf, STEP_LEN, "%s %s%s%s", nsm_fn_name(s->fn), nsm_outcome_name(s->outcome),
		 err ? " " : "", err ? err : "");
	return buf;
}

static void list_text(const struct lab_wanted *s, int n, char *buf, size_t size)
{
	size_t len = 0;
	char one[STEP_LEN];

	snprintf(buf, size, "no step at all");
	for (int i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
					step_text(&s[i], one));
}

/* The steps of the call that were reached, as the file would write them. */
static int reached(const struct nsm_call *c, struct lab_wanted *out)
{
	int n = 0;

	for (size_t i = 0; c && i < c->nsteps && n < MAX_STEPS; i++)
		if (c->steps[i].outcome != NSM_NOT_REACHED)
			out[n++] = (struct lab_wanted){c->steps[i].fn, c->steps[i].outcome,
						       c->steps[i].err};
	return n;
}

static bool fits(const struct lab_wanted *want, const struct lab_wanted *is)
{
	return want->fn == is->fn && want->outcome == is->outcome &&
	       (!want->err || want->err == is->err);
}

static void check_exact(const struct lab_wanted *want, int nwant, const struct lab_wanted *is,
			int nis, struct lab_findings *to)
{
	struct lab_finding *f = lab_find(to, LAB_X_STEPS, LAB_HOLDS);
	int at = 0;
	char a[STEP_LEN] = "the end", b[STEP_LEN] = "the end", all[1200];

	while (at < nwant && at < nis && fits(&want[at], &is[at]))
		at++;
	list_text(is, nis, all, sizeof(all));
	if (at == nwant && at == nis) {
		list_text(want, nwant, f->expected, sizeof(f->expected));
		snprintf(f->really, sizeof(f->really), "%s", all);
		return;
	}
	f->verdict = LAB_DIFFERS;
	if (at < nwant)
		step_text(&want[at], a);
	if (at < nis)
		step_text(&is[at], b);
	snprintf(f->expected, sizeof(f->expected), "%s as step %d", a, at + 1);
	snprintf(f->really, sizeof(f->really), "%s; all steps: %s", b, all);
}

static void check_has(const struct lab_wanted *want, int nwant, const struct lab_wanted *is,
		      int nis, struct lab_findings *to)
{
	struct lab_finding *f = lab_find(to, LAB_X_HAS, LAB_HOLDS);
	int at = 0;
	char a[STEP_LEN], before[STEP_LEN], all[1200];

	for (int i = 0; i < nis && at < nwant; i++)
		at += fits(&want[at], &is[i]);
	list_text(is, nis, all, sizeof(all));
	if (at == nwant) {
		list_text(want, nwant, f->expected, sizeof(f->expected));
		snprintf(f->really, sizeof(f->really), "%s", all);
		return;
	}
	f->verdict = LAB_DIFFERS;
	snprintf(f->expected, sizeof(f->expected), "%s%s%s", step_text(&want[at], a),
		 at ? " after " : "", at ? step_text(&want[at - 1], before) : "");
	snprintf(f->really, sizeof(f->really), "it is missing; all steps: %s", all);
}

static void check_never(const struct lab_expect *x, const struct lab_wanted *is, int nis,
			struct lab_findings *to)
{
	for (int fn = 1; fn < NSL_FNS; fn++) {
		struct lab_finding *f;
		char all[1200];

		if (!x->never[fn])
			continue;
		f = lab_find(to, LAB_X_NEVER, LAB_HOLDS);
		snprintf(f->expected, sizeof(f->expected), "%s does not run",
			 nsm_fn_name((enum nsl_fn)fn));
		for (int i = 0; i < nis; i++)
			if ((int)is[i].fn == fn)
				f->verdict = LAB_DIFFERS;
		list_text(is, nis, all, sizeof(all));
		snprintf(f->really, sizeof(f->really), "it ran; all steps: %s", all);
	}
}

void lab_check_steps(const struct lab_world *w, const struct lab_step *step,
		     const struct lab_expect *x, struct lab_findings *to)
{
	const struct nsm_call *c = lab_call_of(w, step);
	struct lab_wanted want[LAB_MAX_WANTED], is[MAX_STEPS];
	int nis = reached(c, is), n;
	char why[300];
	static const enum lab_key keys[] = {LAB_X_STEPS, LAB_X_HAS};

	for (int i = 0; i < 2; i++) {
		if (!(x->set & 1u << keys[i]))
			continue;
		n = lab_wanted(i ? &x->has : &x->steps, w->kernel, want, why, sizeof(why));
		if (n < 0)
			lab_found(to, keys[i], LAB_DIFFERS, "steps that can be read", "%s", why);
		else if (!c && (n || lab_call_is_told(step)))
			lab_found(to, keys[i], LAB_DIFFERS,
				  n ? "a call with steps" : "a call without steps",
				  "no call was seen");
		else if (i)
			check_has(want, n, is, nis, to);
		else
			check_exact(want, n, is, nis, to);
	}
	if (x->set & 1u << LAB_X_NEVER && !c && lab_call_is_told(step))
		lab_found(to, LAB_X_NEVER, LAB_DIFFERS, "a call", "no call was seen");
	else if (x->set & 1u << LAB_X_NEVER)
		check_never(x, is, nis, to);
}
