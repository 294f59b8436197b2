// SPDX-License-Identifier: GPL-2.0-only
/* Names of errnos, with those that never reach user space but can be seen inside a call. */
#include <string.h>

#include "model.h"

/* include/linux/errno.h */
static const char *const kernel_only[] = {
	[512 - 512] = "ERESTARTSYS",
	[513 - 512] = "ERESTARTNOINTR",
	[514 - 512] = "ERESTARTNOHAND",
	[515 - 512] = "ENOIOCTLCMD",
	[516 - 512] = "ERESTART_RESTARTBLOCK",
	[517 - 512] = "EPROBE_DEFER",
	[518 - 512] = "EOPENSTALE",
	[519 - 512] = "ENOPARAM",
	[524 - 512] = "ENOTSUPP",
};

const char *nsm_errno_name(int err)
{
	if (err >= 512 && (size_t)err < 512 + sizeof(kernel_only) / sizeof(*kernel_only))
		return kernel_only[err - 512];
	return err > 0 ? strerrorname_np(err) : NULL;
}
