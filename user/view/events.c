// SPDX-License-Identifier: GPL-2.0-only
#include "events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/fields.h"
#include "json.h"

#define EXACT (UINT64_C(1) << 53)
#define BLOCK (64u << 10)

bool nsv_events_init(struct nsv_events *x, FILE *out)
{
	*x = (struct nsv_events){.out = out, .buf = calloc(1, sizeof(*x->buf))};
	return x->buf;
}

void nsv_events_free(struct nsv_events *x)
{
	if (x->buf)
		free(x->buf->data);
	free(x->buf);
	x->buf = NULL;
}

static void write_out(struct nsv_events *x)
{
	if (x->buf->failed && !x->err)
		x->err = -ENOMEM;
	if (!x->err && fwrite(x->buf->data, 1, x->buf->len, x->out) != x->buf->len)
		x->err = errno ? -errno : -EIO;
	x->buf->len = 0;
	x->buf->failed = false;
}

static void line_end(struct nsv_events *x)
{
	nsv_buf_add(x->buf, "}\n", 2);
	if (x->buf->len >= BLOCK)
		write_out(x);
}

int nsv_events_flush(struct nsv_events *x)
{
	if (x->buf->len)
		write_out(x);
	if (!x->err && fflush(x->out))
		x->err = -errno;
	return x->err;
}

/* ---- values: there are many, so they are put together by hand ---- */

