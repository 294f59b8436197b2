/* SPDX-License-Identifier: GPL-2.0-only */
/* What files below /proc say: text -> struct. Pure; every text may be hostile. */
#ifndef NSLENS_PROC_TEXT_H
#define NSLENS_PROC_TEXT_H

#include <stdbool.h>

#include "../../bpf/event.h"

#define PROC_PF_EXITING 0x00000004u
#define PROC_PF_KTHREAD 0x00200000u

struct proc_stat {
	char comm[NSL_COMM_LEN]; /* unescaped, NUL-padded */
	char state;		 /* 'R', 'S', 'Z' … */
	__u32 ppid;
	__u32 flags; /* PF_* */
	__u64 start; /* clock ticks since boot */
};

/* /proc/PID/task/TID/stat. The name may hold blanks, brackets and escaped newlines. */
bool proc_parse_stat(const char *text, struct proc_stat *stat);

struct proc_status {
	__u32 levels; /* pid namespaces from that of the procfs down to its own: at least 1 */
	__u32 ns_tid; /* in its own */
	__u32 ns_pid;
};

/* NSpid and NStgid of /proc/PID/task/TID/status. */
bool proc_parse_status(const char *text, struct proc_status *status);

/* "net:[4026531840]", as a link below ns/ or an nsfs mount's root says it. */
bool proc_parse_ns(const char *text, __u32 *type, __u32 *inum);
/* "net", "user" …; NSL_TYPE_UNKNOWN: none of them. */
__u32 proc_type_by_name(const char *name);
/* The name of a link below /proc/PID/ns, by slot. */
extern const char *const proc_slot_link[NSL_SLOTS];
/* CLONE_NEW* */
__u32 proc_type_by_flag(__u32 flag);

struct proc_mount {
	__u32 id;
	__u32 major, minor; /* of the superblock */
	const char *root;   /* what of it is mounted, unescaped */
	const char *point;  /* where, unescaped */
	const char *fstype;
};

/* A line of mountinfo, without its newline. Cuts it up in place. */
bool proc_parse_mount(char *line, struct proc_mount *mount);

/* The mount point in a line of mounts or of mountstats, in place. NULL: there is none. */
char *proc_parse_mount_point(char *line);

/* Turns \040 and its like back, in place. */
void proc_unescape(char *text);

/* Pid: of a pidfd's fdinfo; -1 where the task is gone, or lies outside. False: no pidfd. */
bool proc_parse_pidfd(const char *text, int *pid);

struct proc_shm {
	__u32 key;
	__u32 id;
	__u32 attached;	  /* mappings of it */
	__u64 start, end; /* of this mapping */
};

/* A line of maps that shows a SysV segment. */
bool proc_parse_shm_map(const char *line, struct proc_shm *shm);
/* A line of /proc/sysvipc/shm. */
bool proc_parse_shm(const char *line, struct proc_shm *shm);

/*
 * The cgroup that stands for a task in /proc/PID/cgroup: that of the default
 * hierarchy, or the first of v1 that is not the root. In place; `controllers` is
 * empty for the default hierarchy. False: there is none.
 */
bool proc_parse_cgroup(char *text, char **controllers, char **path);

/* Cuts off the next line of *text. NULL: there is none. */
char *proc_next_line(char **text);

#endif
