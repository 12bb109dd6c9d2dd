#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The configuration under attack: a policy for each device and queue, changed by SIGHUP
# beneath an audit that goes on, with the same programs, and no counter lost. A file with an
# error changes nothing.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

DIR=$TMPDIR/guest

# said LINE: what the guest says when told LINE; its status
said() {
	local from status=0
	from=$(lines "$DIR")
	tell "$DIR" "$1" || status=$?
	tail -n "+$((from + 1))" "$DIR/out" | grep . | grep --invert-match '^{"type"'
	return "$status"
}

# file LINE...: the configuration, from now on
file() { tell "$DIR" "printf '%s\n' $(printf "'%s' " "$@")>/run/vq.conf"; }

# told_people COUNT PATTERN: whether vq-audit has said that so often
told_people() { (($(grep -c -E "^vq-audit: $2" "$DIR/out") >= $1)); }

# hang_up COUNT PATTERN: SIGHUP, and the answer to it
hang_up() {
	tell "$DIR" 'kill -HUP $audit'
	await "$PATIENCE" told_people "$1" "$2"
}

# queue ID FIELD: of the first queue of a disk, as the last account says
queue() {
	last_stats "$DIR" | jq --arg bus "$(device_field "$DIR" "$1" bus)" --arg f "$2" \
		'.queues[] | select(.bus == $bus and .queue == 0)[$f]'
}

# last_action ID: of the last violation of a disk
last_action() {
	records "$DIR" violation | jq -r --arg bus "$(device_field "$DIR" "$1" bus)" \
		'select(.bus == $bus).action' | tail -n 1
}

broken() { [[ $(queue "$1" broken) == true ]]; }
thinned() { (($(queue blk0 skipped | jq .thinned) >= $1)); }
ignored_more() { (($(queue "$1" ignored) > $2)); }
in_file() { said "grep -c .type.:.violation. $1"; }
is_in_file() { [[ $(in_file "$1") == "$2" ]]; }
reloads_are() { [[ $(last_stats "$DIR" | jq -c '[.reloads[]]') == "$1" ]]; }

# programs: those that run, and the maps that they share
programs() { said 'bpftool prog show; bpftool map show' | grep -E '^[0-9]+: ' | tr -s ' ' |
	cut -d ' ' -f 1-4; }

# lie ID ACTION: about a disk's descriptors: it is found, and that is done about it
lie() {
	ok "$NAME: a lie about $1 is found" detect "$DIR" "$1" desc-addr
	is "$NAME: on $1 the policy is $2" "$(last_action "$1")" "$2"
}

begin_audit() {
	file 'stats = 1' 'sweep-ms = 0' 'rate = 0' 'sample = 1' 'sink = json' \
		'sink = json:/run/first' 'action = all=log' "[device $VIRTIO0]" 'action = all=alert' \
		"[queue $BUS1:0]" 'action = desc-tamper=ignore'
	said 'vq-audit check --config /run/vq.conf' >"$TMPDIR/check"
	is "$NAME: check --config finds no error" "$?" 0
	contains "$TMPDIR/check" "$NAME: and shows whose policy differs" "^$BUS1:0 .*desc-tamper=ignore"
	tell "$DIR" 'vq-audit --config /run/vq.conf >&4 2>&4 & audit=$!'
	ok "$NAME: vq-audit starts" await "$PATIENCE" audit_speaks "$DIR" 0
	load "$DIR" blk0
	load "$DIR" blk1
	ok "$NAME: the disks work" gets_on "$DIR" blk1
}

policies_differ() {
	local before told i
	NAME='policies'
	lie blk0 alert
	before=$(queue blk1 ignored)
	for ((i = 1; i <= TRIES; i++)); do
		told=0
		strike "$DIR" blk1 desc-addr "$i" || told=$?
		((told != 1)) && await 20 ignored_more blk1 "$before" && break
	done
	ok "$NAME: a lie about blk1 is counted as ignored" ignored_more blk1 "$before"
	is "$NAME: and is not told" "$(last_action blk1)" ''
}

