#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Ready soon, gone at once, nothing left. Prints what it measured. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

if is_guest; then limits='3 2000 1000'; else limits='5 300 1000'; fi
# shellcheck disable=SC2086
run_part startstop "$scratch/startstop" 1 $limits
finish
