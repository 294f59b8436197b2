#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The source archive: whatever git tracks, as it is in this tree, the same bytes each time; and
# the page, built, so that whoever builds the program needs no Node.js.
#
#   dist.sh NAME ARCHIVE DATE [PAGE]
#
# NAME: the folder in it. DATE: of all files where there is neither SOURCE_DATE_EPOCH nor git.
set -eu -o pipefail
export LC_ALL=C TZ=UTC
name=$1 archive=$(realpath -m "$2") date=$3
page=${4-}
cd "$(dirname "$0")/../.."

files=$(mktemp)
trap 'rm -f "$files" "$archive.part"' EXIT
if [ -e .git ] && command -v git >/dev/null; then
	# what was deleted but is still tracked has no contents to take
	git -c safe.directory="$PWD" ls-files -z | while IFS= read -r -d '' f; do
		[ ! -e "$f" ] || printf '%s\0' "$f"
	done >"$files"
	epoch=${SOURCE_DATE_EPOCH:-$(git -c safe.directory="$PWD" log -1 --format=%ct)}
else
	# an unpacked archive: all but what the build and packaging have put there
	find . \( -path ./build -o -path ./debian -o -name node_modules -o -name __pycache__ \) -prune -o \
		-type f -printf '%P\0' >"$files"
	epoch=${SOURCE_DATE_EPOCH:-$(date -d "$date" +%s)}
fi
[ -z "$page" ] || grep -qzxF user/web/page.html "$files" || printf '%s\0' "$page" >>"$files"
[ -s "$files" ] || { echo "dist.sh: there are no files to take" >&2; exit 1; }

mkdir -p "$(dirname "$archive")"
sort -z "$files" | tar --create --format=ustar --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
	--mode=u+rw,go=rX --transform "s,^build/web/page.html\$,user/web/page.html," --transform "s,^,$name/," --no-recursion --null --files-from=- |
	gzip -9 -n >"$archive.part"
mv "$archive.part" "$archive"
echo "$archive: $(tr -cd '\0' <"$files" | wc -c) files"
