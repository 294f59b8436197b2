# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What suites share: verdict lines `ok NAME`, `FAIL NAME: why`, `skip NAME: why` that are
# counted, and a scratch folder that goes again. To be sourced.

# shellcheck disable=SC2034 # whoever sources this prints it
passed=0 failed=0 skipped=0 scratch=''

pass() { echo "ok $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1: $2"; failed=$((failed + 1)); }
skip() { echo "skip $1: $2"; skipped=$((skipped + 1)); }

# verdict: counts verdict lines and passes everything on
verdict() {
	local line
	while IFS= read -r line; do
		case $line in
		ok\ *) passed=$((passed + 1)) ;;
		FAIL\ *) failed=$((failed + 1)) ;;
		skip\ *) skipped=$((skipped + 1)) ;;
		esac
		printf '%s\n' "$line"
	done
}

# check NAME COMMAND...: judged by its exit status; its last line of output is the reason
check() {
	local what=$1 why
	shift
	if why=$("$@" 2>&1); then
		pass "$what"
	else
		fail "$what" "$(tail -n 1 <<<"$why")"
	fi
}

# judged OUT SCRIPT.py ARGS...: a checker that prints verdict lines itself
judged() {
	local out=$1 script=$2 status
	shift 2
	python3 "$script" "$@" >"$out" 2>"$out.err"
	status=$?
	verdict <"$out"
	# a checker may also tell by its status that something failed
	[ $status -eq 0 ] || { [ $status -eq 1 ] && grep -q '^FAIL' "$out" && ! grep -q '^Traceback' "$out.err"; } ||
		fail "$(basename "$script")" "it broke off: $(tail -n 1 "$out.err")"
}

# scratch_folder NAME KEEP: sets scratch to KEEP, or where that is empty to one of its own
scratch_folder() {
	if [ -n "$2" ]; then
		mkdir -p "$2" || exit 2
		scratch=$(realpath "$2")
	else
		scratch=$(mktemp -d "${TMPDIR:-/tmp}/nslens-$1.XXXXXX") || exit 2
		trap 'rm -rf "$scratch"' EXIT
	fi
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}
