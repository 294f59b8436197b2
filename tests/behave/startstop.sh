#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ready soon, gone at once, nothing left. Prints what it measured. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

# 2 s is wanted in a guest (the median is printed); another half for a host that is busy otherwise
if is_guest; then limits='3 3000 1000'; else limits='5 300 1000'; fi
# shellcheck disable=SC2086
run_part startstop "$scratch/startstop" 1 $limits
finish
