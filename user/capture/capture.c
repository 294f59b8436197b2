// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../model/model.h"
#include "cgroup.h"
#include "ids.h"
#include "misses.h"
#include "nslens.skel.h"
#include "tree.h"

#define DEFAULT_RING	(8u << 20)
#define MISSES_EVERY_NS 250000000u
#define MAX_LINKS	(2 * MAX_HOOKS)

struct capture {
	struct nslens_bpf *skel;
	struct ladder ladder;
	const struct machine *machine;
	struct ring_buffer *ring;
	struct ids *ids;
	struct cgroup_paths *cgroups;
	struct attached {
		struct bpf_link *link;
		const struct bpf_program *prog;
		enum nsl_hook hook;
		bool covered; /* what it misses, another program sees */
	} links[MAX_LINKS];
	size_t nlinks;
	int handlers[2];  /* of libbpf, for fentry and fexit; negative: not registered */
	bool wants_exits; /* of tasks, whatever they do */
	int stats_fd;
	capture_fn fn;
	void *fn_ctx;
	__u64 seen_lost; /* lost_total when the last event was delivered */
	__u64 told_lost[NSL_HOOKS];
	__u64 missed[NSL_HOOKS]; /* runs that the kernel left out */
	__u64 misses_read;	 /* when they were last asked for */
	int delivered;
};

static bool verbose;

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, format, args);
}

/* Prefixes of the programs of one row, by mechanism: at the entry, at the return. */
static const char *const prefixes[MECHANISMS][2] = {
	[MECH_FENTRY] = {"fe_", "fx_"},
	[MECH_KPROBE] = {"kp_", "kr_"},
	[MECH_TRACEPOINT] = {"tp_", NULL},
};

static struct bpf_program *find_program(const struct capture *c, size_t row, bool at_exit)
{
	const char *prefix = prefixes[c->ladder.choice[row].mechanism][at_exit];
	char name[64];

	if (!prefix)
		return NULL;
	snprintf(name, sizeof(name), "%s%s", prefix, hooks[row].program);
	return bpf_object__find_program_by_name(c->skel->obj, name);
}

/* The entry program (at_exit false) or the return program of a row, if the row has it. */
static struct bpf_program *row_program(const struct capture *c, size_t row, bool at_exit)
{
	const struct hook *h = &hooks[row];
	const struct choice *choice = &c->ladder.choice[row];

	switch (choice->mechanism) {
	case MECH_NONE:
		return NULL;
	case MECH_TRACEPOINT:
		/* every thread of the machine pays for it: not where nobody asks for exits */
		if (!strcmp(h->program, "sched_process_exit") && !c->wants_exits)
			return NULL;
		return at_exit ? NULL : find_program(c, row, false);
	case MECH_KPROBE:
		/* under a compiler-made name the arguments may have moved: results only */
		if (!at_exit && choice->untrusted)
			return NULL;
		/* a kretprobe sees no arguments: some rows read them at the entry instead */
		if (!at_exit && !h->entry)
			return h->exit ? find_program(c, row, false) : NULL;
		break;
	default:
		break;
	}
	if (at_exit ? !h->exit : !h->entry)
		return NULL;
	return find_program(c, row, at_exit);
}

/*
 * libbpf would look each function up in the kernel's BTF, which takes longer than
 * all the rest of loading. The ladder has found them in one pass.
 */
static int aim(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct capture *c = (const void *)cookie;
	const char *name = bpf_program__name(prog);

	for (size_t i = 0; i < nhooks; i++) {
		if (c->ladder.choice[i].mechanism != MECH_FENTRY ||
		    strcmp(name + 3, hooks[i].program))
			continue;
		opts->attach_btf_id = c->ladder.choice[i].btf_id;
		return 0;
	}
	return -ENOENT;
}

