// SPDX-License-Identifier: GPL-2.0-only
/* The scenarios: by topic and level, or one a line as JSON; and how one is found. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../view/json.h"
#include "cmd.h"
#include "lab.h"

static void tell(const char *what, const struct lab_error *e)
{
	if (e->line)
		complain(NULL, "%s:%u:%u: %s", what, e->line, e->column, e->text);
	else
		complain("lab", "%s: %s", what, e->text);
}

static struct lab_scenario *load_blob(const struct lab_blob *b)
{
	struct lab_error e;
	struct lab_scenario *s =
		lab_scenario_parse(b->name, b->text, (size_t)(b->end - b->text), &e);
	char name[80];

	if (!s) {
		snprintf(name, sizeof(name), "%s.yaml", b->name);
		tell(name, &e);
	}
	return s;
}

struct lab_scenario *lab_load_own(const char *name)
{
	for (size_t i = 0; i < lab_nblobs; i++)
		if (!strcmp(lab_blobs[i].name, name))
			return load_blob(&lab_blobs[i]);
	return NULL;
}

static bool is_own(const char *name)
{
	for (size_t i = 0; i < lab_nblobs; i++)
		if (!strcmp(lab_blobs[i].name, name))
			return true;
	return false;
}

struct lab_scenario *lab_load(const char *what)
{
	struct lab_scenario *s;
	struct lab_error e;

	if (is_own(what))
		return lab_load_own(what);
	if (!strchr(what, '/') && !strchr(what, '.') && access(what, F_OK)) {
		complain("lab",
			 "no scenario is called '%.60s'; nslens lab lists them, and a file "
			 "of your own is given by its path",
			 what);
		return NULL;
	}
	s = lab_scenario_read(what, &e);
	if (!s)
		tell(what, &e);
	return s;
}

static int in_order(const void *a, const void *b)
{
	const struct lab_scenario *x = *(const struct lab_scenario *const *)a;
	const struct lab_scenario *y = *(const struct lab_scenario *const *)b;

	if (x->topic != y->topic)
		return x->topic - y->topic;
	if (x->level != y->level)
		return (int)x->level - (int)y->level;
	return strcmp(x->name, y->name);
}

void lab_list_object(struct nsv_json *j, const struct lab_scenario *s, unsigned int kernel)
{
	char range[48], why[160] = "";
	bool can = lab_can_run(s, kernel, why, sizeof(why));

	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "type", "scenario");
	nsv_json_str(j, "name", s->name);
	nsv_json_str(j, "title", s->title);
	nsv_json_str(j, "topic", lab_topics[s->topic].name);
	nsv_json_str(j, "topic_title", lab_topics[s->topic].title);
	nsv_json_u64(j, "level", s->level);
	nsv_json_str(j, "teaches", s->teaches);
	nsv_json_u64(j, "steps", s->nsteps);
	nsv_json_bool(j, "root", s->needs_root);
	nsv_json_str(j, "kernel", lab_range_text(s->kernel, range, sizeof(range)));
	nsv_json_bool(j, "runs_here", can);
	nsv_json_str(j, "why_not", can ? NULL : why);
	nsv_json_close(j, '}');
}

static int list_json(const struct lab_scenario *s, unsigned int kernel)
{
	struct nsv_buf b = {0};
	struct nsv_json j = {.buf = &b};
	int err;

	lab_list_object(&j, s, kernel);
	nsv_buf_str(&b, "\n");
	err = b.failed || fwrite(b.data, 1, b.len, stdout) != b.len;
	free(b.data);
	return err;
}

static void list_text(const struct lab_scenario *s, bool can, const char *why, int *topic)
{
	if (s->topic != *topic)
		printf("%s%s\n", *topic < 0 ? "" : "\n", lab_topics[s->topic].title);
	*topic = s->topic;
	printf("  %u  %-24s %s\n", s->level, s->name, s->title);
	if (!can)
		printf("     %-24s (not here: %s)\n", "", why);
}

struct lab_scenario **lab_load_all(size_t *n)
{
	struct lab_scenario **all = calloc(lab_nblobs + 1, sizeof(*all));

	*n = 0;
	for (size_t i = 0; all && i < lab_nblobs; i++) {
		all[*n] = load_blob(&lab_blobs[i]);
		*n += all[*n] != NULL;
	}
	if (all)
		qsort(all, *n, sizeof(*all), in_order);
	return all;
}

void lab_free_all(struct lab_scenario **all, size_t n)
{
	for (size_t i = 0; all && i < n; i++)
		lab_scenario_free(all[i]);
	free(all);
}

int lab_list(const struct lab_options *o)
{
	struct lab_scenario **all;
	struct machine m;
	size_t n;
	int topic = -1, failed;

	machine_read(&m);
	all = lab_load_all(&n);
	if (!all) {
		complain("lab", "out of memory");
		return EXIT_FAILED;
	}
	failed = n < lab_nblobs;
	for (size_t i = 0; i < n; i++) {
		char why[160] = "";
		bool can = lab_can_run(all[i], m.kernel, why, sizeof(why));

		if (o->json)
			failed |= list_json(all[i], m.kernel);
		else
			list_text(all[i], can, why, &topic);
	}
	lab_free_all(all, n);
	if (!o->json)
		printf("\nThe number is the level, 1 to 5. Next:\n"
		       "  sudo nslens lab step NAME   do it step by step, predict, and see\n"
		       "  sudo nslens lab serve       the same on a page\n"
		       "  sudo nslens lab run NAME    all at once, told as a story\n"
		       "  nslens lab --help\n");
	return fflush(stdout) || failed ? EXIT_FAILED : EXIT_DONE;
}
