#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A recorder on a disk as slow as an old memory card: it must not wait for it while events come, and
# what it could not keep must be told. In a guest, which has a disk to be slowed. Options: see lib.sh.
# shellcheck source=tests/behave/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

is_guest || { echo "skip slowdisk: it takes a disk of its own (--kernel SERIES)"; exit 77; }
# shellcheck disable=SC2034 # run_part; the kernel counts only then how long a task waits for disks
guest_more=(--append delayacct)
run_part slowdisk "$scratch/out" 1 1500 && judge slowdisk.py "$nslens" "$scratch/out"
finish
