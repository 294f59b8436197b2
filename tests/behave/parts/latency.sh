#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
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
for pause in 0.13 0.17 0.21 0.11 0.19 0.23 0.12 0.16; do
	calls run unshare-uts >>truth 2>/dev/null
	sleep $pause
done
# into a file: there as soon after its event
calls run unshare-ipc >>truth2 2>/dev/null
sleep 0.1
grep -c '"type":"call"' file.jsonl >in_file
sleep 0.2
kill -INT $pid $pid2
wait $pid $pid2 $reader
exit 0
