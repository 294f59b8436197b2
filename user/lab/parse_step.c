// SPDX-License-Identifier: GPL-2.0-only
/* A step, and the question that it may ask. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "yaml.h"

static bool step_do(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_step *step = ctx;

	step->line = (unsigned int)v->start_mark.line + 1;
	return lab_parse_do(r, v, step);
}

static bool step_tell(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_step *)ctx)->tell = lab_text(r, v, "tell"));
}

static bool step_ask(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_step *)ctx)->ask = lab_text(r, v, "ask"));
}

static bool step_answer(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_step *)ctx)->answer = lab_text(r, v, "answer"));
}

static bool step_why(struct reader *r, yaml_node_t *v, void *ctx)
{
	return (((struct lab_step *)ctx)->why = lab_text(r, v, "why"));
}

static bool one_choice(struct reader *r, yaml_node_t *v, void *ctx)
{
	struct lab_step *step = ctx;

	if (step->nchoices == LAB_MAX_CHOICES)
		return lab_wrong(r, v, 0, "choices: more than %d", LAB_MAX_CHOICES);
	return (step->choice[step->nchoices++] = lab_text(r, v, "choices"));
}

static bool step_choices(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_each(r, v, "choices", one_choice, ctx);
}

static bool step_kernel(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_parse_range(r, v, &((struct lab_step *)ctx)->kernel);
}

static bool step_mark(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_parse_marks(r, v, ctx);
}

static bool step_expect(struct reader *r, yaml_node_t *v, void *ctx)
{
	return lab_parse_expect(r, v, ctx);
}

/* What a question needs beside its text. */
static bool question(struct reader *r, yaml_node_t *node, struct lab_step *step)
{
	char *end;

	if (!step->ask)
		return (!step->answer && !step->why && !step->nchoices) ||
		       lab_wrong(r, node, 0,
				 "step: answer, why and choices belong to a question; write ask");
	if (!step->answer)
		return lab_wrong(r, node, 0, "step: ask has no answer; write answer");
	if (!step->nchoices)
		return true;
	step->right = (unsigned int)strtoul(step->answer, &end, 10);
	if (*end || !step->right || step->right > step->nchoices)
		return lab_wrong(
			r, node, 0,
			"answer: with choices, write the number of the right one, 1 to %zu",
			step->nchoices);
	return true;
}

bool lab_parse_step(struct reader *r, yaml_node_t *node, void *ctx)
{
	static const struct field first[] = {{"do", step_do}, {NULL, NULL}};
	/* marks and expectations may name what `do` makes, wherever the keys stand */
	static const struct field table[] = {
		{"do", NULL},
		{"tell", step_tell},
		{"ask", step_ask},
		{"choices", step_choices},
		{"answer", step_answer},
		{"why", step_why},
		{"kernel", step_kernel},
		{"mark", step_mark},
		{"expect", step_expect},
		{NULL, NULL},
	};
	struct lab_step *step = &r->s->step[r->s->nsteps];
	yaml_node_t *expect = NULL;

	(void)ctx;
	if (node->type != YAML_MAPPING_NODE)
		return lab_wrong(r, node, 0,
				 "steps: a step is a mapping; write - do: ACTOR VERB ...");
	if (r->s->nsteps == LAB_MAX_STEPS)
		return lab_wrong(r, node, 0, "steps: more than %d", LAB_MAX_STEPS);
	step->kernel = (struct lab_range){0, UINT_MAX};
	/* in three rounds: do, then all but expect, then expect */
	for (int round = 0; round < 3; round++) {
		for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
		     p < node->data.mapping.pairs.top; p++) {
			yaml_node_t *key = yaml_document_get_node(&r->doc, p->key);
			yaml_node_t *value = yaml_document_get_node(&r->doc, p->value);
			const char *name = lab_scalar(r, key, "step");
			const struct field *f = round ? table : first;

			if (!name)
				return false;
			while (f->name && strcmp(f->name, name) != 0)
				f++;
			if (round == 1 && !f->name)
				return lab_wrong(r, key, 0,
						 "step: no key is called '%.40s'; the keys are do, "
						 "tell, ask, choices, answer, why, kernel, mark, "
						 "expect",
						 name);
			if (round == 1)
				for (yaml_node_pair_t *q = node->data.mapping.pairs.start; q < p;
				     q++)
					if (!strcmp((char *)yaml_document_get_node(&r->doc, q->key)
							    ->data.scalar.value,
						    name))
						return lab_wrong(r, key, 0,
								 "step: '%s' stands here twice; "
								 "remove one",
								 name);
			if (round == 1 && f->read == step_expect)
				expect = value;
			else if (round < 2 && f->name && f->read && !f->read(r, value, step))
				return false;
		}
		if (!round && !step->words)
			return lab_wrong(r, node, 0,
					 "step: has no 'do'; write - do: ACTOR VERB ...");
	}
	if (expect && !lab_parse_expect(r, expect, step))
		return false;
	r->s->nsteps++;
	return question(r, node, step);
}
