#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Unpacks the payload of a compressed kernel image: of an x86 vmlinuz the ELF
# vmlinux, of an arm64 one the raw Image.  Nothing is executed or booted.

set -u -o pipefail
export LC_ALL=C

case ${1-} in
-h | --help) echo "usage: unpack.sh VMLINUZ OUT"; exit 0 ;;
esac
[ $# = 2 ] || { echo "usage: unpack.sh VMLINUZ OUT" >&2; exit 2; }
in=$1 out=$2

die() { echo "unpack.sh: $in: $*" >&2; exit 1; }
[ -r "$in" ] || die "cannot read it"

# number TYPE OFFSET: a little-endian number of the image (the host is one too).
number() { od -A n -t "$1" -j "$2" -N "${1#u}" "$in" | tr -d ' '; }
# bytes OFFSET LENGTH: in hexadecimal.
bytes() { od -A n -v -t x1 -j "$1" -N "$2" "$in" | tr -d ' \n'; }
# cut_out OFFSET LENGTH
cut_out() { dd if="$in" bs=1M iflag=skip_bytes,count_bytes skip="$1" count="$2" status=none; }

if [ "$(bytes 514 4)" = 48647253 ]; then
	# x86 boot protocol: "HdrS", then where the payload lies.
	offset=$((($(number u1 497) + 1) * 512 + $(number u4 584)))
	length=$(number u4 588)
elif [ "$(bytes 4 4)" = 7a696d67 ]; then
	# EFI zboot: "zimg", offset, length.
	offset=$(number u4 8)
	length=$(number u4 12)
else
	offset=0
	length=$(stat -L -c %s "$in")
fi

# The build appends the unpacked size to all but gzip, whose format has it.
tail4=4
[ $offset != 0 ] || tail4=0
case $(bytes $offset 4) in
02214c18) tool=lz4 ;;
28b52ffd) tool=zstd ;;
fd377a58) tool=xz ;;
1f8b*) tool=gzip tail4=0 ;;
*)
	[ $offset = 0 ] || die "its payload at $offset has an unknown compression"
	cp "$in" "$out" || die "cannot write $out"
	exit 0
	;;
esac
command -v $tool >/dev/null || die "$tool is needed to unpack it: install $tool"

unpack() { cut_out $offset $((length - $1)) | $tool -d -c -q >"$out.tmp" 2>/dev/null; }
# zboot images come with and without that size.
unpack $tail4 || unpack 0 || { rm -f "$out.tmp"; die "its $tool payload does not unpack"; }
mv "$out.tmp" "$out" || die "cannot write $out"
