/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch -i FILE: a recording is played again, in its own time, faster, or call by call.
 * Long silences are cut short.
 */
#ifndef NSLENS_WATCH_RECORDED_H
#define NSLENS_WATCH_RECORDED_H

#include "../model/graph.h"
#include "../model/model.h"
#include "../store/reader.h"

struct replay;

/* NULL with `e` filled. `speed`: times as fast as it was. It begins with the first poll. */
struct replay *replay_open(const char *path, unsigned int speed, struct nsl_error *e);
void replay_close(struct replay *r);

const struct store_meta *replay_meta(const struct replay *r);
const struct nsg *replay_graph(const struct replay *r);

/*
 * Applies what has happened until now to the graph and to `model`; `now` is in ns of any
 * clock that goes on. The number of events, or -1 with `e` filled.
 */
int replay_poll(struct replay *r, struct nsm *model, uint64_t now, struct nsl_error *e);

/* Space, '.', '<' and '>'. False: it is no key of the replay's. */
bool replay_key(struct replay *r, int key);

/* Where it is: CLOCK_MONOTONIC of the recording, and in words. */
uint64_t replay_position(const struct replay *r);
void replay_words(const struct replay *r, char *buf, size_t size);
bool replay_ended(const struct replay *r);

#endif
