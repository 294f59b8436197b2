#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# startstop.sh ROUNDS READY-MS STOP-MS: how long until ready, how long until the prompt is back.
. "${0%/*}/lib.sh"

before=$(programs_now)
none_left() { [ "$(programs_now)" -le "$before" ]; }
i=0
while [ $i -lt "$1" ]; do
	# while one is still let go, the next has to wait for the kernel: that is measured below
	until_true 10 none_left
	i=$((i + 1))
	from=$(now)
	nslens trace "$hooks_arg" --json -o s$i.jsonl 2>s$i.err &
	pid=$!
	# the record must be in the file, not in a buffer: nothing else happens here. A
	# look every 10 ms would take a third of a guest's one processor from nslens
	while ! grep -q '"type":"start".*}$' s$i.jsonl 2>/dev/null; do
		[ $(($(now) - from)) -lt 20000 ] || break
		if [ -n "$GUEST" ]; then sleep 0.7; else sleep 0.01; fi
	done
	ready=$(($(now) - from))
	if [ -n "$GUEST" ]; then
		# when it was, not when we looked: now() is the uptime there
		monotonic=$(sed -n '1s/.*"monotonic":"*\([0-9]*\)[0-9]\{6\}[",].*/\1/p' s$i.jsonl)
		[ -z "$monotonic" ] || ready=$((monotonic - from))
	fi
	sleep 0.2
	from=$(now)
	kill -INT $pid
	wait $pid
	status=$?
	stop=$(($(now) - from))
	echo "$ready" >>ready
	echo "$stop" >>stop
	[ $status -eq 0 ] || bad "stop-status" "round $i: status $status: $(tail -n 1 s$i.err)"
	tail -n 1 s$i.jsonl | grep -q '"type":"end"' || bad "stop-end" "round $i: no end record"
done
most() { sort -n "$1" | tail -n 1; }
list() { tr '\n' ' ' <"$1"; }
say "ready after (ms): $(list ready), stopped after (ms): $(list stop)"
median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }
say "median: ready $(median ready), stopped $(median stop)"
check ready "$(median ready) ms, at most $2 wanted" [ "$(median ready)" -le "$2" ]
check prompt "$(most stop) ms, at most $3 wanted" [ "$(most stop)" -le "$3" ]

# who reads the output by a pipe gets its end at once, too: the helper must not hold it
until_true 10 none_left
from=$(now)
nslens trace "$hooks_arg" -- true 2>&1 | cat >piped
took=$(($(now) - from))
check pipe-ends "$took ms for a whole trace of true" [ $took -le $(($2 + $3)) ]
say "a whole trace of true: $took ms"

# nor what was inherited beside: -o >(reader), or the lock of a script
until_true 10 none_left
{
	nslens trace "$hooks_arg" --json -o inherited.jsonl -- true 9>&1 >/dev/null 2>&1
	now >inherited.from
} | cat
took=$(($(now) - $(cat inherited.from)))
check inherited-pipe-ends "$took ms after nslens" [ $took -le 1000 ]
say "an inherited pipe ended $took ms after nslens"

# one right after the other
from=$(now)
nslens trace "$hooks_arg" --json -o again.jsonl -- true
say "another one right after it: $(($(now) - from)) ms"

# nothing stays: not the programs, not the helper
from=$(now)
if until_true 10 none_left; then
	ok detached
	say "nothing attached $(($(now) - from)) ms later"
elif [ -z "$GUEST" ] && pgrep -x nslens >/dev/null; then
	skipped detached "another nslens is at work on this machine"
else
	bad detached "$(programs_now) programs after 10 s, $before before"
fi
no_helper() { ! ps | grep -q '[n]slens trace'; }
[ -z "$GUEST" ] || check no-process-left "$(ps | grep '[n]slens trace' | head -n 1)" until_true 5 no_helper
exit 0
