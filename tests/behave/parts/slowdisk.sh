# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# slowdisk.sh CALLS: recorders whose file lies on a disk that takes 2 MiB a second.
. "${0%/*}/lib.sh"
for disk in /sys/block/nvme*; do disk=${disk##*/}; done
mke2fs -F "/dev/$disk" 65536 >mkfs.log 2>&1
mkdir /slow
mount -t ext4 "/dev/$disk" /slow || exit 1
group=/sys/fs/cgroup/slow
mkdir $group
echo "$(cat /sys/block/"$disk"/dev) wbps=2097152" >$group/io.max

# slowly COMMAND...: in the place of a shell of its own
slowly() {
	echo 0 >$group/cgroup.procs
	exec "$@"
}

# waited TASK...: hundredths of a second that it has waited for disks
waited() {
	cat "$@" 2>/dev/null | sed 's/.*) //' | awk '{ n += $40 } END { print n + 0 }'
}
now_() { cut -d" " -f1 /proc/uptime; }
of_recorder() { waited "/proc/$recorder/task/$recorder/stat"; }
of_helper() {
	local task stats=
	for task in /proc/"$recorder"/task/*; do
		[ "${task##*/}" = "$recorder" ] || stats="$stats $task/stat"
	done
	# shellcheck disable=SC2086 # paths of ours
	waited $stats
}

# one NAME CALLS OPTION...: Ctrl-C comes when all of the file that can wait still waits for the disk
one() {
	local name=$1 calls=$2 before
	shift 2
	(slowly nslens record $hooks_arg "$@" -o "/slow/$name.nslens" 2>"$name.err") &
	recorder=$!
	until_true 30 grep -q 'recording to' "$name.err" || bad "$name-starts" "$(tail -n 1 "$name.err")"
	echo "$(now_) recording" >&2
	before=$(of_recorder)
	churn --calls "$calls" --net-every 0 >"$name.truth"
	echo "$(now_) churned" >&2
	helper_waits() { sleep 0.2; [ "$(of_helper)" -ge 100 ]; }
	until_true 3 helper_waits
	echo "$(($(of_recorder) - before)) $(of_helper)" >"$name.waited"
	echo "$(now_) INT" >&2
	kill -INT $recorder
	wait $recorder
	echo $? >"$name.status"; echo "$(now_) ended" >&2
	cp "/slow/$name.nslens" .
	rm -f "/slow/$name.nslens"*
}
one large "$1"
# a ring of the kernel and a WAL that are soon full: here it has to wait
one small "$1" --ring 16M --buffer 64K
umount /slow
exit 0
