#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What reading a long recording takes, beside `perf script` and `trace-cmd report` on as many events.
#
# usage: reading.sh [--events N] [--recording FILE] [--keep DIR] [--no-peers] [--doc FILE]
#
# Makes (as root, here) a recording of N (1000000) events of random namespace calls and of
# container starts, or takes FILE, and reads it in every way: seconds of processor time
# (user and system; other work on the machine matters little to them), seconds on the wall,
# memory, bytes told. Then graphs of 30 random moments. Beside it perf reads as many page
# faults of its own recording, and trace-cmd, where it is installed, as many events of a
# full guest's system calls.
#
#   --keep DIR    leave the recordings there, and take those that are there already
#   --doc FILE    put the table into FILE too (user/doc/overhead.md), in its place
#
# Exit status: 0; 1 report, a graph or an export but HTML (which is for a browser) takes more
# than 5 s of processor time or 300 MB, or a seek more than 50 ms; 2 usage.

set -u -o pipefail
export LC_ALL=C

say() { echo "reading.sh: $*" >&2; }

here=$(cd "${0%/*}" && pwd) || exit 1
top=${here%/*/*}
events=1000000 recording='' keep='' no_peers='' doc=''
# shellcheck source=tests/options.sh
. "$top/tests/options.sh"
take_options "events recording keep no-peers? doc" "$@"
no_words
nslens=$top/build/nslens
make -s -C "$top/tests/programs" OUT="$top/build/tests" || exit 1
if [ -n "$keep" ]; then
	mkdir -p "$keep" || exit 1
	work=$(realpath "$keep")
else
	work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-reading.XXXXXX") || exit 1
	trap 'rm -rf "$work"' EXIT
fi
trap 'exit 130' INT TERM HUP

# some three events a call
make_recording() {
	# shellcheck disable=SC2317 # bash -c calls it
	load() {
		for _ in $(seq 100); do unshare --mount --pid --uts --ipc --fork true; done
		"$1" --calls "$2" --net-every 64 >/dev/null
	}
	export -f load
	"$nslens" record --force --buffer 64M -o "$1" -- bash -c 'load "$@"' - "$top/build/tests/churn" \
		$((events * 27 / 100)) || exit 1
}

make_perf() {
	perf record -q -e page-faults -c 1 -o "$1" python3 -c '
import mmap, sys
left = int(sys.argv[1])
while left > 0:
    m = mmap.mmap(-1, 64 << 20)
    m.madvise(mmap.MADV_NOHUGEPAGE)
    for at in range(0, min(len(m), left * 4096), 4096):
        m[at] = 1
    left -= len(m) // 4096
    m.close()' "$events" >&2
}

make_trace() {
	local out=$work/guest-out
	command -v trace-cmd >/dev/null || return 1
	mkdir -p "$out"
	"$top/tests/guest/run.sh" --kernel 6.12 --full --memory 2048 --timeout 400 --out "$out" -- "
		mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
		trace-cmd record -q -b 400000 -e raw_syscalls -o /out/trace.dat \
			dd if=/dev/zero of=/dev/null bs=1 count=$((events / 4)) status=none" >&2 &&
		mv "$out/trace.dat" "$1"
}

if [ -z "$recording" ]; then
	recording=$work/long.nslens
	[ -s "$recording" ] || make_recording "$recording"
fi
# two rows of the table are of others
perf='' trace=''
if [ -z "$no_peers" ]; then
	perf=$work/perf.data
	[ -s "$perf" ] || ! command -v perf >/dev/null || make_perf "$perf" || say "perf cannot record here"
	trace=$work/trace.dat
	[ -s "$trace" ] || make_trace "$trace" || say "no recording of trace-cmd"
fi
python3 "$here/reading.py" "$nslens" "$recording" "$work" "$perf" "$trace" >"$work/table"
rc=$?
cat "$work/table"
[ -z "$doc" ] || python3 "$here/doc.py" "$doc" reading <"$work/table" || exit 1
exit $rc
