// SPDX-License-Identifier: GPL-2.0-only
/* Goes through all tables. */
#include "texts.h"

#include "labels.h"
#include "lookup.h"
#include "paths.h"

const char *nse_label(enum nse_label label)
{
	static const char *const texts[] = {
#define X(id, text) text,
		NSE_LABELS(X)
#undef X
	};

	return label < NSE_LABEL_COUNT ? texts[label] : "?";
}

static void give(nse_text_fn fn, void *ctx, enum nse_text_kind kind, const char *where,
		 const char *text)
{
	if (text && *text)
		fn(ctx, kind, where, text);
}

static void each_failure(nse_text_fn fn, void *ctx, const struct nse_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *where = rows[i].fn ? nsm_fn_name(rows[i].fn) : rows[i].place;

		give(fn, ctx, NSE_TEXT_FAILURE, where, rows[i].check);
		give(fn, ctx, NSE_TEXT_FAILURE, where, rows[i].remedy);
	}
}

static void each_node(nse_text_fn fn, void *ctx, const struct nse_path *p)
{
	for (size_t i = 0; i < p->n; i++) {
		give(fn, ctx, NSE_TEXT_PATH, p->name, p->nodes[i].when);
		give(fn, ctx, NSE_TEXT_PATH, p->name, p->nodes[i].what);
	}
}

void nse_each_text(nse_text_fn fn, void *ctx)
{
	static const struct nse_path *const parts[] = {
		&nse_path_copy_namespaces, &nse_path_create, &nse_path_copy_creds,
		&nse_path_create_user_ns, &nse_path_drop_nsproxy};
	struct nse_entry e;

	for (int i = 0; i < NSE_LABEL_COUNT; i++)
		give(fn, ctx, NSE_TEXT_LABEL, "labels", nse_label((enum nse_label)i));
	for (size_t i = 0; i < nse_kfn_count; i++)
		give(fn, ctx, NSE_TEXT_FUNCTION, nse_kfns[i].name, nse_kfn_text(&nse_kfns[i]));
	for (int f = 1; f < NSL_FNS; f++)
		for (int o = 0; o < NSM_OUTCOMES; o++)
			give(fn, ctx, NSE_TEXT_OUTCOME, nsm_outcome_name((enum nsm_outcome)o),
			     nse_outcome((enum nsl_fn)f, (enum nsm_outcome)o));
	for (size_t i = 0; i < nse_errno_topics.n; i++)
		give(fn, ctx, NSE_TEXT_ERRNO, nse_errno_topics.rows[i].name,
		     nse_errno_topics.rows[i].text);
	each_failure(fn, ctx, nse_by_step, nse_by_step_count);
	each_failure(fn, ctx, nse_by_call, nse_by_call_count);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		each_node(fn, ctx, parts[i]);
	for (size_t i = 0; i < nse_path_count; i++)
		each_node(fn, ctx, nse_paths[i]);
	for (size_t i = 0; nse_entry_at(i, &e); i++) {
		if (!e.topic || e.kind == NSE_ERRNO)
			continue;
		give(fn, ctx, NSE_TEXT_TOPIC, e.name, e.topic->text);
		for (size_t k = 0; k < NSE_NOTES; k++)
			give(fn, ctx, NSE_TEXT_TOPIC, e.name, e.topic->notes[k].text);
	}
}
