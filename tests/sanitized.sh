#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tests with a program and unit tests that watch their own memory (AddressSanitizer with leaks,
# UndefinedBehaviorSanitizer): whatever they find ends the program with status 99, and fails the suite.
# `make test-sanitized` builds them first.
#
#   sanitized.sh [SUITE-PATTERN...]
#
# What each suite printed is in build/sanitized/results/.
set -u
cd "$(dirname "$0")/.." || exit 2
nslens=$PWD/build/sanitized/nslens
programs=$PWD/build/tests
results=$PWD/build/sanitized/results
[ -x "$nslens" ] && [ -x "$programs/calls" ] || { echo "sanitized.sh: run make test-sanitized" >&2; exit 2; }
rm -rf "$results"
mkdir -p "$results"
export ASAN_OPTIONS="exitcode=99:log_path=$results/report" UBSAN_OPTIONS="print_stacktrace=1:log_path=$results/report"
patterns=("$@")
failed=0

# suite NAME COMMAND...
suite() {
	local name=$1 status p found
	shift
	for p in ${patterns[@]+"${patterns[@]}"}; do
		# shellcheck disable=SC2254 # a pattern is what was asked for
		case $name in $p) found=1 ;; esac
	done
	[ ${#patterns[@]} = 0 ] || [ -n "${found-}" ] || return 0
	"$@" >"$results/${name//\//-}.log" 2>&1 </dev/null
	status=$?
	if [ $status = 77 ]; then
		echo "skip $name: $(tail -n 1 "$results/${name//\//-}.log")"
	elif [ $status != 0 ]; then
		echo "FAIL $name: $(grep -m 1 -E '^(FAIL|not ok)|ERROR: |runtime error' "$results/${name//\//-}.log" || echo "status $status")"
		failed=1
	else
		echo "ok $name"
	fi
}

for t in build/sanitized/unit/*; do
	[ ! -x "$t" ] || suite "unit/${t##*/}" "$t"
done
suite recorded tests/recorded/run.sh --nslens "$nslens"
suite export tests/export/run.sh --nslens "$nslens" --kernel none
suite faults tests/faults/run.sh 12
suite steps tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel live --out "$results/steps"
suite diff tests/diff/run.sh --nslens "$nslens" --kernel live
suite hostile tests/behave/hostile.sh --nslens "$nslens" --programs "$programs" --kernel live
suite behave-faults tests/behave/faults.sh --nslens "$nslens" --programs "$programs" --kernel live
suite store tests/store/run.sh --nslens "$nslens" --programs "$programs" --kernel live --kills 5
suite lab "$nslens" lab run uts-alone
# a report that no suite looked at
for f in "$results"/report.*; do
	[ -e "$f" ] || continue
	echo "FAIL ${f##*/}: $(grep -m 1 -E 'ERROR: |runtime error' "$f")"
	failed=1
done
exit $failed
