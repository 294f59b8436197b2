// SPDX-License-Identifier: GPL-2.0-only
/* Namespaces from the kernel's own lists. */
#include "keepers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../model/model.h"

/* include/uapi/linux/nsfs.h of 6.18 and 6.19, newer than the headers that we may be built with */
#define LISTNS	       470 /* the same number on every architecture but alpha */
#define NSFS_ROOT      (-10003)
#define NSFS_HANDLE_ID 0xf1

struct list_request {
	__u32 size;
	__u32 spare;
	__u64 last; /* go on after this one */
	__u32 types;
	__u32 spare2;
	__u64 user_ns;
};

struct nsfs_handle {
	__u64 ns_id;
	__u32 type, inum; /* 0: any */
};

static int open_by_id(__u64 ns_id)
{
	_Alignas(8) char room[sizeof(struct file_handle) + sizeof(struct nsfs_handle)];
	struct nsfs_handle id = {.ns_id = ns_id};
	struct file_handle *handle = (void *)room;

	handle->handle_bytes = sizeof(id);
	handle->handle_type = NSFS_HANDLE_ID;
	memcpy(handle->f_handle, &id, sizeof(id));
	return open_by_handle_at(NSFS_ROOT, handle, O_RDONLY | O_CLOEXEC);
}

int keepers_each_listed(__u32 types, bool (*known)(void *ctx, __u64 ns_id),
			void (*each)(void *ctx, int fd), void *ctx)
{
	struct list_request request = {.size = sizeof(request)};
	__u64 ids[256];
	long n;

	for (__u32 type = 0; type < NSL_TYPES; type++)
		if (types & (1u << type))
			request.types |= (__u32)nsm_type_bit(type);
	do {
		n = syscall(LISTNS, &request, ids, sizeof(ids) / sizeof(*ids), 0);
		if (n < 0 && errno == ENOENT)
			break; /* nothing comes after the last one */
		if (n < 0)
			return -errno;
		for (long i = 0; i < n; i++) {
			int fd = known && known(ctx, ids[i]) ? -1 : open_by_id(ids[i]);

			if (fd < 0)
				continue; /* known, gone, or not ours to see */
			each(ctx, fd);
			close(fd);
		}
		if (n)
			request.last = ids[n - 1];
	} while (n);
	return 0;
}

bool keepers_each_mntns(void (*each)(void *ctx, int fd), void *ctx)
{
	bool any = false;

	for (int forward = 0; forward < 2; forward++) {
		int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

		while (fd >= 0) {
			int next = proc_mntns_next(fd, forward);

			close(fd);
			if (next >= 0 || next == -ENOENT)
				any = true; /* the end of the list */
			if (next >= 0)
				each(ctx, next);
			fd = next;
		}
	}
	return any;
}
