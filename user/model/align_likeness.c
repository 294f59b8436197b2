// SPDX-License-Identifier: GPL-2.0-only
/* Are two items the same thing, and how much so? */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "align_internal.h"

/* What of a milestone says which one it is, and what else is compared. */
enum part { TEXT = 1, WHERE = 2, D0 = 4, D1 = 8 };

static const struct {
	unsigned int is;  /* without these it is another one */
	unsigned int has; /* these are compared beside */
} parts[NSL_MILESTONES_END] = {
	[NSL_MILESTONE_exec] = {0, TEXT | D0 | D1},
	[NSL_MILESTONE_uid_map] = {0, TEXT},
	[NSL_MILESTONE_gid_map] = {0, TEXT},
	[NSL_MILESTONE_projid_map] = {0, TEXT},
	[NSL_MILESTONE_proc_setgroups] = {0, TEXT},
	[NSL_MILESTONE_setgroups] = {0, D0},
	[NSL_MILESTONE_setuid] = {0, D0 | D1},
	[NSL_MILESTONE_mount] = {WHERE, TEXT | D0},
	[NSL_MILESTONE_umount] = {WHERE, D0},
	[NSL_MILESTONE_fsopen] = {TEXT, 0},
	[NSL_MILESTONE_fsconfig] = {TEXT, D0},
	[NSL_MILESTONE_fsmount] = {TEXT, D0 | D1},
	[NSL_MILESTONE_open_tree] = {TEXT, D0},
	[NSL_MILESTONE_move_mount] = {WHERE, TEXT},
	[NSL_MILESTONE_mount_setattr] = {WHERE, D0 | D1},
	[NSL_MILESTONE_pivot_root] = {0, TEXT | WHERE},
	[NSL_MILESTONE_chroot] = {0, TEXT},
	[NSL_MILESTONE_sethostname] = {0, TEXT},
	[NSL_MILESTONE_setdomainname] = {0, TEXT},
	[NSL_MILESTONE_cgroup_attach] = {0, TEXT},
	[NSL_MILESTONE_capset] = {0, D0 | D1},
	[NSL_MILESTONE_capbset_drop] = {D1, 0},
	[NSL_MILESTONE_seccomp] = {0, D0 | D1},
	[NSL_MILESTONE_netdev_move] = {TEXT, 0},
};

#define MOUNT_CLASS (MS_REMOUNT | MS_MOVE | MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

static unsigned int bits(uint64_t set)
{
	return (unsigned int)__builtin_popcountll(set);
}

static bool is_clone_kind(enum nsl_syscall syscall)
{
	return syscall >= NSL_SYS_CLONE && syscall <= NSL_SYS_VFORK;
}

