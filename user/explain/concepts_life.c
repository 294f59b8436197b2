// SPDX-License-Identifier: GPL-2.0-only
/* Concepts: what keeps namespaces alive, and how they end. */
#include "topics.h"

#define CONCEPT(n, a, ...)                                                                         \
	{                                                                                          \
		.kind = NSE_CONCEPT, .name = n, .aliases = a, __VA_ARGS__                          \
	}

static const struct nse_topic rows[] = {
	CONCEPT("count", "refcount,reference count,refs",
		.text = "There are two. That of an nsproxy counts the tasks that use it. That of a "
			"namespace counts the nsproxies that name it, its nsfs file (one for all "
			"descriptors and "
			"bind mounts), and whatever else holds it: a thousand processes that share "
			"an nsproxy "
			"count one.",
		.notes = {{0, 5011, "Each type has a field of its own for it."},
			  {5011, 6018, "It is ns.count in ns_common."},
			  {6018, 0, "It is ns.__ns_ref in ns_common."}},
		.fns = "copy_namespaces put_nsproxy", .see = "active count,keeper"),
	CONCEPT("active count", "active reference,__ns_ref_active",
		.text = "A second count, of visible users: one for each nsproxy that is in use, "
			"one for each "
			"task of a user namespace, one for a live nsfs file, and one that an "
			"active namespace puts "
			"on its owner. At zero a namespace can no longer be found and opened, "
			"although holders may "
			"keep its memory.",
		.fns = "nsproxy_ns_active_put exit_cred_namespaces deactivate_nsproxy",
		.since = 6019, .see = "count,owner"),
	CONCEPT("keeper", "holder,what keeps it alive,reference",
		.text = "Whatever holds a reference on a namespace: nsproxies, an open namespace "
			"file, a bind "
			"mount of it, namespaces that it owns or is the parent of, and by type: "
			"open mountinfo "
			"files (mnt), attached shared memory (ipc), every struct pid, zombies and "
			"pidfds included "
			"(pid), every credential (user), sockets (net). uts has none beside the "
			"common ones.",
		.fns = "put_nsproxy nsfs_evict put_cred_rcu",
		.see = "count,nsfs,zombie,destruction"),
	CONCEPT("bind mount", "ip netns,mount of a namespace",
		.text = "A mount of a namespace file on another file holds the nsfs inode, and so "
			"the "
			"namespace, without any process: ip netns add works so. umount lets go.",
		.fns = "nsfs_evict", .see = "nsfs,keeper,mount namespace loop"),
	CONCEPT("mount namespace loop", "mnt_ns_loop",
		.text = "A mount namespace file cannot be bind-mounted where that could make mount "
			"namespaces "
			"hold each other for ever: a mount namespace takes only files of younger "
			"ones, and copies "
			"of a tree leave such mounts out.",
		.fns = "copy_tree", .see = "bind mount,keeper"),
	CONCEPT("parent", "ancestor,child namespace",
		.text = "pid and user namespaces form trees: a child holds its parent, so a chain "
			"of "
			"ancestors lives as long as its deepest member. When that goes, several "
			"can go at once.",
		.fns = "put_pid_ns free_user_ns", .see = "level,owner,keeper"),
	CONCEPT("pid 1", "init,child reaper,reaper",
		.text = "The first process of a pid namespace. Orphans in it become its children, "
			"and signals from "
			"inside that it does not handle pass it by. When its last thread exits, "
			"every "
			"process in the "
			"namespace and below is killed and waited for.",
		.fns = "copy_process zap_pid_ns_processes", .see = "dying pid namespace,pid"),
	CONCEPT("dying pid namespace", "dead pid namespace,fork enomem",
		.text = "After the death of its pid 1 nobody can be born in a pid namespace: fork "
			"answers "
			"ENOMEM, whatever memory there is. A task whose pid_for_children it is "
			"gets out by setns to "
			"/proc/self/ns/pid, not by unshare (EINVAL). The namespace itself lives "
			"until its last "
			"reference goes.",
		.fns = "disable_pid_allocation alloc_pid zap_pid_ns_processes",
		.see = "ENOMEM,pid 1,pending pid namespace"),
	CONCEPT("zombie", "zombies",
		.text = "A task that has exited and was not reaped. Its nsproxy is gone since "
			"do_exit(), so it "
			"keeps neither mounts nor network. But its number keeps its pid namespace "
			"and its "
			"credentials keep its user namespace.",
		.fns = "do_exit exit_creds", .see = "keeper,exit"),
	CONCEPT("exit order", "order at exit",
		.text = "At exit the nsproxy goes first, then namespace files that were open in it "
			"(their last "
			"close is deferred), then, with reaping, pid namespace and user namespace. "
			"Each thread gives "
			"up its own use of the nsproxy; only the last user frees it.",
		.fns = "do_exit exit_task_namespaces exit_nsproxy_namespaces put_cred_rcu",
		.see = "exit,zombie,count"),
	CONCEPT("deferred destruction", "work item,workqueue,kworker,rcu",
		.text = "The end of net, user and ipc namespaces is left to a work item. That of "
			"net "
			"and user sleeps and takes heavy locks, while the last reference may go in "
			"an interrupt "
			"or RCU callback. So the "
			"task in whose context a namespace dies is often a kernel worker, not the "
			"culprit.",
		.notes = {{6014, 0, "pid namespaces end in a work item too."},
			  {0, 5008, "ipc namespaces end at once."}},
		.fns = "cleanup_net free_user_ns free_ipc destroy_pid_namespace_work "
		       "delayed_free_pidns",
		.see = "destruction"),
	CONCEPT("destruction", "death,end of a namespace,destroy",
		.text = "A namespace is destroyed when its last reference goes, which may be long "
			"after its last "
			"process. uts, cgroup, time and mnt end at once in the task that dropped "
			"it; the others later, "
			"in a work item. The path shows where, by type.",
		.fns = "put_mnt_ns free_uts_ns free_ipc put_pid_ns cleanup_net free_user_ns "
		       "free_cgroup_ns "
		       "free_time_ns",
		.see = "keeper,deferred destruction,count"),
	CONCEPT("switch", "namespace switch",
		.text = "The moment at which a task's namespaces change: task->nsproxy is pointed "
			"to another "
			"nsproxy under the task's lock. It cannot fail. Readers of another task's "
			"pointer must hold "
			"that lock, for the old nsproxy may be freed at once.",
		.fns = "switch_task_namespaces", .see = "nsproxy,all or nothing"),
};

const struct nse_topics nse_life_topics = NSE_TOPICS(rows);
