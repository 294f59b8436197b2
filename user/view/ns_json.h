/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: how a line of JSON names a namespace, and what ended it (user/doc/json.md). */
#ifndef NSLENS_VIEW_NS_JSON_H
#define NSLENS_VIEW_NS_JSON_H

#include "../model/graph.h"
#include "json.h"

/* The two members "ns" and "id". An anonymous mount namespace has no number: it is mnt:[0], and
 * the id tells it from others; an id that is not known (0) is null. */
void nsv_json_ns_members(struct nsv_json *j, enum nsl_type type, uint32_t inum, uint64_t id);
/* An object of them; NULL: null. */
void nsv_json_ns(struct nsv_json *j, const char *key, const struct nsg_ns *ns);
/* The member "cause"; NULL: null. */
void nsv_json_cause(struct nsv_json *j, const struct nsg_cause *cause);

#endif
