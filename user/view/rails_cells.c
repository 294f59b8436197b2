// SPDX-License-Identifier: GPL-2.0-only
/* Cells and rails: which line uses which namespace, on which track; what nothing uses. */
#include <stdlib.h>

#include "graph_keepers_of.h"
#include "rails_work.h"

static const enum nsl_type lane_order[NSL_TYPES] = {NSL_USER, NSL_MNT, NSL_UTS,	   NSL_IPC,
						    NSL_PID,  NSL_NET, NSL_CGROUP, NSL_TIME};

static struct nsv_use *add_use(struct nsv_rails_work *w, const struct nsg_ns *ns, uint64_t key,
			       size_t line)
{
	struct nsv_use *use = nsv_vec_add(&w->uses[ns->type], sizeof(*use));

	if (use) {
		use->ns = ns;
		use->place = (struct nsv_place){key, (uint32_t)line};
	}
	return use;
}

static bool wanted(const struct nsv_rails_work *w, const struct nsg_ns *ns)
{
	return ns && ns->type < NSL_TYPES && nsv_pick_type(w->pick, ns->type);
}

/* Two slots in one lane: what the tasks have now is marked where it differs. */
static bool add_time_uses(struct nsv_rails_work *w, struct nsv_row *row, uint64_t key)
{
	const struct nsg_ns *now = row->nsproxy->slot[NSL_SLOT_TIME];
	const struct nsg_ns *later = row->nsproxy->slot[NSL_SLOT_TIME_FOR_CHILDREN];
	struct nsv_use *use;

	row->time_pending = now && later && now != later;
	if (wanted(w, later) && !add_use(w, later, key, 0))
		return false;
	if (!wanted(w, now) || now == later)
		return true;
	use = add_use(w, now, key, 0);
	if (use)
		use->now = true;
	return use;
}

static bool add_row_uses(struct nsv_rails_work *w, struct nsv_row *row, uint64_t key)
{
	const struct nsv_line *lines = (struct nsv_line *)w->lines.data + row->first_line;

	for (size_t i = 0; i < row->nlines; i++)
		if (wanted(w, lines[i].user) && !add_use(w, lines[i].user, key, i))
			return false;
	for (int slot = 0; slot < NSL_NSPROXY_SLOTS; slot++) {
		const struct nsg_ns *ns = row->nsproxy->slot[slot];

		if (slot == NSL_SLOT_TIME || slot == NSL_SLOT_TIME_FOR_CHILDREN)
			continue;
		if (wanted(w, ns) && !add_use(w, ns, key, 0))
			return false;
	}
	return add_time_uses(w, row, key);
}

static size_t line_at(const struct nsv_rails_work *w, struct nsv_place place)
{
	const struct nsv_row *rows = w->rows.data;
	const struct nsv_old_row *keys = w->m->rows.data;
	size_t low = 0, high = w->m->rows.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (keys[middle].id < place.row)
			low = middle + 1;
		else
			high = middle;
	}
	return rows[low].first_line + place.line;
}

static struct nsv_cell *add_cell(struct nsv_rails_work *w, const struct nsg_ns *ns, size_t line,
				 int lane, uint32_t track)
{
	struct nsv_cell *cell = nsv_vec_add(&w->cells, sizeof(*cell));

	if (cell)
		*cell = (struct nsv_cell){
			.ns = ns,
			.id = ns->id,
			.inum = ns->inum,
			.line = (uint32_t)line,
			.lane = (uint16_t)lane,
			.track = track,
			.initial = ns->initial,
		};
	return cell;
}

static bool is_pending(const struct nsv_rails_work *w, const struct nsv_use *use, size_t line)
{
	const struct nsv_line *lines = w->lines.data;
	const struct nsv_row *row = (struct nsv_row *)w->rows.data + lines[line].row;

	if (use->ns->type == NSL_TIME)
		return row->time_pending && !use->now;
	if (use->ns->type != NSL_PID)
		return false;
	for (size_t i = 0; i < row->nlines; i++)
		if (lines[row->first_line + i].pid_pending)
			return true;
	return false;
}

static bool put_cells(struct nsv_rails_work *w, int lane, const struct nsv_vec *uses)
{
	const struct nsv_use *u = uses->data;

	for (size_t i = 0; i < uses->n; i++) {
		size_t line = line_at(w, u[i].place);
		struct nsv_cell *cell = add_cell(w, u[i].ns, line, lane, u[i].track);

		if (!cell)
			return false;
		cell->label = u[i].label;
		cell->now = u[i].now;
		cell->pending = is_pending(w, &u[i], line);
	}
	return true;
}

