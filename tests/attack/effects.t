#!/bin/bash
# What vq-attack and vq_fault say they do to a guest, read back from its memory
# and seen from inside; the auditor has no part in this.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # in_parallel calls what seems not to be called
set -uo pipefail

PATIENCE=30
# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../matrix/lib.sh"

ATTACK=$O/tests/vq-attack

# --- looking ----------------------------------------------------------------

# attack DIR ARGS...: vq-attack, whose last report is in EDIT then
attack() {
	local dir=$1
	shift
	timeout 60 "$ATTACK" --json --env "$dir/env" "$@" >"$dir/report" 2>>"$dir/attack.err"
	local status=$?
	EDIT=$(tail -n 1 "$dir/report")
	return "$status"
}

edit() { jq -r ".$1" <<<"$EDIT"; }

# memory DIR: what the guest's memory holds where EDIT was made (below the PCI
# hole the file's offsets are guest-physical addresses)
memory() {
	# shellcheck disable=SC1091
	printf '%#x' "0x$(source "$1/env" && od --address-radix=n --skip-bytes=$(($(edit gpa))) \
		--read-bytes="$(edit width)" --format="x$(edit width)" --endian=little "$RAM" | tr -d ' ')"
}

# said DIR LINE: what the guest says when told LINE
said() {
	local from
	from=$(lines "$1")
	tell "$1" "$2"
	tail -n "+$((from + 1))" "$1/out" | grep .
}

# --- words of shared memory -------------------------------------------------

stands() { [[ $(memory "$1") == "$(edit after)" ]]; }

# edit_that_stands DIR ARGS...: what memory holds is in HELD then. A packed ring's next
# completion goes where the oldest request was, within a second: it is told once more then.
edit_that_stands() {
	local try
	for try in 1 2 3 4 5; do
		attack "$@" || return
		HELD=$(memory "$1")
		[[ $HELD != "$(edit after)" ]] || return 0
		comment "overwritten since, at try $try: $EDIT"
	done
}

# lasts DIR DEVICE MUTATION ARGS...: the word is changed, and stays so
lasts() {
	local dir=$1 name="$3 on $2"
	shift
	ok "$name: told" edit_that_stands "$dir" --device "$1" --mutation "$2" "${@:3}"
	is "$name: memory holds what was reported" "$HELD" "$(edit after)"
	ok "$name: that is another value than before" test "$(edit before)" != "$(edit after)"
}

# passes DIR DEVICE MUTATION ARGS...: the word is changed, seen so, and put back.
# The first time tells where it is, the second time lasts long enough to look.
passes() {
	local dir=$1 name="$3 on $2" pid
	shift
	set -- --device "$1" --mutation "$2" --live "${@:3}"
	ok "$name: told" attack "$dir" "$@" --for 1
	"$ATTACK" --json --env "$dir/env" "$@" --for 2000 >"$dir/report" 2>>"$dir/attack.err" &
	pid=$!
	ok "$name: memory holds the lie" await 10 stands "$dir"
	wait "$pid"
	EDIT=$(tail -n 1 "$dir/report")
	is "$name: and then what it held before" "$(memory "$dir")" "$(edit before)"
	is "$name: nobody wrote there meanwhile" "$(edit overwritten)" false
	at_least "$name: it stood as long as it should" "$(edit stood_us)" 2000000
}

# tells DIR DEVICE MUTATION: before a completion is read, if not at the first try;
# QEMU and the driver go on at once, so only the report is looked at
tells() {
	local try
	for try in 1 2 3 4 5 6; do
		attack "$1" --device "$2" --mutation "$3" --seed "$try" && [[ $(edit certain) == true ]] && break
	done
	is "$3 on $2: told, surely in time" "$(edit certain)" true
}

