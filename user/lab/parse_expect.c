// SPDX-License-Identifier: GPL-2.0-only
/* `expect`: the table of its keys, and what of them holds for a kernel. */
#include <limits.h>
#include <string.h>

#include "parse_expect.h"

static bool x_kernel(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_parse_range(r, v, &((struct lab_expect *)ctx)->kernel);
}

static const struct field table[] = {
	{"kernel", x_kernel},	{"result", lab_x_result},	{"text", lab_x_text},
	{"call", lab_x_call},	{"changes", lab_x_changes},	{"steps", lab_x_steps},
	{"has", lab_x_has},	{"never", lab_x_never},		{"born", lab_x_born},
	{"died", lab_x_died},	{"alive", lab_x_alive},		{"keepers", lab_x_keepers},
	{"same", lab_x_same},	{"different", lab_x_different}, {"tasks", lab_x_tasks},
	{"level", lab_x_level}, {"owner", lab_x_owner},		{"parent", lab_x_parent},
	{NULL, NULL},
};

const char *lab_key_name(enum lab_key key)
{
	return key < LAB_X_KEYS ? table[key + 1].name : "?";
}

static bool one_expect(struct reader *r, yaml_node_t *node, void *ctx)
{
	struct lab_step *step = ctx;
	struct lab_expect *x = (struct lab_expect *)step->expect + step->nexpect;

	*x = (struct lab_expect){.kernel = {0, UINT_MAX}};
	for (int i = 0; i < NSL_SLOTS; i++)
		x->changes[i] = -1;
	step->nexpect++;
	return lab_fields(r, node, "expect", table, x);
}

bool lab_parse_expect(struct reader *r, yaml_node_t *node, struct lab_step *step)
{
	size_t n = 1;

	if (node->type == YAML_SEQUENCE_NODE)
		n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (n > 12)
		return lab_wrong(r, node, 0, "expect: more than 12 alternatives");
	step->expect = lab_alloc(r, (n + 1) * sizeof(*step->expect));
	if (!step->expect)
		return false;
	if (node->type == YAML_SEQUENCE_NODE)
		return lab_each(r, node, "expect", one_expect, step);
	return one_expect(r, node, step);
}

void lab_expect_merge(const struct lab_step *step, unsigned int kernel, struct lab_expect *out)
{
	*out = (struct lab_expect){.kernel = {0, UINT_MAX}};
	for (size_t i = 0; i < step->nexpect; i++) {
		const struct lab_expect *x = &step->expect[i];

		if (!lab_in_range(x->kernel, kernel))
			continue;
#define TAKE(key, ...)                                                                             \
	if (x->set & 1u << (key)) {                                                                \
		out->set |= 1u << (key);                                                           \
		__VA_ARGS__;                                                                       \
	}
#define COPY(member) memcpy(&out->member, &x->member, sizeof(out->member))
		TAKE(LAB_X_RESULT, COPY(result), COPY(nresults))
		TAKE(LAB_X_TEXT, COPY(text), COPY(text_has), COPY(text_lacks))
		TAKE(LAB_X_CALL, COPY(call))
		TAKE(LAB_X_CHANGES, COPY(changes))
		TAKE(LAB_X_STEPS, COPY(steps))
		TAKE(LAB_X_HAS, COPY(has))
		TAKE(LAB_X_NEVER, COPY(never))
		TAKE(LAB_X_BORN, COPY(born))
		TAKE(LAB_X_DIED, COPY(died), COPY(died_types))
		TAKE(LAB_X_ALIVE, COPY(alive))
		TAKE(LAB_X_KEEPERS, COPY(keepers), COPY(nkeepers))
		TAKE(LAB_X_SAME, COPY(same), COPY(nsame))
		TAKE(LAB_X_DIFFERENT, COPY(different), COPY(ndifferent))
		TAKE(LAB_X_TASKS, COPY(tasks), COPY(ntasks))
		TAKE(LAB_X_LEVEL, COPY(level), COPY(nlevel))
		TAKE(LAB_X_OWNER, COPY(owner), COPY(nowner))
		TAKE(LAB_X_PARENT, COPY(parent), COPY(nparent))
#undef TAKE
#undef COPY
	}
}
