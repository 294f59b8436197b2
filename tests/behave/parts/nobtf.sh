#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# nobtf.sh: everything that nslens does, without the kernel's own BTF.
. "${0%/*}/lib.sh"

types=$bin/types.btf
if [ -n "$GUEST" ]; then
	mount -t tmpfs none /sys/kernel/btf
	nslens trace -o /dev/null -- true 2> none.err
	check without-types "status $?" [ $? -eq 125 ]
	check without-types-told "$(cat none.err)" grep -q -- '--btf' none.err
	mkdir -p /usr/lib/nslens/btf
	cp "$types" "/usr/lib/nslens/btf/$(uname -r).btf"
	nslens trace --brief -o usual.brief -- unshare -u true
	check usual-place "not found by itself" grep -q 'unshare(CLONE_NEWUTS)' usual.brief
	nslens trace --btf /usr/lib/nslens/btf --brief -o directory.brief -- unshare -u true
	check directory "$(cat directory.brief)" grep -q 'unshare(CLONE_NEWUTS)' directory.brief
fi
nslens trace --btf "$bin/lib.sh" -o /dev/null -- true 2> wrong.err
check wrong-types "$(cat wrong.err)" grep -q 'holds no types' wrong.err

nslens trace --btf "$types" --json -o t.jsonl -- sh -c 'unshare -u -i true; unshare -p -f true'
check traced "status $?" [ $? -eq 0 ]
check calls "calls: $(grep -c '"type":"call"' t.jsonl)" \
	[ "$(grep -c '"syscall":"unshare"' t.jsonl)" = 2 ]
check nothing-lost "$(grep '"type":"lost"' t.jsonl | head -n 1)" grep -q '"lost":0' t.jsonl
if grep -q kprobe t.jsonl; then
	for step in create_new_namespaces copy_utsname copy_ipcs switch_task_namespaces; do
		check "step-$step" "not told" grep -q "\"fn\":\"$step\"" t.jsonl
	done
	check births "not told" grep -q '"event":"created"' t.jsonl
	check deaths "not told" grep -q '"event":"destroyed"' t.jsonl
	check no-fentry "fentry was used" sh -c '! grep -q fentry t.jsonl'
fi

nslens graph --btf "$types" --follow --json --verify=1 > graph.jsonl 2> graph.err &
pid=$!
until_true 30 grep -q '"type":"verify"' graph.jsonl
churn --calls 300 --tasks 2 --net-every 32 > /dev/null
before=$(grep -c '"type":"verify"' graph.jsonl)
more() { [ "$(grep -c '"type":"verify"' graph.jsonl)" -ge $((before + 2)) ]; }
until_true 30 more
kill -INT $pid
wait $pid
check graph-ends "status $?: $(cat graph.err)" [ $? -eq 0 ]
grep '"type":"verify"' graph.jsonl > verified
check graph-verified "$(wc -l < verified) times" [ "$(wc -l < verified)" -ge 3 ]
check graph-right "$(grep -v '"differences":\[\]' verified | head -n 1)" \
	[ "$(grep -v '"stale":true' verified | grep -vc '"differences":\[\]')" = 0 ]

# more threads than one run of the kernel side tells
if command -v python3 > /dev/null; then
	python3 -c 'import threading, time
for _ in range(199): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
open("threads.ready", "w").close(); time.sleep(60)' &
	pid=$!
	until_true 20 [ -e threads.ready ]
	nslens graph --btf "$types" --json > many.json
	kill $pid
	told=$(jq "[.tasks[] | select(.pid == $pid)] | length" many.json)
	check threads "$told of 200 threads are told" [ "$told" = 200 ]
else
	skipped threads "no python3 in this guest: it is tested live"
fi
