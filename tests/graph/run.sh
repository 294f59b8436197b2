#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The live graph against the kernel.
#
#   run.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--suite "NAME..."]
#          [--bursts N] [--calls N] [--tasks N] [--smp N] [--full] [--keep DIR]
#
#   complete   every awkward holder; the graph against nsread, which shares no code with it
#   verify     bursts of namespace calls; after each the graph is verified (--bursts 20)
#   deaths     every keeper goes in its turn: when, and whom the graph blames
#   joined     namespaces that no task is in are joined in turn: whether their deaths are told
#   keepers    what reading keepers does to the machine: nslens must not see itself
#   scale      a snapshot of --tasks 5000 tasks, beside lsns
#
# Without --suite: the first five, and on this machine scale. --full: the guest with container
# runtimes, which verify then starts and stops. Prints `ok NAME`, `FAIL NAME: why` or
# `skip NAME: why`, then the sums. Exit status: 0 no FAIL, 1 a FAIL, 2 bad usage, 77 no suite
# offers that kernel any more, or not root.

set -u -o pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
suite='' bursts=20 calls=60 tasks=5000 smp=1 full=''
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens programs kernel suite bursts calls tasks smp full? keep" "$@"
for n in "$bursts" "$calls" "$tasks" "$smp"; do
	[ -n "$n" ] && [ -z "${n//[0-9]/}" ] || bad_usage "'$n' is no number"
done
read -ra suites <<< "$suite"
if [ ${#suites[@]} = 0 ]; then
	suites=(complete verify deaths joined keepers)
	[ "$kernel" != live ] || suites+=(scale)
fi
for suite in "${suites[@]}"; do
	[ -f "$here/parts/$suite.sh" ] && [ "$suite" != lib ] || bad_usage "--suite $suite: no such suite"
done
need python3
root_if_live
scratch_folder graph "$keep"
# shellcheck disable=SC2034 # run_there
guest=(--smp "$smp")
[ -z "$full" ] || guest+=(--full)

# run_part SUITE ARGS...: here or in a guest; its files come to a folder of that name
run_part() {
	local part=$1 out=$scratch/$1 limit=300 file
	shift
	rm -rf "$out"
	[ "$part" != verify ] || limit=$((300 + bursts * 5))
	files=("$nslens:nslens" "$here/parts/lib.sh" "$here/parts/$part.sh")
	for file in holders nsread churn sleepers; do files+=("$programs/$file"); done
	run_there "$out" $limit "sh ./$part.sh $*"
	part_ran "$part" $? "$out"
}

for suite in "${suites[@]}"; do
	case $suite in
	verify) run_part verify "$bursts" "$calls" ;;
	scale) run_part scale "$tasks" ;;
	*) run_part "$suite" ;;
	esac
	judged "$scratch/$suite/judged" "$here/$suite.py" "$scratch/$suite" --kernel "$kernel"
done
finish
