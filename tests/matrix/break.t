#!/bin/bash
# What is done about a violation on patched-6.12: the queue is broken before the
# driver uses the lie, and the guest lives; the kernel panics if it was told it
# may; under `alert` the driver's free list stays whole by itself.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

# boot DIR RING ARGS...: three disks and a NIC with receive buffers of 5 descriptors
boot() {
	local dir=$1 ring=$2
	shift 2
	guest_boot "$dir" --kernel patched-6.12 --ring "$ring" --set indirect_desc=off \
		--set iommu_platform=on --device 'blk,iops=20' --device 'blk,iops=20' \
		--device 'blk,iops=20' --device 'net,peer=udp,mrg_rxbuf=off,host_mtu=9000' \
		--timeout 400 "$@"
}

# up NAME DIR ARGS...: the guest is there, and its auditor runs with ARGS
up() {
	local name=$1 dir=$2
	shift 2
	start_audit "$dir" --rate 0 --stats 1 --sweep-ms 0 "$@" && return
	fail "$name: a guest with vq-audit" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
	return 1
}

# --- what the driver's private side looks like ------------------------------

# list DIR DEVICE FILTER [LINE]: of the first queue, as vq-audit list, or LINE, says
list() {
	local from
	from=$(lines "$1")
	tell "$1" "${4:-vq-audit list -j}"
	tail -n "+$((from + 1))" "$1/out" | jq -R -c 'fromjson? // empty' |
		jq -c --arg bus "$(device_field "$1" "$2" bus)" \
			'select(.event == "listed" and .bus == $bus and .queue == 0)' | jq -c "$3"
}

# free_list NAME DIR DEVICE WHOLE [LINE]: whether each descriptor is either free or in flight
free_list() {
	local seen
	seen=$(list "$2" "$3" '{num, num_free, free_list}' "${5:-}")
	comment "$1: $seen"
	is "$1: the free list is whole: $4" "$(jq .free_list.whole <<<"$seen")" "$4"
}

# --- break ------------------------------------------------------------------

stands_still() { ! await 5 grows "$1" "$2" 0 "$(lines "$1")" "$TWIN"; }

# breaks NAME DIR DEVICE MUTATION: the lie is found, and this queue is broken for it
breaks() {
	local name="$1: $4 on $3" dir=$2 device=$3 virtio
	load "$dir" "$device"
	ok "$name: the device works before" gets_on "$dir" "$device"
	ok "$name: is found, by its rule and at its place" detect "$dir" "$device" "$4"
	is "$name: the record says what was done" \
		"$(judge "$dir" '$edits[-1] | found_by[] | "\(.action) \(.done)"')" 'break queue-broken'
	ok "$name: the device does nothing more" stands_still "$dir" "$device"
	is "$name: the account says broken" "$(is_broken "$dir" "$device")" true
	virtio=$(device_field "$dir" "$device" virtio)
	is "$name: a record says that the queue broke" "$(records "$dir" queue |
		jq -r --arg v "$virtio" 'select(.event == "broken" and .virtio == $v).queue')" 0
	kernel_log "$dir"
	contains "$dir/dmesg" "$name: the kernel says which buffer it refused" \
		"$virtio: [a-z]+\.0: ?refused by audit: used id $(refused_id "$dir")"
	is "$name: list says broken" "$(list "$dir" "$device" .broken)" true
	free_list "$name" "$dir" "$device" true
	unload "$dir" "$device"
}

# The id that the driver read and refused
refused_id() { judge "$1" '$edits[-1] | found_by[0] | "\(.id) len \(.used_len)"'; }

# lives NAME DIR DEVICE...: these get on, and the guest answers
lives() {
	local name=$1 dir=$2 device
	shift 2
	for device; do
		load "$dir" "$device"
		ok "$name: $device goes on" gets_on "$dir" "$device"
		unload "$dir" "$device"
	done
	tell "$dir" '[ "$(cat /proc/1/comm)" = init ]'
	is "$name: the guest answers" "$?" 0
}

# breaks_by_sweep NAME DIR MUTATION RULE: no hook looks there; the queue is broken all the same
breaks_by_sweep() {
	local name="$1: $3 on blk2, by the sweep" dir=$2 from status=0
	start_audit "$dir" --rate 0 --stats 1 --action "$4=break"
	is "$name: vq-audit runs again" "$?" 0
	from=$(violations "$dir")
	attack "$dir" --device blk2 --mutation "$3" --posted --live --for 2000 --timeout 8
	await 10 more_violations "$dir" "$from"
	is "$name: the record says what was done" "$(records "$dir" violation |
		tail -n "+$((from + 1))" | jq -r '"\(.rule) \(.at) \(.done)"' | sort -u)" \
		"$4 sweep queue-broken"
	tell "$dir" 'sleep 2'
	end_audit "$dir" || status=$?
	is "$name: vq-audit exits with 1, divergence seen" "$status" 1
	is "$name: the account says broken" "$(is_broken "$dir" blk2)" true
}

more_violations() { (($(violations "$1") > $2)); }

