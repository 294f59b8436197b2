#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The same work under nslens and under the tools one would use without it.

set -u -o pipefail
export LC_ALL=C

usage() {
	cat <<'END_USAGE'
usage: peers.sh [--kernel "SERIES..."] [--rounds N] [--real-time] [--doc FILE]

In a full guest each (6.12 and 7.3; see tests/guest/run.sh): 1500 random
namespace calls (churn), a runc start and a fork storm (forkbench), alone and
under nslens, bpftrace with the same hooks, bpftrace with programs that do
nothing on them, strace -f, trace-cmd (function_graph) and perf trace; medians
of the ratios of N (3) rounds. The guest's clock counts instructions, so that
what else this machine does changes nothing; with --real-time it does.
--doc FILE puts the tables into FILE too (user/doc/overhead.md), in their place.
END_USAGE
}

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*/*}
kernels='6.12 7.3' rounds=3 clock=--icount doc=''
while [ $# -gt 0 ]; do
	case $1 in
	--kernel | --kernels | --rounds | --doc)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		case $1 in
		--kernel | --kernels) kernels=$2 ;;
		--rounds) rounds=$2 ;;
		--doc) doc=$2 ;;
		esac
		shift
		;;
	--real-time) clock='' ;;
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
for kernel in $kernels; do
	# shellcheck disable=SC2086 # an option or none
	"$top/tests/guest/run.sh" --kernel "$kernel" --full $clock --memory 2048 \
		--timeout $((900 + 900 * rounds)) --out "$work/$kernel" \
		--file "$work/nslens" --file "$work/churn" --file "$work/forkbench" \
		--file "$work/attached" --file "$here/peers-guest.sh" -- \
		"bash peers-guest.sh $rounds" || exit
	python3 "$here/peers.py" "$work/$kernel" "$kernel" | tee -a "$work/table" || exit
	[ -z "${NSLENS_KEEP-}" ] || cp -r "$work/$kernel" "$NSLENS_KEEP"
done
[ -z "$doc" ] || python3 "$here/doc.py" "$doc" peers <"$work/table"
