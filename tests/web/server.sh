#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# nslens serve, as a hostile network and as many pages see it, while it traces this machine.
#
#   tests/web/server.sh --nslens PATH --programs DIR
#
# Prints `ok NAME`, `FAIL NAME: why` or `skip NAME: why`.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
nslens=build/nslens programs=build/tests
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$2 ;;
	--programs) programs=$2 ;;
	*) echo "server.sh: unknown option $1" >&2; exit 2 ;;
	esac
	shift 2
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/nslens-web.XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT

if ! "$nslens" doctor > /dev/null 2>&1; then
	echo "skip web-server: this machine permits no tracing (nslens doctor tells why)"
	exit 77
fi
if "$nslens" serve -i /nonexistent 2>&1 | grep -q 'without the page'; then
	echo "skip web-server: nslens was built with WEB=no"
	exit 77
fi
# others read what root recorded
chmod 755 "$scratch"
status=0
python3 tests/web/server.py "$(realpath "$nslens")" "$(realpath "$programs")" "$scratch" || status=1
node tests/web/served.mjs stages "$(realpath "$nslens")" "$scratch"
browser=$?
[ $browser = 77 ] || [ $browser = 0 ] || status=1
exit $status
