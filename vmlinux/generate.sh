#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes vmlinux/ARCH/vmlinux.h: the least of a kernel's types that compiles
# bpf/nslens.bpf.c. Nothing in it is written by hand, so that a program that
# uses another field needs nothing but another run.

set -u -o pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

usage() {
	cat <<'END_USAGE'
usage: vmlinux/generate.sh [--full] [ARCH...]

Makes vmlinux/ARCH/vmlinux.h (ARCH: x86, arm64; both without one) in five steps:

  1. the BTF of a stock Debian kernel (tests/guest/kernel.sh fetches it once):
     x86 6.18, arm64 the newest series there is
  2. bpftool btf dump file BTF format c     the full header, 100,000 lines
  3. clang, as the Makefile does it, with that
  4. vmlinux/trim.py                        keeps what the CO-RE relocations of
                                            that object and its source name
  5. clang again, with the small header: vmlinux/same.py must find the same
     instructions and relocations in both objects, or the old header stays

  --full   keep the full header instead (to look things up; do not commit it)

Run it when a program in bpf/ uses a field, type or constant of the kernel that
it did not use before: `make vmlinux-headers`.
Exit status: 0; 1 an error; 2 usage.
END_USAGE
}

say() { echo "generate.sh: $*" >&2; }
die() { say "$@"; exit 1; }

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*}
full=''
archs=()
for arg in "$@"; do
	case $arg in
	-h | --help) usage; exit 0 ;;
	--full) full=1 ;;
	x86 | arm64) archs+=("$arg") ;;
	*) usage >&2; exit 2 ;;
	esac
done
[ ${#archs[@]} -gt 0 ] || archs=(x86 arm64)

clang=${CLANG:-clang}
for tool in "$clang" bpftool llvm-objcopy python3; do
	command -v "$tool" >/dev/null || die "$tool is missing: run \`make deps\`"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-vmlinux.XXXXXX") || die "no temporary directory"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# kernel_of ARCH: sets image and version; the newest series whose types bpftool can print.
kernel_of() {
	local series
	case $1 in
	x86) image=$("$top/tests/guest/kernel.sh" 6.18) || return 1 ;;
	arm64)
		image=
		for series in $("$top/tests/guest/kernel.sh" --list | tr ' ' '\n' | sort -rV); do
			image=$("$top/tests/guest/kernel.sh" --arch arm64 "$series") && break
		done
		[ -n "$image" ] || return 1
		;;
	esac
	version=$(sed 's/^linux-[a-z]*-//' "${image%/*}/version")
}

# compile ARCH HEADER-DIRECTORY OBJECT [FLAG...]: as the Makefile does it.
compile() {
	"$clang" -O2 -g -target bpf -mcpu=v3 -Wall -Werror -Wno-unused-function -ferror-limit=0 \
		-I"$top/bpf" "-D__TARGET_ARCH_$1" -I"$2" -c "$top/bpf/nslens.bpf.c" -o "$3" "${@:4}"
}

# shrink ARCH: from $work/full to $work/small
shrink() {
	local arch=$1 members=() more line
	llvm-objcopy --dump-section ".BTF=$work/own" --dump-section ".BTF.ext=$work/ext" \
		"$work/full.o" "$work/stripped.o" || return 1
	# The header's guard alone: libbpf's headers ask for it.
	mkdir -p "$work/none"
	echo '#define __VMLINUX_H__' >"$work/none/vmlinux.h"
	"$clang" -E -target bpf -I"$top/bpf" "-D__TARGET_ARCH_$arch" -I"$work/none" \
		"$top/bpf/nslens.bpf.c" -o "$work/source.i" || return 1
	while :; do
		python3 "$here/trim.py" "$work/btf" "$work/own" "$work/ext" "$work/source.i" "$work/trimmed" \
			${members[@]+"${members[@]}"} || return 1
		bpftool btf dump file "$work/trimmed" format c >"$work/small/vmlinux.h" || return 1
		compile "$arch" "$work/small" "$work/small.o" 2>"$work/errors" && return 0
		# Code that is never called leaves no relocation, but must compile.
		more=
		while read -r line; do
			case " ${members[*]-} " in
			*" --member=$line "*) ;;
			*) members+=("--member=$line") more=1 ;;
			esac
		done < <(sed -n -e "s/.*error: no member named '\([^']*\)' in '\(struct\|union\) \([^']*\)'.*/\3.\1/p" \
			-e "s/.*error: .*incomplete.* type '\(struct\|union\) \([^']*\)'.*/\2/p" \
			"$work/errors" | sort -u)
		[ -n "$more" ] || { cat "$work/errors" >&2; return 1; }
	done
}

for arch in "${archs[@]}"; do
	rm -rf "${work:?}"/*
	mkdir -p "$work/full" "$work/small" "$here/$arch"
	kernel_of "$arch" || die "$arch: no kernel"
	"$top/tests/guest/btf.sh" "$image" "$work/btf" || exit 1
	bpftool btf dump file "$work/btf" format c >"$work/full/vmlinux.h" ||
		die "$arch: bpftool cannot print the types of $version"
	if [ -n "$full" ]; then
		cp "$work/full/vmlinux.h" "$here/$arch/vmlinux.h" || exit 1
		continue
	fi
	# The kernel itself is built with -fms-extensions since 6.19.
	compile "$arch" "$work/full" "$work/full.o" -fms-extensions -Wno-microsoft-anon-tag ||
		die "$arch: bpf/nslens.bpf.c does not compile with all types of $version"
	shrink "$arch" || die "$arch: cannot make a small header"
	python3 "$here/same.py" "$work/full.o" "$work/small.o" ||
		die "$arch: the small header makes other programs than the full one"
	{
		echo '// SPDX-License-Identifier: GPL-2.0-only'
		echo '/*'
		echo " * The types of Linux $version (Debian) that bpf/ uses, and no more."
		echo " * Generated by \`vmlinux/generate.sh $arch\` (\`make vmlinux-headers\`): do not edit."
		echo ' * Fields are found by name when a program is loaded, so their places do not matter.'
		echo ' */'
		cat "$work/small/vmlinux.h"
	} >"$here/$arch/vmlinux.h.new" && mv "$here/$arch/vmlinux.h.new" "$here/$arch/vmlinux.h" || exit 1
	say "vmlinux/$arch/vmlinux.h: $(wc -l <"$here/$arch/vmlinux.h") lines of $(wc -l <"$work/full/vmlinux.h"), from $version"
done
