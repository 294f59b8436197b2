#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How much of the pure parts the unit tests run: lines, by part and by file.
#
#   coverage.sh [LEAST]      exit status 1 where a part has less than LEAST percent (0)
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2
least=${1:-0}
out=build/coverage
command -v gcovr >/dev/null || { echo "coverage.sh: gcovr is missing: apt-get install gcovr" >&2; exit 2; }

flags='-std=gnu17 -D_GNU_SOURCE -O0 -g --coverage -fsanitize=address -Ibuild/coverage'
make -s B=$out UNIT_CFLAGS="$flags" unit >/dev/null || exit 1
find $out -name '*.gcda' -delete
for t in "$out"/unit/*; do
	[ ! -x "$t" ] || "$t" >/dev/null 2>&1 </dev/null || echo "coverage.sh: ${t##*/} failed" >&2
done
status=0
for part in model explain view store; do
	gcovr --root . --object-directory $out --filter "user/$part/" --txt "$out/$part.txt" \
		--json-summary "$out/$part.json" >/dev/null 2>&1 || exit 1
	percent=$(jq -r .line_percent "$out/$part.json")
	printf '%-8s %5.1f %% of %s lines\n' "$part" "$percent" "$(jq -r .line_total "$out/$part.json")"
	awk -v a="$percent" -v b="$least" 'BEGIN { exit a < b }' || status=1
done
jq -rs '[.[].files[]] | sort_by(.line_percent) | .[:12][] | "   \(.line_percent) %  \(.filename)"' \
	$out/{model,explain,view,store}.json
exit $status
