#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the daemon may take while nothing happens, by tests/bench/idle: in instructions, and in
# wake-ups, which both go by the clock of a guest that counts instructions, so that they repeat.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
O=${O:-$HERE/../../build}
FIGURES=$(mktemp)
trap 'rm -f "$FIGURES"' EXIT

# Ten sweeps and two other looks a second coincide; a clock's edge is a part of a wake-up more.
LIMITS='wake-ups a second|default|10.1
wake-ups a second|no-sweep|2.1
instructions a second|default|3200000
instructions a second|no-sweep|1000000
instructions a sweep of a queue|the program|32500
instructions a look at the progress of a queue|the program|8800'

# judge WHAT OF LIMIT
judge() {
	local count
	count=$(jq -r --arg what "$1" --arg of "$2" 'select(.what == $what and .of == $of).count * 100 | round / 100' "$FIGURES")
	if [[ -n $count ]] && jq -e -n "$count <= $3" >/dev/null; then
		echo "ok - $1, $2: $count of $3"
	else
		echo "not ok - $1, $2: ${count:-none} where $3 are the limit"
	fi
}

if ! said=$(O=$O "$HERE/idle" "$FIGURES" 2>&1); then
	echo 'not ok - the daemon at rest is measured'
	tail -n 12 <<<"$said" | sed 's/^/#   /'
	echo '1..1'
	exit 1
fi
verdicts=$(while IFS='|' read -r what of limit; do judge "$what" "$of" "$limit"; done <<<"$LIMITS")
echo "$verdicts"
echo "1..$(grep -c . <<<"$verdicts")"
! grep --quiet '^not ok' <<<"$verdicts"
