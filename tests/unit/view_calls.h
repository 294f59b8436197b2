/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls made up for the tests of views and explanations. */
#ifndef NSLENS_TESTS_VIEW_CALLS_H
#define NSLENS_TESTS_VIEW_CALLS_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/view/view.h"

#define START_NS     5000000000000ULL
#define AT(us)	     (START_NS + (us)*1000ULL)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline struct nsl_ref ref(uint64_t id, uint32_t inum)
{
	return (struct nsl_ref){.obj = id, .inum = inum};
}

/* What a task of the host sees: ids 1 to 8, nsproxy 1. */
static inline struct nsl_view host_view(void)
{
	return (struct nsl_view){
		.nsproxy = 1,
		.nsproxy_count = 90,
		.ns_pid = 4128,
		.ns_tid = 4128,
		.slot =
			{
				[NSL_SLOT_MNT] = {1, 4026531841, 0},
				[NSL_SLOT_UTS] = {2, 4026531838, 0},
				[NSL_SLOT_IPC] = {3, 4026531839, 0},
				[NSL_SLOT_PID_FOR_CHILDREN] = {4, 4026531836, 0},
				[NSL_SLOT_NET] = {5, 4026531840, 0},
				[NSL_SLOT_TIME] = {6, 4026531834, 0},
				[NSL_SLOT_TIME_FOR_CHILDREN] = {6, 4026531834, 0},
				[NSL_SLOT_CGROUP] = {7, 4026531835, 0},
				[NSL_SLOT_USER] = {8, 4026531837, 0},
				[NSL_SLOT_PID_ACTIVE] = {4, 4026531836, 0},
			},
	};
}

static inline struct nsm_call a_call(enum nsl_syscall syscall, uint64_t raw_flags)
{
	struct nsm_call call = {
		.number = 3,
		.syscall = syscall,
		.begin_seen = true,
		.end_seen = true,
		.has_views = true,
		.ts = AT(21204),
		.duration = 1240000,
		.pid = 4128,
		.tid = 4128,
		.comm = "runc:[1:CHILD]",
		.raw_flags = raw_flags,
		.new_flags = raw_flags & NSL_NEW_ALL,
		.target_type = NSL_TYPE_UNKNOWN,
		.before = host_view(),
		.after = host_view(),
	};

	if (syscall == NSL_SYS_CLONE)
		call.new_flags &= ~(uint64_t)NSL_NEWTIME; /* the exit signal lies there */
	return call;
}

static inline void fail(struct nsm_call *call, int err)
{
	call->ret = -1;
	call->err = err;
}

static inline struct nsm_step a_step(enum nsl_fn fn, int depth, enum nsm_outcome outcome)
{
	return (struct nsm_step){
		.fn = fn,
		.outcome = outcome,
		.depth = depth,
		.ts = AT(21304),
		.duration = NSM_DURATION_UNKNOWN,
		.type = NSL_TYPE_UNKNOWN,
	};
}

static inline struct nsm_step a_ns_step(enum nsl_fn fn, int depth, enum nsm_outcome outcome,
					enum nsl_type type, uint64_t id, uint32_t inum)
{
	struct nsm_step step = a_step(fn, depth, outcome);

	step.type = type;
	step.ns = ref(id, inum);
	return step;
}

/* unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWPID) that succeeds */
struct unshare_story {
	struct nsm_call call;
	struct nsm_step steps[10];
	struct nsm_slot_change slots[3];
};

