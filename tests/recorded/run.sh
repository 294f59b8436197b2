#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The recordings that are kept (tests/store/fixtures), told by every command that reads one. Needs
# no kernel: it is what `make coverage` and `make test-sanitized` run the program with.
#
#   run.sh --nslens PATH [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums.
set -u -o pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
unset NO_COLOR COLUMNS LANGUAGE
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../store/fixtures
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens keep" "$@"
scratch_folder recorded "$keep"
out=$scratch

for f in "$fixtures"/*.events.xz; do
	name=$(basename "$f" .events.xz)
	if xz -dc "$f" | "$nslens" import - -o "$out/$name.nslens" --force 2>"$out/$name.err"; then
		pass "import-$name"
	else
		fail "import-$name" "$(tail -n 1 "$out/$name.err")"
		finish
	fi
done
cp "$fixtures/v1.nslens" "$out/v1.nslens"

# what the program `calls` printed of itself is the truth about its calls
xz -dc "$fixtures/calls.truth.xz" >"$out/calls.truth"
if "$nslens" trace -i "$out/calls.nslens" --json -o "$out/calls.trace"; then
	judged "$out/calls.judged" "$here/../steps/check.py" "$out/calls.truth" "$out/calls.trace" --kernel 6.12 \
		--mode functions --label calls
else
	fail calls "trace -i failed"
fi
for part in story graphs starts explained page; do
	judged "$out/$part.judged" "$here/$part.py" "$nslens" "$out"
done
finish
