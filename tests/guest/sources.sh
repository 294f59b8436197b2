# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Where Debian lies, as this machine's own package sources say, and how to ask it
# without touching what is installed here; to be read by other scripts.  No address is
# written down anywhere in the tests.

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

# private_apt DIR ARCH SUITE URI: an apt configuration in DIR, which is absolute, that knows that suite and
# that architecture alone, and nothing of what is installed here: for APT_CONFIG=DIR/apt.conf.
private_apt() {
	local dir=$1 arch=$2 suite=$3 uri=$4 key=/usr/share/keyrings/debian-archive-keyring.gpg
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,parts} || return 1
	if [ -r $key ]; then key="signed-by=$key "; else key=; fi
	echo "deb [${key}arch=$arch] $uri $suite main" >"$dir/parts/one.list"
	cat >"$dir/apt.conf" <<END
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Dir::State::Lists "$dir/lists";
Dir::State::status "/dev/null";
Dir::Cache "$dir/cache";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$dir/parts";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
APT::Sandbox::User "root";
END
}
