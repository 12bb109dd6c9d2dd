#!/bin/bash
# The sweep: lies about what nobody completes, about words that no hook reads,
# and lies that are taken back. Each is found by its rule and at its place, is
# told once for as long as it stands, and nothing is found without one.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${JOBS:=1}" # hit rates want a guest whose clock runs

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

: "${KERNEL:=patched-6.12}"
DIR=''
LIES=60 # of each length, for the hit rate

# Mutation, device, options, rule. The receive buffers of net0 lie there untouched;
# blk2 is without EVENT_IDX.
SPLIT=('desc-addr net0 --posted desc-tamper' 'desc-len net0 --posted desc-tamper'
	'desc-write net0 --posted desc-tamper' 'desc-next-field net0 --posted desc-tamper'
	'desc-head-addr net0 --posted desc-tamper' 'desc-head-len net0 --posted desc-tamper'
	'indirect-set net0 --posted desc-tamper' 'next-set-last net0 --posted next-flip'
	'next-clear-first net0 --posted next-flip' 'avail-ring net0 --posted avail-tamper'
	'avail-idx blk1 --posted avail-tamper' 'avail-flags blk2 --posted event-tamper'
	'used-flags blk1 --posted used-flags' 'used-no-notify blk1 --posted used-flags'
	'avail-event blk1 --posted device-event' 'used-idx-back rng0 --posted used-idx-back')
PACKED=('desc-addr net0 --posted desc-tamper' 'desc-len net0 --posted desc-tamper'
	'desc-write net0 --posted desc-tamper' 'desc-id net0 --posted desc-tamper'
	'desc-head-addr net0 --posted desc-tamper' 'desc-head-write net0 --posted desc-tamper'
	'indirect-set net0 --posted desc-tamper' 'next-set-last net0 --posted next-flip'
	'next-clear-first net0 --posted next-flip' 'packed-used-early net0 --posted used-wrap'
	'driver-event-flags blk1 --posted event-tamper'
	'device-event-flags blk1 --posted device-event'
	'device-event-off blk1 --posted device-event')

# Receive buffers of several descriptors, as in matrix.t.
boot() {
	guest_boot "$DIR" --kernel "$KERNEL" --ring "$1" --set indirect_desc=off --device 'blk,iops=10' \
		--device 'net,peer=udp,mrg_rxbuf=off,host_mtu=9000' --device blk \
		--device 'blk,event_idx=off' --device rng --module vq_fault --timeout 900
}

# --- judgement --------------------------------------------------------------

# The last edit, and a violation found by the sweep that says the same: a
# descriptor by its slot and what stands there, a word by what stands there.
SAYS='def number: if type == "number" then . else ltrimstr("0x") | explode
		| reduce .[] as $c (0; . * 16 + (if $c > 96 then $c - 87 else $c - 48 end)) end;
	def stands($e): if $e.slot != null and $e.head != null and $e.field != "avail.ring"
		then .slot == $e.slot and (.seen[$e.field] == ($e.after | number)
			or (.seen[$e.field] | number) == ($e.after | number))
		elif $e.field == "device.off_wrap" then .seen == ($e.after | number) % 32768
		else .seen == ($e.after | number) end;'

# said_of_it FROM RULE: how many violations after the first FROM say what the last edit did
said_of_it() {
	records "$DIR" violation | tail -n "+$(($1 + 1))" | jq -s --arg rule "$2" \
		--argjson e "$(tail -n 1 "$DIR/edits")" "$SAYS"'
		[.[] | select(.at == "sweep" and .rule == $rule and .queue == $e.queue
			and stands($e))] | length'
}

is_said() { (($(said_of_it "$1" "$2") > 0)); }

news() { records "$DIR" violation | tail -n "+$(($1 + 1))" | jq -r '"\(.at): \(.rule): \(.text)"'; }

# lie MUTATION DEVICE OPTIONS RULE: it stands for a while, and is found once
lie() {
	local from name="$RING: $1 on $2"
	from=$(violations "$DIR")
	if ! attack "$DIR" --mutation "$1" --device "$2" "$3" --live --for 700 --timeout 8; then
		fail "$name: is told" "$(tail -n 2 "$DIR/attack.err")"
		return
	fi
	ok "$name: is found by the sweep, by rule and place" await 5 is_said "$from" "$4"
	sleep 0.5
	is "$name: is told once, and nothing else is" "$(news "$from" | wc -l)" 1
	(($(news "$from" | wc -l) == 1)) || comment "$(news "$from")" "$(tail -n 1 "$DIR/edits")"
}

# --- parts ------------------------------------------------------------------

# Under load, and a short period, there is nothing to be found.
nothing_is_found() {
	start_audit "$DIR" --rate 0 --stats 1 --sweep-ms 10 ||
		fail "$RING: vq-audit runs" "$(tail -n 5 "$DIR/out")"
	load "$DIR" blk0
	flood "$DIR" net0 3000
	tell "$DIR" 'dd if=$(disk blk1) of=/dev/null bs=4k count=3000 iflag=direct 2>&1'
	for device in blk0 net0; do ok "$RING: $device gets on under the sweep" gets_on "$DIR" "$device"; done
	end_flood "$DIR" net0
	unload "$DIR" blk0
	is "$RING: no violation under load, swept every 10 ms" "$(news 0 | head -n 3)" ''
	at_least "$RING: descriptors were compared" \
		"$(last_stats "$DIR" | jq '[.queues[].sweep.descs] | add')" 10000
	tell "$DIR" 'sleep 2'
	end_audit "$DIR"
	is "$RING: vq-audit exits with 0, clean" "$?" 0
	account "$RING" "$DIR"
	comment "$(last_stats "$DIR" | jq -r '"\(.sweep.rounds) sweeps, \(.sweep.overruns) fell out, "
		+ "\([.queues[].sweep.descs] | add) descriptors, \([.queues[].sweep.unsettled] | add) unsettled"')"
}

