// SPDX-License-Identifier: GPL-2.0-only
/* The path of a real call: which rows it took, where it left, what it does not show. */
#define _GNU_SOURCE 1
#include "../../user/explain/paths.h"
#include "../../user/view/explain.h"
#include "view_calls.h"
#include "view_check.h"

static struct nse_place rows[NSE_WALK_MAX];
static size_t nrows;

static void walk(const struct nsm_call *call, nse_kernel kernel)
{
	nrows = nse_path_of_call(call, kernel, rows, NSE_WALK_MAX);
}

static size_t count(enum nse_mark mark)
{
	size_t n = 0;

	for (size_t i = 0; i < nrows; i++)
		n += rows[i].mark == mark;
	return n;
}

/* The mark of the first row in `fn` whose condition, effect or name has these words. */
static enum nse_mark mark(const char *fn, const char *words)
{
	for (size_t i = 0; i < nrows; i++) {
		const struct nse_node *node = rows[i].node;

		if (!rows[i].fn || strcmp(rows[i].fn->name, fn))
			continue;
		if (!words ? node->kind == NSE_FN
			   : (node->when && strstr(node->when, words)) ||
				     (node->what && strstr(node->what, words)))
			return rows[i].mark;
	}
	return NSE_MARKS;
}

static void is(struct checks *c, const char *name, const char *fn, const char *words,
	       enum nse_mark want)
{
	enum nse_mark got = mark(fn, words);

	check(c, name, got == want, "%s %s: %s, not %s", fn, words ? words : "", nse_mark_name(got),
	      nse_mark_name(want));
}

static void success_with_steps(struct checks *c)
{
	struct unshare_story s;

	unshare_three(&s);
	walk(&s.call, 6012);
	is(c, "unshare: entry", "ksys_unshare", NULL, NSE_TAKEN);
	is(c, "unshare: NEWNS implies FS", "ksys_unshare", "CLONE_NEWNS", NSE_TAKEN);
	is(c, "unshare: no NEWUSER", "ksys_unshare", "CLONE_NEWUSER", NSE_NOT_TAKEN);
	is(c, "unshare: no user namespace", "create_user_ns", "chrooted", NSE_NOT_TAKEN);
	is(c, "unshare: uts made", "copy_utsname", "everything could be had", NSE_TAKEN);
	is(c, "unshare: uts not shared", "copy_utsname", "is not set", NSE_NOT_TAKEN);
	is(c, "unshare: ipc shared", "copy_ipcs", "is not set", NSE_TAKEN);
	is(c, "unshare: ipc not made", "copy_ipcs", "everything could be had", NSE_NOT_TAKEN);
	is(c, "unshare: check passed", "unshare_nsproxy_namespaces", "CAP_SYS_ADMIN", NSE_PASSED);
	is(c, "unshare: switched", "switch_task_namespaces", NULL, NSE_TAKEN);
	is(c, "unshare: nothing undone", "ksys_unshare", "something failed", NSE_NOT_TAKEN);
	check(c, "unshare: nowhere left", !count(NSE_LEFT_HERE) && !count(NSE_MAY_BE_HERE), " ");
	check(c, "unshare: every row is marked", !count(NSE_UNMARKED) && nrows > 60, "%zu", nrows);
}

static void failure_with_steps(struct checks *c)
{
	struct failure_story s;

	unshare_refused(&s);
	walk(&s.call, 6012);
	check(c, "refused: left at one place", count(NSE_LEFT_HERE) == 1, "%zu",
	      count(NSE_LEFT_HERE));
	is(c, "refused: pid is pending", "copy_pid_ns", "one is pending", NSE_LEFT_HERE);
	is(c, "refused: another reason is not it", "copy_pid_ns", "the future owner",
	   NSE_NOT_REACHED);
	is(c, "refused: uts had been made", "copy_utsname", "everything could be had", NSE_TAKEN);
	is(c, "refused: net not reached", "copy_net_ns", NULL, NSE_NOT_REACHED);
	is(c, "refused: no switch", "switch_task_namespaces", NULL, NSE_NOT_REACHED);
	is(c, "refused: around it", "create_new_namespaces", NULL, NSE_TAKEN);
}

