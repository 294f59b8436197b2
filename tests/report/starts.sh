#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# starts.sh: here or in a guest, starts of real runtimes, each recorded and traced by strace at
# the same time; then starts that are slowed or made to fail on purpose. Leaves files in $OUT;
# nslens and truth/workloads.sh lie beside this script. $WHICH: names of those to run.
set -u
bin=$(cd "${0%/*}" && pwd)
nslens=$bin/nslens
cd "$OUT" || exit 1
tmp=$(mktemp -d "${TMPDIR:-/tmp}/starts.XXXXXX") || exit 1
trap 'rm -rf --one-file-system "$tmp" 2>/dev/null || rm -rf "$tmp"' EXIT

need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null 2>&1 && continue
		echo "no $tool here (install it)" >"$name.skip"
		return 1
	done
}

# Beside strace: both see the same start.
traced() {
	"$nslens" record --force -o "$name.nslens" -- strace -f -ttt -s 200 -o "$name.strace" \
		-e signal=none -e trace=clone,clone3,fork,vfork,unshare,setns,execve,exit_group \
		"$@" >"$name.log" 2>&1 </dev/null
	echo $? >"$name.status"
}

alone() {
	"$nslens" record --force -o "$name.nslens" -- "$@" >"$name.log" 2>&1 </dev/null
	echo $? >"$name.status"
}

rootfs() {
	box=
	for at in /bin/busybox /usr/bin/busybox; do [ -x "$at" ] && box=$at && break; done
	if [ -z "$box" ]; then
		echo "no busybox here (install busybox-static)" >"$name.skip"
		return 1
	fi
	mkdir -p "$1/bin" "$1/dev" "$1/etc" "$1/proc" "$1/run" "$1/sys" "$1/tmp" "$1/usr"
	cp "$box" "$1/bin/busybox"
	for applet in sh true sleep; do ln -sf busybox "$1/bin/$applet"; done
	echo ID=test >"$1/etc/os-release"
}

# An OCI bundle whose container runs true, with a hook.
bundle() { # DIR HOOK ARGS-AS-JSON
	mkdir -p "$1"
	rootfs "$1/rootfs" || return 1
	( cd "$1" && runc spec ) || return 1
	jq --argjson args "$3" --arg hook "$2" '.process.terminal = false | .process.args = ["true"] |
		.linux.cgroupsPath = "/starts" |
		.hooks[$hook] = [{path: $args[0], args: $args}]' "$1/config.json" >"$1/new.json" &&
		mv "$1/new.json" "$1/config.json"
}

# --- the runtimes

start_runc() { need runc strace && traced "$bin/truth/workloads.sh" run runc; }
start_crun() { need crun strace && traced "$bin/truth/workloads.sh" run crun; }
start_bwrap() { need bwrap strace && traced "$bin/truth/workloads.sh" run bwrap; }
start_podman() { need podman strace && traced "$bin/truth/workloads.sh" run podman-run; }

start_unshare() {
	need unshare strace && traced sh -c 'unshare -m true; unshare -p -f true; unshare -n true;
		unshare -r -m -p -f -u -i --mount-proc sh -c "true; (true)"; unshare -U unshare -m true; :'
}

start_nspawn() {
	need systemd-nspawn strace || return
	rootfs "$tmp/nspawn" || return
	# without machined, a bus, or a unit of its own
	traced systemd-nspawn --quiet --register=no --keep-unit --private-network -D "$tmp/nspawn" \
		/bin/true
}

# shellcheck source=tests/report/engines.sh
. "$bin/engines.sh"

# --- slowed on purpose

start_hook() {
	need runc jq || return
	bundle "$tmp/hook" createRuntime '["/bin/sleep", "2"]' || return
	alone runc --root "$tmp/runc" run --bundle "$tmp/hook" "starts$$"
}

# The lock's file lies on a mount of another mount namespace, which holds it until 2 s after the
# hook has come to ask for it.
start_lock() {
	need runc jq flock unshare || return
	: >"$tmp/state"
	bundle "$tmp/lock" createRuntime "$(jq -n --arg dir "$tmp" \
		'["/bin/sh", "-c", "touch \($dir)/asked; exec flock \($dir)/state true"]')" || return
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind "$1/state" "$1/state" && exec flock "$1/state" sh -c "
		n=0; until [ -e $1/asked ] || [ \$n = 600 ]; do sleep 0.1; n=\$((n + 1)); done; sleep 2"' \
		sh "$tmp" &
	sleep 1
	alone runc --root "$tmp/runc" run --bundle "$tmp/lock" "starts$$"
	wait
}

# A limit of a user namespace of its own: nobody else is touched.
start_limit() {
	need bwrap unshare || return
	# shellcheck disable=SC2016
	alone unshare -r sh -c 'echo 0 >/proc/sys/user/max_net_namespaces &&
		bwrap --unshare-net --unshare-pid --dev-bind / / true'
}

engines="docker containerd lxc rootless-bwrap rootless-podman"
for name in ${WHICH:-runc crun bwrap podman unshare nspawn $engines hook lock limit}; do
	rm -f "$name.skip" "$name.status"
	"start_$(echo "$name" | tr - _)"
	[ -e "$name.nslens" ] || continue
	"$nslens" report --json "$name.nslens" >"$name.json" 2>"$name.err"
	"$nslens" report "$name.nslens" >"$name.txt" 2>>"$name.err"
	"$nslens" report --format markdown "$name.nslens" >"$name.md" 2>>"$name.err"
done