static int register_aim(struct capture *c, struct nsl_error *e)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)c, .prog_prepare_load_fn = aim);

	if (c->handlers[0] >= 0)
		return 0;
	c->handlers[0] = libbpf_register_prog_handler("fentry", BPF_PROG_TYPE_TRACING,
						      BPF_TRACE_FENTRY, &opts);
	c->handlers[1] = libbpf_register_prog_handler("fexit", BPF_PROG_TYPE_TRACING,
						      BPF_TRACE_FEXIT, &opts);
	if (c->handlers[0] < 0 || c->handlers[1] < 0)
		return nsl_error_set(e, "out of memory");
	return 0;
}

static void choose_programs(struct capture *c)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, c->skel->obj) bpf_program__set_autoload(prog, false);
	bpf_program__set_autoload(c->skel->progs.find_init, true);
	for (size_t i = 0; i < nhooks; i++) {
		for (int at_exit = 0; at_exit < 2; at_exit++) {
			prog = row_program(c, i, at_exit);
			if (!prog)
				continue;
			bpf_program__set_autoload(prog, true);
		}
	}
}

static int set_knobs(struct capture *c, const struct capture_options *o, struct nsl_error *e)
{
	size_t ring_bytes = DEFAULT_RING;
	struct nslens_bpf *s = c->skel;

	if (o->ring_bytes) {
		/* a ring is a power of two and at least a page */
		for (ring_bytes = 4096; ring_bytes < o->ring_bytes; ring_bytes *= 2)
			;
	}
	if (bpf_map__set_max_entries(s->maps.ring, (__u32)ring_bytes))
		return nsl_error_set(e, "cannot make a ring of %zu bytes: %s", ring_bytes,
				     strerror(errno));
	if (!o->follow_tree)
		bpf_map__set_max_entries(s->maps.tree, 1); /* it is preallocated */
	s->rodata->wake_bytes = ring_bytes / 8;
	s->rodata->filter_tree = o->follow_tree;
	s->rodata->want_types = o->types;
	s->rodata->want_exits = o->exits;
	s->rodata->sees_functions = c->ladder.functions;
	s->rodata->own_pid = (__u32)getpid();
	if (o->comm) {
		s->rodata->filter_comm = true;
		snprintf((char *)s->rodata->want_comm, sizeof(s->rodata->want_comm), "%s", o->comm);
	}
	if (o->cgroup) {
		__u64 id;
		int subsys;

		if (cgroup_resolve(o->cgroup, &id, &subsys, e))
			return -1;
		s->rodata->filter_cgroup = true;
		s->rodata->want_cgroup = id;
		s->rodata->cgroup_subsys = subsys;
	}
	return 0;
}

/* Runs find_init once: where the initial nsproxy lies must be known before a hook runs. */
static int find_initial(struct capture *c, struct nsl_error *e)
{
	struct bpf_link *link = bpf_program__attach_iter(c->skel->progs.find_init, NULL);
	char buf[64];
	int fd;

	if (!link)
		return nsl_error_set(e, "cannot run a task iterator: %s (see nslens doctor)",
				     strerror(errno));
	fd = bpf_iter_create(bpf_link__fd(link));
	while (fd >= 0 && !c->skel->bss->init_nsproxy_addr && read(fd, buf, sizeof(buf)) > 0)
		;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	if (!c->skel->bss->init_nsproxy_addr)
		return nsl_error_set(e, "cannot find the initial nsproxy: the task iterator showed "
					"no way up to the kernel's first task (see nslens doctor)");
	ids_set_initial(c->ids, c->skel->bss->init_nsproxy_addr);
	return 0;
}

static void tell_losses(struct capture *c, const struct nsl_head *before);

