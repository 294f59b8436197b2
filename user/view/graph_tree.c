// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two trees: user namespaces with what each owns, and pid namespaces with who is
 * in them under which number.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "graph_names.h"
#include "graph_view.h"
#include "utf8.h"
#include "vec.h"

#define DEPTH	   40 /* the kernel allows 32 levels */
#define TASKS_MOST 12

struct member {
	uint64_t in;		     /* id of the parent, the owner or the pid namespace */
	const struct nsg_ns *ns;     /* a child, or what is owned */
	const struct nsg_task *task; /* who is in it */
};

struct tree {
	struct nsv *v;
	const struct nsg *g;
	const struct nsv_graph_options *o;
	struct nsv_pick *pick;
	enum nsl_type type;
	struct nsv_vec children, owned, tasks;
	bool last[DEPTH]; /* the branch at this depth has no more siblings */
};

static int member_order(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->in != y->in)
		return NSV_ORDER(x->in, y->in);
	if (!x->ns || !y->ns) {
		if (x->task->pid != y->task->pid)
			return NSV_ORDER(x->task->pid, y->task->pid);
		return NSV_ORDER(x->task->tid, y->task->tid);
	}
	return x->ns->type != y->ns->type ? NSV_ORDER(x->ns->type, y->ns->type)
					  : NSV_ORDER(x->ns->id, y->ns->id);
}

static const struct member *members(const struct nsv_vec *all, uint64_t in, size_t *n)
{
	const struct member *m = all->data;
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m[middle].in < in)
			low = middle + 1;
		else
			high = middle;
	}
	*n = 0;
	while (low + *n < all->n && m[low + *n].in == in)
		++*n;
	return *n ? &m[low] : NULL;
}

static void add(struct nsv_vec *to, const struct nsg_ns *in, const struct nsg_ns *ns,
		const struct nsg_task *task)
{
	struct member *m = in ? nsv_vec_add(to, sizeof(*m)) : NULL;

	if (m)
		*m = (struct member){in->id, ns, task};
}

static void add_tasks(struct tree *t, const struct nsg_task *first)
{
	for (; first; first = first->next)
		if (nsv_pick_task(t->pick, first))
			add(&t->tasks, t->type == NSL_USER ? first->user : first->pid_active, NULL,
			    first);
}

static bool collect(struct tree *t)
{
	struct nsv_vec *all[] = {&t->children, &t->owned, &t->tasks};
	bool done = true;

	for (const struct nsg_ns *ns = nsg_namespaces(t->g); ns; ns = ns->next) {
		/* a type filter chooses what is owned, not the tree itself */
		if (ns->type == t->type)
			add(&t->children, ns->parent, ns, NULL);
		else if (t->type == NSL_USER && nsv_pick_ns(t->pick, ns))
			add(&t->owned, ns->owner, ns, NULL);
	}
	for (const struct nsg_nsproxy *x = nsg_nsproxies(t->g); x; x = x->next)
		add_tasks(t, x->first_task);
	add_tasks(t, nsg_zombies(t->g));
	for (size_t i = 0; i < 3; i++) {
		nsv_vec_sort(all[i], sizeof(struct member), member_order);
		done = done && !all[i]->failed;
	}
	return done;
}

/* The lines at the left of what stands at `depth`; `own` is the branch to it. */
static int put_branches(struct tree *t, struct nsv_flow *f, int depth, bool own)
{
	bool utf8 = t->v->utf8;

	nsv_flow_begin_line(f, t->v);
	nsv_flow_word(f, 0, NSV_PLAIN, " ");
	for (int i = 1; i < depth; i++)
		nsv_flow_word(f, 0, NSV_DIM, t->last[i] ? "   " : utf8 ? "│  " : "|  ");
	if (depth && own)
		nsv_flow_word(f, 0, NSV_DIM,
			      t->last[depth] ? (utf8 ? "└─ " : "`- ") : (utf8 ? "├─ " : "|- "));
	else if (depth)
		nsv_flow_word(f, 0, NSV_DIM, t->last[depth] ? "   " : utf8 ? "│  " : "|  ");
	return 1 + 3 * depth;
}

