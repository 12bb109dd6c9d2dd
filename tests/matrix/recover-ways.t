#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What docs/recover.md says of each way to reset a device whose queue is broken is what
# recover-ways finds, kernel by kernel. Of memory that is freed twice anything may come, also
# that nobody sees it: that is shown, and not compared.
# shellcheck disable=SC2317 # in_parallel calls what seems not to be called
set -uo pipefail

JOBS=1 # a guest at a time: the tests beside this one lie by the clock

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly DOC=$ROOT/docs/recover.md

# said_of COLUMN: the rows of the document, without what its notes explain
said_of() {
	awk -F ' *[|] *' -v column="$1" '
		$2 == "class" { inside = 1; next }
		inside && !/^\|/ { exit }
		inside && $2 !~ /^-/ { gsub(/[*]| *\([0-9]\)/, ""); print $2, $3, $4 ": " $column }' "$DOC"
}

# found: the same out of what recover-ways prints
found() {
	awk -F ' *[|] *' '$2 != "class" && NF > 4 {
		how = $5
		if (how ~ /already free|BUG/) how = "memory is freed twice"
		sub(/^hangs .*/, "hangs", how)
		print $2, ($3 == "load" ? "yes" : "no"), $4 ": " how }'
}

# certain ROWS: those of the input of which ROWS, the document, do not say that memory is freed twice
certain() { grep -vFf <(sed -n 's/: memory is freed twice$/:/p' <<<"$1"; echo '(nothing)') | sort; }

# column VERSION: its kernel, in the document
column() {
	awk -F ' *[|] *' -v version="$1" '$2 == "class" { for (i = 1; i <= NF; i++) if (index($i, version ".") == 1) print i }' "$DOC"
}

# ways VERSION
ways() {
	local tried said
	tried=$("$HERE/recover-ways" "patched-$1" 2>"$TMPDIR/$1.err") ||
		fail "patched-$1: the ways are tried" "$(tail -n 3 "$TMPDIR/$1.err")"
	said=$(said_of "$(column "$1")")
	is "patched-$1: docs/recover.md says what each way does" \
		"$(found <<<"$tried" | certain "$said")" "$(certain "$said" <<<"$said")"
	comment "$tried"
}

main() {
	begin
	in_parallel 'ways 6.1' 'ways 6.12' 'ways 7.3'
	finish
}

main "$@"
exit # not a line further, should this file be edited while it runs
