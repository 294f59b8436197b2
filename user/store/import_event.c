// SPDX-License-Identifier: GPL-2.0-only
#include "import_event.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/fields.h"

/* Not fields of an event: what kind of line it is. */
static const char *const envelope[] = {"type", "seq", "kind", "raw"};

int import_u64(const json_t *value, uint64_t *number)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*number = (uint64_t)json_integer_value(value);
		return 0;
	}
	if (!text || !isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno || (size_t)(end - text) != json_string_length(value) ? -1 : 0;
}

int import_i64(const json_t *value, int64_t *number)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_integer(value)) {
		*number = json_integer_value(value);
		return 0;
	}
	if (!text || !(isdigit((unsigned char)*text) || *text == '-'))
		return -1;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno || (size_t)(end - text) != json_string_length(value) ? -1 : 0;
}

/* jansson has checked that it is UTF-8. */
int import_bytes(const json_t *value, char *to, size_t size, size_t *length)
{
	const unsigned char *p = (const unsigned char *)json_string_value(value);
	size_t len = json_string_length(value), n = 0;

	if (!p)
		return -1;
	for (size_t i = 0; i < len; n++) {
		if (n == size)
			return -1;
		if (p[i] < 0x80) {
			to[n] = (char)p[i++];
		} else if ((p[i] == 0xc2 || p[i] == 0xc3) && i + 1 < len) {
			to[n] = (char)((p[i] & 3) << 6 | (p[i + 1] & 0x3f));
			i += 2;
		} else {
			return -1; /* no byte has this number */
		}
	}
	*length = n;
	return 0;
}

static int take_integer(const struct nsm_field *f, const json_t *value, char *at)
{
	uint64_t wide;
	int64_t whole;

	if (f->form == NSM_SIGNED) {
		if (import_i64(value, &whole) ||
		    (f->bytes == 4 && (whole < INT32_MIN || whole > INT32_MAX)))
			return -1;
		wide = (uint64_t)whole;
	} else if (import_u64(value, &wide) || (f->bytes < 8 && wide >> (8 * f->bytes))) {
		return -1;
	}
	if (f->bytes == 1)
		memcpy(at, &(uint8_t){(uint8_t)wide}, 1);
	else if (f->bytes == 2)
		memcpy(at, &(uint16_t){(uint16_t)wide}, 2);
	else if (f->bytes == 4)
		memcpy(at, &(uint32_t){(uint32_t)wide}, 4);
	else
		memcpy(at, &wide, 8);
	return 0;
}

static int take_u32(const json_t *value, uint32_t *to)
{
	uint64_t wide;

	if (import_u64(value, &wide) || wide > UINT32_MAX)
		return -1;
	*to = (uint32_t)wide;
	return 0;
}

static int take_ref(const json_t *array, size_t first, struct nsl_ref *r)
{
	uint64_t obj;

	if (import_u64(json_array_get(array, first), &obj) ||
	    take_u32(json_array_get(array, first + 1), &r->inum))
		return -1;
	r->obj = obj;
	return 0;
}

static int take_ref_array(const json_t *array, struct nsl_ref *r)
{
	size_t n = json_array_size(array);

	if (n != 2 && n != 3)
		return -1;
	if (n == 3 && take_u32(json_array_get(array, 2), &r->zero))
		return -1;
	return take_ref(array, 0, r);
}

static int take_view(const json_t *array, struct nsl_view *v)
{
	uint32_t *const numbers[] = {&v->nsproxy_count, &v->pid_level, &v->ns_pid, &v->ns_tid};
	size_t n = sizeof(numbers) / sizeof(*numbers);
	uint64_t nsproxy;

	if (json_array_size(array) != 1 + n + 2 * (size_t)NSL_SLOTS ||
	    import_u64(json_array_get(array, 0), &nsproxy))
		return -1;
	v->nsproxy = nsproxy;
	for (size_t i = 0; i < n; i++)
		if (take_u32(json_array_get(array, 1 + i), numbers[i]))
			return -1;
	for (size_t slot = 0; slot < NSL_SLOTS; slot++)
		if (take_ref(array, 1 + n + 2 * slot, &v->slot[slot]))
			return -1;
	return 0;
}

static int take_field(const struct nsm_field *f, const json_t *value, struct import_event *event)
{
	char *at = event->bytes + f->at;
	size_t length;

	switch (f->form) {
	case NSM_REF:
		return take_ref_array(value, (struct nsl_ref *)(void *)at);
	case NSM_VIEW:
		return take_view(value, (struct nsl_view *)(void *)at);
	case NSM_TEXT:
		return import_bytes(value, at, f->bytes, &length);
	case NSM_TAIL:
		if (import_bytes(value, at, UINT16_MAX - f->at - 1u, &length))
			return -1;
		at[length] = '\0';
		event->head.size = (__u16)(f->at + length + 1);
		return 0;
	default:
		return take_integer(f, value, at);
	}
}

static const struct nsm_field *find_field(const struct nsm_layout *l, const char *name)
{
	for (size_t i = 0; i < l->nfields; i++)
		if (!strcmp(l->fields[i].name, name))
			return &l->fields[i];
	for (size_t i = 0; i < nsm_nhead_fields; i++)
		if (!strcmp(nsm_head_fields[i].name, name))
			return &nsm_head_fields[i];
	return NULL;
}

static bool is_envelope(const char *name)
{
	for (size_t i = 0; i < sizeof(envelope) / sizeof(*envelope); i++)
		if (!strcmp(name, envelope[i]))
			return true;
	return false;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int take_raw(const json_t *raw, struct import_event *event, struct nsl_error *e)
{
	const char *text = json_string_value(raw);
	size_t n = json_string_length(raw) / 2;

	if (!text || json_string_length(raw) % 2 || n < sizeof(event->head) || n > UINT16_MAX)
		return nsl_error_set(e, "'raw' is not the bytes of an event");
	for (size_t i = 0; i < n; i++) {
		int high = hex(text[2 * i]), low = hex(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return nsl_error_set(e, "'raw' is not written in hexadecimal digits");
		event->bytes[i] = (char)(high << 4 | low);
	}
	if (event->head.size != n)
		return nsl_error_set(e, "'raw' has %zu bytes, and says %u", n, event->head.size);
	return 0;
}

int import_event(const json_t *object, struct import_event *event, struct nsl_error *e)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	const json_t *raw = json_object_get(object, "raw");
	const struct nsm_layout *l;
	const char *name;
	json_t *value;

	if (raw)
		return take_raw(raw, event, e);
	l = kind ? nsm_layout(nsm_kind_named(kind)) : NULL;
	if (!l)
		return nsl_error_set(e, "'kind' is missing, or unknown to this nslens");
	memset(event->bytes, 0, l->size);
	event->head.size = (__u16)l->size;
	event->head.kind = (__u8)nsm_kind_named(kind);
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		const struct nsm_field *f = is_envelope(name) ? NULL : find_field(l, name);

		if (!f && !is_envelope(name))
			return nsl_error_set(e, "'%.40s' is no member of a %s", name, l->name);
		if (f && take_field(f, value, event))
			return nsl_error_set(e, "'%s' of a %s is not what it should be", name,
					     l->name);
	}
	return 0;
}
