#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nslens report on starts of real runtimes, compared with strace's log of the same starts, and on
# starts that were slowed or made to fail on purpose.
#
#   run.sh --nslens PATH [--kernel SERIES|live] [--which "NAME..."] [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
nslens='' kernel=live which='' keep=''
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$(realpath "$2") ;;
	--kernel) kernel=$2 ;;
	--which) which=$2 ;;
	--keep) keep=$2 ;;
	*) break ;;
	esac
	shift 2
done
if [ $# != 0 ] || [ ! -x "$nslens" ]; then
	sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,9p >&2
	exit 2
fi
if [ -n "$keep" ]; then
	mkdir -p "$keep"
	out=$(realpath "$keep")
else
	out=$(mktemp -d "${TMPDIR:-/tmp}/nslens-report.XXXXXX") || exit 2
	trap 'rm -rf "$out"' EXIT
fi

if [ "$kernel" = live ]; then
	bin=$(mktemp -d "${TMPDIR:-/tmp}/nslens-report-bin.XXXXXX") || exit 2
	cp "$nslens" "$bin/nslens"
	cp "$here/starts.sh" "$here/engines.sh" "$bin/"
	cp -r "$here/../truth" "$bin/truth"
	OUT=$out WHICH=$which timeout -k 5 300 sh "$bin/starts.sh" >"$out/starts.log" 2>&1
	rm -rf "$bin"
	# shellcheck disable=SC2086 # names
	exec python3 "$here/check.py" "$out" $which
fi
"$here/../guest/run.sh" --kernel "$kernel" --full --timeout 900 --file "$nslens:nslens" \
	--file "$here/starts.sh:starts.sh" \
	--file "$here/engines.sh:engines.sh" --file "$here/../truth:truth" --out "$out" -- \
	"OUT=/out WHICH='$which' LC_ALL=C.UTF-8 sh /nslens/starts.sh" >"$out.log" 2>&1
status=$?
if [ $status != 0 ]; then
	tail -40 "$out.log"
	exit $status
fi
# shellcheck disable=SC2086 # names
exec python3 "$here/check.py" "$out" $which
