// SPDX-License-Identifier: GPL-2.0-only
/* The rails' layout: what stands where, that nothing moves, filters, size. */
#include <time.h>

#include "../../user/view/rails.h"
#include "unit.h"
#include "view_graph_machine.h"

static const struct nsv_graph_filter all = {0};

static struct nsv_rails *laid_out(const struct nsg *g, const struct nsv_graph_filter *filter)
{
	struct nsv_rails *r = nsv_rails_new();

	CHECK_NUM(nsv_rails_update(r, g, filter, 0), 0);
	return r;
}

static const struct nsv_row *row_of(const struct nsv_rails *r, enum nsv_row_kind kind, uint64_t id)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].kind == kind && r->rows[i].id == id)
			return &r->rows[i];
	return NULL;
}

static const struct nsv_cell *cell_of(const struct nsv_rails *r, size_t line, enum nsl_type type)
{
	for (size_t i = 0; i < r->lines[line].ncells; i++)
		if (r->lanes[r->lines[line].cells[i].lane].type == type)
			return &r->lines[line].cells[i];
	return NULL;
}

static void machine_layout(void)
{
	struct rig *rig = machine();
	struct nsv_rails *r = laid_out(rig->g, &all);
	const struct nsv_row *row;
	const struct nsv_line *line;

	CHECK_NUM(r->nlanes, 8);
	CHECK_NUM(r->lanes[0].type, NSL_USER);
	CHECK_NUM(r->lanes[4].type, NSL_PID);
	/* host with a second line for the new user namespace */
	CHECK_NUM(r->rows[0].id, 1);
	CHECK_NUM(r->rows[0].nlines, 2);
	CHECK_NUM(r->lines[0].ntasks, 142);
	CHECK_NUM(r->lines[1].user->id, 2601);
	CHECK_STR(r->lines[1].procs[0].task->comm, "runc:[1:CHILD]");
	/* threads are one process */
	row = row_of(r, NSV_ROW_NSPROXY, 4);
	line = &r->lines[row->first_line];
	CHECK_NUM(line->nprocs, 1);
	CHECK_NUM(line->procs[0].threads, 2);
	/* shared with the pod's first container, whose rail is still on its track */
	row = row_of(r, NSV_ROW_NSPROXY, 8);
	CHECK_NUM(cell_of(r, row->first_line, NSL_NET)->id, 2208);
	CHECK(!cell_of(r, row->first_line, NSL_NET)->label);
	CHECK(cell_of(r, row->first_line, NSL_MNT)->label);
	CHECK_NUM(cell_of(r, row->first_line, NSL_MNT)->track, 2);
	/* nsenter: its children will be born elsewhere, and later */
	row = row_of(r, NSV_ROW_NSPROXY, 13);
	CHECK(r->lines[row->first_line].pid_pending);
	CHECK(row->time_pending);
	CHECK(cell_of(r, row->first_line, NSL_PID)->pending);
	CHECK_NUM(r->lines[row->first_line].ncells, 9); /* both time namespaces */
	/* half-built: no id yet, behind all others; nothing in the slots not reached */
	row = row_of(r, NSV_ROW_BUILDING, 0);
	CHECK(row == &r->rows[8]);
	CHECK(cell_of(r, row->first_line, NSL_TIME) == NULL);
	CHECK_NUM(cell_of(r, row->first_line, NSL_NET)->id, 2606);
	CHECK_NUM(r->rows[9].kind, NSV_ROW_ZOMBIES);
	CHECK_NUM(r->nrows, 15);
	row = row_of(r, NSV_ROW_LONE, 2801);
	CHECK_NUM(row->nkeepers, 1);
	CHECK_STR(row->keeper->path, "/run/netns/blue");
	nsv_rails_free(r);
	rig_free(rig);
}

/* What must hold of every layout. */
static void check_sound(const struct nsv_rails *r)
{
	size_t slots = 0, cells = 0;

	for (size_t i = 1; i < r->nrails; i++) {
		const struct nsv_rail *a = &r->rails[i - 1], *b = &r->rails[i];

		if (a->lane == b->lane && a->track == b->track)
			CHECK(a->last < b->first);
		CHECK(a->first <= a->last);
	}
	for (size_t i = 0; i < r->ncells; i++) {
		const struct nsv_cell *c = &r->cells[i];
		const struct nsv_row *row = &r->rows[r->lines[c->line].row];
		const struct nsv_rail *rail = nsv_rails_at(r, c->line, c->lane, c->track);

		CHECK((c->track == 0) == c->initial);
		CHECK(c->track < r->lanes[c->lane].tracks);
		if (!row->nsproxy)
			continue;
		CHECK(rail && rail->id == c->id);
		CHECK(rail && (rail->first == c->line) == c->label);
		cells++;
	}
	for (size_t i = 0; i < r->nrows; i++) {
		const struct nsg_nsproxy *x = r->rows[i].nsproxy;

		for (int slot = 0; x && slot < NSL_NSPROXY_SLOTS; slot++)
			slots += x->slot[slot] &&
				 (slot != NSL_SLOT_TIME || x->slot[slot] != x->slot[slot + 1]);
		for (size_t k = 0; x && k < r->rows[i].nlines; k++)
			slots += r->lines[r->rows[i].first_line + k].user != NULL;
	}
	CHECK_NUM(cells, slots);
}

