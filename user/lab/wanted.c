// SPDX-License-Identifier: GPL-2.0-only
#include "wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWEST 999999

struct expansion {
	struct lab_wanted *out;
	int n;
	unsigned int kernel;
	char *why;
	size_t size;
};

/* The order of create_new_namespaces(), with the function that undoes each. */
static const struct {
	enum nsl_type type;
	enum nsl_fn copy, put;
} copies[] = {
	{NSL_MNT, NSL_FN_copy_mnt_ns, NSL_FN_put_mnt_ns},
	{NSL_UTS, NSL_FN_copy_utsname, NSL_FN_put_uts_ns},
	{NSL_IPC, NSL_FN_copy_ipcs, NSL_FN_put_ipc_ns},
	{NSL_PID, NSL_FN_copy_pid_ns, NSL_FN_put_pid_ns},
	{NSL_CGROUP, NSL_FN_copy_cgroup_ns, NSL_FN_put_cgroup_ns},
	{NSL_NET, NSL_FN_copy_net_ns, NSL_FN_put_net},
	{NSL_TIME, NSL_FN_copy_time_ns, NSL_FN_NONE},
};
#define NCOPIES ((int)(sizeof(copies) / sizeof(*copies)))

static const enum nsl_fn installs[NSL_TYPES] = {
	[NSL_MNT] = NSL_FN_mntns_install,	[NSL_UTS] = NSL_FN_utsns_install,
	[NSL_IPC] = NSL_FN_ipcns_install,	[NSL_PID] = NSL_FN_pidns_install,
	[NSL_CGROUP] = NSL_FN_cgroupns_install, [NSL_NET] = NSL_FN_netns_install,
	[NSL_TIME] = NSL_FN_timens_install,	[NSL_USER] = NSL_FN_userns_install,
};

static bool add(struct expansion *x, enum nsl_fn fn, enum nsm_outcome outcome, int err)
{
	if (x->n >= LAB_MAX_WANTED) {
		snprintf(x->why, x->size, "more than %d steps", LAB_MAX_WANTED);
		return false;
	}
	x->out[x->n++] = (struct lab_wanted){fn, outcome, err};
	return true;
}

/* "uts,net" -> bits; false when a word is no type */
static bool types(struct expansion *x, const char *list, unsigned int *bits)
{
	*bits = 0;
	while (*list) {
		char name[16];
		size_t n = strcspn(list, ", ");
		int type;

		snprintf(name, sizeof(name), "%.*s", (int)(n < 15 ? n : 15), list);
		type = lab_type(name);
		if (type < 0) {
			snprintf(x->why, x->size,
				 "'%s' is no type of namespace; write mnt, uts, ipc, pid, cgroup, "
				 "net, time or user",
				 name);
			return false;
		}
		*bits |= 1u << type;
		list += n;
		list += strspn(list, ", ");
	}
	return true;
}

static bool create(struct expansion *x, const char *arg)
{
	unsigned int made;

	if (!types(x, arg, &made) || !add(x, NSL_FN_create_new_namespaces, NSM_DONE, 0))
		return false;
	for (int i = 0; i < NCOPIES; i++)
		if (!add(x, copies[i].copy, made & 1u << copies[i].type ? NSM_CREATED : NSM_SHARED,
			 0))
			return false;
	return true;
}

/* "pid EINVAL" or "uts ENOSPC mnt" */
static bool fail(struct expansion *x, const char *arg)
{
	char type[16] = "", name[24] = "", list[64] = "";
	unsigned int made;
	int at = 0, err;

	sscanf(arg, "%15s %23s %63s", type, name, list);
	while (at < NCOPIES && strcmp(nsm_type_name(copies[at].type), type) != 0)
		at++;
	err = lab_errno(name);
	if (at == NCOPIES || err < 0) {
		snprintf(x->why, x->size,
			 "'fail(%.60s)': write fail(TYPE ERRNO) or fail(TYPE ERRNO TYPES), as in "
			 "fail(uts ENOSPC mnt)",
			 arg);
		return false;
	}
	if (!types(x, list, &made) || !add(x, NSL_FN_create_new_namespaces, NSM_FAILED, err))
		return false;
	for (int i = 0; i < at; i++)
		if (!add(x, copies[i].copy, made & 1u << copies[i].type ? NSM_CREATED : NSM_SHARED,
			 0))
			return false;
	if (!add(x, copies[at].copy, NSM_FAILED, err))
		return false;
	for (int i = at - 1; i >= 0; i--)
		if (!add(x, copies[i].put, NSM_UNDONE, 0))
			return false;
	return true;
}

