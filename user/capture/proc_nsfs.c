// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces and mounts through descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_read.h"

/* newer than the headers that we may be built with */
struct mount_namespace {
	__u32 size;
	__u32 mounts;
	__u64 id;
};

#define GET_MNTNS_ID _IOR(NSIO, 5, __u64)
#define MNT_GET_NEXT _IOR(NSIO, 11, struct mount_namespace)
#define MNT_GET_PREV _IOR(NSIO, 12, struct mount_namespace)
#define GET_ID	     _IOR(NSIO, 13, __u64)

/* Every nsfs file lies on one device. */
static bool is_nsfs(const struct statx *st)
{
	static __u32 major, minor; /* the same for the life of the kernel */
	struct statx own;

	if (!major && !minor) {
		if (statx(AT_FDCWD, "/proc/self/ns/mnt", 0, 0, &own))
			return false;
		major = own.stx_dev_major;
		minor = own.stx_dev_minor;
	}
	return st->stx_dev_major == major && st->stx_dev_minor == minor;
}

bool proc_nsfs_read(int fd, struct proc_nsfs *ns)
{
	struct statx st;
	int flag;
	uid_t uid;

	memset(ns, 0, sizeof(*ns));
	ns->owner_uid = NSL_COUNT_UNKNOWN;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &st) || !is_nsfs(&st))
		return false;
	flag = ioctl(fd, NS_GET_NSTYPE);
	ns->type = flag < 0 ? NSL_TYPE_UNKNOWN : proc_type_by_flag((__u32)flag);
	if (ns->type == NSL_TYPE_UNKNOWN)
		return false;
	ns->inum = (__u32)st.stx_ino;
	if (ioctl(fd, GET_ID, &ns->ns_id) &&
	    (ns->type != NSL_MNT || ioctl(fd, GET_MNTNS_ID, &ns->ns_id)))
		ns->ns_id = 0;
	if (ns->type == NSL_USER && !ioctl(fd, NS_GET_OWNER_UID, &uid))
		ns->owner_uid = uid;
	return true;
}

static int related(int fd, unsigned long request)
{
	int got = ioctl(fd, request);

	return got < 0 ? -errno : got;
}

int proc_nsfs_owner(int fd)
{
	return related(fd, NS_GET_USERNS);
}

int proc_nsfs_parent(int fd)
{
	return related(fd, NS_GET_PARENT);
}

__u32 proc_nsfs_inum(int dir, const char *link)
{
	struct statx st;
	int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;

	if (statx(dir, link, flags, STATX_INO, &st) || !is_nsfs(&st))
		return 0;
	return (__u32)st.stx_ino;
}

int proc_nsfs_reopen(int o_path)
{
	char link[32];
	int fd;

	if (!proc_nsfs_inum(o_path, ""))
		return -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", o_path);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_nsfs_open(int dir, const char *link)
{
	int path = openat(dir, link, O_PATH | O_CLOEXEC), fd;

	if (path < 0)
		return -errno;
	fd = proc_nsfs_reopen(path);
	close(path);
	return fd;
}

int proc_mntns_next(int fd, bool forward)
{
	struct mount_namespace info = {.size = sizeof(info)};
	int got = ioctl(fd, forward ? MNT_GET_NEXT : MNT_GET_PREV, &info);

	return got < 0 ? -errno : got;
}

/* The mount that an O_PATH descriptor lies on, without asking its file system. */
static bool on_mount(int fd, __u32 id)
{
	char path[40], text[512];
	const char *line;
	unsigned int got;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (proc_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "mnt_id:");
	return line && sscanf(line, "mnt_id: %u", &got) == 1 && got == id;
}

int proc_mount_open(int root, const struct proc_mount *mount, bool may_ask)
{
	const char *path = mount->point + strspn(mount->point, "/");
	/* mount points stay in the cache as long as they are: no file system is asked (5.12) */
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_CACHED,
	};
	long fd;

	if (!*path)
		path = ".";
	fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0 && errno == EINVAL && may_ask) {
		how.resolve &= ~(__u64)RESOLVE_CACHED;
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	}
	if (fd < 0)
		return -errno;
	if (!on_mount((int)fd, mount->id)) {
		close((int)fd);
		return -ESTALE; /* something else is mounted over it */
	}
	return (int)fd;
}

bool proc_inode_read(int dir, const char *link, struct proc_inode *inode)
{
	_Alignas(struct file_handle) char room[sizeof(struct file_handle) + sizeof(inode->bytes)];
	struct file_handle *handle = (void *)room;
	int mount;

	handle->handle_bytes = sizeof(inode->bytes);
	if (name_to_handle_at(dir, link, handle, &mount, AT_SYMLINK_FOLLOW))
		return false;
	inode->type = handle->handle_type;
	inode->len = handle->handle_bytes;
	memcpy(inode->bytes, handle->f_handle, handle->handle_bytes);
	return true;
}

bool proc_inode_same(const struct proc_inode *a, const struct proc_inode *b)
{
	return a->type == b->type && a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}
