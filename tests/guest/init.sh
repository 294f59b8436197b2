#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC3043
#
# First program of a guest (see run.sh).  Runs twice: as /init in the initramfs,
# where it makes a root, and again in that root, where it runs the command.
#
#   ttyS0  kernel console
#   ttyS1  the command's output, nothing else
#   ttyS2  a tar of /out where no disk carries it
#   ttyS3  control: "ready", then "status N"

own=/.nslens
bb=$own/busybox

disk() { # disk SERIAL: prints the device, waiting for the probe to end
	local n=0 s
	while [ $n -lt 200 ]; do
		for s in /sys/class/nvme/nvme*/serial; do
			[ -r "$s" ] || continue
			case "$($bb cat "$s")" in
			"$1" | "$1 "*)
				s=${s%/serial}
				[ ! -b "/dev/${s##*/}n1" ] || { echo "/dev/${s##*/}n1"; return; }
				;;
			esac
		done
		$bb usleep 50000
		n=$((n + 1))
	done
	echo "nslens-guest: no disk with serial $1" >/dev/console
	return 1
}

first_stage() {
	/bin/busybox mkdir -p $own /proc /sys /dev /newroot
	/bin/busybox mv /bin/busybox $bb
	$bb ln -s $bb /bin/busybox
	$bb mount -t proc proc /proc
	$bb mount -t sysfs sysfs /sys
	$bb mount -t devtmpfs devtmpfs /dev
	echo ready >/dev/ttyS3
	if [ -e $own/full ]; then
		$bb mount -t ext4 -o rw,noatime "$(disk root)" /newroot || exit 1
		$bb mkdir -p /newroot$own /newroot/nslens
		$bb mount -o bind $own /newroot$own
		$bb mount -o bind /nslens /newroot/nslens
	else
		# pivot_root refuses to work from the initramfs itself, so the
		# root is a mount on top of it, as on any machine.
		$bb mount -o bind / /newroot
	fi
	for d in proc sys dev; do $bb mount -o move /$d /newroot/$d; done
	cd /newroot || exit 1
	$bb mount -o move . /
	exec $bb chroot . $bb sh $own/init second
}

second_stage() {
	cd /
	if [ -e $own/full ]; then
		export PATH=/nslens:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	else
		export PATH=/nslens:/bin
		$bb --install -s /bin
		$bb ln -sf /bin /sbin
		$bb mkdir -p /tmp /root /etc /usr
		$bb ln -sf /bin /usr/bin
		$bb ln -sf /bin /usr/sbin
		echo root:x:0:0:root:/root:/bin/sh >/etc/passwd
		echo user:x:1000:1000:user:/tmp:/bin/sh >>/etc/passwd
		printf 'root:x:0:\nuser:x:1000:\n' >/etc/group
	fi
	$bb mkdir -p /run /tmp /out /dev/pts /dev/shm
	$bb mount -t tmpfs -o mode=755 tmpfs /run
	$bb mount -t tmpfs -o mode=1777 tmpfs /tmp
	$bb mount -t tmpfs -o mode=1777 tmpfs /out
	$bb mount -t tmpfs -o mode=1777 tmpfs /dev/shm
	$bb mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
	$bb ln -sf /proc/self/fd /dev/fd
	$bb ln -sf /proc/self/fd/0 /dev/stdin
	$bb ln -sf /proc/self/fd/1 /dev/stdout
	$bb ln -sf /proc/self/fd/2 /dev/stderr
	$bb mount -t cgroup2 cgroup2 /sys/fs/cgroup
	$bb mount -t bpf bpf /sys/fs/bpf
	$bb mount -t tracefs tracefs /sys/kernel/tracing
	$bb mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
	for c in $($bb cat /sys/fs/cgroup/cgroup.controllers); do
		echo "+$c" >/sys/fs/cgroup/cgroup.subtree_control
	done
	# A machine run by systemd has its whole tree shared.
	[ ! -e $own/full ] || $bb mount --make-rshared /
	$bb ifconfig lo 127.0.0.1 up
	$bb hostname nslens-guest

	# A pipe and not the line itself as standard output: the command must
	# not take the line for a terminal.
	$bb stty -F /dev/ttyS1 raw
	$bb mkfifo $own/output
	$bb cat <$own/output >/dev/ttyS1 &
	local reader=$!
	export HOME=/root TERM=dumb USER=root
	if [ -e $own/terminal ]; then
		local rows columns kind
		read -r rows columns kind <$own/terminal
		$bb stty -F /dev/ttyS1 sane rows "$rows" columns "$columns"
		(
			cd /nslens || exit 125
			export TERM="$kind"
			exec $bb setsid -c sh -c "$($bb cat $own/command)"
		) </dev/ttyS1 >/dev/ttyS1 2>&1
	else
		(
			cd /nslens || exit 125
			exec $bb setsid sh -c "$($bb cat $own/command)"
		) </dev/null >$own/output 2>&1
	fi
	local status=$?
	[ ! -e $own/terminal ] || kill $reader

	# A process that the command left behind may hold the pipe.
	local n=0
	while kill -0 $reader 2>/dev/null && [ $n -lt 50 ]; do
		$bb usleep 20000
		n=$((n + 1))
	done

	if [ -e $own/results-disk ]; then
		local d
		d=$(disk out) && $bb tar -C /out -c -f - . >"$d" && $bb sync || status="$status noresults"
	elif [ -e $own/results-line ]; then
		$bb stty -F /dev/ttyS2 raw
		$bb tar -C /out -c -f - . >/dev/ttyS2 || status="$status noresults"
	fi
	echo "status $status" >/dev/ttyS3
	$bb reboot -f
}

case ${1-} in
second) second_stage ;;
*) first_stage ;;
esac
