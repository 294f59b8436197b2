#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Real programs that create, join and leave namespaces, one workload a name. Run as root.
#
#   workloads.sh list        the names, one a line
#   workloads.sh run NAME    run one; 0 done, 77 something it needs is missing (the reason is
#                            on standard error), anything else: it failed
#
# A workload leaves nothing behind: no container, no mount, no file, no process.
# POSIX sh: it also runs in guests that have only dash or busybox.

set -u

self=$(basename "$0")
tmp=
runc_id=
crun_id=
podman_id=
cgroup=
netns=
child=

say() { echo "$self: $*" >&2; }
skip() { say "skip: $*"; exit 77; }
fail() { say "$*"; exit 1; }

need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null 2>&1 || skip "no $tool here (install it)"
	done
}

# Is DIR a mount point? mountpoint(1) is not everywhere, mountinfo is.
is_mount() {
	while read -r _ _ _ _ at _; do
		[ "$at" = "$1" ] && return 0
	done </proc/self/mountinfo
	return 1
}

cleanup() {
	status=$?
	trap - EXIT
	[ -n "$child" ] && kill -KILL "$child" 2>/dev/null
	[ -n "$netns" ] && ip netns del "$netns" 2>/dev/null
	[ -n "$runc_id" ] && runc --root "$tmp/runc" delete -f "$runc_id" >/dev/null 2>&1
	[ -n "$crun_id" ] && crun_here crun --root "$tmp/crun" delete -f "$crun_id" >/dev/null 2>&1
	[ -n "$podman_id" ] && podman_here rm -f -t 0 "$podman_id" >/dev/null 2>&1
	[ -n "$tmp" ] && drop_tmp
	[ -n "$cgroup" ] && find /sys/fs/cgroup -depth -type d \( -path "*/$cgroup" -o -path "*/$cgroup/*" \) \
		-exec rmdir {} + 2>/dev/null
	exit $status
}

