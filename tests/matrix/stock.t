#!/bin/bash
# Debian's own 6.12, nothing installed: what the comparison with the kernel's
# shadow finds there, and that what it cannot see is said and counted.
#
# One guest, whose queues are of all kinds. swiotlb=force makes the shadow of
# split queues with the DMA API complete; the others have none.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

DIR=$TMPDIR/guest
SEEN=(blk0 net0) PACKED=blk1 NO_DMA=blk2 FAST=blk3 FOR_ID=blk4 FOR_NEXT=blk5

boot() {
	guest_boot "$DIR" --kernel stock-6.12 --set swiotlb=force --set iommu_platform=on \
		--set indirect_desc=off --timeout 600 \
		--device 'blk,iops=10' --device 'net,peer=udp,mrg_rxbuf=off,host_mtu=9000' \
		--device 'blk,iops=10,packed=on' --device 'blk,iops=10,iommu_platform=off' \
		--device blk --device 'blk,iops=10' --device 'blk,iops=10'
}

# of_queue DEVICE FILTER: of the device's first queue in the last account
of_queue() {
	last_stats "$DIR" | jq -c --arg bus "$(device_field "$DIR" "$1" bus)" \
		".queues[] | select(.bus == \$bus and .queue == 0) | $2"
}

# said LINE: what the guest says when told LINE
said() {
	local from
	from=$(lines "$DIR")
	tell "$DIR" "$1"
	tail -n "+$((from + 1))" "$DIR/out" | grep .
}

# --- what it says of itself -------------------------------------------------

check_says() {
	said 'vq-audit check -j' >"$TMPDIR/check"
	is 'check: the tier' "$(jq -r 'select(.type == "tier").tier' "$TMPDIR/check")" stock
	for where in 'packed rings' 'queues without the DMA API'; do
		is "check: nothing is seen of $where" "$(jq -r --arg w "$where" \
			'select(.type == "unseen" and .where == $w).rule' "$TMPDIR/check")" all
	done
	is 'check: no copy of an indirect table' "$(jq -r \
		'select(.type == "unseen" and .rule == "indirect-tamper") | .where == null' \
		"$TMPDIR/check")" true
}

# listed DEVICE: what list says of its first queue
listed() {
	jq -c --arg bus "$(device_field "$DIR" "$1" bus)" 'select(.type == "queue" and .bus == $bus
		and .queue == 0) | [.shadow, .auditable, .unseen]' "$TMPDIR/list"
}

list_says() {
	said 'vq-audit list -j --wait 3000' | tee "$TMPDIR/list.all" | grep '^{"type":"queue"' \
		>"$TMPDIR/list"
	is 'list: a split queue with the DMA API is audited' "$(listed blk0)" '[true,true,null]'
	is 'list: one without the DMA API is not, and why' "$(listed "$NO_DMA")" \
		'[false,false,"no complete shadow"]'
	is 'list: a packed queue is never seen' "$(listed "$PACKED")" ''
	contains "$TMPDIR/list.all" 'list: and that is said' 'only split queues .* are listed'
}

# --- silence ----------------------------------------------------------------

# Some thousand buffers that nobody tampers with, on every queue that is seen
nothing_is_reported() {
	local device
	flood "$DIR" net0 3000
	tell "$DIR" "dd if=\$(disk $FAST) of=/dev/null bs=4k count=5000 iflag=direct"
	is 'no attack: the disk was read' "$?" 0
	for device in "${SEEN[@]}" "$NO_DMA"; do
		ok "no attack: $device gets on" gets_on "$DIR" "$device"
	done
	end_flood "$DIR" net0
	at_least "no attack: buffers of $FAST, audited or counted as missed" \
		"$(of_queue "$FAST" '.audited + .skipped.missed')" 5000
	at_least "no attack: audited buffers of $FAST" "$(of_queue "$FAST" .audited)" 4000
	at_least 'no attack: audited buffers of net0' "$(of_queue net0 .audited)" 1000
	is 'no attack: no violation' "$(strangers "$DIR")" ''
}

# Where there is no shadow, every completion is counted, and none judged, lies
# included.
unseen_is_counted() {
	strike "$DIR" "$NO_DMA" desc-addr 1
	ok "$NO_DMA: a lie is told where nothing is seen" test "$?" != 1
	ok "$NO_DMA: it gets on" gets_on "$DIR" "$NO_DMA"
	is "$NO_DMA: completions are skips, for want of a shadow or of a hook that ran" \
		"$(of_queue "$NO_DMA" '[.skipped["no-shadow"] > 0, .audited,
			.completions - .skipped["no-shadow"] - .skipped.missed]')" '[true,0,0]'
	is "$PACKED: is in no account" "$(of_queue "$PACKED" .completions)" ''
}

# --- attacks ----------------------------------------------------------------

# detect_here DEVICE MUTATION: a hook of this tier that is interrupted misses what
# happens meanwhile, which it says; then the lie may be told once more.
detect_here() {
	local misses
	misses=$(misses)
	detect "$DIR" "$1" "$2" && return
	[[ $(misses) != "$misses" ]] && detect "$DIR" "$1" "$2"
}

misses() { last_stats "$DIR" | jq '.totals.skipped.missed'; }

# reported DEVICE MUTATION: with rule and place, as read again
reported() {
	load "$DIR" "$1"
	ok "$2 on $1: the device gets on" gets_on "$DIR" "$1"
	is "$2 on $1: nothing is reported before" "$(strangers "$DIR")" ''
	ok "$2 on $1: is reported by its rule and at its place" detect_here "$1" "$2"
	is "$2 on $1: as read again, which can race" \
		"$(judge "$DIR" '[$edits[] | found_by[]][-1].racy')" true
	is "$2 on $1: and nothing else" "$(strangers "$DIR")" ''
	unload "$DIR" "$1"
}

the_account() {
	local status=0 device
	for device in blk0 "$PACKED" "$NO_DMA"; do unload "$DIR" "$device"; done
	tell "$DIR" 'sleep 3'
	end_audit "$DIR" || status=$?
	is 'vq-audit exits with 1, divergence seen' "$status" 1
	account stock "$DIR"
	kernel_is_well stock "$DIR"
}

# What the lie does to this kernel is not asked: after it the guest is given up.
next_is_reported() {
	start_audit "$DIR" --rate 0 --stats 1
	is 'NEXT: vq-audit runs again' "$?" 0
	reported "$FOR_NEXT" next-set-last
}

stock() {
	local device
	if ! boot; then
		fail 'a guest' "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	check_says
	for device in blk0 "$PACKED" "$NO_DMA"; do load "$DIR" "$device"; done
	list_says
	start_audit "$DIR" --rate 0 --stats 1
	is 'vq-audit runs' "$?" 0
	nothing_is_reported
	unseen_is_counted
	unload "$DIR" blk0
	reported blk0 desc-addr
	reported net0 desc-len
	reported "$FOR_ID" used-id-range
	the_account
	next_is_reported
}

main() {
	begin
	in_parallel stock
	finish
}

main "$@"
exit