static bool put_rails(struct nsv_rails_work *w, int lane, const struct nsv_tracks *t)
{
	for (size_t i = 0; i < t->tracks.n; i++) {
		const struct nsv_vec *track = (struct nsv_vec *)t->tracks.data + i;
		const struct nsv_stretch *s = track->data;

		for (size_t k = 0; k < track->n; k++) {
			struct nsv_rail *rail = nsv_vec_add(&w->rails, sizeof(*rail));

			if (!rail)
				return false;
			*rail = (struct nsv_rail){
				.ns = s[k].ns,
				.id = s[k].id,
				.first = (uint32_t)line_at(w, s[k].first),
				.last = (uint32_t)line_at(w, s[k].last),
				.track = s[k].track,
				.lane = (uint16_t)lane,
				.initial = s[k].ns->initial,
			};
		}
		if (track->n && i + 1 > w->r->lanes[lane].tracks)
			w->r->lanes[lane].tracks = (uint32_t)i + 1;
	}
	return true;
}

static bool place_zombies(struct nsv_rails_work *w)
{
	const struct nsv_row *rows = w->rows.data;
	const struct nsv_line *lines = w->lines.data;
	const struct nsv_row *last = w->rows.n ? &rows[w->rows.n - 1] : NULL;

	if (!last || last->kind != NSV_ROW_ZOMBIES)
		return true;
	for (size_t i = last->first_line; i < last->first_line + last->nlines; i++)
		if (lines[i].user && !nsv_rails_add_loose(w, lines[i].user, i))
			return false;
	return true;
}

bool nsv_rails_cells(struct nsv_rails_work *w)
{
	struct nsv_rails *r = w->r;
	struct nsv_row *rows = w->rows.data;
	const struct nsv_old_row *keys = w->m->rows.data;

	for (size_t i = 0; i < w->m->rows.n; i++)
		if (rows[i].nsproxy && !add_row_uses(w, &rows[i], keys[i].id))
			return false;
	for (size_t i = 0; i < NSL_TYPES; i++) {
		enum nsl_type type = lane_order[i];
		int lane = (int)r->nlanes;

		if (!nsv_pick_type(w->pick, type))
			continue;
		r->lanes[r->nlanes++] = (struct nsv_lane){type, 2};
		if (!nsv_tracks_update(&w->m->tracks[type], &w->uses[type]) ||
		    !put_cells(w, lane, &w->uses[type]) || !put_rails(w, lane, &w->m->tracks[type]))
			return false;
	}
	return place_zombies(w);
}

bool nsv_rails_add_loose(struct nsv_rails_work *w, const struct nsg_ns *ns, size_t line)
{
	int lane = nsv_rails_lane(w->r, ns->type);
	const struct nsv_rail *rails = w->rails.data;
	uint32_t track = ns->initial ? 0 : 1;
	struct nsv_cell *cell;

	if (lane < 0)
		return true;
	/* one that no task reaches has no rail */
	for (size_t i = 0; i < w->rails.n && !ns->initial && !nsv_is_lone(ns); i++)
		if (rails[i].lane == lane && rails[i].id == ns->id)
			track = rails[i].track;
	cell = add_cell(w, ns, line, lane, track);
	if (cell)
		cell->label = true;
	return cell;
}

static bool add_lone(struct nsv_rails_work *w, const struct nsv_keepers *keepers,
		     const struct nsg_ns *ns)
{
	struct nsv_row *row = nsv_rails_add_row(w, NSV_ROW_LONE, ns->id);
	struct nsv_line *line = nsv_vec_add(&w->lines, sizeof(*line));

	if (!row || !line)
		return false;
	row->lone = ns;
	row->first_line = w->lines.n - 1;
	row->nlines = 1;
	line->row = w->rows.n - 1;
	const struct nsg_keeper *const *k = nsv_keepers_of(keepers, ns, &row->nkeepers);

	row->keeper = row->nkeepers ? k[0] : NULL;
	return nsv_rails_add_loose(w, ns, row->first_line);
}

bool nsv_rails_lone(struct nsv_rails_work *w)
{
	struct nsv_keepers keepers = {0};
	bool done = nsv_keepers_init(&keepers, w->g);

	for (const struct nsg_ns *ns = nsg_namespaces(w->g); ns && done; ns = ns->next)
		if (nsv_is_lone(ns) && nsv_pick_ns(w->pick, ns))
			done = add_lone(w, &keepers, ns);
	nsv_keepers_free(&keepers);
	return done;
}
