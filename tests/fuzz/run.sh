#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   tests/fuzz/run.sh [SECONDS]
#
# Fuzzes what reads recordings, and what answers requests (default 20 s each). What it finds stays in build/fuzz/.
# Exit status 1: something was found; 77: no clang with libFuzzer.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-20}
out=build/fuzz
mkdir -p "$out/corpus"

command -v clang >/dev/null || { echo "skip fuzz: clang is missing"; exit 77; }
echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' |
	clang -x c - -fsanitize=fuzzer -o "$out/probe" 2>/dev/null || { echo "skip fuzz: this clang has no libFuzzer"; exit 77; }

sources=(user/store/[!n]*.c user/model/*.c user/explain/*.c)
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
# fuzz NAME OPTIONS...: for so many seconds, from build/fuzz/CORPUS of its own
failed=0
fuzz() {
	local name=$1
	shift
	if "$out/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=600 \
		-print_final_stats=1 -artifact_prefix="$out/" "$@" >"$out/$name.log" 2>&1; then
		echo "ok fuzz-$name ($(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$name.log") inputs in $seconds s)"
	else
		echo "FAIL fuzz-$name: $(grep -m1 -E 'ERROR|runtime error|SUMMARY' "$out/$name.log"); see $out/$name.log"
		failed=1
	fi
}
fuzz recording -max_len=200000 "$out/corpus"

# requests, with the keys that tests/fuzz/http.c has
web=(user/web/{access,calls,changes,conn,http,lines,lines_json,log,routes,server,stream}.c)
clang -std=gnu17 -D_GNU_SOURCE -DNSLENS_VERSION='"fuzz"' -O1 -g -Ibuild -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -o "$out/http" tests/fuzz/http.c "${web[@]}" \
	user/view/*.c user/explain/*.c user/model/*.c -levent_core -lncursesw -ltinfo -lm
python3 - "$out/http-corpus" <<'END'
import os
import sys

os.makedirs(sys.argv[1], exist_ok=True)
host = "Host: 127.0.0.1:7777\r\n"
teacher = host + "Cookie: nslens_7777=" + "T" * 43 + "\r\n"
lead = "Origin: http://127.0.0.1:7777\r\nContent-Length: 11\r\n\r\n#t=1&call=2"
for n, text in enumerate([
        f"GET /?key={'S' * 43} HTTP/1.1\r\n{host}\r\n",
        f"GET / HTTP/1.1\r\n{teacher}\r\nHEAD / HTTP/1.1\r\n{teacher}\r\n",
        f"GET /events HTTP/1.1\r\n{teacher}Last-Event-ID: 40\r\n\r\n",
        f"GET /api/path?call=1 HTTP/1.1\r\n{teacher}\r\nGET /api/why?ns=1 HTTP/1.1\r\n{teacher}\r\n",
        f"POST /api/lead HTTP/1.1\r\n{teacher}{lead}"]):
    with open(f"{sys.argv[1]}/seed{n}", "w", newline="") as f:
        f.write(text)
END
fuzz http -max_len=20000 "$out/http-corpus"
exit $failed
