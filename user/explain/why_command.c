// SPDX-License-Identifier: GPL-2.0-only
/*
 * What to type for a keeper to go. A command is whole or there is none: a path
 * that was cut off would name something else.
 */
#include <inttypes.h>
#include <string.h>

#include "why_internal.h"

#define MAX_KILLED 24

/* A word for a shell, in printable ASCII: as it is, in '…', or in $'…' with escapes. */
static void put_quoted(struct nse_text *t, const char *word)
{
	bool plain = *word != '\0', printable = true;

	for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
		printable &= *p >= 0x20 && *p < 0x7f && *p != '\'';
		plain &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			 (*p >= '0' && *p <= '9') || strchr("/._-+:@,=%", *p);
	}
	if (plain && printable) {
		nse_add(t, "%s", word);
		return;
	}
	if (printable) {
		nse_add(t, "'%s'", word);
		return;
	}
	nse_add(t, "$'");
	for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
		if (*p == '\'' || *p == '\\')
			nse_add(t, "\\%c", *p);
		else if (*p >= 0x20 && *p < 0x7f)
			nse_add(t, "%c", *p);
		else
			nse_add(t, "\\%03o", *p); /* three digits: what follows is apart */
	}
	nse_add(t, "'");
}

/* pid 1 of a pid namespace heeds no SIGTERM that it did not ask for. */
static bool put_kill(struct nse_text *t, const struct nse_keeper *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->nwho; i++) {
		/* ending the machine's own init or a kernel thread is no remedy */
		if (k->who[i].pid <= 1 || k->who[i].kthread)
			return false;
		n++;
	}
	if (!n || n > MAX_KILLED)
		return false;
	if (k->who[0].init)
		nse_add(t, "kill -KILL");
	else
		nse_add(t, "kill");
	for (size_t i = 0; i < k->nwho; i++)
		nse_add(t, " %" PRIu32, k->who[i].pid);
	return true;
}

/* The end of pid 1 is the end of everybody in its pid namespace. */
static bool put_end(struct nse_text *t, const struct nse_why *w, const struct nse_keeper *k)
{
	if (w->ns.type == NSL_PID && k->kind == NSE_HOLD_MEMBERS && k->nwho && k->who[0].init &&
	    !k->who[0].kthread) {
		nse_add(t, "kill -KILL %" PRIu32, k->who[0].pid);
		return true;
	}
	return put_kill(t, k);
}

/* `ip netns` made it, most likely: that removes the empty file below it, too. */
static const char *netns_name(const struct nse_why *w, const struct nse_keeper *k)
{
	static const char dir[] = "/run/netns/";
	const char *path = k->path;

	if (w->ns.type != NSL_NET || k->kind != NSE_HOLD_MOUNT || !k->here || !path)
		return NULL;
	if (!strncmp(path, "/var/", 5))
		path += 4;
	if (strncmp(path, dir, sizeof(dir) - 1))
		return NULL;
	path += sizeof(dir) - 1;
	/* what `ip` would take for something else; "…//deleted" */
	return *path && *path != '-' && *path != '.' && !strchr(path, '/') ? path : NULL;
}

static bool put_umount(struct nse_text *t, const struct nse_why *w, const struct nse_keeper *k)
{
	const char *netns = netns_name(w, k);

	if (!k->path || (!k->here && !k->via.pid && !k->via_path))
		return false;
	if (netns) {
		nse_add(t, "ip netns del ");
		put_quoted(t, netns);
		return true;
	}
	if (!k->here && k->via.pid) {
		nse_add(t, "nsenter -t %" PRIu32 " -m ", k->via.pid);
	} else if (!k->here) {
		nse_add(t, "nsenter --mount=");
		put_quoted(t, k->via_path);
		nse_add(t, " ");
	}
	nse_add(t, "umount ");
	put_quoted(t, k->path);
	return true;
}

const char *nse_keeper_command(const struct nse_why *w, const struct nse_keeper *k, char *buf,
			       size_t size)
{
	struct nse_text t;
	bool some = false;

	nse_text_init(&t, buf, size);
	switch (k->todo) {
	case NSE_TODO_END:
	case NSE_TODO_CLOSE:
		some = !w->context.foreign_pids && put_end(&t, w, k);
		break;
	case NSE_TODO_REAP:
		if (!w->context.foreign_pids && k->parent.pid > 1) {
			nse_add(&t, "kill %s%" PRIu32, k->parent.init ? "-KILL " : "",
				k->parent.pid);
			some = true;
		}
		break;
	case NSE_TODO_UNMOUNT:
		if (w->context.foreign_pids && !k->here)
			break;
		some = put_umount(&t, w, k);
		break;
	case NSE_TODO_FIRST:
		if (k->ns.inum) {
			nse_add(&t, "nslens why '");
			why_put_ns(&t, &k->ns);
			nse_add(&t, "'");
			some = true;
		}
		break;
	default:
		break;
	}
	return some && t.len + 1 < size ? buf : NULL;
}
