#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nslens serve in a guest, where functions are hooked: what a page is fed there has the kernel's
# steps, and the way to it is as closed as elsewhere.
#
#   tests/web/guest.sh --nslens PATH --kernel SERIES
#
# Prints `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
nslens=build/nslens kernel=6.12
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$2 ;;
	--kernel) kernel=$2 ;;
	*) echo "guest.sh: unknown option $1" >&2; exit 2 ;;
	esac
	shift 2
done
if "$nslens" serve -i /nonexistent 2>&1 | grep -q 'without the page'; then
	echo "skip web-guest: nslens was built with WEB=no"
	exit 77
fi
out=$(mktemp -d "${TMPDIR:-/tmp}/nslens-web.XXXXXX") || exit 2
trap 'rm -rf "$out"' EXIT

cat > "$out/inside.sh" << 'END'
ip link set lo up
nslens serve --json > /tmp/told 2> /out/log &
serve=$!
until [ -s /tmp/told ]; do
	kill -0 $serve || exit 1
	sleep 0.1
done
port=$(sed 's/.*"port":\([0-9]*\).*/\1/' /tmp/told)
key=$(sed 's/.*key=\([^"]*\)".*/\1/' /tmp/told)
get() {
	wget -qO- --header "Cookie: nslens_$port=$key" "http://127.0.0.1:$port$1"
}
wget -qO- "http://127.0.0.1:$port/events" > /out/refused 2>&1 && echo "came in without the key" >> /out/faults
get /events > /out/events &
viewer=$!
unshare -u -i true
unshare -p -f true
# its last call is there, and so are those before it
until grep -q '^data: {"type":"call",.*CLONE_NEWPID' /out/events; do
	kill -0 $serve || exit 1
	sleep 0.2
done
call=$(sed -n 's/^data: {"type":"call","number":\([0-9]*\),.*CLONE_NEWUTS.*/\1/p' /out/events | head -n 1)
get "/api/path?call=$call" > /out/path
get "/api/why?ns=1" > /out/why
get / > /out/page
# hundredths of a second
now() {
	read -r up _ < /proc/uptime
	echo "${up%.*}${up#*.}"
}
from=$(now)
kill -INT $serve
wait $serve
echo $? > /out/status
echo $(($(now) - from)) > /out/took
wait $viewer
END
tests/guest/run.sh --kernel "$kernel" --timeout 120 --file "$nslens:nslens" --file "$out/inside.sh:inside.sh" --out "$out" \
	-- 'timeout 90 sh inside.sh' > "$out/console" 2>&1
status=$?
case $status in
0) ;;
77) echo "skip web-guest $kernel: no suite offers this kernel any more"; exit 77 ;;
*) echo "FAIL web-guest $kernel: the guest ended with status $status: $(tail -n 5 "$out/console" "$out/log" 2> /dev/null | tr '\n' ' ')"; exit 1 ;;
esac

failed=0
# check NAME FILE FILTER: jq finds it true
check() {
	if jq -es "$3" "$2" > /dev/null 2>> "$out/jq"; then
		echo "ok web-guest $kernel: $1"
	else
		echo "FAIL web-guest $kernel: $1: $(tail -n 1 "$out/jq"; tail -c 300 "$2" | tr '\n' ' ')"
		failed=1
	fi
}
sed -n 's/^data: //p' "$out/events" > "$out/lines"
check 'the stream begins with start, texts and the graph' "$out/lines" '[.[0:3][].type] == ["start", "texts", "graph"]'
check 'functions are hooked' "$out/lines" '.[0].steps == true and .[0].hooks.unshare == "fentry"'
check 'an unshare has its steps, each with words' "$out/lines" '
	map(select(.type == "call" and .syscall == "unshare" and .flags == ["CLONE_NEWIPC", "CLONE_NEWUTS"])) | length == 1 and
	(.[0].steps | map({key: .fn, value: .outcome}) | from_entries |
	 .copy_utsname == "created" and .copy_ipcs == "created" and .copy_net_ns == "shared" and .switch_task_namespaces == "installed") and
	(.[0].steps | all(.explain | type == "string"))'
check 'what is made is told as a change, and what dies' "$out/lines" '
	(map(select(.type == "change") | .namespaces[] | select(.type == "uts" and .initial == false) | .id) | length > 0) and
	(map(select(.type == "ns" and .event == "destroyed" and (.ns | startswith("uts:")))) | length > 0)'
check 'the stream ends with end' "$out/lines" '.[-1].type == "end"'
check "the kernel's path of that call" "$out/path" '.[0].path | map(select(.fn == "copy_utsname" and .kind == "function")) | length > 0'
check 'why a namespace is alive' "$out/why" '.[0].verdict | type == "string"'
grep -q '<div id="app"' "$out/page" && [ ! -e "$out/faults" ] && grep -q 403 "$out/refused" && [ "$(cat "$out/status")" = 0 ] &&
	echo "ok web-guest $kernel: the page for who has the key alone, and Ctrl-C ends it" ||
	{ echo "FAIL web-guest $kernel: $(cat "$out/faults" "$out/refused" "$out/status" 2> /dev/null | tr '\n' ' ')"; failed=1; }
# the limit stands for: its two processes end by themselves, for after 3 s the one kills the other
took=$(cat "$out/took")
if [ "$took" -le 200 ]; then
	echo "ok web-guest $kernel: Ctrl-C ends it within 2 s"
else
	echo "FAIL web-guest $kernel: Ctrl-C ends it within 2 s: it took ${took}0 ms"
	failed=1
fi
exit $failed
