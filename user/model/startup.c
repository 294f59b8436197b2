// SPDX-License-Identifier: GPL-2.0-only
/* The start-up finder from outside: events go in, start-ups come out. */
#include "startup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "startup_internal.h"

/* Inode numbers that the kernel fixes (include/uapi/linux/nsfs.h, PROC_*_INIT_INO). */
static const uint32_t fixed[NSL_TYPES] = {
	[NSL_IPC] = 0xEFFFFFFFu, [NSL_UTS] = 0xEFFFFFFEu,    [NSL_USER] = 0xEFFFFFFDu,
	[NSL_PID] = 0xEFFFFFFCu, [NSL_CGROUP] = 0xEFFFFFFBu, [NSL_TIME] = 0xEFFFFFFAu,
};

static bool begins_something(const struct nsl_call_begin *e)
{
	return e->syscall == NSL_SYS_SETNS ||
	       (e->new_flags && e->syscall != NSL_SYS_EXEC && e->syscall != NSL_SYS_EXIT);
}

static void enter(struct su_start *s, struct su_track *t)
{
	if (t->in_call)
		return;
	t->in_call = true;
	s->open_calls++;
}

static void on_begin(struct nsu *u, const struct nsl_call_begin *e)
{
	struct su_track *t = su_track_of(u, e->head.tid);
	struct su_start *s = su_open_start_of(t);

	if (e->syscall == NSL_SYS_EXIT)
		return;
	if (!s && begins_something(e))
		s = su_open(u, &e->head, &e->before, NULL);
	if (!s)
		return;
	s->pub.of_command |= (e->flags & NSL_CALL_OF_COMMAND) != 0;
	su_touch(u, s, e->head.ts);
	t = su_track_of(u, e->head.tid);
	if (t)
		enter(s, t);
}

/* A task that has left the initial namespaces will be seen to end. */
static void look_at_caller(struct nsu *u, struct su_start *s, struct su_track *t,
			   const struct nsm_call *call)
{
	if (t->seen_exit || is_clone(call->syscall) || !call->has_views || s->state != SU_OPEN ||
	    su_is_initial(u, &call->after))
		return;
	t->seen_exit = true;
	s->alive++;
}

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct nsu *u = ctx;
	struct su_track *t = su_track_of(u, call->tid);
	struct nsl_head h = {.ts = call->ts, .pid = call->pid, .tid = call->tid};
	struct su_start *s;
	bool was_in;

	if (call->syscall == NSL_SYS_EXIT)
		return;
	if ((!t || t->inside || t->start->state > SU_CLOSING) &&
	    (call->new_flags || call->syscall == NSL_SYS_SETNS) && !(t && t->in_call)) {
		/* its begin was not seen */
		memcpy(h.comm, call->comm, sizeof(h.comm));
		su_open(u, &h, call->has_views ? &call->before : NULL, NULL);
		t = su_track_of(u, call->tid);
	}
	if (!t)
		return;
	if (t->start->state > SU_CLOSING) {
		t->in_call = false;
		su_track_settled(u, t);
		return;
	}
	s = t->start;
	was_in = t->in_call;
	if ((!t->inside || was_in) &&
	    (s->state == SU_OPEN || !s->pub.payload.pid || call->ts <= s->pub.payload.exec))
		su_add_call(u, s, t, call);
	look_at_caller(u, s, t, call);
	su_touch(u, s, call->ts + (call->duration > 0 ? (uint64_t)call->duration : 0));
	t->in_call = false;
	if (was_in && s->open_calls)
		s->open_calls--;
	if (s->state == SU_CLOSING && !s->open_calls)
		su_settle(u, s);
}

static void on_ns(void *ctx, const struct nsm_ns_event *ns)
{
	struct nsu *u = ctx;
	struct su_start *s = ns->destroyed ? su_map_get(&u->namespaces, ns->ns.obj) : NULL;

	for (size_t i = 0; s && i < s->namespaces.n; i++) {
		if (s->namespaces.at[i].ns.obj == ns->ns.obj)
			s->namespaces.at[i].died = ns->ts;
	}
}

static void on_lost(void *ctx, const struct nsm_lost *lost)
{
	struct nsu *u = ctx;

	u->lost += lost->count;
	u->gaps += lost->count != 0;
}

