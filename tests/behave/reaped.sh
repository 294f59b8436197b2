#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Who was reaped is no zombie of the graph for ever, also where the kernel does not say so: it
# leaves sched_process_free out for some tasks (user/cmd/live_reaped.h). Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

run_part reaped "$scratch/reaped" 2 2000
finish
