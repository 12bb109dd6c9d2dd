#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# After a break, on patched-6.12: with --on-break recover a device that lied is reset
# through its driver, works and is audited again, but not for ever; without it, it stays
# broken until somebody resets it by hand, and where that cannot help it says so.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

readonly RULES='--action used-len-over=break --action used-flags=break'

# up NAME DIR [BOOT ARGUMENT]... -- [AUDIT ARGUMENT]...
up() {
	local name=$1 dir=$2 boot=()
	shift 2
	while [[ $1 != -- ]]; do boot+=("$1") && shift; done
	shift
	guest_boot "$dir" --kernel patched-6.12 --set iommu_platform=on --device blk,iops=20 \
		--device blk,iops=20 --device net,peer=udp --device console --device rng \
		--timeout 500 "${boot[@]}" &&
		start_audit "$dir" --rate 0 --stats 1 "$RULES" "$@" && return
	fail "$name: a guest with vq-audit" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
	return 1
}

# --- lies, and what became of the device --------------------------------------

# lie DIR DEVICE: one that breaks the queue. A disk and a NIC tell theirs with what they
# return, under load; the others hardly return anything, and the sweep finds it.
lie() {
	case $2 in
	blk0 | net*) detect "$1" "$2" used-len-over ;;
	*) attack "$1" --device "$2" --mutation used-flags --live --timeout 8 ;;
	esac
}

# recoveries DIR DEVICE: outcome and attempt of each, a line each
recoveries() {
	records "$1" recovery | jq -r --arg v "$(device_field "$1" "$2" virtio)" \
		'select(.virtio == $v) | "\(.outcome) \(.attempt)"'
}

told() { (($(recoveries "$1" "$2" | wc -l) > $3)); }

# after_lie NAME DIR DEVICE WANT: it lies, and that is what becomes of it
after_lie() {
	local before
	before=$(recoveries "$2" "$3" | wc -l)
	ok "$1: $3 lies" lie "$2" "$3"
	await "$PATIENCE" told "$2" "$3" "$before"
	is "$1: $3 is then" "$(recoveries "$2" "$3" | tail -n "+$((before + 1))")" "$4"
}

# works NAME DIR DEVICE: something goes through it, and is right
works() {
	case $3 in
	net*)
		tell "$2" "ip link set \$(nic $3) up"
		load "$2" "$3"
		ok "$1: $3 has traffic" gets_on "$2" "$3"
		unload "$2" "$3"
		;;
	blk*)
		tell "$2" "[ \$(dd if=\$(disk $3) bs=4k skip=3 count=1 iflag=direct 2>/dev/null | head -c 15) = 000000000012288 ]"
		is "$1: $3 reads what is there" "$?" 0
		;;
	console*)
		tell "$2" "echo from the guest, $1 >/dev/hvc0"
		ok "$1: $3 has said its line" await "$PATIENCE" grep -q "from the guest, $1" "$2/console"
		;;
	rng*)
		tell "$2" '[ $(timeout 30 head -c 256 /dev/hwrng | wc -c) = 256 ]'
		is "$1: $3 has bytes" "$?" 0
		;;
	esac
}

# listen DIR: what the guest says on its console goes to DIR/console
listen() {
	# shellcheck disable=SC1091
	source "$1/env"
	perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new($ARGV[0]) or die "$ARGV[0]: $!\n";
		syswrite STDOUT, $b while sysread $s, $b, 4096' "$CONSOLE0" >"$1/console" 2>>"$1/attack.err" &
}

# audited NAME DIR DEVICE: its queue is not broken, and completions of it are accounted for
audited() {
	local queue='.queues[] | select(.bus == $bus and .queue == $q)'
	is "$1: $3 is audited again" "$(last_stats "$2" | jq -c --arg bus "$(device_field "$2" "$3" bus)" \
		--argjson q "$([[ $3 == console* ]] && echo 1 || echo 0)" \
		"$queue | [.broken, .coverage_ok, .completions > 0]")" '[false,true,true]'
}

# --- recover -------------------------------------------------------------------

recovers() {
	local name=recover dir=$TMPDIR/recover device from status=0
	up "$name" "$dir" --module vq_audit_recover --append slub_debug=FP -- \
		--on-break recover --recover-attempts 2 --sink prometheus || return
	listen "$dir"
	tell "$dir" 'insmod /lab/vq_audit_recover.ko'
	is "$name: the module loads" "$?" 0
	for device in net0 blk0 console0 rng0; do works "$name, before" "$dir" "$device"; done

	load "$dir" net0
	after_lie "$name, under load" "$dir" net0 'recovered 1'
	unload "$dir" net0
	load "$dir" blk0
	after_lie "$name, under load" "$dir" blk0 'recovered 1'
	unload "$dir" blk0
	tell "$dir" '{ while [ ! -e /run/quiet ]; do echo a line; done >/dev/hvc0; } 2>/dev/null &'
	tell "$dir" '{ cat /dev/hwrng >/dev/null; } 2>/dev/null &'
	for device in console0 rng0; do after_lie "$name, under load" "$dir" "$device" 'recovered 1'; done
	tell "$dir" ': >/run/quiet'
	after_lie "$name" "$dir" blk1 'recovered 1'
	for device in net0 blk0 blk1 console0 rng0; do works "$name, after" "$dir" "$device"; done
	from=$(lines "$dir")
	await "$PATIENCE" accounts "$dir" "$from" 2
	for device in net0 blk0 blk1 console0 rng0; do audited "$name" "$dir" "$device"; done

	after_lie "$name, again" "$dir" rng0 'recovered 2'
	after_lie "$name, and again" "$dir" rng0 'given-up 0'
	is_left "$name, given up" "$dir" rng0 3
	tell "$dir" 'mkdir -p /mnt && mke2fs -q $(disk blk1) >/dev/null && mount $(disk blk1) /mnt'
	is "$name: a disk is mounted" "$?" 0
	after_lie "$name, mounted" "$dir" blk1 'refused 2'
	is_left "$name, mounted" "$dir" blk1 2
	metrics "$name" "$dir"

	end_audit "$dir" || status=$?
	is "$name: vq-audit exits with 1, divergence seen" "$status" 1
	is "$name: no violation without its attack" \
		"$(strangers "$dir" | grep -v ': used-flags: '; count_flags "$dir")" 'used-flags: 6 lies, 6 found'
	kernel_is_well "$name" "$dir"
	guest_exit "$dir"
	is "$name: the guest ends as it should" "$?" 0
}

