// SPDX-License-Identifier: GPL-2.0-only
/* A system call in one expression: "unshare(CLONE_NEWUTS) = 0". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

struct flag {
	uint64_t bit;
	const char *name;
};

/* Flags that are no namespaces: they decide what else the child shares. */
static const struct flag clone_flags[] = {
	{0x00000100, "CLONE_VM"},
	{0x00000200, "CLONE_FS"},
	{0x00000400, "CLONE_FILES"},
	{0x00000800, "CLONE_SIGHAND"},
	{0x00001000, "CLONE_PIDFD"},
	{0x00002000, "CLONE_PTRACE"},
	{0x00004000, "CLONE_VFORK"},
	{0x00008000, "CLONE_PARENT"},
	{0x00010000, "CLONE_THREAD"},
	{0x00040000, "CLONE_SYSVSEM"},
	{0x00080000, "CLONE_SETTLS"},
	{0x00100000, "CLONE_PARENT_SETTID"},
	{0x00200000, "CLONE_CHILD_CLEARTID"},
	{0x00400000, "CLONE_DETACHED"},
	{0x00800000, "CLONE_UNTRACED"},
	{0x01000000, "CLONE_CHILD_SETTID"},
	{0x80000000, "CLONE_IO"},
	{UINT64_C(1) << 32, "CLONE_CLEAR_SIGHAND"},
	{UINT64_C(1) << 33, "CLONE_INTO_CGROUP"},
	{UINT64_C(1) << 37, "CLONE_EMPTY_MNTNS"},
};

#define UNSHARE_EMPTY_MNTNS 0x00100000 /* where clone has CLONE_PARENT_SETTID */
#define CSIGNAL		    0xff
#define CHILD_SIGNAL	    17 /* SIGCHLD on x86 and arm64 */

static void put_flag(struct nsv_flow *f, unsigned int colour, const char *name, bool *first)
{
	char word[NSV_WORD + 2];

	snprintf(word, sizeof(word), "%s%s", *first ? "" : "|", name);
	nsv_flow_word(f, 0, colour, word);
	*first = false;
}

/* Namespaces first, in their own colours; then the rest by value; then what has no name. */
static void put_flags(struct nsv_flow *f, uint64_t flags, uint64_t types, bool unshare, bool all,
		      bool *first)
{
	char number[NSV_WORD];

	for (int type = 0; type < NSL_TYPES; type++) {
		if (types & nsm_type_bit(type))
			put_flag(f, (unsigned int)type, nsm_type_flag(type), first);
	}
	flags &= ~types;
	if (!all)
		return;
	if (unshare && flags & UNSHARE_EMPTY_MNTNS) {
		put_flag(f, NSV_PLAIN, "UNSHARE_EMPTY_MNTNS", first);
		flags &= ~(uint64_t)UNSHARE_EMPTY_MNTNS;
	}
	for (size_t i = 0; i < sizeof(clone_flags) / sizeof(clone_flags[0]); i++) {
		if (!(flags & clone_flags[i].bit))
			continue;
		put_flag(f, NSV_PLAIN, clone_flags[i].name, first);
		flags &= ~clone_flags[i].bit;
	}
	if (flags) {
		snprintf(number, sizeof(number), "0x%" PRIx64, flags);
		put_flag(f, NSV_PLAIN, number, first);
	}
}

static void put_clone(struct nsv_flow *f, const struct nsm_call *call, bool all)
{
	uint64_t flags = call->raw_flags, signal = 0;
	bool first = true;
	char number[NSV_WORD];

	if (call->syscall == NSL_SYS_CLONE) {
		signal = flags & CSIGNAL;
		flags &= ~(uint64_t)CSIGNAL;
	}
	put_flags(f, flags, (flags & NSL_NEW_ALL) | call->new_flags, false, all, &first);
	if (all && signal == CHILD_SIGNAL) {
		put_flag(f, NSV_PLAIN, "SIGCHLD", &first);
	} else if (all && signal) {
		snprintf(number, sizeof(number), "signal %u", (unsigned int)signal);
		put_flag(f, NSV_PLAIN, number, &first);
	}
	if (first)
		nsv_flow_word(f, 0, NSV_PLAIN, all ? "0" : "");
}

