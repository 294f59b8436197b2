// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* The 256-colour neighbours of the palette: mnt 009E73, uts E69F00, ipc 56B4E9, … */
static const char *const sgr[NSV_COLOURS] = {
	[NSL_MNT] = "38;5;36",	 [NSL_UTS] = "38;5;178",  [NSL_IPC] = "38;5;74",
	[NSL_PID] = "38;5;166",	 [NSL_NET] = "38;5;32",	  [NSL_CGROUP] = "38;5;175",
	[NSL_TIME] = "38;5;244", [NSL_USER] = "38;5;227", [NSV_DIM] = "2",
	[NSV_BOLD] = "1",	 [NSV_RED] = "31",
};

static void paint(struct nsv *v, unsigned int colour, const char *text, size_t len)
{
	const char *code = colour < NSV_COLOURS ? sgr[colour] : NULL;

	if (!v->options.colour)
		code = NULL;
	if (code)
		nsv_buf_printf(&v->buf, "\033[%sm", code);
	nsv_buf_add(&v->buf, text, len);
	if (code)
		nsv_buf_str(&v->buf, "\033[0m");
}

static void spaces(struct nsv *v, int n)
{
	for (int i = 0; i < n; i++)
		nsv_buf_add(&v->buf, " ", 1);
}

void nsv_flow_begin(struct nsv_flow *f, struct nsv *v, int first, int indent)
{
	*f = (struct nsv_flow){
		.v = v,
		.indent = indent,
		.column = first,
		.fresh = true,
		.wrap = v->options.width > 0,
	};
	spaces(v, first);
}

void nsv_flow_begin_line(struct nsv_flow *f, struct nsv *v)
{
	nsv_flow_begin(f, v, 0, 0);
	f->wrap = false;
}

static void trim(struct nsv_buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
}

static void new_line(struct nsv_flow *f)
{
	trim(&f->v->buf);
	nsv_buf_add(&f->v->buf, "\n", 1);
	spaces(f->v, f->indent);
	f->column = f->indent;
	f->fresh = true;
}

/* A word that no line can hold is broken between characters. */
static void put_broken(struct nsv_flow *f, unsigned int colour, const char *text)
{
	while (*text) {
		int room = f->v->options.width - f->column, used = 0;
		const char *end = text;

		while (*end) {
			uint32_t point;
			int len = nsv_utf8_next(end, &point);
			int columns = len ? nsv_utf8_columns(point) : 1;

			if (used + columns > room && end != text)
				break;
			used += columns;
			end += len ? len : 1;
		}
		paint(f->v, colour, text, (size_t)(end - text));
		f->column += used;
		f->fresh = false;
		text = end;
		if (*text)
			new_line(f);
	}
}

void nsv_flow_word(struct nsv_flow *f, int gap, unsigned int colour, const char *text)
{
	int columns = nsv_utf8_width(text), width = f->v->options.width;

	if (!*text)
		return;
	if (f->fresh)
		gap = 0;
	if (f->wrap && !f->fresh && f->column + gap + columns > width) {
		new_line(f);
		gap = 0;
	}
	spaces(f->v, gap);
	f->column += gap;
	if (f->wrap && f->column + columns > width && width > f->indent) {
		put_broken(f, colour, text);
		return;
	}
	paint(f->v, colour, text, strlen(text));
	f->column += columns;
	f->fresh = false;
}

void nsv_flow_text(struct nsv_flow *f, const char *text, size_t lead, unsigned int colour)
{
	const char *start = text;
	char word[128];

	while (*text) {
		size_t len = strcspn(text, " ");

		if (len >= sizeof(word))
			len = sizeof(word) - 1;
		memcpy(word, text, len);
		word[len] = '\0';
		nsv_flow_word(f, text > start && text[-1] == ' ',
			      (size_t)(text - start) < lead ? colour : NSV_PLAIN, word);
		text += len;
		text += strspn(text, " ");
	}
}

void nsv_flow_tab(struct nsv_flow *f, int column)
{
	/* a narrow terminal has no columns: what follows is set apart by its gap alone */
	if (f->column < column && (!f->wrap || column + 20 <= f->v->options.width)) {
		spaces(f->v, column - f->column);
		f->column = column;
		f->fresh = true; /* the gap stands already */
	}
}

void nsv_flow_end(struct nsv_flow *f)
{
	trim(&f->v->buf);
	nsv_buf_add(&f->v->buf, "\n", 1);
}

const char *nsv_duration(const struct nsv *v, int64_t ns, char buf[NSV_WORD])
{
	static const struct {
		double unit;
		const char *name, *ascii;
	} units[] = {{1e3, "µs", "us"}, {1e6, "ms", "ms"}, {1e9, "s", "s"}};
	double value = (double)ns;
	size_t i = 0;

	if (ns < 0)
		return strcpy(buf, "?");
	if (ns < 1000) {
		snprintf(buf, NSV_WORD, "%d ns", (int)ns);
		return buf;
	}
	/* the limits are those of rounding to three digits: 999.5 µs is 1.00 ms */
	while (i + 1 < sizeof(units) / sizeof(units[0]) && value / units[i].unit >= 999.5)
		i++;
	value /= units[i].unit;
	snprintf(buf, NSV_WORD, "%.*f %s",
		 value < 9.995	 ? 2
		 : value < 99.95 ? 1
				 : 0,
		 value, v->utf8 ? units[i].name : units[i].ascii);
	return buf;
}

const char *nsv_moment(const struct nsv *v, uint64_t ts, char buf[NSV_WORD])
{
	int64_t ns = nsv_since_start(v, ts);
	double value = (double)ns;

	if (ns > -1000000000 && ns < 1000000000)
		snprintf(buf, NSV_WORD, "%+.3f ms", value / 1e6);
	else
		snprintf(buf, NSV_WORD, "%+.6f s", value / 1e9);
	return buf;
}

const char *nsv_ns_name(enum nsl_type type, uint32_t inum, char buf[NSV_WORD])
{
	if (inum)
		snprintf(buf, NSV_WORD, "%s:[%" PRIu32 "]", nsm_type_name(type), inum);
	else
		snprintf(buf, NSV_WORD, "%s:[?]", nsm_type_name(type));
	return buf;
}

const char *nsv_nsproxy_name(uint64_t id, char buf[NSV_WORD])
{
	snprintf(buf, NSV_WORD, "nsproxy#%" PRIu64, id);
	return buf;
}

const char *nsv_safe(const struct nsv *v, const char *text, char *buf, size_t size)
{
	return nsv_utf8_safe(text, v->utf8, buf, size);
}

const char *nsv_arrow(const struct nsv *v)
{
	return v->utf8 ? "→" : "->";
}

const char *nsv_rule(const struct nsv *v)
{
	return v->utf8 ? "──" : "--";
}
