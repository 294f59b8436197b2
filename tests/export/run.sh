#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   run.sh --nslens PATH --programs DIR [--kernel live|none] [--keep DIR]
#
# Exports of a recording made here and now (live) and of the one that is kept as a
# fixture, each read by what reads it; what a recorder gives to others while it is at
# work; and rings that are kept by time and saved because something was slow.
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.
set -u -o pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
nslens='' programs='' kernel=live keep=''
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$(realpath "$2") ;;
	--programs) programs=$(realpath "$2") ;;
	--kernel) kernel=$2 ;;
	--keep) keep=$2 ;;
	*) break ;;
	esac
	shift 2
done
if [ $# != 0 ] || [ ! -x "$nslens" ] || [ ! -d "$programs" ]; then
	sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,10p >&2
	exit 2
fi
if [ -n "$keep" ]; then
	mkdir -p "$keep"
	out=$(realpath "$keep")
else
	out=$(mktemp -d "${TMPDIR:-/tmp}/nslens-export.XXXXXX") || exit 2
	trap 'rm -rf "$out"' EXIT
fi
failed=0

# of NAME RECORDING: both checkers, their lines marked with the name
of() {
	mkdir -p "$out/$1"
	{
		python3 "$here/formats.py" "$nslens" "$2" "$out/$1" || failed=1
		python3 "$here/redact.py" "$nslens" "$2" "$out/$1" || failed=1
	} > "$out/$1.log" 2>&1
	sed -E "s/^(ok|FAIL|skip) /\1 $1-/" "$out/$1.log"
	! grep -q '^FAIL\|^Traceback' "$out/$1.log" || failed=1
}

python3 "$here/fixture.py" "$nslens" "$here/../store/fixtures/v1.nslens" || failed=1
of fixture "$here/../store/fixtures/v1.nslens"
if [ "$kernel" = live ]; then
	work() {
		unshare --uts --pid --mount --fork true
		setpriv --reuid 65534 unshare --net true
		unshare --user --uts true
		"$programs/churn" --calls 300 > /dev/null
		"$programs/hostile" > /dev/null
	}
	export -f work
	export programs
	if "$nslens" record -o "$out/live.nslens" -- bash -c work 2> "$out/live.err"; then
		of live "$out/live.nslens"
	elif [ -s "$out/live.nslens" ] && grep -q 'events' "$out/live.err"; then
		of live "$out/live.nslens" # what hostile returns is its own business
	else
		echo "FAIL live-record: $(tail -n 1 "$out/live.err")"
		failed=1
	fi
	python3 "$here/feeds.py" "$nslens" "$out" || failed=1
	python3 "$here/ring.py" "$nslens" "$out" || failed=1
fi
exit $failed
