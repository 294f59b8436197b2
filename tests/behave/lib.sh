# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts here share. Each has two halves: parts/NAME.sh (POSIX sh, for the busybox of a
# guest, too) makes things happen and leaves files; NAME.sh looks at the files, here.
#
#   NAME.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--hooks MODE] [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums.
# Exit status: 0 no FAIL, 1 a FAIL, 2 bad usage, 77 no suite offers the kernel any more.

set -u -o pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
hooks=''
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens programs kernel hooks keep" "$@"
need jq python3
scratch_folder behave "$keep"

note() { echo "   $*"; }
is_guest() { [ "$kernel" != live ]; }

# judge SCRIPT.py ARGS...: a checker that prints verdict lines itself
judge() {
	local script=$1
	shift
	judged "$scratch/judge.out" "$here/$script" "$@"
}

# run_part PART OUT SMP [ARGS...]: runs parts/PART.sh here or in a guest; its files come to OUT.
# What else it needs beside it: extra=(FILE:NAME ...)
extra=()
run_part() {
	local part=$1 out=$2 smp=$3 name
	shift 3
	files=("$nslens:nslens" "$here/parts/$part.sh:part.sh" "$here/parts/lib.sh" ${extra[@]+"${extra[@]}"})
	for name in calls capsrun churn hostile forkbench keep attached signalled; do files+=("$programs/$name"); done
	# shellcheck disable=SC2034 # run_there
	guest=(--smp "$smp")
	mkdir -p "$out"
	chmod 755 "$scratch" "$out"
	run_there "$out" 400 "HOOKS='$hooks' sh ./part.sh $*"
	part_ran "$part" $? "$out" || return 1
	[ ! -f "$out/verdicts" ] || verdict <"$out/verdicts"
}
