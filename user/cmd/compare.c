// SPDX-License-Identifier: GPL-2.0-only
#include "compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../view/report.h"
#include "diff_sides.h"
#include "recorded.h"

static const struct store_meta *meta_of(const struct diff_sides *s, int side)
{
	for (size_t i = 0; i < s->nfiles; i++)
		if (s->files[i].path == s->runs[side][0].file)
			return store_meta_of(s->files[i].reader);
	return NULL;
}

/* Lines that end are members here. */
static void put_startup(FILE *out, struct nsv *v, const struct diff_sides *s, int side)
{
	const struct store_meta *meta = meta_of(s, side);
	struct recorded_start start;

	if (!meta) {
		fputs("null", out);
		return;
	}
	recorded_start(&start, meta);
	nsv_report_startup_json(v, &start.start, s->side[side].runs[0]);
	nsv_flush(v);
}

static int put_all(FILE *out, const struct diff_sides *s, struct nsl_error *e)
{
	const struct nsv_options style = {.style = NSV_JSON};
	struct nsv_diff d = {.runs = {s->runs[0], s->runs[1]}, .all = true};
	struct nsa *n = nsa_new(&s->side[0], &s->side[1], nse_diff_exists);
	struct nsv *v = n ? nsv_new(out, &style) : NULL;
	int err = v ? 0 : nsl_error_set(e, "out of memory");

	d.n = n;
	if (v) {
		fputs("{\"type\":\"compare\",\"diff\":", out);
		nsv_diff_json(v, &d);
		fputs(",\"startups\":[", out);
		put_startup(out, v, s, 0);
		fputs(",", out);
		put_startup(out, v, s, 1);
		fputs("]}", out);
		if (nsv_flush(v))
			err = nsl_error_set(e, "out of memory");
	}
	nsv_free(v);
	nsa_free(n);
	return err;
}

/* One line: what ends one in it, ends a member. */
static void make_one_line(struct nsv_buf *line)
{
	for (size_t i = 0; i < line->len; i++)
		if (line->data[i] == '\n')
			line->data[i] = ' ';
}

int compare_line(const char *a, const char *b, struct nsv_buf *line, struct nsl_error *e)
{
	struct diff_sides *s = calloc(1, sizeof(*s));
	FILE *out = s ? open_memstream(&line->data, &line->len) : NULL;
	int err = -1;

	if (!out)
		nsl_error_set(e, "out of memory");
	else if (!diff_sides_read(s, a, b, e))
		err = put_all(out, s, e);
	if (out && fclose(out) && !err)
		err = nsl_error_set(e, "out of memory");
	line->size = line->len;
	if (!err)
		make_one_line(line);
	if (s)
		diff_sides_free(s);
	free(s);
	return err;
}

/* FILE of FILE#N, unless there is one that is called so. */
static void cut_number(char *text)
{
	char *hash = access(text, F_OK) ? strrchr(text, '#') : NULL;

	if (hash)
		*hash = '\0';
}

char *compare_file(const char *side)
{
	char *file = strdup(side);

	if (!file || !access(file, F_OK))
		return file;
	file[strcspn(file, ",")] = '\0';
	cut_number(file);
	return file;
}

bool compare_reads(const char *side, const char *file)
{
	char *copy = strdup(side), *rest = copy, *name;
	bool found = recorded_is(side, file);

	while (!found && rest) {
		name = strsep(&rest, ",");
		cut_number(name);
		found = recorded_is(name, file);
	}
	free(copy);
	return found;
}
