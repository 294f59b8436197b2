#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The measuring inside a guest; bench.sh starts it. Results go to /out.

fail() { echo "guest.sh: $*" >&2; exit 1; }

bench() { # bench NAME: fork, thread and vfork, into /out/NAME
	for op in fork thread vfork; do
		forkbench $op 200 10 || fail "forkbench $op"
	done >"/out/$1"
}

uname -r >/out/kernel
hookcost cost >/out/cost || fail "hookcost cost"
hookcost cost tree >/out/cost-tree || fail "hookcost cost tree"
bench none

start() { # start NAME ARGS...: nslens trace, until everything is attached
	name=$1
	shift
	nslens trace --json -o "/out/$name" "$@" 2>"/out/$name.err" &
	tracer=$!
	n=0
	until [ -s "/out/$name" ]; do # its first line
		n=$((n + 1))
		if [ $n = 200 ] || ! kill -0 $tracer; then
			fail "nslens did not become ready: $(cat "/out/$name.err")"
		fi
		usleep 50000
	done
	# Past the last link; what attaching puts off (RCU, text patching) is over too.
	sleep 1
}

stop() {
	kill -INT $tracer
	wait $tracer || fail "nslens: status $?: $(cat "/out/$name.err")"
	attached 60 >/dev/null || fail "programs are still loaded a minute after the end"
	sleep 1
}

paths() { # paths NAME: what runs on the way, into /out/NAME
	for op in fork thread vfork; do
		hookcost path $op 100 || fail "hookcost path $op"
	done >"/out/$1"
}

start trace
bench nslens
paths path
stop

# Somebody else's process tree is followed: these forks are not of it.
sleep 1000 &
followed=$!
start trace-tree --pid $followed
paths path-tree
stop
kill $followed

# The control comes last: whatever drifts while a guest runs shows in it.
bench none-again