static void on_milestone(void *ctx, const struct nsm_milestone *m)
{
	su_milestone(ctx, m);
}

struct nsu *nsu_new(const struct nsu_options *options)
{
	struct nsu *u = calloc(1, sizeof(*u));
	struct nsm_sink sink = {
		.ctx = u, .call = on_call, .ns = on_ns, .lost = on_lost, .milestone = on_milestone};

	if (!u)
		return NULL;
	if (options)
		u->options = *options;
	for (int type = 0; type < NSL_TYPES; type++) {
		if (!u->options.initial[type])
			u->options.initial[type] = fixed[type];
	}
	u->model = nsm_new(&sink);
	if (!u->model) {
		free(u);
		return NULL;
	}
	nsm_set_kernel(u->model, u->options.kernel);
	return u;
}

void nsu_free(struct nsu *u)
{
	if (!u)
		return;
	u->options.done = NULL; /* that is for nsu_finish() */
	while (u->first_open)
		su_end(u, u->first_open);
	for (size_t i = 0; i < u->tracks.size; i++) {
		struct su_track *t = u->tracks.slot[i].value;

		if (t)
			su_put(u, t->start);
		free(t);
	}
	for (size_t i = 0; i < u->all.n; i++)
		su_put(u, u->all.at[i]);
	free(u->all.at);
	free(u->told);
	for (size_t i = 0; i < u->joins.n; i++)
		free((void *)u->joins.at[i].container);
	free(u->joins.at);
	su_map_free(&u->tracks);
	su_map_free(&u->processes);
	su_map_free(&u->namespaces);
	cgroups_free(&u->cgroups);
	free(u->lobby.at);
	su_map_free(&u->lobby.pids);
	nsm_free(u->model);
	free(u);
}

static int on_cgroup(struct nsu *u, const struct nsl_cgroup *e)
{
	int err = cgroups_set(&u->cgroups, e->id, e->path);

	if (err || !cgroups_many(&u->cgroups))
		return err;
	for (const struct su_start *s = u->first_open; s; s = s->next)
		cgroups_need(&u->cgroups, s->cgroup);
	cgroups_forget(&u->cgroups);
	return 0;
}

/* Before the model has it: what must be known when the calls come out. */
static int look_at(struct nsu *u, const struct nsl_head *e)
{
	if (e->kind == NSL_EV_CALL_BEGIN)
		on_begin(u, (const struct nsl_call_begin *)e);
	else if (e->kind == NSL_EV_TASK)
		su_task_event(u, (const struct nsl_task *)e);
	else if (e->kind == NSL_EV_CGROUP)
		return on_cgroup(u, (const struct nsl_cgroup *)e);
	return u->err;
}

int nsu_feed(struct nsu *u, const struct nsl_head *event)
{
	int err;

	u->err = 0;
	if (!event_valid(event))
		return -EINVAL;
	if (event->lost > u->seen_lost) {
		u->seen_lost = event->lost;
		u->gaps++;
	}
	if (event->ts > u->ts)
		u->ts = event->ts;
	su_expire(u, u->ts);
	err = look_at(u, event);
	if (!err)
		err = nsm_feed(u->model, event);
	return err ? err : u->err;
}

static int by_time(const void *a, const void *b)
{
	const struct su_start *x = *(struct su_start *const *)a, *y = *(struct su_start *const *)b;

	if (x->pub.begin != y->pub.begin)
		return x->pub.begin < y->pub.begin ? -1 : 1;
	return x->pub.end < y->pub.end ? -1 : x->pub.end > y->pub.end;
}

/* The number of what was meant by a serial; 0: it is no start-up, or became part of another. */
static uint64_t number_of(const struct su_map *serials, uint64_t serial)
{
	const struct su_start *s = serial ? su_map_get(serials, serial) : NULL;

	return s ? s->pub.number : 0;
}

/*
 * A daemon works for everybody. Its starts are the command's where that ran a client, or made
 * none itself.
 */
static void resolve_command(struct nsu *u)
{
	bool own = false;

	for (size_t i = 0; i < u->all.n; i++)
		own |= u->all.at[i]->pub.of_command;
	for (size_t i = 0; i < u->all.n; i++) {
		struct su_start *s = u->all.at[i];

		if (u->has_command && su_by_daemon(s) && (u->has_client || !own))
			s->pub.of_command = true;
	}
}

