// SPDX-License-Identifier: GPL-2.0-only
#include "why_alive.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* From include/uapi/linux/fcntl.h and linux/nsfs.h, as of 6.18. */
#define NSFS_ROOT   (-10003) /* FD_NSFS_ROOT */
#define NSFS_HANDLE 0xf1     /* FILEID_NSFS */

struct nsfs_handle {
	uint64_t ns_id;
	uint32_t ns_type; /* CLONE_NEW* */
	uint32_t ns_inum;
};

enum why_alive why_alive(const struct nse_why *w)
{
	struct nsfs_handle id = {
		.ns_id = w->ns_id,
		.ns_type = (uint32_t)nsm_type_bit(w->ns.type),
		.ns_inum = w->ns.inum,
	};
	_Alignas(struct file_handle) char room[sizeof(struct file_handle) + sizeof(id)];
	struct file_handle *handle = (struct file_handle *)room;
	int fd;

	if (!w->ns_id || !w->ns.inum)
		return WHY_NOBODY_KNOWS;
	handle->handle_bytes = sizeof(id);
	handle->handle_type = NSFS_HANDLE;
	memcpy(handle->f_handle, &id, sizeof(id));
	fd = open_by_handle_at(NSFS_ROOT, handle, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return WHY_ALIVE;
	}
	return errno == ESTALE ? WHY_GONE : WHY_NOBODY_KNOWS;
}
