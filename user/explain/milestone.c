// SPDX-License-Identifier: GPL-2.0-only
/* What a milestone did, in one line: a function for each kind, by a table. */
#include <linux/mount.h>
#include <sys/mount.h>

#include "explain.h"
#include "text.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

struct bit_name {
	uint64_t bit;
	const char *name;
};

/* The kernel's own constants where the C library's headers may lack them. */
#define NSE_UMOUNT_NOFOLLOW 8u
#define NSE_ATTR_RDONLY	    0x1u
#define NSE_ATTR_NOSUID	    0x2u
#define NSE_ATTR_NODEV	    0x4u
#define NSE_ATTR_NOEXEC	    0x8u
#define NSE_ATTR_IDMAP	    0x100000u
#define NSE_TREE_RECURSIVE  0x8000u
#define NSE_FS_CREATE	    6
#define NSE_FS_RECONFIGURE  7
#define NSE_FS_CREATE_EXCL  8

static const struct bit_name mount_flags[] = {
	{MS_RDONLY, "ro"},	  {MS_NOSUID, "nosuid"},   {MS_NODEV, "nodev"},
	{MS_NOEXEC, "noexec"},	  {MS_NOATIME, "noatime"}, {MS_RELATIME, "relatime"},
	{MS_SYNCHRONOUS, "sync"},
};
static const struct bit_name propagations[] = {
	{MS_SHARED, "shared"},
	{MS_PRIVATE, "private"},
	{MS_SLAVE, "slave"},
	{MS_UNBINDABLE, "unbindable"},
};
static const struct bit_name umount_flags[] = {
	{MNT_FORCE, "force"},
	{MNT_DETACH, "detach"},
	{MNT_EXPIRE, "expire"},
	{NSE_UMOUNT_NOFOLLOW, "nofollow"},
};
static const struct bit_name attributes[] = {
	{NSE_ATTR_RDONLY, "ro"},     {NSE_ATTR_NOSUID, "nosuid"}, {NSE_ATTR_NODEV, "nodev"},
	{NSE_ATTR_NOEXEC, "noexec"}, {NSE_ATTR_IDMAP, "idmap"},
};
static const struct bit_name seccomp_flags[] = {
	{1, "tsync"}, {2, "log"}, {4, "spec_allow"}, {8, "new_listener"}, {32, "wait_killable"},
};

static unsigned int count_bits(uint64_t bits)
{
	return (unsigned int)__builtin_popcountll(bits);
}

/* " (ro,nosuid)", or nothing. */
static void add_bits(struct nse_text *t, const struct bit_name *names, size_t n, uint64_t bits)
{
	const char *before = " (";

	for (size_t i = 0; i < n; i++) {
		if (!(bits & names[i].bit))
			continue;
		nse_add(t, "%s%s", before, names[i].name);
		before = ",";
	}
	if (*before == ',')
		nse_add(t, ")");
}

/* The end of a longer path says so. */
static void add_path(struct nse_text *t, const char *path)
{
	if (!*path)
		nse_add(t, "?");
	else
		nse_add(t, "%s%s", *path == '/' || *path == '.' ? "" : ".../", path);
}

static void add_word(struct nse_text *t, const char *word)
{
	nse_add(t, "%s", *word ? word : "?");
}

/* A few by name, many by number. */
static void add_capabilities(struct nse_text *t, uint64_t set)
{
	unsigned int n = count_bits(set);

	if (!n || n > 3) {
		nse_add(t, n ? "%u capabilities" : "no capabilities", n);
		return;
	}
	for (unsigned int cap = 0, left = n; cap < 64; cap++) {
		if (!(set >> cap & 1))
			continue;
		if (nsm_capability_name(cap))
			nse_add(t, "cap_%s", nsm_capability_name(cap));
		else
			nse_add(t, "capability %u", cap);
		nse_add(t, "%s", --left ? ", " : "");
	}
}

static void tell_text(struct nse_text *t, const struct nsm_milestone *m)
{
	add_word(t, m->text);
}

