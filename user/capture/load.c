// SPDX-License-Identifier: GPL-2.0-only
/* Chooses, loads and attaches the programs. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture_internal.h"

#define DEFAULT_RING	 (8u << 20)
#define GRAPH_NAMESPACES 65536 /* that may live at a time, where a graph is kept */

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

	if ((h->graph && !c->keeps_graph) || (is_milestone_hook(h) && !c->wants_milestones))
		return NULL;
	switch (choice->mechanism) {
	case MECH_NONE:
		return NULL;
	case MECH_TRACEPOINT:
		/* every thread of the machine pays for it: not where nobody asks for exits */
		if (!strcmp(h->program, "sched_process_exit") && !c->wants_exits)
			return NULL;
		if (!strcmp(h->program, "task_freed") && !c->wants_frees)
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

/*
 * A kernel without BTF of its own has no fentry, no tp_btf and no iterators. The programs of
 * the latter two do not follow typed pointers, so they serve as raw tracepoints, too.
 */
static int register_sections(struct capture *c, struct nsl_error *e)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, typed, .cookie = (long)c,
		    .prog_prepare_load_fn = aim);
	LIBBPF_OPTS(libbpf_prog_handler_opts, raw);

	if (c->handlers[0] >= 0)
		return 0;
	if (c->by_hand) {
		c->handlers[0] = libbpf_register_prog_handler(
			"tp_btf+", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &raw);
		c->handlers[1] = libbpf_register_prog_handler("iter+", BPF_PROG_TYPE_RAW_TRACEPOINT,
							      0, &raw);
	} else {
		c->handlers[0] = libbpf_register_prog_handler("fentry", BPF_PROG_TYPE_TRACING,
							      BPF_TRACE_FENTRY, &typed);
		c->handlers[1] = libbpf_register_prog_handler("fexit", BPF_PROG_TYPE_TRACING,
							      BPF_TRACE_FEXIT, &typed);
	}
	if (c->handlers[0] < 0 || c->handlers[1] < 0)
		return nsl_error_set(e, "out of memory");
	return 0;
}

static void choose_programs(struct capture *c)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, c->skel->obj) bpf_program__set_autoload(prog, false);
	bpf_program__set_autoload(c->skel->progs.find_init, true);
	bpf_program__set_autoload(c->skel->progs.snapshot, c->keeps_graph && !c->by_hand);
	bpf_program__set_autoload(c->skel->progs.walk_mark, c->keeps_graph && c->by_hand);
	bpf_program__set_autoload(c->skel->progs.walk_process, c->keeps_graph && c->by_hand);
	bpf_program__set_autoload(c->skel->progs.tell_descriptors, c->keeps_graph);
	for (size_t i = 0; i < nhooks; i++) {
		for (int at_exit = 0; at_exit < 2; at_exit++) {
			prog = row_program(c, i, at_exit);
			if (!prog)
				continue;
			bpf_program__set_autoload(prog, true);
		}
	}
}

/*
 * Programs of a kernel that can do so are not preempted: see bpf/unpreempted.bpf.h. One that
 * has these functions and does not accept them there is met by the thorough climb, without.
 */
