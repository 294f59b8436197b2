#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Records the starts that run.sh compares, here or in a guest: OUT=DIR HOOK=SECONDS part.sh
# Every payload has the name in $OUT/tag, so that starts of others can be told apart.
set -u
cd "$OUT" || exit 1
tag=busybox-$$
echo "$tag" >tag
here=$(dirname "$0")
nslens=$here/nslens
box=/bin/busybox
[ -x $box ] || box=$(command -v busybox)
cp "$box" "./$tag" || exit 1

# What the kernel left out (preempted, from 6.13 on) is told, but then nobody knows what a start
# did: it is made again.
record() {
	file=$1
	shift
	for _ in 1 2 3 4 5; do
		rm -f "$file.nslens"
		timeout 150 "$nslens" record -o "$file.nslens" -- "$@" >"$file.log" 2>&1
		echo "$?" >"$file.status"
		grep -q 'lost: the kernel left' "$file.log" || break
	done
}

have() { command -v "$1" >/dev/null 2>&1; }

bundle() {
	mkdir -p "$1/rootfs/bin" "$1/rootfs/dev" "$1/rootfs/etc" "$1/rootfs/proc" "$1/rootfs/sys" \
		"$1/rootfs/run" "$1/rootfs/tmp"
	cp "$box" "$1/rootfs/bin/$tag"
	(cd "$1" && runc spec) || return 1
	sed -i -e 's/"terminal": true/"terminal": false/' -e "s,\"sh\",\"/bin/$tag\"\, \"true\"," \
		"$1/config.json"
}

# crun refuses a cgroup2 mount beside version 1 hierarchies: without it, in a mount namespace
cat >crun.sh <<'END'
if mountpoint -q /sys/fs/cgroup/unified; then
	exec unshare -m sh -c 'umount /sys/fs/cgroup/unified && exec "$@"' sh "$@"
fi
exec "$@"
END

if have runc && have crun && grep -q ' - cgroup' /proc/self/mountinfo; then
	bundle oci || exit 1
	cp -a oci slow
	sed -i 's,"linux": {,"hooks": {"prestart": [{"path": "/bin/sleep"\, "args": ["sleep"\, "'"$HOOK"'"]}]}\,\n\t"linux": {,' \
		slow/config.json
	record runc runc --root "$OUT/runc.d" run -b oci "d$$"
	record crun sh crun.sh crun --root "$OUT/crun.d" run -b oci "d$$"
	record slow runc --root "$OUT/runc.d" run -b slow "d$$"
fi
if have bwrap; then
	record bwrap-net bwrap --bind / / --dev /dev --proc /proc --unshare-pid --unshare-net "$OUT/$tag" true
	record bwrap bwrap --bind / / --dev /dev --proc /proc --unshare-pid "$OUT/$tag" true
	# in a user namespace that may have so many net namespaces
	for limit in 10 0; do
		# shellcheck disable=SC2016 # that shell's own
		record limit-$limit unshare --user --map-root-user sh -c \
			'echo $0 >/proc/sys/user/max_net_namespaces; exec bwrap --bind / / --unshare-pid --unshare-net "$@"' \
			$limit "$OUT/$tag" true
	done
fi
record unshare unshare --uts --pid --fork --mount-proc "$OUT/$tag" true
record unshare-ipc unshare --uts --ipc --pid --fork --mount-proc "$OUT/$tag" true
# equal starts, for what is noise
# shellcheck disable=SC2016 # that shell's own
record equal sh -c 'for i in $(seq 20); do "$@"; done' sh \
	unshare --uts --ipc --pid --fork --mount-proc "$OUT/$tag" true
exit 0
