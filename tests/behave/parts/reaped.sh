#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# reaped.sh TASKS: so many short ones in namespaces of their own, and the graph two looks later.
. "${0%/*}/lib.sh"

cat >many.sh <<'END'
echo to-be-reaped >/proc/self/comm # and theirs: others of the machine may have zombies
i=0
while [ $i -lt "$1" ]; do
	(:)
	i=$((i + 1))
	# RCU frees what has come together: many small heaps
	[ $((i % 3)) -ne 0 ] || sleep 0.01
done
END
nslens record $hooks_arg -o reaped.nslens -- \
	sh -c "unshare -u -p -f sh ./many.sh $1; sleep 5" 2>record.err ||
	bad record "$(tail -n 1 record.err)"
nslens graph -i reaped.nslens --at end --json >graph.json
check graph "$(tail -n 1 record.err)" grep -q '"zombies":' graph.json
zombies=$(grep -o to-be-reaped graph.json | wc -l)
check zombies "$zombies zombies where all were reaped" [ "$zombies" = 0 ]
# of each its birth, its exit and its end
events=$(sed -n 's/.*: \([0-9]*\) events.*/\1/p' record.err)
check events "${events:-no} events of $1 tasks" [ "${events:-0}" -ge $((3 * $1)) ]
