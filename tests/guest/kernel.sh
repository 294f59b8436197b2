#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Fetches the newest stock Debian cloud kernel of a series and prints the path
# of its vmlinuz, one line a series.
#
# Nothing of the machine's own package state is read or changed but its Debian
# source addresses: a version disappears from the archive as soon as it is
# superseded, so the package is asked for by series, through lists of our own,
# and what was fetched once is kept.

set -u -o pipefail
export LC_ALL=C

usage() {
	cat <<'END'
usage: kernel.sh [--arch amd64|arm64] [--refresh] [--list] SERIES...

Prints the path of the vmlinuz of each SERIES, fetching it when the cache does
not have it.

  --arch ARCH   amd64 (default) or arm64 (used for its BTF only)
  --refresh     fetch again although the cache has it
  --list        print the series known here and end

Cache: ${NSLENS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nslens}/kernels/SERIES/
       (arm64: .../kernels-arm64/SERIES/), with vmlinuz and version.
Exit status: 0; 1 an error; 2 usage; 3 no suite offers the series any more.
END
}

# Series, the suites that carry it in order of preference.
suites_of() {
	case $1 in
	5.10) echo bullseye-security bullseye ;;
	6.1) echo bookworm-security bookworm ;;
	6.12) echo bookworm-security bookworm-backports trixie-security trixie ;;
	6.16 | 6.17 | 6.18 | 6.19 | 7.0 | 7.1 | 7.2 | 7.3)
		echo trixie-backports forky sid ;;
	*) return 1 ;;
	esac
}
all_series="5.10 6.1 6.12 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3"

. "${0%/*}/sources.sh"

say() { echo "kernel.sh: $*" >&2; }
die() { say "$@"; exit 1; }

# Runs a command up to five times: mirrors fail for a moment now and then.
retry() {
	local n
	for n in 1 2 3 4 5; do
		"$@" && return 0
		[ "$n" = 5 ] || sleep $((n * 2))
	done
	return 1
}

apt_dir=

# Makes (once) a private apt configuration that knows exactly one suite.
apt_setup() {
	local suite=$1 kind=main uri
	case $suite in *-security) kind=security ;; esac
	uri=$(source_uri $kind | head -n 1)
	[ -n "$uri" ] || {
		say "no Debian $kind source in /etc/apt/sources.list.d: cannot tell where $suite lies; add one"
		return 1
	}
	apt_dir=$cache/apt/$arch/$suite
	private_apt "$apt_dir" "$arch" "$suite" "$uri"
}

apt_do() { APT_CONFIG=$apt_dir/apt.conf "$@"; }

# Reads the suite's lists.  Sets gone where the mirror says that it has no such
# suite (old ones are moved away): trying again does not change that.
# shellcheck disable=SC2317 # called through retry
update_lists() {
	apt_do apt-get -qq --error-on=any update >"$apt_dir/log" 2>&1 && return 0
	! grep -q 'does not have a Release file' "$apt_dir/log" ||
		grep -q -i -E 'could not|timed out|temporary' "$apt_dir/log" || gone=1
	[ -n "$gone" ]
}

# The same unless it was done in the last two hours; 1 an error, 3 no such suite.
apt_lists() {
	local suite=$1 stamp=$apt_dir/stamp gone=
	if [ -n "$(find "$stamp" -mmin -120 2>/dev/null)" ]; then return 0; fi
	retry update_lists || {
		say "cannot read the package lists of $suite: $(tail -n 1 "$apt_dir/log")"
		return 1
	}
	[ -z "$gone" ] || return 3
	touch "$stamp"
}

# Prints the newest package of series $1 that holds a kernel.  From 6.19 on
# linux-image is empty and linux-binary has the kernel.
newest_package() {
	local kind name
	for kind in linux-binary linux-image; do
		name=$(apt_do apt-cache pkgnames "$kind-$1" |
			grep -E "^$kind-${1//./\\.}(\.[0-9]+)*[-+]([^ ]*-)?cloud-$arch\$" |
			sort -V | tail -n 1)
		[ -z "$name" ] || { echo "$name"; return 0; }
	done
	return 1
}

# Extracts vmlinuz of package file $1 to $2.
extract() {
	local tmp=$2.tmp
	dpkg-deb --fsys-tarfile "$1" | tar -x -O --wildcards \
		'./boot/vmlinuz-*' './usr/lib/modules/*/vmlinuz' >"$tmp" 2>/dev/null
	[ -s "$tmp" ] || { rm -f "$tmp"; return 1; }
	mv "$tmp" "$2"
}

# fetch SERIES DIR: 0 done, 1 error, 3 nowhere offered.
fetch() {
	local series=$1 dir=$2 suite pkg deb work failed=
	for suite in $(suites_of "$series"); do
		apt_setup "$suite" && apt_lists "$suite"
		case $? in
		0) ;;
		3) continue ;;
		*) failed="$failed $suite"; continue ;;
		esac
		pkg=$(newest_package "$series") || continue
		say "$series: fetching $pkg from $suite"
		work=$(mktemp -d "$dir/fetch.XXXXXX") || return 1
		deb=
		(cd "$work" && retry apt_do apt-get -qq download "$pkg") >"$apt_dir/log" 2>&1 &&
			deb=$(echo "$work"/*.deb)
		if [ -n "$deb" ] && extract "$deb" "$dir/vmlinuz"; then
			echo "$pkg" >"$dir/version"
			rm -rf "$work"
			return 0
		fi
		say "$series: cannot get a vmlinuz out of $pkg: $(tail -n 1 "$apt_dir/log")"
		rm -rf "$work"
		failed="$failed $suite"
	done
	if [ -n "$failed" ]; then
		say "$series: not fetched, these suites failed:$failed; try again when the network is back"
		return 1
	fi
	say "$series: no suite offers a cloud kernel of this series any more (asked: $(suites_of "$series"))"
	return 3
}

arch=amd64 refresh=
while [ $# -gt 0 ]; do
	case $1 in
	--arch) arch=${2-}; shift ;;
	--arch=*) arch=${1#*=} ;;
	--refresh) refresh=1 ;;
	--list) echo "$all_series"; exit 0 ;;
	-h | --help) usage; exit 0 ;;
	-*) usage >&2; exit 2 ;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2; exit 2; }
case $arch in
amd64) sub=kernels ;;
arm64) sub=kernels-arm64 ;;
*) say "unknown architecture '$arch': amd64 or arm64"; exit 2 ;;
esac
for s in "$@"; do
	suites_of "$s" >/dev/null || {
		say "unknown series '$s'; known: $all_series"
		exit 2
	}
done

cache=${NSLENS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nslens}
mkdir -p "$cache" || die "cannot make the cache directory $cache: set NSLENS_CACHE to a writable one"

status=0
for s in "$@"; do
	dir=$cache/$sub/$s
	if [ -n "$refresh" ] || ! [ -s "$dir/vmlinuz" ]; then
		mkdir -p "$dir" || die "cannot make $dir"
		# One fetch at a time: runs in parallel share lists and kernels.
		exec 9>"$cache/lock" || die "cannot write $cache/lock"
		flock 9
		rc=0
		if [ -n "$refresh" ] || ! [ -s "$dir/vmlinuz" ]; then
			fetch "$s" "$dir"
			rc=$?
		fi
		exec 9>&-
		if [ $rc != 0 ]; then
			rmdir "$dir" 2>/dev/null
			[ $status = 1 ] || status=$rc
			continue
		fi
	fi
	echo "$dir/vmlinuz"
done
exit $status
