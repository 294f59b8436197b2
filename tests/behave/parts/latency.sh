#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC3043
#
# Single calls with a pause after each, so that nothing pushes them out. A reader on a pipe notes
# when each line arrives, in hundredths of a second of CLOCK_BOOTTIME, without starting a process.
. "${0%/*}/lib.sh"

mkfifo lines
nslens trace "$hooks_arg" --json --comm calls >lines 2>err &
pid=$!
while IFS= read -r line; do
	read -r up _ </proc/uptime
	printf '%s %s\n' "$up" "$line"
done <lines >arrived &
reader=$!
nslens trace "$hooks_arg" --json --comm calls -o file.jsonl 2>>err &
pid2=$!
await_start arrived
await_start file.jsonl
# in_file N: notes when the Nth call is in the file, like the reader of the pipe; a moment late, for
# looking takes one
in_file() {
	local tries=0
	until [ "$(grep -c '"syscall":"unshare"' file.jsonl)" -ge "$1" ]; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return
		sleep 0.01
	done
	read -r up _ </proc/uptime
	printf '%s\n' "$up" >>in_file
}
n=0
for pause in 0.13 0.17 0.21 0.11 0.19 0.23 0.12 0.16 0.2; do
	calls run unshare-uts >>truth 2>/dev/null
	in_file $((n = n + 1))
	sleep $pause
done
kill -INT $pid $pid2
wait $pid $pid2 $reader
exit 0