static void tell_exec(struct nse_text *t, const struct nsm_milestone *m)
{
	add_word(t, m->text);
	if (m->err)
		return;
	nse_add(t, ", with ");
	add_capabilities(t, m->detail[0]);
	if (m->detail[1] & NSL_EXEC_NO_NEW_PRIVS)
		nse_add(t, ", no_new_privs");
	if (m->detail[1] & NSL_EXEC_SECCOMP)
		nse_add(t, ", a seccomp filter");
}

static void tell_map(struct nse_text *t, const struct nsm_milestone *m)
{
	add_word(t, m->err ? "a map" : m->text);
	if (m->type == NSL_USER && m->ns.obj)
		nse_add(t, " in user:[%u]", m->ns.inum);
	if (m->about_pid)
		nse_add(t, " for %u", m->about_pid);
}

static void tell_setgroups(struct nse_text *t, const struct nsm_milestone *m)
{
	nse_add(t, m->detail[0] == 1 ? "%llu group" : "%llu groups",
		(unsigned long long)m->detail[0]);
}

static void tell_setuid(struct nse_text *t, const struct nsm_milestone *m)
{
	nse_add(t, "uid %llu, gid %llu", (unsigned long long)m->detail[0],
		(unsigned long long)m->detail[1]);
}

static void add_propagation(struct nse_text *t, uint64_t flags)
{
	for (size_t i = 0; i < COUNT(propagations); i++)
		if (flags & propagations[i].bit)
			nse_add(t, "%s%s", flags & MS_REC ? "r" : "", propagations[i].name);
}

static bool is_propagation(uint64_t flags)
{
	return flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE);
}

/* In the order in which the kernel looks at the flags. */
static void tell_mount(struct nse_text *t, const struct nsm_milestone *m)
{
	uint64_t flags = m->detail[0];

	if (flags & MS_REMOUNT) {
		nse_add(t, flags & MS_BIND ? "remount of the mount at " : "remount of ");
		add_path(t, m->where);
	} else if (flags & MS_BIND) {
		nse_add(t, flags & MS_REC ? "rbind of " : "bind of ");
		add_path(t, m->text);
		nse_add(t, " at ");
		add_path(t, m->where);
	} else if (is_propagation(flags)) {
		add_path(t, m->where);
		nse_add(t, " becomes ");
		add_propagation(t, flags);
		return;
	} else if (flags & MS_MOVE) {
		add_path(t, m->text);
		nse_add(t, " moves to ");
		add_path(t, m->where);
	} else {
		add_word(t, m->text);
		nse_add(t, " at ");
		add_path(t, m->where);
	}
	add_bits(t, mount_flags, COUNT(mount_flags), flags);
}

static void tell_umount(struct nse_text *t, const struct nsm_milestone *m)
{
	add_path(t, m->where);
	add_bits(t, umount_flags, COUNT(umount_flags), m->detail[0]);
}

static void tell_fsconfig(struct nse_text *t, const struct nsm_milestone *m)
{
	bool again = m->detail[0] == NSE_FS_RECONFIGURE;

	nse_add(t, again ? "changes " : "creates ");
	add_word(t, m->text);
	if (m->detail[0] == NSE_FS_CREATE_EXCL)
		nse_add(t, " (new)");
}

static void tell_fsmount(struct nse_text *t, const struct nsm_milestone *m)
{
	add_word(t, m->text);
	add_bits(t, attributes, COUNT(attributes), m->detail[1]);
}

static void tell_open_tree(struct nse_text *t, const struct nsm_milestone *m)
{
	nse_add(t, m->detail[0] & NSE_TREE_RECURSIVE ? "recursive copy of " : "copy of ");
	add_path(t, m->text);
}

static void tell_move_mount(struct nse_text *t, const struct nsm_milestone *m)
{
	if (*m->text)
		nse_add(t, "%s to ", m->text);
	add_path(t, m->where);
}

static void tell_mount_setattr(struct nse_text *t, const struct nsm_milestone *m)
{
	uint64_t set = m->detail[0] & 0xffffffff, propagation = m->detail[0] >> 32;

	add_path(t, m->where);
	if (set) {
		nse_add(t, " sets");
		add_bits(t, attributes, COUNT(attributes), set);
	}
	if (m->detail[1]) {
		nse_add(t, " clears");
		add_bits(t, attributes, COUNT(attributes), m->detail[1]);
	}
	if (is_propagation(propagation)) {
		nse_add(t, " becomes ");
		add_propagation(t, propagation);
	}
}

