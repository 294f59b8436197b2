#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What nslens does when something around it fails: a full disk, a disk that stands still, a helper
# that is killed, a clock that is set, a tracer that is stopped under load. Each time: a message that
# names the thing, the right exit status, nothing left attached, and losses told.
#
#   run.sh --nslens PATH --programs DIR [--kernel SERIES|live] [--keep DIR]
#
# shellcheck source=tests/behave/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../behave/lib.sh"

out=$scratch/out
part=$here/parts/faults.sh
mkdir -p "$out"
chmod 755 "$scratch" "$out"
if is_guest; then
	"$here/../guest/run.sh" --kernel "$kernel" --timeout 240 --file "$nslens:nslens" --file "$part:part.sh" \
		--file "$here/../behave/parts/lib.sh:lib.sh" --file "$programs/churn" --file "$programs/attached" \
		--out "$out" -- "HOOKS='$hooks' OUT=/out GUEST=1 sh /nslens/part.sh 3000" >"$out.log" 2>&1
else
	mkdir -p "$scratch/bin"
	cp "$nslens" "$scratch/bin/nslens"
	cp "$programs"/{churn,attached} "$scratch/bin/"
	cp "$here/../behave/parts/lib.sh" "$part" "$scratch/bin/"
	(
		cd "$scratch/bin" || exit 125
		export HOOKS=$hooks OUT=$out GUEST='' PATH=$scratch/bin:$PATH
		# mounts of its own: a small disk is nobody else's
		exec timeout -k 5 240 unshare --mount sh ./faults.sh 20000
	) >"$out.log" 2>&1 </dev/null
fi
status=$?
if [ $status -eq 77 ]; then
	skip faults "no suite offers kernel $kernel any more"
	finish
fi
[ $status -eq 0 ] || fail faults-ran "status $status: $(tail -n 3 "$out.log" | tr '\n' ' ')"
[ ! -f "$out/verdicts" ] || verdict <"$out/verdicts"
judge_times() { python3 "$here/times.py" "$out"; }
judge_times >"$scratch/times" 2>&1 || fail times "$(tail -n 1 "$scratch/times")"
verdict <"$scratch/times"
finish
