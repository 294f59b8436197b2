#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   tests/fuzz/run.sh [SECONDS]
#
# Fuzzes what reads recordings (default 20 s). What it finds stays in build/fuzz/.
# Exit status 1: something was found; 77: no clang with libFuzzer.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-20}
out=build/fuzz
mkdir -p "$out/corpus"

command -v clang >/dev/null || { echo "skip fuzz: clang is missing"; exit 77; }
echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' |
	clang -x c - -fsanitize=fuzzer -o "$out/probe" 2>/dev/null || { echo "skip fuzz: this clang has no libFuzzer"; exit 77; }

sources=(user/store/[!n]*.c user/model/*.c user/explain/*.c user/capture/error.c)
clang -std=gnu17 -D_GNU_SOURCE -O1 -g -Ibuild -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-o "$out/recording" tests/fuzz/recording.c "${sources[@]}" -lsqlite3 -ljansson -lm -lpthread
"$out/recording" --seed "$out/corpus/seed.nslens"
# events of the seed as they are: the models are reached at once
python3 - "$out/corpus" <<'END'
import sqlite3
import sys

db = sqlite3.connect(f"{sys.argv[1]}/seed.nslens")
bodies = [body for body, in db.execute("SELECT body FROM events ORDER BY seq")]
for n in range(0, len(bodies), 30):
    with open(f"{sys.argv[1]}/events{n}", "wb") as f:
        f.write(b"E" + b"".join(bodies[n:n + 30]))
END
# and lines of an export, a few from each part of it, behind their first one
if [ -x build/nslens ] && build/nslens export "$out/corpus/seed.nslens" --format events -o "$out/seed.events"; then
	for n in 2 40 80 120; do
		{ head -n 1 "$out/seed.events"; tail -n +"$n" "$out/seed.events" | head -n 12; } > "$out/corpus/lines$n"
	done
fi
if "$out/recording" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=600 -max_len=200000 \
	-print_final_stats=1 -artifact_prefix="$out/" "$out/corpus" >"$out/log" 2>&1; then
	echo "ok fuzz-recording ($(sed -n 's/^stat::number_of_executed_units: *//p' "$out/log") inputs in $seconds s)"
else
	echo "FAIL fuzz-recording: $(grep -m1 -E 'ERROR|runtime error|SUMMARY' "$out/log"); see $out/log"
	exit 1
fi