# break_ring RING MUTATION RULE SWEPT-MUTATION SWEPT-RULE
break_ring() {
	local name="$1, break" dir=$TMPDIR/break-$1 status=0
	boot "$dir" "$1" && up "$name" "$dir" --action "$3=break" --action used-len-over=break || return
	breaks "$name" "$dir" blk0 "$2"
	breaks "$name" "$dir" blk1 used-len-over
	lives "$name" "$dir" blk2 net0
	breaks "$name" "$dir" net0 "$2"
	lives "$name" "$dir" blk2
	end_audit "$dir" || status=$?
	is "$name: vq-audit exits with 1, divergence seen" "$status" 1
	is "$name: no violation without its attack" "$(strangers "$dir")" ''
	account "$name" "$dir"
	breaks_by_sweep "$name" "$dir" "$4" "$5"
	kernel_is_well "$name" "$dir"
	guest_exit "$dir"
	is "$name: the guest ends as it should" "$?" 0
}

# --- alert, and the free list -----------------------------------------------

# Reads of changing sizes: with one size the same descriptors are taken again and
# again, and damage further down the free list would not show.
alert_leaves_it_whole() {
	local name='split, alert' dir=$TMPDIR/alert mutation try status=0
	boot "$dir" split || true
	refused_commands "$dir"
	up "$name" "$dir" || return
	tell "$dir" 'load blk0 4k 64k 4k 256k'
	ok "$name: the device works before" gets_on "$dir" blk0
	for try in 1 2 3 4; do
		for mutation in next-set-last next-clear-first desc-next-field; do
			ok "$name: $mutation, number $try, is found" detect "$dir" blk0 "$mutation"
		done
	done
	ok "$name: the device goes on" gets_on "$dir" blk0
	attack "$dir" --device blk0 --watch-overlap 10 || status=$?
	is "$name: no two chains share a descriptor, seen from outside" "$status" 1
	is "$name: no violation without its attack" "$(strangers "$dir")" ''
	unload "$dir" blk0
	await "$PATIENCE" drained "$dir" blk0
	free_list "$name" "$dir" blk0 true
	is "$name: and all descriptors are on it" "$(list "$dir" blk0 \
		'.num - .free_list.free')" 0
	end_audit "$dir"
	account "$name" "$dir"
	kernel_is_well "$name" "$dir"
	guest_exit "$dir"
	is "$name: the guest ends as it should" "$?" 0
}

# The control: the same lie does damage on the kernel without the series, and is
# seen to. The disk may stand still after it, and there list knows a queue from
# its use: so it begins before the lie, and looks when it was told.
stock_damages_it() {
	local name='split, log, stock kernel' dir=$TMPDIR/stock
	boot "$dir" split --kernel stock-6.12 && up "$name" "$dir" --action all=log || return
	tell "$dir" 'load blk0 4k 64k 4k 256k'
	free_list "$name, before" "$dir" blk0 true
	tell "$dir" 'vq-audit list -j --wait 25000 >/run/list 2>&1 & list=$!'
	tell "$dir" 'until grep -q "only queues" /run/list; do sleep 0.1; done'
	ok "$name: the device works before" gets_on "$dir" blk0
	ok "$name: next-set-last is found" detect "$dir" blk0 next-set-last
	free_list "$name, after" "$dir" blk0 false 'wait $list; cat /run/list'
}

drained() { [[ $(list "$1" "$2" .in_flight) == 0 ]]; }

# --- panic ------------------------------------------------------------------

# Before any auditor runs: what it will not do unasked.
refused_commands() {
	local dir=$1
	tell "$dir" 'vq-audit --action next-flip=panic --duration 1'
	is 'panic without --allow-panic: vq-audit exits with 2' "$?" 2
	contains "$dir/out" 'and names the option' 'needs --allow-panic'
	tell "$dir" 'vq-audit --allow-panic --action next-flip=panic --duration 1'
	is 'panic without the boot parameter: vq-audit exits with 3' "$?" 3
	contains "$dir/out" 'and says the way out' 'boot with virtio_ring.audit_panic=1'
}

panics() {
	local name=panic dir=$TMPDIR/panic status=0 edit head
	boot "$dir" split --append virtio_ring.audit_panic=1 &&
		up "$name" "$dir" --allow-panic --action next-flip=panic || return
	load "$dir" blk1
	ok "$name: the device works before" gets_on "$dir" blk1
	strike "$dir" blk1 next-set-last 1 || status=$?
	ok "$name: the lie is told" test "$status" != 1
	status=0
	await "$PATIENCE" ended "$dir"
	guest_exit "$dir" || status=$?
	is "$name: the guest is gone, and the lab says why" "$status" 253
	edit=$(tail -n 1 "$dir/edits")
	head=$(jq .head <<<"$edit")
	contains "$dir/out" "$name: the console names device, queue and buffer" \
		"Kernel panic - not syncing: virtio_ring: $(device_field "$dir" blk1 virtio): req\.0: refused by audit: used id $head "
}

ended() { ! guest_alive "$1"; }

# --- all --------------------------------------------------------------------

main() {
	begin
	in_parallel 'break_ring split next-set-last next-flip avail-idx avail-tamper' \
		'break_ring packed desc-len desc-tamper driver-event-flags event-tamper' alert_leaves_it_whole \
		stock_damages_it panics
	finish
}

main "$@"
exit
