# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What reading keepers does to the machine: nslens must not see itself, nor hold what it watches.
. "${0%/*}/lib.sh"
status=0
start_holders "$OUT/holders" fd mount-mnt socket-net || exit 1

# inums KIND: of what the holders of that kind hold
inums() { sed -n "s/.*\"kind\":\"$1\".*\"inum\":\([0-9]*\).*/\1/p" "$OUT/holders"; }

# a mount namespace that no task is in has to be joined to be read
nslens trace --json -o "$OUT/calls" 2>"$OUT/calls.err" &
tracer=$!
wait_for 30 has '"type":"start"' "$OUT/calls" || exit 1
nslens why --json "mnt:[$(inums fd-mnt)]" >"$OUT/why" 2>"$OUT/why.err" &
pid=$!
wait $pid || status=1
echo $pid >"$OUT/why.pid"
wait_for 10 has '"comm":"nslens","syscall":"setns"' "$OUT/calls" || status=1
kill -INT $tracer
wait $tracer || [ $? = 130 ] || status=1

# A file of procfs whose name its mount has given, and whose text is its owner's: the line of a
# mount of this namespace. Beside it a genuine one, both open in another mount namespace.
read -r mount_id _ </proc/self/mountinfo
: >"$OUT/mounts"
# shellcheck disable=SC2016
unshare -m sh -c '
	line="$1 1 0:1 / /x rw - proc proc ="
	env -i "$line" sleep 1000 &
	until grep -q -a "^$line" /proc/$!/environ; do sleep 0.1; done
	mount --bind /proc/$!/environ "$OUT/mounts"
	exec 8<"$OUT/mounts" 7</proc/1/mountinfo
	trap "kill $!; exit" TERM
	echo ready $$
	wait
' sh "$mount_id" >"$OUT/forger" 2>"$OUT/forger.err" &
forger=$!
wait_for 30 has '^ready' "$OUT/forger" || status=1
nslens graph --format json --keepers >"$OUT/forged" 2>"$OUT/forged.err" || status=1
kill $forger
wait $forger

# while nothing changes
if command -v strace >/dev/null; then
	strace -f -y -qq -e trace=openat -o "$OUT/opened" \
		nslens why --json --watch "uts:[$(inums fd-uts)]" >"$OUT/watch" 2>"$OUT/watch.err" &
	wait_for 30 has '"type":"why"' "$OUT/watch" || status=1
	sleep 3.5
	kill -INT "$(sed -n '1s/ .*//p' "$OUT/opened")"
	wait $!
	strace -f -y -qq -e trace=openat -o "$OUT/walked" \
		nslens graph --format json --keepers >"$OUT/graph" 2>"$OUT/graph.err" || status=1
fi
stop_holders
exit $status
