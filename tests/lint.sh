#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Format and static analysis over all sources, one line a check.
#
#   lint.sh [--fresh]     --fresh: also of files that have not changed since they passed
#
# A file that passed is not analysed again until it, a header that it includes, the
# tool or its settings change: build/lint keeps a stamp for each. Run `make` first.
set -u
cd "$(dirname "$0")/.." || exit 2
failed=0
stamps=build/lint

cppcheck=(cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability
	--inline-suppr --suppress=missingIncludeSystem -D__x86_64__
	'-DLIBBPF_OPTS(t,n,...)=struct t n = {__VA_ARGS__}'
	'-Dbpf_object__for_each_program(p,o)=while (((p) = next(o, p)))')
flags=(-std=gnu17 -D_GNU_SOURCE -Ibuild '-DNSLENS_VERSION="lint"' '-DNSLENS_DATE="2026-01-01"')
# the analyzer gives a function up after so many states: the default finds no more here, and
# takes four times as long
tidy_flags=("${flags[@]}" -Xclang -analyzer-config -Xclang max-nodes=60000)

# key TOOL FILE: what its verdict depends on
key() {
	local included
	# a file that does not compile has no list of them, and is left to the tool
	mapfile -t included < <(clang "${flags[@]}" -MM -MT x "$2" 2> /dev/null | tr -d '\\' | tr ' ' '\n' | grep '^[a-z]*/')
	{
		echo "$1 ${LINT_VERSIONS-} ${cppcheck[*]} ${tidy_flags[*]}"
		cat "$2" .clang-tidy "${included[@]}"
	} | sha256sum | cut -c1-32
}

# one TOOL FILE: nothing, or what is wrong with it
one() {
	local out stamp
	stamp=$stamps/$1/$(key "$1" "$2")
	[ ! -e "$stamp" ] || return 0
	case $1 in
	cppcheck) out=$("${cppcheck[@]}" "$2" 2>&1) ;;
	clang-tidy) out=$(clang-tidy --quiet --warnings-as-errors='*' "$2" -- "${tidy_flags[@]}" 2>&1) ;;
	esac && : > "$stamp" && return 0
	printf '%s\n' "$out"
	return 1
}

if [ "${1-}" = --one ]; then
	one "$2" "$3"
	exit
fi
case ${1-} in
'') ;;
--fresh) rm -rf "$stamps" ;;
*)
	echo "lint.sh: unknown option '$1'; see the top of tests/lint.sh" >&2
	exit 2
	;;
esac

mkdir -p "$stamps"/{cppcheck,clang-tidy}
LINT_VERSIONS=$({ cppcheck --version; clang-tidy --version; } 2> /dev/null | tr '\n' ' ')
export LINT_VERSIONS

# those of git, whoever owns the checkout; of an unpacked archive all
source_files() {
	if [ -e .git ] && command -v git > /dev/null; then
		git -c safe.directory="$PWD" ls-files -co --exclude-standard 'bpf/*.[ch]' 'user/*.[ch]' 'tests/*.[ch]' | while read -r f; do [ ! -e "$f" ] || echo "$f"; done
	else
		find bpf user tests -name node_modules -prune -o -name '*.[ch]' -type f -print | sort
	fi
}
mapfile -t sources < <(source_files)
if [ ${#sources[@]} = 0 ]; then
	echo "FAIL sources: none were found"
	exit 1
fi
mapfile -t program < <(printf '%s\n' "${sources[@]}" | grep '^user/.*\.c$')

check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "ok $name"
	else
		echo "FAIL $name: see below"
		head -40 <<< "$out"
		failed=1
	fi
}

need() {
	command -v "$1" > /dev/null && return 0
	echo "skip $2: $1 is not installed"
	return 1
}

# each COMMAND... -- FILE...: at all processors
each() {
	local command=()
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	shift
	printf '%s\0' "$@" | xargs -0 -n "$batch" -P "$(nproc)" "${command[@]}"
}

batch=16
need clang-format format && check format each clang-format --dry-run --Werror -- "${sources[@]}"
batch=1
need cppcheck cppcheck && check cppcheck each tests/lint.sh --one cppcheck -- "${program[@]}"
need clang-tidy clang-tidy && check clang-tidy each tests/lint.sh --one clang-tidy -- "${program[@]}"

# imports point one way (what a part may include)
one_way() {
	local part=$1 allowed=$2 bad
	bad=$(grep -nE '#include "\.\./(\.\./)?[a-z]+/' user/"$part"/*.[ch] | grep -vE "#include \"\.\./($allowed)/|#include \"\.\./\.\./bpf/(event|kfuncs).h\"")
	[ -z "$bad" ] || { echo "$bad"; return 1; }
}
check 'imports of model' one_way model 'none'
check 'imports of explain' one_way explain 'model'
check 'imports of view' one_way view 'model|explain'
check 'imports of capture' one_way capture 'model'
check 'imports of web' one_way web 'model|explain|view'
check 'imports of store' one_way store 'model|explain'
check 'imports of lab' one_way lab 'model|explain'
pure() {
	! grep -nE '\b(fopen|open|socket|printf|clock_gettime|time|getenv)\(' user/model/*.c | grep -v snprintf
}
check 'the model is pure' pure
exit $failed
