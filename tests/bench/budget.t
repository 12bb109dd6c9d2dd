#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each step of a buffer's way may cost, audited or not: the table beside this file, in
# instructions, which repeat. Who makes a step dearer is told by how much; who makes one
# cheaper by more than a hundredth lowers its budget.
#
# With --lower, prints the table as it would be now.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
O=${O:-$HERE/../../build}
BUDGETS=$HERE/budgets
OUT=$O/level-cost/patched-6.12.out

# figures: level ring chain table step instructions, as measured, rounded up
figures() {
	awk '/^(nobody|ring|timed|dma) [a-z]+ chain=/ {
		split($3, chain, "=")
		for (i = 5; i <= NF; i++) {
			split($i, step, "=")
			printf "%s %s %d %s %s %d\n", $1, $2, chain[2], $4, step[1],
				step[2] + (step[2] > int(step[2]))
		}
	}' "$OUT"
}

table() {
	sed '/^[^#]/,$d' "$BUDGETS"
	figures | awk '{ printf "%-6s %-7s %-6s %-9s %-6s %6d\n", $1, $2, $3, $4, $5, $6 }'
}

# judge: a test for each line of the table
judge() {
	awk '
	/^#/ || !NF { next }
	{ key = $1 " " $2 " " $3 " " $4 " " $5 }
	NR == FNR { measured[key] = $6; next }
	{
		listed[key] = 1
		name = " - level " $1 ", " $2 ", chain of " $3 ", " $4 ": " $5
		if (!(key in measured)) print "not ok" name " is measured"
		else if (measured[key] > $6) print "not ok" name ": " measured[key] " instructions, " measured[key] - $6 " more than its budget"
		else if (measured[key] * 100 < $6 * 99) print "not ok" name ": " measured[key] " instructions: lower its budget of " $6 " (budget.t --lower)"
		else print "ok" name ": " measured[key] " instructions"
	}
	END { for (key in measured) if (!(key in listed)) print "not ok - " key " has a budget" }' \
		<(figures) "$BUDGETS"
}

if ! said=$(O=$O "$HERE/level-cost" --levels 2>&1); then
	echo 'not ok - the levels are measured'
	tail -n 12 <<<"$said" | sed 's/^/#   /'
	echo '1..1'
	exit 1
fi
if [[ ${1-} == --lower ]]; then
	table
	exit
fi
verdicts=$(judge)
echo "$verdicts"
echo "1..$(grep -c . <<<"$verdicts")"
! grep --quiet '^not ok' <<<"$verdicts"
