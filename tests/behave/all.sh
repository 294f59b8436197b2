#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs every script here with the same options (see lib.sh); a line with the sums of each.
# Exit status: 1 when one has failed.

set -u
here=$(cd "$(dirname "$0")" && pwd)
worst=0
for name in startstop latency hostile privileges filters bad_input churn; do
	echo "== $name"
	"$here/$name.sh" "$@"
	status=$?
	[ $status -eq 0 ] || [ $status -eq 77 ] || worst=1
done
exit $worst
