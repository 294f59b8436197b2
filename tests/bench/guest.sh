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
bench none

nslens trace --json -o /out/trace 2>/out/trace.err &
tracer=$!
n=0
until [ -s /out/trace ]; do # its first line: everything is attached
	n=$((n + 1))
	if [ $n = 200 ] || ! kill -0 $tracer; then
		fail "nslens did not become ready: $(cat /out/trace.err)"
	fi
	usleep 50000
done
# Past the last link; what attaching puts off (RCU, text patching) is over too.
sleep 1
bench nslens
for op in fork thread vfork; do
	hookcost path $op 100 || fail "hookcost path $op"
done >/out/path
kill -INT $tracer
wait $tracer || fail "nslens: status $?: $(cat /out/trace.err)"

# The control comes last: whatever drifts while a guest runs shows in it.
attached 60 || fail "programs are still loaded a minute after the end"
sleep 1
bench none-again
