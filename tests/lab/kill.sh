#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kill.sh NSLENS SIGNAL HOOKS SCENARIO...: kills a lesson after each of its steps and
# looks for what it has left: tasks, namespaces, mounts, limits, names, segments.
# Runs on this machine and in a guest (busybox).

set -u
nslens=$1 signal=$2 hooks=$3
shift 3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkfifo "$work/in"
exec 3<> "$work/in"
passed=0 failed=0

# What must be as it was: all that a scenario may have touched.
state() {
	cat /proc/self/mountinfo
	for file in /proc/sys/user/max_*_namespaces /proc/sys/kernel/hostname; do
		echo "$file $(cat "$file")"
	done
	wc -l < /proc/sysvipc/shm
}

# The processes of session $wanted, zombies too: PID (COMM) STATE PPID PGRP SESSION ...
session() {
	cat /proc/[0-9]*/stat 2> /dev/null |
		sed -n "s/^\([0-9]*\) (.*) . [0-9-]* [0-9-]* $wanted .*/\1/p"
}

# namespaces PID...: their names, one a line
namespaces() {
	for pid; do
		ls -l "/proc/$pid/ns"
	done 2> /dev/null | grep -o '[a-z_]*:\[[0-9]*\]' | sort -u
}

# Everything that tasks, descriptors and mounts of this machine refer to.
referred() {
	{
		ls -l /proc/[0-9]*/ns /proc/[0-9]*/fd
		cat /proc/self/mountinfo
	} 2> /dev/null | grep -o '[a-z_]*:\[[0-9]*\]' | sort -u
}

# What is left of the session; nothing when it has gone.
left() {
	tasks=$(session)
	[ -z "$tasks" ] || { echo "tasks: $tasks"; return; }
	referred > "$work/referred"
	held=$(grep -x -F -f "$work/own" "$work/referred")
	[ -z "$held" ] || echo "namespaces:" "$held"
	state > "$work/after"
	# others may be at work on this machine: what they take away is not ours
	new=$(grep -v -x -F -f "$work/before" "$work/after")
	[ -z "$new" ] || echo "mounts, limits, names or segments:" "$new"
}

# steps FILE: how many step titles the lesson has printed
steps() {
	grep -c '^Step ' "$1"
}

# kill_at SCENARIO N: after N steps
kill_at() {
	: > "$work/out"
	state > "$work/before"
	"$nslens" lab step --hooks "$hooks" "$1" < "$work/in" > "$work/out" 2>&1 &
	lesson=$!
	printf 's\n' >&3 # a pause before every single step
	n=0
	while [ "$n" -lt "$2" ]; do
		printf '\n' >&3
		n=$((n + 1))
	done
	tries=0
	while [ "$(steps "$work/out")" -le "$2" ] && [ $tries -lt 600 ] &&
		kill -0 $lesson 2> /dev/null; do
		sleep 0.05
		tries=$((tries + 1))
	done
	if [ "$(steps "$work/out")" -le "$2" ]; then
		kill -KILL $lesson 2> /dev/null
		wait $lesson 2> /dev/null
		return 1 # it has no such step
	fi
	wanted=
	for child in $(cat /proc/$lesson/task/$lesson/children); do
		wanted=$child
		[ "$(cat /proc/"$child"/comm)" = nslens-stage ] && break
	done
	# shellcheck disable=SC2046 # words are wanted
	namespaces $(session) > "$work/all"
	namespaces $$ > "$work/mine"
	grep -v -x -F -f "$work/mine" "$work/all" > "$work/own"
	kill -"$signal" $lesson
	wait $lesson 2> /dev/null
	tries=0
	while rest=$(left) && [ -n "$rest" ] && [ $tries -lt 100 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	if [ ! -s "$work/own" ]; then
		echo "FAIL kill-$signal/$1-$2: the lesson had no namespaces of its own"
		failed=$((failed + 1))
	elif [ -n "$rest" ]; then
		echo "FAIL kill-$signal/$1-$2: left: $rest"
		failed=$((failed + 1))
	else
		echo "ok kill-$signal/$1-$2"
		passed=$((passed + 1))
	fi
}

for scenario; do
	at=0
	while kill_at "$scenario" $at; do
		at=$((at + 1))
	done
	if [ $at = 0 ]; then
		echo "FAIL kill-$signal/$scenario: it did not begin: $(tail -n 1 "$work/out")"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
