// SPDX-License-Identifier: GPL-2.0-only
#include "checkpoint.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct checkpoint {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake, idle;
	bool wanted, busy, stop;
};

static void *work(void *arg)
{
	struct checkpoint *c = arg;
	sqlite3 *db = NULL;
	bool open = !sqlite3_open_v2(
		c->path, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE, NULL);

	/* SQLite knows of no WAL, and moves nothing, until the file has been read once */
	if (open)
		open = !sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		if (!c->wanted) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		c->wanted = false;
		c->busy = true;
		pthread_mutex_unlock(&c->lock);
		/* an error shows again, and is told, where the recorder writes */
		if (open)
			sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		pthread_mutex_lock(&c->lock);
		c->busy = false;
		pthread_cond_signal(&c->idle);
	}
	pthread_mutex_unlock(&c->lock);
	sqlite3_close(db);
	return NULL;
}

struct checkpoint *checkpoint_start(const char *path)
{
	struct checkpoint *c = calloc(1, sizeof(*c));
	sigset_t all, mask;
	int err;

	if (!c)
		return NULL;
	c->path = strdup(path);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	pthread_cond_init(&c->idle, NULL);
	/* signals are the recorder's */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &mask);
	err = c->path ? pthread_create(&c->thread, NULL, work, c) : -1;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (!err)
		return c;
	free(c->path);
	free(c);
	return NULL;
}

void checkpoint_look(struct checkpoint *c)
{
	pthread_mutex_lock(&c->lock);
	c->wanted = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void checkpoint_wait(struct checkpoint *c)
{
	pthread_mutex_lock(&c->lock);
	c->wanted = false;
	while (c->busy)
		pthread_cond_wait(&c->idle, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

void checkpoint_stop(struct checkpoint *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->wake);
	pthread_cond_destroy(&c->idle);
	free(c->path);
	free(c);
}
