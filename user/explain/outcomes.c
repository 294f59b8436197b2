// SPDX-License-Identifier: GPL-2.0-only
/* What the outcome of a step means, by the kind of its function. */
#include "functions.h"

enum group {
	NOBODY,
	COPY,
	DOOR,	 /* copy_namespaces, unshare_nsproxy_namespaces */
	BUILDER, /* create_new_namespaces */
	USER,	 /* create_user_ns */
	INSTALL,
	SWITCH,
	CREDS,
	EXEC,
	EXIT,
	RELEASE, /* free_nsproxy and its successor */
	NSSET,
	ZAP,
	PUT,
	GROUPS,
};

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): sentences longer than a line */
static const char *const texts[GROUPS][NSM_OUTCOMES] = {
	[COPY] =
		{
			[NSM_CREATED] =
				"Its CLONE_NEW* flag was set: it made a new namespace, owned by "
				"the user namespace of the credentials that asked.",
			[NSM_SHARED] = "Its CLONE_NEW* flag was not set: the slot names the old "
				       "namespace, which counts one more reference.",
			[NSM_FAILED] = "It refused or could not make the namespace: "
				       "create_new_namespaces() gives up here.",
			[NSM_NOT_REACHED] = "A copy before it failed, so it never ran.",
		},
	[DOOR] =
		{
			[NSM_SHARED] =
				"No new nsproxy was needed: the child uses that of its parent.",
			[NSM_DONE] = "It permitted the work and a new nsproxy stands ready.",
			[NSM_INSTALLED] = "The child uses the new nsproxy.",
			[NSM_CREATED] = "It permitted the work and a new nsproxy stands ready.",
			[NSM_FAILED] =
				"It refused, or a function inside it failed: no namespace changes.",
			[NSM_NOT_REACHED] = "A step before it failed, so it never ran.",
		},
	[BUILDER] =
		{
			[NSM_DONE] = "A new nsproxy is filled. Nobody uses it yet.",
			[NSM_FAILED] =
				"One of its copies failed, or there was no memory: what was made "
				"before was put again.",
			[NSM_NOT_REACHED] = "A step before it failed, so it never ran.",
		},
	[USER] =
		{
			[NSM_CREATED] =
				"A new user namespace stands in the new credentials, with every "
				"capability over it.",
			[NSM_FAILED] = "The user namespace was refused, so nothing else is made.",
			[NSM_NOT_REACHED] = "A step before it failed, so it never ran.",
		},
	[INSTALL] =
		{
			[NSM_INSTALLED] =
				"The checks passed: the private copy names the target. The task "
				"itself has not changed yet.",
			[NSM_FAILED] =
				"It refused the target: setns gives up, and nothing changes.",
			[NSM_NOT_REACHED] = "An install before it failed, so it never ran.",
		},
	[SWITCH] =
		{
			[NSM_INSTALLED] = "The task uses the new nsproxy from here on.",
			[NSM_DONE] = "The task gave up its nsproxy.",
			[NSM_UNDONE] = "The child that never ran gave up its nsproxy.",
			[NSM_NOT_REACHED] =
				"Something before it failed: the task keeps its nsproxy.",
		},
	[CREDS] =
		{
			[NSM_INSTALLED] =
				"The new credentials are valid, and their user namespace with "
				"them.",
			[NSM_NOT_REACHED] =
				"Something before it failed: the task keeps its credentials.",
		},
	[EXEC] =
		{
			[NSM_DONE] = "It looked for a pending time namespace and entered it if "
				     "there was "
				     "one.",
			[NSM_FAILED] =
				"It had no memory for the nsproxy; the old program is gone, so the "
				"task is killed.",
		},
	[EXIT] =
		{
			[NSM_DONE] =
				"The task has no nsproxy any more; others see no namespaces of it.",
			[NSM_UNDONE] =
				"A clone failed after copy_namespaces(): the parent takes the "
				"nsproxy away from the child that never ran.",
		},
	[RELEASE] =
		{
			[NSM_DONE] = "The old nsproxy had no other user: its references are put.",
			[NSM_UNDONE] = "The nsproxy that this call had made goes again, with the "
				       "namespaces that only it held.",
		},
	[NSSET] =
		{
			[NSM_DONE] = "What setns prepared has gone over to the task.",
			[NSM_UNDONE] = "What setns prepared is dropped: the task is as before.",
		},
	[ZAP] =
		{
			[NSM_DONE] = "Every other process of the pid namespace was killed and "
				     "waited for.",
		},
	[PUT] =
		{
			[NSM_UNDONE] = "A later step failed, so the reference is put: a namespace "
				       "that was "
				       "new dies, a shared one counts one less.",
		},
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

static enum group group_of(enum nsl_fn fn)
{
	if (fn >= NSL_FN_copy_mnt_ns && fn <= NSL_FN_copy_time_ns)
		return COPY;
	if (fn >= NSL_FN_mntns_install && fn <= NSL_FN_userns_install)
		return INSTALL;
	if (fn >= NSL_FN_put_mnt_ns && fn < NSL_FNS)
		return PUT;
	switch (fn) {
	case NSL_FN_copy_namespaces:
	case NSL_FN_unshare_nsproxy_namespaces:
		return DOOR;
	case NSL_FN_create_new_namespaces:
		return BUILDER;
	case NSL_FN_create_user_ns:
		return USER;
	case NSL_FN_switch_task_namespaces:
		return SWITCH;
	case NSL_FN_commit_creds:
		return CREDS;
	case NSL_FN_exec_task_namespaces:
		return EXEC;
	case NSL_FN_exit_task_namespaces:
	case NSL_FN_exit_nsproxy_namespaces:
		return EXIT;
	case NSL_FN_free_nsproxy:
	case NSL_FN_nsproxy_ns_active_put:
		return RELEASE;
	case NSL_FN_put_nsset:
		return NSSET;
	case NSL_FN_zap_pid_ns_processes:
		return ZAP;
	default:
		return NOBODY;
	}
}

const char *nse_outcome(enum nsl_fn fn, enum nsm_outcome outcome)
{
	return (unsigned int)outcome < NSM_OUTCOMES ? texts[group_of(fn)][outcome] : NULL;
}

unsigned int nse_outcomes(enum nsl_fn fn)
{
	unsigned int set = 0;

	for (int outcome = 0; outcome < NSM_OUTCOMES; outcome++)
		if (nse_outcome(fn, (enum nsm_outcome)outcome))
			set |= 1u << outcome;
	return set;
}
