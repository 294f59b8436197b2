#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The measuring inside a guest; record.sh starts it. Results go to /out.

fail() { echo "record-guest.sh: $*" >&2; exit 1; }

work() { # work NAME: into /out/NAME
	for op in fork uts start; do
		nswork $op 20 11 || fail "nswork $op"
	done >"/out/$1"
}

# ready FILE TEXT PID: the tool says in FILE that everything is attached
ready() {
	n=0
	until grep -q "$2" "$1" 2>/dev/null; do
		n=$((n + 1))
		if [ $n = 400 ] || ! kill -0 "$3"; then
			fail "nslens did not become ready: $(cat /out/*.err)"
		fi
		usleep 50000
	done
	sleep 1 # what attaching puts off is over
}

# under NAME PID: the tool stands still, so that the hooks alone are paid; then it catches up,
# and what that takes it is counted apart
under() {
	before=$(nswork cpu "$2")
	kill -STOP "$2"
	work "$1"
	kill -CONT "$2"
	sleep 8
	after=$(nswork cpu "$2")
	echo "$before $after" >"/out/$1.cpu"
	kill -INT "$2"
	wait "$2" || fail "$1: status $?: $(cat "/out/$1.err")"
	attached 60 || fail "programs are still loaded a minute after the end"
	sleep 1
}

uname -r >/out/kernel
mkdir -p /tmp
# a machine that has just booted takes twice as long for everything
for op in fork uts start; do nswork $op 300 2 >/dev/null || fail "nswork $op"; done
work none
nslens trace --brief --buffer 64M -o /tmp/trace >/out/trace.said 2>/out/trace.err &
pid=$!
ready /tmp/trace . $pid
under trace $pid
wc -l </tmp/trace >/out/trace.lines
tail -n 5 /tmp/trace >/out/trace.end

nslens trace --brief --milestones --buffer 64M -o /tmp/milestones >/dev/null 2>/out/milestones.err &
pid=$!
ready /tmp/milestones . $pid
under milestones $pid

nslens graph --follow --json --buffer 64M >/tmp/follow 2>/out/follow.err &
pid=$!
ready /tmp/follow . $pid
under follow $pid

nslens record --buffer 64M -o /tmp/r.nslens 2>/out/record.err &
pid=$!
ready /out/record.err 'recording to' $pid
under record $pid

work none-again
