# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Everything that can hold a namespace, read by nsread before and after nslens, and by lsns.
. "${0%/*}/lib.sh"
status=0
start_holders "$OUT/holders" all here || exit 1
nsread >"$OUT/read1" || status=1
nslens graph --format json --keepers >"$OUT/graph" 2>"$OUT/graph.err"
echo $? >"$OUT/graph.status"
nsread >"$OUT/read2" || status=1
nslens graph --verify >"$OUT/verify" 2>&1
echo $? >"$OUT/verify.status"
if command -v lsns >/dev/null; then
	lsns -n -o NS,TYPE >"$OUT/lsns"
fi
stop_holders
exit $status
