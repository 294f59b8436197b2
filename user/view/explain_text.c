// SPDX-License-Identifier: GPL-2.0-only
/* An explanation as text. */
#include "../explain/shown.h"
#include "explain_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *nsv_say(const struct nsv *v, const struct nsv_explain *o, const char *text)
{
	return v->utf8 || o->language_forced ? nse_translate(o->language, text) : text;
}

static const char *label(const struct nsv *v, const struct nsv_explain *o, enum nse_label which)
{
	return nsv_say(v, o, nse_label(which));
}

const char *nsv_kernel_name(nse_kernel kernel, char buf[NSV_VERSION_LEN])
{
	snprintf(buf, NSV_VERSION_LEN, "%u.%u", kernel / 1000, kernel % 1000);
	return buf;
}

const char *nsv_versions(const struct nsv *v, nse_kernel since, nse_kernel before,
			 char buf[NSV_VERSION_LEN])
{
	char a[NSV_VERSION_LEN], b[NSV_VERSION_LEN];

	buf[0] = '\0';
	if (since)
		snprintf(a, sizeof(a), "%s%u.%u", v->utf8 ? "≥" : ">=", since / 1000, since % 1000);
	if (before)
		snprintf(b, sizeof(b), "<%u.%u", before / 1000, before % 1000);
	if (since || before)
		snprintf(buf, NSV_VERSION_LEN, "[%.12s%s%.12s]", since ? a : "",
			 since && before ? "," : "", before ? b : "");
	return buf;
}

static void heading(struct nsv *v, const struct nsv_explain *o, enum nse_label which)
{
	struct nsv_lines l;

	nsv_buf_str(&v->buf, "\n");
	nsv_lines_begin(&l, v, "", "");
	nsv_lines_add(&l, NSV_BOLD, label(v, o, which));
	nsv_lines_end(&l);
}

static void paragraph(struct nsv *v, const char *first, const char *next, unsigned int colour,
		      const char *lead, const char *text)
{
	struct nsv_lines l;

	nsv_lines_begin(&l, v, first, next);
	if (lead && *lead)
		nsv_lines_add(&l, colour, lead);
	nsv_lines_add(&l, NSV_PLAIN, text);
	nsv_lines_end(&l);
}

static bool absent(const struct nsv_explain *o, const struct nse_entry *e)
{
	nse_kernel since = nse_entry_since(e), before = nse_entry_before(e);

	return o->kernel && ((since && o->kernel < since) || (before && o->kernel >= before));
}

static void put_title(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	char text[NSE_NAME_LEN + 4], word[NSV_VERSION_LEN];
	struct nsv_lines l;

	snprintf(text, sizeof(text), "%s%s", e->name, e->kind == NSE_FUNCTION ? "()" : "");
	nsv_lines_begin(&l, v, "", "  ");
	nsv_lines_add(&l, NSV_BOLD, text);
	nsv_lines_add(&l, NSV_DIM,
		      label(v, o, (enum nse_label)(NSE_LABEL_KIND_SYSCALL + (int)e->kind)));
	if (e->fn)
		nsv_lines_add(&l, NSV_DIM, e->fn->file);
	if (e->kind == NSE_FLAG) {
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)e->topic->value);
		nsv_lines_add(&l, NSV_DIM, text);
	}
	if (e->kind == NSE_ERRNO) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)e->topic->value);
		nsv_lines_add(&l, NSV_DIM, text);
	}
	if (*nsv_versions(v, nse_entry_since(e), nse_entry_before(e), word))
		nsv_lines_add(&l, NSV_DIM, word);
	if (o->kernel) {
		snprintf(text, sizeof(text), "Linux %s", nsv_kernel_name(o->kernel, word));
		nsv_lines_add(&l, NSV_DIM, text);
	}
	nsv_lines_end(&l);
	if (absent(o, e))
		paragraph(v, "", "", NSV_RED, label(v, o, NSE_LABEL_ABSENT), "");
}

