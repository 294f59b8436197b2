// SPDX-License-Identifier: GPL-2.0-only
/* Holders that are open files, or memory of a segment. */
#include "holders.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>

/* Numbers of linux/mount.h, which older C libraries lack; open_tree(2), fsmount(2). */
#define TREE_CLONE	   1u
#define TREE_NAMESPACE	   2u /* 7.0 */
#define FS_MOUNT_NAMESPACE 2u /* 7.1 */
#define FS_CMD_CREATE	   6u

static int fd_make(struct holder *h)
{
	pid_t task = sleeper(h->type->bit);

	if (task < 0)
		return task;
	h->fd = ns_file(task, h->type->type);
	end_task(task);
	if (h->fd < 0)
		return h->fd;
	print_line(h, &(struct line){.keeper = "fd",
				     .inum = ns_inum(h->fd),
				     .fd = h->fd,
				     .cause = "unpinned"});
	return 0;
}

/* Goes into a new namespace; h->fd2 leads back. */
static int enter(struct holder *h, uint64_t *inum)
{
	int ret;

	h->fd2 = ns_file(0, h->type->type);
	if (h->fd2 < 0)
		return h->fd2;
	ret = (int)sys_unshare(h->type->bit);
	if (ret < 0)
		return ret;
	*inum = ns_link(0, 0, h->type->type);
	return 0;
}

static int leave(struct holder *h)
{
	int ret = (int)sys_setns(h->fd2, (int)h->type->bit);

	close(h->fd2);
	h->fd2 = -1;
	return ret;
}

static int socket_make(struct holder *h)
{
	uint64_t inum;
	int ret = enter(h, &inum);

	if (ret)
		return ret;
	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (h->fd < 0)
		return -errno;
	ret = leave(h);
	if (ret)
		return ret;
	print_line(h, &(struct line){.keeper = "socket", .inum = inum, .fd = h->fd, .cause = ""});
	return 0;
}

static int attach(struct holder *h)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	if (id < 0)
		return -errno;
	h->memory = shmat(id, NULL, 0);
	return h->memory == (void *)-1 ? -errno : 0;
}

static int shm_make(struct holder *h)
{
	uint64_t inum;
	int ret = enter(h, &inum);

	if (!ret)
		ret = attach(h);
	if (!ret)
		ret = leave(h);
	if (ret)
		return ret;
	print_line(h, &(struct line){.keeper = "shm", .inum = inum, .fd = -1, .cause = ""});
	return 0;
}

static int shm_drop(struct holder *h)
{
	return shmdt(h->memory) < 0 ? -errno : 0;
}

/* The same, and a descriptor: what leads to the namespace, so that the segment can be told. */
static int shmfd_make(struct holder *h)
{
	pid_t task = sleeper(NEWIPC);
	int back, ret;

	if (task < 0)
		return task;
	h->fd = ns_file(task, "ipc");
	end_task(task);
	back = ns_file(0, "ipc");
	if (h->fd < 0 || back < 0)
		return -ENOENT;
	ret = (int)sys_setns(h->fd, NEWIPC);
	if (!ret)
		ret = attach(h);
	if (ret < 0)
		return ret;
	ret = (int)sys_setns(back, NEWIPC);
	close(back);
	if (ret < 0)
		return ret;
	print_line(h,
		   &(struct line){
			   .keeper = "shm", .inum = ns_inum(h->fd), .fd = -1, .cause = "unpinned"});
	print_line(h, &(struct line){.keeper = "fd",
				     .inum = ns_inum(h->fd),
				     .fd = h->fd,
				     .cause = "unpinned"});
	return 0;
}

static int shmfd_drop(struct holder *h)
{
	int ret = shm_drop(h);

	return ret ? ret : drop_fd(h);
}

static int sysvipc_make(struct holder *h)
{
	uint64_t inum;
	int ret = enter(h, &inum);

	if (ret)
		return ret;
	h->fd = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);
	if (h->fd < 0)
		return -errno;
	ret = leave(h);
	if (ret)
		return ret;
	print_line(h, &(struct line){.keeper = "sysvipc", .inum = inum, .fd = h->fd, .cause = ""});
	return 0;
}

static int pidfd_make(struct holder *h)
{
	pid_t task = sleeper(NEWPID);
	uint64_t inum;

	if (task < 0)
		return task;
	inum = ns_link(task, task, "pid");
	h->fd = sys_pidfd_open(task);
	end_task(task);
	if (h->fd < 0)
		return -errno;
	print_line(h, &(struct line){.keeper = "pidfd", .inum = inum, .fd = h->fd, .cause = ""});
	return 0;
}

/* Of a task that lives, so that it can be asked where. */
static int pidfdtask_make(struct holder *h)
{
	uint64_t inum;

	h->task = sleeper(NEWPID);
	if (h->task < 0)
		return h->task;
	h->fd = sys_pidfd_open(h->task);
	if (h->fd < 0)
		return -errno;
	inum = ns_link(h->task, h->task, "pid");
	print_line(h,
		   &(struct line){
			   .keeper = "pidfd", .inum = inum, .fd = h->fd, .cause = "reaped exit"});
	print_line(h, &(struct line){.keeper = "task",
				     .pid = h->task,
				     .inum = inum,
				     .fd = -1,
				     .cause = "reaped exit"});
	return 0;
}

