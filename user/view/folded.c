// SPDX-License-Identifier: GPL-2.0-only
/*
 * Folded stacks, one a line: COMM;CALL;FUNCTION;… NANOSECONDS, each with the time that
 * is its own and not of a frame above it. flamegraph.pl, inferno and speedscope read it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export_internal.h"

struct stack {
	uint64_t ns;
	UT_hash_handle hh;
	char text[];
};

/* A frame: no separator, no white space but a plain space, ASCII. */
static size_t put_frame(char *to, size_t size, size_t n, const char *text)
{
	if (n && n + 1 < size)
		to[n++] = ';';
	for (const unsigned char *p = (const unsigned char *)text; *p && n + 5 < size; p++) {
		if (*p > 0x20 && *p < 0x7f && *p != ';' && *p != '\\')
			to[n++] = (char)*p;
		else
			n += (size_t)snprintf(to + n, size - n, "\\x%02x", *p);
	}
	to[n] = '\0';
	return n;
}

static void add(struct nsv_export *x, const char *text, size_t length, uint64_t ns)
{
	struct stack *all = x->own, *s;

	HASH_FIND(hh, all, text, length, s);
	if (!s) {
		s = calloc(1, sizeof(*s) + length + 1);
		if (!s) {
			x->err = -ENOMEM;
			return;
		}
		memcpy(s->text, text, length);
		HASH_ADD_KEYPTR(hh, all, s->text, length, s);
		if (!HASH_HAS(hh, s)) {
			free(s);
			x->err = -ENOMEM;
			return;
		}
		x->own = all;
	}
	s->ns += ns;
}

static void folded_call(struct nsv_export *x, struct nsv_track *t, const struct nsm_call *call,
			const struct nsv_span *spans, size_t n)
{
	size_t lengths[NSV_MAX_SPANS], length;
	char text[1024];

	(void)t;
	length = put_frame(text, sizeof(text), 0, *call->comm ? call->comm : "?");
	length = put_frame(text, sizeof(text), length, nsm_syscall_name(call->syscall));
	if (call->err)
		length = put_frame(text, sizeof(text), length,
				   nsm_errno_name(call->err) ? nsm_errno_name(call->err) : "error");
	lengths[0] = length;
	for (size_t i = 0; i < n; i++) {
		uint64_t self = nsv_span_self(spans, n, i);

		if (i)
			lengths[i] = put_frame(text, sizeof(text), lengths[spans[i].parent],
					       nsm_fn_name(spans[i].step->fn));
		if (self)
			add(x, text, lengths[i], self);
	}
}

static int by_text(struct stack *a, struct stack *b)
{
	return strcmp(a->text, b->text);
}

static void folded_end(struct nsv_export *x, const struct nsv_end *end)
{
	struct stack *all = x->own;

	(void)end;
	HASH_SORT(all, by_text);
	x->own = all;
	for (struct stack *s = all; s; s = s->hh.next) {
		nsv_buf_printf(&x->buf, "%s %" PRIu64 "\n", s->text, s->ns);
		nsv_export_write(x, false);
	}
}

static void folded_free(struct nsv_export *x)
{
	struct stack *all = x->own, *s, *next;

	HASH_ITER (hh, all, s, next) {
		HASH_DEL(all, s);
		free(s);
	}
	x->own = NULL;
}

const struct nsv_format_ops nsv_folded_ops = {
	.call = folded_call,
	.end = folded_end,
	.free = folded_free,
};
