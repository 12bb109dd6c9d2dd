#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Documents that are generated equal what `make docs` would make of their source now.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$top/mk/docs" "$scratch" || { echo "Bail out! mk/docs failed"; exit 1; }
echo 1..2
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

same 1 rules.md
if [ -s "$O/matrix.json" ]; then
	same 2 matrix.md
else
	echo "ok 2 - docs/matrix.md # SKIP no build/matrix.json: the matrix was not run"
fi
exit $failed
