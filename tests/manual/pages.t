#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The manual pages say what the program's own tables say, and nothing else; what they show
# as examples are command lines that it takes.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build} LC_ALL=C
vq_audit=$O/vq-audit
unset ARGP_HELP_FMT
shopt -s lastpipe # check counts

make -s -C "$top" O="$O" man >/dev/null || { echo "Bail out! the manual pages cannot be made"; exit 1; }
mapfile -t commands < <(sed -n 's/^	{ "\([a-z]*\)", cmd_.*/\1/p' "$top/user/main.c")
pages=("$top"/man/*.8)
pages=("${pages[@]/#"$top"/$O}")
conf=$O/man/vq-audit.conf.5

# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"
# check_said NAME: the standard input says what is wrong
check_said() { check "$1" "$(cat)"; }

page_of() { echo "$O/man/vq-audit${1:+-$1}.8"; }
text() { mandoc -T ascii -O width=999 "$1" | col -b | tr '\t' ' '; }
# section PAGE NAME
section() { text "$1" | awk -v name="$2" '/^[A-Z]/ { on = $0 == name; next } on'; }
# differ A B: what only one of two lists has
differ() { diff <(sort -u <<<"$1") <(sort -u <<<"$2") | grep '^[<>]'; }

# By --usage, which the pages are not made of: --long, -s
options_of() { "$vq_audit" ${1:+"$1"} --usage | tr -d '\n' | grep -oE -- '\[--?[A-Za-z?-]+' | tr -d '[' |
	awk '/^--/ { print; next } { for (i = 2; i <= length($0); i++) print "-" substr($0, i, 1) }'; }

echo "1..$((6 + 3 * (${#commands[@]} + 1)))"

differ "$(printf 'vq-audit-%s.8\n' "${commands[@]}"; echo vq-audit.8)" "$(printf '%s\n' "${pages[@]##*/}")" |
	check_said "a page for each of the ${#commands[@]} commands"
mandoc -T lint -W warning "${pages[@]}" "$conf" 2>&1 | check_said "mandoc finds nothing to warn of"
for page in "${pages[@]}" "$conf"; do groff -mdoc -ww -z -T utf8 "$page"; done 2>&1 | check_said "nor does groff"

any=$(for command in "${commands[@]}"; do options_of "$command"; done | sort -u)
for command in '' "${commands[@]}"; do
	page=$(page_of "$command")
	listed=$(section "$page" OPTIONS | grep -E '^ {5}-' | grep -oE -- '(^| )--?[A-Za-z?-]+' | tr -d ' ')
	differ "$(options_of "$command")" "$listed" |
		check_said "${page##*/}: options are those of the program: $(wc -l <<<"$listed")"

	text "$page" | awk '/^[A-Z]/ { on = $0 != "EXAMPLES" } on' |
		grep -oE -- '(^|[ (])(--[a-z][a-z-]*|-[a-z]([^a-z]|$))' | grep -oE -- '-[a-z-]+' | sort -u |
		grep -vxFe "$any" |
		check_said "${page##*/}: and it speaks of no other"

	differ "$("$vq_audit" ${command:+"$command"} --help | sed -n 's/^ *\([0-9]\)  .*/\1/p')" \
		"$(section "$page" 'EXIT STATUS' | sed -n 's/^ *\([0-9]\)  .*/\1/p')" |
		check_said "${page##*/}: exit codes are those of the program"
done

meanings=$(sed -n 's/.*X([A-Z_]*, \([0-9]\), "\(.*\)").*/\1 \2/p' "$top/user/exit.h")
differ "$meanings" "$(section "$(page_of '')" 'EXIT STATUS' | sed -n 's/^ *\([0-9]\)  */\1 /p')" |
	check_said "vq-audit.8: exit codes mean what user/exit.h says"

# An option before --help is judged before the help is shown.
tried=0
for page in "${pages[@]}"; do
	section "$page" EXAMPLES | sed -n 's/^ *[#$] vq-audit/vq-audit/p' | sed 's/ *[|].*//' |
		while read -r _ arguments; do
			tried=$((tried + 1))
			# shellcheck disable=SC2086 # words of a command line
			"$vq_audit" $arguments --help 2>&1 >/dev/null </dev/null || echo "${page##*/}: $arguments"
		done
done >"$O/man/examples.wrong"
check_said "the $tried examples are command lines that the program takes" <"$O/man/examples.wrong"

section "$conf" EXAMPLES | sed 's/^ *//; /^\[/a missing-ok = yes' >"$O/man/example.conf"
{ grep -q = "$O/man/example.conf" && "$vq_audit" check --config "$O/man/example.conf" >/dev/null; } 2>&1 |
	check_said "${conf##*/}: the example is a configuration without an error"
exit $failed
