#!/bin/bash
# What --sample and --budget leave out: as many as was said, each of them counted, and
# nothing that guards the driver's memory.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

ENOUGH=2000 # buffers: of so many, a share is known to a few percent
DIR='' NAME=''

in_account() { last_stats "$DIR" | jq -r "$1"; }

# There may be no account yet.
judged() { (($(in_account 'select(.thin.sample == 4).totals | .audited + .skipped.thinned') + 0 >= ENOUGH)) || ! sleep 1; }

# One of four is compared, on each queue that has much to do.
share() {
	local status=0
	NAME="$1, one of four"
	start_audit "$DIR" --stats 1 --sample 4 || fail "$NAME: vq-audit starts"
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: much is done" await "$PATIENCE" judged
	unload "$DIR" blk0
	unload "$DIR" net0
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	account "$NAME" "$DIR"
	is "$NAME: of each queue, about a fourth is audited, and the rest left out" \
		"$(in_account '[.queues[] | select(.completions > 500)
			| .audited * 100 / (.audited + .skipped.thinned) | . > 17 and . < 33]
			| unique | tojson')" '[true]'
	comment "$(in_account '[.queues[] | [.completions, .audited, .skipped.thinned]] | tojson')"
}

# all KERNEL LIE: with ",all" too, what is told of the buffer itself is judged in each
all() {
	NAME="$1, one of 1024, all"
	start_audit "$DIR" --stats 1 --rate 0 --sweep-ms 0 --sample 1024,all || fail "$NAME: vq-audit starts"
	load "$DIR" blk0
	ok "$NAME: $2 is found" detect "$DIR" blk0 "$2"
	ok "$NAME: the device works afterwards" gets_on "$DIR" blk0
	unload "$DIR" blk0
	end_audit "$DIR"
	is "$NAME: nothing else is" "$(strangers "$DIR")" ''
	account "$NAME" "$DIR"
	at_least "$NAME: what was left out is counted" "$(in_account .totals.skipped.thinned)" 1
}

# guards KERNEL LIES...: next to nothing is compared, and lies that the driver would follow are found
guards() {
	local lie
	NAME="$1, one of 1024"
	start_audit "$DIR" --stats 1 --rate 0 --sweep-ms 0 --sample 1024 || fail "$NAME: vq-audit starts"
	load "$DIR" blk0
	for lie in "${@:2}"; do
		ok "$NAME: $lie: the device works before" gets_on "$DIR" blk0
		ok "$NAME: $lie is found" detect "$DIR" blk0 "$lie"
	done
	unload "$DIR" blk0
	end_audit "$DIR"
	is "$NAME: nothing else is" "$(strangers "$DIR")" ''
}

# thin FILTER: whether it holds in an account of the audit that runs
thin() { [[ $(in_account "(.thin.budget_ppm == 500) and (.thin.sample $1)") == true ]] || ! sleep 1; }

# Under load so little is exceeded in an emulated guest; without, it is much.
budget() {
	local status=0
	NAME="$1, a budget"
	start_audit "$DIR" --stats 1 --budget 0.05 || fail "$NAME: vq-audit starts"
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: it is exceeded, and less is compared" await "$PATIENCE" thin "> 1"
	unload "$DIR" blk0
	unload "$DIR" net0
	ok "$NAME: it is kept, and all is" await "$PATIENCE" thin "== 1"
	comment "$(in_account .thin)"
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	account "$NAME" "$DIR"
	at_least "$NAME: what was left out is counted" "$(in_account .totals.skipped.thinned)" 1
}

# run KERNEL RING LIES...
run() {
	NAME="$1 $2" DIR=$TMPDIR/$1-$2
	if ! guest_boot "$DIR" --kernel "$1" --ring "$2" --set indirect_desc=off --set iommu_platform=on \
		--device 'blk,iops=200' --device 'net,peer=udp' --timeout 600; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	share "$1 $2"
	budget "$1 $2"
	all "$1 $2" used-len-over
	guards "$1 $2" "${@:3}"
	guest_exit "$DIR"
}

begin
in_parallel 'run patched-6.12 split next-clear-first used-len-over used-id-range' \
	'run patched-6.12 packed used-len-over used-id-range'
finish
exit
