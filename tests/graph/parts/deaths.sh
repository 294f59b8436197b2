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

# a loss must not kill what is only out of sight
follow "$OUT/gap" --buffer 32K || exit 1
start_holders "$OUT/kept" fd mount socket-net pidfd-pid child forchildren || exit 1
kill -STOP "$follower"
churn --calls 400 --tasks 2 --net-every 32 --seed 5 >/dev/null
kill -CONT "$follower"
# nothing happens now that could tell of it
wait_for 5 has '"type":"lost"' "$OUT/gap" >/dev/null && echo noticed >"$OUT/quiet"
churn --calls 1 --tasks 1 --seed 6 >/dev/null
wait_for 30 has '"type":"resync"' "$OUT/gap"
sleep 1
# while they are all still held
stop_follow "$OUT/gap"
stop_holders
