#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nslens lab serve: what it refuses and leaves behind, and lessons walked in a browser; with
# the kernel's single steps as a guest tells them, where one can be had.
#
#   tests/web/lesson.sh --nslens PATH
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
nslens=build/nslens
[ "${1-}" != --nslens ] || nslens=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/nslens-lesson.XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT

if [ "$(id -u)" != 0 ] || ! "$nslens" doctor > /dev/null 2>&1; then
	echo "skip web-lesson: needs root on a machine that permits tracing (nslens doctor)"
	exit 77
fi
if "$nslens" lab serve no-such-scenario 2>&1 | grep -q 'without the page'; then
	echo "skip web-lesson: nslens was built with WEB=no"
	exit 77
fi
status=0
python3 tests/web/lesson.py "$(realpath "$nslens")" || status=1

mkdir "$scratch/steps"
# shellcheck disable=SC2016 # for the shell of the guest
tests/guest/run.sh --kernel 6.12 --file "$nslens:nslens" --out "$scratch/steps" -- \
	'for s in uts-alone unwind container; do nslens lab run --json $s > /out/$s.jsonl || exit 1; done' \
	> "$scratch/log" 2>&1
case $? in
0) steps=(--steps "$scratch/steps") ;;
77) echo "skip lessons with the kernel's steps: no kernel 6.12 for a guest"; steps=() ;;
*) echo "FAIL lab run --json in a guest: $(tail -3 "$scratch/log" | tr '\n' ' ')"; status=1 steps=() ;;
esac
node tests/web/lesson.mjs --nslens "$nslens" "${steps[@]}"
browser=$?
[ $browser = 77 ] || [ $browser = 0 ] || status=1
exit $status
