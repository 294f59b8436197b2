# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Every keeper goes in its turn, while a graph is kept.
. "${0%/*}/lib.sh"
follow "$OUT/stream" || exit 1
start_holders "$OUT/holders" all here || exit 1
n=0
# a keeper that goes while another still does would be blamed for nothing, but be seen apart
for kind in $(holders list); do
	n=$((n + 1))
	echo "drop $kind" >&9
	wait_for 20 more_than $((n - 1)) '^{"dropped"' "$OUT/holders" || break
	sleep 0.05
done
# network namespaces die last, in batches
sleep 4
stop_holders
sleep 0.5
stop_follow "$OUT/stream"
