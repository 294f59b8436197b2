# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# faults.sh CALLS: what goes wrong around nslens. Mounts are this script's own.
if [ -z "$GUEST${OWN-}" ]; then
	export OWN=1
	exec unshare -m sh "$0" "$@"
fi
. "${0%/*}/lib.sh"
mkdir -p small
# what is recorded of the calls is much more
size=1M
[ -z "$GUEST" ] || size=256K
mount -t tmpfs -o size=$size none small || exit 1
before=$(programs_now)

# says NAME STATUS WORDS: how the last command ended, and what it said
says() {
	check "$1-status" "exit status $status, not $2: $(tail -n 1 "$1.err")" [ "$status" = "$2" ]
	grep -q -e "$3" "$1.err" || { bad "$1-says" "not '$3': $(tail -n 2 "$1.err" | tr '\n' ' ')"; return; }
	ok "$1-says"
}

# on a machine that others use their programs come and go
nothing_left() {
	[ -n "$GUEST" ] || return 0
	left() { [ "$(programs_now)" -le "$before" ]; }
	check "$1-nothing-attached" "$(programs_now) programs, $before before" until_true 10 left
}

# ---- a disk that is full
nslens record $hooks_arg -o small/full.nslens -- churn --calls "$1" --net-every 0 >full.truth 2>full-record.err
status=$?
says full-record 125 'full.nslens.*No space left\|full.nslens.*disk is full\|full.nslens.*full'
check full-record-work-done "churn was not left to its end" grep -q '"calls"' full.truth
check full-record-readable "what is there cannot be read" sh -c 'nslens report small/full.nslens >full.report 2>&1 || grep -q "no start\|nothing" full.report'
nothing_left full-record
rm -f small/*
nslens record $hooks_arg -o whole.nslens -- churn --calls "$1" --net-every 0 >whole.truth 2>whole.err
# The ring is small now: what is in it is read at once.
work_on_full_disk() {
	for _ in $(seq 40); do
		churn --calls 500 --net-every 0 >full.truth
		nslens trace -i wide/on.ring --json -o full-on.jsonl 2>/dev/null
		grep -q '"type":"lost"' full-on.jsonl && return
	done
	false
}
# The disk is filled by somebody else, and emptied again: the ring goes on, and tells what it lost.
full_and_on() {
	mkdir -p wide
	mount -t tmpfs -o size=24M none wide || return
	nslens record $hooks_arg --ring 16M -o wide/on 2>full-on.err &
	recorder=$!
	check full-on-begins "$(tail -n 1 full-on.err)" until_true 30 grep -q 'recording to' full-on.err
	churn --calls 3000 --net-every 0 >full.truth
	cat /dev/zero >wide/filler 2>/dev/null
	check full-on-gap "no gap in the ring after 20000 calls on a full disk" work_on_full_disk
	rm wide/filler
	sleep 1
	churn --calls 500 --net-every 0 >full-on.truth
	kill -INT $recorder
	wait $recorder
	status=$?
	says full-on 0 'lost: the disk was full'
	nslens trace -i wide/on.ring --json -o full-after.jsonl
	nslens export --format events wide/on.ring >full-after.events
	nslens graph -i wide/on.ring --json -o full-after.graph
	umount wide
}
# nothing of the kernel is in these: a guest need not take long for them
full_elsewhere() {
	t --json -o small/x.jsonl -- churn --calls "$1" --net-every 0 >full.truth 2>full-trace.err
	status=$?
	says full-trace 125 'small/x.jsonl.*No space left'
	check full-trace-work-done "churn was not left to its end" grep -q '"calls"' full.truth
	nothing_left full-trace
	rm -f small/*
	nslens record $hooks_arg --ring 16M -o small/ring.nslens -- churn --calls "$1" --net-every 0 >full.truth 2>full-ring.err
	status=$?
	says full-ring 125 'small/ring.nslens'
	rm -f small/*
	full_and_on
	for form in nslens events perfetto html jsonl; do
		nslens export whole.nslens --format $form -o small/x.$form 2>full-export-$form.err
		status=$?
		grep -q 'without the page' full-export-$form.err && continue
		says full-export-$form 1 'small/x.*No space left\|small/x.*full'
		rm -f small/*
	done
}
[ -n "$GUEST" ] || full_elsewhere "$1"

# ---- output that stands still, and goes on
mkfifo pipe
sh -c 'exec <pipe; sleep 3; exec cat >stalled.jsonl' &
reader=$!
t --json --buffer 64K -o pipe -- churn --calls "$1" --net-every 0 >stalled.truth 2>stalled.err
echo $? >stalled.status
wait $reader

# ---- and never does: Ctrl-C all the same
sh -c 'exec <pipe; read -r line; echo "$line" >stuck.jsonl; exec sleep 300' &
reader=$!
nslens trace $hooks_arg --json --buffer 64K -o pipe >stuck.out 2>stuck.err &
tracer=$!
await_start stuck.jsonl
churn --calls "$1" --net-every 0 >stuck.truth
kill -INT $tracer
check stuck-ends "it did not end within 10 s of Ctrl-C" until_true 10 gone $tracer
kill -KILL $tracer 2>/dev/null
wait $tracer
status=$?
says stuck 1 'pipe.*nobody reads'
kill -KILL $reader
wait $reader 2>/dev/null
nothing_left stuck

# ---- stopped under load, with a graph to keep
nslens graph $hooks_arg --follow --json --verify=2 --buffer 64K -o stopped.jsonl >/dev/null 2>stopped.err &
tracer=$!
until_true 30 grep -q '"graph"\|"start"' stopped.jsonl
verifications() { grep -c '"type":"verify"' stopped.jsonl; }
kill -STOP $tracer
churn --calls "$1" --net-every 0 >stopped.truth
verified=$(verifications)
kill -CONT $tracer
verified_twice_more() { [ "$(verifications)" -ge $((verified + 2)) ]; }
check stopped-goes-on "no verification in a minute" until_true 60 verified_twice_more
kill -INT $tracer
wait $tracer
echo $? >stopped.status

# ---- the process that serves dies
nslens serve -i whole.nslens >serve.out 2>serve-killed.err &
server=$!
if until_true 10 grep -q 'http://' serve.out serve-killed.err; then
	inner=$(cat /proc/$server/task/$server/children)
	kill -KILL $inner
	until_true 5 gone $server
	wait $server
	status=$?
	says serve-killed 1 'has ended'
else
	skipped serve-killed "it does not serve here: $(tail -n 1 serve-killed.err)"
	kill $server
fi

# ---- the clock is set
if [ -n "$GUEST" ]; then
	now=$(date +%s)
	t --json -o clock.jsonl -- sh -c "churn --calls 100 --net-every 0; date -s @$((now + 86400)) >/dev/null;
		churn --calls 100 --net-every 0; date -s @$((now - 86400)) >/dev/null; churn --calls 100 --net-every 0" >clock.truth
	echo $? >clock.status
	nslens record $hooks_arg -o clock.nslens -- sh -c "unshare -u true; date -s @$((now + 172800)) >/dev/null; unshare -u true" 2>clock.err
	nslens trace -i clock.nslens --json -o clock2.jsonl
	date -s @"$now" >/dev/null
fi
umount small
exit 0
