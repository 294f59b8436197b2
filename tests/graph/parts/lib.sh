# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the parts share; they run on the machine under test, with $OUT and the programs in $PATH.
set -u

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	_left=$(($1 * 20))
	shift
	until "$@" 2>/dev/null; do
		_left=$((_left - 1))
		[ $_left -gt 0 ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.05
	done
}

has() { grep -q "$1" "$2"; }
lines() { grep -c "$1" "$2" 2>/dev/null || :; }
more_than() { [ "$(lines "$2" "$3")" -gt "$1" ]; }

# follow FILE OPTION...: starts nslens graph --follow, waits until it is attached and has drawn
follow() {
	_file=$1
	shift
	nslens graph --follow --json -o "$_file" "$@" 2>"$_file.err" &
	follower=$!
	wait_for 30 has '"type":"graph"' "$_file"
}

# stop_follow: status in $OUT/NAME.status
stop_follow() {
	kill -INT $follower
	wait $follower
	echo $? >"$1.status"
}

# start_holders FILE KIND...: orders go to descriptor 9
start_holders() {
	_file=$1
	shift
	rm -f "$OUT/orders"
	mkfifo "$OUT/orders" || return 1
	holders "$@" <"$OUT/orders" >"$_file" 2>"$_file.err" &
	holding=$!
	exec 9>"$OUT/orders"
	wait_for 30 has '^ready' "$_file"
}

stop_holders() {
	exec 9>&-
	wait $holding
	rm -f "$OUT/orders"
}
