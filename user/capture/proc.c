// SPDX-License-Identifier: GPL-2.0-only
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/hash.h"
#include "../model/model.h"
#include "proc_cgroup.h"
#include "proc_tasks.h"

/* Threads that see the same eight: presumed to share one nsproxy. */
struct set {
	__u32 inum[NSL_NSPROXY_SLOTS];
	UT_hash_handle hh;
	__u64 id;
};

struct snapshot {
	int proc;
	proc_fn fn;
	void *ctx;
	struct proc_report *report;
	struct proc_table *table;
	struct proc_cgroups *cgroups;
	struct set *sets;
	__u64 last_set;
	__u32 initial[NSL_TYPES];
	__u64 ns_per_tick;
};

static __u64 presumed_nsproxy(struct snapshot *s, const __u32 inum[NSL_SLOTS])
{
	const size_t size = NSL_NSPROXY_SLOTS * sizeof(*inum);
	struct set *set;

	HASH_FIND(hh, s->sets, inum, size, set);
	if (set)
		return set->id;
	set = calloc(1, sizeof(*set));
	if (!set)
		return 0;
	memcpy(set->inum, inum, size);
	HASH_ADD(hh, s->sets, inum, size, set);
	if (!HASH_HAS(hh, set)) {
		free(set);
		return 0;
	}
	/* 1 is taken, whether it can be seen or not */
	set->id = s->last_set++ + 1;
	return set->id;
}

static void presume_initial(struct snapshot *s)
{
	__u32 inum[NSL_SLOTS];
	bool known = true;

	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		inum[slot] = s->initial[nsm_slot_type(slot)];
		known = known && inum[slot];
	}
	s->report->initial_unknown = !known;
	if (known)
		presumed_nsproxy(s, inum);
	else
		s->last_set = 1;
}

/* Gives the initial namespaces, as far as we can be sure of them, the first ids. */
static void see_initial(struct snapshot *s)
{
	s->report->inside_pid_ns = !proc_initial(s->proc, s->initial);
	for (__u32 type = 0; type < NSL_TYPES; type++)
		if (s->initial[type] && !s->report->inside_pid_ns)
			proc_table_see(s->table, type, s->initial[type]);
	presume_initial(s);
}

static void fill_slots(struct snapshot *s, int dir, const struct proc_task *task,
		       struct nsl_view *view)
{
	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		__u32 type = nsm_slot_type(slot), inum = task->inum[slot];
		struct proc_ns *ns;
		int fd;

		if (!inum)
			continue;
		ns = proc_table_see(s->table, type, inum);
		if (!ns)
			continue;
		if (!ns->whole) {
			fd = proc_slot_open(dir, task->tid, slot);
			proc_table_tell(s->table, type, inum, fd);
			if (fd >= 0)
				close(fd);
		}
		view->slot[slot].obj = ns->id;
		view->slot[slot].inum = inum;
		if (slot == NSL_SLOT_PID_ACTIVE)
			view->pid_level = ns->level;
	}
}

static void fill_pids(struct snapshot *s, int dir, const struct proc_task *task,
		      struct nsl_view *view)
{
	struct proc_status status;
	char text[8192];

	view->ns_pid = task->pid;
	view->ns_tid = task->tid;
	if (!s->report->inside_pid_ns && task->inum[NSL_SLOT_PID_ACTIVE] == s->initial[NSL_PID])
		return;
	if (proc_read(dir, "status", text, sizeof(text)) < 0 || !proc_parse_status(text, &status))
		return;
	view->ns_pid = status.ns_pid;
	view->ns_tid = status.ns_tid;
}

static __u64 read_cgroup(struct snapshot *s, int dir)
{
	char text[8192];

	return proc_read(dir, "cgroup", text, sizeof(text)) > 0 ? proc_cgroup_id(s->cgroups, text)
								: 0;
}

