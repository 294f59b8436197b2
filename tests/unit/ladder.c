// SPDX-License-Identifier: GPL-2.0-only
/* Finding the symbol to probe, and ids: what in user/capture needs no kernel. */
#include "../../user/capture/hooks.h"
#include "../../user/capture/ids.h"
#include "../../user/capture/ladder.h"
#include "unit.h"

static const char kallsyms[] = "0000000000000000 T copy_net_ns\n"
			       "0000000000000000 t put_pid_ns.part.0\n"
			       "0000000000000000 t do_move_mount.isra.0\n"
			       "0000000000000000 t attach_mnt.constprop.0\t[some_module]\n"
			       "0000000000000000 t copy_net_ns_more\n"
			       "0000000000000000 t late.isra.0\n"
			       "0000000000000000 T late\n";

static void symbols(void)
{
	char name[64];

	/* plain name */
	CHECK(ladder_find_symbol(kallsyms, "copy_net_ns", name, sizeof(name)) &&
	      !strcmp(name, "copy_net_ns"));
	/* .isra.0 */
	CHECK(ladder_find_symbol(kallsyms, "do_move_mount", name, sizeof(name)) &&
	      !strcmp(name, "do_move_mount.isra.0"));
	/* .constprop.0 of a module */
	CHECK(ladder_find_symbol(kallsyms, "attach_mnt", name, sizeof(name)) &&
	      !strcmp(name, "attach_mnt.constprop.0"));
	/* the plain name wins */
	CHECK(ladder_find_symbol(kallsyms, "late", name, sizeof(name)) && !strcmp(name, "late"));
	/* a part is not the whole */
	CHECK(!ladder_find_symbol(kallsyms, "put_pid_ns", name, sizeof(name)));
	/* a longer name is another */
	CHECK(!ladder_find_symbol(kallsyms, "copy_net", name, sizeof(name)));
	/* nothing */
	CHECK(!ladder_find_symbol("", "copy_net_ns", name, sizeof(name)));
}

/* A step of copy_utsname() that made the namespace at `address`. */
static struct nsl_step made(__u64 address, __u32 inum)
{
	struct nsl_step s = {.head = {.size = sizeof(s), .kind = NSL_EV_STEP},
			     .fn = NSL_FN_copy_utsname,
			     .new_flags = NSL_NEWUTS,
			     .ns = {address, inum, 0}};

	return s;
}

static __u64 id_of(struct ids *ids, struct nsl_step s)
{
	ids_translate(ids, &s.head);
	return s.ns.obj;
}

static void identities(void)
{
	struct ids *ids = ids_new(true);
	struct nsl_ns_free death = {.head = {.size = sizeof(death), .kind = NSL_EV_NS_FREE},
				    .ns = {0, 100, 0}};
	struct nsl_step shared = made(0x1000, 100);
	__u64 first, second;

	shared.new_flags = 0;
	first = id_of(ids, made(0x1000, 100));
	/* the same object keeps its id */
	CHECK(id_of(ids, shared) == first);
	ids_translate(ids, &death.head);
	/* a death names id and type */
	CHECK(death.ns.obj == first && death.type == NSL_UTS);
	second = id_of(ids, made(0x1000, 100));
	/* address and number reused: a new id */
	CHECK(second != first);
	/* made again without a death seen: a new id */
	CHECK(id_of(ids, made(0x1000, 100)) != second);
	second = id_of(ids, shared);
	shared.ns.inum = 101;
	/* same address, other number: a new id */
	CHECK(id_of(ids, shared) != second);
	second = id_of(ids, shared);
	ids_forget(ids);
	/* after a gap ids start anew */
	CHECK(id_of(ids, shared) != second);
	death.ns = (struct nsl_ref){0, 4711, 0};
	ids_translate(ids, &death.head);
	/* an unknown number has no id */
	CHECK(death.ns.obj == 0);
	ids_free(ids);
}

static void nsproxies(void)
{
	struct ids *ids = ids_new(true);
	struct nsl_step make = {.head = {.size = sizeof(make), .kind = NSL_EV_STEP},
				.fn = NSL_FN_create_new_namespaces,
				.nsproxy = 0x2000};
	struct nsl_step put = make, again = make;

	ids_set_initial(ids, 0x9000);
	put.fn = NSL_FN_free_nsproxy;
	ids_translate(ids, &make.head);
	ids_translate(ids, &put.head);
	ids_translate(ids, &again.head);
	/* the initial nsproxy is number 1 */
	CHECK(make.nsproxy == 2);
	/* the freed one is the one that was made */
	CHECK(put.nsproxy == make.nsproxy);
	/* its address reused: a new id */
	CHECK(again.nsproxy == make.nsproxy + 1);
	put = (struct nsl_step){
		.head = put.head, .fn = NSL_FN_switch_task_namespaces, .nsproxy = 0x9000};
	ids_forget(ids);
	ids_translate(ids, &put.head);
	/* the initial one outlives a gap */
	CHECK(put.nsproxy == 1);
	ids_free(ids);
}

/* Without function hooks a new object follows from the call that made it. */
static void tracepoint_identities(void)
{
	struct ids *ids = ids_new(false);
	struct nsl_call_end end = {.head = {.size = sizeof(end), .kind = NSL_EV_CALL_END},
				   .syscall = NSL_SYS_UNSHARE,
				   .new_flags = NSL_NEWUTS};
	struct nsl_call_end other;

	end.after.nsproxy = 0x3000;
	end.after.slot[NSL_SLOT_UTS] = (struct nsl_ref){0x4000, 7, 0};
	end.after.slot[NSL_SLOT_NET] = (struct nsl_ref){0x5000, 8, 0};
	other = end;
	ids_translate(ids, &end.head);
	ids_translate(ids, &other.head);
	/* unshare makes a new nsproxy */
	CHECK(other.after.nsproxy != end.after.nsproxy);
	/* and a new namespace of its type */
	CHECK(other.after.slot[NSL_SLOT_UTS].obj != end.after.slot[NSL_SLOT_UTS].obj);
	/* and none of another type */
	CHECK(other.after.slot[NSL_SLOT_NET].obj == end.after.slot[NSL_SLOT_NET].obj);
	end.new_flags = NSL_NEWTIME;
	end.after.nsproxy = 0x3100;
	end.after.slot[NSL_SLOT_TIME] = end.after.slot[NSL_SLOT_TIME_FOR_CHILDREN] =
		(struct nsl_ref){0x6000, 9, 0};
	ids_translate(ids, &end.head);
	/* both time slots of a child hold the one new namespace */
	CHECK(end.after.slot[NSL_SLOT_TIME].obj == end.after.slot[NSL_SLOT_TIME_FOR_CHILDREN].obj);
	ids_free(ids);
}

static size_t programs_at(const char *function)
{
	size_t n = 0;

	for (size_t i = 0; i < nhooks; i++)
		n += !strcmp(hooks[i].function, function);
	return n;
}

/* What a program misses is no loss only where another one is at the same place. */
static void copies(void)
{
	size_t n = 0;

	for (size_t i = 0; i < nhooks; i++) {
		if (!has_copy(&hooks[i]))
			continue;
		n++;
		if (programs_at(hooks[i].function) < 2)
			unit_fail(__FILE__, __LINE__, "nothing stands in for %s", hooks[i].program);
	}
	CHECK_NUM(n, 2);
}

int main(void)
{
	RUN(symbols);
	RUN(identities);
	RUN(nsproxies);
	RUN(tracepoint_identities);
	RUN(copies);
	return unit_end();
}