static bool install(struct expansion *x, const char *arg)
{
	int type = lab_type(arg);

	if (type < 0) {
		snprintf(x->why, x->size,
			 "'install(%.40s)': write install(TYPE), as in install(uts)", arg);
		return false;
	}
	return add(x, installs[type], NSM_INSTALLED, 0);
}

static bool switch_over(struct expansion *x)
{
	/* 6.12 has it inlined into exec_task_namespaces() */
	if (x->kernel / 1000 == 6 && x->kernel % 1000 == 12)
		for (int i = 0; i < x->n; i++)
			if (x->out[i].fn == NSL_FN_exec_task_namespaces)
				return true;
	return add(x, NSL_FN_switch_task_namespaces, NSM_INSTALLED, 0);
}

static bool release(struct expansion *x, enum nsm_outcome outcome)
{
	return add(x, x->kernel >= 6019 ? NSL_FN_nsproxy_ns_active_put : NSL_FN_free_nsproxy,
		   outcome, 0);
}

/* 0: no short form, 1: done, -1: wrong */
static int short_form(struct expansion *x, const char *word)
{
	char name[16] = "", arg[128] = "";
	bool ok;

	if (sscanf(word, "%15[a-z](%127[^)])", name, arg) >= 1 && strchr(word, '(')) {
		if (!strcmp(name, "create"))
			return create(x, arg) ? 1 : -1;
		if (!strcmp(name, "fail"))
			return fail(x, arg) ? 1 : -1;
		if (!strcmp(name, "install"))
			return install(x, arg) ? 1 : -1;
	}
	if (!strcmp(word, "N"))
		ok = add(x, NSL_FN_copy_namespaces, NSM_DONE, 0);
	else if (!strcmp(word, "U"))
		ok = add(x, NSL_FN_unshare_nsproxy_namespaces, NSM_DONE, 0);
	else if (!strcmp(word, "S"))
		ok = switch_over(x);
	else if (!strcmp(word, "free"))
		ok = release(x, NSM_DONE);
	else if (!strcmp(word, "undo"))
		/* from 6.19 its release is inline, and touches no active count */
		ok = add(x, NSL_FN_put_nsset, NSM_UNDONE, 0) &&
		     (x->kernel >= 6019 || add(x, NSL_FN_free_nsproxy, NSM_UNDONE, 0));
	else if (!strcmp(word, "unborn"))
		ok = add(x,
			 x->kernel >= 6019 ? NSL_FN_exit_nsproxy_namespaces
					   : NSL_FN_exit_task_namespaces,
			 NSM_UNDONE, 0) &&
		     release(x, NSM_UNDONE);
	else
		return 0;
	return ok ? 1 : -1;
}

/* "copy_pid_ns failed EINVAL" */
static bool full_form(struct expansion *x, const char *word)
{
	char fn[48] = "", outcome[24] = "", name[24] = "", rest[8] = "";
	int n = sscanf(word, "%47s %23s %23s %7s", fn, outcome, name, rest);
	int f = lab_fn(fn), o = lab_outcome(outcome), err = 0;

	if (f <= 0) {
		snprintf(x->why, x->size,
			 "'%.48s' is neither a function that is followed nor a short form; the "
			 "short forms are N, U, S, create(), fail(), install(), undo, unborn, free",
			 fn);
		return false;
	}
	if (n < 2 || n > 3 || o < 0 || o == NSM_NOT_REACHED) {
		snprintf(x->why, x->size,
			 "'%.60s': after the function write created, shared, installed, done, "
			 "failed ERRNO or undone",
			 word);
		return false;
	}
	if (n == 3 && (o != NSM_FAILED || (err = lab_errno(name)) < 0)) {
		snprintf(x->why, x->size, "'%.60s': %s", word,
			 o == NSM_FAILED ? "no errno has this name"
					 : "an errno belongs to 'failed' alone");
		return false;
	}
	return add(x, (enum nsl_fn)f, (enum nsm_outcome)o, err);
}

int lab_wanted(const struct lab_words *words, unsigned int kernel, struct lab_wanted *out,
	       char *why, size_t size)
{
	struct expansion x = {out, 0, kernel ? kernel : NEWEST, why, size};

	for (size_t i = 0; i < words->n; i++) {
		int done = short_form(&x, words->word[i]);

		if (done < 0 || (!done && !full_form(&x, words->word[i])))
			return -1;
	}
	return x.n;
}
