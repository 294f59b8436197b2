// SPDX-License-Identifier: GPL-2.0-only
/* Versions, references to namespaces, and `mark`. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yaml.h"

bool lab_in_range(struct lab_range r, unsigned int kernel)
{
	return kernel >= r.from && kernel < r.below;
}

/* ">=6.3", "<6.3", "=6.12", ">=5.15 <7.1" */
bool lab_range_parse(const char *text, struct lab_range *r)
{
	*r = (struct lab_range){0, UINT_MAX};
	while (*(text += strspn(text, " "))) {
		unsigned int major, minor;
		size_t n = strcspn(text, "0123456789");
		int used = 0;

		if (sscanf(text + n, "%u.%u%n", &major, &minor, &used) != 2 || major > 99 ||
		    minor > 999)
			return false;
		if (n == 2 && !strncmp(text, ">=", 2))
			r->from = major * 1000 + minor;
		else if (n == 1 && *text == '<')
			r->below = major * 1000 + minor;
		else if (n == 1 && *text == '=')
			*r = (struct lab_range){major * 1000 + minor, major * 1000 + minor + 1};
		else
			return false;
		text += n + (size_t)used;
		if (*text && *text != ' ')
			return false;
	}
	return r->from < r->below && (r->from || r->below != UINT_MAX);
}

const char *lab_range_text(struct lab_range r, char *buf, size_t size)
{
	int n = 0;

	if (r.below == r.from + 1)
		snprintf(buf, size, "=%u.%u", r.from / 1000, r.from % 1000);
	else {
		*buf = 0;
		if (r.from)
			n = snprintf(buf, size, ">=%u.%u", r.from / 1000, r.from % 1000);
		if (r.below != UINT_MAX)
			snprintf(buf + n, size - (size_t)n, "%s<%u.%u", n ? " " : "",
				 r.below / 1000, r.below % 1000);
	}
	return buf;
}

bool lab_parse_range(struct reader *r, yaml_node_t *node, struct lab_range *range)
{
	const char *text = lab_scalar(r, node, "kernel");

	if (!text)
		return false;
	return lab_range_parse(text, range) ||
	       lab_wrong(r, node, 0,
			 "kernel: '%.40s' is no range of versions; write \"<6.3\", \">=6.3\", "
			 "\"=6.12\" or \">=5.15 <7.1\", in quotes",
			 text);
}

static int slot_word(const char *word)
{
	return strcmp(word, "pid") ? lab_slot(word) : NSL_SLOT_PID_ACTIVE;
}

/* "SLOT of ACTOR", "nsproxy of ACTOR", or the name of a mark */
bool lab_reference(struct reader *r, yaml_node_t *node, const char *text, struct lab_ref *ref)
{
	char slot[32] = "", of[8] = "", actor[32] = "", rest[8] = "", names[160];
	int n = sscanf(text, "%31s %7s %31s %7s", slot, of, actor, rest), v;

	*ref = (struct lab_ref){.mark = -1, .actor = -1};
	if (n == 1) {
		ref->mark = lab_mark_find(r->s, slot);
		return ref->mark >= 0 ||
		       lab_wrong(r, node, 0,
				 "'%.40s' is no mark so far; write SLOT of ACTOR, or mark it in an "
				 "earlier step",
				 slot);
	}
	if (n != 3 || strcmp(of, "of") != 0)
		return lab_wrong(r, node, 0, "'%.60s': write SLOT of ACTOR, as in uts of a", text);
	v = strcmp(slot, "nsproxy") ? slot_word(slot) : NSL_SLOTS;
	if (v < 0)
		return lab_wrong(r, node, 0,
				 "'%.40s' is no slot; write mnt, uts, ipc, pid_for_children, net, "
				 "time, time_for_children, cgroup, user, pid_active or nsproxy",
				 slot);
	ref->slot = (enum nsl_slot)v;
	ref->actor = lab_actor_find(r->s, actor);
	return ref->actor >= 0 || lab_wrong(r, node, 0, "no actor is called '%.40s'; there are %s",
					    actor, lab_actor_names(r->s, names, sizeof(names)));
}

static bool one_mark(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx)
{
	struct lab_step *step = ctx;
	const char *name = (const char *)key->data.scalar.value;
	const char *text = lab_scalar(r, value, "mark");
	struct lab_mark *m = &step->mark[step->nmarks];

	if (!text)
		return false;
	if (!lab_is_name(name))
		return lab_wrong(r, key, 0,
				 "mark: '%.40s' is no name: letters a-z, digits, - and _", name);
	if (step->nmarks == sizeof(step->mark) / sizeof(*step->mark))
		return lab_wrong(r, key, 0, "mark: more than %zu in one step", step->nmarks);
	if (!lab_reference(r, value, text, &m->ref))
		return false;
	if (m->ref.mark >= 0 || m->ref.slot == NSL_SLOTS)
		return lab_wrong(r, value, 0, "mark: write SLOT of ACTOR: a namespace is marked");
	m->mark = lab_mark_find(r->s, name);
	if (m->mark < 0) {
		if (r->s->nmarks == LAB_MAX_MARKS)
			return lab_wrong(r, key, 0, "mark: more than %d", LAB_MAX_MARKS);
		m->mark = (int)r->s->nmarks;
		strcpy(r->s->mark[r->s->nmarks++], name);
	}
	step->nmarks++;
	return true;
}

bool lab_parse_marks(struct reader *r, yaml_node_t *node, struct lab_step *step)
{
	return lab_pairs(r, node, "mark", one_mark, step);
}
