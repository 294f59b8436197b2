// SPDX-License-Identifier: GPL-2.0-only
#include "explain_recorded.h"

#include <errno.h>
#include <inttypes.h>

#include "recorded.h"

struct wanted {
	uint64_t number;
	bool all, found, no_path;
	struct nsv *v;
	const struct nsv_explain *explain;
	struct nsm *model;
	int err;
};

static void on_call(void *ctx, const struct nsm_call *call)
{
	struct wanted *w = ctx;
	struct nse_place rows[NSE_WALK_MAX];
	size_t n;

	if (call->number != w->number)
		return;
	w->found = true;
	n = nse_path_of_call(call, w->explain->kernel, rows, NSE_WALK_MAX);
	w->no_path = !n;
	if (n)
		nsv_explain_call(w->v, w->explain, rows, n < NSE_WALK_MAX ? n : NSE_WALK_MAX,
				 w->all);
}

static bool feed(void *ctx, uint64_t seq, const struct nsl_head *event)
{
	struct wanted *w = ctx;

	(void)seq;
	w->err = nsm_feed(w->model, event);
	return !w->err && !w->found;
}

int explain_recorded(const char *path, uint64_t number, bool all, struct nsv *v,
		     struct nsv_explain *o, struct nsl_error *e)
{
	struct wanted w = {.number = number, .all = all, .v = v, .explain = o};
	struct nsm_sink sink = {.ctx = &w, .call = on_call};
	struct store_reader *r = recorded_open("explain", path, e);
	int err;

	if (!r)
		return -1;
	o->kernel = store_meta_of(r)->kernel;
	w.model = nsm_new(&sink);
	if (!w.model) {
		store_reader_close(r);
		return nsl_error_set(e, "out of memory");
	}
	nsm_set_kernel(w.model, o->kernel);
	err = store_read(r, 0, feed, &w, e);
	if (!err && w.err)
		err = nsl_error_set(e, "%s",
				    w.err == -ENOMEM ? "out of memory"
						     : "the recording is damaged: an event in it "
						       "is none");
	if (!err && !w.found)
		nsm_finish(w.model);
	if (!err && !w.found)
		err = nsl_error_set(e,
				    "--call %" PRIu64 ": the recording has %" PRIu64
				    " calls; nslens trace -i FILE numbers them",
				    number, nsm_counts(w.model)->calls);
	if (!err && w.no_path)
		err = nsl_error_set(e,
				    "--call %" PRIu64 ": what system call it was is not known: "
				    "it was cut off",
				    number);
	nsm_free(w.model);
	store_reader_close(r);
	return err;
}
