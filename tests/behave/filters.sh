#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every filter shows what it should and nothing else. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

run_part filters "$scratch/filters" 1 && judge filters.py "$scratch/filters"
finish
