#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# No loss at speed: churn knows what it did, nslens must say the same; with a ring that is too
# small, what is lost is counted and what is left is right. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

if is_guest; then
	calls=5000 tiny=1200 forks=200 processors='1 2'
else
	calls=100000 tiny=20000 forks=5000 processors=0
fi
for smp in $processors; do
	prefix=
	[ "$smp" -le 1 ] || { prefix=smp$smp- calls=1500; }
	out=$scratch/churn$smp
	run_part churn "$out" "$smp" "$calls" "$forks" "$tiny" || continue
	for run in full forks tiny; do
		check "$prefix$run-status" grep -qx 0 "$out/$run.status"
	done
	judge churn.py "$prefix" "$out" "$forks"
done
finish
