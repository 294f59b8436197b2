#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reduces the types (BTF) of kernels to those that nslens' programs read: some 10 KB a kernel.
#
#   reduce-btf.sh OBJECT OUT FILE...     build/nslens.bpf.o, a directory, BTF files
#
# FILE is BTF, raw or inside an ELF file, of a kernel that has none of its own. `pahole
# --btf_encode_detached FILE VMLINUX` makes it of a kernel's debug symbols. FILE.btf becomes
# OUT/FILE.reduced.btf; installed as /usr/lib/nslens/btf/RELEASE.btf it is found by itself.

set -u -o pipefail
PATH=$PATH:/usr/sbin
case ${1-} in
-h | --help | '') sed -n '4,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
[ $# -ge 3 ] || { echo "reduce-btf.sh: OBJECT, OUT and FILE are needed; see --help" >&2; exit 2; }
object=$1 out=$2
shift 2
command -v bpftool >/dev/null || { echo "reduce-btf.sh: bpftool is missing: run \`make deps\`" >&2; exit 1; }
for file; do
	name=${file##*/}
	bpftool gen min_core_btf "$file" "$out/${name%.btf}.reduced.btf" "$object" || {
		echo "reduce-btf.sh: $file: no types of a kernel, or not those that are needed" >&2
		exit 1
	}
done
