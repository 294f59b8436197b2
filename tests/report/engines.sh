#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # name and tmp are the caller's
#
# engines.sh: read by starts.sh: starts that a daemon makes for a client (docker, containerd),
# lxc, and those of a user who is not root. Daemons are the test's own: their sockets, state and
# images lie below its directory, and they end with it.

calls=clone,clone3,fork,vfork,unshare,setns,execve,exit_group

# wait_for SECONDS COMMAND...
wait_for() {
	tries=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

end_of() { # PID...: asks them to end, and waits
	for one in "$@"; do
		kill "$one" 2>/dev/null
		wait_for 10 sh -c "! kill -0 $one" || kill -9 "$one"
	done
}

has_attached() { # LOG PID...
	log=$1
	shift
	for one in "$@"; do grep -q "Process $one attached" "$log" || return 1; done
}

# The daemons do the work: strace looks at them, nslens at what the client asks for.
served() { # "PID..." COMMAND...
	daemons=$1
	shift
	# shellcheck disable=SC2046,SC2086 # pids
	strace -f -ttt -s 200 -o "$name.strace" -e signal=none -e trace=$calls \
		$(printf ' -p %s' $daemons) 2>"$name.attach" &
	tracer=$!
	# shellcheck disable=SC2086 # pids
	if ! wait_for 10 has_attached "$name.attach" $daemons; then
		echo "strace cannot look at the daemon: $(tail -n 1 "$name.attach")" >"$name.skip"
		kill $tracer
		return
	fi
	alone "$@"
	kill -INT $tracer
	wait $tracer 2>/dev/null
}

child_named() { # PID COMM
	for stat in /proc/[0-9]*/stat; do
		# shellcheck disable=SC2046 # words
		set -- "$1" "$2" $(sed 's/^\([0-9]*\) (\(.*\)) . \([0-9]*\).*/\1 \3 \2/' "$stat" 2>/dev/null)
		[ "${4-}" != "$1" ] || [ "${5-}" != "$2" ] || { echo "$3"; return; }
	done
}

start_docker() {
	need dockerd docker containerd runc strace || return
	rootfs "$tmp/image" || return
	at=$tmp/docker
	mkdir -p "$at"
	echo '{}' >"$at/daemon.json"
	dockerd --config-file "$at/daemon.json" --host "unix://$at/socket" --data-root "$at/data" \
		--exec-root "$at/exec" --pidfile "$at/pid" --iptables=false --ip6tables=false \
		--bridge=none --storage-driver=vfs >"$name.daemon" 2>&1 &
	daemon=$!
	if ! wait_for 20 docker --host "unix://$at/socket" version; then
		echo "dockerd does not start here: $(tail -n 1 "$name.daemon")" >"$name.skip"
		end_of $daemon
		return
	fi
	tar -C "$tmp/image" -cf - . | docker --host "unix://$at/socket" import - starts >/dev/null
	served "$daemon $(child_named $daemon containerd)" \
		docker --host "unix://$at/socket" run --rm --network none starts true
	end_of $daemon
}

start_containerd() {
	need containerd ctr runc strace || return
	rootfs "$tmp/image" || return
	at=$tmp/containerd
	mkdir -p "$at"
	printf 'version = 2\nroot = "%s"\nstate = "%s"\ndisabled_plugins = ["%s"]\n[grpc]\naddress = "%s"\n' \
		"$at/root" "$at/state" io.containerd.grpc.v1.cri "$at/socket" >"$at/config.toml"
	containerd --config "$at/config.toml" >"$name.daemon" 2>&1 &
	daemon=$!
	if ! wait_for 20 ctr --address "$at/socket" version; then
		echo "containerd does not start here: $(tail -n 1 "$name.daemon")" >"$name.skip"
		end_of $daemon
		return
	fi
	served $daemon ctr --address "$at/socket" run --rm --rootfs "$tmp/image" "starts$$" /bin/true
	end_of $daemon
}

start_lxc() {
	need lxc-start strace || return
	rootfs "$tmp/lxc/starts/rootfs" || return
	cat >"$tmp/lxc/starts/config" <<-END_CONFIG
		lxc.rootfs.path = dir:$tmp/lxc/starts/rootfs
		lxc.uts.name = starts
		lxc.net.0.type = empty
		lxc.init.cmd = /bin/true
		lxc.apparmor.profile = unconfined
	END_CONFIG
	traced lxc-start --foreground --lxcpath "$tmp/lxc" --name starts
}

# ---- not root

# strace stays root: it could not follow newuidmap otherwise.
traced_as() { # USER COMMAND...
	user=$1
	shift
	"$nslens" record --force -o "$name.nslens" -- timeout -k 5 120 strace -u "$user" -f -ttt -s 200 \
		-o "$name.strace" -e signal=none -e trace=$calls "$@" >"$name.log" 2>&1 </dev/null
	echo $? >"$name.status"
}

start_rootless_bwrap() {
	need bwrap strace || return
	if ! strace -u nobody -o /dev/null unshare -U true 2>"$name.log"; then
		echo "not as nobody: $(tail -n 1 "$name.log")" >"$name.skip"
		return
	fi
	traced_as nobody bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev true
}

start_rootless_podman() {
	need podman conmon newuidmap strace jq || return
	user=$(cut -d : -f 1 /etc/subuid 2>/dev/null | head -n 1)
	if [ -z "$user" ] || ! id "$user" >/dev/null 2>&1; then
		echo "no user has subordinate ids (/etc/subuid)" >"$name.skip"
		return
	fi
	rootfs "$tmp/rootless/rootfs" || return
	at=$tmp/rootless
	mkdir -p "$at/home" "$at/run"
	printf '[engine]\nlock_type = "file"\n' >"$at/containers.conf"
	chown -R "$user" "$at"
	chmod 700 "$at/run"
	chmod 711 "$tmp"
	# Its pause process keeps the user namespace for the user's next podman: strace would wait
	# for it for ever.  It belongs to the user, whose files name it, and ends with the test.
	# shellcheck disable=SC2016
	traced_as "$user" env USER="$user" LOGNAME="$user" HOME="$at/home" XDG_RUNTIME_DIR="$at/run" \
		CONTAINERS_CONF="$at/containers.conf" sh -c '"$@"; status=$?
			kill -9 "$(cat "$XDG_RUNTIME_DIR/libpod/tmp/pause.pid")"
			exit $status' sh \
		podman --storage-driver vfs --cgroup-manager cgroupfs --events-backend none run --rm \
		--network none --cgroups disabled --rootfs "$at/rootfs" true
}
