#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# When something around nslens fails: a full disk, output that stands still, a server that is killed,
# a clock that is set, a tracer that is stopped under load. Each time: a message that names the
# thing, the right exit status, nothing left attached, and losses told. Options: see lib.sh.
# shellcheck source=tests/behave/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

calls=4000
! is_guest || calls=300
run_part faults "$scratch/out" 1 $calls && judge faults.py "$scratch/out" $calls
finish
