#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The life of a daemon that has given up most system calls: everything that comes after it is
# attached, in one guest. Every sink, a program of exec among them; a driver that does wrong,
# whose queue is broken and recovers; queues that go and come; SIGHUP, which changes sinks, the
# budget and how often counters are told; the end; and a daemon that takes over.
# shellcheck disable=SC2317 # in_parallel calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sealed() {
	local share=$TMPDIR/share status=0
	mkdir -p "$share"
	cp "$HERE/seal.guest" "$share/"
	"$ROOT/tests/lab/boot" --kernel patched-6.12 --set indirect_desc=off --set journal=1 --device blk --device rng \
		--module vq_fault --append loglevel=1 --share "$share" --timeout 800 -- 'bash /share/seal.guest' \
		</dev/null >"$TMPDIR/out" 2>"$TMPDIR/err" || status=$?
	tr -d '\r' <"$TMPDIR/out" | grep -E '^((not )?ok - |#)'
	is 'the guest came to its end' "$status" 0
	((status == 0)) || comment "$(tail -n 20 "$TMPDIR/err" "$TMPDIR/out" 2>&1)"
}

main() {
	begin
	in_parallel sealed
	finish
}

main "$@"
exit
