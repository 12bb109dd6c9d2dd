#!/bin/bash
# The attack matrix on patched-6.12: mutation x ring x indirect x device x
# swiotlb, each cell with its silent twin. One boot per configuration holds all
# its cells. See --help, lib.sh and judge.jq.
#
# Two configurations beyond the product go without the DMA API
# (iommu_platform=off): the shadow must be complete there as well.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${JOBS:=$(($(nproc) + 1))}" # guests sleep a lot

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

usage() {
	cat <<'EOF'
usage: CELL=SUBSTRING JOBS=N O=BUILD tests/matrix/matrix.t

Runs the cells whose name, say split/direct/blk/bounced/desc-addr, contains
SUBSTRING (all), N boots at a time (one more than there are CPUs), and writes
BUILD/matrix.json. The parts of a name are split, packed / direct, indirect /
blk, net / plain, bounced (swiotlb=force), nodma (no DMA API) / mutation.
EOF
}

CELL=${CELL-}
KERNEL=patched-6.12
TIER='patched-6.12 patched'

MUTATIONS=(desc-addr desc-len desc-write desc-next-field desc-id indirect-set next-set-last
	next-clear-first table-addr table-len table-flags used-len-over used-id-range
	used-id-not-head used-id-replay)
# next-steer is next-set-last where that hurts an unaudited guest most.
NOT_OURS='next-steer'
# What only a sweep can find, see sweep.t.
readonly SWEPT=(desc-head-{addr,len,write} used-{flags,no-notify} used-idx-back packed-used-early
	avail-{idx,ring,flags,event} driver-event-flags device-event-{flags,off})
# Lies that wait for their rule, or their place here.
readonly WAITING=(desc-head-id used-{len-zero,rewrite,event,silent} used-idx-jump driver-event-off
	notify-{once,storm} stall)

CONFIGS=(split/direct/plain packed/direct/plain split/indirect/plain packed/indirect/plain
	split/direct/bounced packed/direct/bounced split/indirect/bounced packed/indirect/bounced
	split/direct/nodma packed/direct/nodma)

# --- the table --------------------------------------------------------------

# cannot RING KIND MUTATION: why there is no such cell; nothing if there is one
cannot() {
	case $1/$2/$3 in
	*/direct/table-*) echo 'a direct buffer has no table' ;;
	split/*/desc-id) echo 'a split descriptor carries no id' ;;
	packed/*/desc-next-field) echo 'a packed descriptor carries no next' ;;
	packed/indirect/desc-* | packed/indirect/next-* | packed/indirect/indirect-set)
		echo 'an indirect packed buffer is one slot, which the device rightly overwrites' ;;
	split/indirect/indirect-set) echo 'the only descriptor of the buffer is indirect already' ;;
	split/indirect/next-clear-first) echo 'the only descriptor of the buffer has no NEXT' ;;
	esac
}

# A bounced table is edited in vain: the driver never reads the copy.
expected() {
	case $1/$2 in
	bounced/table-*) echo prevented ;;
	*) echo detected ;;
	esac
}

# A false id breaks the queue for good, so each has a device of its own. A lie that meets
# the device in place of the driver, which no attacker from outside can rule out, may break
# the device: then the lies that are left have a spare one.
NET=net0
victim() {
	case $2 in
	used-id-range) echo "${1}1" ;;
	used-id-not-head) echo "${1}2" ;;
	used-id-replay) echo "${1}3" ;;
	*) [[ $1 == net ]] && echo "$NET" || echo blk0 ;;
	esac
}

# cells CONFIG: the names of its cells that are asked for
cells() {
	local ring kind way device mutation name
	IFS=/ read -r ring kind way <<<"$1"
	for device in blk net; do
		for mutation in "${MUTATIONS[@]}"; do
			name=$ring/$kind/$device/$way/$mutation
			[[ $name != *"$CELL"* ]] || echo "$name"
		done
	done
}

# --- one cell ---------------------------------------------------------------

