#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nslens report on starts of real runtimes, compared with strace's log of the same starts, and on
# starts that were slowed or made to fail on purpose.
#
#   run.sh --nslens PATH [--kernel SERIES|live] [--which "NAME..."] [--keep DIR]
#
# Prints a line a check: `ok NAME`, `FAIL NAME: why` or `skip NAME: why`, then the sums.
set -u -o pipefail
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "$0")" && pwd)
which=''
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens kernel which keep" "$@"
scratch_folder report "$keep"

limit=900
[ "$kernel" != live ] || limit=300
# shellcheck disable=SC2034 # run_there
files=("$nslens:nslens" "$here/starts.sh" "$here/engines.sh" "$here/../truth:truth") guest=(--full)
run_there "$scratch/out" $limit "WHICH='$which' sh ./starts.sh"
part_ran starts $? "$scratch/out"
# shellcheck disable=SC2086 # names
judged "$scratch/judged" "$here/check.py" "$scratch/out" $which
finish
