#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Recordings of real work, here or in a guest.
#
#   run.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--kills N] [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
kills=60
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens programs kernel kills keep" "$@"
scratch_folder store "$keep"

out=$scratch/out calls=3000
[ "$kernel" != live ] || calls=30000
# shellcheck disable=SC2034 # run_there
files=("$nslens:nslens" "$programs/churn" "$here/part.sh")
run_there "$out" 400 "sh ./part.sh $calls"
part_ran part $? "$out"
judged "$out/judged" "$here/check.py" "$out"
if [ "$kernel" = live ]; then
	judged "$out/others" "$here/others.py" "$scratch/bin/nslens" "$out"
	judged "$out/killed" "$here/kill.py" "$scratch/bin/nslens" "$scratch/bin/churn" "$out" "$kills"
fi
finish