/* Which of them differ. */
static unsigned int unlike_parts(const struct nsa_item *a, const struct nsa_item *b)
{
	const struct nsm_milestone *x = &a->milestone->m, *y = &b->milestone->m;

	return (strcmp(a->text, b->text) ? TEXT : 0u) | (strcmp(a->where, b->where) ? WHERE : 0u) |
	       (x->detail[0] != y->detail[0] ? D0 : 0u) | (x->detail[1] != y->detail[1] ? D1 : 0u);
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_mount(enum nsl_milestone_what what)
{
	return what == NSL_MILESTONE_mount || what == NSL_MILESTONE_move_mount;
}

/* The same milestone, and `unlike` parts of it differ. */
static unsigned int same_milestone(const struct nsa_item *a, const struct nsa_item *b,
				   unsigned int unlike)
{
	const struct nsm_milestone *x = &a->milestone->m, *y = &b->milestone->m;

	if (unlike & parts[x->what].is)
		return 0;
	/* descriptors are as good as none to tell places apart */
	if (is_mount(x->what) && unlike & TEXT && strstr(a->where, "/fd/#"))
		return 0;
	/* a filter that cannot be read only asks the kernel what it knows */
	if (x->what == NSL_MILESTONE_seccomp && (x->err == EFAULT) != (y->err == EFAULT))
		return 0;
	unlike &= parts[x->what].has;
	if (!unlike)
		return ALIKE;
	if (x->what == NSL_MILESTONE_mount && (x->detail[0] ^ y->detail[0]) & MOUNT_CLASS)
		return 0;
	if (!(unlike & TEXT))
		return 85;
	/* the payload may be another program; any other program is another step */
	if (x->what == NSL_MILESTONE_exec && strcmp(file_name(a->text), file_name(b->text)))
		return a->who.role == NSA_PAYLOAD && b->who.role == NSA_PAYLOAD ? 40 : 0;
	return 65;
}

static unsigned int milestones(const struct nsa_item *a, const struct nsa_item *b,
			       unsigned int *changed)
{
	enum nsl_milestone_what x = a->milestone->m.what, y = b->milestone->m.what;
	unsigned int unlike, score;

	if (x >= NSL_MILESTONES_END || y >= NSL_MILESTONES_END)
		return 0;
	unlike = unlike_parts(a, b);
	if (x != y) {
		/* the old and the new way to mount at the same place */
		if (!is_mount(x) || !is_mount(y) || unlike & WHERE)
			return 0;
		*changed |= NSA_CHANGE_WHAT;
		return 45;
	}
	score = same_milestone(a, b, unlike);
	if (score && score < ALIKE)
		*changed |= NSA_CHANGE_DETAIL;
	return score;
}

static unsigned int calls(const struct nsa_item *a, const struct nsa_item *b, unsigned int *changed)
{
	enum nsl_syscall x = a->call->call.syscall, y = b->call->call.syscall;
	uint64_t both = a->flags & b->flags, either = a->flags | b->flags;
	bool family = is_clone_kind(x) && is_clone_kind(y);
	bool makers = (is_clone_kind(x) || x == NSL_SYS_UNSHARE) &&
		      (is_clone_kind(y) || y == NSL_SYS_UNSHARE);
	unsigned int score;

	if (x != y)
		*changed |= NSA_CHANGE_SYSCALL;
	if (a->flags != b->flags)
		*changed |= NSA_CHANGE_FLAGS;
	if (x == y && a->flags == b->flags)
		return ALIKE;
	if (family && a->flags == b->flags)
		return 90;
	if (x != y && !makers)
		return 0;
	/* other namespaces altogether: another call */
	if (!both)
		return 0;
	score = 20 + 50 * bits(both) / bits(either);
	return x == y ? score + 10 : family ? score + 5 : score;
}

static unsigned int steps(const struct nsa_item *a, const struct nsa_item *b, unsigned int *changed)
{
	if (a->step->fn != b->step->fn)
		return 0;
	if (a->step->outcome != b->step->outcome)
		*changed |= NSA_CHANGE_OUTCOME;
	return a->step->outcome == b->step->outcome ? ALIKE : 80;
}

unsigned int align_likeness(const struct nsa_item *a, const struct nsa_item *b,
			    unsigned int *changed)
{
	static unsigned int (*const like[])(const struct nsa_item *, const struct nsa_item *,
					    unsigned int *) = {
		[NSA_CALL] = calls,
		[NSA_MILESTONE] = milestones,
		[NSA_STEP] = steps,
	};
	unsigned int score, what = 0;

	if (a->kind != b->kind)
		return 0;
	score = like[a->kind](a, b, &what);
	if (score && a->err && b->err && a->err != b->err)
		what |= NSA_CHANGE_ERRNO;
	if (changed)
		*changed = score ? what : 0;
	/* of two alike, the one that failed, too, is more so */
	return score && !a->err != !b->err ? score - 1 : score;
}

#define ORDER(x, y)                                                                                \
	do {                                                                                       \
		if ((x) != (y))                                                                    \
			return (x) < (y) ? -1 : 1;                                                 \
	} while (0)

static int order_milestones(const struct nsa_item *a, const struct nsa_item *b)
{
	const struct nsm_milestone *x = &a->milestone->m, *y = &b->milestone->m;
	int order;

	ORDER(x->what, y->what);
	order = strcmp(a->text, b->text);
	if (!order)
		order = strcmp(a->where, b->where);
	if (order)
		return order;
	ORDER(x->detail[0], y->detail[0]);
	ORDER(x->detail[1], y->detail[1]);
	return 0;
}

int align_order(const struct nsa_item *a, const struct nsa_item *b)
{
	ORDER(a->kind, b->kind);
	ORDER(a->who.role, b->who.role);
	ORDER(a->who.depth, b->who.depth);
	ORDER(a->err, b->err);
	if (a->kind == NSA_MILESTONE)
		return order_milestones(a, b);
	if (a->kind == NSA_STEP) {
		ORDER(a->step->fn, b->step->fn);
		ORDER(a->step->outcome, b->step->outcome);
		return 0;
	}
	ORDER(a->call->call.syscall, b->call->call.syscall);
	ORDER(a->flags, b->flags);
	return strcmp(a->who.comm, b->who.comm);
}
