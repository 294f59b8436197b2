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

# what of the lines of a page is of this type, one a line, without what `jq` is told to leave out
lines_of_file() {
	sed -n 's/.*id="data">\([^<]*\)<.*/\1/p' "$1" | base64 -d | gzip -dc | jq -c "select(.type == \"$2\")"
}
# the same from a server
lines_of_server() {
	local type=$1 address
	shift
	"$nslens" serve --json "$@" > "$scratch/serve" 2> "$scratch/log" &
	server=$!
	for _ in $(seq 100); do
		[ -s "$scratch/serve" ] && break
		sleep 0.1
	done
	address=$(jq -r .address "$scratch/serve")
	curl -s -c "$scratch/jar" -o "$scratch/page" "$address"
	curl -s -m 20 -b "$scratch/jar" "${address%%\?*}events" | sed -n 's/^data: //p' | jq -c "select(.type == \"$type\")"
	kill $server
	wait $server
}
same() {
	if [ -s "$2" ] && cmp -s "$2" "$3"; then
		echo "ok $1 # $(wc -l < "$2") lines"
	else
		echo "FAIL $1: $(diff "$2" "$3" | head -c 300)"
		status=1
	fi
}
"$nslens" report --json "$scratch/start.nslens" | jq -c 'select(.type == "startup")' > "$scratch/report"
lines_of_file "$scratch/start.html" startup > "$scratch/in-file"
same 'start-ups in the file are those of nslens report' "$scratch/report" "$scratch/in-file"
lines_of_server startup -i "$scratch/start.nslens" > "$scratch/served"
same 'start-ups that are served are those of nslens report' "$scratch/report" "$scratch/served"

# two that differ: what is added, missing, in another order, and refused
setup='mount -t tmpfs none /mnt; hostname inner'
"$nslens" record -o "$scratch/a.nslens" -- unshare --mount --uts --ipc --net --pid --fork sh -c "$setup; exec true" > "$scratch/log" 2>&1
"$nslens" record -o "$scratch/b.nslens" -- unshare --mount --uts --pid --fork sh -c "hostname inner; mount -t tmpfs none /mnt; mount --bind /mnt/none /mnt 2>/dev/null; unshare --cgroup true; exec true" > "$scratch/log" 2>&1
"$nslens" diff --json "$scratch/a.nslens" "$scratch/b.nslens" > "$scratch/both.json"
if ! "$nslens" export "$scratch/a.nslens" --compare "$scratch/b.nslens" --format html -o "$scratch/both.html" 2> "$scratch/log"; then
	echo "FAIL export --compare: $(tail -1 "$scratch/log")"
	exit 1
fi
jq -cS . "$scratch/both.json" > "$scratch/diff"
lines_of_file "$scratch/both.html" compare | jq -cS .diff > "$scratch/in-file"
same 'the comparison in the file is that of nslens diff' "$scratch/diff" "$scratch/in-file"
lines_of_server compare -i "$scratch/a.nslens" --compare "$scratch/b.nslens" | jq -cS .diff > "$scratch/served"
same 'the comparison that is served is that of nslens diff' "$scratch/diff" "$scratch/served"
node tests/web/compare.mjs "$scratch/both.html" "$scratch/both.json"
browser=$?
[ $browser = 77 ] || [ $browser = 0 ] || status=1
node tests/web/served.mjs follow "$nslens" "$scratch/a.nslens" "$scratch/b.nslens"
browser=$?
[ $browser = 77 ] || [ $browser = 0 ] || status=1
exit $status
