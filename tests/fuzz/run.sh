#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   tests/fuzz/run.sh [--corpus DIR] [SECONDS [TARGET...]]
#
# Fuzzes what reads what others wrote, each target for so many seconds (default 20):
#
#   recording  a file, opened and read as every command does
#   events     events of a recording, through the models
#   lines      an export that is imported, and redacted
#   views      events, through all that tells of them: what comes out must be well-formed
#   scenario   a scenario file
#   proc       files of /proc, with names and paths of whoever is looked at
#   http       requests to the page's server
#
# Corpora (with --corpus they stay, to be gone on with) and what is found lie in build/fuzz/.
# Exit status 1: something was found; 77: no clang with libFuzzer.
set -eu
corpus=''
if [ "${1:-}" = --corpus ]; then
	corpus=$(realpath "$2")
	shift 2
fi
cd "$(dirname "$0")/../.."
seconds=${1:-20}
[ $# = 0 ] || shift
[ $# != 0 ] || set -- recording events lines views scenario proc http
for target; do
	[[ " recording events lines views scenario proc http " = *" $target "* ]] || { echo "run.sh: no target $target" >&2; exit 2; }
done
out=build/fuzz
corpus=${corpus:-$out/corpus}
mkdir -p "$out" "$corpus"/{recording,events,lines,views,scenario,proc,http}

command -v clang >/dev/null || { echo "skip fuzz: clang is missing"; exit 77; }
echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' |
	clang -x c - -fsanitize=fuzzer -o "$out/probe" 2>/dev/null || { echo "skip fuzz: this clang has no libFuzzer"; exit 77; }

make -s -f tests/fuzz/fuzz.mk -j "$(nproc)" recording "$@"
"$out/recording" --seed "$corpus/recording/seed.nslens"
# Events of the seed, and of a recording of real start-ups, as they are: the models are reached at
# once. And lines of an export, a few from each part of it, behind their first one.
python3 tests/fuzz/seeds.py "$corpus" "$corpus/recording/seed.nslens" tests/store/fixtures/v1.nslens user/lab/scenarios
if [ -x build/nslens ] && build/nslens export "$corpus/recording/seed.nslens" --format events -o "$out/seed.events"; then
	for n in 2 40 80 120; do
		{ head -n 1 "$out/seed.events"; tail -n +"$n" "$out/seed.events" | head -n 12; } > "$corpus/lines/lines$n"
	done
fi

# fuzz NAME OPTIONS...: for so many seconds
failed=0
fuzz() {
	local name=$1
	shift
	if "$out/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=600 -print_final_stats=1 \
		-artifact_prefix="$out/" "$@" "$corpus/$name" >"$out/$name.log" 2>&1; then
		echo "ok fuzz-$name ($(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log") inputs in $seconds s," \
			"$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$out/$name.log" | tail -n 1))"
	else
		echo "FAIL fuzz-$name: $(grep -m1 -E 'ERROR|runtime error|SUMMARY' "$out/$name.log"); see $out/$name.log"
		failed=1
	fi
}

for target; do
	case $target in
	recording) fuzz recording -max_len=200000 ;;
	events | lines) fuzz "$target" -max_len=20000 ;;
	views | scenario | http) fuzz "$target" -max_len=20000 ;; # of http with the keys that tests/fuzz/http.c has
	proc) fuzz proc -max_len=4000 ;;
	esac
done
exit $failed