words() {
	local dir=$TMPDIR/words mutation
	if ! guest_boot "$dir" --kernel patched-6.12 --set indirect_desc=off --timeout 400 \
		--device blk,iops=4 --device blk,iops=1,packed=on \
		--device net,peer=udp --device net,peer=udp,packed=on \
		--device net,peer=udp,event_idx=off; then
		fail 'words: a guest' "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	for mutation in avail-idx used-event avail-event used-flags used-no-notify used-idx-jump \
		used-idx-back; do
		passes "$dir" net0 "$mutation"
	done
	passes "$dir" net0 desc-addr --posted
	passes "$dir" net2 avail-flags
	passes "$dir" net1 driver-event-flags
	passes "$dir" net1 driver-event-off
	passes "$dir" net1 device-event-flags
	passes "$dir" net1 desc-head-len --posted
	repeated "$dir"
	told_to_disks "$dir"
	kernel_is_well words "$dir"
}

repeated() {
	attack "$1" --device net0 --mutation desc-len --posted --for 20 --repeat 5 --pause 10
	is 'a repeated lie: a line each time' "$(wc -l <"$1/report")" 5
	is 'a repeated lie: each stands as long as asked for' \
		"$(jq -s 'all(.[]; .stood_us >= 20000 and (.overwritten | not))' "$1/report")" true
}

told_to_disks() {
	local dir=$1 disk mutation
	tell "$dir" 'load blk0 4k; load blk1 4k'
	lasts "$dir" blk0 avail-ring
	tells "$dir" blk0 used-len-zero
	tells "$dir" blk0 used-rewrite
	for mutation in desc-head-addr desc-head-len desc-head-write desc-head-id \
		packed-used-early; do
		lasts "$dir" blk1 "$mutation" --live
	done
	tells "$dir" blk1 used-len-zero
	tells "$dir" blk1 used-rewrite
	for disk in blk0 blk1; do
		tell "$dir" "unload $disk; dd if=\$(disk $disk) of=/dev/null bs=4k count=4 iflag=direct"
		is "$disk works after all that" "$?" 0
	done
	attack "$dir" --device blk1 --mutation used-idx-jump
	is 'a lie for another kind of ring is refused' $? 1
}

# --- deeds ------------------------------------------------------------------

interrupts() { said "$1" "cat /proc/interrupts" | awk -v q="$2" '$NF == q { print $2 + $3 }'; }

# The first read of a throttled disk is free; the second takes a second.
one_read_in_flight() {
	tell "$1" "dd if=\$(disk $2) of=/dev/null bs=4k count=1 iflag=direct"
	tell "$1" "rm -f /run/done; (dd if=\$(disk $2) of=/dev/null bs=4k count=1 iflag=direct; touch /run/done) &"
}

finished() { tell "$1" 'test -e /run/done'; }

# On a busy machine that second may be over before the attacker is there.
silence() {
	local try
	for try in 1 2 3 4 5; do
		one_read_in_flight "$1" "$2"
		! attack "$1" --device "$2" --mutation used-silent --timeout 3 || return 0
		comment "used-silent on $2: nothing in flight at try $try"
	done
	return 1
}

silent() {
	local dir=$1 disk=$2
	ok "used-silent on $disk: told" silence "$dir" "$disk"
	is "used-silent on $disk: one completion" "$(jq -r '.silent > 0' <<<"$EDIT")" true
	is "used-silent on $disk: the driver's word is as it was" "$(memory "$dir")" "$(edit before)"
	tell "$dir" 'sleep 2; test ! -e /run/done'
	is "used-silent on $disk: its reader sleeps" "$?" 0
	ok "notify-once on $disk: told" attack "$dir" --device "$disk" --mutation notify-once
	ok "notify-once on $disk: the reader has its data" await 10 finished "$dir"
}

storm() {
	local before after queue
	queue=$(device_field "$1" net0 virtio)-input.0
	before=$(interrupts "$1" "$queue")
	ok 'notify-storm: told' attack "$1" --device net0 --mutation notify-storm
	after=$(interrupts "$1" "$queue")
	at_least 'notify-storm: the guest counts the interrupts' $((after - before)) 100
}

