#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What nslens costs a fork, a thread and a vfork of tasks that have nothing to do
# with namespaces, in instructions, on several kernels.
#
# usage: bench.sh [--limit N] [--doc FILE] [KERNEL...]
#
# In a guest of each KERNEL (5.10 6.1 6.12 6.18 7.3) that counts instructions
# instead of time (QEMU -icount: two runs give the same figures):
#
#   which of our programs run on the way from clone to exit, while `nslens trace`
#   traces the whole machine, and how often;
#   what one run of each costs (see hookcost.c for how that is measured);
#   fork+wait, thread create+join, vfork+wait: alone, traced, and alone again;
#   how many events all that sent.
#
#   --limit N        instructions that a fork or thread may pay (900)
#   --doc FILE       put the tables into FILE too (user/doc/overhead.md), in their place
#
# Exit status: 0; 1 a sum is above the limit, an event was sent, or a program runs
# on the way that is not measured; 2 usage; 125 a guest failed.

set -u -o pipefail
export LC_ALL=C

say() { echo "bench.sh: $*" >&2; }

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*/*}
limit=900 doc=''
# shellcheck source=tests/options.sh
. "$top/tests/options.sh"
take_options "limit doc" "$@"
kernels=("${words[@]}")
[ ${#kernels[@]} -gt 0 ] || kernels=(5.10 6.1 6.12 6.18 7.3)

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

make -s -C "$top/tests/programs" OUT="$top/build/tests" || exit 1
make -s -C "$here" OUT="$top/build/tests" SKEL="$top/build" || exit 1
# Rebuilding meanwhile shall not change what is measured.
cp "$top/build/nslens" "$top/build/tests/hookcost" "$top/build/tests/forkbench" \
	"$top/build/tests/attached" "$work" || exit 1

done_=()
for kernel in "${kernels[@]}"; do
	say "kernel $kernel"
	"$top/tests/guest/run.sh" --kernel "$kernel" --icount --timeout 300 --out "$work/$kernel" \
		--file "$work/nslens" --file "$work/hookcost" --file "$work/forkbench" \
		--file "$work/attached" --file "$here/guest.sh" -- 'sh guest.sh'
	case $? in
	0) done_+=("$kernel") ;;
	77) say "$kernel: SKIP: no suite offers this kernel any more" ;;
	*) say "$kernel: the guest failed"; exit 125 ;;
	esac
done
[ ${#done_[@]} -gt 0 ] || exit 77
python3 "$here/table.py" --limit "$limit" "$work" "${done_[@]}" >"$work/tables"
rc=$?
cat "$work/tables"
[ -z "$doc" ] || python3 "$here/doc.py" "$doc" bench <"$work/tables" || exit 1
exit $rc
