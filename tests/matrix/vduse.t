#!/bin/bash
# A hostile VDUSE device: a process in the guest is the whole disk, with the rings and
# the bounce pages in its own memory. Its lies are found as a hypervisor's are, and the
# ledger knows its domain: up to 6.12 by the DMA API, later by the domain itself.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

# What vq-vduse --list names, and the rule that it breaks.
declare -A RULE=([desc-addr]=desc-tamper [desc-len]=desc-tamper [next-clear]=next-flip
	[used-len]=used-len-over [used-id]=used-id-range)
# What that one leads to, some seconds later, where nobody keeps the kernel from it.
readonly CONSEQUENCES='next-clear (free-conserve|dma-leak)'
DIR='' NAME=''

# appears DEVICE ARGS...: a disk that is a process
appears() {
	tell "$DIR" "vduse $*" || fail "$NAME: $1 is there" "$(tail -n 5 "$DIR/out")"
	tell "$DIR" places
}

in_account() { last_stats "$DIR" | jq -r "$1"; }

# told FROM: device and rule of what was found after the first FROM
told() {
	records "$DIR" violation | tail -n "+$(($1 + 1))" | jq -r '"\(.bus) \(.rule)"' | sort -u
}

# An honest one, in both shapes of a buffer.
honest() {
	local status=0 device
	appears direct
	appears tables --indirect
	protected
	start_audit "$DIR" --stats 1 --level dma || fail "$NAME: vq-audit starts"
	for device in direct tables; do tell "$DIR" "load $device"; done
	for device in direct tables; do ok "$NAME: $device gets on" gets_on "$DIR" "$device"; done
	for device in direct tables; do tell "$DIR" "unload $device"; done
	tell "$DIR" 'sleep 2'
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	is "$NAME: no violation" "$(told 0)" ''
	account "$NAME" "$DIR"
	is "$NAME: the windows are those of the domains" \
		"$(in_account '[.queues[] | select(.bus == ("direct", "tables")).windows[].source]
			| unique | join(" ")')" vduse
	at_least "$NAME: what is published lies in known mappings" "$(in_account '.ledger.descs')" 100
	at_least "$NAME: and is held against the window" "$(in_account '.ledger["window-descs"]')" 100
	is "$NAME: nothing is doubted" "$(in_account '.ledger.doubts')" 0
	is "$NAME: what was mapped is unmapped, or live" \
		"$(in_account '.ledger | .unmapped + .live')" "$(in_account '.ledger.mapped')"
	comment "$(in_account '.ledger | tostring')"
}

# The kernel keeps such a device to its domain.
protected() {
	local from
	from=$(lines "$DIR")
	tell "$DIR" 'vq-audit check --posture -j' # exits with 1: the guest has another device
	is "$NAME: what protects from either" "$(tail -n "+$((from + 1))" "$DIR/out" |
		jq -R -r 'fromjson? | select(.type == "posture" and .transport == "vdpa")
			| [.bus, .protection, .tables, .verdict, .exposures[0].exposure] | join(" ")' | sort)" \
		"direct vduse-domain none protected own-domain
tables vduse-domain bounced protected own-domain"
}

# The operator says that it may reach one page alone.
other_window() {
	local from
	from=$(count_records "$DIR" violation)
	start_audit "$DIR" --stats 1 --level dma --window direct=0x1000-0x1fff ||
		fail "$NAME: vq-audit starts again"
	for device in direct tables; do tell "$DIR" "load $device"; done
	ok "$NAME: dma-window is detected" await "$PATIENCE" is_told "direct dma-window" "$from"
	ok "$NAME: tables gets on" gets_on "$DIR" tables
	for device in direct tables; do tell "$DIR" "unload $device"; done
	end_audit "$DIR"
	is "$NAME: of that disk, and nothing else" "$(told "$from")" 'direct dma-window'
}

# is_told WHAT FROM
is_told() { told "$2" | grep --line-regexp --fixed-strings -- "$1" >/dev/null || ! sleep 1; }

# lies LIE: a device that is honest for a while, and then is not
lies() {
	local from device=$1
	appears "$device" --lie "$1" --after 60
	from=$(count_records "$DIR" violation)
	tell "$DIR" "load $device"
	ok "$NAME: $1: ${RULE[$1]} is detected" await "$PATIENCE" is_told "$device ${RULE[$1]}" "$from"
	tell "$DIR" "unload $device; cat /run/vduse.$device"
	is "$NAME: $1: after the lie, and nothing else" \
		"$(told "$from" | grep --invert-match --line-regexp --extended-regexp "$CONSEQUENCES")" \
		"$device ${RULE[$1]}"
}

# run KERNEL
run() {
	local lie
	NAME=$1 DIR=$TMPDIR/$1
	if ! guest_boot "$DIR" --kernel "$1" --device rng,period=3600000 --share "$O/tests/vduse" --timeout 600; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	honest
	other_window
	start_audit "$DIR" --stats 1 --level dma --rate 0 || fail "$NAME: vq-audit starts for the lies"
	for lie in "${!RULE[@]}"; do lies "$lie"; done
	end_audit "$DIR"
	kernel_is_well "$1" "$DIR"
	guest_exit "$DIR"
}

every_lie() {
	is 'every lie that vq-vduse knows has its rule' \
		"$("$O/tests/vduse/vq-vduse" --list | awk '{ print $1 }' | sort)" \
		"$(printf '%s\n' "${!RULE[@]}" | sort)"
}

main() {
	local kernel parts=()
	begin
	tap every_lie
	for kernel in ${KERNELS:-patched-7.3 stock-7.3 patched-6.12 stock-6.12}; do parts+=("run $kernel"); done
	in_parallel "${parts[@]}"
	finish
}

main "$@"
exit
