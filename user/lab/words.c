// SPDX-License-Identifier: GPL-2.0-only
#include "words.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct {
	const char *name;
	uint64_t bit;
} flags_table[] = {
	{"NEWTIME", 0x80},
	{"VM", 0x100},
	{"FS", 0x200},
	{"FILES", 0x400},
	{"SIGHAND", 0x800},
	{"PIDFD", 0x1000},
	{"PTRACE", 0x2000},
	{"VFORK", 0x4000},
	{"PARENT", 0x8000},
	{"THREAD", 0x10000},
	{"NEWNS", 0x20000},
	{"SYSVSEM", 0x40000},
	{"SETTLS", 0x80000},
	{"PARENT_SETTID", 0x100000},
	{"CHILD_CLEARTID", 0x200000},
	{"DETACHED", 0x400000},
	{"UNTRACED", 0x800000},
	{"CHILD_SETTID", 0x1000000},
	{"NEWCGROUP", 0x2000000},
	{"NEWUTS", 0x4000000},
	{"NEWIPC", 0x8000000},
	{"NEWUSER", 0x10000000},
	{"NEWPID", 0x20000000},
	{"NEWNET", 0x40000000},
	{"IO", 0x80000000},
	{"CLEAR_SIGHAND", 1ull << 32},
	{"INTO_CGROUP", 1ull << 33},
	{"AUTOREAP", 1ull << 34},
	{"NNP", 1ull << 35},
	{"PIDFD_AUTOKILL", 1ull << 36},
	{"EMPTY_MNTNS", 1ull << 37},
	/* unshare's own name for it: PARENT_SETTID's bit */
	{"UNSHARE_EMPTY_MNTNS", 0x100000},
};

static bool one_flag(const char *word, uint64_t *flags)
{
	char *end;
	uint64_t number;

	if (!strncmp(word, "CLONE_", 6))
		word += 6;
	for (size_t i = 0; i < COUNT(flags_table); i++) {
		if (!strcmp(word, flags_table[i].name)) {
			*flags |= flags_table[i].bit;
			return true;
		}
	}
	errno = 0;
	number = strtoull(word, &end, 0);
	if (end == word || *end || errno || *word == '-')
		return false;
	*flags |= number;
	return true;
}

bool lab_flags(const char *text, uint64_t *flags, char *bad, size_t size)
{
	*flags = 0;
	for (;;) {
		size_t n = strcspn(text, "|");

		snprintf(bad, size, "%.*s", (int)(n < 60 ? n : 60), text);
		if (!one_flag(bad, flags))
			return false;
		if (!text[n])
			return true;
		text += n + 1;
	}
}

int lab_errno(const char *name)
{
	for (int i = 1; i < 134; i++) {
		const char *known = nsm_errno_name(i);

		if (known && !strcmp(known, name))
			return i;
	}
	return -1;
}

int lab_signal(const char *name)
{
	if (!strncmp(name, "SIG", 3))
		name += 3;
	for (int i = 1; i < NSIG; i++) {
		const char *known = sigabbrev_np(i);

		if (known && !strcmp(known, name))
			return i;
	}
	return -1;
}

int lab_capability(const char *name)
{
	for (unsigned int cap = 0; nsm_capability_name(cap); cap++)
		if (!strcmp(nsm_capability_name(cap), name))
			return (int)cap;
	return -1;
}

/* Looks a word up among the names that a function of the model gives to 0 … n-1. */
#define LOOKUP(fn, type, n)                                                                        \
	for (int i = 0; i < (int)(n); i++) {                                                       \
		const char *known = fn((type)i);                                                   \
		if (known && !strcmp(known, name))                                                 \
			return i;                                                                  \
	}                                                                                          \
	return -1

int lab_type(const char *name)
{
	LOOKUP(nsm_type_name, enum nsl_type, NSL_TYPES);
}

int lab_slot(const char *name)
{
	LOOKUP(nsm_slot_name, enum nsl_slot, NSL_SLOTS);
}

int lab_fn(const char *name)
{
	LOOKUP(nsm_fn_name, enum nsl_fn, NSL_FNS);
}

int lab_outcome(const char *name)
{
	LOOKUP(nsm_outcome_name, enum nsm_outcome, NSM_OUTCOMES);
}

int lab_how(const char *name)
{
	LOOKUP(nsm_how_name, enum nsm_how, NSM_HOW_DROPPED + 1);
}

int lab_syscall(const char *name)
{
	LOOKUP(nsm_syscall_name, enum nsl_syscall, NSL_SYSCALLS);
}

const char *lab_keeper_name(int keeper)
{
	static const char *const names[LAB_KEEPERS] = {
		[LAB_KEEP_TASK] = "task",
		[LAB_KEEP_NSPROXY] = "nsproxy",
		[LAB_KEEP_CHILD] = "child",
		[LAB_KEEP_OWNED] = "owned",
		[LAB_KEEP_FILE + NSL_KEEPER_FD] = "fd",
		[LAB_KEEP_FILE + NSL_KEEPER_MOUNT] = "mount",
		[LAB_KEEP_FILE + NSL_KEEPER_SOCKET] = "socket",
		[LAB_KEEP_FILE + NSL_KEEPER_PIDFD] = "pidfd",
		[LAB_KEEP_FILE + NSL_KEEPER_PROC] = "proc",
		[LAB_KEEP_FILE + NSL_KEEPER_SHM] = "shm",
	};

	return keeper >= 0 && keeper < LAB_KEEPERS ? names[keeper] : "?";
}

int lab_keeper(const char *name)
{
	LOOKUP(lab_keeper_name, int, LAB_KEEPERS);
}

const struct lab_topic lab_topics[] = {
	{"first-steps", "First steps"},
	{"types", "The eight types, each alone"},
	{"sharing", "What is copied and what is shared"},
	{"pid", "Pid namespaces"},
	{"user", "User namespaces and who may do what"},
	{"join", "Joining: setns"},
	{"time", "Time namespaces"},
	{"failure", "When it fails, and what is undone"},
	{"life", "What keeps a namespace alive"},
	{"mounts", "Mount namespaces and propagation"},
	{"views", "What a task sees from inside"},
	{"container", "Containers by hand"},
	{"research", "For kernel readers"},
};
const int lab_ntopics = COUNT(lab_topics);

int lab_topic(const char *name)
{
	for (int i = 0; i < lab_ntopics; i++)
		if (!strcmp(lab_topics[i].name, name))
			return i;
	return -1;
}
