# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Where Debian lies, as this machine's own package sources say; to be read by
# other scripts.  No address is written down anywhere in the tests.

# Prints the address in the machine's Debian sources: that of the security
# suites for $1 = security, that of the others for $1 = main.
source_uri() {
	{
		cat /etc/apt/sources.list 2>/dev/null
		cat /etc/apt/sources.list.d/*.list 2>/dev/null
	} | awk -v want="$1" '
		$1 == "deb" {
			i = 2
			if ($i ~ /^\[/) { while ($i !~ /\]$/) i++; i++ }
			deb($i, $(i + 1))
		}
		function deb(uri, suite) {
			if (uri !~ /debian/) return
			is = suite ~ /-security$/ ? "security" : "main"
			if (is == want) { print uri; exit }
		}'
	# Stanza format: an empty line ends a stanza, which reading by
	# paragraph does for us.
	local f
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		grep -v '^#' "$f" | awk -v RS= -v FS='\n' -v want="$1" '
			{
				uri = suites = ""
				for (i = 1; i <= NF; i++) {
					split($i, w, /[ \t]+/)
					if (tolower(w[1]) == "uris:") uri = w[2]
					if (tolower(w[1]) == "suites:") suites = $i
				}
				if (uri !~ /debian/) next
				is = suites ~ /-security/ ? "security" : "main"
				if (is == want) print uri
			}'
	done
}
