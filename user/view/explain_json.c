// SPDX-License-Identifier: GPL-2.0-only
/* An explanation as a line of JSON; and where functions stand in the paths. */
#include <string.h>

#include "../explain/shown.h"
#include "explain_internal.h"
#include "json.h"

static size_t path_rows(const struct nse_path *p, nse_kernel kernel, struct nse_place *rows)
{
	return nse_path_walk(p, kernel, rows, NSE_WALK_MAX);
}

size_t nsv_routes(const struct nse_kfn *fn, nse_kernel kernel, struct nsv_route *out)
{
	static struct nse_place rows[NSE_WALK_MAX];
	size_t n = 0;

	for (size_t p = 0; p < nse_path_count; p++) {
		size_t rows_n = path_rows(nse_paths[p], kernel, rows);
		const struct nse_kfn *stack[16] = {NULL};

		for (size_t i = 0; i < rows_n && n < NSV_MAX_ROUTES; i++) {
			struct nsv_route *r = &out[n];

			if (rows[i].node->kind != NSE_FN || rows[i].depth >= 16)
				continue;
			stack[rows[i].depth] = rows[i].fn;
			if (rows[i].fn != fn)
				continue;
			*r = (struct nsv_route){.path = nse_paths[p]};
			for (unsigned int d = 0; d <= rows[i].depth; d++)
				if (stack[d])
					r->fns[r->n++] = stack[d];
			n++;
			break; /* one way for each path */
		}
	}
	return n;
}

static const struct nse_path *path_named(const struct nse_entry *e)
{
	if (e->kind == NSE_SYSCALL)
		return nse_path_of(e->topic->syscall);
	for (size_t i = 0; i < nse_path_count; i++)
		if (e->kind == NSE_CONCEPT && !strcmp(nse_paths[i]->name, e->name))
			return nse_paths[i];
	return NULL;
}

size_t nsv_explain_rows(const struct nse_entry *e, nse_kernel kernel, struct nse_place *rows,
			unsigned int *base)
{
	const struct nse_path *p = path_named(e);
	size_t n = 0;

	*base = 0;
	if (p)
		return path_rows(p, kernel, rows);
	/* the subtree that says most of a function, wherever it is called */
	for (size_t i = 0; e->fn && i < nse_path_count; i++) {
		static struct nse_place all[NSE_WALK_MAX];
		size_t all_n = path_rows(nse_paths[i], kernel, all);

		for (size_t at = 0; at < all_n; at++) {
			size_t below;

			if (all[at].node->kind != NSE_FN || all[at].fn != e->fn)
				continue;
			below = nse_path_below(all, all_n, at);
			if (below <= n)
				continue;
			n = below;
			memcpy(rows, &all[at], n * sizeof(*rows));
			rows[0].by = NULL; /* the condition of one caller */
			*base = rows[0].depth;
		}
	}
	return n;
}

static void put_version(struct nsv_json *j, const char *key, nse_kernel kernel)
{
	char word[NSV_VERSION_LEN];

	nsv_json_str(j, key, kernel ? nsv_kernel_name(kernel, word) : NULL);
}

static void begin(struct nsv *v, const struct nsv_explain *o, struct nsv_json *j, const char *type)
{
	*j = (struct nsv_json){.buf = &v->buf};
	nsv_json_open(j, NULL, '{');
	nsv_json_str(j, "type", type);
	nsv_json_str(j, "schema", "nslens/1");
	put_version(j, "kernel", o->kernel);
	nsv_json_str(j, "language", o->language ? o->language->lang : "en");
}

static void end(struct nsv_json *j)
{
	nsv_json_close(j, '}');
	nsv_buf_str(j->buf, "\n");
}

static const char *say(const struct nsv_explain *o, const char *text)
{
	return text ? nse_translate(o->language, text) : NULL;
}

static void put_head(struct nsv_json *j, const struct nse_entry *e)
{
	nsv_json_str(j, "name", e->name);
	nsv_json_str(j, "kind", nse_kind_name(e->kind));
	nsv_json_str(j, "file", e->fn ? e->fn->file : NULL);
	put_version(j, "since", nse_entry_since(e));
	put_version(j, "before", nse_entry_before(e));
	if (e->kind == NSE_FLAG || e->kind == NSE_ERRNO)
		nsv_json_u64(j, "value", e->topic->value);
}

