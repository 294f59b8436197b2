// SPDX-License-Identifier: GPL-2.0-only
/* Rows: what was there and what is there become one list. Lines: groups of tasks. */
#include <stdlib.h>

#include <string.h>

#include "rails_work.h"

static uint64_t id_of(const struct nsg_ns *ns)
{
	return ns ? ns->id : 0;
}

static void collect(struct nsv_rails_work *w, const struct nsg_task *first, size_t row)
{
	for (const struct nsg_task *t = first; t; t = t->next) {
		struct nsv_entry *e;

		if (!nsv_pick_task(w->pick, t))
			continue;
		e = nsv_vec_add(&w->entries, sizeof(*e));
		if (e)
			*e = (struct nsv_entry){t, id_of(t->user), id_of(t->pid_active), row, 0};
	}
}

static struct nsv_old_row *old_row(const struct nsv_rails_memory *m, size_t i)
{
	return (struct nsv_old_row *)m->rows.data + i;
}

/*
 * An nsproxy has no id before create_new_namespaces() has returned. Until then its
 * row stands behind all others, where it will most likely stand afterwards.
 */
#define NAMELESS (UINT64_C(1) << 63)

struct picked {
	uint64_t key;
	const struct nsg_nsproxy *nsproxy;
};

static int picked_order(const void *a, const void *b)
{
	const struct picked *x = a, *y = b;

	return NSV_ORDER(x->key, y->key);
}

/* What leaves its place empty. A half-built nsproxy that failed leaves nothing. */
static bool is_ghost(const struct nsv_old_row *old, const struct nsv_vec *picked)
{
	struct picked key = {.key = old->id};

	return old->id < NAMELESS &&
	       (!picked->n || !bsearch(&key, picked->data, picked->n, sizeof(key), picked_order));
}

static size_t count_ghosts(const struct nsv_rails_memory *m, const struct nsv_vec *picked)
{
	size_t n = 0;

	for (size_t i = 0; i < m->rows.n; i++)
		n += is_ghost(old_row(m, i), picked);
	return n;
}

struct nsv_row *nsv_rails_add_row(struct nsv_rails_work *w, enum nsv_row_kind kind, uint64_t id)
{
	struct nsv_row *row = nsv_vec_add(&w->rows, sizeof(*row));

	if (row) {
		row->kind = kind;
		row->id = id;
	}
	return row;
}

static bool add_nsproxy(struct nsv_rails_work *w, const struct nsg_nsproxy *x)
{
	struct nsv_row *row =
		nsv_rails_add_row(w, x->builder ? NSV_ROW_BUILDING : NSV_ROW_NSPROXY, x->id);

	if (!row)
		return false;
	row->nsproxy = x;
	collect(w, x->first_task, w->rows.n - 1);
	return !w->entries.failed;
}

/* Both lists are in order of id. The oldest ghosts are dropped first. */
static bool merge(struct nsv_rails_work *w, const struct nsv_vec *picked, size_t ghosts)
{
	struct nsv_rails_memory *m = w->m;
	const struct picked *all = picked->data;
	size_t gone = count_ghosts(m, picked), i = 0, k = 0;
	struct nsv_vec merged = {0};
	bool done = true;

	while (done && (i < m->rows.n || k < picked->n)) {
		struct nsv_old_row *old = i < m->rows.n ? old_row(m, i) : NULL, *row;
		uint64_t id;

		if (old && (k == picked->n || old->id < all[k].key)) {
			i++;
			if (old->id >= NAMELESS)
				continue;
			if (gone > ghosts) {
				gone--;
				continue;
			}
			id = old->id;
			done = nsv_rails_add_row(w, NSV_ROW_GHOST, id);
		} else {
			id = all[k].key;
			done = add_nsproxy(w, all[k++].nsproxy);
			if (old && old->id == id)
				i++;
			else
				old = NULL;
		}
		row = nsv_vec_add(&merged, sizeof(*row));
		if (!row) {
			done = false;
			break;
		}
		row->id = id;
		if (old) {
			row->folds = old->folds;
			old->folds = (struct nsv_vec){0};
		}
	}
	for (i = 0; i < m->rows.n; i++)
		nsv_vec_free(&old_row(m, i)->folds);
	nsv_vec_free(&m->rows);
	m->rows = merged;
	return done;
}

