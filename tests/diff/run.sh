#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nslens diff on real starts: runtimes against each other, one flag more, a failure, a hook that
# sleeps, and equal starts, of which nothing may be told.
#
#   run.sh --nslens PATH [--kernel SERIES|live] [--keep DIR]
#
# Prints `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums. Exit status: 0 no FAIL,
# 1 a FAIL, 2 bad usage, 77 no suite offers that kernel any more, or not root.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
nslens='' kernel=live keep=''
# shellcheck source=tests/verdicts.sh
. "$here/../verdicts.sh"

bad() { echo "run.sh: $*; see --help" >&2; exit 2; }

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) sed -n '4,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
	--nslens | --kernel | --keep) ;;
	*) bad "unknown option '$1'" ;;
	esac
	[ $# -ge 2 ] || bad "$1 needs a value"
	case $1 in
	--nslens) nslens=$(realpath "$2") ;;
	--kernel) kernel=$2 ;;
	--keep) keep=$2 ;;
	esac
	shift 2
done
[ -x "$nslens" ] || bad "--nslens PATH is missing, or no program (run \`make\` first)"
command -v jq >/dev/null || bad "jq is missing: run \`make deps\`"
[ "$kernel" != live ] || [ "$(id -u)" = 0 ] || { echo "skip live: not root"; exit 77; }
scratch_folder diff "$keep"

out=$scratch/out
hook=2 # seconds that it sleeps; an emulated machine takes some by itself
[ "$kernel" = live ] || hook=20
mkdir -p "$out"
if [ "$kernel" = live ]; then
	mkdir -p "$scratch/bin"
	cp "$nslens" "$scratch/bin/nslens"
	cp "$here/part.sh" "$scratch/bin/"
	OUT=$out HOOK=$hook timeout -k 5 300 sh "$scratch/bin/part.sh" >"$scratch/log" 2>&1 </dev/null
else
	"$here/../guest/run.sh" --kernel "$kernel" --full --timeout 590 --file "$nslens:nslens" \
		--file "$here/part.sh" --out "$out" \
		-- "OUT=/out HOOK=$hook sh /nslens/part.sh" >"$scratch/log" 2>&1
fi
status=$?
[ $status != 77 ] || { echo "skip $kernel: no suite offers this kernel any more"; exit 77; }
[ $status = 0 ] || fail recorded "status $status: $(tail -n 2 "$scratch/log" | tr '\n' ' ')"
tag=$(cat "$out/tag")

# numbers FILE: those of its starts that have our payload
numbers() {
	"$nslens" report "$out/$1.nslens" --json 2>/dev/null |
		jq -r --arg tag "$tag" \
			'select((.payload.file // "" | endswith($tag)) or .payload.comm == $tag[:15]) | .number'
}
# the one start of FILE that is ours, as FILE#N
ours() { echo "$out/$1.nslens#$(numbers "$1" | tail -n 1)"; }

# compare NAME A B STATUS: the JSON comes to NAME.json
compare() {
	"$nslens" diff --json "$2" "$3" >"$scratch/$1.json" 2>"$scratch/$1.err"
	local got=$?
	if [ $got = "$4" ]; then
		pass "$1-status"
	else
		fail "$1-status" "$got, not $4: $(tail -n 1 "$scratch/$1.err")"
	fi
}

# fact NAME WHAT FILTER WANTED: of the JSON of NAME
fact() {
	local got
	got=$(jq -c "$3" "$scratch/$1.json" 2>&1)
	if [ "$got" = "$4" ]; then
		pass "$1-$2"
	else
		fail "$1-$2" "$got, not $4"
	fi
}

different='[.rows[] | select(.kind != "same" and .kind != "no difference")]'
paced='([.rows[].marks[] | select(. == "slower" or . == "faster")] + [.stages[].pace, .pace | select(. != "same")]) | length'

# ---- one with itself
compare same "$(ours unshare)" "$(ours unshare)" 0
fact same rows "$different | length" 0
fact same namespaces '[.namespaces[] | select(.different)] | length' 0

# ---- one flag more
compare flag "$(ours unshare)" "$(ours unshare-ipc)" 1
fact flag rows "$different | map([.left.text, .right.text])" '[["unshare mnt,uts,pid","unshare mnt,uts,ipc,pid"]]'
fact flag marks "$different | map(.marks - [\"steps\", \"slower\", \"faster\"])" '[["changed"]]'
fact flag namespaces '[.namespaces[] | select(.different) | [.type, .left.role, .right.role]]' '[["ipc","shared","created"]]'

# ---- bwrap with and without a net namespace
if [ -s "$out/bwrap.nslens" ]; then
	compare bwrap "$(ours bwrap-net)" "$(ours bwrap)" 1
	fact bwrap rows "$different | map([.left.text, .right.text])" '[["clone mnt,pid,net","clone mnt,pid"]]'
	fact bwrap namespaces '[.namespaces[] | select(.different) | [.type, .left.role, .right.role]]' '[["net","created","shared"]]'
	fact bwrap verdict '.verdict | contains("The payload'"'"'s net namespace is a new one in A and the host'"'"'s in B.")' true
	compare mirrored "$(ours bwrap)" "$(ours bwrap-net)" 1
	fact mirrored rows "$different | map([.left.text, .right.text])" '[["clone mnt,pid","clone mnt,pid,net"]]'
