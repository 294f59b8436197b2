/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal: the keys of `expect`, each read into a struct lab_expect. */
#ifndef NSLENS_LAB_PARSE_EXPECT_H
#define NSLENS_LAB_PARSE_EXPECT_H

#include "yaml.h"

/* parse_expect_call.c */
bool lab_x_result(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_text(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_call(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_changes(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_steps(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_has(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_never(struct reader *r, yaml_node_t *v, void *ctx);

/* parse_expect_graph.c */
bool lab_x_born(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_died(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_alive(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_keepers(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_same(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_different(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_tasks(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_level(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_owner(struct reader *r, yaml_node_t *v, void *ctx);
bool lab_x_parent(struct reader *r, yaml_node_t *v, void *ctx);

#endif