# conmon starts `podman container cleanup` in the background when a container ends, and that one
# still writes below $tmp: wait for everyone who names it, then unmount and remove.
drop_tmp() {
	tries=0
	# The pattern comes by standard input: grep's own command line does not hold it.
	# shellcheck disable=SC2062
	while [ $tries -lt 150 ] && echo "$tmp" | grep -qsF -f - /proc/[0-9]*/cmdline; do
		sleep 0.2
		tries=$((tries + 1))
	done
	while read -r _ _ _ _ at _; do
		case $at in "$tmp"/*) echo "$at" ;; esac
	done </proc/self/mountinfo | sort -r | while read -r at; do
		umount -l "$at"
	done
	rm -rf --one-file-system "$tmp" 2>/dev/null || rm -rf "$tmp"
}

# --- a root file system to run ---------------------------------------------------------------

# Only a statically linked busybox works alone in a root of its own.
static_busybox() {
	for box in /bin/busybox /usr/bin/busybox /sbin/busybox; do
		[ -x "$box" ] || continue
		# A dynamic program names its loader in the first kilobyte.
		head -c 1024 "$box" | grep -aq 'ld-' || { echo "$box"; return 0; }
	done
	return 1
}

make_tmp() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/truth.XXXXXX") || fail "cannot make a directory in ${TMPDIR:-/tmp}"
}

make_rootfs() {
	box=$(static_busybox) || skip "no static busybox here (install busybox-static)"
	make_tmp
	mkdir -p "$tmp/bundle/rootfs"
	( cd "$tmp/bundle/rootfs" && mkdir bin dev etc proc run sys tmp ) || fail "cannot make a root file system"
	cp "$box" "$tmp/bundle/rootfs/bin/busybox"
	for applet in sh true sleep hostname; do
		ln -s busybox "$tmp/bundle/rootfs/bin/$applet"
	done
}

# OCI configuration by the runtime's own `spec`, without a terminal, running ARG.
make_bundle() {
	( cd "$tmp/bundle" && "$1" spec ) || fail "$1 spec failed"
	sed -i -e 's/"terminal": true/"terminal": false/' -e "s,\"sh\",\"$2\"," "$tmp/bundle/config.json"
	grep -q "\"$2\"" "$tmp/bundle/config.json" || fail "$1 spec writes another config.json than expected"
}

# crun and podman with crun refuse a cgroup2 mount beside version 1 hierarchies. Run without it,
# in a mount namespace of its own.
hybrid_cgroups() { is_mount /sys/fs/cgroup/unified; }

crun_here() {
	if hybrid_cgroups; then
		unshare -m sh -c 'umount /sys/fs/cgroup/unified && exec "$@"' sh "$@"
	else
		"$@"
	fi
}

need_cgroups() {
	while read -r line; do
		case $line in *" - cgroup"*) return 0 ;; esac
	done </proc/self/mountinfo
	skip "no cgroup file system is mounted (mount -t cgroup2 none /sys/fs/cgroup)"
}

# --- the workloads ---------------------------------------------------------------------------

run_unshare() {
	need_util_linux
	for option in -m -u -i -n -U -C; do
		unshare $option true || fail "unshare $option true failed"
	done
	unshare -p -f true || fail "unshare -p -f true failed"
	unshare -r true || fail "unshare -r true failed"
	if [ -e /proc/self/ns/time ] && unshare --help | grep -q -e --time; then
		unshare -T true || fail "unshare -T true failed"
		unshare -T -f true || fail "unshare -T -f true failed"
	fi
	unshare -m -u -i -n -U -C -p -f -r --mount-proc sh -c 'true; (true); true | true' ||
		fail "unshare of all types failed"
	# One that fails: nobody may be mapped twice, nor a namespace made with no right to.
	unshare -U unshare -u true 2>/dev/null && fail "unshare -u succeeded without the right to"
	return 0
}

run_nsenter() {
	need_util_linux
	need mkfifo
	make_tmp
	mkfifo "$tmp/ready"
	more=
	[ -e /proc/self/ns/time ] && unshare --help | grep -q -e --time && more=-T
	# The host's /proc is still mounted there, so that stat gives the pid we can name.
	# shellcheck disable=SC2016
	unshare -m -u -i -n -C $more -p -f sh -c \
		'read -r pid rest </proc/self/stat; echo $pid >"$1"; exec sleep 300' sh "$tmp/ready" &
	read -r child <"$tmp/ready"
	for option in -m -u -i -n -p -C; do
		nsenter -t "$child" $option true || fail "nsenter $option failed"
	done
	nsenter -t "$child" -m -u -i -n -p -C true || fail "nsenter of six types failed"
	nsenter -t "$child" -p -m sh -c 'true; unshare -u true' || fail "nsenter -p -m sh failed"
	[ -n "$more" ] && { nsenter -t "$child" $more true || fail "nsenter -T failed"; }
	# Its own user namespace cannot be entered again: EINVAL from setns.
	nsenter -t "$child" -U true 2>/dev/null
	kill -KILL "$child"
	wait
	child=
}

run_ip_netns() {
	need ip
	ip netns list >/dev/null 2>&1 || skip "this ip has no netns command (install iproute2)"
	was=no
	is_mount /run/netns && was=yes
	netns=truth$$
	ip netns add $netns || fail "ip netns add failed"
	ip netns exec $netns ip link set lo up || fail "ip netns exec failed"
	ip netns exec $netns true || fail "ip netns exec true failed"
	ip netns exec $netns.none true 2>/dev/null && fail "ip netns exec of an unknown name succeeded"
	ip netns del $netns || fail "ip netns del failed"
	netns=
	[ $was = yes ] || { umount /run/netns && rmdir /run/netns; }
}

run_bwrap() {
	need bwrap
	bwrap --unshare-all --bind / / --proc /proc --dev /dev true || fail "bwrap --unshare-all failed"
	bwrap --ro-bind / / --unshare-pid --unshare-net --proc /proc --dev /dev \
		--die-with-parent sh -c 'true; (true)' || fail "bwrap --unshare-pid failed"
	bwrap --unshare-user --uid 1 --gid 1 --ro-bind / / true || fail "bwrap --unshare-user failed"
}

run_runc() {
	need runc
	need_cgroups
	cgroup=truth$$
	make_rootfs
	make_bundle runc true
	runc_id=truth$$
	runc --root "$tmp/runc" run --bundle "$tmp/bundle" $runc_id || fail "runc run failed"
	runc_id=
}

run_crun() {
	need crun unshare
	need_cgroups
	cgroup=truth$$
	make_rootfs
	make_bundle crun true
	crun_id=truth$$
	crun_here crun --root "$tmp/crun" run --bundle "$tmp/bundle" $crun_id || fail "crun run failed"
	crun_id=
}

# busybox has applets of these names that know half of the options.
need_util_linux() {
	need unshare nsenter
	unshare --help 2>&1 | grep -q -e --cgroup || skip "unshare is not util-linux's (install util-linux)"
}

# podman keeps its state below $tmp and its locks in files, so that the machine's own containers
# are not touched.
podman_here() {
	runtime=runc
	command -v runc >/dev/null 2>&1 || runtime=crun
	wrap=
	[ $runtime = crun ] && wrap=crun_here
	$wrap podman --root "$tmp/podman" --runroot "$tmp/podman.run" --tmpdir "$tmp/podman.tmp" \
		--storage-driver vfs --cgroup-manager cgroupfs --events-backend none \
		--runtime $runtime "$@"
}

# The limits: where root lacks CAP_SYS_RESOURCE podman's defaults cannot be set.
podman_run() {
	podman_here run --network none --cgroup-parent "/$cgroup" --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 \
		--name "$podman_id" "$@"
}

need_podman() {
	need podman conmon
	command -v runc >/dev/null 2>&1 || need crun
	need_cgroups
	cgroup=truth$$
	make_rootfs
	podman_id=truth$$
	printf '[engine]\nlock_type = "file"\n' >"$tmp/containers.conf"
	export CONTAINERS_CONF="$tmp/containers.conf"
}

run_podman_run() {
	need_podman
	podman_run --rm --rootfs "$tmp/bundle/rootfs" true || fail "podman run failed"
	podman_id=
}

run_podman_exec() {
	need_podman
	podman_run -d --rootfs "$tmp/bundle/rootfs" sleep 600 >/dev/null || fail "podman run -d failed"
	podman_here exec "$podman_id" true || fail "podman exec failed"
	podman_here exec "$podman_id" sh -c 'hostname; (true)' >/dev/null || fail "podman exec sh failed"
	podman_here rm -f -t 0 "$podman_id" >/dev/null || fail "podman rm failed"
	podman_id=
}

names="unshare nsenter ip-netns bwrap runc crun podman-run podman-exec"

usage() {
	echo "usage: $self list | run NAME" >&2
	exit 2
}

case ${1-} in
list)
	for name in $names; do echo "$name"; done
	;;
run)
	[ $# -eq 2 ] || usage
	case " $names " in
	*" $2 "*) ;;
	*) say "no workload named '$2' (see $self list)"; exit 2 ;;
	esac
	[ "$(id -u)" = 0 ] || skip "these workloads need root"
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
	"run_$(echo "$2" | tr - _)"
	;;
*)
	usage
	;;
esac