static void without_steps(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_CLONE, NSL_NEWUTS | 17);

	fail(&call, EPERM);
	walk(&call, 6012);
	is(c, "clone EPERM: left", "copy_namespaces", "CAP_SYS_ADMIN", NSE_LEFT_HERE);
	is(c, "clone EPERM: nothing made", "copy_utsname", NULL, NSE_NOT_REACHED);
	is(c, "clone EPERM: no pid", "alloc_pid", NULL, NSE_NOT_REACHED);
	is(c, "clone EPERM: contradictions passed", "copy_process", "CLONE_NEWNS with", NSE_PASSED);
	is(c, "clone EPERM: clone3 alone", "clone3_args_valid", NULL, NSE_NOT_TAKEN);

	call = a_call(NSL_SYS_CLONE, NSL_NEWNS | 0x200 | 17);
	fail(&call, EINVAL);
	walk(&call, 6012);
	is(c, "NEWNS|FS: left", "copy_process", "CLONE_NEWNS with CLONE_FS", NSE_LEFT_HERE);
	is(c, "NEWNS|FS: not reached", "copy_namespaces", NULL, NSE_NOT_REACHED);

	call = a_call(NSL_SYS_FORK, 0);
	walk(&call, 6012);
	is(c, "fork: fast path", "copy_namespaces", "no time namespace pending", NSE_TAKEN);
	is(c, "fork: nothing made", "create_new_namespaces", NULL, NSE_NOT_TAKEN);

	call.before.slot[NSL_SLOT_TIME_FOR_CHILDREN] = ref(77, 4026532777);
	walk(&call, 6012);
	is(c, "fork, time pending: no fast path", "copy_namespaces", "no time namespace pending",
	   NSE_NOT_TAKEN);
	is(c, "fork, time pending: nsproxy made", "create_new_namespaces", NULL, NSE_TAKEN);
	is(c, "fork, time pending: entered", "timens_on_fork", NULL, NSE_TAKEN);

	call = a_call(NSL_SYS_CLONE, NSL_NEWUSER | 17);
	fail(&call, EPERM);
	walk(&call, 6012);
	check(c, "NEWUSER EPERM: one of several",
	      count(NSE_MAY_BE_HERE) >= 3 && !count(NSE_LEFT_HERE), "%zu, %zu",
	      count(NSE_MAY_BE_HERE), count(NSE_LEFT_HERE));
	is(c, "NEWUSER EPERM: perhaps chrooted", "create_user_ns", "chrooted", NSE_MAY_BE_HERE);

	call = a_call(NSL_SYS_UNSHARE, NSL_NEWUTS);
	fail(&call, 121); /* EREMOTEIO: of no check that there is */
	walk(&call, 6012);
	check(c, "no row for it: nothing is claimed",
	      !count(NSE_LEFT_HERE) && !count(NSE_PASSED) && !count(NSE_TAKEN), "%zu passed",
	      count(NSE_PASSED));
}

static void versions(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_VFORK, 0x4100);

	call.before.slot[NSL_SLOT_TIME_FOR_CHILDREN] = ref(77, 4026532777);
	fail(&call, EINVAL);
	walk(&call, 6001);
	is(c, "vfork on 6.1: left", "copy_process", "while a time namespace", NSE_LEFT_HERE);
	call.err = 0;
	walk(&call, 6012);
	check(c, "vfork on 6.12: no such check",
	      mark("copy_process", "while a time namespace") == NSE_MARKS, " ");
	walk(&call, 7000);
	check(c, "names of 6.19",
	      mark("exit_task_namespaces", "something") == NSE_MARKS &&
		      mark("exit_nsproxy_namespaces", "something") != NSE_MARKS,
	      " ");
}

