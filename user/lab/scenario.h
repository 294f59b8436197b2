/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scenario, as read from its file: user/doc/scenarios.md is the format.
 *
 * Reading is pure: text in, structs out, or one error with line and column. All
 * that hangs on a scenario is freed with it.
 */
#ifndef NSLENS_LAB_SCENARIO_H
#define NSLENS_LAB_SCENARIO_H

#include "words.h"

#define LAB_MAX_ACTORS	24
#define LAB_MAX_FDS	48
#define LAB_MAX_MARKS	32
#define LAB_MAX_STEPS	200
#define LAB_MAX_CHOICES 6
#define LAB_NAME_LEN	24
#define LAB_FILE_MAX	(1 << 20)

/* "thing: reason; remedy", with where it is. */
struct lab_error {
	char text[600];
	unsigned int line, column; /* from 1 */
};

/* Kernel versions, as major * 1000 + minor: from <= v < below. */
struct lab_range {
	unsigned int from, below;
};

bool lab_in_range(struct lab_range r, unsigned int kernel);
/* ">=5.15 <7.1"; false when it is none. */
bool lab_range_parse(const char *text, struct lab_range *r);
const char *lab_range_text(struct lab_range r, char *buf, size_t size);

enum lab_verb {
	LAB_CLONE,
	LAB_CLONE3,
	LAB_FORK,
	LAB_VFORK,
	LAB_THREAD,
	LAB_UNSHARE,
	LAB_SETNS,
	LAB_EXEC,
	LAB_OPEN_NS,
	LAB_OPEN,
	LAB_PIDFD,
	LAB_CLOSE,
	LAB_PASS,
	LAB_SOCKET,
	LAB_BIND,
	LAB_MOUNT,
	LAB_MOUNT_BIND,
	LAB_MOUNT_MOVE,
	LAB_MOUNT_CHANGE,
	LAB_MOUNT_IMAGE,
	LAB_OPEN_TREE,
	LAB_FSMOUNT,
	LAB_MOVE_MOUNT,
	LAB_UMOUNT,
	LAB_MKDIR,
	LAB_TOUCH,
	LAB_PIVOT_ROOT,
	LAB_CHROOT,
	LAB_CHDIR,
	LAB_SETHOSTNAME,
	LAB_WRITE,
	LAB_WRITE_PID,
	LAB_LIMIT,
	LAB_SHM,
	LAB_SHM_DETACH,
	LAB_SETUID,
	LAB_SETGID,
	LAB_CAPS_DROP,
	LAB_NPROC,
	LAB_NOFILE,
	LAB_KILL,
	LAB_WAIT,
	LAB_EXIT,
	LAB_RUN,
	LAB_SHELL,
	LAB_GETPID,
	LAB_GETPPID,
	LAB_GETUID,
	LAB_HOSTNAME,
	LAB_CAP,
	LAB_READ,
	LAB_READLINK,
	LAB_LIST,
	LAB_LINES,
	LAB_SLEEP,
	LAB_LOOK,
	LAB_VERBS,
};

/* What is unusual about the structure that clone3 gets. */
enum lab_clone3 {
	LAB_C3_PLAIN,
	LAB_C3_SIZE,	   /* its size is `number` */
	LAB_C3_CGROUP,	   /* its cgroup is descriptor `number` */
	LAB_C3_SIGNAL,	   /* its exit signal is `number` */
	LAB_C3_TAKEN,	   /* it asks for a pid that is in use */
	LAB_C3_MANY,	   /* it asks for more pids than there are levels */
	LAB_C3_UNREADABLE, /* it is not there */
};

/* What a step does. Actors, descriptors and marks are indices; -1: none. */
struct lab_op {
	enum lab_verb verb;
	int actor;
	int other;     /* of ACTOR */
	int new_actor; /* as NEW */
	int fd;
	uint64_t flags; /* or mount flags */
	int64_t number;
	enum lab_clone3 clone3; /* what of its structure is special; `number` goes with it */
	const char *text; /* path, name, command, text to write, type of namespace or file system */
	const char *text2; /* second path; text to write */
};

struct lab_actor {
	char name[LAB_NAME_LEN];
	bool nobody;
	int thread_of; /* -1: a process */
	bool child;    /* made by a step */
};

/* A mark, or a slot of an actor, or (slot NSL_SLOTS) its nsproxy. */
struct lab_ref {
	int mark; /* -1: see the other two */
	int actor;
	enum nsl_slot slot;
};

