#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Recordings of real work, here or in a guest.
#
#   run.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--kills N] [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
nslens='' programs='' kernel=live kills=60 keep=''
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$(realpath "$2") ;;
	--programs) programs=$(realpath "$2") ;;
	--kernel) kernel=$2 ;;
	--kills) kills=$2 ;;
	--keep) keep=$2 ;;
	*) break ;;
	esac
	shift 2
done
if [ $# != 0 ] || [ ! -x "$nslens" ] || [ ! -x "$programs/churn" ]; then
	sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,9p >&2
	exit 2
fi
if [ -n "$keep" ]; then
	mkdir -p "$keep"
	out=$(realpath "$keep")
else
	out=$(mktemp -d "${TMPDIR:-/tmp}/nslens-store.XXXXXX") || exit 2
	trap 'rm -rf "$out"' EXIT
fi

if [ "$kernel" = live ]; then
	mkdir -p "$out/bin"
	cp "$nslens" "$out/bin/nslens"
	cp "$programs/churn" "$here/part.sh" "$out/bin/"
	OUT=$out timeout -k 5 150 sh "$out/bin/part.sh" 30000 >"$out/part.log" 2>&1
else
	"$here/../guest/run.sh" --kernel "$kernel" --timeout 400 --file "$nslens:nslens" \
		--file "$programs/churn:churn" --file "$here/part.sh:part.sh" --out "$out" \
		-- 'OUT=/out sh /nslens/part.sh 3000' >"$out/part.log" 2>&1
fi
status=$?
if [ $status = 77 ]; then
	echo "skip store: no suite offers kernel $kernel any more"
	exit 77
fi
[ $status = 0 ] || echo "FAIL part: status $status: $(tail -n 3 "$out/part.log" | tr '\n' ' ')"
failed=0
python3 "$here/check.py" "$out" || failed=1
if [ "$kernel" = live ]; then
	python3 "$here/kill.py" "$out/bin/nslens" "$out/bin/churn" "$out" "$kills" || failed=1
fi
exit $failed
