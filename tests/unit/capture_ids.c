// SPDX-License-Identifier: GPL-2.0-only
/* Ids where memory fails: an event is refused, never one that names an object that is none. */
#include <stdlib.h>

#include "unit.h"

/* allocations until one fails; negative: none does */
static int left = -1;

static bool has_memory(void)
{
	if (!left)
		return false;
	left -= left > 0;
	return true;
}

static void *scarce_calloc(size_t n, size_t size)
{
	return has_memory() ? calloc(n, size) : NULL;
}

static void *scarce_malloc(size_t size)
{
	return has_memory() ? malloc(size) : NULL;
}

/* compiled here once more, with that memory */
#define ids_new		scarce_ids_new
#define ids_free	scarce_ids_free
#define ids_forget	scarce_ids_forget
#define ids_name	scarce_ids_name
#define ids_sweep	scarce_ids_sweep
#define ids_many	scarce_ids_many
#define ids_translate	scarce_ids_translate
#define ids_set_initial scarce_ids_set_initial
#define uthash_malloc	scarce_malloc
#define calloc		scarce_calloc
#include "../../user/capture/ids.c"
#undef calloc

#define UTS_ADDRESS 0xffff888000001000u
#define UTS_INUM    4026532190u
#define NSPROXY	    0xffff888000002000u

static struct nsl_task a_task(void)
{
	struct nsl_task e = {
		.head = {.size = sizeof(e), .version = NSL_EVENT_VERSION, .kind = NSL_EV_TASK},
		.event = NSL_TASK_EXEC,
		.view = {.nsproxy = NSPROXY}};

	e.view.slot[NSL_SLOT_UTS] = (struct nsl_ref){.obj = UTS_ADDRESS, .inum = UTS_INUM};
	return e;
}

/* Whichever allocation is the one that fails. */
static void none_has_no_id(void)
{
	bool done = false;

	for (int n = 0; !done; n++) {
		struct ids *ids = ids_new(true);
		struct nsl_task e = a_task();

		left = n;
		done = ids_translate(ids, &e.head);
		left = -1;
		CHECK(done || n < 20);
		CHECK(!done || (e.view.nsproxy && e.view.slot[NSL_SLOT_UTS].obj));
		/* with memory again it is told, and its death is found by the inode number */
		e = a_task();
		CHECK(ids_translate(ids, &e.head));
		CHECK(e.view.nsproxy && e.view.nsproxy != NSPROXY);
		CHECK(e.view.slot[NSL_SLOT_UTS].obj &&
		      e.view.slot[NSL_SLOT_UTS].obj != UTS_ADDRESS);
		struct nsl_ns_free death = {.head = {.kind = NSL_EV_NS_FREE},
					    .ns = {.inum = UTS_INUM}};

		CHECK(ids_translate(ids, &death.head));
		CHECK_NUM(death.ns.obj, e.view.slot[NSL_SLOT_UTS].obj);
		CHECK_NUM(death.type, NSL_UTS);
		ids_free(ids);
		if (n >= 20)
			return;
	}
}

static void nor_the_initial_one(void)
{
	struct ids *ids = ids_new(true);

	left = 0;
	CHECK(!ids_set_initial(ids, NSPROXY));
	left = -1;
	CHECK(ids_set_initial(ids, NSPROXY));
	ids_free(ids);
	left = 0;
	CHECK(!ids_new(true));
	left = -1;
}

/* An event of a task whose nsproxy and uts namespace lie at the n-th place; their ids. */
static struct nsl_task mention(struct ids *ids, unsigned int n)
{
	struct nsl_task e = a_task();

	e.view.nsproxy += 0x100ull * n;
	e.view.slot[NSL_SLOT_UTS].obj += 0x100ull * n;
	e.view.slot[NSL_SLOT_UTS].inum += n;
	CHECK(ids_translate(ids, &e.head));
	return e;
}

/* The second one's. */
static bool is_used(void *ctx, bool nsproxy, __u64 id)
{
	const struct nsl_task *e = ctx;

	return id == (nsproxy ? e->view.nsproxy : e->view.slot[NSL_SLOT_UTS].obj);
}

/* Without function hooks nobody tells of a death: what is neither used nor mentioned goes. */
static void what_nobody_needs_goes(void)
{
	struct ids *ids = ids_new(false);
	struct nsl_task a, b, c, again;
	struct nsl_ref gone;

	CHECK(ids_set_initial(ids, NSPROXY + 0x100 * 9));
	a = mention(ids, 1);
	b = mention(ids, 2);
	ids_sweep(ids, is_used, &b);
	c = mention(ids, 3);
	ids_sweep(ids, is_used, &b);
	gone = (struct nsl_ref){.inum = UTS_INUM + 1};
	CHECK(!ids_name(ids, &gone));
	again = mention(ids, 2);
	CHECK_NUM(again.view.nsproxy, b.view.nsproxy);
	CHECK_NUM(again.view.slot[NSL_SLOT_UTS].obj, b.view.slot[NSL_SLOT_UTS].obj);
	again = mention(ids, 3);
	CHECK_NUM(again.view.nsproxy, c.view.nsproxy);
	again = mention(ids, 1);
	CHECK(again.view.nsproxy > c.view.nsproxy && again.view.nsproxy != a.view.nsproxy);
	again = mention(ids, 9);
	CHECK_NUM(again.view.nsproxy, 1);
	ids_free(ids);
}

/* And how many there are at the most follows from that. */
static void they_stay_few(void)
{
	struct ids *ids = ids_new(false);
	size_t most = 0;

	for (unsigned int n = 0; n < 10 * MANY; n++) {
		mention(ids, n);
		if (ids_many(ids))
			ids_sweep(ids, NULL, NULL);
		most = count(ids) > most ? count(ids) : most;
	}
	CHECK(most <= 2 * MANY + 2);
	ids_free(ids);
}

/* An unshare by tracepoints alone, and the id of its mount namespace, always at one address. */
static __u64 unshared_mnt(struct ids *ids, __u64 raw_flags)
{
	struct nsl_call_end e = {
		.head = {.size = sizeof(e), .version = NSL_EVENT_VERSION, .kind = NSL_EV_CALL_END},
		.syscall = NSL_SYS_UNSHARE,
		.raw_flags = raw_flags,
		.new_flags = raw_flags & NSL_NEW_ALL,
		.after = {.nsproxy = NSPROXY}};

	e.after.slot[NSL_SLOT_MNT] = (struct nsl_ref){.obj = UTS_ADDRESS, .inum = UTS_INUM};
	CHECK(ids_translate(ids, &e.head));
	CHECK_NUM(e.after.nsproxy, e.after.slot[NSL_SLOT_MNT].obj);
	return e.after.slot[NSL_SLOT_MNT].obj;
}

/* As it was asked for by UNSHARE_EMPTY_MNTNS, too. */
static void what_is_new_is_another_one(void)
{
	struct ids *ids = ids_new(false);

	CHECK_NUM(unshared_mnt(ids, NSL_NEWNS), 1);
	CHECK_NUM(unshared_mnt(ids, NSL_NEWNS), 2);
	CHECK_NUM(unshared_mnt(ids, NSL_UNSHARE_EMPTY_MNTNS), 3);
	CHECK_NUM(unshared_mnt(ids, 0), 3);
	ids_free(ids);
}

int main(void)
{
	RUN(none_has_no_id);
	RUN(nor_the_initial_one);
	RUN(what_nobody_needs_goes);
	RUN(they_stay_few);
	RUN(what_is_new_is_another_one);
	return unit_end();
}
