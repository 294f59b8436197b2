# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# slowdisk.sh CALLS: recorders whose file lies on a disk that takes 1 MiB a second.
. "${0%/*}/lib.sh"
for disk in /sys/block/nvme*; do disk=${disk##*/}; done
mke2fs -F "/dev/$disk" 65536 >mkfs.log 2>&1
mkdir /slow
mount -t ext4 "/dev/$disk" /slow || exit 1
group=/sys/fs/cgroup/slow
mkdir $group
echo "$(cat /sys/block/"$disk"/dev) wbps=1048576" >$group/io.max

# slowly COMMAND...: in the place of a shell of its own
slowly() {
	echo 0 >$group/cgroup.procs
	exec "$@"
}

# The states of the recorder itself (its process's first task) and of the thread that writes for
# it: D waits for the disk. (The kernel's own count of such waits, delayacct, errs by the uptime.)
state_of() {
	local it
	read -r _ _ state it <"$1/stat" || state=X
}
look() {
	local task
	for task in /proc/"$recorder"/task/*; do
		state_of "$task"
		if [ "${task##*/}" = "$recorder" ]; then own=$state; else helper=$state; fi
	done 2>/dev/null
}

# one NAME CALLS OPTION...: writes how often it looked while events came, how often the thread was seen
# to wait for the disk, and how often the recorder itself
one() {
	local name=$1 calls=$2 looks=0 helpers=0 owns=0 churning helper own state
	shift 2
	(slowly nslens record $hooks_arg "$@" -o "/slow/$name.nslens" 2>"$name.err") &
	recorder=$!
	until_true 30 grep -q 'recording to' "$name.err" || bad "$name-starts" "$(tail -n 1 "$name.err")"
	churn --calls "$calls" --net-every 0 >"$name.truth" &
	churning=$!
	until gone $churning; do
		look
		looks=$((looks + 1))
		[ "$helper" != D ] || helpers=$((helpers + 1))
		[ "$own" != D ] || owns=$((owns + 1))
		sleep 0.02
	done
	echo "$looks $helpers $owns" >"$name.waited"
	kill -INT $recorder
	wait $recorder
	echo $? >"$name.status"
	cp "/slow/$name.nslens"* .
	rm -f "/slow/$name.nslens"*
}
# a buffer that is full long before the thread has written what it is at
one large $(($1 * 2)) --buffer 1M
# a ring of the kernel and a WAL that are soon full: here it has to wait
one small "$1" --ring 16M --buffer 64K
umount /slow
exit 0