static void put_text(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	char word[NSV_VERSION_LEN];

	nsv_buf_str(&v->buf, "\n");
	paragraph(v, "", "", NSV_PLAIN, "", nsv_say(v, o, nse_entry_text(e)));
	for (size_t i = 0; e->topic && i < NSE_NOTES && e->topic->notes[i].text; i++) {
		const struct nse_note *note = &e->topic->notes[i];

		if (o->kernel && ((note->since && o->kernel < note->since) ||
				  (note->before && o->kernel >= note->before)))
			continue;
		paragraph(v, "", "  ", NSV_DIM, nsv_versions(v, note->since, note->before, word),
			  nsv_say(v, o, note->text));
	}
}

static void put_routes(struct nsv *v, const struct nsv_explain *o, const struct nse_kfn *fn)
{
	struct nsv_route routes[NSV_MAX_ROUTES];
	size_t n = nsv_routes(fn, o->kernel, routes);
	char name[NSE_NAME_LEN + 2];
	struct nsv_lines l;

	if (!n)
		return;
	heading(v, o, NSE_LABEL_CALLED);
	for (size_t i = 0; i < n; i++) {
		nsv_lines_begin(&l, v, "  ", "      ");
		nsv_lines_add(&l, NSV_BOLD, routes[i].path->name);
		nsv_lines_glue(&l);
		nsv_lines_add(&l, NSV_DIM, ":");
		for (size_t k = 0; k < routes[i].n; k++) {
			if (k)
				nsv_lines_add(&l, NSV_DIM, nsv_arrow(v));
			snprintf(name, sizeof(name), "%s()", routes[i].fns[k]->name);
			nsv_lines_add(&l, NSV_PLAIN, name);
		}
		nsv_lines_end(&l);
	}
}

static void put_legend(struct nsv *v, const struct nsv_explain *o)
{
	char text[NSE_NAME_LEN];
	struct nsv_lines l;

	nsv_lines_begin(&l, v, "  ", "  ");
	snprintf(text, sizeof(text), "? %s;", label(v, o, NSE_LABEL_LEGEND_IF));
	nsv_lines_add(&l, NSV_DIM, text);
	snprintf(text, sizeof(text), "ERRNO %s;", label(v, o, NSE_LABEL_LEGEND_FAIL));
	nsv_lines_add(&l, NSV_DIM, text);
	snprintf(text, sizeof(text), "%s %s", v->utf8 ? "↩" : "<-",
		 label(v, o, NSE_LABEL_LEGEND_UNDO));
	nsv_lines_add(&l, NSV_DIM, text);
	nsv_lines_end(&l);
}

static void put_path(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	static struct nse_place rows[NSE_WALK_MAX];
	unsigned int base;
	size_t n = nsv_explain_rows(e, o->kernel, rows, &base);

	if (n < 2)
		return;
	heading(v, o, NSE_LABEL_PATH);
	put_legend(v, o);
	nsv_explain_tree(v, o, rows, n, base, true);
}

static void put_outcomes(struct nsv *v, const struct nsv_explain *o, const struct nse_kfn *fn)
{
	if (!fn->step || !nse_outcomes(fn->step))
		return;
	heading(v, o, NSE_LABEL_OUTCOMES);
	for (int i = 0; i < NSM_OUTCOMES; i++) {
		const char *text = nse_outcome(fn->step, (enum nsm_outcome)i);
		char lead[NSE_NAME_LEN];

		snprintf(lead, sizeof(lead), "%s:", nsm_outcome_name((enum nsm_outcome)i));
		if (text)
			paragraph(v, "  ", "      ", NSV_BOLD, lead, nsv_say(v, o, text));
	}
}

/* "clone, clone3, fork, vfork" */
static void calls_of(uint32_t calls, char out[NSE_NAME_LEN])
{
	out[0] = '\0';
	for (int i = 1; i < NSL_SYSCALLS; i++)
		if (calls & 1u << i)
			snprintf(out + strlen(out), NSE_NAME_LEN - strlen(out), "%s%s",
				 *out ? ", " : "", nsm_syscall_name((enum nsl_syscall)i));
}

/* Do two rows say the same of different functions? */
static bool same_words(const struct nse_row *a, const struct nse_row *b)
{
	return a->err == b->err && a->calls == b->calls && a->since == b->since &&
	       a->before == b->before && !strcmp(a->check, b->check);
}

