#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   run.sh --nslens PATH --programs DIR [--kernel live|none] [--keep DIR]
#
# Exports of a recording made here and now (live) and of the one that is kept as a
# fixture, each read by what reads it; what a recorder gives to others while it is at
# work; and rings that are kept by time and saved because something was slow.
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums.
set -u -o pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens programs kernel keep" "$@"
scratch_folder export "$keep"
out=$scratch

# of NAME RECORDING: both checkers, their lines marked with the name
of() {
	local part
	mkdir -p "$out/$1"
	for part in formats redact; do
		verdict < <(judged "$out/$1-$part" "$here/$part.py" "$nslens" "$2" "$out/$1" | sed -E "s/^(ok|FAIL|skip) /\1 $1-/")
	done
}

judged "$out/fixture.checked" "$here/fixture.py" "$nslens" "$here/../store/fixtures/v1.nslens"
of fixture "$here/../store/fixtures/v1.nslens"
if [ "$kernel" = live ]; then
	# shellcheck disable=SC2317 # bash -c calls it
	work() {
		unshare --uts --pid --mount --fork true
		setpriv --reuid 65534 unshare --net true
		unshare --user --uts true
		"$programs/churn" --calls 300 > /dev/null
		"$programs/hostile" > /dev/null
	}
	export -f work
	export programs
	# what hostile returns is its own business
	if "$nslens" record -o "$out/live.nslens" -- bash -c work 2> "$out/live.err" ||
		{ [ -s "$out/live.nslens" ] && grep -q 'events' "$out/live.err"; }; then
		of live "$out/live.nslens"
	else
		fail live-record "$(tail -n 1 "$out/live.err")"
	fi
	judged "$out/feeds" "$here/feeds.py" "$nslens" "$out"
	judged "$out/ring" "$here/ring.py" "$nslens" "$out"
fi
finish