stall() {
	tell "$1" 'rm -f /run/done; (for i in 1 2 3 4; do dd if=$(disk blk0) of=/dev/null bs=4k count=1 iflag=direct & done; wait; touch /run/done) &'
	ok 'stall: told' attack "$1" --device blk0 --mutation stall --for 5000
	is 'stall: one request slips through at most' "$(jq '.completed <= 1' <<<"$EDIT")" true
	at_least 'stall: the others wait' "$(edit stalled)" 2
	ok 'stall: afterwards the disk goes on' await 20 finished "$1"
}

deeds() {
	local dir=$TMPDIR/deeds disk
	if ! guest_boot "$dir" --kernel patched-6.12 --set qtest=on --timeout 400 \
		--device blk,iops=1 --device blk,iops=1,packed=on \
		--device blk,iops=1,event_idx=off --device blk,iops=1,event_idx=off,packed=on \
		--device net,peer=udp --device rng --module vq_fault; then
		fail 'deeds: a guest' "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	for disk in blk0 blk1 blk2 blk3; do silent "$dir" "$disk"; done
	storm "$dir"
	stall "$dir"
	rewritten "$dir"
	before_driver_ok "$dir"
	after_reset "$dir"
	kernel_is_well deeds "$dir"
}

# --- a driver that helps ----------------------------------------------------

state() { said "$1" 'fault state'; }

# state_has DIR NAME PATTERN...
state_has() {
	local pattern
	state "$1" >"$1/state"
	for pattern in "${@:3}"; do contains "$1/state" "$2: $pattern" "^$pattern\$"; done
}

let_go() { tell "$1" 'fault unbind'; }

rewritten() {
	tell "$1" 'fault add add kick; sleep 1'
	state_has "$1" 'used-rewrite: before' 'used 0 0 64' 'used 1 1 64'
	ok 'used-rewrite on rng0: told' attack "$1" --device rng0 --mutation used-rewrite --live
	state_has "$1" 'used-rewrite: after' 'used 0 1 64' 'used 1 0 64'
	tell "$1" 'fault reap'
	state_has "$1" 'used-rewrite: the driver takes both' 'free 8' 'broken 0'
	let_go "$1"
}

before_driver_ok() {
	tell "$1" 'fault early-bind; fault bind & sleep 1'
	state_has "$1" 'before DRIVER_OK: a buffer is published' 'status 0xb' 'avail.idx 1 .*' \
		'used.idx 0' 'irqs 0'
	ok 'before DRIVER_OK: used.idx' attack "$1" --device rng0 --mutation used-idx-jump --live \
		--any-status
	ok 'before DRIVER_OK: an interrupt' attack "$1" --device rng0 --mutation notify-once
	state_has "$1" 'before DRIVER_OK: both arrived' 'status 0xb' 'irqs 1' 'used.idx 4'
	tell "$1" 'fault early-go; wait'
	let_go "$1"
}

after_reset() {
	local pid
	tell "$1" 'fault add'
	"$ATTACK" --json --env "$1/env" --device rng0 --mutation used-idx-jump --after-reset \
		--timeout 30 >"$1/report" 2>>"$1/attack.err" &
	pid=$!
	tell "$1" 'sleep 1; fault reset'
	wait "$pid"
	is 'after reset: used.idx' $? 0
	ok 'after reset: an interrupt' attack "$1" --device rng0 --mutation notify-once
	state_has "$1" 'after reset: both arrived' 'status 0x0' 'irqs 1' 'used.idx 4'
	let_go "$1"
}

# --- a driver that is guilty ------------------------------------------------

# guilty DIR WORD PATTERN...: lines of the state that the word leads to
guilty() {
	local dir=$1 name="${1##*/}: $2"
	let_go "$dir"
	tell "$dir" "fault $2"
	is "$name: done" "$?" 0
	state_has "$dir" "$name" "${@:3}"
}

