// SPDX-License-Identifier: GPL-2.0-only
/* A few words about one step, from a table of functions and a table of outcomes. */
#include "explain.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

/* What a function that ran was for. Copies and installs speak through their outcome. */
static const char *const does[NSL_FNS] = {
	[NSL_FN_copy_namespaces] = "chose between sharing the nsproxy and making a new one",
	[NSL_FN_unshare_nsproxy_namespaces] = "checked CAP_SYS_ADMIN and had a new nsproxy made",
	[NSL_FN_create_new_namespaces] = "filled a new nsproxy, not visible yet",
	[NSL_FN_switch_task_namespaces] = "pointed the task to its new nsproxy",
	[NSL_FN_commit_creds] = "made the new credentials valid, with their user namespace",
	[NSL_FN_exec_task_namespaces] = "applied a pending time namespace",
	[NSL_FN_exit_task_namespaces] = "took the nsproxy away from the task",
	[NSL_FN_exit_nsproxy_namespaces] = "took the nsproxy away from the task",
	[NSL_FN_free_nsproxy] = "put every namespace of an nsproxy without users",
	[NSL_FN_nsproxy_ns_active_put] = "an nsproxy without users gave up its namespaces",
	[NSL_FN_put_nsset] = "dropped the private nsproxy of setns",
	[NSL_FN_zap_pid_ns_processes] = "killed whoever was left in the pid namespace",
};

/* Installs whose effect is not the plain one. */
static const char *const installs[NSL_FNS] = {
	[NSL_FN_mntns_install] = "in the private nsproxy, and root and working directory with it",
	[NSL_FN_pidns_install] = "in the private nsproxy, for children only",
	[NSL_FN_timens_install] = "in the private nsproxy, for the task and its children",
	[NSL_FN_userns_install] = "in the prepared credentials",
	[NSL_FN_switch_task_namespaces] = "the task now uses it",
	[NSL_FN_commit_creds] = "the task's credentials now name it",
	[NSL_FN_exec_task_namespaces] = "the new program now uses it",
	[NSL_FN_copy_namespaces] = "the child uses it",
};

static const char *const outcomes[NSM_OUTCOMES] = {
	[NSM_CREATED] = "a new one",
	[NSM_SHARED] = "1 more reference on the old one",
	[NSM_INSTALLED] = "in the private nsproxy",
	[NSM_DONE] = "ran",
	[NSM_FAILED] = "failed",
	[NSM_UNDONE] = "put again",
	[NSM_NOT_REACHED] = "an earlier step failed first",
};

const char *nse_step(const struct nsm_call *call, const struct nsm_step *step, nse_kernel kernel,
		     char *buf, size_t size)
{
	const char *words = NULL;
	struct nse_text t;
	bool named = step->fn < NSL_FNS;

	(void)kernel;
	nse_text_init(&t, buf, size);
	if (step->outcome == NSM_FAILED) {
		const char *name = step->err ? nsm_errno_name(step->err) : NULL;

		if (name)
			nse_add(&t, "%s", name);
		else
			nse_add(&t, step->err ? "errno %d" : "failed", step->err);
		return buf;
	}
	if (named && step->outcome == NSM_INSTALLED)
		words = installs[step->fn];
	if (named && step->outcome == NSM_DONE)
		words = does[step->fn];
	if (step->outcome == NSM_SHARED && step->fn == NSL_FN_copy_namespaces)
		words = "1 more reference on the parent's nsproxy";
	if (step->outcome == NSM_UNDONE && call->syscall == NSL_SYS_SETNS)
		words = "put with the private nsproxy";
	if (!words)
		words = (unsigned int)step->outcome < NSM_OUTCOMES ? outcomes[step->outcome] : "?";
	nse_add(&t, "%s", words);
	if (step->outcome == NSM_CREATED && step->owner.inum && step->fn != NSL_FN_create_user_ns)
		nse_add(&t, ", owned by user:[%" PRIu32 "]", step->owner.inum);
	if (step->unborn)
		nse_add(&t, " (for the child)");
	return buf;
}