static void put_rows(struct nsv_json *j, const struct nsv_explain *o, const char *key,
		     const struct nse_place *rows, size_t n, unsigned int base)
{
	static const char *const kinds[] = {
		[NSE_FN] = "function", [NSE_FAIL] = "fail", [NSE_IF] = "if",
		[NSE_DO] = "do",       [NSE_UNDO] = "undo",
	};

	nsv_json_open(j, key, '[');
	for (size_t i = 0; i < n; i++) {
		const struct nse_node *node = rows[i].node;
		const char *when = node->when ? node->when : rows[i].by ? rows[i].by->when : NULL;
		const struct nse_shown *shown = nse_shown_in(&rows[i]);

		nsv_json_open(j, NULL, '{');
		nsv_json_u64(j, "depth", rows[i].depth - base);
		nsv_json_str(j, "kind", kinds[node->kind]);
		nsv_json_str(j, "fn", rows[i].fn ? rows[i].fn->name : NULL);
		nsv_json_str(j, "file", rows[i].fn ? rows[i].fn->file : NULL);
		nsv_json_str(j, "when", say(o, when));
		nsv_json_str(j, "what", say(o, node->what));
		nsv_json_open(j, "errnos", '[');
		for (size_t k = 0; k < NSE_ERRS && node->errs[k]; k++)
			nsv_json_str(j, NULL, nsm_errno_name(node->errs[k]));
		nsv_json_close(j, ']');
		put_version(j, "since", node->since);
		put_version(j, "before", node->before);
		nsv_json_str(j, "scenario", shown ? shown->scenario : NULL);
		nsv_json_str(j, "not_provoked", shown ? shown->why_not : NULL);
		if (rows[i].mark)
			nsv_json_str(j, "mark", nse_mark_name(rows[i].mark));
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_reasons(struct nsv_json *j, const struct nsv_explain *o, const struct nse_entry *e)
{
	static struct nse_reason reasons[NSE_MAX_REASONS];
	size_t n = nse_reasons(e, o->kernel, reasons, NSE_MAX_REASONS);

	nsv_json_open(j, "errnos", '[');
	for (size_t i = 0; i < n; i++) {
		const struct nse_row *row = reasons[i].row;

		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "errno", row->err ? nsm_errno_name(row->err) : NULL);
		nsv_json_str(j, "place", reasons[i].place);
		nsv_json_open(j, "syscalls", '[');
		for (int k = 1; k < NSL_SYSCALLS; k++)
			if (row->calls & 1u << k)
				nsv_json_str(j, NULL, nsm_syscall_name((enum nsl_syscall)k));
		nsv_json_close(j, ']');
		nsv_json_str(j, "check", say(o, row->check));
		nsv_json_str(j, "remedy", say(o, row->remedy));
		put_version(j, "since", row->since);
		put_version(j, "before", row->before);
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

static void put_names(struct nsv_json *j, const char *key, const char *names, char separator)
{
	char one[NSE_NAME_LEN];

	nsv_json_open(j, key, '[');
	while ((names = nse_next_name(names, separator, one)))
		nsv_json_str(j, NULL, one);
	nsv_json_close(j, ']');
}

static void put_topic(struct nsv_json *j, const struct nsv_explain *o, const struct nse_topic *t)
{
	nsv_json_open(j, "notes", '[');
	for (size_t i = 0; i < NSE_NOTES && t->notes[i].text; i++) {
		nsv_json_open(j, NULL, '{');
		put_version(j, "since", t->notes[i].since);
		put_version(j, "before", t->notes[i].before);
		nsv_json_str(j, "text", say(o, t->notes[i].text));
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
	put_names(j, "functions", t->fns, ' ');
	put_names(j, "see", t->see, ',');
}

static void put_function(struct nsv_json *j, const struct nsv_explain *o, const struct nse_kfn *fn)
{
	struct nsv_route routes[NSV_MAX_ROUTES];
	size_t n = nsv_routes(fn, o->kernel, routes);

	nsv_json_open(j, "outcomes", '{');
	for (int i = 0; i < NSM_OUTCOMES && fn->step; i++) {
		const char *text = nse_outcome(fn->step, (enum nsm_outcome)i);

		if (text)
			nsv_json_str(j, nsm_outcome_name((enum nsm_outcome)i), say(o, text));
	}
	nsv_json_close(j, '}');
	nsv_json_open(j, "called", '[');
	for (size_t i = 0; i < n; i++) {
		nsv_json_open(j, NULL, '{');
		nsv_json_str(j, "path", routes[i].path->name);
		nsv_json_open(j, "functions", '[');
		for (size_t k = 0; k < routes[i].n; k++)
			nsv_json_str(j, NULL, routes[i].fns[k]->name);
		nsv_json_close(j, ']');
		nsv_json_close(j, '}');
	}
	nsv_json_close(j, ']');
}

void nsv_explain_json(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	static struct nse_place rows[NSE_WALK_MAX];
	unsigned int base;
	size_t n = nsv_explain_rows(e, o->kernel, rows, &base);
	struct nsv_json j;

	begin(v, o, &j, "explain");
	put_head(&j, e);
	nsv_json_str(&j, "text", say(o, nse_entry_text(e)));
	if (e->topic)
		put_topic(&j, o, e->topic);
	else
		put_function(&j, o, e->fn);
	put_rows(&j, o, "path", rows, n, base);
	put_reasons(&j, o, e);
	end(&j);
}

void nsv_explain_listed_json(struct nsv *v, const struct nsv_explain *o, const struct nse_entry *e)
{
	struct nsv_json j;

	begin(v, o, &j, "entry");
	put_head(&j, e);
	put_names(&j, "aliases", e->topic ? e->topic->aliases : NULL, ',');
	end(&j);
}

void nsv_explain_call_json(struct nsv *v, const struct nsv_explain *o, const struct nse_place *rows,
			   size_t n)
{
	struct nsv_json j;

	begin(v, o, &j, "path");
	put_rows(&j, o, "path", rows, n, 0);
	end(&j);
}
