// SPDX-License-Identifier: GPL-2.0-only
/* The answer of `why` as text. */
#include "why.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "why_internal.h"

#define LABEL 2	 /* where the labels of the facts begin */
#define FACT  12 /* … and the facts */
#define ITEM  2	 /* keepers */

/* The text of one finding; it may hold every byte of a path as an escape. */
struct words {
	char raw[NSE_WHY_LEN];
	char safe[4 * NSE_WHY_LEN];
};

static void put_fact(struct nsv *v, const char *label, const char *text)
{
	struct nsv_flow f;

	nsv_flow_begin(&f, v, LABEL, FACT);
	nsv_flow_word(&f, 0, NSV_DIM, label);
	nsv_flow_tab(&f, FACT);
	nsv_flow_text(&f, text, 0, NSV_PLAIN);
	nsv_flow_end(&f);
}

static void put_verdict(struct nsv *v, const struct nse_why *w, struct words *words)
{
	struct nsv_flow f;

	nse_why_verdict(w, words->raw, sizeof(words->raw));
	nsv_safe(v, words->raw, words->safe, sizeof(words->safe));
	nsv_flow_begin(&f, v, 0, 0);
	/* the first sentence ends where the second begins, or with the text */
	nsv_flow_text(&f, words->safe, strlen(words->safe), NSV_BOLD);
	nsv_flow_end(&f);
}

static const char *name(const struct nse_ns *ns, char buf[NSV_WORD])
{
	return nsv_ns_name(ns->type, ns->inum, buf);
}

static void put_what(struct nsv *v, const struct nse_why *w)
{
	char text[512], word[NSV_WORD];
	int n;

	n = snprintf(text, sizeof(text), "%s", name(&w->ns, word));
	if (w->ns_id)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ", the kernel's number %" PRIu64,
			      w->ns_id);
	if (w->details && (w->ns.type == NSL_PID || w->ns.type == NSL_USER))
		n += snprintf(text + n, sizeof(text) - (size_t)n, ", level %" PRIu32, w->level);
	if (w->born && w->context.now >= w->born)
		snprintf(text + n, sizeof(text) - (size_t)n, ", made %s ago",
			 nsv_duration(v, (int64_t)(w->context.now - w->born), word));
	put_fact(v, "what", text);
	if (w->owner.id && w->ns.type != NSL_USER) {
		n = snprintf(text, sizeof(text), "%s%s", name(&w->owner, word),
			     w->owner.initial ? ", the initial one" : "");
		if (w->creator != NSL_COUNT_UNKNOWN && !w->owner.initial)
			snprintf(text + n, sizeof(text) - (size_t)n, ", made by uid %" PRIu32,
				 w->creator);
		put_fact(v, "owner", text);
	} else if (w->ns.type == NSL_USER && w->creator != NSL_COUNT_UNKNOWN && !w->ns.initial) {
		snprintf(text, sizeof(text), "uid %" PRIu32, w->creator);
		put_fact(v, "made by", text);
	}
	if (w->parent.id) {
		snprintf(text, sizeof(text), "%s%s", name(&w->parent, word),
			 w->parent.initial ? ", the initial one" : "");
		put_fact(v, "parent", text);
	}
}

static void put_counts(struct nsv *v, const struct nse_why *w, struct words *words)
{
	char word[NSV_WORD], text[128];
	size_t size = sizeof(words->raw);
	int n = 0;

	if (w->refs == NSL_COUNT_UNKNOWN)
		n = snprintf(words->raw, size, "not known; ");
	else if (w->context.now >= w->read)
		n = snprintf(words->raw, size, "%" PRIu32 ", read %s ago; ", w->refs,
			     nsv_duration(v, (int64_t)(w->context.now - w->read), word));
	nse_why_count(w, words->raw + n, size - (size_t)n);
	put_fact(v, "refs", words->raw);
	if (w->active == NSL_COUNT_UNKNOWN || w->ns.initial)
		return;
	if (w->active_explained >= 0)
		snprintf(text, sizeof(text), "%" PRIu32 "; %" PRId64 " explained", w->active,
			 w->active_explained);
	else
		snprintf(text, sizeof(text), "%" PRIu32, w->active);
	put_fact(v, "active", text);
}

static void put_pins(struct nsv *v, const struct nse_why *w)
{
	struct nsv_flow f;
	char word[NSV_WORD];

	if (!w->npins)
		return;
	nsv_flow_begin(&f, v, LABEL, FACT);
	nsv_flow_word(&f, 0, NSV_DIM, "keeps");
	nsv_flow_tab(&f, FACT);
	for (size_t i = 0; i < w->npins; i++)
		nsv_flow_word(&f, 1, w->pins[i].type, name(&w->pins[i], word));
	nsv_flow_text(&f, " alive as long as it lives itself", 0, NSV_PLAIN);
	nsv_flow_end(&f);
}

