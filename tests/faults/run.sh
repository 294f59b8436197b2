#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   run.sh [SAMPLES]     memory that is not there, at SAMPLES places of each command (24)
#
# With the program that `make sanitized-build` builds: nothing may crash, misuse memory or tell less
# than it should without saying so. Prints a line a check: `ok NAME`, `FAIL NAME: why`.
set -u -o pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
nslens=$top/build/sanitized/nslens
[ -x "$nslens" ] || { echo "skip faults: the sanitized program is not built (make sanitized-build)"; exit 77; }
out=$(mktemp -d "${TMPDIR:-/tmp}/nslens-faults.XXXXXX") || exit 2
trap 'rm -rf "$out"' EXIT
gcc -std=gnu17 -O1 -g -Wall -Wextra -Werror -shared -fPIC -o "$out/alloc.so" "$here/alloc.c" -ldl || exit 1
for name in many limit; do
	xz -dc "$top/tests/store/fixtures/$name.events.xz" | "$nslens" import - -o "$out/$name.nslens" 2>/dev/null || exit 1
done
cp "$top/tests/store/fixtures/v1.nslens" "$out/"
python3 "$here/alloc.py" "$(realpath "$nslens")" "$out/alloc.so" "$out" "${1:-24}"
