#!/bin/bash
# The benches of the handlers run here, and what they measure is an audit: no buffer is
# skipped that could be audited, and none is found at fault. How long it takes is nobody's
# business.
set -uo pipefail

O=${O:-$(dirname "${BASH_SOURCE[0]}")/../../build}
COUNT=0 FAILED=0

# runs BENCH NAME
runs() {
	local said
	if said=$("$O/tests/bench/$1" --rounds 3 2>&1); then
		echo "ok $((++COUNT)) - $2"
	elif [[ $said == *'Operation not permitted'* ]]; then
		echo "ok $((++COUNT)) - # SKIP this machine lets no program be loaded"
	else
		echo "not ok $((++COUNT)) - $2"
		tail -n 5 <<<"$said" | sed 's/^/#   /'
		FAILED=$((FAILED + 1))
	fi
}

runs native 'each buffer of each shape is audited'
runs scale 'each buffer of each queue is audited, or its ring is too large'
echo "1..$COUNT"
((FAILED == 0))