bool nsv_rails_rows(struct nsv_rails_work *w, size_t ghosts)
{
	struct nsv_vec picked = {0};
	bool done;

	for (const struct nsg_nsproxy *x = nsg_nsproxies(w->g); x; x = x->next) {
		struct picked *p;

		if (!nsv_pick_nsproxy(w->pick, x))
			continue;
		p = nsv_vec_add(&picked, sizeof(*p));
		if (p)
			*p = (struct picked){x->id ? x->id : NAMELESS + x->builder, x};
	}
	nsv_vec_sort(&picked, sizeof(struct picked), picked_order);
	struct picked *all = picked.data;

	for (size_t i = 1; i < picked.n; i++) /* whoever builds several at once */
		if (all[i].key <= all[i - 1].key)
			all[i].key = all[i - 1].key + 1;
	done = !picked.failed && merge(w, &picked, ghosts);
	nsv_vec_free(&picked);
	return done;
}

/* By row and fold; people's programs before kernel threads; a leader before its threads. */
static int entry_order(const void *a, const void *b)
{
	const struct nsv_entry *x = a, *y = b;
	const struct nsg_task *t = x->task, *u = y->task;
	int kernel = (t->state & NSL_TASK_KTHREAD) - (u->state & NSL_TASK_KTHREAD);

	if (x->row != y->row)
		return NSV_ORDER(x->row, y->row);
	if (x->line != y->line)
		return NSV_ORDER(x->line, y->line);
	if (x->user != y->user)
		return NSV_ORDER(x->user, y->user);
	if (x->pid != y->pid)
		return NSV_ORDER(x->pid, y->pid);
	if (kernel)
		return kernel;
	if (t->pid != u->pid)
		return NSV_ORDER(t->pid, u->pid);
	if ((t->tid == t->pid) != (u->tid == u->pid))
		return t->tid == t->pid ? -1 : 1;
	return NSV_ORDER(t->tid, u->tid);
}

/* How many entries from `e` on are of one fold. */
static size_t fold_length(const struct nsv_entry *e, size_t n)
{
	size_t length = 1;

	while (length < n && e[length].user == e->user && e[length].pid == e->pid)
		length++;
	return length;
}

#define NO_LINE ((size_t)-1)

static void set_line(struct nsv_entry *e, size_t n, size_t line)
{
	for (size_t i = 0; i < n; i++)
		e[i].line = line;
}

/* A fold that was there before goes back to its line. */
static size_t known_line(struct nsv_vec *folds, const struct nsv_entry *e)
{
	struct nsv_fold *old = folds->data;

	for (size_t i = 0; i < folds->n; i++) {
		if (old[i].user == e->user && old[i].pid == e->pid && !old[i].taken) {
			old[i].taken = true;
			return i;
		}
	}
	return NO_LINE;
}

/* Others get one where nobody is any more, or a new one. */
static bool assign_lines(struct nsv_vec *folds, struct nsv_entry *e, size_t n)
{
	size_t length, vacant = 0;

	for (size_t i = 0; i < folds->n; i++)
		((struct nsv_fold *)folds->data)[i].taken = false;
	for (size_t at = 0; at < n; at += length) {
		length = fold_length(&e[at], n - at);
		set_line(&e[at], length, known_line(folds, &e[at]));
	}
	for (size_t at = 0; at < n; at += length) {
		struct nsv_fold *fold;

		length = fold_length(&e[at], n - at);
		if (e[at].line != NO_LINE)
			continue;
		while (vacant < folds->n && ((struct nsv_fold *)folds->data)[vacant].taken)
			vacant++;
		if (vacant == folds->n && !nsv_vec_add(folds, sizeof(*fold)))
			return false;
		fold = (struct nsv_fold *)folds->data + vacant;
		*fold = (struct nsv_fold){e[at].user, e[at].pid, true};
		set_line(&e[at], length, vacant);
	}
	return true;
}

