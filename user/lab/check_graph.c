// SPDX-License-Identifier: GPL-2.0-only
/* Expectations about what exists, who uses it and what holds it. */
#include <stdio.h>
#include <string.h>

#include "check_internal.h"

/* The namespace in a slot of an actor; NULL: the task, or its nsproxy, is gone. */
static const struct nsg_ns *slot_of(const struct lab_world *w, int actor, enum nsl_slot slot)
{
	const struct nsg_task *t = nsg_find_task(w->graph, w->tid[actor]);

	if (!t || !w->tid[actor])
		return NULL;
	if (slot == NSL_SLOT_USER)
		return t->user;
	if (slot == NSL_SLOT_PID_ACTIVE)
		return t->pid_active;
	return t->nsproxy ? t->nsproxy->slot[slot] : NULL;
}

void lab_take_marks(struct lab_world *w, const struct lab_step *step)
{
	for (size_t i = 0; i < step->nmarks && w->graph; i++) {
		const struct lab_mark *m = &step->mark[i];
		const struct nsg_ns *ns = slot_of(w, m->ref.actor, m->ref.slot);

		w->mark[m->mark] = ns ? ns->id : 0;
	}
}

/* The id of what a reference means; 0: there is nothing. */
static uint64_t resolve(const struct lab_world *w, const struct lab_ref *ref)
{
	const struct nsg_ns *ns;
	const struct nsg_task *t;

	if (ref->mark >= 0)
		return w->mark[ref->mark];
	if (ref->slot < NSL_SLOTS) {
		ns = slot_of(w, ref->actor, ref->slot);
		return ns ? ns->id : 0;
	}
	t = w->tid[ref->actor] ? nsg_find_task(w->graph, w->tid[ref->actor]) : NULL;
	return t && t->nsproxy ? t->nsproxy->id : 0;
}

static const char *ref_text(const struct lab_world *w, const struct lab_ref *ref, char *buf,
			    size_t size)
{
	if (ref->mark >= 0)
		snprintf(buf, size, "%s", w->s->mark[ref->mark]);
	else
		snprintf(buf, size, "%s of %s",
			 ref->slot < NSL_SLOTS ? nsm_slot_name(ref->slot) : "nsproxy",
			 w->s->actor[ref->actor].name);
	return buf;
}

/* "uts:[4026532190]", "nsproxy#7", or "nothing" */
static const char *value_text(const struct lab_world *w, const struct lab_ref *ref, char *buf,
			      size_t size)
{
	uint64_t id = resolve(w, ref);
	const struct nsg_ns *ns = nsg_find_ns(w->graph, id);

	if (!id)
		snprintf(buf, size, "nothing");
	else if (ref->mark < 0 && ref->slot == NSL_SLOTS)
		snprintf(buf, size, "nsproxy#%llu", (unsigned long long)id);
	else if (ns)
		snprintf(buf, size, "%s:[%u]", nsm_type_name((enum nsl_type)ns->type), ns->inum);
	else
		snprintf(buf, size, "a namespace that is gone");
	return buf;
}

static void check_pairs(const struct lab_world *w, const struct lab_pair *pair, size_t n,
			enum lab_key key, struct lab_findings *to)
{
	for (size_t i = 0; i < n; i++) {
		char a[64], b[64], va[64], vb[64], text[200];
		uint64_t x = resolve(w, &pair[i].a), y = resolve(w, &pair[i].b);
		bool ok = x && y && (x == y) == (key == LAB_X_SAME);

		snprintf(text, sizeof(text), "%s and %s are %s",
			 ref_text(w, &pair[i].a, a, sizeof(a)),
			 ref_text(w, &pair[i].b, b, sizeof(b)),
			 key == LAB_X_SAME ? "the same" : "different");
		lab_found(to, key, ok ? LAB_HOLDS : LAB_DIFFERS, text, "%s is %s, %s is %s", a,
			  value_text(w, &pair[i].a, va, sizeof(va)), b,
			  value_text(w, &pair[i].b, vb, sizeof(vb)));
	}
}

/*
 * By tasks. Where no deaths are seen, child and owned namespaces in the graph may
 * be gone for long: they prove nothing.
 */
static bool in_use(const struct nsg_ns *ns)
{
	return ns && (ns->nsproxies || ns->tasks);
}

static bool has_keeper(const struct lab_world *w, uint64_t id)
{
	size_t n;
	const struct nsg_keeper *k = nsg_keepers(w->graph, &n);

	for (size_t i = 0; w->keepers && i < n; i++)
		if (k[i].ns && k[i].ns->id == id)
			return true;
	return false;
}

