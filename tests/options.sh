# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The options of a script, to be sourced.

bad_usage() { echo "$(basename "$0"): $*; see --help" >&2; exit 2; }

# take_options "NAME..." "$@": --NAME VALUE becomes the variable NAME; of a NAME with a `?` the
# option has no value, and sets 1. A dash in an option is an underscore in its variable. What is no
# option stands in words=(...). --help is the comment at the top of the script.
take_options() {
	local known=" $1 " name
	shift
	words=()
	while [ $# -gt 0 ]; do
		case $1 in
		-h | --help) awk 'NR > 3 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; exit 0 ;;
		--*) name=${1#--} ;;
		-*) bad_usage "unknown option '$1'" ;;
		*)
			words+=("$1")
			shift
			continue
			;;
		esac
		if [[ $known = *" $name? "* ]]; then
			declare -g "${name//-/_}=1"
			shift
			continue
		fi
		[[ $known = *" $name "* ]] || bad_usage "unknown option '$1'"
		[ $# -ge 2 ] || bad_usage "$1 needs a value"
		declare -g "${name//-/_}=$2"
		shift 2
	done
}

# no_words: where a script has nothing but options
no_words() { [ ${#words[@]} = 0 ] || bad_usage "'${words[0]}' is no option"; }
