#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the Debian package from the source archive, as a Debian machine would: in a
# folder of its own, without git. What it makes goes to DIR.
#
#   deb.sh VERSION ARCHIVE DIR
#
# The maintainer is the one that devscripts' tools take, too: DEBFULLNAME and DEBEMAIL.
# Without them it is a name under .invalid, where no mail arrives by design.
set -eu -o pipefail
export LC_ALL=C.UTF-8
version=$1 archive=$(realpath "$2") dir=$(realpath -m "$3")

for tool in dpkg-buildpackage dh fakeroot; do
	command -v $tool >/dev/null || {
		echo "deb.sh: $tool is missing; install build-essential, debhelper and fakeroot" >&2
		exit 1
	}
done
rm -rf "$dir"
mkdir -p "$dir"
cp "$archive" "$dir/nslens_$version.orig.tar.gz"
tar -xzf "$archive" -C "$dir"
cp -r "$dir/nslens-$version/user/packaging/debian" "$dir/nslens-$version/debian"
cd "$dir/nslens-$version"
if [ -n "${DEBEMAIL-}" ]; then
	case $DEBEMAIL${DEBFULLNAME-} in
	*[\<\>,\&\|\\]* | *$'\n'*)
		echo "deb.sh: DEBFULLNAME and DEBEMAIL must be a plain name and address" >&2
		exit 2
		;;
	esac
	case $DEBEMAIL in
	?*@?*) ;;
	*) echo "deb.sh: DEBEMAIL='$DEBEMAIL' is no address" >&2; exit 2 ;;
	esac
	sed -i "s|^\(Maintainer: \| -- \)[^<]*<[^>]*>|\1${DEBFULLNAME:-nslens maintainers} <$DEBEMAIL>|" \
		debian/control debian/changelog
fi
if ! dpkg-buildpackage -us -uc -rfakeroot >"$dir/build.log" 2>&1; then
	tail -n 30 "$dir/build.log" >&2
	echo "deb.sh: the build failed; see $dir/build.log" >&2
	exit 1
fi
cd "$dir"
rm -rf "nslens-$version"
ls -1 "$dir"/*.deb