/* A line of words under a node, wrapped by hand so that the branches go on. */
struct under {
	struct tree *t;
	struct nsv_flow f;
	int depth;
	bool children; /* a branch goes down from the node */
	bool open;
};

static void under_begin(struct under *u)
{
	put_branches(u->t, &u->f, u->depth, false);
	nsv_flow_word(&u->f, 0, NSV_DIM, !u->children ? "   " : u->t->v->utf8 ? "│  " : "|  ");
	u->open = true;
}

static void under_word(struct under *u, unsigned int colour, const char *text)
{
	if (u->open && u->t->o->width && u->f.column + 2 + nsv_utf8_width(text) > u->t->o->width) {
		nsv_flow_end(&u->f);
		u->open = false;
	}
	if (!u->open) {
		under_begin(u);
		nsv_flow_word(&u->f, 1, colour, text);
	} else {
		nsv_flow_word(&u->f, 2, colour, text);
	}
}

static void under_end(struct under *u)
{
	if (u->open)
		nsv_flow_end(&u->f);
	u->open = false;
}

/* The host owns hundreds: a number for each type says it. */
static void put_owned(struct tree *t, const struct nsg_ns *ns, int depth, bool children)
{
	struct under u = {.t = t, .depth = depth, .children = children};
	size_t n, counts[NSL_TYPES] = {0};
	const struct member *m = members(&t->owned, ns->id, &n);
	char word[2 * NSV_WORD], label[NSV_WORD];

	if (!n)
		return;
	snprintf(word, sizeof(word), "owns %zu:", n);
	under_word(&u, NSV_PLAIN, word);
	for (size_t i = 0; i < n; i++)
		counts[m[i].ns->type]++;
	for (int type = 0; type < NSL_TYPES && ns->initial && !t->o->verbose; type++) {
		if (!counts[type])
			continue;
		snprintf(word, sizeof(word), "%zu %s", counts[type],
			 nsm_type_name((enum nsl_type)type));
		under_word(&u, (unsigned int)type, word);
	}
	for (size_t i = 0; i < n && (!ns->initial || t->o->verbose); i++) {
		if (t->o->verbose)
			nsv_ns_name(m[i].ns->type, m[i].ns->inum, word);
		else
			snprintf(word, sizeof(word), "%s %s", nsm_type_name(m[i].ns->type),
				 nsv_ns_label(m[i].ns, label));
		under_word(&u, m[i].ns->type, word);
	}
	under_end(&u);
}

static void put_task(struct under *u, const struct nsg_task *task, size_t threads)
{
	struct tree *t = u->t;
	char safe[256], word[512], times[NSV_WORD] = "";

	nsv_safe(t->v, task->comm, safe, sizeof(safe));
	if (threads > 1)
		snprintf(times, sizeof(times), " %s%zu", t->v->utf8 ? "×" : "x", threads);
	if (t->type == NSL_PID)
		snprintf(word, sizeof(word), "%5" PRIu32 " = %-7" PRIu32 " %s%s%s", task->ns_pid,
			 task->pid, safe, times, task->nsproxy ? "" : " (zombie)");
	else
		snprintf(word, sizeof(word), "%" PRIu32 " %s%s", task->pid, safe, times);
	under_word(u, NSV_PLAIN, word);
	if (t->type == NSL_PID)
		under_end(u); /* one a line: these are two columns */
}

