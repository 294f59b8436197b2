#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The truth test: each workload runs under nslens and `strace -f` at the same time (strace inside
# nslens: both see the same calls), then compare.py compares the two call by call.
#
#   truth.sh --nslens PATH --out DIR [options] [NAME...]
#
#   --nslens-args ARGS   more options for `nslens trace`, split at spaces ("--hooks=tracepoint")
#   --strace-args ARGS   more options for strace ("--seccomp-bpf" makes slow guests faster)
#   --collect-only       leave DIR/NAME.jsonl, .strace and .status; compare elsewhere, later
#   --compare-only       compare what an earlier run left in DIR
#   --timeout SECONDS    for one workload (300)
#
# One line a workload: `ok NAME …`, `FAIL NAME …` or `skip NAME …`; DIR/NAME.diff has the details.
# Exit status: 0 no FAIL and at least one ok; 1 a FAIL; 2 bad usage; 77 everything was skipped.

set -u

here=$(cd "$(dirname "$0")" && pwd)
nslens=
out=
nslens_args=
strace_args=
collect=yes
compare=yes
limit=300

usage() {
	sed -n 's/^#   //p' "$0" >&2
	exit 2
}

die() {
	echo "truth: $*" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--nslens | --out | --nslens-args | --strace-args | --timeout)
		[ $# -ge 2 ] || die "$1 needs a value"
		case $1 in
		--nslens) nslens=$2 ;;
		--out) out=$2 ;;
		--nslens-args) nslens_args=$2 ;;
		--strace-args) strace_args=$2 ;;
		--timeout) limit=$2 ;;
		esac
		shift 2
		;;
	--collect-only) compare=no; shift ;;
	--compare-only) collect=no; shift ;;
	--help | -h) usage ;;
	-*) die "unknown option $1 (see --help)" ;;
	*) break ;;
	esac
done
[ -n "$out" ] || usage
[ "$collect$compare" = nono ] && die "--collect-only and --compare-only leave nothing to do"
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $("$here/workloads.sh" list)
known=" $("$here/workloads.sh" list | tr '\n' ' ')"
for name in "$@"; do
	case $known in
	*" $name "*) ;;
	*) die "no workload named '$name' (see workloads.sh list)" ;;
	esac
done
mkdir -p "$out" || die "cannot make $out"
if [ $collect = yes ]; then
	[ -n "$nslens" ] || usage
	[ -x "$nslens" ] || die "$nslens is not a program (build it first)"
	command -v strace >/dev/null 2>&1 || {
		echo "skip truth: no strace here (install it)"
		exit 77
	}
fi
if [ $compare = yes ]; then
	command -v python3 >/dev/null 2>&1 || die "no python3 here: use --collect-only and compare elsewhere"
fi

# Older straces do not translate pids; compare.py then tells children by the order they come in.
pidns=
strace --help 2>/dev/null | grep -q -e --decode-pids && pidns=--decode-pids=pidns

# A hang is a failure with a name, not a test that never ends.
bounded() {
	if command -v timeout >/dev/null 2>&1; then
		timeout -k 10 "$limit" "$@"
	else
		"$@"
	fi
}

# left_out NAME: the kernel did not run programs of ours, being in the middle of them already
# (preempted, from 6.13 on); nslens counts that and tells it as lost
left_out() {
	tail -n 1 "$out/$1.jsonl" | grep -q '"missed":[1-9]'
}

# Such a run is no proof of anything: it is made again.
collect() {
	for _ in 1 2 3 4; do
		collect_once "$1"
		left_out "$1" || break
	done
}

collect_once() {
	rm -f "$out/$1.jsonl" "$out/$1.strace" "$out/$1.log" "$out/$1.status" "$out/$1.diff"
	# shellcheck disable=SC2086
	bounded "$nslens" trace --json -o "$out/$1.jsonl" $nslens_args -- \
		strace -f -o "$out/$1.strace" -ttt $pidns $strace_args -e signal=none \
		-e trace=clone,clone3,fork,vfork,unshare,setns,execve,exit_group \
		"$here/workloads.sh" run "$1" >"$out/$1.log" 2>&1 </dev/null
	echo $? >"$out/$1.status"
}

# verdict NAME: prints the line, returns 0 ok, 1 FAIL, 77 skip
verdict() {
	status=$(cat "$out/$1.status" 2>/dev/null)
	case $status in
	0) ;;
	77) echo "skip $1 $(sed -n 's/.*skip: //p' "$out/$1.log" | tail -n 1)"; return 77 ;;
	'') echo "FAIL $1 was not run: no $out/$1.status"; return 1 ;;
	124 | 137) echo "FAIL $1 took longer than $limit s (see $out/$1.log)"; return 1 ;;
	125) echo "FAIL $1 nslens failed: $(tail -n 1 "$out/$1.log")"; return 1 ;;
	*) echo "FAIL $1 exit status $status: $(tail -n 1 "$out/$1.log")"; return 1 ;;
	esac
	if [ $compare = no ]; then
		echo "ok $1 collected"
		return 0
	fi
	python3 "$here/compare.py" "$out/$1.strace" "$out/$1.jsonl" >"$out/$1.diff" 2>&1
	case $? in
	0) echo "ok $1 $(tail -n 1 "$out/$1.diff")" ;;
	1) sed 's/^/  /' "$out/$1.diff" | head -n 40
		echo "FAIL $1 $(tail -n 1 "$out/$1.diff") (see $out/$1.diff)"
		return 1 ;;
	*) echo "FAIL $1 cannot compare: $(tail -n 1 "$out/$1.diff")"; return 1 ;;
	esac
}

ok=0
bad=0
for name in "$@"; do
	[ $collect = yes ] && collect "$name"
	verdict "$name"
	case $? in
	0) ok=$((ok + 1)) ;;
	77) ;;
	*) bad=$((bad + 1)) ;;
	esac
done
[ $bad -eq 0 ] || exit 1
[ $ok -gt 0 ] || exit 77
