#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs every test suite and counts: unit tests, live tests on this machine, and
# guests with stock Debian kernels. The last line is `N passed, N failed, N skipped`.
#
#   tests/run.sh [--kernels "5.10 6.12"|all] [SUITE-PATTERN...]
#
# A suite is a command that prints `ok NAME`, `FAIL NAME: why` (or `not ok`) and
# `skip NAME: why` lines, or ends with a count of its own. Exit status 77 of a
# suite is a skip. Everything it printed stays in build/test-results/. Suites that do not
# look at the machine as a whole run beside each other, one more than there are processors,
# since a guest waits half of the time; in NSLENS_TEST_LANES: how many.
set -u
cd "$(dirname "$0")/.." || exit 2

ALL_KERNELS="5.10 6.1 6.12 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3"
KERNELS="5.10 6.1 6.12 7.3"     # oldest, the two of Debian stable, newest
RUNTIME_KERNELS="6.12 7.3"      # the full guest, with real container runtimes
BURSTS=20                       # of namespace calls, after each of which the graph is verified
if [ "${1:-}" = --kernels ]; then
	KERNELS=$2
	if [ "$KERNELS" = all ]; then
		KERNELS=$ALL_KERNELS
		RUNTIME_KERNELS=$ALL_KERNELS
		BURSTS=200
	fi
	shift 2
fi
patterns=("$@")

nslens=$PWD/build/nslens
programs=$PWD/build/tests
results=$PWD/build/test-results
mkdir -p "$results"
counts=$(mktemp -d) || exit 2
trap 'rm -rf "$counts"' EXIT
lanes=${NSLENS_TEST_LANES:-$(($(nproc) + 1))}
started=$SECONDS
trap 'jobs -p | xargs -rn 1 pkill -P; exit 130' INT TERM HUP