static void put_place(struct nsv_lines *l, const char *place, bool more)
{
	char text[NSE_NAME_LEN];
	bool one = nse_kfn_find(place, strlen(place)) != NULL;

	snprintf(text, sizeof(text), "%s%s%s", place, one ? "()" : "", more ? "," : "");
	nsv_lines_add(l, NSV_PLAIN, text);
}

/* "clone, unshare:" and the functions, of all reasons with the words of `at`. */
static void put_calls_and_places(struct nsv_lines *l, const struct nse_reason *list, size_t n,
				 size_t at)
{
	char text[NSE_NAME_LEN];
	uint32_t calls = 0;

	for (size_t i = at; i < n; i++)
		calls |= same_words(list[at].row, list[i].row) ? list[i].calls : 0;
	calls_of(calls, text);
	if (*text) {
		nsv_lines_add(l, NSV_BOLD, text);
		nsv_lines_glue(l);
		nsv_lines_add(l, NSV_DIM, ":");
	}
	for (size_t i = at; i < n; i++) {
		size_t next = i + 1;

		if (!same_words(list[at].row, list[i].row))
			continue;
		while (next < n && !same_words(list[at].row, list[next].row))
			next++;
		put_place(l, list[i].place, next < n);
	}
}

/* The reason `at`, together with all later ones of the same words. */
static void put_reason(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e,
		       const struct nse_reason *list, size_t n, size_t at)
{
	const struct nse_row *row = list[at].row;
	const char *name = row->err ? nsm_errno_name(row->err) : label(v, o, NSE_LABEL_ANY_ERRNO);
	char text[NSE_NAME_LEN], word[NSV_VERSION_LEN];
	struct nsv_lines l;

	nsv_lines_begin(&l, v, "  ", "    ");
	if (e->kind == NSE_ERRNO)
		put_calls_and_places(&l, list, n, at);
	else
		nsv_lines_add(&l, NSV_RED, name ? name : "?");
	calls_of(row->calls, text);
	if (*text && e->kind != NSE_ERRNO) {
		char calls[NSE_NAME_LEN + 4];

		snprintf(calls, sizeof(calls), "(%s)", text);
		nsv_lines_add(&l, NSV_DIM, calls);
	}
	if (*nsv_versions(v, row->since, row->before, word))
		nsv_lines_add(&l, NSV_DIM, word);
	nsv_lines_end(&l);
	paragraph(v, "      ", "      ", NSV_PLAIN, "", nsv_say(v, o, row->check));
	if (row->remedy)
		paragraph(v, "      ", "      ", NSV_DIM, label(v, o, NSE_LABEL_REMEDY),
			  nsv_say(v, o, row->remedy));
}

static void put_reasons(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	static struct nse_reason reasons[NSE_MAX_REASONS];
	size_t n = nse_reasons(e, o->kernel, reasons, NSE_MAX_REASONS);

	/* of a system call the path has them, with the branches around */
	if (!n || e->kind == NSE_SYSCALL)
		return;
	heading(v, o, NSE_LABEL_REASONS);
	for (size_t i = 0; i < n; i++) {
		size_t first = 0;

		while (!same_words(reasons[first].row, reasons[i].row))
			first++;
		if (first == i)
			put_reason(v, o, e, reasons, n, i);
	}
}

