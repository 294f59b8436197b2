#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2016
#
# churn.sh CALLS FORKS TINY-CALLS: a default ring, forks alone, and a ring that is too small.
# In the second half of the last run everything is slow again and must be complete.
. "${0%/*}/lib.sh"

# of the whole machine, whoever made them
forks_so_far() { sed -n 's/^processes //p' /proc/stat; }

# tasks that are not initial have each exec told: so it is in a container
for ns in mnt uts ipc pid net cgroup user; do
	[ "$(readlink /proc/self/ns/$ns)" = "$(readlink /proc/1/ns/$ns)" ] || touch not_initial
done

forks_so_far >forks.before
t --json -o full.jsonl -- churn --calls "$1" --net-every 16 --storm >full.truth
echo $? >full.status
forks_so_far >forks.after
t --json -o forks.jsonl -- sh -c "forkbench fork $2 1 && forkbench thread $2 1" >forks.truth
echo $? >forks.status

cp "$bin/churn" ./churn2
cat >tiny.cmd <<'END'
churn --calls $1 --net-every 16 --storm >tiny1.truth || exit 1
sleep 0.3
# nobody reads: what comes now cannot all fit
kill -STOP $PPID
churn --calls 400 --net-every 0 --seed 5 >tiny2.truth || exit 1
kill -CONT $PPID
sleep 0.5
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	./churn2 --calls 4 --tasks 1 --net-every 0 --seed $i || exit 1
	sleep 0.1
done >tiny3.truth
END
t --json --buffer 32K -o tiny.jsonl -- sh ./tiny.cmd "$3"
echo $? >tiny.status
t --buffer 8K -o tiny.story -- sh -c 'kill -STOP $PPID; churn --calls 400 --net-every 0; kill -CONT $PPID' >/dev/null