static void joining(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_SETNS, NSL_NEWUTS);
	struct nsm_step steps[3];

	call.target_kind = NSL_TARGET_NSFS;
	call.target_type = NSL_UTS;
	call.target = ref(50, 4026532999);
	fail(&call, EPERM);
	walk(&call, 6012);
	is(c, "setns EPERM: left", "utsns_install", "CAP_SYS_ADMIN", NSE_LEFT_HERE);
	is(c, "setns EPERM: not by pidfd", "validate_nsset", NULL, NSE_NOT_TAKEN);
	is(c, "setns EPERM: no net", "netns_install", NULL, NSE_NOT_REACHED);
	is(c, "setns EPERM: no mnt", "mntns_install", NULL, NSE_NOT_TAKEN);
	is(c, "setns EPERM: no commit", "commit_nsset", NULL, NSE_NOT_REACHED);

	steps[0] = a_step(NSL_FN_create_new_namespaces, 0, NSM_DONE);
	steps[1] = a_step(NSL_FN_utsns_install, 0, NSM_FAILED);
	steps[1].err = EPERM;
	steps[2] = a_step(NSL_FN_put_nsset, 0, NSM_UNDONE);
	call.steps = steps;
	call.nsteps = 3;
	walk(&call, 6012);
	is(c, "setns EPERM, hooked: left", "utsns_install", "CAP_SYS_ADMIN", NSE_LEFT_HERE);
	is(c, "setns EPERM, hooked: undone", "put_nsset", "something failed", NSE_TAKEN);

	call = a_call(NSL_SYS_SETNS, NSL_NEWNET);
	call.target_kind = NSL_TARGET_NSFS;
	call.target_type = NSL_UTS;
	call.target = ref(50, 4026532999);
	fail(&call, EINVAL);
	walk(&call, 6012);
	is(c, "setns mismatch: left", "setns", "whose type is not nstype", NSE_LEFT_HERE);
	is(c, "setns mismatch: nothing ran", "prepare_nsset", NULL, NSE_NOT_REACHED);

	call = a_call(NSL_SYS_SETNS, NSL_NEWUTS | NSL_NEWNET);
	call.target_kind = NSL_TARGET_PIDFD;
	call.target_pid = 99;
	walk(&call, 6012);
	is(c, "setns pidfd: looked at", "validate_nsset", NULL, NSE_TAKEN);
	is(c, "setns pidfd: uts", "utsns_install", NULL, NSE_TAKEN);
	is(c, "setns pidfd: net", "netns_install", NULL, NSE_TAKEN);
	is(c, "setns pidfd: not ipc", "ipcns_install", NULL, NSE_NOT_TAKEN);
}

/* Whatever the call: every row has a mark, and what lies in a row not taken is not taken. */
static void any_call(struct checks *c)
{
	static const uint64_t flags[] = {0,
					 NSL_NEWUTS,
					 NSL_NEWUSER | NSL_NEWNET,
					 NSL_NEW_ALL,
					 NSL_NEWNS | 0x200,
					 0x10000,
					 1ULL << 33,
					 ~0ULL};
	static const nse_kernel kernels[] = {0, 5010, 6001, 6012, 6018, 7003};
	bool marked = true, nested = true, placed = true;

	for (int s = 1; s < NSL_SYSCALLS; s++)
		for (size_t f = 0; f < ARRAY_LEN(flags); f++)
			for (size_t k = 0; k < ARRAY_LEN(kernels); k++)
				for (int err = 0; err < 135; err++) {
					struct nsm_call call =
						a_call((enum nsl_syscall)s, flags[f]);

					if (err)
						fail(&call, err);
					walk(&call, kernels[k]);
					marked &= !count(NSE_UNMARKED) && nrows;
					placed &= err || (!count(NSE_LEFT_HERE) &&
							  !count(NSE_MAY_BE_HERE) &&
							  !count(NSE_NOT_REACHED));
					placed &= count(NSE_LEFT_HERE) <= 1;
					for (size_t i = 1; i < nrows; i++)
						nested &= rows[i].depth <= rows[i - 1].depth ||
							  rows[i - 1].mark != NSE_NOT_TAKEN ||
							  rows[i].mark == NSE_NOT_TAKEN;
				}
	check(c, "every row of every call is marked", marked, " ");
	check(c, "at most one place, and only of failures", placed, " ");
	check(c, "what lies in a branch not taken is not taken", nested, " ");
}

