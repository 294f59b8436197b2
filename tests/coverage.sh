#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How many lines of model, explain, store and view the tests run that need no kernel: the unit
# tests, and the program with recordings that are kept. `make coverage` builds both first.
#
#   coverage.sh [LEAST]      FAIL where a part has less than LEAST percent (0)
#
# The report stays in build/coverage/: report.html, report.txt (by file), lines.json.
set -u -o pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "$0")/.." || exit 2
least=${1:-0}
out=build/coverage
command -v gcovr >/dev/null || { echo "skip coverage: gcovr is missing (make deps)"; exit 77; }
[ -x $out/nslens ] || { echo "skip coverage: the program to watch is not built (make coverage-build)"; exit 77; }

find $out -name '*.gcda' -delete
# watched NAME COMMAND...: a test that fails runs other lines than it should
watched() {
	local name=$1
	shift
	"$@" >"$out/$name.log" 2>&1 </dev/null ||
		echo "FAIL coverage-$name: it failed, see $out/$name.log: $(grep -m 1 -E '^(FAIL|not ok)' "$out/$name.log")"
}
export -f watched
export out
{
	printf '%s\0' "watched recorded tests/recorded/run.sh --nslens $out/nslens" \
		"watched export tests/export/run.sh --nslens $out/nslens --kernel none"
	for t in "$out"/unit/*; do
		[ ! -x "$t" ] || printf '%s\0' "watched ${t##*/} $t"
	done
} | xargs -0 -n 1 -P "$(nproc)" bash -c >$out/failed
failed=0
[ ! -s $out/failed ] || { cat $out/failed; failed=1; }

timeout 300 gcovr --root . --object-directory $out --gcov-ignore-parse-errors --filter 'user/(model|explain|store|view)/' \
	--json-summary $out/lines.json --txt $out/report.txt --html $out/report.html \
	>$out/gcovr.log 2>&1 || { echo "FAIL coverage-report: $(tail -n 1 $out/gcovr.log)"; exit 1; }
for part in model explain store view; do
	read -r covered lines < <(jq -r --arg part "user/$part/" \
		'[.files[] | select(.filename | startswith($part))] | "\(map(.line_covered) | add) \(map(.line_total) | add)"' \
		$out/lines.json)
	percent=$(awk -v a="$covered" -v b="$lines" 'BEGIN { printf "%.1f", 100 * a / b }')
	if awk -v a="$percent" -v b="$least" 'BEGIN { exit a >= b }'; then
		echo "FAIL coverage-$part: $percent % of $lines lines, not $least %"
		failed=1
	else
		echo "ok coverage-$part ($percent % of $lines lines)"
	fi
done
jq -r '.files | sort_by(.line_covered - .line_total) | .[:12][] |
	"   \(.line_total - .line_covered) of \(.line_total) lines not run: \(.filename)"' $out/lines.json
exit $failed