static void check_dead(const struct lab_world *w, const struct lab_expect *x,
		       struct lab_findings *to)
{
	for (size_t m = 0; m < w->s->nmarks; m++) {
		uint64_t id = w->mark[m];
		bool dead = lab_seen_died_now(w->seen, id);
		char text[80];

		if (!(x->died & 1ul << m))
			continue;
		snprintf(text, sizeof(text), "%s is destroyed", w->s->mark[m]);
		if (!id)
			lab_found(to, LAB_X_DIED, LAB_DIFFERS, text, "it was never there");
		else if (!w->functions && !in_use(nsg_find_ns(w->graph, id)))
			lab_found(to, LAB_X_DIED, LAB_NOT_OBSERVABLE, text, "%s", "");
		else
			lab_found(to, LAB_X_DIED, dead ? LAB_HOLDS : LAB_DIFFERS, text, "%s",
				  lab_seen_died(w->seen, id) ? "it was destroyed before this step"
							     : "it still exists");
	}
}

/* Of the namespaces that were born in this step: how many of each type are gone? */
static void check_dead_types(const struct lab_world *w, const struct lab_expect *x,
			     struct lab_findings *to)
{
	unsigned int dead[NSL_TYPES] = {0};
	size_t n;
	const struct lab_birth *b = lab_seen_births(w->seen, &n);

	for (size_t i = 0; i < n; i++)
		if (b[i].type < NSL_TYPES && lab_seen_died_now(w->seen, b[i].id))
			dead[b[i].type]++;
	for (int t = 0; t < NSL_TYPES; t++) {
		char text[80];

		if (!x->died_types[t])
			continue;
		snprintf(text, sizeof(text), "%u new %s namespace%s destroyed again",
			 x->died_types[t], nsm_type_name((enum nsl_type)t),
			 x->died_types[t] > 1 ? "s are" : " is");
		lab_found(to, LAB_X_DIED,
			  !w->functions			? LAB_NOT_OBSERVABLE
			  : dead[t] == x->died_types[t] ? LAB_HOLDS
							: LAB_DIFFERS,
			  text, "%u", dead[t]);
	}
}

static void check_alive(const struct lab_world *w, const struct lab_expect *x,
			struct lab_findings *to)
{
	for (size_t m = 0; m < w->s->nmarks; m++) {
		uint64_t id = w->mark[m];
		const struct nsg_ns *ns = id ? nsg_find_ns(w->graph, id) : NULL;
		char text[80];
		enum lab_verdict verdict = LAB_HOLDS;

		if (!(x->alive & 1ul << m))
			continue;
		snprintf(text, sizeof(text), "%s exists", w->s->mark[m]);
		if (w->functions)
			verdict = ns && !lab_seen_died(w->seen, id) ? LAB_HOLDS : LAB_DIFFERS;
		else if (!in_use(ns) && !has_keeper(w, id))
			verdict = LAB_NOT_OBSERVABLE;
		lab_found(to, LAB_X_ALIVE, verdict, text, "it is destroyed");
	}
}

/*
 * By a task, an nsproxy, a descriptor …; or by a namespace below it or owned by it
 * that is held itself.
 */
static bool is_held(const struct lab_world *w, const struct nsg_ns *ns)
{
	if (in_use(ns) || has_keeper(w, ns->id))
		return true;
	for (const struct nsg_ns *o = nsg_namespaces(w->graph); o; o = o->next)
		if ((o->parent == ns || o->owner == ns) && o != ns && is_held(w, o))
			return true;
	return false;
}

bool lab_alive_is_held(const struct lab_world *w, const struct lab_step *step)
{
	struct lab_expect x;

	lab_expect_merge(step, w->kernel, &x);
	for (size_t m = 0; m < w->s->nmarks; m++) {
		const struct nsg_ns *ns = w->mark[m] ? nsg_find_ns(w->graph, w->mark[m]) : NULL;

		if (x.set & 1u << LAB_X_ALIVE && x.alive & 1ul << m && ns && !is_held(w, ns))
			return false;
	}
	return true;
}

static unsigned int kinds_of(const struct lab_world *w, const struct nsg_ns *ns)
{
	unsigned int kinds = 0;
	size_t n;
	const struct nsg_keeper *k = nsg_keepers(w->graph, &n);

	if (!ns)
		return 0;
	kinds |= ns->tasks ? 1u << LAB_KEEP_TASK : 0;
	kinds |= ns->nsproxies ? 1u << LAB_KEEP_NSPROXY : 0;
	kinds |= ns->children ? 1u << LAB_KEEP_CHILD : 0;
	kinds |= ns->owned ? 1u << LAB_KEEP_OWNED : 0;
	for (size_t i = 0; i < n; i++)
		if (k[i].ns && k[i].ns->id == ns->id)
			kinds |= 1u << (LAB_KEEP_FILE + (int)k[i].kind);
	return kinds;
}

