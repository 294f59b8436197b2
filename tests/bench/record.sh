#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What recording costs the work that is recorded, beside tracing it, in instructions.
#
# usage: record.sh [--limit PERCENT] [--doc FILE] [KERNEL]
#
# In a guest of KERNEL (6.12) that counts instructions instead of time: operations of
# nswork.c alone, under `nslens trace --brief -o FILE` (and with --milestones), `nslens graph
# --follow` and `nslens record`, and alone again. A recording has what the two others have.
# Whoever traces stands still (SIGSTOP) while they run, with a ring that holds it all: so the
# work pays the hooks, and what the tracer does with it is counted apart, when it goes on.
#
#   --limit PERCENT  that an operation may take longer recorded than where the same hooks
#                    are attached and nothing is recorded (2): the graph's and milestones'
#   --doc FILE       put the table into FILE too (user/doc/overhead.md), in its place
#
# Exit status: 0; 1 above the limit, or something was lost; 2 usage; 77 no such kernel;
# 125 the guest failed.

set -u -o pipefail
export LC_ALL=C

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*/*}
limit=2 doc=''
# shellcheck source=tests/options.sh
. "$top/tests/options.sh"
take_options "limit doc" "$@"
kernel=${words[0]:-6.12}

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

make -s -C "$top/tests/programs" OUT="$top/build/tests" || exit 1
make -s -C "$here" OUT="$top/build/tests" SKEL="$top/build" || exit 1
cp "$top/build/nslens" "$top/build/tests/nswork" "$top/build/tests/attached" "$work" || exit 1
"$top/tests/guest/run.sh" --kernel "$kernel" --icount --timeout 400 --out "$work/out" \
	--file "$work/nslens" --file "$work/nswork" --file "$work/attached" \
	--file "$here/record-guest.sh" -- 'sh record-guest.sh'
case $? in
0) ;;
77) exit 77 ;;
*) exit 125 ;;
esac
python3 "$here/record_table.py" --limit "$limit" "$work/out" >"$work/table"
rc=$?
cat "$work/table"
[ -z "$doc" ] || python3 "$here/doc.py" "$doc" record <"$work/table" || exit 1
exit $rc