static uint32_t random_state;

static uint32_t below(uint32_t n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % n;
}

/* Some of an older view, some new namespaces. */
static struct nsl_view random_view(const struct nsl_view *older, uint32_t nolder, uint64_t nsproxy,
				   uint64_t *next)
{
	struct nsl_view view = host_view();

	view.nsproxy = nsproxy;
	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		uint32_t dice = below(4);

		if (dice == 0)
			view.slot[slot] = ns_ref((*next)++);
		else if (dice < 3 && nolder)
			view.slot[slot] = older[below(nolder)].slot[slot];
	}
	return view;
}

struct spot {
	uint64_t row, ns;
	size_t number, line; /* of the row, and in it */
	uint32_t track;
	uint16_t lane;
};

static size_t remember(const struct nsv_rails *r, struct spot *spots, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ncells && n < most; i++) {
		const struct nsv_cell *c = &r->cells[i];
		size_t number = r->lines[c->line].row;

		if (r->rows[number].nsproxy)
			spots[n++] = (struct spot){r->rows[number].id,
						   c->id,
						   number,
						   c->line - r->rows[number].first_line,
						   c->track,
						   c->lane};
	}
	return n;
}

static bool still_there(const struct nsv_rails *r, const struct spot *s)
{
	const struct nsv_row *row = s->number < r->nrows ? &r->rows[s->number] : NULL;

	if (!row || row->id != s->row)
		return false;
	if (row->kind == NSV_ROW_GHOST)
		return true;
	const struct nsv_line *line = &r->lines[row->first_line + s->line];

	for (size_t i = 0; i < line->ncells; i++)
		if (line->cells[i].id == s->ns && line->cells[i].lane == s->lane)
			return line->cells[i].track == s->track;
	/* tasks that went took their user namespace along */
	return !s->lane;
}

static void nothing_moves(void)
{
	enum { STEPS = 60, MOST = 4096 };
	static struct spot spots[MOST];
	struct nsl_view views[STEPS];

	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct rig *rig = rig_host();
		struct nsv_rails *r = nsv_rails_new();
		uint64_t next = 100;
		size_t n = 0, moved = 0;
		uint32_t nviews = 0;

		random_state = seed;
		for (uint32_t step = 0; step < STEPS; step++) {
			as(rig, 100, "bash");
			if (nviews > 5 && below(3) == 0) {
				uint32_t old = below(nviews);

				/* somebody leaves; if it has left already nothing happens */
				ev_exit(rig, 1000 + old, "task", views[old]);
				ev_free(rig, 1000 + old);
			} else {
				views[nviews] = random_view(views, nviews, 10 + nviews, &next);
				ev_new(rig, 1000 + nviews, views[nviews]);
				nviews++;
			}
			CHECK_NUM(nsv_rails_update(r, rig->g, &all, STEPS), 0);
			for (size_t i = 0; i < n; i++)
				moved += !still_there(r, &spots[i]);
			check_sound(r);
			n = remember(r, spots, MOST);
		}
		CHECK_NUM(moved, 0);
		CHECK(n > 100);
		/* tidied, ghosts are gone and so are the gaps */
		nsv_rails_tidy(r);
		CHECK_NUM(nsv_rails_update(r, rig->g, &all, STEPS), 0);
		for (size_t i = 0; i < r->nrows; i++)
			CHECK(r->rows[i].kind != NSV_ROW_GHOST);
		check_sound(r);
		nsv_rails_free(r);
		rig_free(rig);
	}
}

/* setns to a namespace whose track was taken: its label is repeated elsewhere. */
static void label_repeated(void)
{
	struct rig *rig = rig_host();
	struct nsv_rails *r = nsv_rails_new();
	const struct nsv_row *row;

	as(rig, 100, "bash");
	ev_new(rig, 201, with(host_view(), 2, NSL_SLOT_NET, 50));
	ev_new(rig, 202, with(host_view(), 3, NSL_SLOT_NET, 51));
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 0), 0);
	ev_new(rig, 203, with(host_view(), 4, NSL_SLOT_NET, 50));
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 0), 0);
	row = row_of(r, NSV_ROW_NSPROXY, 4);
	CHECK(cell_of(r, row->first_line, NSL_NET)->label);
	CHECK_NUM(cell_of(r, row->first_line, NSL_NET)->track, 1);
	check_sound(r);
	nsv_rails_tidy(r);
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 0), 0);
	row = row_of(r, NSV_ROW_NSPROXY, 4);
	CHECK(!cell_of(r, row->first_line, NSL_NET)->label);
	row = row_of(r, NSV_ROW_NSPROXY, 3);
	CHECK_NUM(cell_of(r, row->first_line, NSL_NET)->track, 2);
	nsv_rails_free(r);
	rig_free(rig);
}

