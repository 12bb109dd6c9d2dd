#!/bin/bash
# A guest that starts another kernel by itself: nobody has told the devices, which
# still have what the kernel before gave them. The auditor of the new one sees
# queues that are its own, and no violation.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

DIR='' NAME=''

# boot KERNEL RING
boot() {
	mkdir -p "$DIR/share"
	cp "$("$ROOT/tests/lab/kernel" "$1")/bzImage" "$O/tests/lab/kexec" "$DIR/share/" &&
		guest_boot "$DIR" --kernel "$1" --ring "$2" --device blk --device 'net,peer=udp' \
			--device rng --share "$DIR/share" --set mem=768 --timeout 600
}

# audited WHEN: under load
audited() {
	ok "$NAME: $1: vq-audit starts" start_audit "$DIR" --stats 1 || return
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: $1: blk0 gets on" gets_on "$DIR" blk0
	ok "$NAME: $1: net0 gets on" gets_on "$DIR" net0
}

# The root file system goes along, with the lab's share of it. The answer to the
# last line is the new kernel's, whose obey counts from there.
kexec_under_load() {
	tell "$DIR" 'cd / && find . -xdev | cpio -o -H newc >/tmp/initrd' || return
	printf '/share/kexec /share/bzImage /tmp/initrd\n' >&"${GUEST_IN[$DIR]}"
	await "$PATIENCE" is_ready_again && end_flood "$DIR" net0 && tell "$DIR" "count=$(($(wc -l <"$DIR/told") + 1))"
}

is_ready_again() { (($(count_records "$DIR" ready) == 2)) || ! guest_alive "$DIR"; }

# reborn KERNEL RING
reborn() {
	local status=0
	NAME="$1, $2" DIR=$TMPDIR/$1-$2
	if ! boot "$1" "$2"; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	audited 'at first'
	kexec_under_load
	is "$NAME: another kernel runs" "$?" 0
	audited 'after kexec'
	unload "$DIR" blk0
	unload "$DIR" net0
	tell "$DIR" 'sleep 2'
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	is "$NAME: no violation" "$(records "$DIR" violation | head -n 3)" ''
	account "$NAME" "$DIR"
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

main() {
	begin
	in_parallel 'reborn stock-6.12 split' 'reborn stock-6.12 packed'
	finish
}

main "$@"
exit
