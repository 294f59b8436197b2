#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every scenario against a kernel: in a guest, or on this machine. Then lessons are
# killed after each step, and nothing may be left of them (kill.sh).

set -u -o pipefail
export LC_ALL=C

usage() {
	cat << 'END'
usage: run.sh --nslens PATH --kernel SERIES|live --out DIR [--hooks MODE] [--kill all|some|few|none]

  --nslens PATH    the program to test (static)
  --kernel SERIES  5.10 ... 7.3, in a guest; or live: this machine, as root
  --hooks MODE     auto (default), fentry, kprobe or tracepoint
  --kill WHICH     lessons that are killed at every step: all scenarios, some
                   (default: those with most to clean up), few, or none
  --out DIR        keeps what the checks printed

Exit status: 0 all passed, 1 not, 2 usage, 77 skipped (the reason is printed).
END
}

bad() { echo "run.sh: $*; see --help" >&2; exit 2; }

here=$(cd "${0%/*}" && pwd)
nslens='' kernel='' hooks=auto out='' kill=some

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--nslens | --kernel | --hooks | --out | --kill)
		[ $# -ge 2 ] || bad "$1 needs an argument"
		declare "${1#--}=$2"
		shift 2
		;;
	*) bad "unknown option '$1'" ;;
	esac
done
for option in nslens kernel out; do
	[ -n "${!option}" ] || bad "--$option is missing"
done
case $hooks in auto | fentry | kprobe | tracepoint) ;; *) bad "--hooks $hooks: no such mode" ;; esac
case $kill in all | some | few | none) ;; *) bad "--kill $kill: all, some, few or none" ;; esac
[ -x "$nslens" ] || { echo "run.sh: $nslens: no such program: run \`make\` first" >&2; exit 2; }
[ "$kernel" != live ] || [ "$(id -u)" = 0 ] || { echo "skip live: not root"; exit 77; }
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)
nslens=$(realpath "$nslens")
passed=0 failed=0 skipped=0

mapfile -t all < <("$nslens" lab --json | sed -n 's/.*"name":"\([^"]*\)".*/\1/p')
[ ${#all[@]} -gt 0 ] || { echo "FAIL $kernel/list: no scenario at all"; exit 1; }
case $kill in
all) victims=("${all[@]}") ;;
some) victims=(container fd-keeps unwind errno-limits keep-shm mnt-detached) ;;
few) victims=(fd-keeps keep-shm) ;;
none) victims=() ;;
esac
# attaching to functions for every lesson anew takes an emulated machine long
kill_hooks=$hooks timeout=600
[ "$kill" != all ] || timeout=7200
[ "$kernel" = live ] || kill_hooks=tracepoint

# Files with one mistake each: it must be found, and told as the file's head says.
wrong=("$here"/wrong/*.yaml)

script() { # DIRECTORY of the program and the files; of the results
	cat << END
$1/nslens lab check --hooks $hooks --json >$2/check.json 2>$2/check.err
$1/nslens lab check --hooks $hooks --json $(printf "$1/%s " "${wrong[@]##*/}") >$2/wrong.json 2>$2/wrong.err
echo \$? >$2/wrong.status
[ -z '${victims[*]}' ] || sh $1/kill.sh $1/nslens KILL $kill_hooks ${victims[*]} >$2/kill.txt 2>&1
[ -z '${victims[*]}' ] || sh $1/kill.sh $1/nslens TERM $kill_hooks unwind >>$2/kill.txt 2>&1
true
END
}

bin=$(mktemp -d) || exit 1
trap 'rm -rf "$bin"' EXIT
rm -f "$out"/check.* "$out"/wrong.* "$out"/kill.txt
cp "$nslens" "$bin/nslens" && cp "$here/kill.sh" "${wrong[@]}" "$bin/" || exit 1
if [ "$kernel" = live ]; then
	script "$bin" "$out" > "$bin/script"
	sh "$bin/script"
else
	files=()
	for file in "$bin"/*; do
		files+=(--file "$file")
	done
	"$here/../guest/run.sh" --kernel "$kernel" --timeout "$timeout" "${files[@]}" --out "$out" \
		-- "$(script /nslens /out)"
	case $? in
	0) ;;
	77) echo "skip $kernel: no suite offers this kernel any more"; exit 77 ;;
	*) echo "FAIL $kernel: the guest did not run to its end"; exit 1 ;;
	esac
fi

ok() { echo "ok $kernel/$1"; passed=$((passed + 1)); }
fail() { echo "FAIL $kernel/$1: $2"; failed=$((failed + 1)); }
skip() { echo "skip $kernel/$1: $2"; skipped=$((skipped + 1)); }

# field NAME: of the JSON line in $line; numbers, and texts without quotes in them
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" <<< "$line"; }

found=0
while read -r line; do
	found=$((found + 1))
	name=$(field name)
	case $(field result) in
	holds)
		ok "$name"
		n=$(field not_observable)
		[ "$n" = 0 ] || skip "$name/not-observable" "$n expectations need function hooks"
		;;
	"not applicable") skip "$name" "$(field reason)" ;;
	*) fail "$name" "$line" ;;
	esac
done < "$out/check.json"
[ $found = ${#all[@]} ] || fail list "$found of ${#all[@]} scenarios were checked: $(cat "$out/check.err")"

for file in "${wrong[@]}"; do
	name=${file##*/}
	line=$(grep -F "\"name\":\"${name%.yaml}\"" "$out/wrong.json")
	want=$(sed -n 's/^# message: //p' "$file")
	if grep -q '^# needs: functions' "$file" && [ "$(field not_observable)" != 0 ]; then
		skip "wrong/${name%.yaml}" "it is about steps or deaths, which need function hooks"
	elif [ "$(field result)" != differs ] || [ "$(cat "$out/wrong.status")" != 1 ]; then
		fail "wrong/${name%.yaml}" "lab check found nothing wrong: $line"
	elif ! grep -q -F -e "$want" <<< "$line"; then
		fail "wrong/${name%.yaml}" "the message is not $want but $line"
	else
		ok "wrong/${name%.yaml}"
	fi
done

if [ ${#victims[@]} -gt 0 ]; then
	while read -r verdict name rest; do
		case $verdict in
		ok) ok "$name" ;;
		FAIL) fail "${name%:}" "$rest" ;;
		esac
	done < "$out/kill.txt"
	[ "$(grep -c ' passed, ' "$out/kill.txt")" = 2 ] || fail kill "it did not run to its end"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
