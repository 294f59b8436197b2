// SPDX-License-Identifier: GPL-2.0-only
/* Sentences about whole calls, and words about every step that can be. */
#define _GNU_SOURCE 1
#include "view_calls.h"
#include "view_check.h"

static void says(struct checks *c, const char *name, const struct nsm_call *call, nse_kernel kernel,
		 const char *want)
{
	char text[NSE_CALL_LEN];

	nse_call(call, kernel, text, sizeof(text));
	check(c, name, !strcmp(text, want), "\n wanted: %s\n got:    %s", want, text);
}

static void unshares(struct checks *c)
{
	struct unshare_story s;
	struct nsm_call call = a_call(NSL_SYS_UNSHARE, NSL_NEWUSER);
	struct nsm_slot_change user = {NSL_SLOT_USER, ref(8, 4026531837), ref(60, 4026532777),
				       NSM_HOW_CREATED};

	unshare_three(&s);
	says(c, "unshare of three", &s.call, 6012,
	     "Created mnt, uts and pid namespaces for the caller. The pid namespace takes effect "
	     "at "
	     "the next fork: the caller stays where it is, its first child becomes pid 1. 5 of the "
	     "8 slots of the new nsproxy#7 still name the namespaces of nsproxy#1.");

	call.slots = &user;
	call.nslots = 1;
	call.after.slot[NSL_SLOT_USER] = user.after;
	says(c, "unshare of user", &call, 6012,
	     "Created a new user namespace for the caller. The user namespace is not a slot: it "
	     "changed in the caller's credentials, where the caller now has every capability. "
	     "nsproxy#1 stays in use.");

	call = a_call(NSL_SYS_UNSHARE, 0);
	says(c, "unshare of nothing", &call, 6012, "No namespace was asked for and none changed.");

	call = a_call(NSL_SYS_UNSHARE, NSL_NEWTIME);
	call.has_views = false;
	says(c, "unshare of time, 6.12", &call, 6012,
	     "Created a new time namespace for the caller. The time namespace takes effect at the "
	     "next fork or exec.");
	says(c, "unshare of time, 6.1", &call, 6001,
	     "Created a new time namespace for the caller. The time namespace takes effect at the "
	     "next fork.");
}

static void clones(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_CLONE, NSL_NEWPID | 17);
	struct nsm_slot_change pid = {NSL_SLOT_PID_ACTIVE, ref(4, 4026531836), ref(23, 4026532604),
				      NSM_HOW_INHERITED};

	call.child = 4130;
	call.child_ns_pid = 1;
	call.ret = 12;
	call.after.nsproxy = 7;
	call.after.slot[NSL_SLOT_PID_FOR_CHILDREN] = ref(23, 4026532604);
	says(c, "clone of pid", &call, 6012,
	     "Created a new pid namespace for the child. Inside its pid namespace the child 4130 "
	     "is "
	     "pid 1. The caller knows it as 12. 7 of the 8 slots of the new nsproxy#7 still name "
	     "the namespaces of nsproxy#1.");

	call = a_call(NSL_SYS_FORK, 0);
	call.child = 4130;
	call.ret = 4130;
	says(c, "plain fork", &call, 6012,
	     "The child shares nsproxy#1 with its parent: one more reference, nothing is copied.");

	call.child_ns_pid = 1;
	call.slots = &pid;
	call.nslots = 1;
	says(c, "fork into the pending pid namespace", &call, 6012,
	     "The child shares nsproxy#1 with its parent: one more reference, nothing is copied. "
	     "It "
	     "was born into the pid namespace that was pending for children. Inside its pid "
	     "namespace the child 4130 is pid 1.");
}

static void joins(struct checks *c)
{
	struct setns_story s;
	struct nsm_slot_change time = {NSL_SLOT_TIME, ref(6, 4026531834), ref(70, 4026532800),
				       NSM_HOW_INHERITED};
	struct nsm_call call;

	setns_net(&s);
	says(c, "setns of net", &s.call, 6012,
	     "Joined the net namespace. setns changed a private copy, nsproxy#9, and switched to "
	     "it "
	     "in one go: all of it or nothing. 7 of the 8 slots of the new nsproxy#9 still name "
	     "the namespaces of nsproxy#1.");
	s.slots[0].slot = NSL_SLOT_PID_FOR_CHILDREN;
	s.call.target_kind = NSL_TARGET_PIDFD;
	s.call.target_pid = 99;
	s.call.after = host_view();
	says(c, "setns of pid by pidfd", &s.call, 6012,
	     "Joined the pid namespace of process 99. The pid namespace takes effect at the next "
	     "fork.");
	s.call.nslots = 0;
	says(c, "setns of where it is", &s.call, 6012,
	     "The caller was there already: every slot names the same namespace as before.");

	call = a_call(NSL_SYS_EXEC, 0);
	call.after.nsproxy = 11;
	call.slots = &time;
	call.nslots = 1;
	says(c, "exec into the pending time namespace", &call, 6012,
	     "The new program runs in the time namespace that was pending, time:[4026532800]. For "
	     "that exec made nsproxy#11; the other slots are the same.");
}

