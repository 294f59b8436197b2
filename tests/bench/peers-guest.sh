#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The measuring inside the full guest; peers.sh starts it. Prints to /out/times
# lines of: round, tracer, what, value (seconds, or a number of events).

set -u
export LC_ALL=C
rounds=$1
CALLS=1500 FORKS=150
out=/out

# What both nslens and these print: only calls that ask for a namespace.
new=0x7e020080
steps="unshare_nsproxy_namespaces create_new_namespaces copy_mnt_ns copy_utsname copy_ipcs
copy_pid_ns copy_cgroup_ns copy_net_ns copy_time_ns create_user_ns mntns_install utsns_install
ipcns_install pidns_install cgroupns_install netns_install timens_install userns_install
switch_task_namespaces commit_creds put_nsset copy_namespaces"
# what the end of an nsproxy is called, up to 6.18 and later
for f in free_nsproxy nsproxy_ns_active_put; do
	! grep -q -w $f /proc/kallsyms || steps="$steps $f"
done

# shellcheck disable=SC2028 # the \n are bpftrace's
bpftrace_program() {
	local f
	echo "kfunc:kernel_clone /args->args->flags & $new/ { @in[tid] = 1; printf(\"clone %d %s %lx\\n\", tid, comm, args->args->flags); }"
	for f in __x64_sys_clone __x64_sys_clone3 __do_sys_fork __do_sys_vfork; do
		echo "kretfunc:$f /@in[tid]/ { printf(\"$f %d = %d\\n\", tid, retval); delete(@in[tid]); }"
	done
	echo "kfunc:ksys_unshare { @in[tid] = 1; printf(\"unshare %d %s %lx\\n\", tid, comm, args->unshare_flags); }"
	echo "kretfunc:ksys_unshare { printf(\"unshare %d = %d\\n\", tid, retval); delete(@in[tid]); }"
	echo "kfunc:__x64_sys_setns { @in[tid] = 1; printf(\"setns %d %s\\n\", tid, comm); }"
	echo "kretfunc:__x64_sys_setns { printf(\"setns %d = %d\\n\", tid, retval); delete(@in[tid]); }"
	for f in $steps; do
		echo "kretfunc:$f /@in[tid]/ { printf(\"$f %d\\n\", tid); }"
	done
	for f in create_new_namespaces create_user_ns zap_pid_ns_processes; do
		echo "kfunc:$f /@in[tid]/ { printf(\"$f %d\\n\", tid); }"
	done
	echo "kfunc:proc_free_inum { printf(\"freed %u\\n\", args->inum); }"
	echo "tracepoint:task:task_newtask /@in[tid]/ { printf(\"new %d\\n\", args->pid); }"
	echo "tracepoint:sched:sched_process_exec /@in[tid]/ { printf(\"exec %d\\n\", tid); }"
	echo "tracepoint:sched:sched_process_exit /@in[tid]/ { printf(\"exit %d\\n\", tid); }"
}

# The least that these hooks can cost: programs that do nothing, on the same functions.
# shellcheck disable=SC2028 # the \n are bpftrace's
empty_program() {
	local f
	for f in $steps __x64_sys_clone __x64_sys_clone3 __do_sys_fork __do_sys_vfork ksys_unshare __x64_sys_setns; do
		echo "kretfunc:$f /0/ { exit(); }"
	done
	for f in kernel_clone ksys_unshare __x64_sys_setns create_new_namespaces create_user_ns zap_pid_ns_processes proc_free_inum; do
		echo "kfunc:$f /0/ { exit(); }"
	done
	echo "tracepoint:task:task_newtask /0/ { exit(); }"
	# the last to be attached: it tells that all are
	echo "kretfunc:__x64_sys_sethostname { printf(\"unshare\\n\"); }"
}

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.3f\n", b - a }'; }
tell() { echo "$round $tracer $1 $2" >>$out/times; }

# A call appears in what the tracer writes; trace-cmd's file cannot be read before its end.
shows() {
	[ "$tracer" != trace-cmd ] || {
		grep -q function_graph /sys/kernel/tracing/current_tracer &&
			grep -q 1 /sys/kernel/tracing/tracing_on
		return
	}
	grep -q -s unshare $out/trace $out/trace.stdout
}

# Processor time of a process and its children so far, in seconds.
processor() {
	local p stats=()
	for p in "$@"; do stats+=("/proc/$p/stat"); done
	awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); n += $12 + $13 + $14 + $15 }
		END { printf "%.2f", n / hz }' "${stats[@]}" 2>/dev/null
}

