#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Format and static analysis over all sources, one line a check.
set -u
cd "$(dirname "$0")/.." || exit 2
failed=0
mapfile -t sources < <(git ls-files -co --exclude-standard 'bpf/*.[ch]' 'user/*.[ch]' 'tests/*.[ch]')
mapfile -t program < <(git ls-files -co --exclude-standard 'user/*.c')

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

need clang-format format && check format clang-format --dry-run --Werror "${sources[@]}"
need cppcheck cppcheck && check cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 \
	--enable=warning,performance,portability --inline-suppr --suppress=missingIncludeSystem \
	-Ibuild '--suppress=*:build/*' -D__x86_64__ '-DLIBBPF_OPTS(t,n,...)=struct t n = {__VA_ARGS__}' \
	'-Dbpf_object__for_each_program(p,o)=while (((p) = next(o, p)))' "${program[@]}"
need clang-tidy clang-tidy && check clang-tidy clang-tidy --quiet --warnings-as-errors='*' \
	"${program[@]}" -- -std=gnu17 -D_GNU_SOURCE -Ibuild -DNSLENS_VERSION='"lint"'

# imports point one way (what a part may include)
one_way() {
	local part=$1 allowed=$2 bad
	bad=$(grep -nE '#include "\.\./(\.\./)?[a-z]+/' user/"$part"/*.[ch] | grep -vE "#include \"\.\./($allowed)/|#include \"\.\./\.\./bpf/event.h\"")
	[ -z "$bad" ] || { echo "$bad"; return 1; }
}
check 'imports of model' one_way model 'none'
check 'imports of explain' one_way explain 'model'
check 'imports of view' one_way view 'model|explain'
check 'imports of capture' one_way capture 'model'
pure() {
	! grep -nE '\b(fopen|open|socket|printf|clock_gettime|time|getenv)\(' user/model/*.c | grep -v snprintf
}
check 'the model is pure' pure
exit $failed
