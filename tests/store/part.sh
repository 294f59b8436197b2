#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# part.sh CALLS: here or in a guest: what is recorded, beside what churn says of itself and what a
# trace tells at the same time. Leaves files in $OUT; nslens and churn lie beside this script.
set -u
bin=$(cd "${0%/*}" && pwd)
cd "$OUT" || exit 1
cp "$bin/churn" ./nslchurn

# alone, at full speed
"$bin/nslens" record -v -o churn.nslens -- "$bin/churn" --calls "$1" --net-every 64 >churn.truth 2>churn.log
echo $? >churn.status

# beside a trace of the same tasks
"$bin/nslens" record -o both.nslens 2>both.log &
recorder=$!
n=0
until grep -q 'recording to' both.log || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
"$bin/nslens" trace --json --comm nslchurn -o both.live 2>both.trace.log &
tracer=$!
n=0
until [ -s both.live ] || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
./nslchurn --calls 300 --tasks 1 --net-every 32 --seed 9 >both.truth
sleep 0.3
kill -INT $tracer
wait $tracer
kill -INT $recorder
wait $recorder
echo $? >both.status
"$bin/nslens" trace -i both.nslens --comm nslchurn --json -o both.told
echo $? >told.status
"$bin/nslens" trace -i both.nslens --comm nslchurn --brief -o both.brief || echo 1 >told.status
"$bin/nslens" graph -i both.nslens --json -o both.graph
echo $? >graph.status

# something that is left behind
"$bin/nslens" record -o leave.nslens -- sh -c 'unshare -u sleep 3 >/dev/null 2>&1 & sleep 1' 2>/dev/null

# with tracepoints alone: what holds a namespace that no task is in is read again and again
readings() { [ "$("$bin/nslens" export --format events kept.nslens 2>/dev/null | grep -c '"kind":"keeper"')" -ge 6 ]; }
if grep -q '"tracepoints_only":true' both.graph; then
	"$bin/nslens" record -o kept.nslens 2>kept.log &
	recorder=$!
	n=0
	until grep -q 'recording to' kept.log || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
	unshare -u sleep 600 &
	sleeper=$!
	n=0
	until [ "$(readlink /proc/$sleeper/ns/uts)" != "$(readlink /proc/self/ns/uts)" ] || [ $n = 600 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	readlink "/proc/$sleeper/ns/uts" >kept.ns
	exec 9<"/proc/$sleeper/ns/uts"
	kill $sleeper
	n=0
	until readings || [ $n = 60 ]; do sleep 1; n=$((n + 1)); done
	exec 9<&-
	kill -INT $recorder
	wait $recorder
	"$bin/nslens" export --format events kept.nslens >kept.jsonl
fi

# a command's status is its own
"$bin/nslens" record -o status.nslens -- sh -c 'exit 7' 2>/dev/null
echo $? >seven.status
"$bin/nslens" record -o status.nslens --force -- ./nonexistent 2>/dev/null
echo $? >none.status
"$bin/nslens" record -o status.nslens -- true 2>exists.log
echo $? >exists.status

# a small ring under work does not grow, and is saved when asked and when something fails
"$bin/nslens" record --ring 16M --save-on EBADF -o fly.nslens 2>fly.log &
recorder=$!
n=0
# those before may still be let go by the kernel, one after the other
until grep -q 'recording to' fly.log || [ $n = 600 ]; do sleep 0.1; n=$((n + 1)); done
"$bin/churn" --calls "$1" --net-every 64 >fly.truth
# the kilobytes of the ring and its WAL
du -k fly.nslens.ring fly.nslens.ring-wal 2>/dev/null | awk '{n += $1} END {print n}' >fly.kb
sleep 0.5
kill -USR1 $recorder
n=0
until [ "$(grep -c 'saved fly' fly.log)" -ge 2 ] || [ $n = 100 ]; do sleep 0.1; n=$((n + 1)); done
kill -INT $recorder
wait $recorder
echo $? >fly.status
exit 0