# attack_cell DIR DEVICE MUTATION EXPECT: sets GOT, and REASON if nothing could be seen
attack_cell() {
	local from
	from=$(violations "$1")
	if [[ $4 == detected ]]; then
		detect "$1" "$2" "$3" && GOT=detected
	elif ! prevent "$1" "$2" "$3"; then
		REASON="the lie was not told, or $2 does not get on after it"
	elif alarmed "$1" "$from" "$3"; then
		GOT=detected
	else
		GOT='prevented, unseen'
	fi
	STRANGERS=$(strangers "$1" "$from")
}

# take_spare DIR DEVICE: what net0 was to do a spare NIC does, if QEMU has given net0 up. One
# that does not get on for another reason may be our own fault.
take_spare() {
	why_stuck "$1" "$2"
	[[ $2 == net0 ]] && grep --quiet 'QEMU holds the device for broken' "$1/attack.err" || return 1
	comment "net0 does not get on, net4 takes its place:" "$(tail -n 12 "$1/attack.err")"
	unload "$1" net0
	NET=net4
	load "$1" net4
	gets_on "$1" net4
}

# run_cell DIR NAME: prints its test, and leaves its line in DIR/cells
run_cell() {
	local dir=$1 name=$2 ring kind class way mutation device start=$SECONDS twin from expect
	local GOT=missed REASON='' STRANGERS='' TRIED=0
	IFS=/ read -r ring kind class way mutation <<<"$name"
	device=$(victim "$class" "$mutation") expect=$(expected "$way" "$mutation")
	: >"$dir/attack.err"
	from=$(violations "$dir")
	load "$dir" "$device"
	if gets_on "$dir" "$device" || take_spare "$dir" "$device"; then
		device=$(victim "$class" "$mutation")
		twin=$(strangers "$dir" "$from")
		attack_cell "$dir" "$device" "$mutation" "$expect"
	else
		twin=$(strangers "$dir" "$from") REASON="$device does not get on before the attack"
	fi
	unload "$dir" "$device"
	verdict "$dir" "$name" "$expect" "$twin"
	cell_json "$name" "$expect" "$GOT" "$(grep --count . <<<"$twin")" \
		$((SECONDS - start)) "$TRIED" "$REASON" >>"$dir/cells"
	echo "$name" >>"$dir/ran"
}

# omit_cell DIR NAME WAY REASON: there is no such cell
omit_cell() {
	cell_json "$2" "$(expected "$3" "${2##*/}")" n/a 0 0 0 "$4" >>"$1/cells"
	echo "$2" >>"$1/ran"
}

# verdict DIR NAME EXPECT TWIN
verdict() {
	if [[ $GOT == "$3"* && -z $4$REASON$STRANGERS ]]; then
		pass "$2: $GOT after a silent twin"
		return
	fi
	fail "$2: $3 after a silent twin" "got: $GOT after $TRIED tries${REASON:+ ($REASON)}" \
		"$(grep --max-count=3 'vq-\(attack\|flood\):' "$1/attack.err")" \
		"in the twin: ${4:-silence}" "with the attack: ${STRANGERS:-nothing strange}" \
		"the last lie: $(tail -n 1 "$1/edits")" "the last violation:" \
		"$(records "$1" violation | tail -n 1)" "$(tail -n 5 "$1/attack.err")"
}

# cell_json NAME EXPECT GOT TWIN SECONDS TRIES [REASON]
cell_json() {
	local ring kind class way mutation
	IFS=/ read -r ring kind class way mutation <<<"$1"
	jq -n -c -L "$HERE" --arg cell "$TIER" --arg ring "$ring" --arg device "$class" \
		--arg kind "$kind" --arg way "$way" --arg mutation "$mutation" --arg expect "$2" \
		--arg got "$3" --argjson twin "$4" --argjson seconds "$5" --argjson tries "$6" \
		--arg reason "${7-}" 'include "judge"; {cell: $cell, ring: $ring, device: $device,
			indirect: ($kind == "indirect"), swiotlb: ($way == "bounced"),
			dma_api: ($way != "nodma"), mutation: $mutation, rule: RULES[$mutation],
			expect: $expect, got: $got, twin: $twin, seconds: $seconds, tries: $tries}
			+ if $reason == "" then {} else {reason: $reason} end'
}

