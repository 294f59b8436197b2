#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs from Debian what the build and the tests need. Does nothing, and
# needs neither root nor the network, when all of it is there.

set -u -o pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

build="gcc libc6-dev make clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libzstd-dev
uthash-dev libncurses-dev libyaml-dev libsqlite3-dev libjansson-dev libevent-dev gettext python3"

# The page. Other Node.js than Debian's does as well, from version 18 on.
web="nodejs npm"
! { command -v node && command -v npm; } >/dev/null || web=''

# Guests, container runtimes to trace, tools to compare with, checkers of the code.
tests="qemu-system-x86 busybox-static cpio lz4 zstd xz-utils debootstrap e2fsprogs
ca-certificates curl jq strace runc crun podman conmon bubblewrap uidmap iproute2 systemd-container
util-linux procps tmux bpftrace linux-perf clang-format clang-tidy cppcheck shellcheck gcovr
graphviz librsvg2-bin pngquant sqlite3 protobuf-compiler python3-prometheus-client chromium mandoc man-db zsh fish lintian
debhelper dpkg-dev build-essential fakeroot file"

# 32-bit test programs: without it those tests are skipped, by name.
# libFuzzer of Debian 12's clang: the same.
optional="libclang-rt-14-dev"
[ "$(uname -m)" != x86_64 ] || optional="$optional gcc-multilib"
# docker.io, containerd and lxc are traced where they are: installing them would start daemons
# that change the machine's network.

usage() {
	cat <<'END_USAGE'
usage: deps.sh [--build] [--no-web] [--check] [--list]

Installs the Debian packages that are needed and not there yet (as root).

  --build   only what `make` itself needs
  --no-web  without Node.js, for make WEB=no
  --check   install nothing; name what is missing (exit status 1)
  --list    print the packages and end
END_USAGE
}

say() { echo "deps.sh: $*" >&2; }
die() { say "$@"; exit 1; }

packages="$build $tests" check='' list=''
for arg in "$@"; do
	case $arg in
	--build) packages=$build optional='' ;;
	--no-web) web='' ;;
	--check) check=1 ;;
	--list) list=1 ;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done

packages="$packages $web"
if [ -n "$list" ]; then
	# shellcheck disable=SC2086 # the words of a list
	printf '%s\n' $packages $optional
	exit 0
fi

{ command -v dpkg-query && command -v apt-get; } >/dev/null ||
	die "this is no Debian: install what it calls: $packages"

# missing PACKAGE...: those that are not installed, in one line.
missing() {
	local there
	there=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		sed -n 's/^installed //p')
	printf '%s\n' "$@" | grep -v -x -F -e "$there" | tr '\n' ' '
}

# shellcheck disable=SC2086 # the words of a list
want=$(missing $packages)
want=${want% }
[ -n "$want" ] || exit 0
[ -z "$check" ] || die "missing: $want"
[ "$(id -u)" = 0 ] || die "these packages are missing: $want; as root, run: $0, or: apt-get install --no-install-recommends $want"

# retry COMMAND...: mirrors fail for a moment now and then.
retry() {
	local n
	for n in 1 2 3; do
		"$@" && return 0
		[ $n = 3 ] || sleep $((n * 3))
	done
	return 1
}

install() { apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@" >"$log" 2>&1; }

log=$(mktemp) || die "no temporary file"
trap 'rm -f "$log"' EXIT
say "installing $want"
retry apt-get -qq update >"$log" 2>&1 ||
	die "cannot read the package lists: $(tail -n 1 "$log"); is there a network?"
# shellcheck disable=SC2086 # the words of a list
if ! retry install $want; then
	tail -n 15 "$log" >&2
	die "not installed: $(missing $want)"
fi
for package in $optional; do
	[ -z "$(missing "$package")" ] || install "$package" ||
		say "$package cannot be installed here: tests that need it will be skipped"
done
