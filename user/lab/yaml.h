/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading a YAML tree: what the parser of scenarios needs, with errors that say where. */
#ifndef NSLENS_LAB_YAML_H
#define NSLENS_LAB_YAML_H

#include <yaml.h>

#include "scenario.h"

struct reader {
	yaml_document_t doc;
	struct lab_scenario *s;
	struct lab_error *e;
};

/* Memory that lives as long as the scenario; NULL with the error set. */
void *lab_alloc(struct reader *r, size_t size);
char *lab_strdup(struct reader *r, const char *text, size_t n);

/* Sets the error at a node, `offset` columns into it; returns false. */
__attribute__((format(printf, 4, 5))) bool lab_wrong(struct reader *r, const yaml_node_t *node,
						     size_t offset, const char *format, ...);

/* The text of a scalar, or NULL with the error set. `what` names it: "title". */
const char *lab_scalar(struct reader *r, const yaml_node_t *node, const char *what);
/* The same without trailing white space and with line ends as they are; kept. */
const char *lab_text(struct reader *r, const yaml_node_t *node, const char *what);
bool lab_number(struct reader *r, const yaml_node_t *node, const char *what, int64_t low,
		int64_t high, int64_t *out);
/* Not a scalar but "none": an empty list or mapping. */
bool lab_is_none(const yaml_node_t *node);

struct field {
	const char *name;
	bool (*read)(struct reader *r, yaml_node_t *value, void *ctx);
};

/* Reads a mapping by a table that ends with a NULL name. No key may come twice. */
bool lab_fields(struct reader *r, yaml_node_t *node, const char *what, const struct field *table,
		void *ctx);
/* Calls `each` for the entries of a sequence; a scalar is a sequence of one. */
bool lab_each(struct reader *r, yaml_node_t *node, const char *what,
	      bool (*each)(struct reader *r, yaml_node_t *entry, void *ctx), void *ctx);
/* Calls `each` for the pairs of a mapping; "none": no pair. */
bool lab_pairs(struct reader *r, yaml_node_t *node, const char *what,
	       bool (*each)(struct reader *r, yaml_node_t *key, yaml_node_t *value, void *ctx),
	       void *ctx);

/* Names of what the scenario has so far; -1: none. */
int lab_actor_find(const struct lab_scenario *s, const char *name);
int lab_fd_find(const struct lab_scenario *s, const char *name);
int lab_mark_find(const struct lab_scenario *s, const char *name);
/* "a, b, c" for messages. */
const char *lab_actor_names(const struct lab_scenario *s, char *buf, size_t size);
/* Lower-case letters, digits, '-' and '_', not too long. */
bool lab_is_name(const char *text);

/* parse_step.c */
bool lab_parse_step(struct reader *r, yaml_node_t *node, void *ctx);
/* parse_do.c */
bool lab_parse_do(struct reader *r, yaml_node_t *node, struct lab_step *step);
/* parse_expect.c */
bool lab_parse_expect(struct reader *r, yaml_node_t *node, struct lab_step *step);
/* parse_refs.c: "SLOT of ACTOR", "nsproxy of ACTOR", or the name of a mark */
bool lab_reference(struct reader *r, yaml_node_t *node, const char *text, struct lab_ref *ref);
bool lab_parse_marks(struct reader *r, yaml_node_t *node, struct lab_step *step);
bool lab_parse_range(struct reader *r, yaml_node_t *node, struct lab_range *range);

#endif
