// SPDX-License-Identifier: GPL-2.0-only
/* Two start-ups side by side: each kind of difference, one at a time. */
#include <errno.h>

#include "align_starts.h"

static void alike(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n = two(a, b);

	CHECK_NUM(n->differences, 0);
	CHECK_NUM(n->nrows, 12);
	CHECK_NUM(n->same, 12);
	nsa_free(n);
	free(a);
	free(b);
}

/* Other pids, another bundle, another container: nothing of that is a difference. */
static void other_names(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	for (size_t i = 0; i < b->s.ntasks; i++) {
		b->tasks[i].pid = b->tasks[i].tid += 7000;
		b->tasks[i].parent += 7000;
	}
	for (size_t i = 0; i < b->s.ncalls; i++)
		b->calls[i].call.pid = b->calls[i].call.tid += 7000;
	for (size_t i = 0; i < b->s.nmilestones; i++)
		b->milestones[i].m.pid = b->milestones[i].m.tid += 7000;
	b->s.payload.pid += 7000;
	b->s.payload.tid += 7000;
	strcpy(b->milestones[2].m.where, "ner/with/another/very/long/name/rootfs/proc");
	strcpy(a->milestones[6].m.text, "0123456789ab");
	strcpy(b->milestones[6].m.text, "ba9876543210");
	n = two(a, b);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	a->s.container = "web-1";
	b->s.container = "web-2";
	strcpy(a->milestones[6].m.text, "web-1");
	strcpy(b->milestones[6].m.text, "web-2");
	n = two(a, b);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	free(a);
	free(b);
}

static void roles(void)
{
	struct made *a = a_start();
	struct nsa *n = two(a, a);
	size_t seen[NSA_ROLES] = {0};

	for (size_t i = 0; i < n->nrows; i++)
		seen[n->rows[i].side[0].item->who.role]++;
	CHECK_NUM(seen[NSA_RUNTIME], 1);
	CHECK_NUM(seen[NSA_STAGE], 3);
	CHECK_NUM(seen[NSA_PAYLOAD], 6);
	CHECK_NUM(seen[NSA_HELPER], 2);
	CHECK_NUM(n->rows[1].side[0].item->who.depth, 1);
	nsa_free(n);
	free(a);
}

static void moved(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsm_milestone swap = b->milestones[2].m;
	const struct nsa_row *row;
	struct nsa *n;

	/* sysfs, tmpfs, proc: proc comes last */
	for (size_t i = 2; i < 4; i++) {
		strcpy(b->milestones[i].m.text, b->milestones[i + 1].m.text);
		strcpy(b->milestones[i].m.where, b->milestones[i + 1].m.where);
	}
	strcpy(b->milestones[4].m.text, swap.text);
	strcpy(b->milestones[4].m.where, swap.where);
	n = two(a, b);
	CHECK_NUM(n->differences, 1);
	CHECK_NUM(marked(n, NSA_MOVED), 1);
	row = the(n, NSA_MOVED);
	CHECK_STR(row->side[0].item->milestone->m.text, "proc");
	CHECK_STR(row->side[1].item->milestone->m.text, "proc");
	nsa_free(n);
	free(a);
	free(b);
}

/* Which of two tasks runs first is chance. */
static void interleaved(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	/* the helper's maps come before the user namespace that they are for, or long after */
	b->milestones[0].m.ts = b->calls[0].call.ts;
	n = two(a, b);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	free(a);
	free(b);
}

static void changed(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	b->calls[2].call.new_flags = b->calls[2].call.raw_flags |= NSL_NEWNET;
	b->calls[3].call.syscall = NSL_SYS_CLONE3;
	strcpy(b->milestones[6].m.text, "db");
	b->milestones[4].m.detail[0] = 2; /* nosuid */
	n = two(a, b);
	CHECK_NUM(n->differences, 4);
	CHECK_NUM(marked(n, NSA_CHANGED), 4);
	CHECK_NUM(n->nrows, 12);
	for (size_t i = 0; i < n->nrows; i++) {
		const struct nsa_row *row = &n->rows[i];

		if (row->side[0].item->kind == NSA_MILESTONE)
			CHECK_NUM(row->changed, row->marks ? NSA_CHANGE_DETAIL : 0);
		else if (row->marks)
			CHECK_NUM(row->changed,
				  row->side[0].item->flags ? NSA_CHANGE_FLAGS : NSA_CHANGE_SYSCALL);
	}
	nsa_free(n);
	free(a);
	free(b);
}

