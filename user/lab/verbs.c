// SPDX-License-Identifier: GPL-2.0-only
/* The verbs of `do`: a table of forms. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "verbs.h"

/* linux/mount.h of the newest kernels, whatever the headers here are of */
#define TREE_CLONE	       1u
#define TREE_NAMESPACE	       2u
#define FSMOUNT_INTO_NAMESPACE 2u

const struct lab_form lab_forms[] = {
	{LAB_CLONE, "clone FLAGS", 0, NULL},
	{LAB_CLONE, "clone FLAGS as NEW", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS as NEW", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS set_tid=SET_TID", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS cgroup=NUMBER", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS size=NUMBER", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS signal=NUMBER", 0, NULL},
	{LAB_CLONE3, "clone3 FLAGS args=unreadable", 0, NULL},
	{LAB_FORK, "fork", 0, NULL},
	{LAB_FORK, "fork as NEW", 0, NULL},
	{LAB_VFORK, "vfork", 0, NULL},
	{LAB_THREAD, "thread", 0, NULL},
	{LAB_UNSHARE, "unshare FLAGS", 0, NULL},
	{LAB_SETNS, "setns FD", 0, NULL},
	{LAB_SETNS, "setns FD FLAGS", 0, NULL},
	{LAB_EXEC, "exec", 0, NULL},
	{LAB_OPEN, "open PATH as NEWFD", 0, NULL},
	{LAB_OPEN_NS, "open NSFILE of ACTOR as NEWFD", 0, NULL},
	{LAB_PIDFD, "pidfd ACTOR as NEWFD", 0, NULL},
	{LAB_CLOSE, "close FD", 0, NULL},
	{LAB_PASS, "pass FD to ACTOR", 0, NULL},
	{LAB_SOCKET, "socket as NEWFD", 0, NULL},
	{LAB_BIND, "bind FD PATH", 0, NULL},
	{LAB_MOUNT_BIND, "mount bind PATH PATH2", MS_BIND, NULL},
	{LAB_MOUNT_BIND, "mount rbind PATH PATH2", MS_BIND | MS_REC, NULL},
	{LAB_MOUNT_MOVE, "mount move PATH PATH2", MS_MOVE, NULL},
	{LAB_MOUNT_CHANGE, "mount private PATH", MS_PRIVATE, NULL},
	{LAB_MOUNT_CHANGE, "mount rprivate PATH", MS_PRIVATE | MS_REC, NULL},
	{LAB_MOUNT_CHANGE, "mount shared PATH", MS_SHARED, NULL},
	{LAB_MOUNT_CHANGE, "mount rshared PATH", MS_SHARED | MS_REC, NULL},
	{LAB_MOUNT_CHANGE, "mount slave PATH", MS_SLAVE, NULL},
	{LAB_MOUNT_CHANGE, "mount rslave PATH", MS_SLAVE | MS_REC, NULL},
	{LAB_MOUNT_CHANGE, "mount unbindable PATH", MS_UNBINDABLE, NULL},
	{LAB_MOUNT, "mount tmpfs PATH2", 0, "tmpfs"},
	{LAB_MOUNT, "mount proc PATH2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "proc"},
	{LAB_MOUNT, "mount sysfs PATH2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "sysfs"},
	{LAB_MOUNT, "mount mqueue PATH2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mqueue"},
	{LAB_MOUNT, "mount cgroup2 PATH2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "cgroup2"},
	{LAB_MOUNT_IMAGE, "mount image PATH", 0, NULL},
	{LAB_OPEN_TREE, "open_tree PATH as NEWFD", TREE_CLONE, NULL},
	{LAB_OPEN_TREE, "open_tree PATH as NEWFD namespace", TREE_NAMESPACE, NULL},
	{LAB_FSMOUNT, "fsmount as NEWFD", 0, NULL},
	{LAB_FSMOUNT, "fsmount as NEWFD namespace", FSMOUNT_INTO_NAMESPACE, NULL},
	{LAB_MOVE_MOUNT, "move_mount FD PATH", 0, NULL},
	{LAB_UMOUNT, "umount PATH", 0, NULL},
	{LAB_MKDIR, "mkdir PATH", 0, NULL},
	{LAB_TOUCH, "touch PATH", 0, NULL},
	{LAB_PIVOT_ROOT, "pivot_root PATH PATH2", 0, NULL},
	{LAB_CHROOT, "chroot PATH", 0, NULL},
	{LAB_CHDIR, "chdir PATH", 0, NULL},
	{LAB_SETHOSTNAME, "sethostname WORD", 0, NULL},
	{LAB_WRITE, "write PATH TEXT", 0, NULL},
	{LAB_WRITE_PID, "uid_map ACTOR TEXT", 0, "uid_map"},
	{LAB_WRITE_PID, "gid_map ACTOR TEXT", 0, "gid_map"},
	{LAB_WRITE_PID, "setgroups ACTOR TEXT", 0, "setgroups"},
	{LAB_LIMIT, "limit TYPE NUMBER", 0, NULL},
	{LAB_SHM, "shm", 0, NULL},
	{LAB_SHM_DETACH, "shm detach", 0, NULL},
	{LAB_SETUID, "setuid NUMBER", 0, NULL},
	{LAB_SETGID, "setgid NUMBER", 0, NULL},
	{LAB_CAPS_DROP, "caps drop CAPABILITY", 0, NULL},
	{LAB_NPROC, "nproc NUMBER", 0, NULL},
	{LAB_NOFILE, "nofile NUMBER", 0, NULL},
	{LAB_KILL, "kill ACTOR", 0, NULL},
	{LAB_KILL, "kill ACTOR SIGNAL", 0, NULL},
	{LAB_WAIT, "wait ACTOR", 0, NULL},
	{LAB_EXIT, "exit", 0, NULL},
	{LAB_EXIT, "exit NUMBER", 0, NULL},
	{LAB_RUN, "run TEXT", 0, NULL},
	{LAB_SHELL, "shell TEXT", 0, NULL},
	{LAB_GETPID, "getpid", 0, NULL},
	{LAB_GETPPID, "getppid", 0, NULL},
	{LAB_GETUID, "getuid", 0, NULL},
	{LAB_HOSTNAME, "hostname", 0, NULL},
	{LAB_CAP, "cap CAPABILITY", 0, NULL},
	{LAB_READ, "read PATH", 0, NULL},
	{LAB_READLINK, "readlink PATH", 0, NULL},
	{LAB_LIST, "list PATH", 0, NULL},
	{LAB_LINES, "lines PATH", 0, NULL},
	{LAB_SLEEP, "sleep NUMBER", 0, NULL},
	{LAB_LOOK, "look", 0, NULL},
};
const size_t lab_nforms = sizeof(lab_forms) / sizeof(*lab_forms);

const char *lab_verb_name(enum lab_verb verb)
{
	static char name[LAB_VERBS][16];

	for (size_t i = 0; i < lab_nforms; i++)
		if (lab_forms[i].verb == verb) {
			snprintf(name[verb], sizeof(name[verb]), "%.*s",
				 (int)strcspn(lab_forms[i].form, " "), lab_forms[i].form);
			return name[verb];
		}
	return "?";
}
