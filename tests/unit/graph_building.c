// SPDX-License-Identifier: GPL-2.0-only
/* What is being built inside calls: half-built nsproxies, user namespaces, failures. */
#include <errno.h>

#include "graph_events.h"
#include "unit.h"

static struct nsg_totals totals(const struct rig *r)
{
	struct nsg_totals t;

	nsg_totals(r->g, &t);
	return t;
}

static const struct nsg_nsproxy *half_built(const struct rig *r)
{
	const struct nsg_nsproxy *p = nsg_nsproxies(r->g);

	while (p && !p->builder)
		p = p->next;
	return p;
}

static void slots_fill_one_by_one(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_UTS, 20);
	const struct nsg_nsproxy *p;

	as(r, 100, "bash");
	ev_begin(r, NSL_SYS_UNSHARE, NSL_NEWUTS);
	ev_step_begin(r, NSL_FN_create_new_namespaces);
	p = half_built(r);
	CHECK(p && !p->id && p->builder == 100 && p->born);
	ev_step_ns(r, NSL_FN_copy_mnt_ns, 0, HOST(NSL_MNT), NSL_NEWUTS);
	CHECK_NUM(p->slot[NSL_SLOT_MNT]->id, HOST(NSL_MNT));
	CHECK(!p->slot[NSL_SLOT_UTS]);
	ev_step_ns(r, NSL_FN_copy_utsname, 0, 20, NSL_NEWUTS);
	CHECK_STR(rig_text(r), "born uts 20\n");
	CHECK_NUM(p->slot[NSL_SLOT_UTS]->id, 20);
	CHECK(nsg_find_ns(r->g, 20)->born);
	CHECK_NUM(nsg_find_ns(r->g, 20)->owner->id, HOST(NSL_USER));
	CHECK(!nsg_find_ns(r->g, 20)->unused);
	CHECK_NUM(nsg_find_task(r->g, 100)->nsproxy->id, 1);
	ev_step_ns(r, NSL_FN_copy_pid_ns, 0, HOST(NSL_PID), NSL_NEWUTS);
	CHECK_NUM(p->slot[NSL_SLOT_PID_FOR_CHILDREN]->id, HOST(NSL_PID));
	ev_step(r, NSL_FN_create_new_namespaces, 0, 7);
	CHECK(p == nsg_find_nsproxy(r->g, 7));
	CHECK_NUM(p->builder, 100);
	CHECK_NUM(p->slot[NSL_SLOT_TIME]->id, HOST(NSL_TIME));
	ev_end(r, NSL_SYS_UNSHARE, 0, v);
	CHECK(p == nsg_find_task(r->g, 100)->nsproxy);
	CHECK_NUM(p->builder, 0);
	CHECK_NUM(p->ntasks, 1);
	CHECK_NUM(totals(r).nsproxies, 2);
	rig_free(r);
}

static void a_child_makes_it_visible(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_PID_FOR_CHILDREN, 20);

	as(r, 100, "bash");
	ev_create(r, NSL_NEWPID, v);
	CHECK_NUM(nsg_find_nsproxy(r->g, 7)->builder, 100);
	CHECK_NUM(nsg_find_ns(r->g, 20)->parent->id, HOST(NSL_PID));
	CHECK_NUM(nsg_find_ns(r->g, 20)->level, 1);
	CHECK_NUM(nsg_find_ns(r->g, HOST(NSL_PID))->children, 1);
	v.slot[NSL_SLOT_PID_ACTIVE] = ns_ref(20);
	ev_new(r, 200, v);
	CHECK_NUM(nsg_find_nsproxy(r->g, 7)->builder, 0);
	ev_exit(r, 200, "bash", v); /* before the clone has returned */
	CHECK(!nsg_find_nsproxy(r->g, 7));
	as(r, 100, "bash");
	ev_end(r, NSL_SYS_CLONE, 0, host_view());
	CHECK_NUM(totals(r).nsproxies, 1);
	rig_free(r);
}

static void a_copy_fails(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_step_begin(r, NSL_FN_create_new_namespaces);
	ev_step_ns(r, NSL_FN_copy_mnt_ns, 0, HOST(NSL_MNT), NSL_NEWUTS | NSL_NEWPID);
	ev_step_ns(r, NSL_FN_copy_utsname, 0, 20, NSL_NEWUTS | NSL_NEWPID);
	rig_text(r);
	ev_step_ns(r, NSL_FN_copy_pid_ns, -EINVAL, 0, NSL_NEWUTS | NSL_NEWPID);
	CHECK(!half_built(r));
	ev_ns_free(r, NSL_UTS, 20); /* put_uts_ns(), inside */
	CHECK_STR(rig_text(r), "died uts 20 undone by 100 bash\n");
	ev_step(r, NSL_FN_create_new_namespaces, -EINVAL, 0);
	ev_end(r, NSL_SYS_UNSHARE, -EINVAL, host_view());
	CHECK_NUM(totals(r).nsproxies, 1);
	CHECK_NUM(totals(r).namespaces, 8);
	rig_free(r);
}

