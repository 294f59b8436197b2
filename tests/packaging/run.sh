#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What strangers get: the manual and the completions beside --help, an installation, the source
# archive, the Debian package.
#
#   tests/packaging/run.sh [--no-deb] [NSLENS]
set -u
cd "$(dirname "$0")/../.." || exit 2
deb=yes
[ "${1-}" != --no-deb ] || { deb=''; shift; }
nslens=$(realpath "${1:-build/nslens}")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8
failed=0

ok() { echo "ok $1"; }
bad() {
	echo "FAIL $1: $2"
	failed=1
}
# check NAME COMMAND...: quiet and 0, or what it says is the reason
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1 </dev/null); then ok "$name"; else bad "$name" "$(tail -n 5 <<<"$out" | tr '\n' ' ')"; fi
}
have() {
	command -v "$1" >/dev/null && return 0
	echo "skip $2: $1 is not installed"
	return 1
}

mapfile -t commands < <("$nslens" completion --commands)
[ ${#commands[@]} -ge 10 ] || bad commands "only ${commands[*]}"

# --- one table: help, manual, completions
mkdir "$work/man" "$work/comp"
check 'the manual is written' "$nslens" manual --all "$work/man"
for s in bash zsh fish; do "$nslens" completion $s >"$work/comp/$s" || bad "completion $s" "exit status $?"; done

options_of() { "$nslens" "$1" --help | grep -oE '^ +(-[A-Za-z], )?--[a-z][a-z-]*' | grep -oE -e '--[a-z-]+'; }
for c in "${commands[@]}"; do
	mapfile -t options < <(options_of "$c")
	missing=''
	[ ${#options[@]} -ge 1 ] || missing='no option in --help'
	sed 's/\\-/-/g; s/\\f[BIR]//g' "$work/man/nslens-$c.1" >"$work/page"
	grep -E "^	$c\) options=" "$work/comp/bash" >"$work/bash"
	sed -n "/^_nslens_$c() {/,/^}/p" "$work/comp/zsh" >"$work/zsh"
	grep -E "(from|-a) $c('| )" "$work/comp/fish" >"$work/fish"
	for o in "${options[@]}"; do
		grep -qE -e "^(-., )?$o( |\[|$)" "$work/page" || missing="$missing $o in the page;"
		grep -qE -e "${o}[= \"]" "$work/bash" || missing="$missing $o in bash;"
		grep -qE -e "${o}[]=[},' -]" "$work/zsh" || missing="$missing $o in zsh;"
		grep -qE -e "-l ${o#--}( |$)" "$work/fish" || missing="$missing $o in fish;"
	done
	if [ -z "$missing" ]; then ok "options of $c (${#options[@]})"; else bad "options of $c" "missing:$missing"; fi
	# and nothing that --help does not know
	extra=$(grep -E '^(-., )?--[a-z]' "$work/page" | grep -oE -e '--[a-z-]+' | grep -vxF -e "$(printf '%s\n' "${options[@]}")")
	if [ -z "$extra" ]; then ok "page of $c has no more"; else bad "page of $c has no more" "$extra"; fi
done
for page in "$work"/man/*.1; do
	name=$(basename "$page" .1)
	if command -v mandoc >/dev/null; then
		check "mandoc $name" mandoc -T lint -W warning "$page"
	fi
	if have man "man $name"; then
		out=$(man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null)
		if [ -z "$out" ]; then ok "man $name"; else bad "man $name" "$out"; fi
	fi
	lost=''
	while read -r see; do
		[ -e "$work/man/$see.1" ] || lost="$lost $see"
	done < <(sed -n '/^.SH SEE ALSO/,$s/^.BR \([^ ]*\) (1).*/\1/p' "$page" | sed 's/\\-/-/g')
	if [ -z "$lost" ]; then ok "see also of $name"; else bad "see also of $name" "there is no$lost"; fi
done
command -v mandoc >/dev/null || echo 'skip mandoc: it is not installed'

# --- completions at work
cat >"$work/complete.sh" <<'END'
. "$1"
compopt() { :; }
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_nslens
printf '%s\n' "${COMPREPLY[*]}"
END
completes() { # NAME WANTED WORD...
	local name=$1 want=$2 got
	shift 2
	got=$(PATH=$(dirname "$nslens"):$PATH bash "$work/complete.sh" "$work/comp/bash" nslens "$@" 2>&1)
	if [ "$got" = "$want" ]; then ok "bash: $name"; else bad "bash: $name" "'$got', not '$want'"; fi
}
completes 'a command' trace tra
completes 'an option' '--comm --container --colour --cost' trace --co
completes 'a value' always trace --colour al
completes 'a value after =' never trace --colour = ne
completes 'the last of a list' 'mnt,uts mnt,user' trace --type mnt,u
completes 'a choice' 'dot' graph --format d
completes 'an action' 'step' lab st
completes 'a scenario' 'nsproxy-shared' lab run nsproxy-sh
completes 'a name' 'copy_net_ns' explain copy_net
completes 'a file' "$work/complete.sh" trace -i "$work/comple"
have shellcheck 'completion is clean' && check 'completion is clean' shellcheck -s bash -e SC2016 "$work/comp/bash"
have zsh 'zsh reads it' && check 'zsh reads it' zsh -n "$work/comp/zsh"
if have fish 'fish reads it'; then
	check 'fish reads it' fish --no-execute "$work/comp/fish"
	got=$(fish --no-config -c "source $work/comp/fish; complete -C 'nslens trace --hooks kp'" 2>&1 | cut -f1)
	if [ "$got" = kprobe ]; then ok 'fish: a value'; else bad 'fish: a value' "'$got', not kprobe"; fi
fi

# --- installation
root=$work/root
check 'make install' make install DESTDIR="$root" prefix=/usr
there=$root/usr/bin/nslens
check 'installed: version' "$there" --version
check 'installed: explain' "$there" explain EPERM
check 'installed: lab list' "$there" lab list
"$there" doctor >"$work/doctor"
if grep -q 'Tracing is' "$work/doctor"; then ok 'installed: doctor'; else bad 'installed: doctor' "$(head -3 "$work/doctor")"; fi
check 'installed: unit starts what is installed' grep -q '^ExecStart=/usr/bin/nslens record' "$root/usr/lib/systemd/system/nslens-record.service"
if have systemd-analyze 'installed: unit is valid'; then
	sed "s,/usr/bin/nslens,$there," "$root/usr/lib/systemd/system/nslens-record.service" >"$work/nslens-record.service"
	out=$(systemd-analyze verify --man=no "$work/nslens-record.service" 2>&1 | grep nslens)
	if [ -z "$out" ]; then ok 'installed: unit is valid'; else bad 'installed: unit is valid' "$out"; fi
fi
for f in README.md json.md recording.md; do
	[ -s "$root/usr/share/doc/nslens/$f" ] || bad "installed: $f" missing
done
# links between the documents lead to files that are there
broken=$(cd "$root/usr/share/doc/nslens" && grep -ohE '\]\([^)# ]+' ./*.md | sed 's/.*(//' | grep -v '^https*:' | sort -u | while read -r f; do [ -e "$f" ] || echo "$f"; done)
if [ -z "$broken" ]; then ok 'installed: links'; else bad 'installed: links' "$broken"; fi
check 'make uninstall' make uninstall DESTDIR="$root" prefix=/usr
left=$(find "$root" -type f)
if [ -z "$left" ]; then ok 'nothing is left'; else bad 'nothing is left' "$left"; fi

# --- source archive
version=$("$nslens" --version | cut -d' ' -f2)
archive=build/nslens-$version.tar.gz
check 'make dist' make dist
cp "$archive" "$work/first.tar.gz"
touch README.md
check 'make dist again' make dist
check 'the same bytes' cmp "$archive" "$work/first.tar.gz"
check 'SOURCE_DATE_EPOCH' env SOURCE_DATE_EPOCH=1000000000 make dist
if tar -tvzf "$archive" | grep -qv '2001-09-09'; then bad 'the date that is asked for' 'another date'; else ok 'the date that is asked for'; fi
if [ -e .git ] && have git 'what is tracked, and no more'; then
	{
		# whoever owns the checkout, as dist.sh does
		git -c safe.directory="$PWD" ls-files | while read -r f; do [ ! -e "$f" ] || echo "$f"; done
		echo user/web/page.html
	} | LC_ALL=C sort >"$work/tracked"
	tar -tzf "$archive" | sed "s,^nslens-$version/,," | LC_ALL=C sort >"$work/packed"
	check 'what is tracked, and no more' diff "$work/tracked" "$work/packed"
fi

# --- Debian package
if [ -n "$deb" ] && have dh deb && have lintian deb; then
	# its unit tests are those of the suites before this one
	check 'make deb' env DEB_BUILD_OPTIONS=nocheck make deb
	check lintian lintian --allow-root --fail-on error,warning build/deb/*.changes
	rm -rf "$work/deb"
	check 'unpack' dpkg-deb -x build/deb/nslens_*.deb "$work/deb"
	check 'package: version' "$work/deb/usr/bin/nslens" --version
	check 'package: lab list' "$work/deb/usr/bin/nslens" lab list
	if file "$work/deb/usr/bin/nslens" | grep -q statically; then ok 'package: static'; else bad 'package: static' "$(file "$work/deb/usr/bin/nslens")"; fi
	for page in "$work"/man/*.1; do
		[ -s "$work/deb/usr/share/man/man1/$(basename "$page").gz" ] || bad "package: $(basename "$page")" 'no such page'
	done
fi
exit $failed
