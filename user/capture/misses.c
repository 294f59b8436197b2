// SPDX-License-Identifier: GPL-2.0-only
#include "misses.h"

#include <bpf/bpf.h>
#include <string.h>

/*
 * struct bpf_link_info as it is since 6.7 (include/uapi/linux/bpf.h): the build
 * machine's header may be older.
 */
struct link_info {
	__u32 type, id, prog_id, pad;
	__u32 perf_type, perf_pad;
	struct {
		__u64 func_name;
		__u32 name_len, offset;
		__u64 addr;
		__u64 missed;
	} kprobe;
	__u64 room[16];
};

#define LINK_TYPE_PERF_EVENT 7 /* BPF_LINK_TYPE_PERF_EVENT, 5.15 */
#define PERF_EVENT_KPROBE    3 /* BPF_PERF_EVENT_KPROBE, 6.6 */
#define PERF_EVENT_KRETPROBE 4

__u64 misses_of_program(int prog_fd)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &size) ? 0 : info.recursion_misses;
}

__u64 misses_of_link(int link_fd)
{
	struct link_info info;
	__u32 size = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (bpf_obj_get_info_by_fd(link_fd, &info, &size) || info.type != LINK_TYPE_PERF_EVENT)
		return 0;
	if (info.perf_type != PERF_EVENT_KPROBE && info.perf_type != PERF_EVENT_KRETPROBE)
		return 0;
	return info.kprobe.missed;
}
