#!/bin/bash
# The life of queues: resized, unbound and bound, unplugged and found again, over
# and over, under load, while the sweep never rests. The auditor's state follows,
# nothing of it is left over, and nothing is called a violation.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

ROUNDS=5
# A queue can go while a sweep on another CPU is stopped in the middle of it, as guests
# are. What it reads then fails, is counted, and judged by nobody.
export MAY_LOSE=read-failed
DIR='' NAME=''

boot() {
	guest_boot "$DIR" --kernel "$1" --ring "$2" --device blk --device 'net,peer=udp' \
		--device rng --timeout 600
}

# in_account FILTER: of the queues of the last account
in_account() { last_stats "$DIR" | jq -c "$1"; }

# told EVENT DEVICE: how often a queue of the device was new, or gone
told() {
	records "$DIR" queue | jq -s --arg e "$1" --arg bus "$(device_field "$DIR" "$2" bus)" \
		'[.[] | select(.event == $e and .bus == $bus)] | length'
}

# works DEVICE: it completes buffers, which are audited
works() {
	load "$DIR" "$1"
	ok "$NAME: $2: $1 gets on" gets_on "$DIR" "$1"
	unload "$DIR" "$1"
}

resized() {
	local before
	before=$(told new net0)
	tell "$DIR" 'for n in 64 256 128; do ethtool -G $(nic net0) rx $n tx $n || exit; done'
	is "$NAME: the rings of net0 are resized" "$?" 0
	works net0 'resized'
	at_least "$NAME: resized: the queues were announced again" "$(told new net0)" \
		$((before + 2))
	is "$NAME: resized: generations rise" "$(in_account '[.queues[] | select(.device == "net"
		and .queue < 2).generation > 0] | all')" true
}

# rebound ID DRIVER
rebound() {
	local virtio round
	virtio=$(device_field "$DIR" "$1" virtio)
	for ((round = 0; round < ROUNDS; round++)); do
		tell "$DIR" "cd /sys/bus/virtio/drivers/$2 && echo $virtio >unbind && echo $virtio >bind"
		is "$NAME: $1 is unbound and bound, round $round" "$?" 0
	done
	tell "$DIR" /lab/bring-up-net
	works "$1" 'bound again'
	# A stock kernel's queues are known once they were used.
	at_least "$NAME: $1: queues that were deleted are gone" "$(told gone "$1")" \
		"$([[ $NAME == stock-* ]] && echo 1 || echo "$ROUNDS")"
}

replugged() {
	local bus=$1
	tell "$DIR" "echo 1 >/sys/bus/pci/devices/$bus/remove && sleep 1 && echo 1 >/sys/bus/pci/rescan"
	is "$NAME: the disk is unplugged and found again" "$?" 0
	tell "$DIR" 'sleep 1'
	works blk0 'plugged again'
}

# Suspend to memory takes the devices down and brings them up again: their drivers delete
# the queues and make new ones, while the auditor is frozen.
suspended() {
	tell "$DIR" 'grep -q mem /sys/power/state' || return 0 # the lab's own kernels cannot
	load "$DIR" blk0
	tell "$DIR" 'echo +3 >/sys/class/rtc/rtc0/wakealarm && echo mem >/sys/power/state'
	is "$NAME: suspended to memory, and back" "$?" 0
	ok "$NAME: resumed: blk0 goes on" gets_on "$DIR" blk0
	unload "$DIR" blk0
	tell "$DIR" /lab/bring-up-net
	works net0 'resumed'
}

nothing_is_left() {
	is "$NAME: no queue is there twice" "$(in_account '[.queues[] | [.bus, .queue]] |
		length == (unique | length)')" true
	is "$NAME: no violation" "$(records "$DIR" violation | head -n 3)" ''
	at_least "$NAME: the sweep was at work" "$(in_account .sweep.rounds)" 100
	is "$NAME: what it left out is counted" "$(in_account '.sweep
		| [.overruns, .left_out] | map(type) | unique')" '["number"]'
	comment "$(in_account '.sweep')"
	is "$NAME: every queue fitted" "$(in_account '.losses["queues-full"]')" 0
}

# life KERNEL RING
life() {
	local status=0
	NAME="$1, $2" DIR=$TMPDIR/$1-$2
	if ! { boot "$1" "$2" && start_audit "$DIR" --rate 0 --stats 1 --sweep-ms 1; }; then
		fail "$NAME: a guest with vq-audit" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	works blk0 'at first'
	works net0 'at first'
	resized
	rebound blk0 virtio_blk
	rebound net0 virtio_net
	replugged "$(device_field "$DIR" blk0 bus)"
	suspended
	tell "$DIR" 'sleep 2'
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	nothing_is_left
	account "$NAME" "$DIR"
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

# Two queues find a place, and are audited as ever; the others are counted.
crowded() {
	local status=0
	NAME="$1, room for two" DIR=$TMPDIR/$1-crowded
	if ! { boot "$1" split && start_audit "$DIR" --stats 1 --max-queues 2; }; then
		fail "$NAME: a guest with vq-audit" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	load "$DIR" blk0
	load "$DIR" net0
	tell "$DIR" 'head -c 64 /dev/hwrng >/dev/null; sleep 3'
	unload "$DIR" blk0
	unload "$DIR" net0
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 5: not all queues were audited" "$status" 5
	is "$NAME: two are watched" "$(in_account '.queues | length')" 2
	at_least "$NAME: the others are counted" "$(in_account '.losses["queues-full"]')" 1
	is "$NAME: what the two complete is accounted for" \
		"$(in_account '[.queues[].coverage_ok] | unique')" '[true]'
	is "$NAME: no violation" "$(records "$DIR" violation | head -n 3)" ''
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

# The end of the audit, while queues are at work: what is published as the programs go is
# not taken for what they missed.
ended() {
	local status round
	DIR=$TMPDIR/$1-ended NAME="$1, the end"
	if ! boot "$1" split; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	load "$DIR" blk0
	load "$DIR" net0
	for round in 1 2 3; do
		NAME="$1, the end, $round"
		start_audit "$DIR" --stats 1 || fail "$NAME: vq-audit starts"
		ok "$NAME: blk0 is at work" gets_on "$DIR" blk0
		status=0
		end_audit "$DIR" || status=$?
		is "$NAME: vq-audit exits with 0, clean" "$status" 0
		is "$NAME: nothing was missed" \
			"$(in_account '[.queues[] | select(.skipped.missed > 0)]')" '[]'
		account "$NAME" "$DIR"
	done
	unload "$DIR" blk0
	unload "$DIR" net0
	kernel_is_well "$1, the end" "$DIR"
	guest_exit "$DIR"
}

main() {
	begin
	in_parallel 'ended patched-6.12' 'crowded patched-6.12' 'life patched-6.12 split' 'life patched-6.12 packed' 'life stock-6.1 split' \
		'life stock-6.12 packed' 'life stock-7.3 split'
	finish
}

main "$@"
exit
