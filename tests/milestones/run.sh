#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh --nslens PATH --programs DIR --kernel SERIES [--hooks MODE] [--out DIR]: every milestone
# once, with and without success, in a guest; what nslens told of it must be just that.
set -u -o pipefail
here=$(cd "${0%/*}" && pwd)
nslens='' programs='' kernel='' hooks=auto out=''
while [ $# -gt 0 ]; do
	case $1 in
	--nslens | --programs | --kernel | --hooks | --out) declare "${1#--}=$2" ;;
	*) echo "run.sh: no option $1" >&2; exit 2 ;;
	esac
	shift 2
done
if [ -z "$out" ]; then
	out=$(mktemp -d) || exit 1
	trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out" || exit 1
label=$kernel
[ "$hooks" = auto ] || label=$kernel-$hooks
# What the kernel left out (preempted, from 6.13 on) is told, but then nobody knows what was done:
# it is done again.
"$here/../guest/run.sh" --kernel "$kernel" --timeout 400 --file "$nslens:nslens" --file "$programs/milestones" \
	--out "$out" -- "
	for i in 1 2 3 4 5; do
		nslens trace --milestones --hooks $hooks --json -o /out/trace -- milestones > /out/said || exit
		tail -n 1 /out/trace | grep -q '\"missed\":0' && break
	done
	for i in 1 2 3 4 5; do
		rm -f /tmp/r
		nslens record -o /tmp/r -- milestones > /out/said.recorded 2> /tmp/told || exit
		grep -q 'lost: the kernel left' /tmp/told || break
	done
	cat /tmp/told
	nslens trace --milestones --json -i /tmp/r > /out/recorded" > "$out/log" 2>&1
status=$?
case $status in
0) ;;
77) echo "skip $kernel: no suite offers this kernel any more"; exit 77 ;;
*) echo "FAIL $label: the guest ended with status $status"; tail -20 "$out/log"; exit 1 ;;
esac
tracepoints=()
[ "$hooks" != tracepoint ] || tracepoints=(--tracepoints)
python3 "$here/check.py" "$out/said" "$out/trace" "$label" "${tracepoints[@]}" | tee "$out/check" |
	sed '$d'
[ "$hooks" != auto ] || python3 "$here/check.py" "$out/said.recorded" "$out/recorded" "$label recorded" |
	tee -a "$out/check" | sed '$d'
awk '/^[0-9]+ passed/ { p += $1; f += $3 } END { print p + 0 " passed, " f + 0 " failed"; exit f > 0 || !p }' \
	"$out/check"