static int on_event(void *ctx, void *data, size_t size)
{
	struct capture *c = ctx;
	const struct nsl_head *given = data;
	_Alignas(8) char copy[sizeof(struct nsl_call_begin)];
	struct nsl_head *event = (void *)copy;
	struct nsl_cgroup *path;

	if (size < sizeof(*given) || given->size > sizeof(copy) || given->size > size)
		return 0;
	/* the ring is mapped read-only, and ids are written in place */
	memcpy(copy, data, given->size);
	if (event->lost != c->seen_lost) {
		c->seen_lost = event->lost;
		ids_forget(c->ids);
		tell_losses(c, event);
	}
	path = cgroup_paths_first_sight(c->cgroups, event);
	if (path)
		c->fn(c->fn_ctx, &path->head);
	ids_translate(c->ids, event);
	c->fn(c->fn_ctx, event);
	c->delivered++;
	return 0;
}

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000u + (__u64)ts.tv_nsec;
}

/* One event for each group of hooks that lost something since the last time. */
static void tell_losses(struct capture *c, const struct nsl_head *before)
{
	for (int hook = 0; hook < NSL_HOOKS; hook++) {
		__u64 all = c->skel->bss->lost_by_hook[hook] + c->missed[hook];
		struct nsl_lost lost = {
			.head = {.size = sizeof(lost),
				 .version = NSL_EVENT_VERSION,
				 .kind = NSL_EV_LOST,
				 .hook = (__u8)hook,
				 .lost = c->seen_lost},
			.count = all - c->told_lost[hook],
			.hook = (__u32)hook,
		};

		if (!lost.count)
			continue;
		c->told_lost[hook] = all;
		lost.head.ts = before ? before->ts : now_ns();
		c->fn(c->fn_ctx, &lost.head);
	}
}

enum { LOAD_FAILED = -1, LOAD_REFUSED = -2 };

/* Climbs the ladder and loads what it chose; 0 or one of the above with `e` filled. */
static int load(struct capture *c, const struct capture_options *options, bool thorough,
		struct nsl_error *e)
{
	int err;

	nslens_bpf__destroy(c->skel);
	c->skel = NULL;
	if (ladder_climb(&c->ladder, c->machine, options->mode, thorough, e) || register_aim(c, e))
		return LOAD_FAILED;
	c->wants_exits = !c->ladder.functions || options->follow_tree || options->exits;
	c->skel = nslens_bpf__open();
	if (!c->skel) {
		nsl_error_set(e, "cannot open the BPF object: %s", strerror(errno));
		return LOAD_FAILED;
	}
	choose_programs(c);
	if (set_knobs(c, options, e))
		return LOAD_FAILED;
	err = nslens_bpf__load(c->skel);
	if (!err)
		return 0;
	nsl_error_set(e,
		      "the kernel refused the BPF programs: %s; see nslens doctor, or try "
		      "--hooks=kprobe or --hooks=tracepoint (-v shows the verifier's words)",
		      strerror(-err));
	return LOAD_REFUSED;
}

struct capture *capture_open(const struct capture_options *options, const struct machine *m,
			     struct nsl_error *e)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err;

	if (!c) {
		nsl_error_set(e, "out of memory");
		return NULL;
	}
	verbose = options->verbose;
	libbpf_set_print(print_libbpf);
	c->stats_fd = c->handlers[0] = c->handlers[1] = -1;
	c->machine = m;
	c->cgroups = cgroup_paths_new();
	if (!c->cgroups) {
		nsl_error_set(e, "out of memory");
		goto fail;
	}
	/* nearly always the quick climb will do, and takes half the time */
	err = load(c, options, false, e);
	if (err == LOAD_REFUSED && options->mode != HOOKS_TRACEPOINT)
		err = load(c, options, true, e);
	if (err)
		goto fail;
	c->ids = ids_new(c->ladder.functions);
	if (!c->ids) {
		nsl_error_set(e, "out of memory");
		goto fail;
	}
	c->ring = ring_buffer__new(bpf_map__fd(c->skel->maps.ring), on_event, c, NULL);
	if (!c->ring) {
		nsl_error_set(e, "cannot map the ring buffer: %s", strerror(errno));
		goto fail;
	}
	if (options->cost) {
		c->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (c->stats_fd < 0) {
			nsl_error_set(e, "--cost: the kernel does not measure programs: %s",
				      strerror(errno));
			goto fail;
		}
	}
	if (find_initial(c, e))
		goto fail;
	return c;