# --- one boot ---------------------------------------------------------------

# Receive buffers of several descriptors: big packets, which virtio_net makes
# without mergeable buffers when a frame may be larger than Ethernet's.
readonly NIC='net,peer=udp,mrg_rxbuf=off,host_mtu=9000'
boot_config() {
	local dir=$1 ring kind way arguments=()
	IFS=/ read -r ring kind way <<<"$2"
	for _ in 0 1 2 3; do
		arguments+=(--device 'blk,iops=10' --device "$NIC")
	done
	arguments+=(--device "$NIC") # the spare
	[[ $kind == indirect ]] && arguments+=(--set indirect_desc=on) ||
		arguments+=(--set indirect_desc=off)
	[[ $way == nodma ]] && arguments+=(--set iommu_platform=off) ||
		arguments+=(--set iommu_platform=on)
	[[ $way != bounced ]] || arguments+=(--set swiotlb=force)
	guest_boot "$dir" --kernel "$KERNEL" --ring "$ring" "${arguments[@]}" --timeout 900 &&
		start_audit "$dir" --rate 0 --stats 1 --sweep-ms 0 # the hooks alone
}

# run_config CONFIG: all its cells, then the account
run_config() {
	local config=$1 dir name ring kind way reason status=0
	dir=$(room "$config")
	IFS=/ read -r ring kind way <<<"$config"
	if ! boot_config "$dir" "$config"; then
		fail "$config: a guest with vq-audit" "$(tail -n 5 "$dir/err" "$dir/out")"
		return
	fi
	for name in $(cells "$config"); do
		reason=$(cannot "$ring" "$kind" "${name##*/}")
		if [[ -n $reason ]]; then
			omit_cell "$dir" "$name" "$way" "$reason"
		else
			run_cell "$dir" "$name"
		fi
	done
	end_audit "$dir" || status=$?
	is "$config: vq-audit exits with 1, divergence seen" "$status" "$(exit_expected "$dir")"
	is "$config: every violation has its attack" "$(strangers "$dir")" ''
	account "$config" "$dir"
	kernel_is_well "$config" "$dir"
	guest_exit "$dir"
	is "$config: the guest ends as it should" "$?" 0
	is "$config: every cell has a result" "$(cells "$config" | diff - "$dir/ran")" ''
}

exit_expected() { (($(violations "$1") == 0)) && echo 0 || echo 1; }

# --- all --------------------------------------------------------------------

wanted_configs() {
	local config
	for config in "${CONFIGS[@]}"; do [[ -z $(cells "$config") ]] || echo "$config"; done
}

room() { echo "$TMPDIR/${1//\//-}"; }

# The results, with those that cannot exist, in the order of the table.
write_json() {
	local config
	for config in "${CONFIGS[@]}"; do
		[[ ! -f $(room "$config")/cells ]] || cat "$(room "$config")/cells"
	done >"$O/matrix.json.new"
	mv "$O/matrix.json.new" "$O/matrix.json"
}

summary() {
	jq -r -s '(group_by(.got)[] | "\(length) cells: \(.[0].got)"),
		(map(select(.got == "n/a")) | group_by(.reason)[] | "n/a: \(length): \(.[0].reason)"),
		(map(select(.tries > 0)) | group_by(.device)[]
			| "\(.[0].device): \(length) lies in \(map(.tries) | add) tries")' "$O/matrix.json"
}

# A mutation that the attacker learns must find its place in the table.
table_is_complete() {
	local name known=" ${MUTATIONS[*]} $NOT_OURS ${SWEPT[*]} ${WAITING[*]} " new=''
	while read -r name _; do
		[[ $known == *" $name "* ]] || new+=" $name"
	done < <("$O/tests/vq-attack" --list | tail -n +2)
	is 'every mutation that vq-attack knows is in the table' "$new" ''
}

main() {
	local configs=()
	[[ ${1-} != --help ]] || { usage && exit 0; }
	begin
	mapfile -t configs < <(wanted_configs)
	tap table_is_complete
	in_parallel "${configs[@]/#/run_config }"
	write_json
	comment "$(summary)"
	finish
}

main "$@"
exit
