#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints the path of the full guest's disk: an ext4 image with Debian bookworm
# and the container runtimes.  Built once, without a loop device; the name
# has a hash of what decides its content, so a changed list makes a new image.

set -u -o pipefail
export LC_ALL=C

suite=bookworm
packages="runc crun bubblewrap podman conmon catatonit busybox-static iproute2
iptables kmod procps util-linux uidmap slirp4netns fuse-overlayfs netavark
aardvark-dns golang-github-containers-common jq strace libcap2-bin bpftrace
linux-perf trace-cmd"
size=2G		# sparse

here=$(cd "${0%/*}" && pwd)
# shellcheck source=tests/guest/sources.sh
. "$here/sources.sh"

say() { echo "full.sh: $*" >&2; }
die() { say "$@"; exit 1; }

case ${1-} in
-h | --help)
	echo "usage: full.sh"
	echo "Prints the path of the full guest's disk image; builds it (as root) if need be."
	exit 0
	;;
esac

cache=${NSLENS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nslens}
hash=$(cat "$here/full.sh" "$here/bundle.json" | sha256sum | cut -c 1-16)
image=$cache/full/$suite-$hash.ext4
[ ! -s "$image" ] || { echo "$image"; exit 0; }

mkdir -p "$cache/full" || die "cannot make $cache/full: set NSLENS_CACHE to a writable directory"
exec 9>"$cache/full/lock" || die "cannot write $cache/full/lock"
flock 9
[ ! -s "$image" ] || { echo "$image"; exit 0; }

[ "$(id -u)" = 0 ] || die "building the full guest needs root once (debootstrap); run: sudo -E $here/full.sh"
for tool in debootstrap mke2fs; do
	command -v $tool >/dev/null || die "$tool is missing: run \`make deps\`"
done
uri=$(source_uri main | head -n 1)
[ -n "$uri" ] || die "no Debian source in /etc/apt/sources.list.d: cannot tell where $suite lies"

work=$(mktemp -d "$cache/full/build.XXXXXX") || die "no temporary directory"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
root=$work/root

say "building the full guest ($suite), once; some minutes"
bootstrap() {
	local list
	# shellcheck disable=SC2086 # the words of a list
	list=$(echo $packages | tr ' ' ,)
	rm -rf "$root"
	debootstrap --variant=minbase --include="$list" $suite "$root" "$uri" >"$work/log" 2>&1
}
for n in 1 2 3; do
	bootstrap && break
	say "debootstrap failed (attempt $n): $(grep -E '^[EW]:' "$work/log" | tail -n 1)"
	[ $n != 3 ] || { tail -n 20 "$work/log" >&2; exit 1; }
	sleep 5
done

rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}/*

echo nslens-guest >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 nslens-guest\n' >"$root/etc/hosts"
chroot "$root" useradd -m -u 1000 -s /bin/sh user || die "cannot add the guest's plain user"
echo user:100000:65536 | tee "$root/etc/subuid" >"$root/etc/subgid"

# Nobody runs systemd in there, and the cloud kernels' overlayfs is a module.
mkdir -p "$root/etc/containers"
cat >"$root/etc/containers/containers.conf" <<'END'
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
END
cat >"$root/etc/containers/storage.conf" <<'END'
[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
END

# A root for containers, and a bundle on it that runc and crun take as it is.
own=$root/var/lib/nslens
mkdir -p "$own"/rootfs/{bin,dev,etc,proc,sys,tmp,run} "$own/bundle"
cp "$root/bin/busybox" "$own/rootfs/bin/busybox"
chroot "$own/rootfs" /bin/busybox --install -s /bin || die "cannot make the container root"
printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n' >"$own/rootfs/etc/passwd"
printf 'root:x:0:\nuser:x:1000:\n' >"$own/rootfs/etc/group"
cp "$here/bundle.json" "$own/bundle/config.json"

truncate -s $size "$work/image"
mke2fs -q -t ext4 -O ^has_journal -d "$root" "$work/image" || die "mke2fs failed"
mv "$work/image" "$image"
say "built $image ($(du -m "$image" | cut -f 1) MB)"
echo "$image"