static void exits(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_EXIT, 0);
	struct nsm_slot_change gone[] = {
		{NSL_SLOT_MNT, ref(21, 4026532602), ref(0, 0), NSM_HOW_DROPPED},
		{NSL_SLOT_UTS, ref(22, 4026532603), ref(0, 0), NSM_HOW_DROPPED},
	};
	struct nsm_step steps[2] = {a_step(NSL_FN_free_nsproxy, 1, NSM_DONE),
				    a_step(NSL_FN_zap_pid_ns_processes, 0, NSM_DONE)};

	call.slots = gone;
	call.nslots = 2;
	call.after = (struct nsl_view){0};
	says(c, "exit of one of many", &call, 6012,
	     "The task gave up its reference on nsproxy#1; other tasks still use it.");
	check(c, "exit of one of many drops nothing", !nse_drops_nsproxy(&call), "it says so");
	call.steps = steps;
	call.nsteps = 2;
	says(c, "exit of the last, pid 1", &call, 6012,
	     "It was pid 1 of its pid namespace: whoever was left in there was killed, and no new "
	     "process can be born in it. The last task of nsproxy#1 is gone, and the nsproxy with "
	     "it: one reference less on its mnt and uts namespaces. A namespace that nothing else "
	     "keeps (a descriptor, a bind mount, a child) dies now or soon after.");
	check(c, "exit of the last drops", nse_drops_nsproxy(&call), "it says no");
	call.steps = &steps[call.steps[0].fn == NSL_FN_zap_pid_ns_processes ? 0 : 1];
	call.nsteps = 1;
	says(c, "exit of pid 1, its nsproxy is gone already", &call, 6012,
	     "It was pid 1 of its pid namespace: whoever was left in there was killed, and no new "
	     "process can be born in it.");
	check(c, "exit of pid 1 ends a pid namespace", nse_ends_pid_ns(&call), "it says no");
	call.nsteps = 0;
	call.before.nsproxy_count = 1;
	check(c, "exit of the last by its count", nse_drops_nsproxy(&call), "it says no");
}

static void incomplete(struct checks *c)
{
	struct nsm_call call = a_call(NSL_SYS_UNSHARE, NSL_NEWUTS);
	struct failure_story s;

	call.end_seen = false;
	says(c, "cut off at the end", &call, 6012,
	     "The call was still in the kernel when tracing ended.");
	call.died = true;
	call.begin_seen = false;
	call.gap = true;
	says(c, "died, no begin, a gap", &call, 6012,
	     "The task died inside the call, so there is no result. It had begun before tracing "
	     "did, so what came first is not known. Events were lost while it ran: steps may be "
	     "missing.");
	unshare_refused(&s);
	says(c, "refused", &s.call, 6012,
	     "refused by copy_pid_ns: pid_for_children is already another pid namespace than the "
	     "task's own: one is pending, whether or not a child was born in it. Remedy: fork "
	     "first and let the child ask, or setns() back to /proc/self/ns/pid. The new uts "
	     "namespace made before that was put and is gone again. The caller's namespaces are "
	     "unchanged.");
}

static bool plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			return false;
	return true;
}

/* Every function with every outcome, and every system call, in buffers of any size. */
static void everything(struct checks *c)
{
	bool right = true, fits = true;
	char text[NSE_STEP_LEN], longer[NSE_CALL_LEN];

	for (int fn = NSL_FN_NONE; fn < NSL_FNS; fn++) {
		for (int outcome = 0; outcome < NSM_OUTCOMES; outcome++) {
			for (int syscall = 0; syscall < NSL_SYSCALLS; syscall++) {
				struct nsm_call call = a_call((enum nsl_syscall)syscall, 0);
				struct nsm_step step =
					a_step((enum nsl_fn)fn, 0, (enum nsm_outcome)outcome);

				step.unborn = true;
				step.owner = ref(1, 4294967295u);
				memset(text, 'x', sizeof(text));
				nse_step(&call, &step, 0, text, sizeof(text));
				right = right && memchr(text, 0, sizeof(text)) && *text &&
					plain(text);
				call.steps = &step;
				call.nsteps = 1;
				nse_call(&call, 0, longer, sizeof(longer));
				right = right && *longer && plain(longer) &&
					strlen(longer) < sizeof(longer) - 1;
			}
		}
	}
	check(c, "words for every function and outcome", right, "empty or not plain text");

	for (size_t size = 1; size < 400; size++) {
		struct unshare_story s;

		unshare_three(&s);
		memset(longer, 'x', sizeof(longer));
		nse_call(&s.call, 0, longer, size);
		fits = fits && strlen(longer) < size && longer[size] == 'x';
	}
	check(c, "text is cut off to fit", fits, "wrote behind the end");
}

int main(void)
{
	struct checks c = {0};

	unshares(&c);
	clones(&c);
	joins(&c);
	exits(&c);
	incomplete(&c);
	everything(&c);
	return finish(&c);
}