static int pidfdtask_drop(struct holder *h)
{
	int ret = drop_fd(h);

	return ret ? ret : drop_task(h);
}

static int mountinfo_make(struct holder *h)
{
	pid_t task = sleeper(NEWNS);
	char path[64];
	uint64_t inum;

	if (task < 0)
		return task;
	inum = ns_link(task, task, "mnt");
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", task);
	h->fd = open(path, O_RDONLY | O_CLOEXEC);
	end_task(task);
	if (h->fd < 0)
		return -ENOENT;
	print_line(h, &(struct line){.keeper = "mountinfo",
				     .inum = inum,
				     .fd = h->fd,
				     .path = path,
				     .cause = ""});
	return 0;
}

/* The child's credentials live on in a file that it has opened and handed over. */
static int cred_make(struct holder *h)
{
	struct clone3_args args = {.flags = NEWUSER | CLONE_FILES, .exit_signal = SIGCHLD};
	int done[2];
	uint64_t inum;
	long pid;

	if (pipe(done) < 0)
		return -errno;
	/* the table of files is shared: what the child opens stays open here */
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0) {
		int fd;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (write(done[1], &fd, sizeof(fd)) != sizeof(fd))
			_exit(1);
		for (;;)
			pause();
	}
	if (pid < 0)
		return (int)pid;
	if (read(done[0], &h->fd, sizeof(h->fd)) != sizeof(h->fd))
		h->fd = -1;
	inum = ns_link((pid_t)pid, (pid_t)pid, "user");
	end_task((pid_t)pid);
	close(done[0]);
	close(done[1]);
	if (h->fd < 0)
		return -EIO;
	print_line(h, &(struct line){.keeper = "cred", .inum = inum, .fd = h->fd, .cause = ""});
	return 0;
}

static int cgroupfile_make(struct holder *h)
{
	uint64_t inum;
	int ret = (int)sys_unshare(NEWNS);

	if (ret < 0)
		return ret;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	ret = enter(h, &inum);
	if (ret)
		return ret;
	if (mount("cgroup2", EMPTY_MOUNT_DIR, "cgroup2", 0, NULL) < 0)
		return errno == ENODEV ? UNSUPPORTED : -errno;
	h->fd = open(EMPTY_MOUNT_DIR "/cgroup.procs", O_RDONLY | O_CLOEXEC);
	if (h->fd < 0)
		return -errno;
	umount2(EMPTY_MOUNT_DIR, MNT_DETACH);
	ret = leave(h);
	if (ret)
		return ret;
	print_line(h,
		   &(struct line){.keeper = "cgroupfile", .inum = inum, .fd = h->fd, .cause = ""});
	return 0;
}

static int print_made(struct holder *h)
{
	if (h->fd < 0)
		return errno == EINVAL || errno == ENOSYS ? UNSUPPORTED : -errno;
	print_line(h, &(struct line){.keeper = "fd",
				     .inum = ns_inum(h->fd),
				     .fd = h->fd,
				     .cause = "unpinned"});
	return 0;
}

static int opentree_make(struct holder *h)
{
	h->fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/", TREE_NAMESPACE | O_CLOEXEC);
	return print_made(h);
}

static int fsmount_make(struct holder *h)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 1);

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FS_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	h->fd = (int)syscall(SYS_fsmount, fs, FS_MOUNT_NAMESPACE | 1, 0);
	close(fs);
	return print_made(h);
}

/* Anonymous: it has no inode number of its own. */
static int anon_make(struct holder *h)
{
	h->fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/", TREE_CLONE | O_CLOEXEC);
	if (h->fd < 0)
		return -errno;
	print_line(h, &(struct line){.keeper = "tree", .fd = h->fd, .cause = ""});
	return 0;
}

const struct family file_families[] = {
	{"fd", NEW_ALL, fd_make, drop_fd},
	{"socket", NEWNET, socket_make, drop_fd},
	{"shm", NEWIPC, shm_make, shm_drop},
	{"shmfd", NEWIPC, shmfd_make, shmfd_drop},
	{"sysvipc", NEWIPC, sysvipc_make, drop_fd},
	{"pidfd", NEWPID, pidfd_make, drop_fd},
	{"pidfdtask", NEWPID, pidfdtask_make, pidfdtask_drop},
	{"mountinfo", NEWNS, mountinfo_make, drop_fd},
	{"cred", NEWUSER, cred_make, drop_fd},
	{"cgroupfile", NEWCGROUP, cgroupfile_make, drop_fd},
	{"opentree", NEWNS, opentree_make, drop_fd},
	{"fsmount", NEWNS, fsmount_make, drop_fd},
	{"anon", NEWNS, anon_make, drop_fd},
	{0},
};