/* A container, or a service with namespaces of its own. Scopes hold sessions: no news. */
static const char *belongs_to(const struct nsg *g, uint64_t cgroup)
{
	static const char end[] = ".service";
	const char *container = nsg_container(g, cgroup);
	const char *unit = container ? NULL : nsg_unit(g, cgroup);
	size_t len = unit ? strlen(unit) : 0;

	if (len < sizeof(end) || strcmp(unit + len + 1 - sizeof(end), end) != 0)
		return container;
	return unit;
}

static bool add_procs(struct nsv_rails_work *w, struct nsv_line *line, const struct nsv_entry *e,
		      size_t n)
{
	struct nsv_proc *proc = NULL;
	size_t before = w->procs.n;

	for (size_t i = 0; i < n; i++) {
		if (!proc || proc->task->pid != e[i].task->pid) {
			proc = nsv_vec_add(&w->procs, sizeof(*proc));
			if (!proc)
				return false;
			proc->task = e[i].task;
		}
		proc->threads++;
	}
	line->user = e[0].task->user;
	line->pid = e[0].task->pid_active;
	line->container = e[0].task->initial ? NULL : belongs_to(w->g, e[0].task->cgroup);
	line->nprocs = w->procs.n - before;
	line->ntasks = n;
	return true;
}

/* The lines of one row, from its entries. */
static bool add_lines(struct nsv_rails_work *w, size_t number, size_t nlines,
		      const struct nsv_entry *e, size_t n)
{
	struct nsv_row *row = (struct nsv_row *)w->rows.data + number;
	const struct nsg_ns *later =
		row->nsproxy ? row->nsproxy->slot[NSL_SLOT_PID_FOR_CHILDREN] : NULL;
	size_t at = 0;

	row->first_line = w->lines.n;
	row->nlines = nlines;
	for (size_t i = 0; i < nlines; i++) {
		struct nsv_line *line = nsv_vec_add(&w->lines, sizeof(*line));
		size_t length = 0;

		if (!line)
			return false;
		line->row = number;
		while (at + length < n && e[at + length].line == i)
			length++;
		if (length && !add_procs(w, line, &e[at], length))
			return false;
		line->pid_pending = line->pid && later && later != line->pid;
		at += length;
	}
	return true;
}

static bool lay_row(struct nsv_rails_work *w, size_t row, struct nsv_vec *folds,
		    struct nsv_entry *e, size_t n)
{
	if (!folds->n && !n && !nsv_vec_add(folds, sizeof(struct nsv_fold)))
		return false;
	if (!assign_lines(folds, e, n))
		return false;
	if (n)
		qsort(e, n, sizeof(*e), entry_order);
	return add_lines(w, row, folds->n, e, n);
}

static size_t row_length(const struct nsv_vec *entries, size_t at, size_t row)
{
	const struct nsv_entry *e = entries->data;
	size_t n = 0;

	while (at + n < entries->n && e[at + n].row == row)
		n++;
	return n;
}

bool nsv_rails_lines(struct nsv_rails_work *w)
{
	size_t rows = w->rows.n, at = 0, n;
	struct nsv_vec zombies = {0};
	struct nsv_entry *e;
	bool done = true;

	collect(w, nsg_zombies(w->g), rows);
	if (w->entries.failed)
		return false;
	nsv_vec_sort(&w->entries, sizeof(*e), entry_order);
	e = w->entries.data;
	for (size_t i = 0; done && i < rows; i++) {
		n = row_length(&w->entries, at, i);
		done = lay_row(w, i, &old_row(w->m, i)->folds, n ? &e[at] : NULL, n);
		at += n;
	}
	/* zombies keep no places: they stand below what grows anyway */
	n = row_length(&w->entries, at, rows);
	if (done && n)
		done = nsv_rails_add_row(w, NSV_ROW_ZOMBIES, 0) &&
		       lay_row(w, rows, &zombies, &e[at], n);
	nsv_vec_free(&zombies);
	return done;
}