else
	skip bwrap "bwrap is not installed"
fi

# ---- two runtimes
if [ -s "$out/crun.nslens" ] && [ "$(cat "$out/runc.status" "$out/crun.status" | tr -d '\n')" = 00 ]; then
	compare runtimes "$(ours runc)" "$(ours crun)" 1
	fact runtimes names '[.a.runs[0].runtime, .b.runs[0].runtime]' '["runc","crun"]'
	# what runc has a stage unshare, crun's runtime has clone make
	fact runtimes made '[.rows[] | select(.left.text == "unshare mnt,uts,ipc,pid,net") | [.left.role, .right.role, (.right.text | sub("clone3"; "clone")), (.marks | contains(["by another"]))]]' \
		'[["stage","runtime","clone mnt,uts,ipc,pid,net",true]]'
	fact runtimes forked '[.rows[] | select(.kind == "missing" and .left.text == "clone") | .left.role]' '["stage"]'
	fact runtimes payload '.payload' false
	fact runtimes namespaces '[.namespaces[] | select(.different and .type != "cgroup")] | length' 0
else
	skip runtimes "runc or crun is not installed, or no container can be run here: $(cat "$out"/{runc,crun}.log 2>/dev/null | tail -n 1)"
fi

# ---- a hook that sleeps
if [ -s "$out/slow.nslens" ] && [ "$(cat "$out/slow.status")" = 0 ]; then
	compare hook "$(ours runc)" "$(ours slow)" 1
	fact hook pace .pace '"slower"'
	fact hook seconds ".b.duration.median - .a.duration.median | . > 0.6e9 * $hook and . < 2e9 * $hook" true
	# … and it is named
	fact hook stage '[.stages[] | select(.pace == "slower") | (.right.median - (.left.median // 0))] | max > 1e9' true
	fact hook sleep '[.rows[] | select(.kind == "added" and (.right.text | startswith("exec /bin/sleep"))) | .right.who]' '["sleep"]'
	fact hook verdict '.verdict | test("B took [0-9]+\\.[0-9]+ s longer than A .*(sleep|another program runs)")' true
else
	skip hook "runc is not installed, or cannot run here"
fi

# ---- a failure
if [ -s "$out/limit-0.nslens" ]; then
	number=$("$nslens" report "$out/limit-0.nslens" --json 2>/dev/null |
		jq -r 'select(.outcome == "failed" and .runtime == "bwrap") | .number' | tail -n 1)
	if [ "$(cat "$out/limit-10.status")" = 0 ] && [ "$(cat "$out/limit-0.status")" != 0 ]; then
		compare failure "$(ours limit-10)" "$out/limit-0.nslens#${number:-0}" 1
		fact failure outcome '[.outcome, .a.outcome, .b.outcome]' '[true,"running","failed"]'
		fact failure row '[.rows[] | select(.kind == "fails") | [.left.text, .left.errno, .right.errno]]' '[["clone mnt,pid,net",null,"ENOSPC"]]'
		fact failure verdict '.verdict | startswith("B fails at clone mnt,pid,net with ENOSPC, which A does not.")' true
		fact failure pace "$paced" 0
	else
		fail failure "the starts ended with $(cat "$out/limit-10.status") and $(cat "$out/limit-0.status")"
	fi
else
	skip failure "bwrap is not installed"
fi

# ---- equal starts: every other one to either side
mapfile -t equal < <(numbers equal)
side() {
	local i list=''
	for ((i = $1; i < ${#equal[@]}; i += 2)); do
		list="$list,$out/equal.nslens#${equal[i]}"
	done
	echo "${list#,}"
}
check equal-found test "${#equal[@]}" = 20
compare equal "$(side 0)" "$(side 1)" 0
fact equal runs '[(.a.runs | length), (.b.runs | length)]' '[10,10]'
fact equal paced "$paced" 0
fact equal rows "$different | length" 0
echo "   equal starts take $(jq -c '[.a.duration, .b.duration] | map([.min, .median, .max] | map(. / 1e4 | round / 100))' "$scratch/equal.json") (min, median, max in ms)"

# ---- what cannot be answered
says() {
	local name=$1 want=$2 text
	shift 2
	text=$("$nslens" diff "$@" 2>&1 >/dev/null)
	if [ $? = 2 ] && [[ $text == *$want* ]]; then
		pass "$name"
	else
		fail "$name" "$text"
	fi
}
says no-file 'cannot read' "$out/none.nslens" "$out/unshare.nslens"
says no-number 'none of that number or name' "$out/unshare.nslens#9999" "$out/unshare.nslens"
says one-side 'which two?' "$out/unshare.nslens"
says three-sides 'is too much' a b c
says empty-part 'before or after a comma' "$out/unshare.nslens#1,," "$out/unshare.nslens"
echo >"$scratch/not.nslens"
says not-a-recording 'not.nslens' "$scratch/not.nslens" "$out/unshare.nslens"
for format in text markdown; do
	"$nslens" diff --format $format "$(ours unshare)" "$(ours unshare-ipc)" >"$scratch/$format.out"
	check $format-prints grep -q ipc "$scratch/$format.out"
done
widest=$("$nslens" diff --width 100 "$(ours unshare)" "$(ours unshare-ipc)" | wc -L)
check text-is-100-wide test "$widest" -le 100
finish