static void kinds_text(unsigned int kinds, char *buf, size_t size)
{
	size_t n = 0;

	snprintf(buf, size, "nothing");
	for (int i = 0; i < (int)LAB_KEEPERS; i++)
		if (kinds & 1u << i && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
					      lab_keeper_name(i));
}

static void check_keepers(const struct lab_world *w, const struct lab_expect *x,
			  struct lab_findings *to)
{
	for (size_t i = 0; i < x->nkeepers; i++) {
		int m = x->keepers[i].mark;
		const struct nsg_ns *ns = w->mark[m] ? nsg_find_ns(w->graph, w->mark[m]) : NULL;
		unsigned int really = kinds_of(w, ns);
		char want[160], is[160], text[240];

		kinds_text(x->keepers[i].kinds, want, sizeof(want));
		kinds_text(really, is, sizeof(is));
		snprintf(text, sizeof(text), "%s is held by %s", w->s->mark[m], want);
		if (!w->keepers)
			lab_found(to, LAB_X_KEEPERS, LAB_NOT_OBSERVABLE, text, "%s", "");
		else
			lab_found(to, LAB_X_KEEPERS,
				  really == x->keepers[i].kinds ? LAB_HOLDS : LAB_DIFFERS, text,
				  "by %s%s", is, ns ? "" : ": it is gone");
	}
}

static void check_numbers(const struct lab_world *w, const struct lab_expect *x,
			  struct lab_findings *to)
{
	char text[120];

	for (size_t i = 0; i < x->ntasks; i++) {
		int actor = x->tasks[i].who;
		const struct nsg_task *t = nsg_find_task(w->graph, w->tid[actor]);
		unsigned int n = t && t->nsproxy ? t->nsproxy->ntasks : 0;

		snprintf(text, sizeof(text), "%u tasks share the nsproxy of %s", x->tasks[i].n,
			 w->s->actor[actor].name);
		lab_found(to, LAB_X_TASKS, n == x->tasks[i].n ? LAB_HOLDS : LAB_DIFFERS, text, "%u",
			  n);
	}
	for (size_t i = 0; i < x->nlevel; i++) {
		const struct nsg_ns *ns = nsg_find_ns(w->graph, w->mark[x->level[i].who]);

		snprintf(text, sizeof(text), "%s has level %u", w->s->mark[x->level[i].who],
			 x->level[i].n);
		if (ns && ns->details)
			lab_found(to, LAB_X_LEVEL,
				  ns->level == x->level[i].n ? LAB_HOLDS : LAB_DIFFERS, text, "%u",
				  ns->level);
		else
			lab_found(to, LAB_X_LEVEL, LAB_DIFFERS, text, "it is not known");
	}
}

static void check_relations(const struct lab_world *w, const struct lab_pair *pair, size_t n,
			    enum lab_key key, struct lab_findings *to)
{
	for (size_t i = 0; i < n; i++) {
		const struct nsg_ns *ns = nsg_find_ns(w->graph, resolve(w, &pair[i].a)), *really;
		uint64_t want = resolve(w, &pair[i].b);
		char a[64], b[64], text[160];

		snprintf(text, sizeof(text), "%s is the %s of %s",
			 ref_text(w, &pair[i].b, b, sizeof(b)), lab_key_name(key),
			 ref_text(w, &pair[i].a, a, sizeof(a)));
		really = !ns ? NULL : key == LAB_X_OWNER ? ns->owner : ns->parent;
		if (really)
			lab_found(to, key, really->id == want ? LAB_HOLDS : LAB_DIFFERS, text,
				  "it is %s:[%u]", nsm_type_name((enum nsl_type)really->type),
				  really->inum);
		else
			lab_found(to, key, LAB_DIFFERS, text, "%s",
				  ns ? "none is known" : "the namespace is gone");
	}
}

void lab_check_graph(const struct lab_world *w, const struct lab_expect *x, struct lab_findings *to)
{
	check_dead(w, x, to);
	check_dead_types(w, x, to);
	check_alive(w, x, to);
	check_keepers(w, x, to);
	check_pairs(w, x->same, x->nsame, LAB_X_SAME, to);
	check_pairs(w, x->different, x->ndifferent, LAB_X_DIFFERENT, to);
	check_numbers(w, x, to);
	check_relations(w, x->owner, x->nowner, LAB_X_OWNER, to);
	check_relations(w, x->parent, x->nparent, LAB_X_PARENT, to);
}
