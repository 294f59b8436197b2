#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes the BTF of a kernel image to a file, without booting it:
# `bpftool btf dump file OUT format c` makes a vmlinux.h of it.

set -u -o pipefail
export LC_ALL=C

case ${1-} in
-h | --help) echo "usage: btf.sh VMLINUZ OUT"; exit 0 ;;
esac
[ $# = 2 ] || { echo "usage: btf.sh VMLINUZ OUT" >&2; exit 2; }
in=$1 out=$2
die() { echo "btf.sh: $in: $*" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-btf.XXXXXX") || die "no temporary directory"
trap 'rm -rf "$work"' EXIT
raw=$work/vmlinux
"${0%/*}/unpack.sh" "$in" "$raw" || exit 1

# An arm64 Image is no ELF, so the section is found by its header instead:
# magic, version 1, no flags, header of 24 bytes, then the offsets and lengths
# of types and strings, which follow each other.  Small BTF blobs of programs
# that the kernel embeds have the same header; the kernel's own is the longest.
size=$(stat -c %s "$raw") best=0 at=
for o in $(grep -obUaP '\x9f\xeb\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00' "$raw" | cut -d: -f1); do
	read -r type_len str_off str_len < <(od -A n -t u4 -j $((o + 12)) -N 12 "$raw")
	[ "$type_len" = "$str_off" ] || continue
	length=$((24 + str_off + str_len))
	[ $((o + length)) -le "$size" ] || continue
	if [ $length -gt $best ]; then best=$length at=$o; fi
done
[ -n "$at" ] || die "no BTF in it"
dd if="$raw" bs=1M iflag=skip_bytes,count_bytes skip="$at" count=$best status=none >"$out" ||
	die "cannot write $out"
