#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A start that is recorded here and now: laid out alike by the page and the program, and,
# as one HTML file, walked by keyboard as `nslens trace --json` tells it.
#
#   tests/web/recorded.sh --nslens PATH
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
nslens=build/nslens
[ "${1-}" != --nslens ] || nslens=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/nslens-page.XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT

if ! "$nslens" doctor > /dev/null 2>&1; then
	echo "skip web-recorded: this machine permits no tracing (nslens doctor tells why)"
	exit 77
fi
start='unshare --mount --uts --ipc --net --pid --fork sh -c "hostname inner; unshare --user true; unshare --uts true"; unshare --cgroup true'
"$nslens" record -o "$scratch/start.nslens" -- sh -c "$start" > "$scratch/log" 2>&1
[ -s "$scratch/start.nslens" ] || { echo "FAIL record: $(tail -1 "$scratch/log")"; exit 1; }
status=0
node tests/web/same_layout.mjs --nslens "$nslens" "$scratch/start.nslens" || status=$?
"$nslens" trace --json -i "$scratch/start.nslens" > "$scratch/trace.jsonl" || { echo "FAIL trace of the recording"; exit 1; }
if ! "$nslens" export --format html -o "$scratch/start.html" "$scratch/start.nslens" 2> "$scratch/log"; then
	grep -q 'without the page' "$scratch/log" && { echo "skip web-recorded: nslens was built with WEB=no"; exit 77; }
	echo "FAIL export: $(tail -1 "$scratch/log")"
	exit 1
fi
node tests/web/browser.mjs --export "$scratch/start.html" "$scratch/trace.jsonl"
browser=$?
[ $browser = 77 ] || [ $browser = 0 ] || status=1
exit $status
