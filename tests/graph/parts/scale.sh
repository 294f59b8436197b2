# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# scale.sh TASKS: how long a snapshot of many tasks takes, beside lsns.
. "${0%/*}/lib.sh"

# seconds FILE COMMAND...: what it took, by the clock
seconds() {
	_to=$1
	shift
	_from=$(cut -d' ' -f1 /proc/uptime)
	"$@" >"$_to" 2>"$_to.err"
	echo "$? $_from $(cut -d' ' -f1 /proc/uptime)" >"$_to.took"
}

# measure NAME OPTION...: with sleepers of that kind
measure() {
	_name=$1
	shift
	mkfifo "$OUT/orders" || exit 1
	sleepers "$@" <"$OUT/orders" >"$OUT/sleepers" 2>"$OUT/$_name.err" &
	_pid=$!
	exec 9>"$OUT/orders"
	wait_for 60 has ready "$OUT/sleepers" || { exec 9>&-; return 1; }
	for _run in 1 2 3; do
		seconds "$OUT/$_name.graph.$_run" nslens graph --format json
	done
	command -v lsns >/dev/null && seconds "$OUT/$_name.lsns" lsns -n
	seconds "$OUT/$_name.read" nsread
	exec 9>&-
	wait $_pid
	rm -f "$OUT/orders" "$OUT/sleepers"
}

measure shared "$1" && measure own --unshare "$1"