static int link_kfuncs(struct capture *c, bool thorough, struct nsl_error *e)
{
	struct bpf_program *prog;
	int err;

	if (thorough || !ladder_has_kfuncs(&c->ladder))
		return 0;
	bpf_object__for_each_program(prog, c->skel->obj)
	{
		err = bpf_program__autoload(prog) ? kfuncs_link(prog, c->ladder.kfuncs) : 0;
		if (err)
			return nsl_error_set(e, "cannot link %s: %s", bpf_program__name(prog),
					     strerror(-err));
	}
	c->skel->rodata->can_disable_preemption = true;
	return 0;
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
	/* maps are preallocated */
	if (!o->follow_tree && !o->keep_tree)
		bpf_map__set_max_entries(s->maps.tree, 1);
	if (!o->programs)
		bpf_map__set_max_entries(s->maps.programs, 1);
	if (!o->milestones)
		bpf_map__set_max_entries(s->maps.drafts, 1);
	if (o->graph) {
		bpf_map__set_max_entries(s->maps.inums, GRAPH_NAMESPACES);
	} else {
		bpf_map__set_max_entries(s->maps.dying, 1);
		bpf_map__set_max_entries(s->maps.seen, 1);
	}
	s->rodata->want_graph = o->graph;
	s->rodata->wake_bytes = ring_bytes / 8;
	s->rodata->filter_tree = o->follow_tree;
	s->rodata->keep_tree = o->follow_tree || o->keep_tree;
	s->rodata->follow_programs = o->programs != NULL;
	s->rodata->want_milestones = o->milestones;
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

static int name_programs(struct capture *c, const char *const *names, struct nsl_error *e)
{
	__u8 one = 1;

	for (size_t i = 0; names && names[i]; i++) {
		char comm[NSL_COMM_LEN] = {0};

		memcpy(comm, names[i], strnlen(names[i], sizeof(comm) - 1));
		if (bpf_map__update_elem(c->skel->maps.programs, comm, sizeof(comm), &one,
					 sizeof(one), BPF_ANY))
			return nsl_error_set(e, "cannot follow programs named %s: %s", comm,
					     strerror(errno));
	}
	return 0;
}

enum { LOAD_FAILED = -1, LOAD_REFUSED = -2 };

/* Climbs the ladder and loads what it chose; 0 or one of the above with `e` filled. */
static int load(struct capture *c, const struct capture_options *options, bool thorough,
		struct nsl_error *e)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts,
		    .btf_custom_path = c->machine->btf ? NULL : c->machine->btf_file);
	int err;

	nslens_bpf__destroy(c->skel);
	c->skel = NULL;
	c->by_hand = !c->machine->btf;
	if (ladder_climb(&c->ladder, c->machine, options->mode, thorough, e) ||
	    register_sections(c, e))
		return LOAD_FAILED;
	c->keeps_graph = options->graph;
	c->wants_milestones = options->milestones;
	c->wants_exits =
		!c->ladder.functions || options->follow_tree || options->exits || options->graph;
	c->wants_frees = options->follow_tree || options->graph;
	c->skel = nslens_bpf__open_opts(&opts);
	if (!c->skel) {
		nsl_error_set(e, "cannot open the BPF object: %s", strerror(errno));
		return LOAD_FAILED;
	}
	choose_programs(c);
	if (set_knobs(c, options, e) || link_kfuncs(c, thorough, e))
		return LOAD_FAILED;
	err = nslens_bpf__load(c->skel);
	if (!err)
		return name_programs(c, options->programs, e) ? LOAD_FAILED : 0;
	nsl_error_set(e,
		      "the kernel refused the BPF programs: %s; see nslens doctor, or try "
		      "--hooks=kprobe or --hooks=tracepoint (-v shows the verifier's words)",
		      strerror(-err));
	return LOAD_REFUSED;
}

int programs_load(struct capture *c, const struct capture_options *options, struct nsl_error *e)
{
	int err;

	verbose = options->verbose;
	libbpf_set_print(print_libbpf);
	/* nearly always the quick climb will do, and takes half the time */
	err = load(c, options, false, e);
	if (err == LOAD_REFUSED && options->mode != HOOKS_TRACEPOINT) {
		e->text[0] = '\0';
		err = load(c, options, true, e);
	}
	return err ? -1 : 0;
}

static struct bpf_link *attach_program(const struct capture *c, size_t row,
				       struct bpf_program *prog, bool at_exit)
{
	const struct choice *choice = &c->ladder.choice[row];
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = at_exit);

	if (choice->mechanism == MECH_KPROBE)
		return bpf_program__attach_kprobe_opts(prog, choice->symbol, &opts);
	if (choice->mechanism == MECH_FENTRY)
		return bpf_program__attach_trace(prog);
	if (c->by_hand)
		return bpf_program__attach_raw_tracepoint(prog, hooks[row].function);
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
	case ROLE_GRAPH:
		return NSL_HOOK_FREE;
	case ROLE_TASK:
		return NSL_HOOK_TASK;
	case ROLE_MILESTONE:
	case ROLE_MILESTONE_TRACEPOINT:
		return NSL_HOOK_MILESTONE;
	default:
		return NSL_HOOK_CALL;
	}
}

/* Where only one of the two copies could be attached, what it misses is lost. */
static void count_copies(struct capture *c)
{
	size_t copies = 0;

	for (size_t i = 0; i < c->nlinks; i++)
		copies += c->links[i].covered;
	for (size_t i = 0; i < c->nlinks && copies < 2; i++)
		c->links[i].covered = false;
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
			link = attach_program(c, i, prog, at_exit);
			if (link) {
				c->links[c->nlinks++] = (struct attached){
					.link = link,
					.prog = prog,
					.hook = hook_of(hooks[i].role),
					.covered = has_copy(&hooks[i]) &&
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
	count_copies(c);
	c->skel->bss->enabled = true;
	return 0;
}
