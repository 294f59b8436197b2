// SPDX-License-Identifier: GPL-2.0-only
/* Which runtime it is: by the names of its tasks and of its cgroup. */
#include <string.h>

#include "startup_internal.h"

enum match { IS, BEGINS, BRACKETS /* systemd: "(httpd)" */ };

struct row {
	const char *comm;
	enum match match;
	enum nsu_runtime runtime;
};

/* By the comm of whoever made the first call, or of a task of the start. */
static const struct row rows[] = {
	{"runc:[", BEGINS, NSU_RUNC},
	{"runc", IS, NSU_RUNC},
	{"crun", IS, NSU_CRUN},
	{"bwrap", IS, NSU_BWRAP},
	{"systemd-nspawn", BEGINS, NSU_NSPAWN},
	{"(sd-namespace)", IS, NSU_NSPAWN},
	{"lxc-", BEGINS, NSU_LXC},
	{"[lxc monitor]", BEGINS, NSU_LXC},
	{"unshare", IS, NSU_UNSHARE},
	{"ip", IS, NSU_IP},
	{"podman", IS, NSU_PODMAN},
	{"buildah", IS, NSU_PODMAN},
	{"(", BRACKETS, NSU_SYSTEMD},
	{"sd-executor", IS, NSU_SYSTEMD},
};

struct frame_row {
	const char *in_path;
	enum nsu_frame frame;
};

/* By the cgroup that the payload, or the first call, is in. */
static const struct frame_row frames[] = {
	{"/libpod", NSU_FRAME_PODMAN},	     {"/crio-", NSU_FRAME_CRIO},
	{"/docker-", NSU_FRAME_DOCKER},	     {"/docker/", NSU_FRAME_DOCKER},
	{"/nerdctl-", NSU_FRAME_CONTAINERD}, {"/cri-containerd-", NSU_FRAME_CONTAINERD},
	{"/kubepods", NSU_FRAME_CONTAINERD}, {"/machine.slice/machine-", NSU_FRAME_NONE},
};

const char *const *nsu_programs(void)
{
	static const char *const names[] = {
		"runc",	   "crun",   "bwrap",  "systemd-nspawn", "lxc-start",	    "lxc-execute",
		"unshare", "conmon", "podman", "buildah",	 "containerd-shim", NULL};

	return names;
}

static bool matches(const struct row *row, const char *comm)
{
	size_t len = strlen(comm);

	switch (row->match) {
	case IS:
		return !strcmp(comm, row->comm);
	case BRACKETS:
		return len > 2 && comm[0] == '(' && comm[len - 1] == ')';
	default:
		return !strncmp(comm, row->comm, strlen(row->comm));
	}
}

static enum nsu_runtime by_comm(const char *comm)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (matches(&rows[i], comm))
			return rows[i].runtime;
	}
	return NSU_RUNTIME_UNKNOWN;
}

static bool take(struct su_start *s, const char *comm, const char *how)
{
	enum nsu_runtime runtime = by_comm(comm);

	if (runtime == NSU_RUNTIME_UNKNOWN)
		return false;
	s->pub.runtime = runtime;
	s->pub.recognised = how;
	memcpy(s->pub.runtime_comm, comm, sizeof(s->pub.runtime_comm));
	return true;
}

static void find_frame(struct su_start *s)
{
	const char *path = s->pub.cgroup;

	for (size_t i = 0; path && i < sizeof(frames) / sizeof(*frames); i++) {
		if (!strstr(path, frames[i].in_path))
			continue;
		s->pub.frame = frames[i].frame;
		return;
	}
	for (size_t i = 0; i < s->milestones.n; i++) {
		const struct nsu_milestone *m = &s->milestones.at[i];

		if (m->outer && !strcmp(m->m.comm, "containerd-shim"))
			s->pub.frame = NSU_FRAME_CONTAINERD;
	}
	/* rootless: podman and conmon run in namespaces themselves */
	for (size_t i = 0; i < s->tasks.n; i++) {
		if (s->tasks.at[i].outer && !strncmp(s->tasks.at[i].comm, "podman", 6))
			s->pub.frame = NSU_FRAME_PODMAN;
	}
}

void su_recognise(struct su_start *s)
{
	find_frame(s);
	for (size_t i = 0; i < s->calls.n; i++) {
		if (!s->calls.at[i].outer &&
		    take(s, s->calls.at[i].call.comm,
			 "by the name of the task that made its first call"))
			return;
	}
	for (size_t i = 0; i < s->tasks.n; i++) {
		if (!s->tasks.at[i].outer &&
		    take(s, s->tasks.at[i].first, "by the name of a task of it"))
			return;
	}
	for (size_t i = 0; i < s->milestones.n; i++) {
		if (!s->milestones.at[i].outer && s->milestones.at[i].m.pid != s->pub.payload.pid &&
		    take(s, s->milestones.at[i].m.comm, "by the name of a task that set it up"))
			return;
	}
	s->pub.runtime = NSU_RUNTIME_UNKNOWN;
	s->pub.recognised = "no name in it is that of a runtime";
	if (s->calls.n)
		memcpy(s->pub.runtime_comm, s->calls.at[0].call.comm, sizeof(s->pub.runtime_comm));
}

bool su_known(const struct su_start *s)
{
	return s->pub.runtime != NSU_RUNTIME_UNKNOWN;
}

bool su_child_execs(const struct su_start *s)
{
	/* in these the first task of the new pid namespace becomes the payload itself */
	return s->pub.runtime != NSU_RUNC && s->pub.runtime != NSU_CRUN &&
	       s->pub.runtime != NSU_LXC;
}

bool su_is_copy(const struct nsm_milestone *exec)
{
	return !strncmp(exec->text, "/proc/self/", 11) || !strncmp(exec->text, "/dev/fd/", 8) ||
	       !strncmp(exec->text, "/memfd:", 7);
}

/* Its program is named as the runtime is, or it is a copy of the one that runs already. */
bool su_is_itself(const struct su_start *s, const struct nsm_milestone *exec)
{
	enum nsu_runtime runtime = by_comm(exec->comm);

	return (runtime != NSU_RUNTIME_UNKNOWN && runtime == s->pub.runtime) || su_is_copy(exec);
}

bool su_is_client(const char *comm)
{
	static const char *const clients[] = {
		"docker",  "docker-compose", "ctr", "nerdctl",	     "crictl",
		"kubectl", "podman",	     "k3s", "podman-remote", "docker-buildx"};

	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
		if (!strcmp(comm, clients[i]))
			return true;
	}
	return false;
}

bool su_by_daemon(const struct su_start *s)
{
	return s->pub.frame == NSU_FRAME_DOCKER || s->pub.frame == NSU_FRAME_CONTAINERD ||
	       s->pub.frame == NSU_FRAME_CRIO;
}

bool su_is_engine(const char *comm)
{
	static const char *const engines[] = {"podman", "buildah",	  "conmon",  "crun",
					      "runc",	"rootlesskit",	  "flatpak", "bwrap",
					      "exe",	"containerd-shim"};

	for (size_t i = 0; i < sizeof(engines) / sizeof(*engines); i++) {
		if (!strcmp(comm, engines[i]))
			return true;
	}
	return false;
}
