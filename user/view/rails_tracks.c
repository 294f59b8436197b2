// SPDX-License-Identifier: GPL-2.0-only
/*
 * First-fit interval colouring with a memory. Laid out for the first time, every
 * namespace is one stretch from its first use to its last. Later, old stretches stay
 * where they are; one that is used further on grows, and where another one is in the
 * way, a second stretch is begun on another track: its label is repeated.
 */
#include "rails_tracks.h"

#include <stdlib.h>
#include <string.h>

int nsv_place_order(struct nsv_place a, struct nsv_place b)
{
	return a.row != b.row ? NSV_ORDER(a.row, b.row) : NSV_ORDER(a.line, b.line);
}

static int use_order(const void *a, const void *b)
{
	const struct nsv_use *x = a, *y = b;

	if (x->ns != y->ns)
		return NSV_ORDER(x->ns->id, y->ns->id);
	return nsv_place_order(x->place, y->place);
}

static int old_order(const void *a, const void *b)
{
	const struct nsv_stretch *x = a, *y = b;

	return x->id != y->id ? NSV_ORDER(x->id, y->id) : nsv_place_order(x->first, y->first);
}

static struct nsv_vec *track_at(const struct nsv_tracks *t, size_t i)
{
	return (struct nsv_vec *)t->tracks.data + i;
}

