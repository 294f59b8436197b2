#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel whose own BTF is out of sight: types from a file, reduced to what the programs
# read, then kprobes, raw tracepoints and /proc. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

top=$here/../..
reduce() {
	local image
	image=$("$top/tests/guest/kernel.sh" "$kernel") || return
	"$top/tests/guest/btf.sh" "$image" "$scratch/full.btf" >"$scratch/btf.log" 2>&1 || return 1
	"$top/user/packaging/reduce-btf.sh" "$top/build/nslens.bpf.o" "$scratch" "$scratch/full.btf" \
		>>"$scratch/btf.log" 2>&1
}
if is_guest; then
	mkdir -p "$scratch"
	reduce
	status=$?
	[ $status != 77 ] || { skip nobtf "no suite offers kernel $kernel any more"; finish; }
	[ $status = 0 ] || { fail reduced "$(tail -n 1 "$scratch/btf.log")"; finish; }
	size=$(stat -c %s "$scratch/full.reduced.btf")
	check reduced-small test "$size" -lt 65536
	note "the types of this kernel: $(stat -c %s "$scratch/full.btf") bytes, reduced $size"
	extra=("$scratch/full.reduced.btf:types.btf")
else
	extra=(/sys/kernel/btf/vmlinux:types.btf)
fi
run_part nobtf "$scratch/nobtf" 1
finish