/* Flags that have nothing in common are another call. */
static void other_call(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	b->calls[1].call.new_flags = b->calls[1].call.raw_flags = NSL_NEWNET;
	n = two(a, b);
	CHECK_NUM(n->differences, 2);
	CHECK_NUM(marked(n, NSA_ONLY_A), 1);
	CHECK_NUM(marked(n, NSA_ONLY_B), 1);
	nsa_free(n);
	free(a);
	free(b);
}

/* crun makes in one call of the runtime what runc has a task of its own for. */
static void by_another(void)
{
	struct made *a = a_start(), *b = made_new();
	const struct nsa_row *row;
	struct nsa *n;

	task(b, 200, 1, "crun");
	task(b, 201, 200, "sh");
	call(b, 200, NSL_SYS_CLONE3, NSL_NEWUSER | NSL_NEWNS | NSL_NEWUTS | NSL_NEWPID, 500000, 0);
	milestone(b, 201, NSL_MILESTONE_mount, "proc", "/c/rootfs/proc");
	milestone(b, 201, NSL_MILESTONE_pivot_root, ".", ".");
	milestone(b, 201, NSL_MILESTONE_exec, "/bin/sh", "");
	payload(b, 201);
	n = two(a, b);
	CHECK_NUM(marked(n, NSA_BY_OTHER), 1);
	row = the(n, NSA_BY_OTHER);
	CHECK_NUM(row->side[0].item->who.role, NSA_STAGE);
	CHECK_NUM(row->side[0].item->flags, NSL_NEWNS | NSL_NEWUTS | NSL_NEWPID);
	CHECK_NUM(row->side[1].item->who.role, NSA_RUNTIME);
	CHECK_NUM(row->changed, NSA_CHANGE_SYSCALL | NSA_CHANGE_FLAGS);
	/* the payload's own doings are aligned although it stands one task nearer */
	for (size_t i = 0; i < n->nrows; i++) {
		const struct nsa_row *r = &n->rows[i];

		if (r->side[0].item && r->side[0].item->who.role == NSA_PAYLOAD && r->side[1].item)
			CHECK_NUM(r->side[1].item->who.role, NSA_PAYLOAD);
	}
	CHECK_NUM(n->same, 3);
	nsa_free(n);
	free(a);
	free(b);
}

static void fails(void)
{
	struct made *a = a_start(), *b = made_new();
	struct nsu_call *c;
	const struct nsa_row *row;
	struct nsa *n;

	task(b, 100, 1, "runc");
	task(b, 101, 100, "runc:[1:CHILD]");
	call(b, 100, NSL_SYS_CLONE, 0, 100000, 0);
	c = call(b, 101, NSL_SYS_UNSHARE, NSL_NEWUSER, 20000, ENOSPC);
	step(c, NSL_FN_create_user_ns, NSM_FAILED, ENOSPC);
	step(&a->calls[1], NSL_FN_create_user_ns, NSM_CREATED, 0);
	b->s.outcome = NSU_FAILED;
	b->s.failed_call = 1;
	n = two(a, b);
	CHECK(n->outcome);
	CHECK_NUM(marked(n, NSA_FAILS), 1);
	row = the(n, NSA_FAILS);
	CHECK_NUM(row->side[1].item->err, ENOSPC);
	CHECK_NUM(row->side[0].item->err, 0);
	CHECK_NUM(row->nsteps, 1);
	CHECK_NUM(row->steps[0].marks, NSA_MARK(NSA_FAILS) | NSA_MARK(NSA_CHANGED));
	/* nobody would say that B is faster */
	CHECK_NUM(n->pace, NSA_SAME_PACE);
	CHECK_NUM(marked(n, NSA_FASTER), 0);
	CHECK_NUM(marked(n, NSA_BY_OTHER), 0);
	/* all that did not come to pass */
	CHECK_NUM(marked(n, NSA_ONLY_A), 10);
	nsa_free(n);
	free(a);
	free(b);
}

static void other_errno(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	a->calls[1].call.err = EPERM;
	b->calls[1].call.err = ENOSPC;
	n = two(a, b);
	CHECK_NUM(n->differences, 1);
	CHECK_NUM(the(n, NSA_CHANGED)->changed, NSA_CHANGE_ERRNO);
	nsa_free(n);
	free(a);
	free(b);
}

