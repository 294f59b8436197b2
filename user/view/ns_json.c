// SPDX-License-Identifier: GPL-2.0-only
#include "ns_json.h"

#include <inttypes.h>
#include <stdio.h>

void nsv_json_ns_members(struct nsv_json *j, enum nsl_type type, uint32_t inum, uint64_t id)
{
	char text[48];

	snprintf(text, sizeof(text), "%s:[%" PRIu32 "]", nsm_type_name(type), inum);
	nsv_json_str(j, "ns", text);
	if (id)
		nsv_json_u64(j, "id", id);
	else
		nsv_json_null(j, "id");
}

void nsv_json_ns(struct nsv_json *j, const char *key, const struct nsg_ns *ns)
{
	if (!ns) {
		nsv_json_null(j, key);
		return;
	}
	nsv_json_open(j, key, '{');
	nsv_json_ns_members(j, ns->type, ns->inum, ns->id);
	nsv_json_close(j, '}');
}

void nsv_json_cause(struct nsv_json *j, const struct nsg_cause *cause)
{
	if (!cause || cause->kind == NSG_CAUSE_NONE) {
		nsv_json_null(j, "cause");
		return;
	}
	nsv_json_open(j, "cause", '{');
	nsv_json_str(j, "kind", nsg_cause_name(cause->kind));
	if (cause->pid) {
		nsv_json_u64(j, "pid", cause->pid);
		nsv_json_u64(j, "tid", cause->tid);
		nsv_json_str(j, "comm", cause->comm);
	}
	if (cause->ns)
		nsv_json_u64(j, "ns", cause->ns);
	nsv_json_close(j, '}');
}
