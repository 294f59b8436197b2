/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A call of a recording has one number, whoever tells it and whatever is left out: that of the
 * model which sees every event. A view that sees only some is given those numbers.
 */
#ifndef NSLENS_CALL_NUMBERS_H
#define NSLENS_CALL_NUMBERS_H

#include "../model/model.h"

struct call_numbers;

/* `kernel`: see nsm_set_kernel(). NULL: out of memory. */
struct call_numbers *call_numbers_new(unsigned int kernel);
void call_numbers_free(struct call_numbers *n);

/* Every event, before the view's own model is fed with it; as nsm_feed(), -ENOMEM also later. */
int call_numbers_feed(struct call_numbers *n, const struct nsl_head *event);

/* As nsm_finish(), before the view's own model is finished. */
int call_numbers_finish(struct call_numbers *n);

/* For the view's own model: what it tells goes to `inner` with the right numbers. */
struct nsm_sink call_numbers_sink(struct call_numbers *n, const struct nsm_sink *inner);

#endif