static void tell_pivot_root(struct nse_text *t, const struct nsm_milestone *m)
{
	add_path(t, m->text);
	nse_add(t, " becomes the root, the old one goes to ");
	add_path(t, m->where);
}

static void tell_chroot(struct nse_text *t, const struct nsm_milestone *m)
{
	add_path(t, m->text);
}

static void tell_cgroup(struct nse_text *t, const struct nsm_milestone *m)
{
	if (m->about_pid)
		nse_add(t, "%u to ", m->about_pid);
	add_path(t, m->text);
}

static void tell_capset(struct nse_text *t, const struct nsm_milestone *m)
{
	add_capabilities(t, m->detail[0]);
	if (m->detail[1] != m->detail[0]) {
		nse_add(t, ", effective ");
		add_capabilities(t, m->detail[1]);
	}
}

static void tell_capbset(struct nse_text *t, const struct nsm_milestone *m)
{
	add_capabilities(t, m->detail[1]);
	nse_add(t, "; %u left", count_bits(m->detail[0]));
}

static void tell_seccomp(struct nse_text *t, const struct nsm_milestone *m)
{
	nse_add(t, m->detail[0] ? "filter" : "strict mode");
	add_bits(t, seccomp_flags, COUNT(seccomp_flags), m->detail[1]);
}

static void tell_netdev(struct nse_text *t, const struct nsm_milestone *m)
{
	add_word(t, m->text);
	if (m->type == NSL_NET && m->ns.obj)
		nse_add(t, " to net:[%u]", m->ns.inum);
}

typedef void (*teller)(struct nse_text *t, const struct nsm_milestone *m);

static const teller tellers[NSL_MILESTONES_END] = {
	[NSL_MILESTONE_exec] = tell_exec,
	[NSL_MILESTONE_uid_map] = tell_map,
	[NSL_MILESTONE_gid_map] = tell_map,
	[NSL_MILESTONE_projid_map] = tell_map,
	[NSL_MILESTONE_proc_setgroups] = tell_map,
	[NSL_MILESTONE_setgroups] = tell_setgroups,
	[NSL_MILESTONE_setuid] = tell_setuid,
	[NSL_MILESTONE_mount] = tell_mount,
	[NSL_MILESTONE_umount] = tell_umount,
	[NSL_MILESTONE_fsopen] = tell_text,
	[NSL_MILESTONE_fsconfig] = tell_fsconfig,
	[NSL_MILESTONE_fsmount] = tell_fsmount,
	[NSL_MILESTONE_open_tree] = tell_open_tree,
	[NSL_MILESTONE_move_mount] = tell_move_mount,
	[NSL_MILESTONE_mount_setattr] = tell_mount_setattr,
	[NSL_MILESTONE_pivot_root] = tell_pivot_root,
	[NSL_MILESTONE_chroot] = tell_chroot,
	[NSL_MILESTONE_sethostname] = tell_text,
	[NSL_MILESTONE_setdomainname] = tell_text,
	[NSL_MILESTONE_cgroup_attach] = tell_cgroup,
	[NSL_MILESTONE_capset] = tell_capset,
	[NSL_MILESTONE_capbset_drop] = tell_capbset,
	[NSL_MILESTONE_seccomp] = tell_seccomp,
	[NSL_MILESTONE_netdev_move] = tell_netdev,
};

const char *nse_milestone(const struct nsm_milestone *m, char *buf, size_t size)
{
	struct nse_text t;

	nse_text_init(&t, buf, size);
	if (m->what < NSL_MILESTONES_END && tellers[m->what])
		tellers[m->what](&t, m);
	if (m->err) {
		const char *name = nsm_errno_name(m->err);

		if (name)
			nse_add(&t, ": fails with %s", name);
		else
			nse_add(&t, ": fails with errno %d", m->err);
	}
	return buf;
}