static void resolve(struct nsu *u, const struct su_map *serials)
{
	for (size_t i = 0; i < u->all.n; i++) {
		struct su_start *s = u->all.at[i], *host = s->host;

		while (host && (host->state == SU_DEAD || host->frame_used || !host->in_list))
			host = host->host;
		s->pub.parent = host ? host->pub.number : 0;
		for (size_t k = 0; k < s->namespaces.n; k++) {
			struct nsu_ns *ns = &s->namespaces.at[k];

			ns->shared_with = number_of(serials, ns->shared_with);
		}
	}
}

static void resolve_joins(struct nsu *u, const struct su_map *serials)
{
	size_t n = 0;

	for (size_t i = 0; i < u->joins.n; i++) {
		struct nsu_joined *j = &u->joins.at[i];

		if (!j->begin) { /* part of a start-up */
			free((void *)j->container);
			continue;
		}
		j->startup = number_of(serials, j->startup);
		j->of_command |= u->has_client && j->container;
		u->joins.at[n++] = *j;
	}
	u->joins.n = n;
}

/*
 * Programs that are no runtime and are refused again and again test something: they are
 * counted, not told.
 */
#define MAX_REFUSED 16

static bool is_refused(const struct su_start *s)
{
	return s->pub.runtime == NSU_RUNTIME_UNKNOWN && !s->pub.payload.pid &&
	       s->pub.outcome == NSU_FAILED;
}

static void drop_refused(struct nsu *u)
{
	struct su_map counts = {0};
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < u->all.n; i++) {
			struct su_start *s = u->all.at[i];
			uint64_t key = 1;
			size_t count;

			for (const char *c = s->pub.runtime_comm; is_refused(s) && *c; c++)
				key = hash64(key ^ (unsigned char)*c) | 1;
			count = is_refused(s) ? (size_t)(uintptr_t)su_map_get(&counts, key) : 0;
			if (pass && count <= MAX_REFUSED) {
				u->all.at[n++] = s;
			} else if (pass) {
				su_count_unrun(u, s);
				s->in_list = false;
				su_put(u, s);
			} else if (is_refused(s) &&
				   !su_map_set(&counts, key, (void *)(uintptr_t)(count + 1))) {
				u->err = -ENOMEM;
			}
		}
	}
	u->all.n = n;
	su_map_free(&counts);
}

int nsu_finish(struct nsu *u)
{
	struct su_map serials = {0};

	if (u->told)
		return 0;
	u->err = 0;
	nsm_finish(u->model);
	while (u->first_open)
		su_end(u, u->first_open);
	while (u->options.done && u->all.n)
		su_retire(u, u->all.at[0]);
	drop_refused(u);
	if (u->all.n)
		qsort(u->all.at, u->all.n, sizeof(struct su_start *), by_time);
	u->told = calloc(u->all.n + 1, sizeof(*u->told));
	if (!u->told)
		return -ENOMEM;
	for (size_t i = 0; i < u->all.n; i++) {
		struct su_start *s = u->all.at[i];

		if (s->frame_used)
			continue;
		u->told[u->ntold++] = &s->pub;
		s->pub.number = u->ntold;
		if (!su_map_set(&serials, s->serial, s))
			u->err = -ENOMEM;
	}
	resolve_command(u);
	resolve(u, &serials);
	resolve_joins(u, &serials);
	su_map_free(&serials);
	return u->err;
}

const struct nsu_startup *const *nsu_list(const struct nsu *u, size_t *n)
{
	*n = u->ntold;
	return u->told;
}

const struct nsu_joined *nsu_joins(const struct nsu *u, size_t *n)
{
	*n = u->joins.n;
	return u->joins.at;
}

uint64_t nsu_left_out(const struct nsu *u)
{
	return u->left_out;
}

uint64_t nsu_lost(const struct nsu *u, uint64_t *gaps)
{
	if (gaps)
		*gaps = u->gaps;
	return u->lost;
}

uint64_t nsu_unrun(const struct nsu *u, bool of_command)
{
	return of_command ? u->unrun_of_command : u->unrun;
}

bool nsu_has_command(const struct nsu *u)
{
	return u->has_command;
}