/* copy_namespaces() was done, then alloc_pid() fails: exit_task_namespaces() of the child. */
static void a_clone_fails_late(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 7, NSL_SLOT_NET, 20);

	as(r, 100, "bash");
	ev_create(r, NSL_NEWNET, v);
	rig_text(r);
	ev_step(r, NSL_FN_free_nsproxy, 0, 7);
	CHECK(!nsg_find_nsproxy(r->g, 7));
	ev_step(r, NSL_FN_exit_task_namespaces, 0, 0);
	ev_end(r, NSL_SYS_CLONE, -EAGAIN, host_view());
	as(r, 55, "kworker/u4:1");
	ev_ns_free(r, NSL_NET, 20);
	CHECK_STR(rig_text(r), "died net 20 undone by 100 bash\n");
	rig_free(r);
}

/* Nothing tells how it was freed: the end of the call says that it is gone. */
static void a_call_fails_without_a_word(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_create(r, NSL_NEWIPC, with(host_view(), 7, NSL_SLOT_IPC, 20));
	rig_text(r);
	ev_end(r, NSL_SYS_UNSHARE, -EAGAIN, host_view());
	CHECK(!nsg_find_nsproxy(r->g, 7));
	as(r, 55, "kworker/u4:1");
	ev_ns_free(r, NSL_IPC, 20);
	CHECK_STR(rig_text(r), "died ipc 20 undone by 100 bash\n");
	rig_free(r);
}

static void a_user_namespace_that_no_task_got(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_begin(r, NSL_SYS_UNSHARE, NSL_NEWUSER | NSL_NEWUTS);
	ev_step_ns(r, NSL_FN_create_user_ns, 0, 20, NSL_NEWUSER | NSL_NEWUTS);
	CHECK_NUM(nsg_find_ns(r->g, 20)->level, 1);
	CHECK_NUM(nsg_find_ns(r->g, 20)->parent->id, HOST(NSL_USER));
	CHECK_NUM(nsg_find_ns(r->g, HOST(NSL_USER))->children, 1);
	CHECK_NUM(nsg_find_ns(r->g, HOST(NSL_USER))->owned, 7); /* one reference, counted once */
	ev_end(r, NSL_SYS_UNSHARE, -ENOSPC, host_view());
	rig_text(r);
	as(r, 55, "kworker/0:1");
	ev_ns_free(r, NSL_USER, 20);
	CHECK_STR(rig_text(r), "died user 20 undone by 100 bash\n");
	CHECK_NUM(nsg_find_ns(r->g, HOST(NSL_USER))->children, 0);
	rig_free(r);
}

static void setns_edits_a_private_copy(void)
{
	struct rig *r = rig_host();
	struct nsl_view v = with(host_view(), 8, NSL_SLOT_TIME, 20);
	const struct nsg_nsproxy *p;

	v.slot[NSL_SLOT_TIME_FOR_CHILDREN] = ns_ref(20);
	ev_ns(r, a_ns(NSL_TIME, 20, HOST(NSL_USER), 0, 0));
	ev_ns(r, a_ns(NSL_UTS, 21, HOST(NSL_USER), 0, 0));
	as(r, 100, "nsenter");
	ev_begin(r, NSL_SYS_SETNS, NSL_NEWTIME);
	ev_create(r, 0, with(host_view(), 8, NSL_SLOT_UTS, HOST(NSL_UTS)));
	p = nsg_find_nsproxy(r->g, 8);
	ev_step_ns(r, NSL_FN_timens_install, 0, 20, NSL_NEWTIME);
	CHECK_NUM(p->slot[NSL_SLOT_TIME]->id, 20);
	CHECK_NUM(p->slot[NSL_SLOT_TIME_FOR_CHILDREN]->id, 20);
	CHECK_NUM(nsg_find_ns(r->g, 20)->nsproxies, 2);
	ev_step_ns(r, NSL_FN_utsns_install, -EPERM, 21, NSL_NEWUTS);
	CHECK_NUM(p->slot[NSL_SLOT_UTS]->id, HOST(NSL_UTS));
	ev_step_ns(r, NSL_FN_userns_install, 0, HOST(NSL_USER), NSL_NEWUSER); /* not a slot */
	ev_end(r, NSL_SYS_SETNS, 0, v);
	CHECK(p == nsg_find_task(r->g, 100)->nsproxy && !p->builder);
	CHECK_STR(rig_text(r), ""); /* nothing was born */
	rig_free(r);
}

