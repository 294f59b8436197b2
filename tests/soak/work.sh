#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The half that makes things happen (POSIX sh: also for the busybox of a guest):
#
#   work.sh NSLENS CHURN OUT SECONDS
#
# For so long: a flight recorder, a graph that is verified every 10 s and a page with viewers
# (where curl is) stand by, while namespaces come and go in bursts, cgroups with them (where they
# can be made), and tracers start and stop among them. Each minute a tracer is stopped and continued under load, the recorder is asked
# to save, and one that is being stopped is killed. Leaves in OUT what they wrote and how much
# memory each had.

# shellcheck disable=SC2034 # processes are asked for by name: eval
set -u
nslens=$1 churn=$2 out=$3 seconds=$4
mkdir -p "$out"
began=$(date +%s)
elapsed() { echo $(($(date +%s) - began)); }

"$nslens" record --ring 64M -o "$out/flight" 2> "$out/record.err" &
recorder=$!
# what they say of each call and namespace would fill a disk
mkfifo "$out/graph.pipe" "$out/trace.pipe"
grep -v '"type":"ns"' < "$out/graph.pipe" > "$out/graph.jsonl" &
grep -v '"type":"\(call\|ns\|task\|milestone\)"' < "$out/trace.pipe" > "$out/trace.jsonl" &
"$nslens" graph --follow --json --verify=10 -o "$out/graph.pipe" 2> "$out/graph.err" &
graph=$!
"$nslens" trace --json -o "$out/trace.pipe" 2> "$out/trace.err" &
tracer=$!
server='' viewers=''
if command -v curl > /dev/null && "$nslens" serve --help > /dev/null 2>&1; then
	"$nslens" serve > "$out/serve.out" 2> "$out/serve.err" &
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		url=$(grep -o 'http://[^ ]*' "$out/serve.out" | head -1)
		[ -z "$url" ] || break
		sleep 1
	done
	for n in 1 2 3; do
		# the token of the address becomes a cookie, as in a browser
		(
			jar=$out/jar$n
			curl -s -L -c "$jar" -o /dev/null "$url"
			exec curl -s -N -b "$jar" -o /dev/null "${url%%/\?*}/events"
		) &
		viewers="$viewers $!"
	done
fi

# where cgroups can be made: they come and go with containers, and are to be forgotten
boxes=$(awk '$3 == "cgroup2" { print $2 "/nslens-soak"; exit }' /proc/mounts)
[ -z "$boxes" ] || mkdir -p "$boxes" 2> /dev/null || boxes=''
# of one that was killed
[ -z "$boxes" ] || rmdir "$boxes"/*/ 2> /dev/null

short_lived() {
	for n in $(seq 50); do
		box=$boxes/docker-$(printf '%064x' $((round * 50 + n))).scope
		mkdir "$box" || break
		sh -c 'echo 0 > "$1/cgroup.procs" && exec unshare --uts true' sh "$box" &&
			rmdir "$box" || break
	done 2> "$out/boxes.err"
	[ ! -s "$out/boxes.err" ] || echo "round $round: $(head -1 "$out/boxes.err")" >> "$out/trouble"
}

sample() {
	for name in recorder graph tracer server; do
		eval "pid=\$$name"
		[ -n "$pid" ] || continue
		# the kinds of memory that a process can have too much of
		awk -v t="$(elapsed)" -v n="$name" '/^(RssAnon|VmSwap):/ { sum += $2 }
			END { print t, n, sum }' "/proc/$pid/status" >> "$out/memory" 2> /dev/null ||
			echo "$(elapsed) $name gone" >> "$out/memory"
		# shellcheck disable=SC2012 # numbers
		echo "$(elapsed) $name $(ls "/proc/$pid/fd" | wc -l)" >> "$out/descriptors"
	done
}

round=0
calls=0
while [ "$(elapsed)" -lt "$seconds" ]; do
	round=$((round + 1))
	"$churn" --calls 1000 --net-every 64 --seed "$round" > "$out/churn.last" 2>&1 ||
		echo "churn ended with $?" >> "$out/trouble"
	calls=$((calls + 1000))
	"$nslens" trace --brief -o /dev/null -- unshare --uts --ipc true ||
		echo "round $round: trace ended with $?" >> "$out/trouble"
	[ -z "$boxes" ] || short_lived
	case $((round % 6)) in
	1)
		kill -STOP "$tracer"
		"$churn" --calls 1000 --net-every 64 --seed "$round" > /dev/null 2>&1
		calls=$((calls + 1000))
		kill -CONT "$tracer"
		;;
	3) kill -USR1 "$recorder" ;;
	5)
		"$nslens" trace -o /dev/null 2> /dev/null &
		victim=$!
		sleep 1
		kill -INT $victim
		kill -KILL $victim
		wait $victim 2> /dev/null
		;;
	esac
	sample
	sleep 3
done
# shellcheck disable=SC2086 # several
[ -z "$viewers" ] || kill $viewers 2> /dev/null
for name in tracer graph server recorder; do
	eval "pid=\$$name"
	[ -n "$pid" ] || continue
	t0=$(date +%s)
	kill -INT "$pid"
	wait "$pid"
	echo "$name $? $(($(date +%s) - t0))" >> "$out/ends"
done
wait
[ -z "$boxes" ] || rmdir "$boxes"/*/ "$boxes" 2> /dev/null
rm "$out/graph.pipe" "$out/trace.pipe"
echo "$round $calls $(elapsed)" > "$out/rounds"