/* What user space cannot see matters only where something is left over. */
static void put_unseen(struct nsv *v, const struct nse_why *w, struct words *words)
{
	struct nsv_flow f;

	if (w->ns.initial || !w->unaccounted || w->state == NSE_WHY_HIDDEN ||
	    w->state == NSE_WHY_DYING)
		return;
	words->raw[0] = '\0';
	for (size_t i = 0; i < NSE_UNSEEN && w->unseen[i]; i++) {
		size_t n = strlen(words->raw);

		snprintf(words->raw + n, sizeof(words->raw) - n, "%s%s", i ? "; " : "",
			 w->unseen[i]);
	}
	nsv_flow_begin(&f, v, LABEL, FACT);
	nsv_flow_word(&f, 0, NSV_DIM, "unseen");
	nsv_flow_tab(&f, FACT);
	nsv_flow_text(&f, words->raw, strlen(words->raw), NSV_DIM);
	nsv_flow_end(&f);
}

static const char *const heads[NSE_TODOS] = {
	[NSE_TODO_END] = "End the processes:",
	[NSE_TODO_REAP] = "Make the parent reap its zombie, or end the parent:",
	[NSE_TODO_CLOSE] = "Close the descriptor, or end the process:",
	[NSE_TODO_UNMOUNT] = "Unmount:",
	[NSE_TODO_FIRST] = "These have to die first:",
	[NSE_TODO_WAIT] = "Passes by itself:",
};

static void put_keeper(struct nsv *v, const struct nse_why *w, const struct nse_keeper *k,
		       struct words *words)
{
	const char *command;
	struct nsv_flow f;

	nse_keeper_text(w, k, words->raw, sizeof(words->raw));
	nsv_safe(v, words->raw, words->safe, sizeof(words->safe));
	nsv_flow_begin(&f, v, ITEM, ITEM + 2);
	nsv_flow_text(&f, words->safe, 0, NSV_PLAIN);
	nsv_flow_end(&f);
	command = nse_keeper_command(w, k, words->raw, sizeof(words->raw));
	if (!command)
		return;
	/* never wrapped: it is there to be copied */
	nsv_flow_begin_line(&f, v);
	nsv_buf_str(&v->buf, "      ");
	nsv_flow_word(&f, 0, NSV_DIM, command);
	nsv_flow_end(&f);
}

/* One umount often takes copies in other mount namespaces with it. */
static bool ends_many_mounts(const struct nse_why *w, size_t i)
{
	return i > 0 && w->keepers[i].todo == NSE_TODO_UNMOUNT &&
	       w->keepers[i - 1].todo == NSE_TODO_UNMOUNT &&
	       (i + 1 == w->nkeepers || w->keepers[i + 1].todo != NSE_TODO_UNMOUNT);
}

static void put_keepers(struct nsv *v, const struct nse_why *w, struct words *words)
{
	struct nsv_flow f;

	for (size_t i = 0; i < w->nkeepers; i++) {
		if (!i || w->keepers[i].todo != w->keepers[i - 1].todo) {
			nsv_buf_str(&v->buf, "\n");
			nsv_flow_begin(&f, v, 0, 0);
			nsv_flow_text(&f, heads[w->keepers[i].todo], 0, NSV_PLAIN);
			nsv_flow_end(&f);
		}
		put_keeper(v, w, &w->keepers[i], words);
		if (!ends_many_mounts(w, i))
			continue;
		nsv_flow_begin(&f, v, ITEM, ITEM);
		nsv_flow_text(&f, "some may be gone after the first: mounts propagate", 0,
			      NSV_PLAIN);
		nsv_flow_end(&f);
	}
}

void nsv_why_text(struct nsv *v, const struct nse_why *w, const char *const *notes, size_t nnotes)
{
	struct words *words = malloc(sizeof(*words));

	if (!words) {
		v->buf.failed = true;
		return;
	}
	put_verdict(v, w, words);
	nsv_buf_str(&v->buf, "\n");
	put_what(v, w);
	put_counts(v, w, words);
	put_pins(v, w);
	put_unseen(v, w, words);
	for (size_t i = 0; i < nnotes; i++)
		put_fact(v, i ? "" : "not seen", notes[i]);
	put_keepers(v, w, words);
	free(words);
}

/* ---- --watch ---- */

static void change_text(struct nsv *v, const struct nse_why *w, const struct nse_keeper *k,
			bool came, uint64_t ts)
{
	struct words *words = malloc(sizeof(*words));
	char word[NSV_WORD];
	struct nsv_flow f;
	int n;

	if (!words) {
		v->buf.failed = true;
		return;
	}
	nsv_flow_begin(&f, v, 0, 14);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, ts, word));
	nsv_flow_tab(&f, 14);
	if (w->context.many)
		nsv_flow_word(&f, 1, w->ns.type, name(&w->ns, word));
	n = snprintf(words->raw, sizeof(words->raw), "%s%s", w->context.many ? " " : "",
		     came ? "came: " : "gone: ");
	nse_keeper_text(w, k, words->raw + n, sizeof(words->raw) - (size_t)n);
	nsv_safe(v, words->raw, words->safe, sizeof(words->safe));
	nsv_flow_text(&f, words->safe, (size_t)n - 1, came ? NSV_BOLD : NSV_DIM);
	nsv_flow_end(&f);
	free(words);
}

