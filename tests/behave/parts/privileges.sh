#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# privileges.sh: who nslens is while it traces, and what it can do as nobody.
. "${0%/*}/lib.sh"

DAC_OVERRIDE=1 DAC_READ_SEARCH=2 KILL=5 NET_ADMIN=12 SYS_CHROOT=18 SYS_PTRACE=19 SYS_ADMIN=21 SYS_RESOURCE=24 PERFMON=38 BPF=39

bits() {
	local sum=0 bit
	for bit; do sum=$((sum | 1 << bit)); done
	printf '%016x' "$sum"
}
of() { sed -n "s/^$2:[[:space:]]*\([^[:space:]]*\).*/\1/p" "/proc/$1/status"; }

# is NAME PID UID BITS...: has that user, no more than these capabilities, and can get none back
is() {
	local name=$1 pid=$2 uid=$3 want
	shift 3
	want=$(bits "$@")
	check "$name-user" "uid $(of "$pid" Uid), not $uid" [ "$(of "$pid" Uid)" = "$uid" ]
	for set in CapEff CapPrm; do
		check "$name-$set" "$(of "$pid" $set), not $want" [ "$(of "$pid" $set)" = "$want" ]
	done
	check "$name-sealed" "NoNewPrivs is 0" [ "$(of "$pid" NoNewPrivs)" = 1 ]
	for task in "/proc/$pid/task"/*; do
		check "$name-thread" "$task has more" [ "$(of "$pid/task/${task##*/}" CapPrm)" = "$want" ]
	done
}

nslens trace $hooks_arg --json -o trace.jsonl 2> trace.err &
pid=$!
await_start trace.jsonl && is trace $pid 65534 $BPF $DAC_READ_SEARCH
kill -INT $pid
wait $pid
check trace-ends "status $?: $(cat trace.err)" [ $? -eq 0 ]
check trace-told "no end record" grep -q '"type":"end"' trace.jsonl

# CMD is not touched by what its tracer gives up, and a signal to nslens still reaches it
nslens trace $hooks_arg --json -o cmd.jsonl -- sh -c 'cat /proc/self/status > cmd.status; exec sleep 60' 2> cmd.err &
pid=$!
await_start cmd.jsonl && until_true 10 grep -q NoNewPrivs cmd.status
is cmd $pid 65534 $BPF $DAC_READ_SEARCH $KILL
check cmd-whole "CMD has $(grep CapEff cmd.status)" \
	[ "$(sed -n 's/^CapEff:[[:space:]]*//p' cmd.status)" = "$(of self CapEff)" ]
check cmd-free "CMD has NoNewPrivs" [ "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' cmd.status)" = 0 ]
kill -TERM $pid
wait $pid
check cmd-signalled "status $?" [ $? -eq 143 ]

nslens record $hooks_arg -o a.nslens 2> record.err &
pid=$!
until_true 15 grep -q 'recording to' record.err
graph="$BPF $PERFMON $SYS_PTRACE $DAC_READ_SEARCH $SYS_ADMIN $SYS_CHROOT $NET_ADMIN"
# shellcheck disable=SC2086 # numbers
is record $pid 0 $graph $DAC_OVERRIDE
kill -INT $pid
wait $pid
check record-ends "status $?: $(cat record.err)" [ $? -eq 0 ]

nslens graph $hooks_arg --follow --json --verify=1 > graph.jsonl 2> graph.err &
pid=$!
until_true 20 grep -q '"type":"verify"' graph.jsonl
# shellcheck disable=SC2086 # numbers
is graph $pid 0 $graph
kill -INT $pid
wait $pid

# nobody with a few capabilities: what README says is enough
enough=$BPF,$PERFMON,$DAC_READ_SEARCH
# 5.10 counts BPF maps as locked memory
case $(uname -r) in 5.10.*) enough=$enough,$SYS_RESOURCE ;; esac
: > nobody.jsonl
chmod 666 nobody.jsonl
capsrun $enough nslens trace $hooks_arg --json -o nobody.jsonl 2> nobody.err &
pid=$!
if await_start nobody.jsonl; then
	unshare -u true
	sleep 0.3
	kill -INT $pid
	wait $pid
	check nobody-traces "no call seen: $(cat nobody.err)" grep -q '"syscall":"unshare"' nobody.jsonl
else
	say "$(cat nobody.err)"
fi
capsrun - nslens trace -o /dev/null > none.out 2>&1
check none-refused "status $?: $(cat none.out)" [ $? -eq 1 ]
check none-told "it says: $(cat none.out)" grep -q 'run nslens as root' none.out
