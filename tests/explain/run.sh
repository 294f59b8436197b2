#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# nslens explain as a user meets it, its translations, and whether all that was
# seen on kernels has an entry. Needs no privileges.
#
#   tests/explain/run.sh NSLENS [DIR]
#
# DIR: where the unit tests are built (default: unit/ beside NSLENS).
set -u
nslens=$(realpath "${1:?usage: tests/explain/run.sh NSLENS [DIR]}")
unit=${2:-$(dirname "$nslens")/unit}
cd "$(dirname "$0")/../.." || exit 2
unset LANGUAGE LC_ALL LC_MESSAGES LANG NO_COLOR
export LC_ALL=C.UTF-8
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

ok() { echo "ok $1"; }
bad() {
	echo "FAIL $1: $2"
	failed=1
}

# says NAME STATUS PATTERN ARGUMENT...: exit status, and what must stand in the output
says() {
	local name=$1 want=$2 pattern=$3 status
	shift 3
	"$nslens" explain "$@" > "$work/out" 2> "$work/err"
	status=$?
	if [ $status != "$want" ]; then
		bad "$name" "exit status $status, not $want: $(head -1 "$work/err")"
	elif ! cat "$work/out" "$work/err" | grep -qE -- "$pattern"; then
		bad "$name" "no '$pattern' in: $(head -c 300 "$work/out" "$work/err" | tr '\n' ' ')"
	else
		ok "$name"
	fi
}

says 'a function' 0 'net/core/net_namespace.c' copy_net_ns
says 'its branches' 0 'EINTR the task is killed' copy_net_ns
says 'an errno' 0 'Remedy: add CLONE_NEWUSER' EPERM
says 'a concept' 0 'one pointer a slot' nsproxy
says 'a system call' 0 'check_setns_flags' setns
says 'a flag' 0 '0x20000' CLONE_NEWNS
says 'a type of several words' 0 'max_user_namespaces' user namespace
says 'several names' 0 '^ipc namespace type' uts ipc
says 'an older kernel' 0 'Linux 5\.4' --kernel 5.4 setns
says 'what it had not' 0 'Not in this kernel' --kernel 5.4 exec_task_namespaces
says 'any kernel' 0 '≥7\.1' --kernel all clone
says 'Japanese' 0 'カーネル関数' --lang ja copy_net_ns
says 'Chinese' 0 '内核函数' --lang zh_CN.UTF-8 copy_net_ns
says 'JSON' 0 '^\{"type":"explain","schema":"nslens/1"' --json copy_net_ns
says 'all names' 0 '^pid_for_children +concept' --list
says 'help' 0 'Exit status' --help
says 'an unknown name' 2 "did you mean copy_net_ns" copy_nte_ns
says 'an unknown name, and nothing near' 2 'explain --list' qqqqqqqqqqqqqq
says 'hostile name' 2 'x1b' "$(printf 'a\033[31m')"
says 'no name' 2 'a name is missing' --json
says 'no such option' 2 'no option' --frobnicate x
says 'no such language' 2 'no translation' --lang fr EPERM
says 'no such version' 2 'no kernel version' --kernel six EPERM
says 'no width' 2 'not 0' --width 3 EPERM

# what may not happen: longer lines, colour that was not asked for, words that need another locale
longest() { wc -L < "$work/out"; }
for lang in en ja zh_CN; do
	"$nslens" explain --lang $lang --width 72 clone > "$work/out"
	if [ "$(longest)" -le 72 ]; then ok "the width is kept ($lang)"; else bad "the width is kept ($lang)" "$(longest) columns"; fi
done
says 'colour' 0 $'\033\\[1m' --colour always EPERM
NO_COLOR=1 "$nslens" explain EPERM > "$work/out"
if grep -q $'\033' "$work/out"; then bad NO_COLOR 'escapes'; else ok NO_COLOR; fi
LC_ALL=C "$nslens" explain --width 80 setns > "$work/out"
if LC_ALL=C grep -q '[^ -~]' "$work/out"; then bad 'ASCII' 'other bytes in the C locale'; else ok 'ASCII'; fi
LC_ALL='' LANG=ja_JP.UTF-8 "$nslens" explain EPERM > "$work/out"
if grep -q 対処 "$work/out"; then ok 'language of the locale'; else bad 'language of the locale' 'English'; fi
LC_ALL='' LANG=ja_JP.UTF-8 LANGUAGE=fr:zh_CN "$nslens" explain EPERM > "$work/out"
if grep -q 处理 "$work/out"; then ok LANGUAGE; else bad LANGUAGE 'not Chinese'; fi
if [ -w /dev/full ]; then
	"$nslens" explain EPERM > /dev/full 2> "$work/err"
	if [ $? = 1 ]; then ok 'a full disk'; else bad 'a full disk' 'exit status'; fi
fi

