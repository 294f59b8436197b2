# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# verify.sh BURSTS CALLS: a graph that is kept while namespaces come and go, and is
# verified after each burst; then the same with a ring that is too small.
. "${0%/*}/lib.sh"
bursts=$1 calls=$2
bundle=/var/lib/nslens/bundle
sound='"type":"verify".*"stale":false'
status=0

# ran NAME COMMAND...: a container that starts and stops, and its exit status
ran() {
	_name=$1
	shift
	"$@" </dev/null >"$OUT/$_name.log" 2>&1
	echo "$_name $?" >>"$OUT/runtimes"
}

# runtimes N: a container of each runtime that is there, every fifth burst
runtimes() {
	[ $(($1 % 5)) = 0 ] && [ -d $bundle ] || return 0
	ran runc runc run -b $bundle "runc-$1"
	ran crun crun run -b $bundle "crun-$1"
	ran bwrap bwrap --unshare-all --ro-bind / / true
}

# verified FILE: asks for a verification until one was of a graph that is current. Where the
# kernel leaves programs out that are preempted, any moment can bring a loss.
verified() {
	_before=$(lines "$sound" "$1")
	for _try in 1 2 3 4 5; do
		_all=$(lines '"type":"verify"' "$1")
		kill -USR1 $follower
		wait_for 60 more_than "$_all" '"type":"verify"' "$1" || return 1
		! more_than "$_before" "$sound" "$1" || return 0
	done
	echo "no verification was of a graph that is current"
	return 1
}

# storm FILE BURSTS CALLS
storm() {
	_i=0
	while [ $_i -lt "$2" ]; do
		_i=$((_i + 1))
		churn --calls "$3" --tasks 2 --net-every 32 --seed $_i >>"$OUT/churn" || return 1
		runtimes $_i
		verified "$1" || return 1
		echo $_i >"$1.bursts"
		kill -0 $follower || return 1
	done
}

follow "$OUT/asked" --verify=3600 || exit 1
storm "$OUT/asked" "$bursts" "$calls" || status=1
stop_follow "$OUT/asked"

follow "$OUT/timed" --verify=1 || exit 1
churn --calls $((calls * 10)) --tasks 2 --net-every 32 --seed 77 >>"$OUT/churn" || status=1
wait_for 60 more_than 2 "$sound" "$OUT/timed" || status=1
stop_follow "$OUT/timed"

# stopped while the ring fills: the loss does not depend on how fast this machine is
follow "$OUT/tiny" --verify=3600 --buffer 32K || exit 1
kill -STOP $follower
churn --calls 400 --tasks 2 --net-every 32 --seed 99 >>"$OUT/churn" || status=1
kill -CONT $follower
wait_for 60 has '"type":"resync"' "$OUT/tiny"
storm "$OUT/tiny" 3 20 || status=1
stop_follow "$OUT/tiny"
exit $status
