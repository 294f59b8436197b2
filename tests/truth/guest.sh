#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh --nslens PATH --kernel SERIES --out DIR: the truth test in a full guest
# with function hooks: collected there, compared here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=''
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens kernel out" "$@"
rm -rf "$out"
"$here/../guest/run.sh" --kernel "$kernel" --full --timeout 580 --file "$nslens:nslens" \
	--file "$here:truth" --out "$out" -- \
	'truth/truth.sh --nslens /nslens/nslens --out /out --collect-only' > "$out.log" 2>&1
status=$?
if [ $status != 0 ]; then
	tail -60 "$out.log"
	exit $status
fi
"$here/truth.sh" --compare-only --out "$out"
