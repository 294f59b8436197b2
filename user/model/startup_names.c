// SPDX-License-Identifier: GPL-2.0-only
/* What the parts of a start-up are called. */
#include "startup.h"

#define NAME(names, i) ((size_t)(i) < sizeof(names) / sizeof(*(names)) ? (names)[i] : "?")

const char *nsu_runtime_name(enum nsu_runtime runtime)
{
	static const char *const names[] = {
		[NSU_RUNTIME_UNKNOWN] = "unknown",
		[NSU_RUNC] = "runc",
		[NSU_CRUN] = "crun",
		[NSU_BWRAP] = "bwrap",
		[NSU_NSPAWN] = "systemd-nspawn",
		[NSU_LXC] = "lxc",
		[NSU_UNSHARE] = "unshare",
		[NSU_IP] = "ip netns exec",
		[NSU_SYSTEMD] = "systemd unit",
		[NSU_PODMAN] = "podman's own namespaces",
	};

	return NAME(names, runtime);
}

const char *nsu_frame_name(enum nsu_frame frame)
{
	static const char *const names[] = {
		[NSU_FRAME_NONE] = 0,
		[NSU_FRAME_PODMAN] = "podman",
		[NSU_FRAME_CRIO] = "cri-o",
		[NSU_FRAME_DOCKER] = "docker",
		[NSU_FRAME_CONTAINERD] = "containerd",
	};

	return NAME(names, frame);
}

const char *nsu_outcome_name(enum nsu_outcome outcome)
{
	static const char *const names[] = {
		[NSU_RUNNING] = "running",
		[NSU_FAILED] = "failed",
		[NSU_CUT] = "unfinished",
		[NSU_DOUBTFUL] = "doubtful",
	};

	return NAME(names, outcome);
}

static const struct {
	const char *word, *name;
} stages[NSU_STAGES] = {
	[NSU_STAGE_PREPARE] = {"prepare", "runtime prepares"},
	[NSU_STAGE_NAMESPACES] = {"namespaces", "namespaces made"},
	[NSU_STAGE_ID_MAPS] = {"id_maps", "id maps written"},
	[NSU_STAGE_JOIN] = {"join", "namespaces joined"},
	[NSU_STAGE_CGROUP] = {"cgroup", "cgroup joined"},
	[NSU_STAGE_NETWORK] = {"network", "network devices moved in"},
	[NSU_STAGE_MOUNTS] = {"mounts", "file system set up"},
	[NSU_STAGE_ROOT] = {"pivot_root", "pivot_root"},
	[NSU_STAGE_IDENTITY] = {"hostname", "hostname set"},
	[NSU_STAGE_HOOK] = {"helper", "another program runs"},
	[NSU_STAGE_PRIVILEGES] = {"privileges", "privileges dropped"},
	[NSU_STAGE_FORK] = {"fork", "first task inside made"},
	[NSU_STAGE_START] = {"start", "runtime starts it"},
	[NSU_STAGE_WAIT] = {"wait", "waits, or works unseen"},
	[NSU_STAGE_EXEC] = {"exec", "payload executed"},
};

const char *nsu_stage_name(enum nsu_stage_kind kind)
{
	return (size_t)kind < NSU_STAGES ? stages[kind].name : "?";
}

const char *nsu_stage_word(enum nsu_stage_kind kind)
{
	return (size_t)kind < NSU_STAGES ? stages[kind].word : "?";
}

const char *nsu_role_name(enum nsu_role role)
{
	static const char *const names[] = {
		[NSU_ROLE_CREATED] = "created",
		[NSU_ROLE_SHARED] = "shared",
		[NSU_ROLE_JOINED] = "joined",
		[NSU_ROLE_LEFT] = "left behind",
	};

	return NAME(names, role);
}

const char *nsu_matter_name(enum nsu_matter matter)
{
	static const char *const names[] = {
		[NSU_SUCCEEDED] = "succeeded",
		[NSU_HARMLESS] = "did not matter",
		[NSU_REPEATED] = "repeated with success",
		[NSU_FATAL] = "ended the start",
		[NSU_UNCLEAR] = "unclear",
	};

	return NAME(names, matter);
}

const char *nsu_doing_name(enum nsu_doing doing)
{
	static const char *const names[] = {
		[NSU_OUTSIDE] = "outside",
		[NSU_IN_CALL] = "in call",
		[NSU_WAITS] = "waits",
	};

	return NAME(names, doing);
}