/* What went last, in words that a task may follow. */
static const char *const causes[] = {
	[NSG_CAUSE_EXIT] = "its last task exited",
	[NSG_CAUSE_REAPED] = "its last zombie was reaped",
	[NSG_CAUSE_SWITCH] = "its last task went over to another",
	[NSG_CAUSE_UNDONE] = "the call that made it failed, and was undone",
	[NSG_CAUSE_UNPINNED] = "its last open file or bind mount went",
	[NSG_CAUSE_CHILD] = "the last namespace that it was kept for died",
};

static size_t add_cause(struct nsv *v, char *text, size_t size, const struct nsg_cause *cause)
{
	char safe[4 * NSL_COMM_LEN + 1];
	int n;

	if (!cause || cause->kind == NSG_CAUSE_NONE ||
	    (size_t)cause->kind >= sizeof(causes) / sizeof(*causes))
		return (size_t)snprintf(text, size, ".");
	if (!cause->pid)
		return (size_t)snprintf(text, size, ": %s.", causes[cause->kind]);
	n = snprintf(text, size, ": %s (%s, %" PRIu32 ").", causes[cause->kind],
		     nsv_safe(v, cause->comm, safe, sizeof(safe)), cause->pid);
	return (size_t)n;
}

static void died_text(struct nsv *v, const struct nse_why *w, const struct nsg_cause *cause,
		      bool seen, uint64_t ts)
{
	char text[384], word[NSV_WORD];
	struct nsv_flow f;
	size_t lead;
	int n;

	nsv_flow_begin(&f, v, 0, 14);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, ts, word));
	nsv_flow_tab(&f, 14);
	n = snprintf(text, sizeof(text), "%s is %s", name(&w->ns, word),
		     seen ? "destroyed" : "gone");
	lead = (size_t)n;
	if (seen)
		add_cause(v, text + n, sizeof(text) - (size_t)n, cause);
	else
		snprintf(text + n, sizeof(text) - (size_t)n,
			 ": nothing leads to it any more. Its destruction itself cannot be seen on "
			 "this machine (nslens doctor).");
	nsv_flow_text(&f, text, lead, NSV_BOLD);
	nsv_flow_end(&f);
}

static void hidden_text(struct nsv *v, const struct nse_why *w, uint64_t ts)
{
	char text[640], word[NSV_WORD];
	struct nsv_flow f;
	size_t n;

	nsv_flow_begin(&f, v, 0, 14);
	nsv_flow_word(&f, 0, NSV_DIM, nsv_moment(v, ts, word));
	nsv_flow_tab(&f, 14);
	n = (size_t)snprintf(text, sizeof(text), "%s still lives, although no keeper can be found:",
			     name(&w->ns, word));
	for (size_t i = 0; i < NSE_UNSEEN && w->unseen[i] && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s", i ? ", or" : "",
				      w->unseen[i]);
	if (w->context.partly && n < sizeof(text))
		snprintf(text + n, sizeof(text) - n, ", or a process that may not be looked into");
	nsv_flow_text(&f, text, 0, NSV_PLAIN);
	nsv_flow_end(&f);
}

/* ---- what the caller calls ---- */

void nsv_why(struct nsv *v, const struct nse_why *w, const char *const *notes, size_t nnotes)
{
	v->kernel = w->context.kernel;
	if (v->options.style == NSV_JSON)
		nsv_why_json(v, w, notes, nnotes);
	else
		nsv_why_text(v, w, notes, nnotes);
	nsv_write_block(v);
}

void nsv_why_begin(struct nsv *v, uint64_t now)
{
	v->mono_ns = now;
}

void nsv_why_change(struct nsv *v, const struct nse_why *w, const struct nse_keeper *k, bool came,
		    uint64_t ts)
{
	if (v->options.style == NSV_JSON)
		nsv_why_change_json(v, w, k, came, ts);
	else
		change_text(v, w, k, came, ts);
	nsv_write_block(v);
}

void nsv_why_hidden(struct nsv *v, const struct nse_why *w, uint64_t ts)
{
	if (v->options.style == NSV_JSON)
		nsv_why_hidden_json(v, w, ts);
	else
		hidden_text(v, w, ts);
	nsv_write_block(v);
}

void nsv_why_died(struct nsv *v, const struct nse_why *w, const struct nsg_cause *cause, bool seen,
		  uint64_t ts)
{
	if (v->options.style == NSV_JSON)
		nsv_why_died_json(v, w, cause, seen, ts);
	else
		died_text(v, w, cause, seen, ts);
	nsv_write_block(v);
}