fail:
	capture_close(c);
	return NULL;
}

static struct bpf_link *attach_program(struct bpf_program *prog, const struct choice *choice,
				       bool at_exit)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = at_exit);

	if (choice->mechanism == MECH_KPROBE)
		return bpf_program__attach_kprobe_opts(prog, choice->symbol, &opts);
	if (choice->mechanism == MECH_FENTRY)
		return bpf_program__attach_trace(prog);
	return bpf_program__attach(prog);
}

/* The group by which losses are counted. */
static enum nsl_hook hook_of(enum hook_role role)
{
	switch (role) {
	case ROLE_STEP:
		return NSL_HOOK_STEP;
	case ROLE_DEATH:
	case ROLE_DEATH_NESTED:
		return NSL_HOOK_FREE;
	case ROLE_TASK:
		return NSL_HOOK_TASK;
	default:
		return NSL_HOOK_CALL;
	}
}

int capture_attach(struct capture *c, const volatile sig_atomic_t *stop, struct nsl_error *e)
{
	for (size_t i = 0; i < nhooks && !*stop; i++) {
		struct choice *choice = &c->ladder.choice[i];

		for (int at_exit = 0; at_exit < 2; at_exit++) {
			struct bpf_program *prog = row_program(c, i, at_exit);
			struct bpf_link *link;

			if (!prog)
				continue;
			link = attach_program(prog, choice, at_exit);
			if (link) {
				enum nsl_hook hook = hook_of(hooks[i].role);

				/* the two programs at a namespace's end stand in for each other */
				c->links[c->nlinks++] = (struct attached){
					.link = link,
					.prog = prog,
					.hook = hook,
					.covered = hook == NSL_HOOK_FREE &&
						   choice->mechanism == MECH_FENTRY,
				};
				continue;
			}
			if (hooks[i].role == ROLE_CALL || hooks[i].role == ROLE_TASK ||
			    hooks[i].role == ROLE_SYSCALL_TRACEPOINT)
				return nsl_error_set(
					e,
					"cannot attach to %s by %s: %s; without it calls "
					"would be missing (see nslens doctor)",
					hooks[i].function, mechanism_name(choice->mechanism),
					strerror(errno));
			snprintf(choice->why, sizeof(choice->why), "%s: cannot attach: %s",
				 mechanism_name(choice->mechanism), strerror(errno));
			choice->mechanism = MECH_NONE;
		}
	}
	c->skel->bss->enabled = true;
	return 0;
}

void capture_initial(const struct capture *c, __u32 inums[NSL_TYPES])
{
	const struct nsl_view *v = &c->skel->bss->init_view;

	for (int slot = 0; slot < NSL_SLOTS; slot++)
		inums[nsm_slot_type(slot)] = v->slot[slot].inum;
}

const struct ladder *capture_ladder(const struct capture *c)
{
	return &c->ladder;
}

int capture_follow(struct capture *c, pid_t pid, bool descendants, struct nsl_error *e)
{
	return tree_follow(bpf_map__fd(c->skel->maps.tree), pid, descendants, e);
}

/*
 * What the kernel left out is only counted: where it belongs in the stream is not
 * known. Told soon, it still marks what is open.
 */
static void read_misses(struct capture *c)
{
	__u64 missed[NSL_HOOKS] = {0};
	bool more = false;

	for (size_t i = 0; i < c->nlinks; i++)
		if (!c->links[i].covered)
			missed[c->links[i].hook] +=
				misses_of_program(bpf_program__fd(c->links[i].prog)) +
				misses_of_link(bpf_link__fd(c->links[i].link));
	for (int hook = 0; hook < NSL_HOOKS; hook++) {
		more |= missed[hook] != c->missed[hook];
		c->missed[hook] = missed[hook];
	}
	c->misses_read = now_ns();
	if (!more)
		return;
	ids_forget(c->ids);
	tell_losses(c, NULL);
}