static inline void unshare_three(struct unshare_story *s)
{
	struct nsm_step *p = s->steps;

	s->call = a_call(NSL_SYS_UNSHARE, NSL_NEWNS | NSL_NEWUTS | NSL_NEWPID);
	*p++ = a_step(NSL_FN_unshare_nsproxy_namespaces, 0, NSM_DONE);
	*p = a_step(NSL_FN_create_new_namespaces, 1, NSM_DONE);
	p->duration = 1100000;
	p++->nsproxy = 7;
	*p = a_ns_step(NSL_FN_copy_mnt_ns, 2, NSM_CREATED, NSL_MNT, 21, 4026532602);
	p++->duration = 900000;
	*p = a_ns_step(NSL_FN_copy_utsname, 2, NSM_CREATED, NSL_UTS, 22, 4026532603);
	p++->duration = 4120;
	*p++ = a_ns_step(NSL_FN_copy_ipcs, 2, NSM_SHARED, NSL_IPC, 3, 4026531839);
	*p = a_ns_step(NSL_FN_copy_pid_ns, 2, NSM_CREATED, NSL_PID, 23, 4026532604);
	p++->duration = 31400;
	*p++ = a_ns_step(NSL_FN_copy_cgroup_ns, 2, NSM_SHARED, NSL_CGROUP, 7, 4026531835);
	*p++ = a_ns_step(NSL_FN_copy_net_ns, 2, NSM_SHARED, NSL_NET, 5, 4026531840);
	*p++ = a_ns_step(NSL_FN_copy_time_ns, 2, NSM_SHARED, NSL_TIME, 6, 4026531834);
	*p = a_step(NSL_FN_switch_task_namespaces, 0, NSM_INSTALLED);
	p++->nsproxy = 7;
	s->call.steps = s->steps;
	s->call.nsteps = ARRAY_LEN(s->steps);

	s->call.after.nsproxy = 7;
	s->call.after.slot[NSL_SLOT_MNT] = ref(21, 4026532602);
	s->call.after.slot[NSL_SLOT_UTS] = ref(22, 4026532603);
	s->call.after.slot[NSL_SLOT_PID_FOR_CHILDREN] = ref(23, 4026532604);
	s->slots[0] = (struct nsm_slot_change){NSL_SLOT_MNT, ref(1, 4026531841),
					       ref(21, 4026532602), NSM_HOW_CREATED};
	s->slots[1] = (struct nsm_slot_change){NSL_SLOT_UTS, ref(2, 4026531838),
					       ref(22, 4026532603), NSM_HOW_CREATED};
	s->slots[2] = (struct nsm_slot_change){NSL_SLOT_PID_FOR_CHILDREN, ref(4, 4026531836),
					       ref(23, 4026532604), NSM_HOW_CREATED};
	s->call.slots = s->slots;
	s->call.nslots = ARRAY_LEN(s->slots);
}

/* unshare(CLONE_NEWUTS|CLONE_NEWPID) while a pid namespace is pending: EINVAL, the uts is undone */
struct failure_story {
	struct nsm_call call;
	struct nsm_step steps[10];
};

static inline void unshare_refused(struct failure_story *s)
{
	struct nsm_step *p = s->steps;

	s->call = a_call(NSL_SYS_UNSHARE, NSL_NEWUTS | NSL_NEWPID);
	s->call.number = 4;
	s->call.ts = AT(2500123);
	s->call.duration = 45600;
	fail(&s->call, EINVAL);
	s->call.before.slot[NSL_SLOT_PID_FOR_CHILDREN] = ref(23, 4026532604);
	*p = a_step(NSL_FN_unshare_nsproxy_namespaces, 0, NSM_FAILED);
	p++->err = EINVAL;
	*p = a_step(NSL_FN_create_new_namespaces, 1, NSM_FAILED);
	p++->err = EINVAL;
	*p++ = a_ns_step(NSL_FN_copy_mnt_ns, 2, NSM_SHARED, NSL_MNT, 1, 4026531841);
	*p++ = a_ns_step(NSL_FN_copy_utsname, 2, NSM_CREATED, NSL_UTS, 31, 4026532610);
	*p++ = a_ns_step(NSL_FN_copy_ipcs, 2, NSM_SHARED, NSL_IPC, 3, 4026531839);
	*p = a_step(NSL_FN_copy_pid_ns, 2, NSM_FAILED);
	p->type = NSL_PID;
	p++->err = EINVAL;
	*p++ = a_step(NSL_FN_copy_cgroup_ns, 2, NSM_NOT_REACHED);
	*p++ = a_step(NSL_FN_copy_net_ns, 2, NSM_NOT_REACHED);
	*p = a_ns_step(NSL_FN_put_uts_ns, 2, NSM_UNDONE, NSL_UTS, 31, 4026532610);
	p++->inferred = true;
	*p = a_ns_step(NSL_FN_put_mnt_ns, 2, NSM_UNDONE, NSL_MNT, 1, 4026531841);
	p->inferred = true;
	s->call.steps = s->steps;
	s->call.nsteps = ARRAY_LEN(s->steps);
}

