// SPDX-License-Identifier: GPL-2.0-only
#include "redact.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/fields.h"
#include "pseudonym.h"

#define YEAR_2000 UINT64_C(946684800000000000)

struct store_redact {
	struct pseudonym p;
	union {
		struct nsl_head head;
		char bytes[UINT16_MAX + 1];
	} event;
};

struct store_redact *store_redact_new(const char *key)
{
	struct store_redact *r = calloc(1, sizeof(*r));

	if (r && pseudonym_init(&r->p, key)) {
		free(r);
		return NULL;
	}
	return r;
}

void store_redact_free(struct store_redact *r)
{
	free(r);
}

/* "6.1.0-13-acme" is 6.1.0: the rest is somebody's own name for it. */
static void cut_release(char *release)
{
	release[strspn(release, "0123456789.")] = '\0';
}

void store_redact_meta(struct store_redact *r, struct store_meta *m)
{
	uint64_t id = pseudonym_hash(&r->p, m->boot_id, strlen(m->boot_id));

	cut_release(m->release);
	snprintf(m->boot_id, sizeof(m->boot_id), "%08x-0000-4000-8000-%012llx",
		 (unsigned int)(id >> 32), (unsigned long long)(id & 0xffffffff));
	m->wall_ns = YEAR_2000;
	snprintf(m->what, sizeof(m->what), "the whole machine");
	if (*m->because)
		snprintf(m->because, sizeof(m->because), "replaced by --redact");
	for (int type = 0; type < NSL_TYPES; type++)
		m->initial[type] = pseudonym_inum(&r->p, m->initial[type]);
}

static void view(struct pseudonym *p, struct nsl_view *v)
{
	v->ns_pid = pseudonym_pid(p, v->ns_pid);
	v->ns_tid = pseudonym_pid(p, v->ns_tid);
	for (int slot = 0; slot < NSL_SLOTS; slot++)
		v->slot[slot].inum = pseudonym_inum(p, v->slot[slot].inum);
}

static void number(struct pseudonym *p, const struct nsm_field *f, char *at)
{
	uint64_t wide;
	uint32_t n;

	if (f->bytes == 8) {
		memcpy(&wide, at, sizeof(wide));
		wide = pseudonym_id(p, wide);
		memcpy(at, &wide, sizeof(wide));
		return;
	}
	memcpy(&n, at, sizeof(n));
	if (f->sense == NSM_PID)
		n = pseudonym_pid(p, n);
	else if (f->sense == NSM_UID)
		n = pseudonym_uid(p, n);
	else
		n = pseudonym_inum(p, n);
	memcpy(at, &n, sizeof(n));
}

/* What clone and fork return is a pid. */
static void result(struct pseudonym *p, struct nsl_call_end *e)
{
	bool born = e->syscall >= NSL_SYS_CLONE && e->syscall <= NSL_SYS_VFORK;

	if (born && e->ret > 0 && e->ret <= INT32_MAX)
		e->ret = pseudonym_pid(p, (uint32_t)e->ret);
}

static void text(struct pseudonym *p, char *at, size_t size)
{
	char to[NSL_TEXT_LEN] = "";

	if (size > sizeof(to))
		size = sizeof(to);
	pseudonym_text(p, at, strnlen(at, size), to, size - 1);
	memcpy(at, to, size);
}

static void tail(struct store_redact *r, const struct nsl_head *from, size_t at)
{
	const char *path = (const char *)from + at;
	size_t length = strnlen(path, from->size - at);

	if (from->size <= at)
		return;
	length = pseudonym_text(&r->p, path, length, r->event.bytes + at, UINT16_MAX - at - 8);
	r->event.bytes[at + length] = '\0';
	r->event.head.size = (__u16)(at + length + 1);
}

static void field(struct store_redact *r, const struct nsm_field *f, const struct nsl_head *from)
{
	char *at = r->event.bytes + f->at;

	if (f->form == NSM_REF) {
		struct nsl_ref *ref = (struct nsl_ref *)(void *)at;

		ref->inum = pseudonym_inum(&r->p, ref->inum);
	} else if (f->form == NSM_VIEW) {
		view(&r->p, (struct nsl_view *)(void *)at);
	} else if (f->form == NSM_TAIL) {
		tail(r, from, f->at);
	} else if (f->sense == NSM_COMM) {
		char comm[NSL_COMM_LEN];

		pseudonym_comm(&r->p, at, NSL_COMM_LEN, comm);
		memcpy(at, comm, sizeof(comm));
	} else if (f->form == NSM_TEXT && f->sense == NSM_PLAIN) {
		memset(at, 0, f->bytes); /* nothing stands there, or what nobody knows */
	} else if (f->form == NSM_TEXT) {
		text(&r->p, at, f->bytes);
	} else if (f->sense == NSM_RESULT) {
		result(&r->p, (struct nsl_call_end *)(void *)r->event.bytes);
	} else if (f->sense != NSM_PLAIN) {
		number(&r->p, f, at);
	}
}

/* "0 100000 65536": inside and count are of no machine in particular. */
static void id_map(struct pseudonym *p, const char *from, char to[NSL_TEXT_LEN])
{
	size_t n = 0;

	memset(to, 0, NSL_TEXT_LEN);
	for (unsigned int word = 0; *from && n + 12 < NSL_TEXT_LEN; word++) {
		char *end;
		unsigned long id = strtoul(from, &end, 10);

		if (end == from)
			return;
		if (word % 3 == 1)
			id = pseudonym_uid(p, (uint32_t)id);
		n += (size_t)snprintf(to + n, NSL_TEXT_LEN - n, "%lu", id);
		from = end;
		while (*from && !isdigit((unsigned char)*from) && n + 12 < NSL_TEXT_LEN)
			to[n++] = *from++ == ',' ? ',' : ' ';
	}
}

/* What its numbers and texts are depends on what was done. */
static void milestone(struct pseudonym *p, const struct nsl_milestone *from,
		      struct nsl_milestone *m)
{
	char lines[NSL_TEXT_LEN + 1];

	memcpy(lines, from->text, NSL_TEXT_LEN);
	lines[NSL_TEXT_LEN] = '\0';
	switch (m->what) {
	case NSL_MILESTONE_uid_map:
	case NSL_MILESTONE_gid_map:
	case NSL_MILESTONE_projid_map:
		id_map(p, lines, m->text);
		break;
	case NSL_MILESTONE_setuid:
		m->detail[0] = pseudonym_uid(p, (uint32_t)m->detail[0]);
		m->detail[1] = pseudonym_uid(p, (uint32_t)m->detail[1]);
		break;
	case NSL_MILESTONE_cgroup_attach:
		m->detail[0] = pseudonym_id(p, m->detail[0]);
		break;
	default:
		break;
	}
}

const struct nsl_head *store_redact_event(struct store_redact *r, const struct nsl_head *event)
{
	const struct nsm_layout *l = nsm_layout(event->kind);

	if (!l || !nsm_layout_fits(l, event))
		return NULL;
	memcpy(r->event.bytes, event, l->size);
	for (size_t i = 0; i < nsm_nhead_fields; i++)
		field(r, &nsm_head_fields[i], event);
	for (size_t i = 0; i < l->nfields; i++)
		field(r, &l->fields[i], event);
	if (event->kind == NSL_EV_MILESTONE)
		milestone(&r->p, (const struct nsl_milestone *)(const void *)event,
			  (struct nsl_milestone *)(void *)r->event.bytes);
	r->event.bytes[r->event.head.size] = '\0';
	return &r->event.head;
}
