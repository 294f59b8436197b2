/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of scenario files and what they stand for: tables, both ways. */
#ifndef NSLENS_LAB_WORDS_H
#define NSLENS_LAB_WORDS_H

#include "../model/graph.h"

/* "NEWUTS|NEWPID", with or without CLONE_, or a number. False: `bad` is the word that is none. */
bool lab_flags(const char *text, uint64_t *flags, char *bad, size_t size);

/* Each returns -1 when the word is none. */
int lab_errno(const char *name);
int lab_signal(const char *name); /* with or without SIG; or a number */
int lab_capability(const char *name);
int lab_type(const char *name);
int lab_slot(const char *name);
int lab_fn(const char *name);
int lab_outcome(const char *name);
int lab_how(const char *name);
int lab_syscall(const char *name);
/* "task", "nsproxy", "fd", "mount", "socket", "pidfd", "proc", "shm", "child", "owned" */
int lab_keeper(const char *name);
const char *lab_keeper_name(int keeper);

enum lab_keeper {
	LAB_KEEP_TASK,
	LAB_KEEP_NSPROXY,
	LAB_KEEP_CHILD,
	LAB_KEEP_OWNED,
	LAB_KEEP_FILE, /* + enum nsl_keeper_kind */
	LAB_KEEPERS = LAB_KEEP_FILE + NSL_KEEPERS,
};

/* Parts of the course, in its order. */
extern const struct lab_topic {
	const char *name, *title;
} lab_topics[];
extern const int lab_ntopics;
int lab_topic(const char *name);

#endif
