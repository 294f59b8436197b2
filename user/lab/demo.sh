#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make demo: real workloads, traced and told: here with what this machine permits,
# then in a virtual machine where every kernel function can be hooked.
#
#   demo.sh            both
#   demo.sh --part NAME   (used inside the guest) runs the scenes with nslens from PATH
set -u

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' dim=$'\e[2m' off=$'\e[0m'
else
	bold='' dim='' off=''
fi
bold=${DEMO_BOLD-$bold} off=${DEMO_OFF-$off} dim=${DEMO_DIM-$dim}
width=${DEMO_WIDTH:-${COLUMNS:-$(tput cols 2> /dev/null || echo 100)}}
[ "$width" -ge 60 ] 2> /dev/null || width=100
[ "$width" -le 120 ] || width=120

title() {
	printf '\n%s%s%s\n' "$bold" "$*" "$off"
	printf '%*s\n' "$((width > 100 ? 100 : width))" '' | tr ' ' '='
}

# scene TEXT COMMAND...: says what is run and what to look for, then runs it under nslens
scene() {
	printf '\n%s%s%s\n' "$bold" "$1" "$off"
	printf '%s%s%s\n' "$dim" "$2" "$off"
	shift 2
	printf '%s$ sudo nslens trace %s%s\n\n' "$bold" "$*" "$off"
	nslens trace --width "$width" --colour "${DEMO_COLOUR:-auto}" "$@" > /dev/null
	local status=$?
	if [ $status -ge 125 ] && [ $status -le 127 ]; then
		echo "demo: nslens could not show this (status $status)"
		demo_failed=1
	fi
}

scenes() {
	demo_failed=0
	scene "1. A program gets new namespaces: unshare(2) of six types at once" \
		"One call builds a new nsproxy slot by slot and switches the task to it. The pid namespace waits for the next fork." \
		-- unshare --mount --uts --ipc --net --cgroup --pid --fork true

	scene "2. A child is born inside a new user and pid namespace: no privilege needed" \
		"The user namespace is not a slot of nsproxy: it moves the task's credentials, and owns what is made after it." \
		-u nobody -- unshare --user --map-root-user --pid --fork true

	unshare --uts --net sleep 30 > /dev/null 2>&1 &
	local holder=$!
	sleep 0.3
	scene "3. A program joins the namespaces of another: setns(2)" \
		"setns copies the nsproxy, installs the wanted namespace in the copy, and publishes it by one pointer." \
		-- nsenter --target "$holder" --uts --net true
	kill "$holder" && wait "$holder" 2> /dev/null

	scene "4. A call that fails, and why" \
		"A plain user may not make a uts namespace: which function said no, by which check, and the remedy." \
		-u nobody -- unshare --uts true

	if command -v runc > /dev/null; then
		make_bundle
		(cd "$bundle" && scene "5. A real container: runc run" \
			"Three stages of runc: who creates what, who forks into it, and when the payload starts." \
			-- runc run "nslens-demo-$$"; exit $demo_failed) || demo_failed=1
		rm -rf "$bundle"
	elif command -v bwrap > /dev/null; then
		scene "5. A real sandbox: bwrap" "bubblewrap makes everything in one clone." \
			-- bwrap --unshare-all --ro-bind / / true
	fi
	return $demo_failed
}

# an OCI bundle whose root is busybox
make_bundle() {
	bundle=$(mktemp -d)
	mkdir -p "$bundle/rootfs/bin" "$bundle/rootfs/proc" "$bundle/rootfs/dev" "$bundle/rootfs/sys"
	cp "$(command -v busybox)" "$bundle/rootfs/bin/"
	for applet in sh true id; do ln -s busybox "$bundle/rootfs/bin/$applet"; done
	(cd "$bundle" && runc spec)
	sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"\/bin\/true"/' "$bundle/config.json"
}

# record_container FILE: the start of a container, for the page
record_container() {
	command -v runc > /dev/null || return 1
	make_bundle
	(cd "$bundle" && nslens record -o "$1" -- runc run "nslens-page-$$") 2>&1
	local status=$?
	rm -rf "$bundle"
	return $status
}

if [ "${1:-}" = --scenes ]; then
	scenes
	status=$?
	[ -z "${DEMO_RECORD:-}" ] || record_container "$DEMO_RECORD" > /dev/null
	exit $status
fi

cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ]; then
	echo "make demo: tracing needs root: sudo make demo" >&2
	exit 1
fi
export PATH="$PWD/build:$PATH"
failed=0
scratch=$(mktemp -d) || exit 1
page=''
trap '[ -z "$page" ] || kill "$page" 2> /dev/null; rm -rf "$scratch"' EXIT

# The page, live for as long as the demo runs.
show_page() {
	build/nslens serve --json > "$scratch/page" 2> "$scratch/page.err" &
	page=$!
	for _ in $(seq 100); do
		[ ! -s "$scratch/page" ] || break
		kill -0 $page 2> /dev/null || break
		sleep 0.1
	done
	if [ -s "$scratch/page" ]; then
		printf '\n%sThe same in a browser, live while this demo runs:%s\n  %s\n' "$bold" "$off" \
			"$(jq -r .address "$scratch/page")"
	else
		cat "$scratch/page.err"
		page=''
		failed=1
	fi
}

# One HTML file of a container's start, in the guest if that worked, else here.
leave_file() {
	local from=$scratch/out/demo.nslens
	[ -s "$from" ] || { from=$scratch/demo.nslens && record_container "$from" > /dev/null; }
	if [ -s "$from" ] && build/nslens export "$from" --format html -o build/demo.html; then
		printf '\n%sThe start of a container, for any browser, in one file:%s\n  %s\n' "$bold" "$off" "$PWD/build/demo.html"
	else
		failed=1
	fi
}

title "nslens on this machine: Linux $(uname -r)"
if build/nslens doctor > /dev/null; then
	show_page
	scenes || failed=1
else
	build/nslens doctor
	echo "This machine permits no tracing; the virtual machine below does."
fi

kernel=${DEMO_KERNEL:-6.12}
title "nslens in a virtual machine: Debian's Linux $kernel, every kernel function hooked"
echo "(the first time, a Debian file system for it is built: about a minute)"
tests/guest/run.sh --kernel "$kernel" --full --timeout 200 --out "$scratch/out" \
	--file build/nslens --file user/lab/demo.sh -- \
	"DEMO_RECORD=/out/demo.nslens DEMO_WIDTH=$width DEMO_COLOUR=$([ -n "$bold" ] && echo always || echo never)" \
	"DEMO_BOLD='$bold' DEMO_DIM='$dim' DEMO_OFF='$off' LANG=C.UTF-8 bash demo.sh --scenes" || failed=1

leave_file

title "What now"
echo "  sudo build/nslens trace            the whole machine, until Ctrl-C"
echo "  sudo build/nslens trace -- CMD     one command and what it starts"
echo "  sudo build/nslens serve            the page, until Ctrl-C"
echo "  build/nslens doctor                what this machine permits"
exit $failed
