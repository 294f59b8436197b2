#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs every test suite and counts: unit tests, live tests on this machine, and
# guests with stock Debian kernels. The last line is `N passed, N failed, N skipped`.
#
#   tests/run.sh [--kernels "5.10 6.12"|all] [SUITE-PATTERN...]
#
# A suite is a command that prints `ok NAME`, `FAIL NAME: why` (or `not ok`) and
# `skip NAME: why` lines, or ends with a count of its own. Exit status 77 of a
# suite is a skip. Everything it printed stays in build/test-results/.
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
passed=0 failed=0 skipped=0
started=$SECONDS

wanted() {
	[ ${#patterns[@]} = 0 ] && return 0
	local p
	for p in "${patterns[@]}"; do
		# shellcheck disable=SC2254 # a pattern is what was asked for
		case $1 in $p) return 0 ;; esac
	done
	return 1
}

# suite NAME COMMAND...
suite() {
	local name=$1 log t0=$SECONDS status p f s count
	shift
	wanted "$name" || return 0
	log=$results/${name//\//-}.log
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
		s=$((s + 1))
		[ "$p$f" = 00 ] && [ -s "$log" ] || echo "skip $name: exit status 77" >> "$log"
	elif [ $status != 0 ] && [ "$f" = 0 ]; then
		f=1
		echo "FAIL $name: exit status $status" >> "$log"
	elif [ "$p$f$s" = 000 ]; then
		f=1
		echo "FAIL $name: it ran no test" >> "$log"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-34s %4d passed %3d failed %3d skipped  %4d s\n' "$name" "$p" "$f" "$s" $((SECONDS - t0))
	[ "$f" = 0 ] || grep -E '^(FAIL|not ok)|difference|error|Error' "$log" | head -20 | sed 's/^/    /'
	[ "$f" = 0 ] || tail -5 "$log" | sed 's/^/    | /'
	[ "$s" = 0 ] || { grep -E '^skip ' "$log" || tail -1 "$log"; } | head -10 | sed 's/^/    /'
}

# ---- no kernel needed
for t in build/unit/*; do
	[ -x "$t" ] && suite "unit/$(basename "$t")" "$t"
done
suite unit/truth python3 -m unittest discover -s tests/truth
suite unit/graph python3 -m unittest discover -s tests/graph
suite unit/lint tests/lint.sh
suite recorded tests/recorded/run.sh --nslens "$nslens"
suite coverage tests/coverage.sh 90

# ---- the page
suite web/unit node tests/web/page.mjs
suite web/browser node tests/web/browser.mjs
suite web/recorded tests/web/recorded.sh --nslens "$nslens"
suite packaging tests/packaging/run.sh "$nslens"

# ---- this machine, with what it permits
suite live/truth tests/truth/truth.sh --nslens "$nslens" --out "$results/truth-live"
suite live/steps tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel live --out "$results/steps-live"
for t in churn filters bad_input hostile startstop latency privileges nobtf faults; do
	suite "live/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel live
done

suite live/graph tests/graph/run.sh --nslens "$nslens" --programs "$programs" --kernel live
suite live/lab tests/lab/run.sh --nslens "$nslens" --kernel live --kill some --out "$results/lab-live"
suite live/lab-shell tests/lab/shell.py "$nslens"
suite live/store tests/store/run.sh --nslens "$nslens" --programs "$programs" --kernel live
suite live/export tests/export/run.sh --nslens "$nslens" --programs "$programs" --kernel live
suite live/diff tests/diff/run.sh --nslens "$nslens" --kernel live
suite live/fuzz tests/fuzz/run.sh 20
suite live/report tests/report/run.sh --nslens "$nslens" --keep "$results/report-live"
suite web/server tests/web/server.sh --nslens "$nslens" --programs "$programs"
suite live/watch tests/watch/run.sh --nslens "$nslens" --programs "$programs"

# ---- guests
for k in $KERNELS; do
	suite "$k/steps" tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel "$k" --out "$results/steps-$k"
	for t in churn startstop privileges nobtf; do
		suite "$k/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel "$k"
	done
	suite "$k/milestones" tests/milestones/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
	suite "$k/lab" tests/lab/run.sh --nslens "$nslens" --kernel "$k" --kill few --out "$results/lab-$k"
	suite "$k/graph" tests/graph/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k" --bursts "$BURSTS"
done
# starts nslens a hundred times: where a start need not wait for the end of the one before
suite 5.10/bad_input tests/behave/bad_input.sh --nslens "$nslens" --programs "$programs" --kernel 5.10
for k in 6.12; do
	for t in filters hostile latency; do
		suite "$k/$t" "tests/behave/$t.sh" --nslens "$nslens" --programs "$programs" --kernel "$k"
	done
	for m in kprobe tracepoint; do
		suite "$k/milestones-$m" tests/milestones/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k" --hooks $m
		suite "$k/steps-$m" tests/steps/run.sh --nslens "$nslens" --calls "$programs/calls" --kernel "$k" --hooks $m --out "$results/steps-$k-$m"
	done
	suite "$k/store" tests/store/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
	suite "$k/report" tests/report/run.sh --nslens "$nslens" --kernel "$k" --which "runc crun bwrap podman hook limit" --keep "$results/report-$k"
	suite "$k/order" tests/order/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k"
done
# the other architecture, where it was built
arm64_steps() {
	[ -x build/arm64/nslens ] || { echo "skip arm64: run make arm64 first"; return 77; }
	command -v qemu-system-aarch64 > /dev/null || { echo "skip arm64: qemu-system-arm is not installed"; return 77; }
	tests/steps/run.sh --nslens build/arm64/nslens --calls build/arm64/tests/calls --arch arm64 --kernel "$1" --out "$results/steps-$1-arm64"
}
for k in 6.12 7.3; do
	suite "$k/steps-arm64" arm64_steps "$k"
done
for k in $RUNTIME_KERNELS; do
	suite "$k/graph-runtimes" tests/graph/run.sh --nslens "$nslens" --programs "$programs" --kernel "$k" --full --suite verify --bursts 10
	suite "$k/milestones-runtimes" tests/milestones/runtimes.sh --nslens "$nslens" --kernel "$k"
	suite "$k/truth" tests/truth/guest.sh --nslens "$nslens" --kernel "$k" --out "$results/truth-$k"
	suite "$k/diff" tests/diff/run.sh --nslens "$nslens" --kernel "$k"
done

suite lab/table tests/lab/table.py "$nslens" "$results" "$results/scenarios-table.md"
# last: it looks through the traces of the others for what has no explanation
suite live/explain tests/explain/run.sh "$nslens"

echo "$((SECONDS - started)) s in all; what each suite printed is in build/test-results/"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
