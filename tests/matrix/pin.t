#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An audit that is pinned goes on without its daemon: what happens while nobody runs is judged,
# acted upon and counted, and the next daemon takes all of it over. Who asks for something else,
# comes second, or lays maps out otherwise is refused, and disturbs nothing.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # in_parallel and await call what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

PINS=/sys/fs/bpf/vq-audit
DIR='' NAME=''

# refuses NAME LINE PATTERN: it cannot run here, and says why
refuses() {
	local status=0
	said "$2" >"$TMPDIR/refused" || status=$?
	is "$NAME: $1: exit 3" "$status" 3
	contains "$TMPDIR/refused" "$NAME: $1: and says why" "$3"
}

# Those that hang on the kernel, by their numbers.
programs() { said 'bpftool link show' | sed -n 's/^[0-9]*: .* prog \([0-9]*\).*/\1/p' | sort -n | xargs; }

# of_disk FILTER: of the first disk's queue in the last account
of_disk() {
	last_stats "$DIR" | jq -c --arg bus "$(device_field "$DIR" blk0 bus)" \
		".queues[] | select(.bus == \$bus) | $1"
}

# lie_to_nobody: until it was told for certain, or has broken the queue
lie_to_nobody() {
	local try
	for ((try = 1; try <= TRIES; try++)); do
		! strike "$DIR" blk0 desc-addr "$try" || return 0
		! said 'vq-audit list -j' | jq -R 'fromjson? | select(.broken)' | grep -q . || return 0
	done
	return 1
}

killed() {
	tell "$DIR" 'kill -9 $audit; wait $audit; [ $? = 137 ]'
	is "$NAME: the daemon is killed" "$?" 0
	is "$NAME: killed: no vq-audit runs" "$(said 'pidof vq-audit')" ''
	is "$NAME: killed: its programs are what they were" "$(programs)" "$1"
}

# What nobody sees: a disk at work, a lie, and a queue that goes.
meanwhile() {
	local virtio
	virtio=$(device_field "$DIR" rng0 virtio)
	tell "$DIR" "echo $virtio >/sys/bus/virtio/drivers/virtio_rng/unbind"
	is "$NAME: meanwhile a queue goes" "$?" 0
	tell "$DIR" 'sleep 2'
	ok "$NAME: meanwhile the hypervisor lies" lie_to_nobody
	tell "$DIR" 'sleep 1'
}

# taken_over BEFORE ACTION
taken_over() {
	local first
	is "$NAME: the next daemon says that it takes over" \
		"$(records "$DIR" start | jq -c .taken_over | xargs)" 'false true'
	ok "$NAME: and tells of the lie" await 30 found "$DIR" 0
	first=$(records "$DIR" start | tail -n 1 | jq .time_ns)
	is "$NAME: which was told before it came" "$(records "$DIR" violation |
		jq -s --argjson t "$first" 'length > 0 and all(.time_ns < $t)')" true
	is "$NAME: and acted upon" "$(records "$DIR" violation | jq -r .action | sort -u)" "$2"
	await "$PATIENCE" has_account 1
	at_least "$NAME: counters went on" "$(of_disk .completions)" $(($1 + 20))
	[[ $2 != break ]] || is "$NAME: the queue is broken" "$(of_disk .broken)" true
	is "$NAME: so did those of the queue that went" "$(last_stats "$DIR" | jq '.queues_gone == 1
		and .totals.audited > ([.queues[].audited] | add)')" true
}

# has_account N: after the last start
has_account() {
	local from
	from=$(grep -n '^{"type":"start"' "$DIR/out" | tail -n 1 | cut -d : -f 1)
	(($(stats "$DIR" "$from" | wc -l) >= $1))
}

# ends ARGS...: with SIGTERM the daemon, not the audit
ends() {
	local status=0
	end_audit "$DIR" || status=$?
	is "$NAME: the daemon ends, a divergence having been seen" "$status" 1
	is "$NAME: and says that the audit goes on" "$(records "$DIR" stop | tail -n 1 |
		jq .goes_on)" true
	account "$NAME" "$DIR"
}

# Nothing of the audit is left, and the devices get on without.
unpinned() {
	is "$NAME: unpin ends the audit" "$(said 'vq-audit unpin' | grep -c 'has ended')" 1
	is "$NAME: unpinned: no program is left" "$(programs)" ''
	tell "$DIR" "[ ! -e $PINS ]"
	is "$NAME: unpinned: no pin is left" "$?" 0
	tell "$DIR" 'dd if=$(disk blk1) of=/dev/null bs=4k count=8 iflag=direct'
	is "$NAME: unpinned: a disk works" "$?" 0
	is "$NAME: unpinned: once more there is nothing" "$(said 'vq-audit unpin')" 'nothing is pinned'
}

# What is left of a start that did not get to its end is no audit.
torn() {
	tell "$DIR" "mkdir -p $PINS/maps && bpftool map create $PINS/maps/queues type array key 4 value 4 entries 1 name old"
	ok "$NAME: what a start had left in part is no hindrance" start_audit "$DIR" --pin
	contains "$DIR/out" "$NAME: and is said to be removed" 'had left in .* was removed: 1'
	is "$NAME: it was not taken over" "$(records "$DIR" start | tail -n 1 | jq .taken_over)" false
	is "$NAME: unpin says who holds the audit" "$(said 'vq-audit unpin | sed "s/$audit/IT/"' |
		grep -c 'ends with process IT')" 1
	end_audit "$DIR"
	is "$NAME: which then ends with it" "$(records "$DIR" stop | tail -n 1 | jq .goes_on) $(programs)" \
		'false '
}

# pinned KERNEL ACTION
pinned() {
	local before ids
	NAME=$1 DIR=$TMPDIR/$1
	if ! { guest_boot "$DIR" --kernel "$1" --set indirect_desc=off --device blk,iops=40 \
		--device blk --device rng --timeout 600 &&
		start_audit "$DIR" --pin --rate 0 --stats 1 --action "all=$2"; }; then
		fail "$NAME: a guest with vq-audit" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	load "$DIR" blk0
	tell "$DIR" 'head -c 64 /dev/hwrng >/dev/null'
	ok "$NAME: the disk works" gets_on "$DIR" blk0
	refuses 'a second daemon' "vq-audit run --pin --action all=$2" 'audits with --pin already'
	ids=$(programs)
	before=$(of_disk .completions)
	killed "$ids"
	meanwhile
	ok "$NAME: the next daemon starts" start_audit "$DIR" --pin --rate 0 --stats 1 --action "all=$2"
	taken_over "$before" "$2"
	ends
	refuses 'other options' "vq-audit run --pin --rate 0 --action all=$2 --recorder 0" \
		'^vq-audit: --recorder is not what'
	tell "$DIR" "bpftool map update pinned $PINS/maps/facts key 0 0 0 0 value hex \
		01 00 00 00 01 00 00 00 $(printf '00 %.0s' {1..72})"
	refuses 'another layout' 'vq-audit run --pin' 'laid out otherwise'
	is "$NAME: all that disturbed nothing" "$(programs | wc -w)" \
		"$(said "ls $PINS/links" | wc -l)"
	unload "$DIR" blk0
	unpinned
	torn
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

begin
in_parallel 'pinned patched-6.12 break' 'pinned stock-6.12 alert'
finish
