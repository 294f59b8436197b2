#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's libraries of another architecture, unpacked into a folder: to build for it
# without touching what is installed here. Needs no root; what is there already stays.
#
#   sysroot.sh ARCH DIR      ARCH: Debian's name of it, e.g. arm64
set -u -o pipefail
export LC_ALL=C
packages="libbpf-dev libelf-dev zlib1g-dev libzstd-dev libncurses-dev libyaml-dev libsqlite3-dev
libjansson-dev libevent-dev
uthash-dev linux-libc-dev busybox-static"

say() { echo "sysroot.sh: $*" >&2; }
die() { say "$@"; exit 1; }

[ $# = 2 ] || { say "usage: sysroot.sh ARCH DIR"; exit 2; }
arch=$1 dir=$2
# shellcheck source=tests/guest/sources.sh
. "$(dirname "$0")/../../tests/guest/sources.sh"
# shellcheck disable=SC2086 # a list of words
stamp=$dir/.packages.$(echo $arch $packages | sha256sum | cut -c1-16)
[ ! -e "$stamp" ] || exit 0

suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
uri=$(source_uri main | head -n 1)
[ -n "$suite" ] && [ -n "$uri" ] ||
	die "no Debian source in /etc/apt: cannot tell where its packages lie"

mkdir -p "$dir" || die "cannot write $dir"
dir=$(cd "$dir" && pwd)
apt=$dir/apt
private_apt "$apt" "$arch" "$suite" "$uri" || die "cannot write $apt"
export APT_CONFIG=$apt/apt.conf
say "fetching the libraries of $arch"
apt-get -qq --error-on=any update >"$apt/log" 2>&1 || die "cannot read the package lists: $(tail -n 1 "$apt/log")"
# shellcheck disable=SC2086 # a list of words
(cd "$apt/cache" && apt-get -qq download $packages) >"$apt/log" 2>&1 || die "cannot fetch: $(tail -n 1 "$apt/log")"
for deb in "$apt"/cache/*.deb; do
	dpkg-deb -x "$deb" "$dir" || die "cannot unpack $deb"
done
rm -rf "$apt"
: >"$stamp"