enum lab_key {
	LAB_X_RESULT,
	LAB_X_TEXT,
	LAB_X_CALL,
	LAB_X_CHANGES,
	LAB_X_STEPS,
	LAB_X_HAS,
	LAB_X_NEVER,
	LAB_X_BORN,
	LAB_X_DIED,
	LAB_X_ALIVE,
	LAB_X_KEEPERS,
	LAB_X_SAME,
	LAB_X_DIFFERENT,
	LAB_X_TASKS,
	LAB_X_LEVEL,
	LAB_X_OWNER,
	LAB_X_PARENT,
	LAB_X_KEYS,
};
const char *lab_key_name(enum lab_key key);

#define LAB_MAX_RESULTS 6
#define LAB_MAX_ROWS	16

struct lab_result {
	enum { LAB_R_OK, LAB_R_ANY, LAB_R_NUMBER, LAB_R_ERRNO } kind;
	int64_t value;
};

struct lab_words {
	const char *const *word;
	size_t n;
};

struct lab_pair {
	struct lab_ref a, b;
};

/* One mapping under `expect`: the keys in `set` count. */
struct lab_expect {
	struct lab_range kernel;
	unsigned int set; /* bits 1 << enum lab_key */
	struct lab_result result[LAB_MAX_RESULTS];
	size_t nresults;
	const char *text, *text_has, *text_lacks;
	enum nsl_syscall call;	/* NONE: no call */
	int changes[NSL_SLOTS]; /* enum nsm_how, or -1: does not change */
	struct lab_words steps, has;
	unsigned char never[NSL_FNS];
	unsigned int born[NSL_TYPES];
	unsigned int died_types[NSL_TYPES];
	unsigned long died, alive; /* bits: marks */
	struct {
		int mark;
		unsigned int kinds; /* bits 1 << enum lab_keeper */
	} keepers[LAB_MAX_ROWS];
	struct {
		int who; /* actor, or mark */
		unsigned int n;
	} tasks[LAB_MAX_ROWS], level[LAB_MAX_ROWS];
	struct lab_pair same[LAB_MAX_ROWS], different[LAB_MAX_ROWS], owner[LAB_MAX_ROWS],
		parent[LAB_MAX_ROWS];
	size_t nkeepers, ntasks, nlevel, nsame, ndifferent, nowner, nparent;
};

struct lab_mark {
	int mark; /* index of its name */
	struct lab_ref ref;
};

struct lab_step {
	unsigned int line;
	const char *words; /* of `do` */
	struct lab_op op;
	struct lab_range kernel;
	const char *tell, *ask, *answer, *why;
	const char *choice[LAB_MAX_CHOICES];
	size_t nchoices;
	unsigned int right; /* from 1; 0: answer is a text */
	struct lab_mark mark[8];
	size_t nmarks;
	const struct lab_expect *expect;
	size_t nexpect;
};

struct lab_scenario {
	char name[64];
	const char *title, *teaches, *after;
	int topic;
	unsigned int level;
	struct lab_range kernel;
	bool needs_root;
	unsigned int types; /* bits 1 << enum nsl_type that the kernel must have */
	const char *const *programs;
	size_t nprograms;
	unsigned int stage; /* bits 1 << enum nsl_type */
	struct lab_actor actor[LAB_MAX_ACTORS];
	size_t nactors;
	char fd[LAB_MAX_FDS][LAB_NAME_LEN];
	size_t nfds;
	char mark[LAB_MAX_MARKS][LAB_NAME_LEN];
	size_t nmarks;
	struct lab_step *step;
	size_t nsteps;
	void *memory;
};

/* NULL with `e` filled. `name`: what it is called in lists, without ".yaml". */
struct lab_scenario *lab_scenario_parse(const char *name, const char *text, size_t size,
					struct lab_error *e);
/* From a file; errors of reading it have line 0. */
struct lab_scenario *lab_scenario_read(const char *path, struct lab_error *e);
void lab_scenario_free(struct lab_scenario *s);

/* All that hold for `kernel`, put together; `out->set` says which keys. */
void lab_expect_merge(const struct lab_step *step, unsigned int kernel, struct lab_expect *out);

/* The form of a verb: "setns FD [FLAGS]". */
const char *lab_verb_name(enum lab_verb verb);

/* Files that are part of the program, by name; made by embed.sh. */
extern const struct lab_blob {
	const char *name, *text, *end;
} lab_blobs[];
extern const size_t lab_nblobs;
extern const char lab_template[];

#endif
