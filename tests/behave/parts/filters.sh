#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2016,SC3043
#
# For each filter a trace CASE.jsonl, what `calls` says of the calls that belong into it (CASE.in)
# and of those that do not (CASE.out).
. "${0%/*}/lib.sh"

# begin CASE ARGS...: a trace in the background that is ready
begin() {
	case_=$1
	shift
	# the program itself: $! of a function is a shell around it
	nslens trace "$hooks_arg" --json -o "$case_.jsonl" "$@" 2>"$case_.err" &
	tracer=$!
	await_start "$case_.jsonl" || cat "$case_.err" >&2
}
finish() {
	kill -INT $tracer
	wait $tracer
	echo $? >"$case_.status"
}

# --pid: a process with a child that is there before, and children born later
mkfifo go0 go1
cat >pid.cmd <<'END'
sh -c 'read -r x <go1; calls run unshare-uts clone-uts' >pid.in1 2>/dev/null &
read -r x <go0
calls run unshare-ipc unshare-bad-bit >pid.in2 2>/dev/null
sh -c 'sh -c "calls run clone3-net setns-uts"' >pid.in3 2>/dev/null
wait
END
sh ./pid.cmd &
family=$!
sleep 0.1
begin pid --pid $family
calls run unshare-uts clone-ipc >pid.out1 2>/dev/null
echo >go1
echo >go0
wait $family
calls run unshare-mnt >pid.out2 2>/dev/null
finish

# others CASE FILE NAME...: calls from outside as soon as the trace is ready; CMD waits for CASE.done
others() {
	local case=$1 file=$2
	shift 2
	await_start "$case.jsonl"
	calls run "$@" >"$file" 2>/dev/null
	: >"$case.done"
}
until_done='while [ ! -e $0.done ]; do sleep 0.05; done'

# the tree of CMD, a grandchild whose parents are gone included
others tree tree.out unshare-mnt clone-user &
t --json -o tree.jsonl -- sh -c '
	sh -c "setsid sh -c \"sleep 0.3; calls run unshare-uts setns-ipc >tree.in1 2>/dev/null; : >tree.born\" & exit 0"
	calls run unshare-ipc >tree.in2 2>/dev/null
	while ! [ -e tree.done -a -e tree.born ]; do sleep 0.05; done' 2>tree.err
wait

# a client whose daemon does the work; nobody at all; --all
others hint hint.out unshare-uts &
t --json -o hint.jsonl -- sh -c "$until_done" hint
wait
others all all.in1 unshare-uts &
t --json -o all.jsonl --all -- sh -c "$until_done; calls run unshare-ipc >all.in2 2>/dev/null" all
wait

cp "$bin/calls" ./odd-name
cp "$bin/calls" ./odd-name-longer1
begin comm --comm odd-name
./odd-name run unshare-uts clone3-ipc setns-uts >comm.in 2>/dev/null
./odd-name-longer1 run unshare-uts >comm.out1 2>/dev/null
calls run unshare-uts clone-uts >comm.out2 2>/dev/null
finish

# --cgroup: below a directory, of the default hierarchy and of an old one
v2=$(awk '$9 == "cgroup2" || / - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
v1=$(awk '/ - cgroup / && /[,\/]cpu[, ]/ { print $5; exit }' /proc/self/mountinfo)
cgroup_case() { # cgroup_case CASE DIR TRACE-OPTION VALUE
	local case=$1 dir=$2
	shift 2
	mkdir -p "$dir/below" || { skipped "$case" "no cgroup can be made in ${dir%/*}"; return; }
	begin "$case" "$@"
	sh -c 'echo $$ >$0/cgroup.procs && exec calls run unshare-uts clone-ipc' "$dir" >"$case.in1" 2>/dev/null
	sh -c 'echo $$ >$0/below/cgroup.procs && exec calls run unshare-ipc' "$dir" >"$case.in2" 2>/dev/null
	calls run unshare-uts >"$case.out" 2>/dev/null
	finish
	until_true 2 rmdir "$dir/below" 2>/dev/null
	until_true 2 rmdir "$dir" 2>/dev/null
}
if [ -n "$v2" ]; then
	cgroup_case cgroup "$v2/nslens-test-$$" --cgroup "$v2/nslens-test-$$"
	id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	cgroup_case container "$v2/libpod-$id.scope" --container 0123456789ab
else
	skipped cgroup "no cgroup2 is mounted here"
	skipped container "no cgroup2 is mounted here"
fi
if [ -n "$v1" ]; then
	cgroup_case cgroup1 "$v1/nslens-test-$$" --cgroup "$v1/nslens-test-$$"
else
	skipped cgroup1 "no cgroup hierarchy of version 1 is mounted here"
fi

t --json -o type.jsonl --type uts,net -- sh -c '
	calls run unshare-uts clone-uts setns-net setns-uts >type.in
	calls run unshare-ipc setns-ipc clone-user unshare-zero >type.out' 2>/dev/null

# a flag of its own asks for an empty one; kernels before 7.1 refuse it
t --json -o type-empty.jsonl --type mnt -- sh -c '
	calls run unshare-empty-mnt >type-empty.in
	calls run unshare-ipc unshare-zero >type-empty.out' 2>/dev/null

t --json -o exits.jsonl --exits -- sh -c 'echo $$ >exits.pid; calls run unshare-uts >exits.in' 2>/dev/null
t --json -o noexits.jsonl -- sh -c 'echo $$ >noexits.pid; calls run unshare-uts >noexits.in' 2>/dev/null

late='(sleep 0.7; calls run unshare-uts >%s 2>/dev/null) & exit 3'
began=$(now)
t --json -o wait.jsonl --wait-tree -- sh -c "$(printf "$late" wait.in)"
echo $? >wait.status
echo $(($(now) - began)) >wait.ms
began=$(now)
t --json -o nowait.jsonl -- sh -c "$(printf "$late" nowait.late)"
echo $? >nowait.status
echo $(($(now) - began)) >nowait.ms
t -o nowait.story -- sh -c "$(printf "$late" nowait.late2)"
sleep 1

# -u: a user with a second group, where one can be made or found
if [ -n "$GUEST" ]; then
	echo extra:x:777:user >>/etc/group
	who=user
else
	who=$(awk -F: '$4 != "" && $4 !~ /root/ { split($4, m, ","); print m[1]; exit }' /etc/group)
	[ -n "$who" ] || who=nobody
fi
t --json -o user.jsonl -u "$who" -- sh -c 'id -u; id -g; id -G; echo "$HOME"; echo "$XDG_RUNTIME_DIR"; calls run nobody-uts >&2' >user.got 2>user.in
{
	id -u "$who"
	id -g "$who"
	id -G "$who"
	awk -F: -v u="$who" '$1 == u { print $6 }' /etc/passwd
	echo "/run/user/$(id -u "$who")"
} >user.want
t -u no-such-user -- true 2>nouser.err
echo $? >nouser.status

if calls --ia32 run unshare-uts >ia32.probe 2>ia32.err && [ -s ia32.probe ]; then
	t --json -o ia32.jsonl -- calls --ia32 run unshare-uts unshare-bad-bit clone-uts clone3-uts clone3-unknown-flag setns-uts setns-bad-fd >ia32.in 2>ia32.err
else
	skipped ia32 "$(tail -n 1 ia32.err)"
fi
exit 0
