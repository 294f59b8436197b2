#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Names of tasks that try to break terminals and JSON stay harmless. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

run_part hostile "$scratch/hostile" 1 && judge hostile.py "$scratch/hostile"
finish