static void many_build_at_a_time(void)
{
	struct rig *r = rig_host();

	for (uint32_t i = 0; i < 500; i++) {
		as(r, 1000 + i, "runc");
		ev_step_begin(r, NSL_FN_create_new_namespaces);
	}
	for (uint32_t i = 0; i < 500; i++) {
		as(r, 1000 + i, "runc");
		ev_step_ns(r, NSL_FN_copy_utsname, 0, 20 + i, NSL_NEWUTS);
	}
	CHECK_NUM(totals(r).nsproxies, 501);
	for (uint32_t i = 0; i < 500; i++) {
		as(r, 1000 + i, "runc");
		ev_step(r, NSL_FN_create_new_namespaces, 0, 100 + i);
		ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 100 + i, NSL_SLOT_UTS, 20 + i));
	}
	CHECK(!half_built(r));
	CHECK_NUM(totals(r).nsproxies, 501);
	rig_free(r);
}

static void the_builder_is_killed(void)
{
	struct rig *r = rig_host();

	as(r, 300, "runc");
	ev_create(r, NSL_NEWUTS, with(host_view(), 7, NSL_SLOT_UTS, 20));
	ev_exit(r, 300, "runc", host_view());
	CHECK(!nsg_find_nsproxy(r->g, 7));
	/* and one whose next call begins without an end of the one before */
	as(r, 100, "bash");
	ev_create(r, NSL_NEWUTS, with(host_view(), 8, NSL_SLOT_UTS, 21));
	ev_begin(r, NSL_SYS_UNSHARE, NSL_NEWUTS);
	CHECK(!nsg_find_nsproxy(r->g, 8));
	CHECK_NUM(totals(r).nsproxies, 1);
	rig_free(r);
}

/* Threads of setns() free an nsproxy before the end of the call tells where they are. */
static void freed_before_the_end(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_UTS, 20));
	rig_text(r);
	ev_create(r, 0, with(host_view(), 8, NSL_SLOT_UTS, HOST(NSL_UTS)));
	ev_step(r, NSL_FN_free_nsproxy, 0, 7);
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_STR(rig_text(r), "died uts 20 switch by 100 bash\n");
	CHECK(!nsg_find_ns(r->g, 20));
	CHECK(!nsg_find_task(r->g, 100)->nsproxy->slot[NSL_SLOT_UTS]);
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 8, NSL_SLOT_UTS, HOST(NSL_UTS)));
	CHECK(!nsg_find_nsproxy(r->g, 7));
	CHECK_NUM(nsg_find_task(r->g, 100)->nsproxy->id, 8);
	rig_free(r);
}

/* Where the release of an nsproxy cannot be hooked, the death itself comes too early. */
static void dead_before_the_end(void)
{
	struct rig *r = rig_host();

	as(r, 100, "bash");
	ev_end(r, NSL_SYS_UNSHARE, 0, with(host_view(), 7, NSL_SLOT_UTS, 20));
	rig_text(r);
	ev_ns_free(r, NSL_UTS, 20);
	CHECK_STR(rig_text(r), "died uts 20 switch by 100 bash\n");
	CHECK(!nsg_find_ns(r->g, 20) && !nsg_find_inum(r->g, INUM(20)));
	ev_end(r, NSL_SYS_SETNS, 0, with(host_view(), 8, NSL_SLOT_UTS, HOST(NSL_UTS)));
	CHECK_STR(rig_text(r), "");
	CHECK_NUM(totals(r).namespaces, 8);
	rig_free(r);
}

int main(void)
{
	RUN(slots_fill_one_by_one);
	RUN(a_child_makes_it_visible);
	RUN(a_copy_fails);
	RUN(a_clone_fails_late);
	RUN(a_call_fails_without_a_word);
	RUN(a_user_namespace_that_no_task_got);
	RUN(setns_edits_a_private_copy);
	RUN(many_build_at_a_time);
	RUN(the_builder_is_killed);
	RUN(freed_before_the_end);
	RUN(dead_before_the_end);
	return unit_end();
}