int capture_poll(struct capture *c, int timeout_ms, capture_fn fn, void *ctx)
{
	c->fn = fn;
	c->fn_ctx = ctx;
	c->delivered = 0;
	/* programs wake us only when much waits: after the timeout look ourselves */
	if (!ring_buffer__poll(c->ring, timeout_ms))
		ring_buffer__consume(c->ring);
	if (c->delivered && now_ns() - c->misses_read > MISSES_EVERY_NS)
		read_misses(c);
	return c->delivered;
}

__u64 capture_missed(const struct capture *c)
{
	__u64 sum = 0;

	for (int hook = 0; hook < NSL_HOOKS; hook++)
		sum += c->missed[hook];
	return sum;
}

void capture_stop(struct capture *c, capture_fn fn, void *ctx)
{
	c->skel->bss->enabled = false;
	while (capture_poll(c, 0, fn, ctx) > 0)
		;
	read_misses(c);
	c->seen_lost = c->skel->bss->lost_total;
	tell_losses(c, NULL);
}

__u64 capture_forks(const struct capture *c)
{
	__u64 sum = 0;

	for (size_t i = 0; i < sizeof(c->skel->bss->forks) / sizeof(*c->skel->bss->forks); i++)
		sum += c->skel->bss->forks[i][0];
	return sum;
}

__u64 capture_others(const struct capture *c)
{
	return c->skel->bss->others;
}

size_t capture_tree(const struct capture *c, pid_t *pids, size_t max)
{
	return tree_members(bpf_map__fd(c->skel->maps.tree), pids, max);
}

size_t capture_programs(struct capture *c, struct capture_program *rows, size_t max)
{
	struct bpf_program *prog;
	size_t n = 0;

	bpf_object__for_each_program(prog, c->skel->obj)
	{
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);

		if (!bpf_program__autoload(prog) || prog == c->skel->progs.find_init ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			continue;
		if (n < max)
			rows[n] = (struct capture_program){bpf_program__name(prog), info.run_cnt,
							   info.run_time_ns};
		n++;
	}
	return n;
}

/*
 * In the child: waits until nslens is gone, then lets everything go. Not before:
 * whoever closes a link last is the one who waits for the kernel.
 */
static void __attribute__((noreturn)) detach_and_exit(struct capture *c, int parent)
{
	struct pollfd gone = {.fd = parent, .events = POLLIN};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	/* hold nothing of the caller's terminal or pipes */
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	while (poll(&gone, 1, -1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < c->nlinks; i++)
		bpf_link__destroy(c->links[i].link);
	_exit(0);
}

/* Leaves the links to a child of its own; where there can be none, closing them waits. */
static void hand_over(struct capture *c)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t child = self < 0 ? -1 : fork();

	if (!child) {
		/* twice, so that nobody has to wait for it */
		if (!fork())
			detach_and_exit(c, self);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	if (self >= 0)
		close(self);
}

static void free_links(struct capture *c)
{
	if (c->skel && c->skel->bss)
		c->skel->bss->enabled = false;
	if (c->nlinks && c->ladder.functions)
		hand_over(c);
	for (size_t i = 0; i < c->nlinks; i++)
		bpf_link__destroy(c->links[i].link);
	c->nlinks = 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	free_links(c);
	if (c->stats_fd >= 0)
		close(c->stats_fd);
	ring_buffer__free(c->ring);
	nslens_bpf__destroy(c->skel);
	for (int i = 0; i < 2; i++)
		if (c->handlers[i] >= 0)
			libbpf_unregister_prog_handler(c->handlers[i]);
	ids_free(c->ids);
	cgroup_paths_free(c->cgroups);
	free(c);
}
