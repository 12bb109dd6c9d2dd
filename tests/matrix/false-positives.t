#!/bin/bash
# Silence: a million buffers of fio and network load on each kind of ring, and
# some more with swiotlb and without indirect tables, are all accounted for, and
# none is called a violation. Others count as well: fio, pktgen and the network
# stack. The load is tests/lab/guest/storm.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

PATIENCE=400
DIR='' SERVER='' PORT=''

# boot DIR RING WAY: vq-flood and pktgen meet on net0, net1 has the host behind it
boot() {
	local more=()
	case $3 in
	bounced) more=(--set swiotlb=force) ;;
	direct) more=(--set indirect_desc=off) ;;
	esac
	guest_boot "$1" --kernel patched-6.12 --ring "$2" --set iommu_platform=on --set fio=1 \
		"${more[@]}" --device blk --device 'net,peer=udp' --device net --timeout 900 &&
		tell "$1" 'disk=$(disk blk0) nic=$(nic net0)'
}

# of DEVICE QUEUE FILTER: in the last account
of() {
	last_stats "$DIR" | jq --arg bus "$(device_field "$DIR" "$1" bus)" \
		".queues[] | select(.bus == \$bus and .queue == $2) | $3"
}

# serve: an iperf3 server on a free PORT of the host
serve() {
	for PORT in $(shuf -i 32768-60000 -n 20); do
		iperf3 --server --port "$PORT" >/dev/null 2>&1 &
		SERVER=$!
		sleep 0.5
		! kill -0 "$SERVER" 2>/dev/null || return 0
	done
	return 1
}

# storm IOS FRAMES MIB: what it counted goes to DIR/storm
storm() {
	local from status
	from=$(lines "$DIR")
	flood "$DIR" net0 20000
	tell "$DIR" "storm \${disk#/dev/} \$nic $PORT $1 $2 $3"
	status=$?
	end_flood "$DIR" net0
	tail -n "+$((from + 1))" "$DIR/out" | grep --invert-match '^{' | grep . >"$DIR/storm"
	return "$status"
}

counted() { sed -n "s/^$1 //p" "$DIR/storm"; }

# --- judgement --------------------------------------------------------------

others_agree() {
	local name=$1
	is "$name: nothing failed" "$(grep failed "$DIR/storm")" ''
	is "$name: the disk's queue completed what fio counted" "$(of blk0 0 .completions)" \
		"$(counted fio)"
	at_least "$name: net0 took at least what the network stack counted" \
		"$(of net0 0 .completions)" "$(counted net0-rx)"
	at_least "$name: net1 took at least what the network stack counted" \
		"$(of net1 0 .completions)" "$(counted net1-rx)"
	at_least "$name: net0 published at least what pktgen counted" \
		"$(of net0 1 .published)" "$(counted pktgen)"
	at_least "$name: net1 published at least what the network stack counted" \
		"$(of net1 1 .published)" "$(counted net1-tx)"
}

# Receive buffers that were with the device when the audit began are the only
# ones that it may skip.
nothing_is_skipped() {
	is "$1: what is not audited was published before" "$(last_stats "$DIR" | jq \
		'.totals | .completions - .audited - .skipped["before-start"]')" 0
}

silent() {
	is "$1: no violation is recorded" "$(records "$DIR" violation | head -n 3)" ''
	is "$1: nor counted" "$(last_stats "$DIR" | jq '[.totals.violations[]] | add')" 0
}

# run RING WAY BUFFERS IOS FRAMES MIB
run() {
	local name="$1, $2" status=0
	DIR=$TMPDIR/$1-$2
	if ! { serve && boot "$DIR" "$1" "$2" && start_audit "$DIR" --stats 5; }; then
		fail "$name: a guest with vq-audit" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	storm "$4" "$5" "$6"
	is "$name: the storm has passed" "$?" 0
	tell "$DIR" 'sleep 3'
	end_audit "$DIR" || status=$?
	is "$name: vq-audit exits with 0, clean" "$status" 0
	at_least "$name: buffers audited" "$(last_stats "$DIR" | jq .totals.audited)" "$3"
	silent "$name"
	account "$name" "$DIR"
	nothing_is_skipped "$name"
	others_agree "$name"
	comment "$(tr '\n' ' ' <"$DIR/storm")" "$(last_stats "$DIR" |
		jq -r '.queues[] | "\(.virtio) \(.queue_name): \(.audited) audited"')"
	kernel_is_well "$name" "$DIR"
	guest_exit "$DIR"
	kill "$SERVER"
}

main() {
	begin
	in_parallel 'run split default 1000000 800000 200000 40' \
		'run packed default 1000000 800000 200000 40' \
		'run split bounced 100000 60000 20000 10' 'run packed bounced 100000 60000 20000 10' \
		'run split direct 100000 60000 20000 10' 'run packed direct 100000 60000 20000 10'
	finish
}

main "$@"
exit
