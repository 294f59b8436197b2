#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Traces all cases of `calls`, through the native and the 32-bit entry, in a
# guest or on this machine, and checks every call and step (check.py).

set -u -o pipefail
export LC_ALL=C

usage() {
	cat <<'END'
usage: run.sh --nslens PATH --calls PATH --kernel SERIES|live --out DIR [--hooks MODE]

  --nslens PATH    the program to test (static)
  --calls PATH     tests/programs' calls (static)
  --kernel SERIES  5.10 ... 7.3, in a guest; or live: this machine, as root
  --arch ARCH      amd64 (default) or arm64: NSLENS and CALLS are built for it ("make arm64")
  --hooks MODE     auto (default), fentry, kprobe or tracepoint
  --out DIR        keeps what calls printed, and the traces

Exit status: 0 all passed, 1 not, 2 usage, 77 skipped (the reason is printed).
END
}

bad() { echo "run.sh: $*; see --help" >&2; exit 2; }

here=$(cd "${0%/*}" && pwd)
nslens='' calls='' kernel='' hooks=auto out='' arch=amd64

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--nslens | --calls | --kernel | --arch | --hooks | --out)
		[ $# -ge 2 ] || bad "$1 needs an argument"
		declare "${1#--}=$2"
		shift 2
		;;
	*) bad "unknown option '$1'" ;;
	esac
done
for option in nslens calls kernel out; do
	[ -n "${!option}" ] || bad "--$option is missing"
done
abis='native ia32' limit=()
[ "$arch" = amd64 ] || { abis=native limit=(--timeout 900); }
case $hooks in auto | fentry | kprobe | tracepoint) ;; *) bad "--hooks $hooks: no such mode" ;; esac
for file in "$nslens" "$calls"; do
	[ -x "$file" ] || { echo "run.sh: $file: no such program: run \`make\` first" >&2; exit 2; }
done
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)

# What runs on the traced machine; $1 is the directory of the results. Workqueues
# and RCU destroy the last namespaces some time after their last task has gone.
script() {
	cat <<END
status=0
for abi in $abis; do
	option=
	[ \$abi = native ] || option=--ia32
	nslens trace --json --exits --hooks $hooks -o $1/trace.\$abi -- \
		sh -c "calls \$option run all >$1/calls.\$abi; rc=\\\$?; sleep 2; exit \\\$rc" || {
		echo "run.sh: calls, \$abi entry: exit status \$?" >&2
		status=1
	}
done
exit \$status
END
}

name=$kernel
[ "$kernel" != live ] || [ "$(id -u)" = 0 ] || { echo "skip live: not root"; exit 77; }
bin=$(mktemp -d) || exit 1
trap 'rm -rf "$bin"' EXIT
cp "$nslens" "$bin/nslens" && cp "$calls" "$bin/calls" || exit 1

# once: sets ran to 1 where calls or nslens did not end well.
once() {
	rm -f "$out"/calls.* "$out"/trace.* "$out"/check.*
	ran=0
	if [ "$name" = live ]; then
		script "$out" >"$bin/script"
		PATH=$bin:$PATH sh "$bin/script" || ran=1
		return
	fi
	"$here/../guest/run.sh" --arch "$arch" --kernel "$kernel" ${limit[@]+"${limit[@]}"} --file "$bin/nslens" --file "$bin/calls" \
		--out "$out" -- "$(script /out)"
	case $? in
	0) ;;
	1) ran=1 ;;
	77) echo "skip $kernel: no suite offers this kernel any more"; exit 77 ;;
	*) echo "FAIL $kernel: the guest did not run to its end"; exit 1 ;;
	esac
}

# check: sets failed and the sums from what the run has left in $out.
check() {
	local abi mode=$hooks label version=$kernel
	failed=$ran passed=0 wrong=0 skipped=0
	[ "$name" != live ] || version=$(uname -r)
	case $hooks in
	fentry) mode=functions ;;
	auto)
		# what the machine grants; a guest of the range grants functions
		mode=functions
		[ "$name" != live ] || head -n 1 "$out/trace.native" |
			grep -q '"create_new_namespaces":"fentry"' || mode=tracepoint
		# arm64 has no fentry before 6.4
		[ "$arch" = amd64 ] || ! head -n 1 "$out/trace.native" |
			grep -q '"create_new_namespaces":"kprobe"' || mode=kprobe
		;;
	esac
	for abi in $abis; do
		label=$name
		[ "$name" != live ] || label=live-${version%%-*}
		[ "$arch" = amd64 ] || label=$label-$arch
		[ "$hooks" = auto ] || label=$label-$hooks
		[ $abi = native ] || label=$label-ia32
		python3 "$here/check.py" "$out/calls.$abi" "$out/trace.$abi" --kernel "$version" \
			--mode "$mode" --label "$label" >"$out/check.$abi" || failed=1
		if read -r p _ f _ s _ < <(tail -n 1 "$out/check.$abi") && [ "${s:-x}" -ge 0 ] 2>/dev/null; then
			passed=$((passed + p)) wrong=$((wrong + f)) skipped=$((skipped + s))
		else
			wrong=$((wrong + 1)) failed=1
			echo "FAIL $label: check.py gave no result"
		fi
	done
}

# The kernel skips a probe that is hit while it runs already (a preempted task's, a
# softirq's). nslens counts that; what is told then is right but not whole: try again.
tries=4
for try in $(seq $tries); do
	once
	check
	for abi in $abis; do
		cp "$out/check.$abi" "$bin/check.$try.$abi"
	done
	lost=$(sed -n 's/.*"type":"lost".*"count":\([0-9]*\).*"hook":"\([a-z]*\)".*/\1 (\2)/p' \
		"$out"/trace.* | paste -s -d ' ')
	[ $failed = 1 ] && [ $ran = 0 ] && [ -n "$lost" ] || break
	echo "again $name: $wrong failed, and nslens counted lost events: $lost"
done
if [ $failed = 1 ] && [ $ran = 0 ] && [ -n "$lost" ]; then
	python3 "$here/union.py" "nslens counted lost events: $lost" "$bin"/check.[0-9].*
	exit
fi
for abi in $abis; do
	sed '$d' "$out/check.$abi"
done
if [ $ran = 1 ]; then
	wrong=$((wrong + 1))
	echo "FAIL $name: calls or nslens did not end with status 0"
fi
echo "$passed passed, $wrong failed, $skipped skipped"
exit $failed