/* A task that makes a user namespace changes its line, and leaves the old one empty. */
static void line_kept(void)
{
	struct rig *rig = rig_host();
	struct nsv_rails *r = nsv_rails_new();
	struct nsl_view view = with(host_view(), 2, NSL_SLOT_UTS, 50);

	as(rig, 100, "bash");
	ev_new(rig, 201, view);
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 4), 0);
	CHECK_NUM(r->rows[1].nlines, 1);
	as(rig, 201, "bash");
	view.slot[NSL_SLOT_USER] = ns_ref(60);
	ev_end(rig, NSL_SYS_UNSHARE, 0, view);
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 4), 0);
	CHECK_NUM(r->rows[1].nlines, 1);
	CHECK_NUM(r->lines[1].user->id, 60);
	ev_exit(rig, 201, "bash", view);
	ev_free(rig, 201);
	ev_ns_free(rig, NSL_UTS, 50);
	ev_ns_free(rig, NSL_USER, 60);
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 4), 0);
	CHECK_NUM(r->nrows, 2);
	CHECK_NUM(r->rows[1].kind, NSV_ROW_GHOST);
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 0), 0);
	CHECK_NUM(r->nrows, 1);
	nsv_rails_free(r);
	rig_free(rig);
}

static void filters(void)
{
	struct rig *rig = machine();
	struct nsv_graph_filter f = {.types = 1u << NSL_NET | 1u << NSL_USER};
	struct nsv_rails *r = laid_out(rig->g, &f);

	CHECK_NUM(r->nlanes, 2);
	CHECK_NUM(r->lanes[1].type, NSL_NET);
	CHECK(row_of(r, NSV_ROW_LONE, 2801) != NULL);
	CHECK(row_of(r, NSV_ROW_LONE, 2805) == NULL);
	nsv_rails_free(r);

	f = (struct nsv_graph_filter){.task = 2330};
	r = laid_out(rig->g, &f);
	CHECK_NUM(r->nrows, 1);
	CHECK_NUM(r->rows[0].id, 9);
	CHECK_NUM(r->lines[0].ntasks, 1);
	nsv_rails_free(r);

	f = (struct nsv_graph_filter){.task = 4128}; /* its own row, and what it builds */
	r = laid_out(rig->g, &f);
	CHECK_NUM(r->nrows, 2);
	CHECK_NUM(r->rows[1].kind, NSV_ROW_BUILDING);
	nsv_rails_free(r);

	f = (struct nsv_graph_filter){.ns = 2208};
	r = laid_out(rig->g, &f);
	CHECK_NUM(r->nrows, 3);
	CHECK_NUM(r->rows[2].id, 13);
	nsv_rails_free(r);

	f = (struct nsv_graph_filter){.ns = 2804}; /* with its parent: they keep each other */
	r = laid_out(rig->g, &f);
	CHECK_NUM(r->nrows, 2);
	CHECK_NUM(r->rows[0].id, 2803);
	nsv_rails_free(r);

	f = (struct nsv_graph_filter){.container = "77aa55cc33ee"};
	r = laid_out(rig->g, &f);
	CHECK_NUM(r->nrows, 1);
	CHECK_NUM(r->lines[0].ntasks, 4);
	nsv_rails_free(r);

	f = (struct nsv_graph_filter){.container = "nobody"};
	r = laid_out(rig->g, &f);
	CHECK_NUM(r->nrows, 0);
	nsv_rails_free(r);
	rig_free(rig);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 800 containers: 4,800 namespaces, 800 nsproxies; every third shares a pod's net. */
static void five_thousand(void)
{
	struct rig *rig = rig_host();
	struct nsv_rails *r = nsv_rails_new();
	uint64_t next = 100;
	double start, first, again;

	for (uint32_t i = 0; i < 800; i++) {
		struct box box = {10 + i, next, HOST(NSL_USER), NULL};
		struct nsl_view view = box_view(&box);

		if (i % 3)
			view.slot[NSL_SLOT_NET] = ns_ref(100 + 6 * (uint64_t)(i - i % 3) + 4);
		next += 6;
		as(rig, 100, "bash");
		ev_new(rig, 1000 + i, view);
	}
	start = seconds();
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 0), 0);
	first = seconds() - start;
	start = seconds();
	CHECK_NUM(nsv_rails_update(r, rig->g, &all, 0), 0);
	again = seconds() - start;
	check_sound(r);
	CHECK(r->nlanes == 8 && r->lanes[1].tracks <= 3);
	printf("# %zu cells, %zu rails: %.1f ms, again %.1f ms\n", r->ncells, r->nrails,
	       1e3 * first, 1e3 * again);
	CHECK(first < 1 && again < 1); /* far above what it takes, even under a sanitizer */
	nsv_rails_free(r);
	rig_free(rig);
}

int main(void)
{
	RUN(machine_layout);
	RUN(nothing_moves);
	RUN(label_repeated);
	RUN(line_kept);
	RUN(filters);
	RUN(five_thousand);
	return unit_end();
}
