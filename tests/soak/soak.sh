#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything at once, for a while: memory flat, nothing lost without a word, the graph right.
#
#   soak.sh [--minutes N] [--kernel SERIES|live] [--keep DIR]      (30; live)
#
# Exit status: 0 no FAIL, 1 a FAIL, 2 bad usage, 77 no suite offers the kernel any more.

set -u -o pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$here/../..
minutes=30 kernel=live keep=''
# shellcheck source=tests/options.sh
. "$top/tests/options.sh"
take_options "minutes kernel keep" "$@"
no_words
case $minutes in '' | *[!0-9]*) bad_usage "--minutes $minutes: a number" ;; esac

out=${keep:-$(mktemp -d "${TMPDIR:-/tmp}/nslens-soak.XXXXXX")}
mkdir -p "$out"
[ -n "$keep" ] || trap 'rm -rf "$out"' EXIT
nslens=$(realpath "$top/build/nslens") churn=$(realpath "$top/build/tests/churn")
if [ "$kernel" = live ]; then
	"$here/work.sh" "$nslens" "$churn" "$out" $((minutes * 60)) || exit
else
	"$top/tests/guest/run.sh" --kernel "$kernel" --smp 1 --memory 2048 \
		--timeout $((minutes * 60 + 300)) --file "$nslens" --file "$churn" \
		--file "$here/work.sh" --out "$out" -- \
		"sh work.sh /nslens/nslens /nslens/churn /out $((minutes * 60)); rm -f /out/*.ring*" || exit
fi
python3 "$here/check.py" "$out"