# refused DIR WORD REASON
refused() {
	tell "$1" 'fault unbind'
	said "$1" "fault $2" >"$1/said"
	contains "$1/said" "${1##*/}: $2 is refused" "$3"
}

ANY='0x[0-9a-f]+'

# Both kinds of ring: what they have in common
with_tables() {
	guilty "$1" chain-long "table 0 11 $ANY 0x40 0x2 [0-9]+"
	guilty "$1" chain-bytes "table 0 2 $ANY 0x60000000 0x2 [0-9]+"
	guilty "$1" indirect-length "desc 0 ring $ANY 0x38 .* shadow $ANY 0x38 .*"
	guilty "$1" indirect-nested "table 0 1 $ANY 0x40 0x[67] [0-9]+"
	guilty "$1" indirect-next "desc 0 ring $ANY 0x30 0x8?5 0 .*|desc 0 ring $ANY 0x30 0x5 1 .*"
	guilty "$1" shadow-damage "desc 0 ring $ANY 0x40 .* shadow $ANY 0x48 .*"
	guilty "$1" free-count 'free 9'
	guilty "$1" free-tail 'free 8' "desc 0 .* shadow $ANY 0x40 $ANY 0"
	guilty "$1" kick-missing 'free 7' 'irqs 0'
	refused "$1" chain-order 'boot with indirect_desc=off'
	refused "$1" stale-avail 'boot with iommu_platform=on'
	refused "$1" indirect-unnegotiated 'boot with indirect_desc=off'
	refused "$1" nonsense 'no such word'
}

split_tables() {
	with_tables "$1"
	guilty "$1" indirect-entry "table 0 0 $ANY 0x40 0x3 100"
	guilty "$1" publish-order 'avail.idx 2 shadow 2' 'avail 1 2' 'free 5'
	guilty "$1" queue-size 'odd.num 12'
}

packed_tables() {
	with_tables "$1"
	refused "$1" indirect-entry 'have no next'
	refused "$1" chain-loop 'has no next'
	refused "$1" queue-size 'of any size'
}

split_direct() {
	guilty "$1" chain-order "desc 1 ring $ANY 0x40 0x3 .*" "desc 2 ring $ANY 0x40 0x0 3 .*"
	guilty "$1" chain-loop "desc 2 ring $ANY 0x40 0x3 0 shadow $ANY 0x40 0x3 0"
	guilty "$1" indirect-unnegotiated 'indirect 1' "desc 0 ring $ANY 0x20 0x4 .*"
	guilty "$1" stale-avail 'free 8' 'avail.idx 0 shadow 0'
	refused "$1" chain-long 'boot without indirect_desc=off'
}

packed_direct() {
	guilty "$1" chain-order "desc 1 ring $ANY 0x40 0x83 .*" "desc 2 ring $ANY 0x40 0x80 .*"
	guilty "$1" indirect-unnegotiated 'indirect 1' "desc 0 ring $ANY 0x20 0x84 .*"
	guilty "$1" publish-order 'next_avail 3 wrap 1'
	guilty "$1" stale-avail 'free 8' 'next_avail 0 wrap 1' "desc 1 ring $ANY 0x40 0x8000 0 .*"
}

# guest NAME ARGS...: the function NAME in a guest
guest() {
	local name=$1 dir=$TMPDIR/$1
	shift
	if ! guest_boot "$dir" --kernel patched-6.12 --device rng --module vq_fault "$@"; then
		fail "$name: a guest" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	"$name" "$dir"
	tell "$dir" 'fault unbind'
	kernel_is_well "$name" "$dir"
}

main() {
	begin
	in_parallel words deeds 'guest split_tables' 'guest packed_tables --ring packed' \
		'guest split_direct --set indirect_desc=off --set iommu_platform=on --set swiotlb=force' \
		'guest packed_direct --ring packed --set indirect_desc=off --set iommu_platform=on --set swiotlb=force'
	finish
}

main "$@"
exit
