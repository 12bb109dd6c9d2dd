#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the audit is measured beside is one: on a stock kernel, beside.bt tells of a descriptor
# that the hypervisor rewrote, and of nothing before.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB=$HERE/../lab
O=${O:-$HERE/../../build}
O=$(cd "$O" && pwd)
ROOM=$(mktemp -d)
COUNT=0 FAILED=0
trap 'rm -rf "$ROOM"' EXIT

# ok NAME STATUS COMMENT
ok() {
	if (($2 == 0)); then
		echo "ok $((++COUNT)) - $1"
	else
		echo "not ok $((++COUNT)) - $1"
		printf '%s\n' "$3" | tail -n 12 | sed 's/^/#   /'
		FAILED=$((FAILED + 1))
	fi
}

# says LINE: the line of the guest comes within three minutes
says() {
	local left=180
	until grep --quiet -- "$1" "$ROOM/out"; do
		((left-- > 0)) && kill -0 "$guest" 2>/dev/null || return 1
		sleep 1
	done
}

mkdir "$ROOM/share" "$ROOM/lab"
cp "$HERE/beside.bt" "$ROOM/share/"
: >"$ROOM/out"

# It goes on until a lie was told of, or two minutes.
# shellcheck disable=SC2016 # for the guest's shell
readonly AUDIT='bpftrace /share/beside.bt >/run/told & audit=$!
until grep -q listening /run/told || ! kill -0 $audit; do sleep 1; done
io /dev/vda 100000 4 &
sleep 3
cat /run/told
echo watching
left=120
until grep -q "the device sees" /run/told || [ $left = 0 ]; do sleep 1; left=$((left - 1)); done
kill $audit
wait $audit
sed "s/^/told: /" /run/told'

# The requests of a slow disk are in flight when the hypervisor looks.
LAB_DIR=$ROOM/lab VQ_AUDIT_BUILD=$O "$LAB/boot" --kernel stock-6.12 --device blk,iops=8 --set indirect_desc=off \
	--set mem=2048 --set bpftrace=1 --share "$ROOM/share" --timeout 300 -- "$AUDIT" \
	</dev/null >"$ROOM/out" 2>"$ROOM/err" &
guest=$!

says '^watching' && grep --quiet '^listening' "$ROOM/out"
ok 'bpftrace attaches on a stock kernel' "$?" "$(cat "$ROOM/out" "$ROOM/err")"
! grep --quiet 'the device sees' "$ROOM/out"
ok 'and tells of nothing while nobody lies' "$?" "$(<"$ROOM/out")"
said=$(timeout 60 "$O/tests/vq-attack" --env "$ROOM/lab/env" --device blk0 --mutation desc-addr --count 5 2>&1)
ok 'the hypervisor rewrites an address' "$?" "$said"
status=0
wait "$guest" || status=$?
grep --quiet '^told: .*the device sees' "$ROOM/out"
ok 'and beside.bt tells of it' "$?" "$(tail -n 4 <<<"$said")
the guest ended with $status: $(tail -n 3 "$ROOM/err")
$(tail -n 4 "$ROOM/out")"
echo "1..$COUNT"
((FAILED == 0))
