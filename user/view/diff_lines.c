// SPDX-License-Identifier: GPL-2.0-only
#include "diff_lines.h"

#include <inttypes.h>
#include <string.h>

char nsv_diff_marker(unsigned int marks)
{
	static const struct {
		unsigned int marks;
		char marker;
	} table[] = {
		{NSA_MARK(NSA_FAILS), '!'},  {NSA_MARK(NSA_ONLY_A), '-'},
		{NSA_MARK(NSA_ONLY_B), '+'}, {NSA_DIFFERENT, '~'},
		{NSA_MARK(NSA_UNSEEN), '?'}, {NSA_MARK(NSA_BY_KERNEL) | NSA_MARK(NSA_VARIES), '.'},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (marks & table[i].marks)
			return table[i].marker;
	return ' ';
}

const char *nsv_diff_time(const struct nsv *v, const struct nsa_times *t, bool present,
			  char buf[NSV_WORD])
{
	if (!present || !t->n)
		return strcpy(buf, "-");
	return nsv_duration(v, (int64_t)t->median, buf);
}

const char *nsv_diff_cell(const struct nsv *v, const struct nsa_cell *cell, char buf[NSV_WORD])
{
	const struct nsa_item *item = cell->item;

	if (!item)
		return strcpy(buf, "-");
	if (cell->failed == cell->runs && item->err) {
		const char *name = nsm_errno_name(item->err);

		if (name)
			snprintf(buf, NSV_WORD, "%s", name);
		else
			snprintf(buf, NSV_WORD, "errno %d", item->err);
		return buf;
	}
	if (item->kind == NSA_STEP && item->step->outcome != NSM_DONE && !cell->times.n) {
		snprintf(buf, NSV_WORD, "%s", nsm_outcome_name(item->step->outcome));
		return buf;
	}
	return cell->times.n ? nsv_diff_time(v, &cell->times, true, buf) : strcpy(buf, "yes");
}

const char *nsv_diff_more(const struct nsv *v, const struct nsa_times side[2], char buf[NSV_WORD])
{
	char word[NSV_WORD];
	uint64_t a = side[0].median, b = side[1].median;

	*buf = '\0';
	if (side[0].n && side[1].n && a != b)
		snprintf(buf, NSV_WORD, "%s%s", b > a ? "+" : "-",
			 nsv_duration(v, (int64_t)(b > a ? b - a : a - b), word));
	return buf;
}

const char *nsv_diff_side(const struct nsv_diff *d, int side, char *buf, size_t size)
{
	const struct nsa_side *s = &d->n->side[side];
	int n = snprintf(buf, size, "%s #%" PRIu64, d->runs[side][0].file, s->runs[0]->number);

	if (s->n > 1 && n > 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, " and %zu more", s->n - 1);
	return buf;
}

const char *nsv_diff_what(const struct nsv_diff *d, int side, char *buf, size_t size)
{
	const struct nsu_startup *s = d->n->side[side].runs[0];
	const char *name =
		s->runtime == NSU_RUNTIME_UNKNOWN ? s->runtime_comm : nsu_runtime_name(s->runtime);

	snprintf(buf, size, "%s%s%s", name, s->container ? " " : "",
		 s->container ? s->container : "");
	return buf;
}

const char *nsv_diff_end(const struct nsv_diff *d, int side, char *buf, size_t size)
{
	const struct nsa_end *e = &d->n->end[side];
	bool all = e->runs[e->middle->outcome] == d->n->side[side].n;
	size_t len = 0;

	if (all)
		snprintf(buf, size, "%s", nsu_outcome_name(e->middle->outcome));
	for (size_t i = 0; !all && i < NSU_OUTCOMES && len < size; i++) {
		int n = 0;

		if (e->runs[i])
			n = snprintf(buf + len, size - len, "%s%zu %s", len ? ", " : "", e->runs[i],
				     nsu_outcome_name((enum nsu_outcome)i));
		len += n > 0 ? (size_t)n : 0;
	}
	return buf;
}

const char *nsv_diff_ns(const struct nsa_ns *ns, int side, char *buf, size_t size)
{
	const char *role = ns->known[side] ? nsu_role_name(ns->role[side]) : "-";

	if (ns->left[side])
		snprintf(buf, size, "%s; %zu left behind", role, ns->left[side]);
	else
		snprintf(buf, size, "%s", role);
	return buf;
}

size_t nsv_diff_run_length(const struct nsv_diff *d, size_t at, size_t *vary)
{
	size_t n = 0;

	*vary = 0;
	while (!d->all && at + n < d->n->nrows &&
	       !(d->n->rows[at + n].marks & ~NSA_MARK(NSA_VARIES)))
		*vary += d->n->rows[at + n++].marks != 0;
	return n;
}
