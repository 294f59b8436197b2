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
while [ $# -gt 0 ]; do
	case $1 in
	--minutes | --kernel | --keep)
		[ $# -ge 2 ] || { echo "soak.sh: $1 needs a value" >&2; exit 2; }
		declare "${1#--}=$2"
		shift 2
		;;
	*) echo "soak.sh: unknown option $1" >&2; exit 2 ;;
	esac
done
case $minutes in '' | *[!0-9]*) echo "soak.sh: --minutes $minutes: a number" >&2; exit 2 ;; esac

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
