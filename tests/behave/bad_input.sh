#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Bad input, signals in every phase, readers that go away, terminals. Options: see lib.sh.
. "$(dirname "$0")/lib.sh"

out=$scratch/bad_input
run_part bad_input "$out" 1 || finish
for f in "$out"/two?.jsonl "$out"/closed.jsonl "$out"/closed3.jsonl; do
	check "json-$(basename "$f" .jsonl)" jq -e . "$f"
done
if is_guest; then
	skip terminal "the guest has no python to play one"
else
	judge terminal.py "$scratch/bin/nslens" "$scratch/bin/calls" "$hooks"
fi
finish
