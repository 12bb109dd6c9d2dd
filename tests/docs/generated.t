#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Documents that are generated equal what `make docs` would make of their source now.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$top/mk/docs" "$scratch" || { echo "Bail out! mk/docs failed"; exit 1; }
echo 1..6
failed=0

same() {
	if diff -u "$top/docs/$2" "$scratch/$2" >"$scratch/diff"; then
		echo "ok $1 - docs/$2"
	else
		echo "not ok $1 - docs/$2: run 'make docs' and commit it"
		sed 's/^/# /' "$scratch/diff" | head -n 20
		failed=1
	fi
}

# Without the results of a run there is nothing to compare.
if_run() {
	if [ -s "$O/$2.json" ]; then
		same "$1" "$2.md"
	else
		echo "ok $1 - docs/$2.md # SKIP no build/$2.json: the test was not run"
	fi
}

same 1 rules.md
if_run 2 matrix
if_run 3 tiers
if_run 4 soak
same 5 metrics.md
same 6 instructions.md
exit $failed