static bool old_kernel(const struct nsa_item *item, unsigned int kernel)
{
	return kernel >= 6019 || item->kind != NSA_STEP ||
	       item->step->fn != NSL_FN_nsproxy_ns_active_put;
}

/* A function that only one of the kernels has is no difference of the starts. */
static void kernels(void)
{
	struct made *a = a_start(), *b = a_start();
	const struct nsu_startup *ra = &a->s, *rb = &b->s;
	struct nsa_side x = {.runs = &ra, .n = 1, .kernel = 6012, .steps = true};
	struct nsa_side y = {.runs = &rb, .n = 1, .kernel = 6019, .steps = true};
	struct nsa *n;

	step(&a->calls[2], NSL_FN_create_new_namespaces, NSM_DONE, 0);
	step(&b->calls[2], NSL_FN_create_new_namespaces, NSM_DONE, 0);
	step(&b->calls[2], NSL_FN_nsproxy_ns_active_put, NSM_DONE, 0);
	n = nsa_new(&x, &y, old_kernel);
	CHECK_NUM(n->differences, 0);
	for (size_t i = 0; i < n->nrows; i++)
		if (n->rows[i].nsteps)
			CHECK_NUM(n->rows[i].steps[1].marks, NSA_MARK(NSA_BY_KERNEL));
	nsa_free(n);
	/* on the same kernel it is one */
	x.kernel = 6019;
	n = nsa_new(&x, &y, old_kernel);
	CHECK_NUM(n->differences, 1);
	CHECK_NUM(the(n, NSA_STEPS)->steps[1].marks, NSA_MARK(NSA_ONLY_B));
	nsa_free(n);
	/* recorded without function hooks, a side has no steps to compare */
	x.steps = false;
	n = nsa_new(&x, &y, old_kernel);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	free(a);
	free(b);
}

/* One mounts before it enters the new root, the other afterwards: the same places. */
static void below_the_root(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	milestone(a, 102, NSL_MILESTONE_mount, "tmpfs", "/dev/shm");
	milestone(b, 102, NSL_MILESTONE_mount, "tmpfs", "/b/one/rootfs/dev/shm");
	n = two(a, b);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	free(a);
	free(b);
}

static void namespaces(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	one_ns(a, NSL_UTS, NSU_ROLE_CREATED);
	one_ns(b, NSL_UTS, NSU_ROLE_CREATED);
	one_ns(a, NSL_NET, NSU_ROLE_CREATED);
	one_ns(b, NSL_NET, NSU_ROLE_SHARED);
	one_ns(b, NSL_MNT, NSU_ROLE_LEFT);
	n = two(a, b);
	CHECK_NUM(n->differences, 2);
	CHECK(n->namespaces[NSL_NET].different);
	CHECK(!n->namespaces[NSL_UTS].different);
	CHECK_NUM(n->namespaces[NSL_NET].role[0], NSU_ROLE_CREATED);
	CHECK_NUM(n->namespaces[NSL_NET].role[1], NSU_ROLE_SHARED);
	CHECK_NUM(n->namespaces[NSL_MNT].left[1], 1);
	nsa_free(n);
	free(a);
	free(b);
}

static void payloads(void)
{
	struct made *a = a_start(), *b = a_start();
	struct nsa *n;

	b->s.payload.uid = 1000;
	n = two(a, b);
	CHECK(n->payload);
	CHECK_NUM(n->differences, 1);
	nsa_free(n);
	free(a);
	free(b);
}

static void nothing(void)
{
	struct made *a = a_start(), *b = made_new();
	struct nsa_side none = {0};
	struct nsa *n;

	b->s.outcome = NSU_CUT;
	n = two(a, b);
	CHECK_NUM(marked(n, NSA_ONLY_A), 12);
	nsa_free(n);
	n = two(b, b);
	CHECK_NUM(n->nrows, 0);
	CHECK_NUM(n->differences, 0);
	nsa_free(n);
	CHECK(!nsa_new(&none, &none, NULL));
	free(a);
	free(b);
}

int main(void)
{
	RUN(alike);
	RUN(other_names);
	RUN(roles);
	RUN(moved);
	RUN(interleaved);
	RUN(changed);
	RUN(other_call);
	RUN(by_another);
	RUN(fails);
	RUN(other_errno);
	RUN(kernels);
	RUN(below_the_root);
	RUN(namespaces);
	RUN(payloads);
	RUN(nothing);
	return unit_end();
}
