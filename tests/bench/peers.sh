#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The same work under nslens and under the tools one would use without it.

set -u -o pipefail
export LC_ALL=C

usage() {
	cat <<'END_USAGE'
usage: peers.sh [--kernel SERIES] [--rounds N] [--doc FILE]

In one full guest (6.12; see tests/guest/run.sh): 1500 random namespace calls
(churn), a runc start and a fork storm (forkbench), alone and under nslens,
bpftrace with the same hooks, bpftrace with programs that do nothing on them,
strace -f, trace-cmd (function_graph) and perf trace; medians of N (3) rounds.
--doc FILE puts the table into FILE too (user/doc/overhead.md), in its place.
Emulated real time on a shared machine: read it for the order of magnitude.
END_USAGE
}

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*/*}
kernel=6.12 rounds=3 doc=''
while [ $# -gt 0 ]; do
	case $1 in
	--kernel | --rounds | --doc)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		case $1 in
		--kernel) kernel=$2 ;;
		--rounds) rounds=$2 ;;
		--doc) doc=$2 ;;
		esac
		shift
		;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
	shift
done

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-peers.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
make -s -C "$top/tests/programs" OUT="$top/build/tests" || exit 1
cp "$top/build/nslens" "$top/build/tests/churn" "$top/build/tests/forkbench" \
	"$top/build/tests/attached" "$work" || exit 1
"$top/tests/guest/run.sh" --kernel "$kernel" --full --memory 2048 --timeout $((300 + 240 * rounds)) \
	--out "$work/out" --file "$work/nslens" --file "$work/churn" --file "$work/forkbench" \
	--file "$work/attached" \
	--file "$here/peers-guest.sh" -- "bash peers-guest.sh $rounds"
rc=$?
[ $rc = 0 ] || exit $rc
python3 "$here/peers.py" "$work/out" | tee "$work/table"
[ -z "$doc" ] || python3 "$here/doc.py" "$doc" peers <"$work/table"
