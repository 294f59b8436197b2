// SPDX-License-Identifier: GPL-2.0-only
/* The file that is to be written: nobody else's, and by one recorder at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema.h"
#include "writer_internal.h"

static bool is_recording(int fd)
{
	static const unsigned char magic[16] = "SQLite format 3";
	unsigned char head[72];

	return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       !memcmp(head, magic, sizeof(magic)) &&
	       ((unsigned int)head[68] << 24 | (unsigned int)head[69] << 16 |
		(unsigned int)head[70] << 8 | head[71]) == STORE_APPLICATION_ID;
}

bool store_is_recording(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool is = fd >= 0 && is_recording(fd);

	if (fd >= 0)
		close(fd);
	return is;
}

/* An empty file is nothing, but its owner would have what is written, and could change it. */
static int may_replace(const struct store_writer *w, struct nsl_error *e)
{
	struct stat st;

	if (w->made)
		return 0;
	if (fstat(w->lock_fd, &st))
		return nsl_error_set(e, "cannot write %s: %s", w->path, strerror(errno));
	if (st.st_uid != geteuid())
		return nsl_error_set(e,
				     "%s belongs to user %u: it is left alone; name another file "
				     "with -o",
				     w->path, (unsigned int)st.st_uid);
	if (!st.st_size)
		return 0;
	if (!is_recording(w->lock_fd))
		return nsl_error_set(e,
				     "%s exists and is no recording: it is left alone; name "
				     "another file with -o",
				     w->path);
	if (!w->options.replace)
		return nsl_error_set(e,
				     "%s exists: replace that recording with --force, or name "
				     "another file with -o",
				     w->path);
	return 0;
}

static int lock_file(struct store_writer *w, struct nsl_error *e)
{
	struct stat st;

	w->lock_fd = open(w->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	w->made = w->lock_fd >= 0;
	if (!w->made && errno == EEXIST)
		w->lock_fd = open(w->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (w->lock_fd < 0)
		return nsl_error_set(e, "cannot write %s: %s%s", w->path, strerror(errno),
				     errno == ELOOP ? " (it is a symbolic link)" : "");
	if (fstat(w->lock_fd, &st) || !S_ISREG(st.st_mode))
		return nsl_error_set(e, "%s is no regular file: name another with -o", w->path);
	w->dev = st.st_dev;
	w->ino = st.st_ino;
	if (flock(w->lock_fd, LOCK_EX | LOCK_NB))
		return nsl_error_set(e,
				     "%s is being written by another nslens record: end that "
				     "one, or name another file with -o",
				     w->path);
	return 0;
}

/* The rest of an older recording, and of one that was killed. */
static int clear_file(struct store_writer *w, struct nsl_error *e)
{
	static const char *const rest[] = {"-wal", "-shm", "-journal"};
	char *name;

	if (ftruncate(w->lock_fd, 0))
		return nsl_error_set(e, "cannot write %s: %s", w->path, strerror(errno));
	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		if (asprintf(&name, "%s%s", w->path, rest[i]) < 0)
			return nsl_error_set(e, "out of memory");
		unlink(name);
		free(name);
	}
	return 0;
}

int writer_take_file(struct store_writer *w, struct nsl_error *e)
{
	return lock_file(w, e) || may_replace(w, e) || clear_file(w, e) ? -1 : 0;
}