# start COMMAND...: a tracer of the whole machine, until it shows a call.
start() {
	local from n=0
	rm -f $out/trace $out/trace.err
	from=$(now)
	"$@" >$out/trace.stdout 2>$out/trace.err &
	pid=$!
	until shows; do
		unshare --uts hostname ready
		n=$((n + 1))
		if ! kill -0 $pid 2>/dev/null || [ $n = 300 ]; then
			echo "$tracer does not work here: $(tail -n 3 $out/trace.err)" | tee -a $out/failed
			kill -KILL $pid 2>/dev/null
			return 1
		fi
		sleep 0.05
	done
	tell ready "$(since "$from")"
	sleep 1
}

stop() {
	local from
	# shellcheck disable=SC2046 # numbers
	tell cpu "$(processor $pid $(pgrep -P $pid))"
	from=$(now)
	kill -INT $pid
	wait $pid
	tell stop "$(since "$from")"
	[ "$tracer" = bpftrace-empty ] || tell bytes "$(stat -c %s $out/trace)"
	attached 60 >/dev/null || echo "$tracer left programs behind" >>$out/failed
	tell gone "$(since "$from")"
}

# The three loads.
work() {
	local from
	from=$(now)
	churn --calls $CALLS --tasks 2 --seed 7 >$out/churn.json || return 1
	tell churn "$(since "$from")"
	from=$(now)
	runc run -b /var/lib/nslens/bundle bench >/dev/null </dev/null || return 1
	tell runc "$(since "$from")"
	forkbench fork $FORKS 5 >$out/fork.json || return 1
	tell fork "$(jq '.median_ns / 1e9' $out/fork.json)"
	sleep 0.5
}

bpftrace_program >$out/peers.bt
empty_program >$out/empty.bt
# Caches are filled, and memory has been used once.
round=0 tracer=warm
for _ in 1 2 3; do work || exit 1; done
calls="trace=clone,clone3,fork,vfork,unshare,setns"
for round in $(seq "$rounds"); do
	tracer=none
	work || exit 1

	tracer=nslens
	start nslens trace --json -o $out/trace && {
		work || exit 1
		stop
		tell lost "$(jq -s 'map(select(.type == "end"))[0].counts.lost' $out/trace)"
		tell lines "$(wc -l <$out/trace)"
	}

	tracer=nslens-brief
	start nslens trace --brief -o $out/trace && {
		work || exit 1
		stop
		tell lost "$(sed -n 's/^ *lost *\([0-9]*\) of .*/\1/p' $out/trace)"
		tell lines "$(wc -l <$out/trace)"
	}

	tracer=bpftrace
	export BPFTRACE_STRLEN=16
	start bpftrace -B line -o $out/trace $out/peers.bt && {
		work || exit 1
		stop
		tell lost "$(cat $out/trace $out/trace.err | sed -n 's/.*Lost \([0-9]*\) events.*/\1/p' |
			awk '{ n += $1 } END { print n + 0 }')"
		tell lines "$(wc -l <$out/trace)"
	}

	# It follows this shell, and so all that the shell starts: strace knows no whole machine.
	tracer=strace
	start strace -f -e $calls -o $out/trace -p $$ && {
		work || exit 1
		stop
		tell lost 0
		tell lines "$(wc -l <$out/trace)"
	}

	tracer=bpftrace-empty
	start bpftrace -B line $out/empty.bt && {
		work || exit 1
		stop
	}

	tracer=trace-cmd
	# shellcheck disable=SC2046 # an option a function
	start trace-cmd record -o $out/trace -p function_graph --max-graph-depth 2 \
		$(for f in ksys_unshare __x64_sys_setns kernel_clone; do echo "-g $f"; done) \
		$(for c in clone clone3 fork vfork unshare setns; do echo "-e syscalls:sys_exit_$c"; done) && {
		work || exit 1
		stop
		tell lost "$(trace-cmd report -i $out/trace --stat 2>/dev/null |
			awk '/overrun|dropped/ { n += $NF } END { print n + 0 }')"
		tell lines "$(trace-cmd report -i $out/trace 2>/dev/null | wc -l)"
	}

	tracer="perf-trace"
	start perf trace -a -e clone,clone3,fork,vfork,unshare,setns -o $out/trace && {
		work || exit 1
		stop
		tell lost "$(sed -n 's/.*LOST \([0-9]*\) events.*/\1/p' $out/trace $out/trace.err |
			awk '{ n += $1 } END { print n + 0 }')"
		tell lines "$(wc -l <$out/trace)"
	}

	tracer=none-again
	work || exit 1
done
# Megabytes that nobody reads, on a slow line.
rm -f $out/trace $out/trace.stdout
exit 0