/* Whole output of a small call, as the lab shows it. */
static void drawn(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_EXEC, 0);
	struct nsv_options options = {.style = NSV_STORY, .width = 72};
	struct nse_catalogue language;
	struct nsv_explain o = {.kernel = 6012, .language = &language};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct nsv *v;

	setenv("LC_ALL", "C", 1);
	nse_catalogue_open(&language, "en");
	walk(&call, 6012);
	v = nsv_new(out, &options);
	nsv_explain_call(v, &o, rows, nrows, true);
	nsv_free(v);
	fclose(out);
	check_text(c, "exec drawn", text,
		   "* begin_new_exec() fs/exec.c -> Before it every failure leaves the old\n"
		   "  |  program as it was.\n"
		   "* |- exec_task_namespaces() kernel/nsproxy.c [>=6.2]\n"
		   "* |  |- ? time_for_children is the same as time -> Nothing to do: the\n"
		   "  |  |     usual case.\n"
		   ". |  |- ? a time namespace is pending -> create_new_namespaces() makes a\n"
		   "  |  |     private nsproxy without any flag; time moves to\n"
		   "  |  |     time_for_children in it, and the task switches to it.\n"
		   "o |  |- ENOMEM no memory for that nsproxy -> The old program is gone, so\n"
		   "  |  |     no errno can be returned: the task is killed.\n"
		   ". |  `- put_nsproxy() include/linux/nsproxy.h\n"
		   ". |     |- ? other tasks still use it -> Its count falls by one, and\n"
		   "  |     |     nothing else happens.\n"
		   ". |     `- free_nsproxy() kernel/nsproxy.c ? it was the last user\n"
		   "  |           [<6.19] -> The namespaces are put in this order: mnt, uts,\n"
		   "  |           ipc, pid_for_children, time, time_for_children, cgroup,\n"
		   "  |           net.\n"
		   "* `- Credentials may change (set-uid programs, file capabilities), the\n"
		   "        user namespace never does.\n");
	free(text);
}

static bool fits(const char *text, int width)
{
	while (*text) {
		int columns = 0;

		for (; *text && *text != '\n'; text++) /* UTF-8: a wide character has three bytes */
			columns += ((unsigned char)*text & 0xc0) == 0x80 ? 0
				   : (unsigned char)*text >= 0xe3	 ? 2
									 : 1;
		if (columns > width)
			return false;
		text += *text == '\n';
	}
	return true;
}

/* Every entry, in every language and width: it fits, and ends. */
static void every_entry(struct checks *c)
{
	static const char *const languages[] = {"en", "ja", "zh_CN"};
	static const int widths[] = {40, 80, 200};
	bool all_fit = true;
	struct nse_entry e;

	for (size_t l = 0; l < 3; l++)
		for (size_t w = 0; w < 3; w++)
			for (size_t i = 0; nse_entry_at(i, &e); i++) {
				struct nsv_options options = {.style = NSV_STORY,
							      .width = widths[w]};
				struct nse_catalogue language;
				struct nsv_explain o = {.kernel = 6012,
							.language = &language,
							.language_forced = true};
				char *text = NULL;
				size_t size;
				FILE *out = open_memstream(&text, &size);
				struct nsv *v = nsv_new(out, &options);

				nse_catalogue_open(&language, languages[l]);
				nsv_explain(v, &o, &e);
				nsv_free(v);
				fclose(out);
				if (widths[w] >= 80 && !fits(text, widths[w])) {
					all_fit = false;
					printf("# %s %s %d\n", e.name, languages[l], widths[w]);
				}
				all_fit &= size > 20;
				free(text);
			}
	check(c, "every entry fits its width", all_fit, "see above");
}

int main(void)
{
	struct checks c = {0};

	success_with_steps(&c);
	failure_with_steps(&c);
	without_steps(&c);
	versions(&c);
	joining(&c);
	any_call(&c);
	drawn(&c);
	every_entry(&c);
	return finish(&c);
}
