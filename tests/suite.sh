# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The set-up of a suite, to be sourced: its options, and where its commands run, here or in a
# guest. With verdicts.sh.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/verdicts.sh
. "$tests/verdicts.sh"
# shellcheck source=tests/options.sh
. "$tests/options.sh"

# What whoever sources this looks at, or gives other values before suite_options.
# shellcheck disable=SC2034
nslens='' programs='' kernel=live keep=''

# suite_options "NAME..." "$@": see take_options. What is needed must be there.
suite_options() {
	local known=" $1 "
	take_options "$@"
	no_words
	[ -x "$nslens" ] || bad_usage "--nslens PATH is missing, or no program (run \`make\` first)"
	nslens=$(realpath "$nslens")
	[[ $known = *" programs "* ]] && [ "$kernel" != none ] || return 0
	[ -x "$programs/calls" ] || bad_usage "--programs DIR is missing, or has no test programs (run \`make programs\` first)"
	programs=$(realpath "$programs")
}

# need TOOL...
need() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || bad_usage "$tool is missing: run \`make deps\`"
	done
}

# On this machine only root may trace.
root_if_live() {
	[ "$kernel" != live ] || [ "$(id -u)" = 0 ] || { echo "skip live: not root"; exit 77; }
}

# run_there OUT SECONDS COMMAND: the shell command, in a folder with the files=(PATH[:NAME]...) and with
# that folder first in PATH: on this machine, or in a guest of the kernel that is started with the options
# guest=(...). What it leaves in $OUT comes to OUT, and what it prints to OUT.log. Its exit status; where no
# suite offers the kernel any more, the tests end as skipped.
files=() guest=()
run_there() {
	local out=$1 limit=$2 command=$3 bin=$scratch/bin file name status options=()
	mkdir -p "$out"
	if [ "$kernel" = live ]; then
		mkdir -p "$bin"
		for file in "${files[@]}"; do
			name=${file##*[:/]}
			rm -rf "${bin:?}/$name"
			cp -rL "${file%:*}" "$bin/$name" || return 1
		done
		chmod -R a+rX "$bin"
		(
			cd "$bin" || exit 1
			export OUT=$out GUEST='' PATH=$bin:$PATH
			exec timeout -k 5 "$limit" sh -c "$command"
		) >"$out.log" 2>&1 </dev/null
		return
	fi
	for file in "${files[@]}"; do options+=(--file "$file"); done
	"$tests/guest/run.sh" --kernel "$kernel" --timeout "$limit" "${guest[@]}" "${options[@]}" --out "$out" -- \
		"export OUT=/out GUEST=1; $command" >"$out.log" 2>&1
	status=$?
	[ $status != 77 ] || { echo "skip $kernel: no suite offers this kernel any more"; exit 77; }
	! grep -q 'the kernel complained' "$out.log" || fail "${out##*/}-kernel" "the kernel complained: see $out.log"
	return $status
}

# part_ran NAME STATUS OUT: a verdict where it did not end as it should
part_ran() {
	[ "$2" = 0 ] || fail "$1-ran" "status $2: $(tail -n 3 "$3.log" | tr '\n' ' ')"
	[ "$2" = 0 ]
}
