// SPDX-License-Identifier: GPL-2.0-only
#include "graph_markup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

const struct nsv_colours nsv_palette[NSL_TYPES] = {
	[NSL_MNT] = {"#009E73", "#000000"},  [NSL_UTS] = {"#E69F00", "#000000"},
	[NSL_IPC] = {"#56B4E9", "#000000"},  [NSL_PID] = {"#D55E00", "#000000"},
	[NSL_NET] = {"#0072B2", "#ffffff"},  [NSL_CGROUP] = {"#CC79A7", "#000000"},
	[NSL_TIME] = {"#7A7A7A", "#000000"}, [NSL_USER] = {"#F0E442", "#000000"},
};

/* Calls `put` for each character of a safe text. */
static void each(struct nsv *v, const char *text,
		 void (*put)(struct nsv *v, uint32_t point, const char *bytes, size_t len))
{
	while (*text) {
		uint32_t point;
		int len = nsv_utf8_next(text, &point);

		if (!len) /* nsv_safe() lets nothing else through */
			break;
		/* no characters of XML, which Graphviz makes too */
		if (point == 0xfffe || point == 0xffff)
			put(v, 0xfffd, "\xef\xbf\xbd", 3);
		else
			put(v, point, text, (size_t)len);
		text += len;
	}
}

static void put_xml(struct nsv *v, uint32_t point, const char *bytes, size_t len)
{
	switch (point) {
	case '&':
		nsv_buf_str(&v->buf, "&amp;");
		break;
	case '<':
		nsv_buf_str(&v->buf, "&lt;");
		break;
	case '>':
		nsv_buf_str(&v->buf, "&gt;");
		break;
	case '"':
		nsv_buf_str(&v->buf, "&quot;");
		break;
	case '\'':
		nsv_buf_str(&v->buf, "&#39;");
		break;
	default:
		nsv_buf_add(&v->buf, bytes, len);
	}
}

void nsv_put_xml(struct nsv *v, const char *text)
{
	char safe[2048];

	each(v, nsv_safe(v, text, safe, sizeof(safe)), put_xml);
}

void nsv_put_xml_safe(struct nsv *v, const char *text)
{
	each(v, text, put_xml);
}

static void put_dot(struct nsv *v, uint32_t point, const char *bytes, size_t len)
{
	if (point == '"' || point == '\\')
		nsv_buf_str(&v->buf, "\\");
	if (point == '&') /* Graphviz reads entities */
		nsv_buf_str(&v->buf, "&amp;");
	else
		nsv_buf_add(&v->buf, bytes, len);
}

void nsv_put_dot(struct nsv *v, const char *text)
{
	char safe[2048];

	each(v, nsv_safe(v, text, safe, sizeof(safe)), put_dot);
}

static void put_mermaid(struct nsv *v, uint32_t point, const char *bytes, size_t len)
{
	bool plain = (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') ||
		     (point >= 'A' && point <= 'Z') || point > 0x9f ||
		     (point < 0x80 && strchr(" .,:/-+()", (int)point));

	if (plain)
		nsv_buf_add(&v->buf, bytes, len);
	else
		nsv_buf_printf(&v->buf, "#%" PRIu32 ";", point);
}

void nsv_put_mermaid(struct nsv *v, const char *text)
{
	char safe[2048];

	each(v, nsv_safe(v, text, safe, sizeof(safe)), put_mermaid);
}

void nsv_line_text(const struct nsv_line *line, size_t most, char *buf, size_t size)
{
	struct nsv_folded fold;
	char rest[NSV_WORD], container[NSV_NAMES];

	nsv_fold_names(line, most, "×", &fold);
	snprintf(buf, size, "%s%s%s", fold.names, nsv_fold_rest(&fold, true, true, rest),
		 nsv_fold_container(line, container));
}

void nsv_ns_text(const struct nsg_ns *ns, char *buf, size_t size)
{
	char name[NSV_WORD], owner[NSV_WORD], level[NSV_WORD] = "", refs[NSV_WORD] = "";

	if (ns->details && (ns->type == NSL_PID || ns->type == NSL_USER))
		snprintf(level, sizeof(level), ", level %u", ns->level);
	if (ns->refs != NSL_COUNT_UNKNOWN && ns->active != NSL_COUNT_UNKNOWN)
		snprintf(refs, sizeof(refs), ", refs %" PRIu32 ", active %" PRIu32, ns->refs,
			 ns->active);
	else if (ns->refs != NSL_COUNT_UNKNOWN)
		snprintf(refs, sizeof(refs), ", refs %" PRIu32, ns->refs);
	snprintf(buf, size, "%s%s, id %" PRIu64 "%s%s%s%s", nsv_ns_name(ns->type, ns->inum, name),
		 ns->initial ? " (initial)" : "", ns->id, level, refs, ns->owner ? ", owner " : "",
		 ns->owner ? nsv_ns_name(NSL_USER, ns->owner->inum, owner) : "");
}
