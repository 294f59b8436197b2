#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes tests/web/starts/*.jsonl.gz anew: real starts and scenarios of the lab, recorded in a
# guest with Debian's 6.12 and every function hooked, as `nslens export --format html` puts
# them into a file (without the kernel's path of each call). The browser tests look at them.
#
#   tests/web/starts.sh [--nslens PATH]       five to ten minutes
#   tests/web/starts.sh --from DIR            of recordings that are there
set -eu -o pipefail
cd "$(dirname "$0")/../.."
nslens=$PWD/build/nslens from=''
while [ $# -gt 1 ]; do
	case $1 in
	--nslens) nslens=$2 ;;
	--from) from=$2 ;;
	*) echo "starts.sh: unknown option $1" >&2; exit 2 ;;
	esac
	shift 2
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/nslens-starts.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
scenarios='uts-alone user-unprivileged pid-init-dies pid-pending unwind setns-many setns-all-or-nothing
time-fork fd-keeps net-alone container threads-differ'

cat > "$scratch/inside.sh" <<END
record() {
	name=\$1
	shift
	./nslens record --force -o "/out/\$name.nslens" -- "\$@" > /dev/null 2>&1 < /dev/null
}
bundle=/var/lib/nslens/bundle
record warm runc run -b \$bundle warm
record runc runc run -b \$bundle web
record crun crun run -b \$bundle web
record bwrap bwrap --unshare-all --ro-bind / / --dev /dev --proc /proc true
for s in ${scenarios//$'\n'/ }; do
	record "lab-\$s" ./nslens lab run "\$s"
done
record podman podman run --rm --network none --rootfs /var/lib/nslens/rootfs true
rm /out/warm.nslens
END
if [ -z "$from" ]; then
	from=$scratch/recordings
	tests/guest/run.sh --kernel 6.12 --full --timeout 900 --file "$nslens:nslens" --file "$scratch/inside.sh:inside.sh" \
		--out "$from" -- 'sh inside.sh'
fi

# write NAME EXPORT-ARGUMENTS...
write() {
	local name=$1
	shift
	(cd "$from" && "$nslens" export "$@" --format html) | sed -n 's/.*id="data">\([^<]*\)<.*/\1/p' | base64 -d | gzip -dc |
		grep -v '"type":"path"' | gzip -9n > "tests/web/starts/$name.jsonl.gz"
}
for f in "$from"/*.nslens; do
	name=$(basename "$f" .nslens)
	write "$name" "$name.nslens"
done
write runc-crun runc.nslens --compare crun.nslens
ls -l tests/web/starts
