# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Namespaces that no task is in are joined, one after the other. Whoever joined is gone when the
# next one does, so that its nsproxy often lies where that of the one before lay.
. "${0%/*}/lib.sh"
names='1 2 3 4 5 6'
for n in $names; do
	: >"$OUT/ns.$n"
	unshare --uts sh -c 'readlink /proc/self/ns/uts; mount --bind /proc/self/ns/uts "$1"' \
		sh "$OUT/ns.$n"
done >"$OUT/held"
follow "$OUT/stream" || exit 1
for n in $names; do nsenter --uts="$OUT/ns.$n" true; done
for n in $names; do
	umount "$OUT/ns.$n"
	rm "$OUT/ns.$n"
done
wait_for 10 more_than 5 '"destroyed"' "$OUT/stream"
sleep 0.5
stop_follow "$OUT/stream"