static void put_number(struct nsv_buf *b, uint64_t n)
{
	char text[24];
	size_t at = sizeof(text);
	bool quote = n > EXACT;

	if (quote)
		text[--at] = '"';
	do {
		text[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	if (quote)
		text[--at] = '"';
	nsv_buf_add(b, text + at, sizeof(text) - at);
}

static void put_signed(struct nsv_buf *b, int64_t n)
{
	uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	if (n < 0 && size > EXACT) {
		nsv_buf_printf(b, "\"%lld\"", (long long)n);
		return;
	}
	if (n < 0)
		nsv_buf_add(b, "-", 1);
	put_number(b, size);
}

/* One character a byte. */
static void put_bytes(struct nsv_buf *b, const unsigned char *text, size_t len)
{
	nsv_buf_add(b, "\"", 1);
	for (size_t i = 0, run; i < len; i += run + (i + run < len)) {
		for (run = 0; i + run < len; run++) {
			unsigned char c = text[i + run];

			if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<')
				break;
		}
		nsv_buf_add(b, (const char *)text + i, run);
		if (i + run < len)
			nsv_buf_printf(b, "\\u%04x", text[i + run]);
	}
	nsv_buf_add(b, "\"", 1);
}

static void put_ref(struct nsv_buf *b, const struct nsl_ref *r)
{
	put_number(b, r->obj);
	nsv_buf_add(b, ",", 1);
	put_number(b, r->inum);
}

static bool is_zero(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* [id, inode number], or with the zero behind them where that is none */
static void put_ref_array(struct nsv_buf *b, const struct nsl_ref *r)
{
	nsv_buf_add(b, "[", 1);
	put_ref(b, r);
	if (r->zero) {
		nsv_buf_add(b, ",", 1);
		put_number(b, r->zero);
	}
	nsv_buf_add(b, "]", 1);
}

/* [nsproxy, count, pid level, ns_pid, ns_tid, id and inode number of each slot …] */
static void put_view(struct nsv_buf *b, const struct nsl_view *v)
{
	const uint32_t numbers[] = {v->nsproxy_count, v->pid_level, v->ns_pid, v->ns_tid};

	nsv_buf_add(b, "[", 1);
	put_number(b, v->nsproxy);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		nsv_buf_add(b, ",", 1);
		put_number(b, numbers[i]);
	}
	for (int slot = 0; slot < NSL_SLOTS; slot++) {
		nsv_buf_add(b, ",", 1);
		put_ref(b, &v->slot[slot]);
	}
	nsv_buf_add(b, "]", 1);
}

static void put_integer(struct nsv_buf *b, const struct nsm_field *f, const char *at)
{
	uint64_t wide = 0;
	int32_t narrow;

	memcpy(&wide, at, f->bytes > sizeof(wide) ? sizeof(wide) : f->bytes);
	if (f->bytes == 1)
		wide = *(const uint8_t *)at;
	else if (f->bytes == 2)
		wide = *(const uint16_t *)(const void *)at;
	else if (f->bytes == 4)
		wide = *(const uint32_t *)(const void *)at;
	if (f->form == NSM_UNSIGNED) {
		put_number(b, wide);
		return;
	}
	memcpy(&narrow, at, sizeof(narrow));
	put_signed(b, f->bytes == 4 ? narrow : (int64_t)wide);
}

static void put_field(struct nsv_buf *b, const struct nsm_field *f, const struct nsl_head *event)
{
	const char *at = (const char *)event + f->at;
	size_t len = f->form == NSM_TAIL ? (size_t)event->size - f->at : f->bytes;

	/* an empty tail of one NUL is something else than none */
	if (f->form == NSM_TAIL ? !len : is_zero(at, len))
		return;
	nsv_buf_add(b, ",\"", 2);
	nsv_buf_str(b, f->name);
	nsv_buf_add(b, "\":", 2);
	switch (f->form) {
	case NSM_REF:
		put_ref_array(b, (const struct nsl_ref *)(const void *)at);
		break;
	case NSM_VIEW:
		put_view(b, (const struct nsl_view *)(const void *)at);
		break;
	case NSM_TEXT:
		while (len && !at[len - 1])
			len--;
		put_bytes(b, (const unsigned char *)at, len);
		break;
	case NSM_TAIL:
		put_bytes(b, (const unsigned char *)at, len - 1);
		break;
	default:
		put_integer(b, f, at);
	}
}

/* What no table tells goes as it is. */
static bool needs_raw(const struct nsm_layout *l, const struct nsl_head *event)
{
	const struct nsm_field *f = l ? l->fields : NULL;

	if (!l || !nsm_layout_fits(l, event))
		return true;
	for (size_t i = 0; i < l->nfields; i++) {
		const struct nsl_view *v = (const void *)((const char *)event + f[i].at);

		for (int slot = 0; f[i].form == NSM_VIEW && slot < NSL_SLOTS; slot++)
			if (v->slot[slot].zero)
				return true;
	}
	return false;
}

static void put_raw(struct nsv_buf *b, const struct nsl_head *event)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = (const unsigned char *)event;

	nsv_buf_str(b, ",\"raw\":\"");
	for (size_t i = 0; i < event->size; i++)
		nsv_buf_add(b, (char[]){digits[bytes[i] >> 4], digits[bytes[i] & 15]}, 2);
	nsv_buf_add(b, "\"", 1);
}

static void put_event(struct nsv_events *x, const struct nsl_head *event)
{
	const struct nsm_layout *l = nsm_layout(event->kind);

	if (needs_raw(l, event)) {
		put_raw(x->buf, event);
		line_end(x);
		return;
	}
	nsv_buf_str(x->buf, ",\"kind\":\"");
	nsv_buf_str(x->buf, l->name);
	nsv_buf_add(x->buf, "\"", 1);
	for (size_t i = 0; i < nsm_nhead_fields; i++)
		put_field(x->buf, &nsm_head_fields[i], event);
	for (size_t i = 0; i < l->nfields; i++)
		put_field(x->buf, &l->fields[i], event);
	line_end(x);
}

/* ---- lines ---- */

void nsv_events_event(struct nsv_events *x, uint64_t seq, const struct nsl_head *event)
{
	nsv_buf_str(x->buf, "{\"type\":\"event\",\"seq\":");
	put_number(x->buf, seq);
	put_event(x, event);
}

void nsv_events_row(struct nsv_events *x, const struct nsl_head *row)
{
	nsv_buf_str(x->buf, "{\"type\":\"row\"");
	put_event(x, row);
}

void nsv_events_keyframe(struct nsv_events *x, uint64_t seq, const struct nsg_totals *totals)
{
	struct nsv_json j = {.buf = x->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "keyframe");
	nsv_json_u64(&j, "seq", seq);
	nsv_json_u64(&j, "events", totals->events);
	nsv_json_u64(&j, "lost", totals->lost);
	nsv_json_u64(&j, "gaps", totals->gaps);
	nsv_json_u64(&j, "snapshots", totals->snapshots);
	line_end(x);
}

/* Hostile text of the start, byte by byte too. */
static void put_text(struct nsv_json *j, const char *key, const char *text)
{
	if (!text) {
		nsv_json_null(j, key);
		return;
	}
	nsv_buf_printf(j->buf, ",\"%s\":", key);
	put_bytes(j->buf, (const unsigned char *)text, strlen(text));
}

void nsv_events_start(struct nsv_events *x, const struct nsv_start *start)
{
	struct nsv_json j = {.buf = x->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "recording");
	nsv_json_str(&j, "schema", NSV_EVENTS_SCHEMA);
	nsv_json_u64(&j, "event_version", NSL_EVENT_VERSION);
	put_text(&j, "version", start->version);
	put_text(&j, "kernel", start->release);
	nsv_json_u64(&j, "kernel_number", start->kernel);
	put_text(&j, "boot_id", start->boot_id);
	nsv_json_u64(&j, "monotonic", start->mono_ns);
	nsv_json_u64(&j, "wall_clock", start->wall_ns);
	put_text(&j, "traces", start->what);
	nsv_json_bool(&j, "steps", start->steps);
	nsv_json_open(&j, "initial", '{');
	for (int type = 0; type < NSL_TYPES; type++)
		nsv_json_u64(&j, nsm_type_name((enum nsl_type)type), start->initial[type]);
	nsv_json_close(&j, '}');
	nsv_json_open(&j, "hooks", '[');
	for (size_t i = 0; i < start->nfacts; i++) {
		nsv_json_open(&j, NULL, '{');
		nsv_json_str(&j, "fact", start->facts[i].fact);
		nsv_json_str(&j, "mechanism", start->facts[i].mechanism);
		nsv_json_str(&j, "lost", start->facts[i].lost);
		nsv_json_close(&j, '}');
	}
	nsv_json_close(&j, ']');
	line_end(x);
}

void nsv_events_end(struct nsv_events *x, const struct nsv_events_end *end)
{
	struct nsv_json j = {.buf = x->buf};

	nsv_json_open(&j, NULL, '{');
	nsv_json_str(&j, "type", "end");
	nsv_json_u64(&j, "ended", end->ended);
	nsv_json_u64(&j, "forks", end->forks);
	nsv_json_u64(&j, "missed", end->missed);
	put_text(&j, "because", end->because);
	line_end(x);
}
