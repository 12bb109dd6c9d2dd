#!/bin/bash
# Latency and depth of a queue, where both are known: a disk that makes 20 requests a second,
# of which four are in flight all the time, has each for four twentieths of a second, or longer
# where the machine is slow: then there are fewer in a second, and Little's law holds. With
# --latency-sample 1 every buffer is counted, with N one of N, with 0 none; and a device that
# gives back what it does not have is not among them.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

DEEP=4 # requests in flight
SLOW=80 # of them that are to be timed
MANY=2000 # buffers of which one of EIGHT is timed: 250, give or take nine
EIGHT=8
DIR='' NAME=''

# of_disk ID FILTER: of its queue, as the last account has it
of_disk() {
	last_stats "$DIR" | jq -r --arg bus "$(device_field "$DIR" "$1" bus)" \
		".queues[] | select(.bus == \$bus and .queue == 0) | $2"
}

# holds ID FILTER: there may be no account yet
holds() { [[ $(of_disk "$1" "$2") == true ]] || ! sleep 1; }

# readers ID: each makes one request after the other, with nothing in between
readers() {
	tell "$DIR" "dev=\$(disk $1); readers=''"
	tell "$DIR" "for part in \$(seq $DEEP); do dd if=\$dev of=/dev/null bs=4k skip=\$((part * 100)) iflag=direct 2>/dev/null & readers=\"\$readers \$!\"; done"
}

end_readers() { tell "$DIR" 'kill $readers; wait $readers; true'; }

begin_audit() {
	start_audit "$DIR" --stats 1 --rate 0 "$@" || fail "$NAME: vq-audit starts"
}

finish_audit() {
	local status=0
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with $1" "$status" "$1"
	account "$NAME" "$DIR"
}

# all_counted ID: each buffer that was audited is in one histogram, and each that was published
# in the other
all_counted() {
	is "$NAME: each completion is counted, and each publication" \
		"$(of_disk "$1" '"\(.latency_ns.count == .audited) \(.depth.count == .published)"')" 'true true'
	is "$NAME: buckets have as many" "$(of_disk "$1" '[.latency_ns, .depth]
		| map(.count == ([.buckets[][1]] | add)) | tojson')" '[true,true]'
}

# in_flight ID FROM: buffers on the average in the accounts behind line FROM: the latency of all
# those that came back, by the time that went by
in_flight() {
	stats "$DIR" "$2" | jq -s --arg bus "$(device_field "$DIR" "$1" bus)" '
		[.[] | {t: .time_ns, q: (.queues[] | select(.bus == $bus and .queue == 0))} | select(.q.audited > 4)]
		| (.[-1].q.latency_ns.sum - .[0].q.latency_ns.sum) / (.[-1].t - .[0].t)'
}

all() {
	local from
	NAME="$1, all"
	from=$(lines "$DIR")
	begin_audit --latency-sample 1
	readers blk0
	ok "$NAME: much is done" await "$PATIENCE" holds blk0 ".audited > $SLOW"
	ok "$NAME: the oldest is as old as what is in flight" \
		await "$PATIENCE" holds blk0 '.oldest_ns > 20e6 and .oldest_ns < 2e9'
	is "$NAME: Little's law" "$(in_flight blk0 "$from" | jq '. > 2.7 and . < 5.3')" true
	comment "$(in_flight blk0 "$from")"
	end_readers
	finish_audit 0
	comment "$(of_disk blk0 '[.latency_ns, .depth] | tojson')"
	all_counted blk0
	is "$NAME: half of them take 200 ms, or more" \
		"$(of_disk blk0 '.latency_ns.p50 | . > 150e6 and . < 1e9')" true
	is "$NAME: buckets add up to the sum, but for a quarter" "$(of_disk blk0 '.latency_ns
		| .sum / ([.buckets[] | .[0] * .[1]] | add) | . <= 1 and . > 0.75')" true
	is "$NAME: and each is among four" "$(of_disk blk0 '.depth | "\(.p50) \(.buckets[-1][0])"')" "$DEEP $DEEP"
	is "$NAME: nothing is in flight in the end" "$(of_disk blk0 .oldest_ns)" null
}

some() {
	NAME="$1, one of $EIGHT"
	begin_audit --latency-sample "$EIGHT"
	readers blk1
	ok "$NAME: much is done" await "$PATIENCE" holds blk1 ".audited > $MANY"
	end_readers
	finish_audit 0
	comment "$(of_disk blk1 '[.published, .audited, .latency_ns, .depth] | tojson')"
	is "$NAME: so many are counted" "$(of_disk blk1 "[.depth.count / .published, .latency_ns.count / .audited]
		| map(. * $EIGHT | . > 0.75 and . < 1.25) | tojson")" '[true,true]'
}

none() {
	NAME="$1, none"
	begin_audit --latency-sample 0
	readers blk1
	ok "$NAME: much is done" await "$PATIENCE" holds blk1 ".audited > 100"
	end_readers
	finish_audit 0
	is "$NAME: nothing is counted" "$(last_stats "$DIR" | jq '[.queues[] | .latency_ns, .depth | .count, .sum] | add')" 0
}

# What the device never had is no buffer that it had for some time. Breaks the queue.
lie() {
	NAME="$1, used-id-not-head"
	begin_audit --latency-sample 1
	load "$DIR" blk0
	ok "$NAME: the device works before" gets_on "$DIR" blk0
	ok "$NAME: is found" detect "$DIR" blk0 used-id-not-head
	finish_audit 1
	all_counted blk0
	is "$NAME: none of them took longer than the test" \
		"$(of_disk blk0 '.latency_ns.buckets[-1][0] < 1e12 and .latency_ns.sum / .latency_ns.count < 60e9')" true
}

# run KERNEL RING
run() {
	NAME="$1 $2" DIR=$TMPDIR/$1-$2
	if ! guest_boot "$DIR" --kernel "$1" --ring "$2" --set indirect_desc=off --set iommu_platform=on \
		--device 'blk,iops=20' --device blk --timeout 600; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	all "$1 $2"
	some "$1 $2"
	none "$1 $2"
	lie "$1 $2"
	guest_exit "$DIR"
}

begin
if (($#)); then # "KERNEL RING"...
	in_parallel "${@/#/run }"
else
	in_parallel 'run patched-6.12 packed' 'run stock-6.12 split'
fi
finish
exit