/* Index of the first stretch that ends at `place` or behind it. */
static size_t search(const struct nsv_vec *track, struct nsv_place place)
{
	const struct nsv_stretch *s = track->data;
	size_t low = 0, high = track->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (nsv_place_order(s[middle].last, place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* `own` is not in the way. */
static bool is_free(const struct nsv_vec *track, struct nsv_place first, struct nsv_place last,
		    uint64_t own)
{
	const struct nsv_stretch *s = track->data;

	for (size_t i = search(track, first); i < track->n; i++) {
		if (nsv_place_order(s[i].first, last) > 0)
			return true;
		if (s[i].id != own)
			return false;
	}
	return true;
}

static bool insert(struct nsv_tracks *t, const struct nsv_stretch *s)
{
	while (t->tracks.n <= s->track)
		if (!nsv_vec_add(&t->tracks, sizeof(struct nsv_vec)))
			return false;
	struct nsv_vec *track = track_at(t, s->track);
	size_t at = search(track, s->first);

	if (!nsv_vec_add(track, sizeof(*s)))
		return false;
	struct nsv_stretch *all = track->data;

	memmove(&all[at + 1], &all[at], (track->n - 1 - at) * sizeof(*s));
	all[at] = *s;
	return true;
}

static bool has_place(const struct nsv_stretch *s, struct nsv_place place)
{
	return nsv_place_order(s->first, place) <= 0 && nsv_place_order(place, s->last) <= 0;
}

/* All uses of one namespace. */
struct group {
	struct nsv_use *uses;
	size_t n;
	struct nsv_place open; /* first use that no old stretch covers; zero: none */
	bool old;	       /* it has old stretches */
};

static int open_order(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return nsv_place_order(x->open, y->open);
}

/* Cuts a stretch down to what is still used of it. */
static bool keep_used(struct nsv_stretch *s, const struct group *g)
{
	struct nsv_stretch cut = *s;
	bool any = false;

	for (size_t i = 0; i < g->n; i++) {
		if (!has_place(s, g->uses[i].place))
			continue;
		if (!any)
			cut.first = g->uses[i].place;
		cut.last = g->uses[i].place;
		any = true;
	}
	cut.ns = g->uses[0].ns;
	*s = cut;
	return any;
}

static void find_open(struct group *g, const struct nsv_stretch *old, size_t n)
{
	for (size_t k = 0; k < g->n; k++) {
		bool covered = false;

		for (size_t i = 0; i < n && !covered; i++)
			covered = has_place(&old[i], g->uses[k].place);
		if (!covered) {
			g->open = g->uses[k].place;
			return;
		}
	}
}

/* Old stretches that are still used go back first; `uses` become groups. */
static bool keep_old(struct nsv_tracks *t, const struct nsv_vec *old, struct nsv_vec *groups,
		     struct nsv_vec *uses)
{
	struct nsv_stretch *s = old->data;
	struct nsv_use *u = uses->data;
	size_t at = 0;

	for (size_t i = 0; i < uses->n;) {
		struct group *g = nsv_vec_add(groups, sizeof(*g));

		if (!g)
			return false;
		g->uses = &u[i];
		while (i < uses->n && u[i].ns == g->uses->ns) {
			g->n++;
			i++;
		}
		while (at < old->n && s[at].id < g->uses->ns->id)
			at++;
		size_t first = at;

		for (; at < old->n && s[at].id == g->uses->ns->id; at++)
			if (keep_used(&s[at], g) && !insert(t, &s[at]))
				return false;
		g->old = at > first;
		find_open(g, s ? &s[first] : NULL, at - first);
	}
	return true;
}

/* A stretch of this namespace that has the place, or the last one before it. */
static struct nsv_stretch *own_stretch(const struct nsv_tracks *t, uint64_t id,
				       struct nsv_place place, bool before)
{
	struct nsv_stretch *best = NULL;

	for (size_t i = 0; i < t->tracks.n; i++) {
		const struct nsv_vec *track = track_at(t, i);
		struct nsv_stretch *s = track->data;
		size_t at = search(track, place);

		if (at < track->n && s[at].id == id && has_place(&s[at], place))
			return &s[at];
		if (before && at && s[at - 1].id == id &&
		    (!best || nsv_place_order(best->last, s[at - 1].last) < 0))
			best = &s[at - 1];
	}
	return best;
}

/* From the use `k` as far as its own uses go, up to a stretch that is there already. */
static bool begin_stretch(struct nsv_tracks *t, const struct group *g, size_t k)
{
	const struct nsg_ns *ns = g->uses[k].ns;
	struct nsv_stretch fresh = {
		.id = ns->id,
		.ns = ns,
		.first = g->uses[k].place,
		.last = g->uses[k].place,
		.track = ns->initial ? 0 : 1, /* 0 is kept for the initial one */
	};

	for (size_t i = k + 1; i < g->n; i++) {
		if (g->old && own_stretch(t, ns->id, g->uses[i].place, false))
			break;
		fresh.last = g->uses[i].place;
	}
	while (fresh.track < t->tracks.n &&
	       !is_free(track_at(t, fresh.track), fresh.first, fresh.last, 0))
		fresh.track++;
	return insert(t, &fresh);
}

static bool settle(struct nsv_tracks *t, struct group *g)
{
	for (size_t k = 0; k < g->n;) {
		uint64_t id = g->uses[k].ns->id;
		struct nsv_place place = g->uses[k].place;
		struct nsv_stretch *s = own_stretch(t, id, place, true);

		if (s && !has_place(s, place)) {
			if (is_free(track_at(t, s->track), s->last, place, id))
				s->last = place;
			else
				s = NULL;
		}
		if (!s) {
			if (!begin_stretch(t, g, k))
				return false;
			s = own_stretch(t, id, place, false);
		}
		for (; k < g->n && has_place(s, g->uses[k].place); k++) {
			g->uses[k].track = s->track;
			g->uses[k].label = !nsv_place_order(g->uses[k].place, s->first);
		}
	}
	return true;
}

static bool take_old(struct nsv_tracks *t, struct nsv_vec *old)
{
	for (size_t i = 0; i < t->tracks.n; i++) {
		struct nsv_vec *track = track_at(t, i);
		const struct nsv_stretch *s = track->data;

		for (size_t j = 0; j < track->n; j++) {
			struct nsv_stretch *copy = nsv_vec_add(old, sizeof(*copy));

			if (!copy)
				return false;
			*copy = s[j];
			copy->ns = NULL;
		}
		track->n = 0;
	}
	nsv_vec_sort(old, sizeof(struct nsv_stretch), old_order);
	return true;
}

bool nsv_tracks_update(struct nsv_tracks *t, struct nsv_vec *uses)
{
	struct nsv_vec old = {0}, groups = {0};
	bool done = false;

	nsv_vec_sort(uses, sizeof(struct nsv_use), use_order);
	if (!take_old(t, &old) || !keep_old(t, &old, &groups, uses))
		goto out;
	nsv_vec_sort(&groups, sizeof(struct group), open_order);
	struct group *g = groups.data;

	for (size_t i = 0; i < groups.n; i++)
		if (!settle(t, &g[i]))
			goto out;
	done = true;
out:
	nsv_vec_free(&old);
	nsv_vec_free(&groups);
	return done;
}

void nsv_tracks_clear(struct nsv_tracks *t)
{
	for (size_t i = 0; i < t->tracks.n; i++)
		nsv_vec_free(track_at(t, i));
	nsv_vec_free(&t->tracks);
}