static void put_tasks(struct tree *t, const struct nsg_ns *ns, int depth, bool children)
{
	struct under u = {.t = t, .depth = depth, .children = children};
	size_t n, shown = 0, length;
	const struct member *m = members(&t->tasks, ns->id, &n);
	char word[NSV_WORD];

	if (!n || (ns->initial && !t->o->verbose))
		return;
	if (t->type == NSL_PID)
		under_word(&u, NSV_DIM, " here = outside");
	under_end(&u);
	for (size_t i = 0; i < n; i += length) {
		length = 1;
		while (i + length < n && m[i + length].task->pid == m[i].task->pid)
			length++;
		if (shown++ >= TASKS_MOST && !t->o->verbose) {
			snprintf(word, sizeof(word), "%s %zu more tasks", t->v->utf8 ? "…" : "...",
				 n - i);
			under_word(&u, NSV_DIM, word);
			break;
		}
		put_task(&u, m[i].task, length);
	}
	under_end(&u);
}

static void put_node(struct tree *t, const struct nsg_ns *ns, int depth)
{
	struct nsv_flow f;
	char word[2 * NSV_WORD], name[NSV_WORD];
	size_t n;
	const struct member *children = members(&t->children, ns->id, &n), *last = NULL;

	for (size_t i = 0; i < n; i++)
		if (nsv_pick_ns(t->pick, children[i].ns))
			last = &children[i];
	put_branches(t, &f, depth, true);
	nsv_flow_word(&f, 0, t->type, nsv_ns_name(t->type, ns->inum, name));
	if (ns->initial)
		nsv_flow_word(&f, 1, NSV_BOLD, "host");
	snprintf(word, sizeof(word), "level %u", ns->level);
	nsv_flow_word(&f, 2, NSV_DIM, word);
	if (ns->owner_uid != NSL_COUNT_UNKNOWN && !ns->initial) {
		snprintf(word, sizeof(word), "made by uid %" PRIu32, ns->owner_uid);
		nsv_flow_word(&f, 2, NSV_PLAIN, word);
	}
	if (t->type == NSL_PID && ns->owner && !ns->owner->initial) {
		snprintf(word, sizeof(word), "owner %s",
			 nsv_ns_name(NSL_USER, ns->owner->inum, name));
		nsv_flow_word(&f, 2, NSL_USER, word);
	}
	if (ns->tasks)
		snprintf(word, sizeof(word), "%" PRIu32 " task%s", ns->tasks,
			 ns->tasks > 1 ? "s" : "");
	else
		strcpy(word, "no task");
	nsv_flow_word(&f, 2, ns->tasks ? NSV_PLAIN : NSV_BOLD, word);
	nsv_flow_end(&f);
	if (t->type == NSL_USER)
		put_owned(t, ns, depth, last);
	put_tasks(t, ns, depth, last);
	for (size_t i = 0; i < n && depth + 1 < DEPTH; i++) {
		if (!nsv_pick_ns(t->pick, children[i].ns))
			continue;
		t->last[depth + 1] = &children[i] == last;
		put_node(t, children[i].ns, depth + 1);
	}
}

int nsv_graph_tree(FILE *out, const struct nsg *g, const struct nsv_graph_options *o,
		   enum nsl_type type)
{
	struct nsv_graph_filter filter = o->filter;
	struct tree t = {.g = g, .o = o, .type = type};
	int err = -ENOMEM;

	if (type != NSL_USER && type != NSL_PID)
		return -EINVAL;
	if (filter.types)
		filter.types |= 1u << type;
	t.pick = nsv_pick_new(g, &filter);
	t.v = nsv_graph_begin(out, o->colour, o->width);
	if (t.pick && t.v && collect(&t)) {
		for (const struct nsg_ns *ns = nsg_namespaces(g); ns; ns = ns->next)
			if (ns->type == type && nsv_pick_ns(t.pick, ns) && !ns->parent)
				put_node(&t, ns, 0);
		err = nsv_graph_end(t.v);
		t.v = NULL;
	}
	nsv_free(t.v);
	nsv_pick_free(t.pick);
	nsv_vec_free(&t.children);
	nsv_vec_free(&t.owned);
	nsv_vec_free(&t.tasks);
	return err;
}