/* setns(5 -> net namespace, 0) */
struct setns_story {
	struct nsm_call call;
	struct nsm_step steps[4];
	struct nsm_slot_change slots[1];
};

static inline void setns_net(struct setns_story *s)
{
	s->call = a_call(NSL_SYS_SETNS, 0);
	s->call.number = 5;
	s->call.new_flags = NSL_NEWNET; /* the type of the file, which 0 leaves open */
	s->call.fd = 5;
	s->call.target_kind = NSL_TARGET_NSFS;
	s->call.target_type = NSL_NET;
	s->call.target = ref(40, 4026532700);
	s->call.duration = 999;
	s->steps[0] = a_step(NSL_FN_create_new_namespaces, 0, NSM_DONE);
	s->steps[0].nsproxy = 9;
	s->steps[1] = a_ns_step(NSL_FN_netns_install, 0, NSM_INSTALLED, NSL_NET, 40, 4026532700);
	s->steps[2] = a_step(NSL_FN_switch_task_namespaces, 0, NSM_INSTALLED);
	s->steps[2].nsproxy = 9;
	s->steps[3] = a_step(NSL_FN_put_nsset, 0, NSM_DONE);
	s->call.steps = s->steps;
	s->call.nsteps = ARRAY_LEN(s->steps);
	s->call.after.nsproxy = 9;
	s->call.after.slot[NSL_SLOT_NET] = ref(40, 4026532700);
	s->slots[0] = (struct nsm_slot_change){NSL_SLOT_NET, ref(5, 4026531840),
					       ref(40, 4026532700), NSM_HOW_INSTALLED};
	s->call.slots = s->slots;
	s->call.nslots = 1;
}

/* Where a view writes, and what it wrote. */
struct screen {
	char *text;
	size_t len;
	FILE *out;
	struct nsv *view;
	struct nsm_sink sink;
};

static inline void screen_open(struct screen *s, enum nsv_style style, int width, bool colour)
{
	struct nsv_options options = {.style = style, .colour = colour, .width = width};

	s->out = open_memstream(&s->text, &s->len);
	s->view = nsv_new(s->out, &options);
	s->sink = nsv_sink(s->view);
}

static inline const char *screen_text(struct screen *s)
{
	nsv_flush(s->view);
	return s->text;
}

static inline void screen_close(struct screen *s)
{
	nsv_free(s->view);
	fclose(s->out);
	free(s->text);
}

static const struct nsv_fact facts[] = {
	{"clone", "fentry", NULL},
	{"copy_mnt_ns", "fentry", NULL},
	{"task exit", "tracepoint", NULL},
	{"free_ipc", "none", "the moment an ipc namespace dies"},
};

static inline struct nsv_start a_start(void)
{
	return (struct nsv_start){
		.version = "0.1",
		.release = "6.12.0",
		.boot_id = "5b0d",
		.mono_ns = START_NS,
		.wall_ns = 1764000000123456789ULL,
		.kernel = 6012,
		.facts = facts,
		.nfacts = ARRAY_LEN(facts),
		.steps = true,
		.what = "runc run web and its children",
		.initial = {[NSL_MNT] = 4026531841, [NSL_NET] = 4026531840},
	};
}

#endif
