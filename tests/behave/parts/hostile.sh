#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2016
. "${0%/*}/lib.sh"

for locale in C C.UTF-8; do
	export LC_ALL=$locale
	t -o "story.$locale" -- hostile >"story.$locale.truth"
	t --brief -o "brief.$locale" -- hostile >"brief.$locale.truth"
	t --colour=always -o "colour.$locale" -- hostile >/dev/null
	t --json -o "json.$locale" -- hostile >"json.$locale.truth"
done
# names in other places: survivors, a program that cannot be run, a cgroup
esc=$(printf 'x\033[31m\nred')
cp "$bin/keep" "./$esc"
t -o survivor.C -- sh -c '"./$0" uts >kept & n=0; while [ ! -s kept ] && [ $n -lt 250 ]; do n=$((n + 1)); sleep 0.02; done' "$esc"
t --json -o survivor.json -- sh -c '"./$0" uts >kept2 & n=0; while [ ! -s kept2 ] && [ $n -lt 250 ]; do n=$((n + 1)); sleep 0.02; done' "$esc"
for kept in kept kept2; do
	kill -KILL "$(cat $kept)"
done
t -o none -- "/none$esc" 2>notfound.C
nslens trace --comm 2>>notfound.C
nslens "$esc" 2>command.C
nslens trace --type "$esc" 2>option.C
exit 0
