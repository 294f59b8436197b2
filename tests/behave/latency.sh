#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every line reaches its reader within 100 ms of its event. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

offset=0 # a guest never sleeps
is_guest || offset=$(python3 -c 'import time; print(time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC))')
run_part latency "$scratch/latency" 1 && judge latency.py "$scratch/latency" "$offset"
finish