static void put_setns(struct nsv_flow *f, const struct nsm_call *call)
{
	char word[2 * NSV_WORD], name[NSV_WORD];
	bool first = true;

	snprintf(word, sizeof(word), "%d", call->fd);
	nsv_flow_word(f, 0, NSV_PLAIN, word);
	if (call->target_kind == NSL_TARGET_NSFS) {
		snprintf(word, sizeof(word), " %s %s", nsv_arrow(f->v),
			 nsv_ns_name(call->target_type, call->target.inum, name));
		nsv_flow_word(f, 0, call->target_type, word);
	} else if (call->target_kind == NSL_TARGET_PIDFD) {
		snprintf(word, sizeof(word), " %s pidfd of %" PRIu32, nsv_arrow(f->v),
			 call->target_pid);
		nsv_flow_word(f, 0, NSV_PLAIN, word);
	}
	nsv_flow_word(f, 0, NSV_PLAIN, ",");
	f->column++;
	nsv_buf_add(&f->v->buf, " ", 1);
	put_flags(f, call->raw_flags, call->raw_flags & NSL_NEW_ALL, false, true, &first);
	if (first)
		nsv_flow_word(f, 0, NSV_PLAIN, "0");
}

static void put_result(struct nsv_flow *f, const struct nsm_call *call)
{
	char word[2 * NSV_WORD];

	if (!call->end_seen) {
		nsv_flow_word(f, 1, NSV_RED, call->died ? "= ? (died)" : "= ? (unfinished)");
		return;
	}
	if (call->err) {
		const char *name = nsm_errno_name(call->err);

		if (name)
			snprintf(word, sizeof(word), "= -1 %s", name);
		else
			snprintf(word, sizeof(word), "= -1 errno %d", call->err);
		nsv_flow_word(f, 1, NSV_RED, word);
		return;
	}
	if (call->syscall == NSL_SYS_EXIT)
		return;
	snprintf(word, sizeof(word), "= %" PRId64, call->ret);
	nsv_flow_word(f, 1, NSV_PLAIN, word);
	if (call->child && call->ret != call->child) {
		snprintf(word, sizeof(word), "(child %" PRIu32 ")", call->child);
		nsv_flow_word(f, 1, NSV_PLAIN, word);
	}
}

void nsv_put_syscall(struct nsv_flow *f, const struct nsm_call *call, bool all_flags)
{
	uint64_t types = call->raw_flags & NSL_NEW_ALL;
	bool arguments = true, first = true;
	char word[NSV_WORD];

	switch (call->syscall) {
	case NSL_SYS_EXEC:
	case NSL_SYS_EXIT:
	case NSL_SYS_NONE:
		arguments = false;
		break;
	default:
		break;
	}
	snprintf(word, sizeof(word), "%s%s", nsm_syscall_name(call->syscall), arguments ? "(" : "");
	nsv_flow_word(f, 2, NSV_BOLD, word);
	switch (call->syscall) {
	case NSL_SYS_CLONE:
	case NSL_SYS_CLONE3:
		put_clone(f, call, all_flags);
		break;
	case NSL_SYS_UNSHARE:
		put_flags(f, call->raw_flags, types, true, all_flags || !types, &first);
		if (first)
			nsv_flow_word(f, 0, NSV_PLAIN, "0");
		break;
	case NSL_SYS_SETNS:
		put_setns(f, call);
		break;
	default:
		break;
	}
	if (arguments)
		nsv_flow_word(f, 0, NSV_BOLD, ")");
	if (call->compat)
		nsv_flow_word(f, 1, NSV_DIM, "[32-bit]");
	put_result(f, call);
}

void nsv_put_task(struct nsv_flow *f, int gap, const char *comm, uint32_t pid, uint32_t tid)
{
	/* an escaped byte takes up to ten */
	char word[NSL_COMM_LEN * 10 + 32], name[NSL_COMM_LEN * 10 + 1];

	nsv_safe(f->v, comm, name, sizeof(name));
	if (tid && tid != pid)
		snprintf(word, sizeof(word), "%s %" PRIu32 "/%" PRIu32, name, pid, tid);
	else
		snprintf(word, sizeof(word), "%s %" PRIu32, name, pid);
	nsv_flow_word(f, gap, NSV_PLAIN, word);
}