reloaded() {
	local audited ids
	NAME='reload'
	ids=$(programs)
	audited=$(queue blk0 audited)
	ok "$NAME: programs run" grep -q vq_verdict <<<"$ids"
	file 'stats = 1' 'sweep-ms = 0' 'rate = 5' 'sink = json' 'sink = json:/run/second' \
		'action = all=log' "[queue $BUS1:0]" 'action = desc-tamper=break'
	ok "$NAME: SIGHUP has it done" hang_up 1 'reloaded: the policy of [0-9]+ queues, 2 sinks$'
	ok "$NAME: what takes a restart is named" told_people 1 'reload: .*restart: rate, sample$'
	lie blk0 log
	ok "$NAME: a sink that is new has it" await "$PATIENCE" is_in_file /run/second 1
	is "$NAME: and begins with the start" "$(said 'head -n 1 /run/second | cut -c 2-15')" '"type":"start"'
	is "$NAME: a sink that went has it not" "$(in_file /run/first)" 1
	is "$NAME: programs and maps are the same" "$(programs)" "$ids"
	ok "$NAME: the audit went on" gets_on "$DIR" blk0
	at_least "$NAME: counters go on" "$(queue blk0 audited)" "$audited"
	is "$NAME: nothing was missed meanwhile" \
		"$(queue blk0 skipped | jq 'del(.["before-start"]) | add'),$(queue blk0 coverage_ok)" 0,true
}

refused() {
	NAME='a file with errors'
	tell "$DIR" 'sed -i "s/all=log/all=alert/; s/^rate.*/rat = 1/" /run/vq.conf; echo "[device virtio77]" >>/run/vq.conf'
	said 'vq-audit check --config /run/vq.conf 2>&1' >"$TMPDIR/check"
	is "$NAME: check --config exits with 2" "$?" 2
	ok "$NAME: SIGHUP changes nothing, and that is said" hang_up 1 'reload: refused'
	for error in '3: there is no key "rat"' '9: there is no virtio device "virtio77"'; do
		contains "$TMPDIR/check" "$NAME: check says $error" "^vq-audit: /run/vq.conf:$error"
		ok "$NAME: so does the daemon" told_people 1 "/run/vq.conf:$error"
	done
	lie blk0 log
	ok "$NAME: it is counted" await "$PATIENCE" reloads_are '[1,1]'
}

# A queue that comes later has its device's policy.
comes_later() {
	NAME='a device that comes later'
	file 'stats = 1' 'sweep-ms = 0' 'rate = 0' 'sink = json' "[device $BUS0]" 'action = all=alert' \
		"[queue $BUS1:0]" 'action = desc-tamper=break'
	ok "$NAME: reloaded" hang_up 2 'reloaded: '
	unload "$DIR" blk0
	tell "$DIR" "cd /sys/bus/virtio/drivers/virtio_blk && echo $VIRTIO0 >unbind"
	tell "$DIR" "sleep 1.5; cd /sys/bus/virtio/drivers/virtio_blk && echo $VIRTIO0 >bind"
	is "$NAME: the disk is bound again" "$?" 0
	load "$DIR" blk0
	ok "$NAME: it works" gets_on "$DIR" blk0
	lie blk0 alert
}

# Which buffers are compared is told by a number, once something may be left out at all.
thins() {
	NAME='sample'
	is "$NAME: it is as it was" "$(last_stats "$DIR" | jq .thin.sample)" 1
	file 'stats = 1' 'sweep-ms = 0' 'rate = 0' 'sample = 1024' 'sink = json'
	ok "$NAME: reloaded" hang_up 3 'reloaded: '
	ok "$NAME: much is left out from then on" await "$PATIENCE" thinned 10
}

# A broken queue stays so.
breaks() {
	NAME='break on one queue'
	lie blk1 break
	ok "$NAME: it is broken" await "$PATIENCE" broken blk1
	is "$NAME: the other is not" "$(queue blk0 broken)" false
}

# What is sealed starts no program any more, whoever asks.
starts_none() {
	NAME='a program that comes later'
	sealed "$NAME" "$DIR"
	file 'stats = 1' 'sweep-ms = 0' 'rate = 0' 'sample = 1024' 'sink = json' 'sink = exec:/bin/true'
	ok "$NAME: is refused" hang_up 2 'reload: refused'
	ok "$NAME: and said to take a restart" told_people 1 \
		'--sink exec:/bin/true: no program can be started any more: restart'
}

config() {
	NAME=config
	if ! guest_boot "$DIR" --kernel patched-6.12 --set indirect_desc=off --set iommu_platform=on \
		--device 'blk,iops=20' --device 'blk,iops=20' --timeout 400; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	VIRTIO0=$(device_field "$DIR" blk0 virtio) BUS0=$(device_field "$DIR" blk0 bus)
	BUS1=$(device_field "$DIR" blk1 bus)
	begin_audit
	policies_differ
	reloaded
	refused
	comes_later
	breaks
	thins
	starts_none
	unload "$DIR" blk0
	end_audit "$DIR"
	is "$NAME: vq-audit exits with 1, divergence seen" "$?" 1
	account "$NAME" "$DIR"
	is "$NAME: no violation without its attack" "$(strangers "$DIR")" ''
	kernel_is_well "$NAME" "$DIR"
}

main() {
	begin
	in_parallel config
	finish
}

main "$@"
exit