# every name that is listed, as JSON, on old and new kernels
for kernel in 5.10 6.12 7.3 all; do
	"$nslens" explain --list --json | jq -r .name | split -l 30 - "$work/names."
	for names in "$work"/names.*; do
		xargs -d '\n' -a "$names" "$nslens" explain --json --kernel $kernel
	done > "$work/out" 2> "$work/err"
	rm -f "$work"/names.*
	n=$(jq -r 'select(.text != "" and (.file != null or .kind != "function")) | .name' < "$work/out" | wc -l)
	if [ "$n" = "$("$nslens" explain --list | wc -l)" ]; then
		ok "every entry as JSON on $kernel ($n)"
	else
		bad "every entry as JSON on $kernel" "$n entries; $(head -1 "$work/err")"
	fi
done

# scenarios that explanations name are there
"$nslens" lab --json | jq -r .name | sort > "$work/scenarios"
for path in clone unshare setns exec exit destruction; do
	"$nslens" explain --json --kernel all $path
done | jq -r '.path[].scenario // empty' | sort -u > "$work/named"
missing=$(comm -13 "$work/scenarios" "$work/named")
if [ -s "$work/named" ] && [ -z "$missing" ]; then
	ok "scenarios that are named ($(wc -l < "$work/named"))"
else
	bad "scenarios that are named" "there is none called $missing"
fi
says 'where it can be seen' 0 'nslens lab step errno-limits' ENOSPC
says 'a newer kernel than known' 0 'what is known here ends with' --kernel 99.9 uts

# a real call: what it took is marked, and a recording that lacks it says so
if [ "$(id -u)" = 0 ] && "$nslens" doctor > /dev/null 2>&1; then
	"$nslens" record -o "$work/r.nslens" -- sh -c 'unshare --uts true; unshare --ipc true' 2> "$work/err"
	calls=$("$nslens" trace -i "$work/r.nslens" --json --comm unshare 2> /dev/null | grep -c '"syscall":"unshare"')
	found=0
	for n in $(seq 1 40); do
		"$nslens" explain --call "$n" -i "$work/r.nslens" > "$work/out" 2> "$work/err" || continue
		grep -q 'ksys_unshare()' "$work/out" && grep -q 'is not set → The old namespace is shared' "$work/out" &&
			found=$((found + 1))
	done
	if [ "$calls" -ge 2 ] && [ "$found" -ge 2 ]; then
		ok "the path of a recorded call"
	else
		bad "the path of a recorded call" "$calls unshare calls recorded, $found explained; $(head -1 "$work/err")"
	fi
	says "a call that is not there" 1 'the recording has [0-9]+ calls' --call 999999999 -i "$work/r.nslens"
else
	echo "skip the path of a recorded call: not root, or tracing is not permitted"
fi
says "a call without a recording" 2 'needs --(input|call)' --call 1
says "a recording that is none" 1 'no recording' --call 1 -i /etc/passwd

# translations: valid, nothing fuzzy or of a text that is gone, and made from the texts of now
if [ -x "$unit/explain_tables" ]; then
	"$unit/explain_tables" --pot > "$work/now.pot"
	for po in user/explain/po/*.po; do
		why=$(msgfmt --check -o /dev/null "$po" 2>&1) || { bad "$po" "$why"; continue; }
		why=$(msgattrib --only-fuzzy "$po"; msgattrib --only-obsolete "$po")
		[ -z "$why" ] || { bad "$po" "fuzzy or obsolete; run: make po"; continue; }
		if diff <(msgcat --no-location --no-wrap -t UTF-8 "$work/now.pot" | sed -n 's/^msgid //p' | sort) \
			<(msgcat --no-location --no-wrap "$po" | sed -n 's/^msgid //p' | sort) > "$work/diff"; then
			ok "$po has the texts of now"
		else
			bad "$po" "other texts than the tables; run: make po ($(head -2 "$work/diff" | tail -1))"
		fi
	done
else
	echo "skip translations: $unit/explain_tables is not built"
fi

# what was seen on kernels; and that the script notices what has no entry
tests/explain/seen.py "$nslens"
case $? in 0 | 77) ;; *) failed=1 ;; esac
seen() {
	printf '%s\n' '{"type":"start","kernel":"6.12.1"}' "$2" > "$work/trace"
	if tests/explain/seen.py "$nslens" "$work/trace" > "$work/out"; then
		bad "$1" 'not noticed'
	else
		ok "$1"
	fi
}
seen 'a function without entry' '{"type":"call","syscall":"clone","errno":null,"steps":[{"fn":"copy_moon_ns","outcome":"created","errno":null}]}'
seen 'an outcome without entry' '{"type":"call","syscall":"clone","errno":null,"steps":[{"fn":"put_net","outcome":"created","errno":null}]}'
seen 'an errno of a step without entry' '{"type":"call","syscall":"setns","errno":"EPERM","steps":[{"fn":"pidns_install","outcome":"failed","errno":"EXDEV"}]}'
seen 'an errno of a call without entry' '{"type":"call","syscall":"setns","errno":"EXDEV","steps":[]}'
exit $failed
