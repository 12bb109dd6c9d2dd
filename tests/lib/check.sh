# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# A point of a test that looks at files: what is wrong with them is text, or there is none.

n=0 failed=0

# check NAME WRONG
check() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		head -n 20 <<<"$2" | sed 's/^/#   /'
		failed=1
	fi
}

# skip NAME WHY
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