# What the sweep finds in a word beside the buffers; one record for each lie, as the queue is broken
count_flags() {
	echo "used-flags: $(grep -c '"mutation":"used-flags"' "$1/edits") lies," \
		"$(records "$1" violation | grep -c '"rule":"used-flags"') found"
}

accounts() { (($(stats "$1" "$2" | wc -l) >= $3)); }

# is_left NAME DIR DEVICE COUNT: further accounts say broken, and nothing more was done
is_left() {
	local from
	from=$(lines "$2")
	await "$PATIENCE" accounts "$2" "$from" 3
	is "$1: $3 stays broken" "$(is_broken "$2" "$3")" true
	is "$1: and nothing more is done about $3" "$(recoveries "$2" "$3" | wc -l)" "$4"
}

# outcome DIR NAME: as scraped in the guest
outcome() {
	tell "$1" 'wget -q -O /run/m http://127.0.0.1:9469/metrics; grep "^vq_audit_recoveries_total" /run/m'
	grep "^vq_audit_recoveries_total{outcome=\"$2\"}" "$1/out" | tail -n 1 | sed 's/.* //'
}

metrics() {
	is "$1: the metric of what was recovered" "$(outcome "$2" recovered)" 6
	is "$1: the metric of what was given up" "$(outcome "$2" given-up)" 1
	is "$1: the metric of what was refused" "$(outcome "$2" refused)" 1
}

# --- leave, and by hand -----------------------------------------------------------

# by_hand NAME DIR STATUS PATTERN ARGUMENT...: what vq-audit recover says, and exits with
by_hand() {
	local name=$1 dir=$2 status=$3 pattern=$4 from
	shift 4
	from=$(lines "$dir")
	tell "$dir" "vq-audit recover $*"
	is "$name: recover $* exits with $status" "$?" "$status"
	tail -n "+$((from + 1))" "$dir/out" >"$dir/said"
	contains "$dir/said" "$name: and says why, or what it did" "$pattern"
}

leaves() {
	local name=leave dir=$TMPDIR/leave device status=0
	up "$name" "$dir" -- || return
	listen "$dir"
	for device in net0 blk0; do
		load "$dir" "$device"
		ok "$name: $device lies, under load" lie "$dir" "$device"
		unload "$dir" "$device"
	done
	ok "$name: rng0 lies" lie "$dir" rng0
	for device in net0 blk0 rng0; do is_left "$name" "$dir" "$device" 0; done
	end_audit "$dir"

	by_hand "$name" "$dir" 0 'recover virtio[0-9]+ .*: recovered: virtio_net let go' "$(device_field "$dir" net0 bus)"
	by_hand "$name" "$dir" 0 '"type":"recovery","outcome":"recovered"' -j "$(device_field "$dir" rng0 virtio)"
	by_hand "$name" "$dir" 3 'no queue of it is broken; --force' "$(device_field "$dir" blk1 virtio)"
	by_hand "$name" "$dir" 0 'recovered' --force "$(device_field "$dir" blk1 virtio)"
	by_hand "$name" "$dir" 3 'requests wait .*Load vq_audit_recover' "$(device_field "$dir" blk0 virtio)"
	by_hand "$name" "$dir" 3 'hung: virtio_blk does not let go .*blk_mq_freeze_queue_wait.*nothing but a reboot' \
		--force --timeout 3 "$(device_field "$dir" blk0 virtio)"
	by_hand "$name" "$dir" 3 'no such device' virtio99
	by_hand "$name" "$dir" 3 'no virtio device' 0000:00:00.0

	start_audit "$dir" --rate 0 --stats 1 "$RULES" --on-break \
		"$(device_field "$dir" rng0 bus)=panic" --allow-panic
	works "$name, after" "$dir" net0
	works "$name, after" "$dir" rng0
	lie "$dir" rng0
	await "$PATIENCE" ended "$dir"
	guest_exit "$dir" || status=$?
	is 'panic: the guest is gone, and the lab says why' "$status" 253
	contains "$dir/out" 'panic: and vq-audit said so' 'vq-audit: panic, as the policy says'
}

ended() { ! guest_alive "$1"; }

main() {
	begin
	in_parallel recovers leaves
	finish
}

main "$@"
exit