static void put_names(struct nsv *v, const struct nsv_explain *o, enum nse_label title,
		      const char *names, char separator)
{
	char one[NSE_NAME_LEN], text[NSE_NAME_LEN + 160], word[NSV_VERSION_LEN];
	struct nsv_lines l;

	if (!names)
		return;
	nsv_buf_str(&v->buf, separator == ',' ? "\n" : "");
	if (separator == ',') {
		nsv_lines_begin(&l, v, "", "  ");
		nsv_lines_add(&l, NSV_BOLD, label(v, o, title));
		while ((names = nse_next_name(names, separator, one))) {
			const char *more = names + strspn(names, ", ");

			snprintf(text, sizeof(text), "%s%s", one, *more ? "," : "");
			nsv_lines_add(&l, NSV_PLAIN, text);
		}
		nsv_lines_end(&l);
		return;
	}
	heading(v, o, title);
	while ((names = nse_next_name(names, separator, one))) {
		const struct nse_kfn *fn = nse_kfn_find(one, strlen(one));

		if (!fn || (o->kernel && ((fn->since && o->kernel < fn->since) ||
					  (fn->before && o->kernel >= fn->before))))
			continue;
		snprintf(text, sizeof(text), "%s()", fn->name);
		nsv_lines_begin(&l, v, "  ", "      ");
		nsv_lines_add(&l, NSV_BOLD, text);
		nsv_lines_add(&l, NSV_DIM, fn->file);
		if (*nsv_versions(v, fn->since, fn->before, word))
			nsv_lines_add(&l, NSV_DIM, word);
		nsv_lines_end(&l);
	}
}

/* Scenarios in which the branches of an entry can be seen. */
static size_t scenarios_of(const struct nsv_explain *o, const struct nse_entry *e,
			   const char **names, size_t max)
{
	static struct nse_place rows[NSE_WALK_MAX];
	unsigned int base;
	size_t n = 0;

	if (e->kind != NSE_ERRNO) {
		n = nsv_explain_rows(e, o->kernel, rows, &base);
		return nse_scenarios_of(rows, n, 0, names, 0, max);
	}
	for (size_t p = 0; p < nse_path_count; p++) {
		size_t nrows = nse_path_walk(nse_paths[p], o->kernel, rows, NSE_WALK_MAX);

		n = nse_scenarios_of(rows, nrows, (int)e->topic->value, names, n, max);
	}
	return n;
}

static void put_scenarios(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	const char *names[64];
	size_t n = scenarios_of(o, e, names, 64);
	struct nsv_lines l;

	if (!n)
		return;
	nsv_buf_str(&v->buf, "\n");
	nsv_lines_begin(&l, v, "", "  ");
	nsv_lines_add(&l, NSV_BOLD, label(v, o, NSE_LABEL_IN_LAB));
	for (size_t i = 0; i < n; i++) {
		nsv_lines_add(&l, NSV_PLAIN, names[i]);
		if (i + 1 < n) {
			nsv_lines_glue(&l);
			nsv_lines_add(&l, NSV_DIM, ",");
		}
	}
	nsv_lines_end(&l);
}

void nsv_explain(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	if (v->options.style == NSV_JSON) {
		nsv_explain_json(v, o, e);
		nsv_write_block(v);
		return;
	}
	put_title(v, o, e);
	put_text(v, o, e);
	if (e->fn)
		put_routes(v, o, e->fn);
	put_path(v, o, e);
	if (e->fn)
		put_outcomes(v, o, e->fn);
	put_reasons(v, o, e);
	if (e->topic) {
		put_names(v, o, NSE_LABEL_DECIDED, e->topic->fns, ' ');
		put_names(v, o, NSE_LABEL_SEE, e->topic->see, ',');
	}
	put_scenarios(v, o, e);
	nsv_write_block(v);
}

void nsv_explain_listed(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	struct nsv_lines l;
	char name[NSE_NAME_LEN];

	if (v->options.style == NSV_JSON) {
		nsv_explain_listed_json(v, o, e);
	} else {
		nsv_lines_begin(&l, v, "", "");
		snprintf(name, sizeof(name), "%-30s", e->name);
		nsv_flow_word(&l.flow, 0, NSV_BOLD, name);
		l.column += (int)strlen(name);
		l.fresh = false;
		nsv_lines_add(&l, NSV_DIM,
			      label(v, o, (enum nse_label)(NSE_LABEL_KIND_SYSCALL + (int)e->kind)));
		nsv_lines_end(&l);
	}
	nsv_write_block(v);
}

void nsv_explain_call(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
		      size_t n, bool all)
{
	if (v->options.style == NSV_JSON)
		nsv_explain_call_json(v, o, rows, n);
	else
		nsv_explain_tree(v, o, rows, n, 0, all);
	nsv_write_block(v);
}
