#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What nslens needs, and what it gives up once everything is attached. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

run_part privileges "$scratch/privileges" 1
finish
