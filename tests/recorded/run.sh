#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The recordings that are kept (tests/store/fixtures), told by every command that reads one. Needs
# no kernel: it is what `make coverage` and `make test-sanitized` run the program with.
#
#   run.sh --nslens PATH [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.
set -u -o pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
unset NO_COLOR COLUMNS LANGUAGE
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../store/fixtures
nslens='' keep=''
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$(realpath "$2") ;;
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
	out=$(mktemp -d "${TMPDIR:-/tmp}/nslens-recorded.XXXXXX") || exit 2
	trap 'rm -rf "$out"' EXIT
fi

for f in "$fixtures"/*.events.xz; do
	name=$(basename "$f" .events.xz)
	xz -dc "$f" | "$nslens" import - -o "$out/$name.nslens" --force 2>"$out/$name.err" ||
		{ echo "FAIL import-$name: $(tail -n 1 "$out/$name.err")"; exit 1; }
	echo "ok import-$name"
done
cp "$fixtures/v1.nslens" "$out/v1.nslens"

failed=0
# what the program `calls` printed of itself is the truth about its calls
xz -dc "$fixtures/calls.truth.xz" >"$out/calls.truth"
if "$nslens" trace -i "$out/calls.nslens" --json -o "$out/calls.trace"; then
	python3 "$here/../steps/check.py" "$out/calls.truth" "$out/calls.trace" --kernel 6.12 --mode functions \
		--label calls | sed '$d' || failed=1
else
	echo "FAIL calls: trace -i failed"
	failed=1
fi
for part in story graphs starts explained page; do
	python3 "$here/$part.py" "$nslens" "$out" || failed=1
done
exit $failed
