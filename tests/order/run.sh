#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh --nslens PATH --programs DIR --kernel SERIES: churn on two processors, in a
# guest with function hooks and live here, and check.py on what came out.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/suite.sh
. "$here/../suite.sh"
suite_options "nslens programs kernel" "$@"
scratch_folder order ''
out=$scratch

# namespaces die some time after their last task: wait a little before the trace ends
work='churn --calls 3000 --net-every 64 --storm > /dev/null; sleep 2'
for mode in fentry kprobe tracepoint; do
	if ! "$here/../guest/run.sh" --kernel "$kernel" --smp 2 --timeout 400 --file "$nslens:nslens" \
		--file "$programs/churn" --out "$out/$mode" -- \
		"nslens trace --hooks $mode --json -o /out/t.jsonl -- sh -c '$work'" > "$out/log" 2>&1; then
		echo "FAIL $kernel $mode: the guest failed"
		tail -20 "$out/log"
		continue
	fi
	[ $mode = tracepoint ] && deaths='' || deaths=--deaths
	# shellcheck disable=SC2086 # no option where there are no deaths to see
	python3 "$here/check.py" "$out/$mode/t.jsonl" $deaths | sed "s/^\(ok\|FAIL\) /\1 $kernel two processors $mode /"
done
# Process numbers come round again here (32,768 of them): every exit is asked for, since by
# tracepoints only that of an nsproxy's last user is told, and check.py would take a stranger
# for the number's last owner.
"$nslens" trace --exits --json -o "$out/live.jsonl" -- "$programs/churn" --calls 20000 --net-every 64 --storm > /dev/null
python3 "$here/check.py" "$out/live.jsonl" | sed 's/^\(ok\|FAIL\) /\1 live /'
