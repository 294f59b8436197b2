# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts here share. Each has two halves: parts/NAME.sh (POSIX sh, for the busybox of a
# guest, too) makes things happen and leaves files; NAME.sh looks at the files, here.
#
#   NAME.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--hooks MODE] [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums.
# Exit status: 0 no FAIL, 1 a FAIL, 2 bad usage, 77 no suite offers the kernel any more.

set -u -o pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$(basename "$0" .sh)
nslens='' programs='' kernel=live hooks='' keep=''

# shellcheck source=tests/verdicts.sh
. "$here/../verdicts.sh"

bad_usage() { echo "$name.sh: $*" >&2; exit 2; }

while [ $# -gt 0 ]; do
	case $1 in
	--nslens | --programs | --kernel | --hooks | --keep)
		[ $# -ge 2 ] || bad_usage "$1 needs a value"
		case $1 in
		--nslens) nslens=$(realpath "$2") ;;
		--programs) programs=$(realpath "$2") ;;
		--kernel) kernel=$2 ;;
		--hooks) hooks=$2 ;;
		--keep) keep=$2 ;;
		esac
		shift 2
		;;
	-h | --help) sed -n 's/^# \{0,1\}//p' "${BASH_SOURCE[0]}" | sed -n '3,11p'; exit 0 ;;
	*) bad_usage "unknown option $1 (see --help)" ;;
	esac
done
[ -x "$nslens" ] || bad_usage "--nslens PATH is missing, or no program (build it first)"
[ -x "$programs/calls" ] || bad_usage "--programs DIR is missing, or has no test programs (build them first)"
for tool in jq python3; do
	command -v $tool >/dev/null || bad_usage "$tool is missing: run \`make deps\`"
done

scratch_folder behave "$keep"

note() { echo "   $*"; }
is_guest() { [ "$kernel" != live ]; }

# judge SCRIPT.py ARGS...: a checker that prints verdict lines itself
judge() {
	local script=$1
	shift
	judged "$scratch/judge.out" "$here/$script" "$@"
}

# run_part PART OUT SMP [ARGS...]: runs parts/PART.sh here or in a guest; its files come to OUT.
# What else it needs beside it: extra=(FILE:NAME ...)
extra=()
run_part() {
	local part=$1 out=$2 smp=$3 status f
	shift 3
	mkdir -p "$out"
	chmod 755 "$scratch" "$out"
	if is_guest; then
		# shellcheck disable=SC2046 # names of ours
		"$here/../guest/run.sh" --kernel "$kernel" --smp "$smp" --timeout 400 \
			--file "$nslens:nslens" --file "$here/parts/$part.sh:part.sh" \
			--file "$here/parts/lib.sh:lib.sh" \
			--file "$programs/calls" --file "$programs/capsrun" --file "$programs/churn" --file "$programs/hostile" \
			--file "$programs/forkbench" --file "$programs/keep" --file "$programs/attached" \
			$(for f in ${extra[@]+"${extra[@]}"}; do echo "--file $f"; done) \
			--out "$out" -- "HOOKS='$hooks' OUT=/out GUEST=1 sh /nslens/part.sh $*" \
			>"$out.log" 2>&1
		status=$?
	else
		mkdir -p "$scratch/bin"
		cp "$nslens" "$scratch/bin/nslens"
		cp "$programs"/{calls,capsrun,churn,hostile,forkbench,keep,attached} "$scratch/bin/"
		cp "$here/parts/lib.sh" "$here/parts/$part.sh" "$scratch/bin/"
		for f in ${extra[@]+"${extra[@]}"}; do cp "${f%:*}" "$scratch/bin/${f##*:}"; done
		chmod 755 "$scratch/bin" "$scratch/bin"/*
		(
			cd "$scratch/bin" || exit 125
			export HOOKS=$hooks OUT=$out GUEST='' PATH=$scratch/bin:$PATH
			exec timeout -k 5 240 sh "./$part.sh" "$@"
		) >"$out.log" 2>&1 </dev/null
		status=$?
	fi
	if [ $status -eq 77 ] && is_guest; then
		skip "$part" "no suite offers kernel $kernel any more"
		finish
	fi
	if [ $status -ne 0 ]; then
		fail "$part-ran" "status $status: $(tail -n 3 "$out.log" | tr '\n' ' ')"
		return 1
	fi
	grep 'the kernel complained' "$out.log" >/dev/null && fail "$part-kernel" "the kernel complained: see $out.log"
	[ ! -f "$out/verdicts" ] || verdict <"$out/verdicts"
}