# Completions that nobody reads, for used-idx-back.
unread() { [[ $RING != split ]] || tell "$DIR" 'fault add add kick'; }

swept() {
	local line
	RING=$1 DIR=$TMPDIR/swept-$1
	if ! boot "$RING"; then
		fail "$RING: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	nothing_is_found
	start_audit "$DIR" --rate 0 --stats 1 --sweep-ms 50
	is "$RING: vq-audit runs" "$?" 0
	unread
	tell "$DIR" 'sleep 2'
	while read -r line; do
		# shellcheck disable=SC2086 # words of the table
		lie $line
	done < <([[ $RING == split ]] && printf '%s\n' "${SPLIT[@]}" || printf '%s\n' "${PACKED[@]}")
	end_audit "$DIR"
	is "$RING: vq-audit exits with 1, divergence seen" "$?" 1
	scans
	kernel_is_well "$RING" "$DIR"
	guest_exit "$DIR"
	is "$RING: the guest ends as it should" "$?" 0
}

# A lie that stood before the scan began is told by it.
scans() {
	local from
	from=$(violations "$DIR")
	tell "$DIR" 'vq-audit scan -j'
	is "$RING: scan: exits with 0, clean" "$?" 0
	attack "$DIR" --mutation desc-addr --device net0 --posted --live --timeout 8
	is "$RING: scan: a lie is told" "$?" 0
	tell "$DIR" 'vq-audit scan -j'
	is "$RING: scan: exits with 1" "$?" 1
	is "$RING: scan: by rule and place" "$(said_of_it "$from" desc-tamper)" 1
	dumps
}

# The same lie, side by side; and what is asked for that is not there.
dumps() {
	local from virtio slot
	virtio=$(device_field "$DIR" net0 virtio) slot=$(tail -n 1 "$DIR/edits" | jq .slot)
	from=$(lines "$DIR")
	tell "$DIR" "vq-audit dump -j $virtio:0"
	is "$RING: dump: exits with 1, there is a difference" "$?" 1
	is "$RING: dump: marks the place of the lie alone" "$(tail -n "+$from" "$DIR/out" |
		grep '^{"type":"dump"' | jq -c '[.rows[] | select(.differs).slot]')" "[$slot]"
	tell "$DIR" "vq-audit dump $(device_field "$DIR" net0 bus):0"
	contains "$DIR/out" "$RING: dump: so it does as text" "^\* +$slot "
	tell "$DIR" "vq-audit dump $virtio:1"
	is "$RING: dump: exits with 0 where there is none" "$?" 0
	tell "$DIR" "vq-audit dump $virtio:77"
	is "$RING: dump: a queue that is not there" "$?" 3
	contains "$DIR/out" "$RING: dump: says which there are" "has no queue 77 .*there are"
	tell "$DIR" "vq-audit dump nothing"
	is "$RING: dump: what is no place" "$?" 2
}

# hits MS LOW HIGH: lies that stand for MS, of which the sweep is to find LOW to HIGH
hits() {
	local from found
	from=$(violations "$DIR")
	timeout 120 "$O/tests/vq-attack" --json --env "$DIR/env" --mutation desc-len --device net0 \
		--posted --live --for "$1" --repeat "$LIES" --pause 231 >"$DIR/edits.$1" 2>>"$DIR/attack.err"
	is "lies of $1 ms: all are told" "$(jq -s length "$DIR/edits.$1")" "$LIES"
	tell "$DIR" 'sleep 1'
	found=$(($(violations "$DIR") - from))
	comment "lies of $1 ms, a sweep every 100 ms: $found of $LIES found, $((100 * found / LIES)) %;" \
		"they stood for $(jq -s '[.[].stood_us] | add / length / 1000 | round' "$DIR/edits.$1") ms"
	ok "lies of $1 ms: $2 to $3 of $LIES are found: $found" test "$found" -ge "$2" -a "$found" -le "$3"
}

# The probability is length / period: 0.3, 0.6 and 1; the bounds are four standard
# deviations of 60 lies away, and a late sweep may cost some of the last.
hit_rate() {
	RING=split DIR=$TMPDIR/rate
	if ! boot split || ! start_audit "$DIR" --rate 0 --stats 1 --sweep-ms 100; then
		fail 'hit rate: a guest with vq-audit' "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	hits 30 4 32
	hits 60 21 51
	hits 150 56 60
	end_audit "$DIR"
	is 'hit rate: vq-audit exits with 1, divergence seen' "$?" 1
	comment "$(last_stats "$DIR" | jq -r '"\(.sweep.rounds) sweeps, \(.sweep.overruns) fell out"')"
	guest_exit "$DIR"
}

main() {
	begin
	in_parallel 'swept split' 'swept packed' hit_rate
	finish
}

main "$@"
exit
