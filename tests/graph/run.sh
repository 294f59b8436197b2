#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The live graph against the kernel.
#
#   run.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--suite NAME]...
#          [--bursts N] [--calls N] [--tasks N] [--smp N] [--full] [--keep DIR]
#
#   complete   every awkward holder; the graph against nsread, which shares no code with it
#   verify     bursts of namespace calls; after each the graph is verified (--bursts 20)
#   deaths     every keeper goes in its turn: when, and whom the graph blames
#   keepers    what reading keepers does to the machine: nslens must not see itself
#   scale      a snapshot of --tasks 5000 tasks, beside lsns
#
# Without --suite: the first four, and on this machine scale. --full: the guest with container
# runtimes, which verify then starts and stops. Prints `ok NAME`, `FAIL NAME: why` or
# `skip NAME: why`, then the sums. Exit status: 0 no FAIL, 1 a FAIL, 2 bad usage, 77 no suite
# offers that kernel any more, or not root.

set -u -o pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
nslens='' programs='' kernel=live suites=() bursts=20 calls=60 tasks=5000 smp=1 full='' keep=''
# shellcheck source=tests/verdicts.sh
. "$here/../verdicts.sh"

bad() { echo "run.sh: $*; see --help" >&2; exit 2; }

while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) sed -n '4,20s/^# \{0,1\}//p' "$0"; exit 0 ;;
	--full) full=1; shift; continue ;;
	--nslens | --programs | --kernel | --suite | --bursts | --calls | --tasks | --smp | --keep) ;;
	*) bad "unknown option '$1'" ;;
	esac
	[ $# -ge 2 ] || bad "$1 needs a value"
	case $1 in
	--suite) suites+=("$2") ;;
	--nslens | --programs) declare "${1#--}=$(realpath "$2")" ;;
	*) declare "${1#--}=$2" ;;
	esac
	shift 2
done
[ -x "$nslens" ] || bad "--nslens PATH is missing, or no program (run \`make\` first)"
[ -x "$programs/holders" ] || bad "--programs DIR is missing, or has no test programs (run \`make programs\` first)"
for n in "$bursts" "$calls" "$tasks" "$smp"; do
	[ -n "$n" ] && [ -z "${n//[0-9]/}" ] || bad "'$n' is no number"
done
if [ ${#suites[@]} = 0 ]; then
	suites=(complete verify deaths keepers)
	[ "$kernel" != live ] || suites+=(scale)
fi
for suite in "${suites[@]}"; do
	[ -f "$here/parts/$suite.sh" ] && [ "$suite" != lib ] || bad "--suite $suite: no such suite"
done
command -v python3 >/dev/null || bad "python3 is missing: run \`make deps\`"
[ "$kernel" != live ] || [ "$(id -u)" = 0 ] || { echo "skip live: not root"; exit 77; }

scratch_folder graph "$keep"
tools=(nslens holders nsread churn sleepers)

# run_part SUITE OUT ARGS...: here or in a guest; its files come to OUT
run_part() {
	local part=$1 out=$2 limit=300 status file files=() extra=()
	shift 2
	rm -rf "$out"
	mkdir -p "$out" "$scratch/bin"
	[ "$part" != verify ] || limit=$((300 + bursts * 5))
	cp "$nslens" "$scratch/bin/nslens" || return 1
	for file in "${tools[@]:1}"; do
		cp "$programs/$file" "$scratch/bin/" || return 1
	done
	cp "$here/parts/lib.sh" "$here/parts/$part.sh" "$scratch/bin/"
	if [ "$kernel" = live ]; then
		(
			cd "$scratch/bin" || exit 1
			export OUT=$out PATH=$scratch/bin:$PATH
			exec timeout -k 5 $limit sh "./$part.sh" "$@"
		) >"$out.log" 2>&1 </dev/null
	else
		for file in "${tools[@]}" lib.sh "$part.sh"; do
			files+=(--file "$scratch/bin/$file")
		done
		[ -z "$full" ] || extra=(--full)
		"$here/../guest/run.sh" --kernel "$kernel" --smp "$smp" --timeout $limit \
			"${extra[@]}" "${files[@]}" --out "$out" -- \
			"OUT=/out sh /nslens/$part.sh $*" >"$out.log" 2>&1
	fi
	status=$?
	if [ $status = 77 ] && [ "$kernel" != live ]; then
		echo "skip $kernel: no suite offers this kernel any more"
		exit 77
	fi
	[ $status = 0 ] || fail "$part-ran" "status $status: $(tail -n 2 "$out.log" | tr '\n' ' ')"
	if grep -q 'the kernel complained' "$out.log"; then
		fail "$part-kernel" "the kernel complained: see $out.log"
	fi
}

for suite in "${suites[@]}"; do
	out=$scratch/$suite
	case $suite in
	verify) run_part verify "$out" "$bursts" "$calls" ;;
	scale) run_part scale "$out" "$tasks" ;;
	*) run_part "$suite" "$out" ;;
	esac
	judged "$out/judged" "$here/$suite.py" "$out" --kernel "$kernel"
done
finish