wanted() {
	[ ${#patterns[@]} = 0 ] && return 0
	local p
	for p in "${patterns[@]}"; do
		# shellcheck disable=SC2254 # a pattern is what was asked for
		case $1 in $p) return 0 ;; esac
	done
	return 1
}

# one NAME COMMAND...: runs a suite, says what came of it, and leaves its count
one() {
	local name=$1 log=$results/${1//\//-}.log t0=$SECONDS status p f s count
	shift
	"$@" > "$log" 2>&1 < /dev/null
	status=$?
	# a count of the suite's own, or its lines counted
	count=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
	if [ -n "$count" ]; then
		read -r p f s < <(sed -E 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/' <<< "$count")
	else
		p=$(grep -cE '^ok ' "$log")
		f=$(grep -cE '^(FAIL|not ok) ' "$log")
		s=$(grep -cE '^skip ' "$log")
	fi
	# python's unittest counts in its own words
	if [ "$p$f" = 00 ] && [ $status = 0 ]; then
		p=$(sed -nE 's/^Ran ([0-9]+) tests? in .*/\1/p' "$log" | tail -1)
	fi
	p=${p:-0} s=${s:-0}
	if [ $status = 77 ]; then
		[ "$s" != 0 ] || s=1
		[ "$p$f" = 00 ] && [ -s "$log" ] || echo "skip $name: exit status 77" >> "$log"
	elif [ $status != 0 ] && [ "$f" = 0 ]; then
		f=1
		echo "FAIL $name: exit status $status" >> "$log"
	elif [ "$p$f$s" = 000 ]; then
		f=1
		echo "FAIL $name: it ran no test" >> "$log"
	fi
	printf '%-34s %4d passed %3d failed %3d skipped  %4d s\n' "$name" "$p" "$f" "$s" $((SECONDS - t0))
	[ "$f" = 0 ] || grep -E '^(FAIL|not ok)|difference|error|Error' "$log" | head -20 | sed 's/^/    /'
	[ "$f" = 0 ] || tail -5 "$log" | sed 's/^/    | /'
	[ "$s" = 0 ] || { grep -E '^skip ' "$log" || tail -1 "$log"; } | head -10 | sed 's/^/    /'
	echo "$p $f $s" > "$counts/${name//\//-}"
}

# alone NAME COMMAND...: it looks at the whole machine, or at the time that something takes
alone() {
	wanted "$1" || return 0
	begun "$1"
	wait
	one "$@"
}

# told NAME COMMAND...: one(), for what runs beside others: it says what came of it at once
told() {
	local name=$1 text
	shift
	# the shell lets what it starts beside itself ignore these two
	text=$(one "$name" env --default-signal=INT,QUIT "$@")
	printf '%s\n' "$text"
}

# a_lane: waits until one is free
a_lane() {
	while [ "$(jobs -rp | wc -l)" -ge "$lanes" ]; do
		wait -n
	done
}

# beside NAME COMMAND...: it may run beside others
beside() {
	wanted "$1" || return 0
	begun "$1"
	a_lane
	told "$@" &
}

# in_turn FUNCTION: the suites that it names with `then_run`, one after the other in one lane:
# they look at this machine, which guests beside them do not disturb
in_turn() {
	turn=begun
	"$1"
	a_lane
	turn=told
	"$1" &
}

then_run() {
	! wanted "$1" || "$turn" "$@"
}

# A suite whose runner dies has no count: that is a failure, not silence.
begun() { echo "0 1 0" > "$counts/${1//\//-}"; }

# ---- no kernel needed
for t in build/unit/*; do
	[ -x "$t" ] && beside "unit/$(basename "$t")" "$t"
done
beside unit/truth python3 -m unittest discover -s tests/truth
beside unit/graph python3 -m unittest discover -s tests/graph
beside unit/lint tests/lint.sh
beside unit/fuzz tests/fuzz/run.sh 10
beside recorded tests/recorded/run.sh --nslens "$nslens"
beside coverage tests/coverage.sh 90

# ---- the page
beside web/unit node tests/web/page.mjs
beside web/compare node tests/web/compare.mjs
beside web/looks node tests/web/looks.mjs
beside web/recorded tests/web/recorded.sh --nslens "$nslens"
beside packaging tests/packaging/run.sh "$nslens"

# ---- this machine, with what it permits
for t in churn startstop latency faults; do
	alone "live/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel live
done
alone live/graph tests/graph/run.sh --nslens "$nslens" --programs "$programs" --kernel live
alone live/store tests/store/run.sh --nslens "$nslens" --programs "$programs" --kernel live
alone live/diff tests/diff/run.sh --nslens "$nslens" --kernel live
alone web/browser node tests/web/browser.mjs
alone web/live node tests/web/live.mjs
alone web/server tests/web/server.sh --nslens "$nslens" --programs "$programs"
alone live/watch tests/watch/run.sh --nslens "$nslens" --programs "$programs"

# ---- this machine again, where it does not matter how long something takes
this_machine() {
	local t
	then_run live/lab tests/lab/run.sh --nslens "$nslens" --kernel live --kill some --out "$results/lab-live"
	then_run live/reaped tests/behave/reaped.sh --nslens "$nslens" --programs "$programs" --kernel live
	then_run live/lab-shell tests/lab/shell.py "$nslens"
	then_run live/truth tests/truth/truth.sh --nslens "$nslens" --out "$results/truth-live"
	then_run live/steps tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel live --out "$results/steps-live"
	for t in filters bad_input hostile privileges nobtf; do
		then_run "live/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel live
	done
	then_run live/export tests/export/run.sh --nslens "$nslens" --programs "$programs" --kernel live
	then_run live/report tests/report/run.sh --nslens "$nslens" --keep "$results/report-live"
	then_run web/lesson tests/web/lesson.sh --nslens "$nslens"
}
in_turn this_machine

# ---- guests, those that take longest first
for k in $RUNTIME_KERNELS; do
	beside "$k/graph-runtimes" tests/graph/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k" --full --suite verify --bursts 10
	beside "$k/milestones-runtimes" tests/milestones/runtimes.sh --nslens "$nslens" --kernel "$k"
	beside "$k/truth" tests/truth/guest.sh --nslens "$nslens" --kernel "$k" --out "$results/truth-$k"
	beside "$k/diff" tests/diff/run.sh --nslens "$nslens" --kernel "$k"
done
for k in $KERNELS; do
	beside "$k/steps" tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel "$k" --out "$results/steps-$k"
	for t in churn privileges nobtf; do
		beside "$k/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel "$k"
	done
	beside "$k/milestones" tests/milestones/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
	beside "$k/lab" tests/lab/run.sh --nslens "$nslens" --kernel "$k" --kill few --out "$results/lab-$k"
	beside "$k/graph" tests/graph/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k" --bursts "$BURSTS"
done
# starts nslens a hundred times: where a start need not wait for the end of the one before
beside 5.10/bad_input tests/behave/bad_input.sh --nslens "$nslens" --programs "$programs" --kernel 5.10
for k in 6.12; do
	for t in filters hostile; do
		beside "$k/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel "$k"
	done
	for m in kprobe tracepoint; do
		beside "$k/milestones-$m" tests/milestones/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k" --hooks $m
		beside "$k/steps-$m" tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel "$k" --hooks $m --out "$results/steps-$k-$m"
	done
	beside "$k/faults" tests/behave/faults.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
	beside "$k/slowdisk" tests/behave/slowdisk.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
	beside "$k/web" tests/web/guest.sh --nslens "$nslens" --kernel "$k"
	beside "$k/store" tests/store/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
	beside "$k/report" tests/report/run.sh --nslens "$nslens" --kernel "$k" --which "runc crun bwrap podman rootless-podman rootless-bwrap hook limit" --keep "$results/report-$k"
	alone "$k/order" tests/order/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
done
# the other architecture, where it was built
arm64_steps() {
	[ -x build/arm64/nslens ] || { echo "skip arm64: run make arm64 first"; return 77; }
	command -v qemu-system-aarch64 > /dev/null || { echo "skip arm64: qemu-system-arm is not installed"; return 77; }
	tests/steps/run.sh --nslens build/arm64/nslens --calls build/arm64/tests/calls --arch arm64 --kernel "$1" --out "$2"
}
export -f arm64_steps
for k in 6.12 7.3; do
	beside "$k/steps-arm64" bash -c 'arm64_steps "$@"' arm64 "$k" "$results/steps-$k-arm64"
done
# how long it takes
for k in $KERNELS; do
	alone "$k/startstop" tests/behave/startstop.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
done
alone 6.12/latency tests/behave/latency.sh --nslens "$nslens" --programs "$programs" --kernel 6.12

alone lab/table tests/lab/table.py "$nslens" "$results" "$results/scenarios-table.md"
# last: it looks through the traces of the others for what has no explanation
alone live/explain tests/explain/run.sh "$nslens"

wait
echo "$((SECONDS - started)) s in all; what each suite printed is in build/test-results/"
read -r passed failed skipped < <(cat "$counts"/* | awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
