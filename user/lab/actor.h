/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An actor: a real task that does one step when told. It reads requests from a
 * channel of its own and answers each with the kernel's result.
 *
 * Everything it needs survives exec and chroot: it stands in descriptors of fixed
 * numbers. That is also how the new program knows what the old one had.
 */
#ifndef NSLENS_LAB_ACTOR_H
#define NSLENS_LAB_ACTOR_H

#include <sys/types.h>

#include "scenario.h"

/* Descriptors, the same in every actor. */
enum {
	LAB_FD_CHANNEL = 300, /* + actor */
	LAB_FD_PASS_OUT = 350,
	LAB_FD_PASS_IN,
	LAB_FD_PROC,	    /* /proc of the machine: works in any mount namespace */
	LAB_FD_SELF,	    /* the nslens program, for exec */
	LAB_FD_SHARED,	    /* struct lab_shared */
	LAB_FD_NAMED = 400, /* + descriptor */
	LAB_FD_END = LAB_FD_NAMED + LAB_MAX_FDS,
};

#define LAB_TEXT_MAX 4096
#define LAB_MAX_DEVS 512

/* Written by the driver before the first step, read by all. */
struct lab_shared {
	uint32_t host[NSL_TYPES]; /* inode numbers of the machine's own namespaces */
	uint32_t stage;		  /* bits: types */
	uint32_t nactors;
	uint64_t tmp_dev; /* the stage's own /tmp */
	uint32_t ndevs;	  /* devices that the machine has mounted: never written to */
	uint32_t more_devs;
	uint64_t dev[LAB_MAX_DEVS];
	int32_t thread_of[LAB_MAX_ACTORS];
	char name[LAB_MAX_ACTORS][16]; /* what the task is called */
	uint8_t nobody[LAB_MAX_ACTORS];
	uint8_t child[LAB_MAX_ACTORS];
};

struct lab_request {
	uint32_t verb; /* enum lab_verb */
	int32_t fd, new_actor;
	uint32_t other_pid; /* of ACTOR, in the machine's pid namespace */
	uint64_t flags;
	int64_t number;
	uint32_t clone3; /* enum lab_clone3 */
	uint8_t receive; /* the other half of a pass */
	char text[LAB_TEXT_MAX];
	char text2[512];
};

enum lab_reply_kind {
	LAB_REPLY_HELLO,   /* pid and tid: it is there */
	LAB_REPLY_RESULT,  /* of a request */
	LAB_REPLY_REFUSED, /* text: the step would change the machine, and was not done */
	LAB_REPLY_FAILED,  /* text: the lab itself could not do its part */
};

struct lab_reply {
	uint32_t kind;
	uint32_t pid, tid; /* in the machine's pid namespace */
	int32_t err;	   /* positive errno, or 0 */
	int64_t ret;
	char text[LAB_TEXT_MAX];
};

/* The life of actor `index`: hello, then requests until the channel closes. */
_Noreturn void lab_actor(int index);
/* The first task of the stage: makes the actors, reaps what dies, never ends by itself. */
_Noreturn void lab_stage_init(void);

/* ---- inside of it ---- */

struct lab_self {
	int index;
	struct lab_shared *shared;
	void *memory; /* attached segment */
	int terminal; /* that came with the request; -1: none */
};

/* Does one request; fills the reply. May not return (exit, exec, a clone's child). */
void lab_do(struct lab_self *self, const struct lab_request *q, struct lab_reply *a);
/* One family of verbs each; false: it is none of them. */
bool lab_do_tasks(struct lab_self *self, const struct lab_request *q, struct lab_reply *a);
bool lab_do_files(struct lab_self *self, const struct lab_request *q, struct lab_reply *a);
bool lab_do_mounts(struct lab_self *self, const struct lab_request *q, struct lab_reply *a);
bool lab_do_looks(const struct lab_request *q, struct lab_reply *a);
bool lab_do_programs(struct lab_self *self, const struct lab_request *q, struct lab_reply *a);

/* Is the caller's namespace of this type one of the machine's own? */
bool lab_is_host(const struct lab_self *self, enum nsl_type type);
/* Fills the reply: "refused: it would …". Returns true, so that callers can return it. */
__attribute__((format(printf, 2, 3))) bool lab_refuse(struct lab_reply *a, const char *format, ...);
/* Are the caller's mounts the stage's? Else the reply says why not. */
bool lab_mounts_staged(const struct lab_self *self, struct lab_reply *a);
/* Makes a directory or an empty file, in a file system of the stage only. */
bool lab_make(const struct lab_self *self, struct lab_reply *a, const char *path, bool dir);
/* A descriptor takes the place of one that the scenario names; `fd` may be -1 with errno. */
void lab_put_fd(struct lab_reply *a, int fd, int name);
/* Takes ret and errno of a system call that returns -1. */
void lab_result(struct lab_reply *a, long ret);
/* The number of a task of the machine inside the caller's own pid namespace; 0: none. */
pid_t lab_own_number(uint32_t host_pid);
/* Reads a whole file below dirfd; -1 with errno. */
int lab_slurp(int dirfd, const char *path, char *buf, size_t size);

#endif
