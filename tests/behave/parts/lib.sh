# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2034,SC3043
#
# For the parts: POSIX sh, also that of busybox. OUT, HOOKS and GUEST come from ../lib.sh.

cd "$OUT" || exit 1
exec 3>>"$OUT/verdicts"
bin=${0%/*}
[ "$bin" != . ] || bin=$OLDPWD
hooks_arg=--hooks=${HOOKS:-auto}

ok() { echo "ok $1" >&3; }
bad() { echo "FAIL $1: $2" >&3; }
skipped() { echo "skip $1: $2" >&3; }
say() { echo "   $*" >&3; }
# check NAME WHY-NOT COMMAND...
check() {
	local what=$1 why=$2
	shift 2
	if "$@"; then ok "$what"; else bad "$what" "$why"; fi
}

t() { nslens trace $hooks_arg "$@"; }

# Milliseconds of some clock: busybox knows no nanoseconds, /proc/uptime has steps of 10 ms.
case $(date +%N) in
*[!0-9]* | '')
	now() {
		local up
		read -r up _ </proc/uptime
		up=${up%.*}${up#*.}0
		echo "${up#0}"
	}
	;;
*) now() { date +%s%3N; } ;;
esac

# until_true SECONDS COMMAND...: asks 50 times a second
until_true() {
	local n=$(($1 * 50))
	shift
	while ! "$@"; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		sleep 0.02
	done
}

started() { grep -q '"type":"start"' "$1" 2>/dev/null; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# await_start FILE: until nslens has written that it is ready
await_start() {
	until_true 15 started "$1" && return
	bad "start-of-$1" "no start record after 15 s"
	return 1
}

programs_now() { attached 0 | sed 's/.*"programs":\([0-9]*\).*/\1/'; }
