#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The same work under nslens and under the tools one would use without it.
#
# usage: peers.sh [--kernel "SERIES..."] [--rounds N] [--real-time] [--doc FILE]
#
# In a full guest each (6.12 and 7.3; see tests/guest/run.sh): 1500 random
# namespace calls (churn), a runc start and a fork storm (forkbench), alone and
# under nslens, bpftrace with the same hooks, bpftrace with programs that do
# nothing on them, strace -f, trace-cmd (function_graph) and perf trace; medians
# of the ratios of N (3) rounds. The guest's clock counts instructions, so that
# what else this machine does changes nothing; with --real-time it does.
# --doc FILE puts the tables into FILE too (user/doc/overhead.md), in their place.

set -u -o pipefail
export LC_ALL=C

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*/*}
kernel='6.12 7.3' rounds=3 real_time='' doc=''
# shellcheck source=tests/options.sh
. "$top/tests/options.sh"
take_options "kernel rounds real-time? doc" "$@"
no_words
clock=(--icount)
[ -z "$real_time" ] || clock=()

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-peers.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
make -s -C "$top/tests/programs" OUT="$top/build/tests" || exit 1
cp "$top/build/nslens" "$top/build/tests/churn" "$top/build/tests/forkbench" \
	"$top/build/tests/attached" "$work" || exit 1
for series in $kernel; do
	"$top/tests/guest/run.sh" --kernel "$series" --full "${clock[@]}" --memory 2048 \
		--timeout $((900 + 900 * rounds)) --out "$work/$series" \
		--file "$work/nslens" --file "$work/churn" --file "$work/forkbench" \
		--file "$work/attached" --file "$here/peers-guest.sh" -- \
		"bash peers-guest.sh $rounds" || exit
	python3 "$here/peers.py" "$work/$series" "$series" | tee -a "$work/table" || exit
	[ -z "${NSLENS_KEEP-}" ] || cp -r "$work/$series" "$NSLENS_KEEP"
done
[ -z "$doc" ] || python3 "$here/doc.py" "$doc" peers <"$work/table"