static void tell_task(struct snapshot *s, int dir, const struct proc_task *task)
{
	struct nsl_task event;

	memset(&event, 0, sizeof(event));
	event.event = NSL_TASK_SEEN;
	event.pid = task->pid;
	event.tid = task->tid;
	event.ppid = task->stat.ppid;
	event.start = task->stat.start * s->ns_per_tick;
	memcpy(event.comm, task->stat.comm, sizeof(event.comm));
	if (task->stat.flags & PROC_PF_KTHREAD)
		event.state |= NSL_TASK_KTHREAD;
	/* one that exits but still has its nsproxy shows it, as the kernel's own rows do */
	if (task->exiting || task->stat.flags & PROC_PF_EXITING || task->stat.state == 'Z')
		event.state |= NSL_TASK_EXITING;
	event.cgroup = read_cgroup(s, dir);
	fill_slots(s, dir, task, &event.view);
	fill_pids(s, dir, task, &event.view);
	event.view.nsproxy_count = NSL_COUNT_UNKNOWN;
	if (task->exiting)
		s->report->zombies++;
	else
		event.view.nsproxy = presumed_nsproxy(s, task->inum);
	if (!task->exiting && !task->inum[NSL_SLOT_PID_FOR_CHILDREN])
		s->report->pending_unknown++;
	s->report->tasks++;
	proc_head(&event.head, NSL_EV_TASK, NSL_HOOK_TASK, sizeof(event));
	s->fn(s->ctx, &event.head);
}

static int on_task(void *ctx, int dir, __u32 pid, __u32 tid)
{
	struct snapshot *s = ctx;
	struct proc_task task = {.pid = pid, .tid = tid};
	int error = proc_task_read(dir, &task);

	if (!error) {
		tell_task(s, dir, &task);
	} else if (!proc_gone(error)) {
		if (!s->report->refused++)
			s->report->refused_error = -error;
	}
	return 0;
}

static void tell_mark(struct snapshot *s, enum nsl_snapshot_event which)
{
	struct nsl_snapshot event;

	memset(&event, 0, sizeof(event));
	event.event = which;
	event.number = 1;
	proc_head(&event.head, NSL_EV_SNAPSHOT, NSL_HOOK_TASK, sizeof(event));
	s->fn(s->ctx, &event.head);
}

static void snapshot_free(struct snapshot *s)
{
	struct set *set, *next;

	HASH_ITER (hh, s->sets, set, next) {
		HASH_DEL(s->sets, set);
		free(set);
	}
	proc_cgroups_free(s->cgroups);
	proc_table_free(s->table);
	if (s->proc >= 0)
		close(s->proc);
}

int proc_snapshot(proc_fn fn, void *ctx, struct proc_report *report, struct nsl_error *e)
{
	struct snapshot s = {.fn = fn, .ctx = ctx, .report = report};
	int result = -1;

	memset(report, 0, sizeof(*report));
	report->unprivileged = !proc_privileged();
	s.ns_per_tick = 1000000000ULL / (__u64)sysconf(_SC_CLK_TCK);
	s.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	s.table = proc_table_new(true, fn, ctx);
	s.cgroups = proc_cgroups_new(fn, ctx);
	if (!s.table || !s.cgroups) {
		nsl_error_set(e, "cannot read /proc: out of memory");
		goto out;
	}
	if (s.proc < 0 || faccessat(s.proc, "self/ns", F_OK, 0)) {
		nsl_error_set(e, "cannot read /proc: %s; mount it: mount -t proc proc /proc",
			      strerror(errno));
		goto out;
	}
	see_initial(&s);
	tell_mark(&s, NSL_SNAPSHOT_BEGIN);
	result = proc_tasks_each(s.proc, on_task, &s);
	if (result) {
		nsl_error_set(e,
			      "cannot list the processes in /proc: %s; nslens needs a procfs "
			      "there that shows them",
			      strerror(-result));
		result = -1;
		goto out;
	}
	tell_mark(&s, NSL_SNAPSHOT_END);
	report->namespaces = proc_table_count(s.table);
	report->nsproxies = HASH_COUNT(s.sets);
	report->hidden_family = proc_table_hidden(s.table);
out:
	snapshot_free(&s);
	return result;
}
