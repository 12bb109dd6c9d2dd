#!/bin/bash
# Silence, whatever the device and however its rings are laid out: every virtio
# device that QEMU and a kernel here have, several to a guest and all at work, over
# the factors of table.sh. Everything that completes is accounted for, and nothing
# is called a violation. See --help.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../matrix/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"
HERE=$ROOT/tests/soak
# shellcheck source=tests/soak/table.sh
source "$HERE/table.sh"

usage() {
	cat <<'EOF'
usage: CELL=SUBSTRING SET=pairs|product LEVEL=ring|dma JOBS=N O=BUILD tests/soak/soak.t

Boots a set of guests in which every two levels of two factors meet (pairs), or
one of each combination there is (product: hours), N at a time, those whose name
contains SUBSTRING: CELL=stock-6.1 or CELL=packed/event_idx=off. Whole sets are
also held to a million buffers audited on each kind of ring, and write BUILD/soak.json. `soak.t --list` lists the names of a set.
EOF
}

: "${SET:=pairs}" "${LEVEL:=dma}"
CELL=${CELL-}
PATIENCE=400
BUFFERS=1000000 MOST_BOOTS=16
: "${SHARE:=0}" # of them, of a boot
IOS=20000 FRAMES=20000 MIB=3 # of each boot
declare -A SHARES=([split]=0 [packed]=0)
DIR='' PORT=5201 NAME='' POKE=''

# --- one boot ---------------------------------------------------------------

has() { [[ /$NAME/ == */"$1"/* ]]; }

kernel() { echo "${NAME%%/*}"; }

# The devices of this boot, as in DEVICES.
present() {
	local device kind
	for device in "${DEVICES[@]}"; do
		kind=${device#*|} kind=${kind%%,*}
		driverless "$(kernel)" "$kind" || { [[ $kind == iommu ]] && ! has iommu=virtio; } ||
			echo "$device"
	done
}

# The self-tests of crypto drivers meet what QEMU's backend cannot do, which the
# kernel calls a warning.
boot() {
	local arguments=() device level
	for level in ${NAME//\// }; do
		case $level in
		split | packed) arguments+=(--ring "$level") ;;
		iommu=* | swiotlb=none) ;;
		*=*) arguments+=(--set "$level") ;;
		esac
	done
	while IFS= read -r device; do arguments+=(--device "${device#*|}"); done < <(present)
	guest_boot "$DIR" --kernel "$(kernel)" "${arguments[@]}" --set fio=1 --set mem=768 \
		--append 'cryptomgr.notests=1 memhp_default_state=online sysctl.kernel.watchdog_thresh=60' --share "$O/tests/soak" \
		--timeout 900 && tell "$DIR" 'disk=$(disk blk0) nic=$(nic net0)' && open_host
}

# The host's side of the multiqueue interface, in a network of our own.
open_host() {
	ip addr add 10.0.3.2/24 dev net1 && ip link set net1 up || return
	iperf3 --server --port "$PORT" >"$DIR/iperf3" 2>&1 &
}

# It says that it starts, and attaches: only then does the load count.
audits() { [[ -n $(last_stats "$DIR") ]]; }

# Behind an IOMMU each request costs four more, to map and to unmap.
scale_load() {
	if has iommu=virtio; then IOS=5000 FRAMES=5000; fi
}

# All at once; what was counted goes to DIR/load.
run_load() {
	local from status
	from=$(lines "$DIR")
	# On a stock kernel a queue is known, and counted, from its first use on.
	tell "$DIR" 'dd if=$disk of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null'
	scale_load
	# shellcheck disable=SC2046 # several words
	"$HERE/poke" "$DIR/env" $(kinds) 2>"$DIR/poke" &
	POKE=$!
	flood "$DIR" net0 500
	flood "$DIR" net2 500
	# Told twice: where a long record is written in pieces, a line that comes between is lost.
	tell "$DIR" "storm \${disk#/dev/} \$nic $PORT $IOS $FRAMES $MIB >/run/storm & storm=\$!; \
soak; wait \$storm; status=\$?; cat /run/storm /run/storm; (exit \$status)"
	status=$?
	end_flood "$DIR" net0
	end_flood "$DIR" net2
	tail -n "+$((from + 1))" "$DIR/out" | grep --invert-match '^{' | grep . | awk '!seen[$0]++' >"$DIR/load"
	return "$status"
}

# fill: until the share of this boot is audited
fill() {
	flood "$DIR" net0 20000
	flood "$DIR" net2 20000
	await "$PATIENCE" has_share
	end_flood "$DIR" net0
	end_flood "$DIR" net2
}

has_share() { (($(last_stats "$DIR" | jq .totals.audited) >= SHARE)) || ! sleep 1; }

kinds() { present | sed 's/.*|//; s/,.*//'; }

# --- judgement --------------------------------------------------------------

counted() { sed -n "s/^$1 //p" "$DIR/load"; }

# slot ID: the place on the bus of blk0, net2 ...
slot() {
	kinds | awk -v kind="${1%[0-9]}" -v n="${1: -1}" \
		'$0 == kind && n-- == 0 { printf "0000:00:%02x.0\n", NR }'
}

# sum ID QUEUES FIELD: over the queues whose name matches QUEUES, in the last account
sum() {
	last_stats "$DIR" | jq --arg bus "$(slot "$1")" --arg queues "$2" --arg field "$3" \
		'[.queues[] | select(.bus == $bus and (.queue_name | test($queues)))[$field]] | add'
}

others_agree() {
	is "$NAME: nothing failed" "$(grep failed "$DIR/load")" ''
	at_least "$NAME: the disk's queue completed at least what fio counted" \
		"$(sum blk0 . completions)" "$(counted fio)"
	for id in net0 net1 net2; do
		at_least "$NAME: $id took at least what the network stack counted" \
			"$(sum $id input completions)" "$(counted $id-rx)"
	done
	[[ $NAME == patched-* ]] || return # on others, a publication can be missed
	at_least "$NAME: net0 published at least what pktgen counted" \
		"$(sum net0 output published)" "$(counted pktgen)"
	at_least "$NAME: net1 published at least what the network stack counted" \
		"$(sum net1 output published)" "$(counted net1-tx)"
}

# What is no habit, see table.sh. Of those, an IOMMU's comes once, the others all the time.
silent() {
	is "$NAME: no violation is recorded" "$(records "$DIR" violation | jq -c 'select(.quirk | not)
		| [.virtio, .queue_name, .rule, .text]' | head -n 3)" ''
	is "$NAME: nor counted" "$(last_stats "$DIR" | jq --argjson known "$(unkicked)" \
		'.totals.violations | del(.["used-len-over"]) | add - $known')" 0
	is "$NAME: vq-audit exits with 1 for a habit, else with 0" "$1" \
		"$(last_stats "$DIR" | jq '[.totals.violations[]] | add | if . > 0 then 1 else 0 end')"
}

unkicked() { records "$DIR" violation | jq -s 'map(select(.quirk and .rule == "kick-missing")) | length'; }

# What the hooks of a patched kernel did not see was with the device before.
all_is_audited() {
	is "$NAME: audited and skipped are all that completed" "$(last_stats "$DIR" |
		jq '.totals | .completions - .audited - ([.skipped[]] | add)')" 0
	[[ $NAME != patched-* ]] || is "$NAME: what is not audited was published before" \
		"$(last_stats "$DIR" | jq '.totals | .completions - .audited - .skipped["before-start"]')" 0
}

# verdict DEVICE AUDITED VIOLATIONS: a device of which no buffer was audited has
# shown nothing
verdict() {
	if (($2 == 0)); then
		echo unused
	elif (($3 == 0)); then
		echo silent
	elif habit "$1" >/dev/null; then
		echo habit
	else
		echo violation
	fi
}

# Figures of the device in place N, as JSON
device_figures() {
	last_stats "$DIR" | jq -c --arg bus "$(printf '0000:00:%02x.0' "$1")" '
		[.queues[] | select(.bus == $bus)] as $queues | {audited: ([$queues[].audited] | add // 0),
			skipped: ([$queues[].skipped | to_entries[]] | group_by(.key)
				| map({key: .[0].key, value: (map(.value) | add)}) | from_entries),
			violations: ([$queues[].violations[]] | add // 0)}'
}

# A line for each device of this boot.
write_cells() {
	local n=0 device figures
	while IFS= read -r device; do
		n=$((n + 1))
		figures=$(device_figures $n)
		jq -c --arg boot "$NAME" --arg device "${device%|*}" --arg verdict "$(verdict "${device%|*}" \
			"$(jq .audited <<<"$figures")" "$(jq .violations <<<"$figures")")" \
			'{boot: $boot, device: $device, verdict: $verdict} + .' <<<"$figures"
	done < <(present) >"$DIR/cells"
	is "$NAME: every device was at work, and none but for habits is a violator" \
		"$(jq -r 'select(.verdict | IN("silent", "habit") | not) | "\(.device): \(.verdict)"' "$DIR/cells")" ''
	cp "$DIR/cells" "$REPORT"
}

# run: the boot NAME
run() {
	local status=0
	DIR=$TMPDIR/boot
	if ! { boot && start_audit "$DIR" --stats 3 --level "$LEVEL" --action all=log && await "$PATIENCE" audits; }; then
		fail "$NAME: a guest with vq-audit" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	run_load
	is "$NAME: the load has passed" "$?" 0
	fill
	kill "$POKE"
	tell "$DIR" 'sleep 2' # what comes while the audit ends is in no account
	end_audit "$DIR" || status=$?
	silent "$status"
	account "$NAME" "$DIR"
	all_is_audited
	at_least "$NAME: descriptors were swept" "$(last_stats "$DIR" | jq '[.queues[].sweep.descs] | add')" 1000
	others_agree
	write_cells
	comment "$(tr '\n' ' ' <"$DIR/load")" "$(figures)" "$(cat "$DIR/poke")"
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

figures() {
	jq -r '"\(.device): \(.verdict), \(.audited) audited, skipped: "
		+ (.skipped | to_entries | map(select(.value > 0) | "\(.value) \(.key)") | join(", ")
			| if . == "" then "none" else . end)' "$DIR/cells"
	last_stats "$DIR" | jq -r '"\(.sweep.rounds) sweeps, \([.queues[].sweep.descs] | add) descriptors,"
		+ " losses \(.losses | tojson)"'
}

# --- all --------------------------------------------------------------------

chosen() {
	case $SET in
	pairs) product | covering ;;
	product) product ;;
	esac | grep --fixed-strings -- "$CELL"
}

# Each boot has a network of its own: addresses and ports are free there, and what
# multiqueue needs of the host is gone with it.
boot_apart() {
	local ring=${1#*/}
	SHARE=${SHARES[${ring%%/*}]} REPORT=$RESULTS/${1//\//-} unshare --net "$HERE/soak.t" --boot "$1" &
	wait $!
}

# shares BOOT...: what each of them has to audit, so that all of a ring have enough
shares() {
	local ring boots
	for ring in split packed; do
		boots=$(printf '%s\n' "$@" | grep --count "/$ring/")
		SHARES[$ring]=$((boots ? BUFFERS / boots + 1 : 0))
	done
}

# set_is_right BOOT...
set_is_right() {
	is 'every two levels that can meet do' "$(pairs | while read -r one other; do
		printf '/%s/\n' "$@" | grep --quiet "/$one/.*$other/" || echo "$one $other"
	done)" ''
	at_least "in $MOST_BOOTS boots or fewer" "$MOST_BOOTS" $#
}

# The table of docs/soak.md: a line for each device and level, with what all boots
# that have both make of it, or why none has.
write_json() {
	local device level kind n=0
	for device in "${DEVICES[@]}"; do
		kind=${device#*|} kind=${kind%%,*} device=${device%|*} n=0
		for levels in "${FACTORS[@]}"; do
			for level in $levels; do
				cat "$RESULTS"/* | jq -s -c --arg device "$device" --arg level "$level" --argjson n $n \
					--arg reason "$(why_not "$kind" "$level")" --arg habit "$(habit "$device")" '
					[.[] | select(.device == $device and (.boot | split("/")[$n] == $level)).verdict]
					| unique as $all | {device: $device, factor: $n, level: $level, verdict:
						(if $reason != "" then $reason
							elif $habit != "" and $all != [] and $all - ["habit", "silent"] == [] then "habit"
							else $all | join(", ") end), habit: $habit}'
			done
			n=$((n + 1))
		done
	done >"$O/soak.json.new"
	impossible >>"$O/soak.json.new"
	mv "$O/soak.json.new" "$O/soak.json"
}

table_is_full() {
	is 'each device has each level, or there is a reason' \
		"$(jq -r 'select(.verdict == "") | "\(.device): \(.level)"' "$O/soak.json")" ''
}

# What cannot be, as JSON.
impossible() {
	local line one other reason
	for line in "${CANNOT_MEET[@]}"; do
		read -r one other reason <<<"$line"
		jq -n -c --arg what "$one with $other" --arg reason "$reason" '{what: $what, reason: $reason}'
	done
	for line in "${ABSENT[@]}"; do
		jq -n -c --arg what "${line%|*}" --arg reason "${line#*|}" '{what: $what, reason: $reason}'
	done
}

million_each() {
	local ring
	for ring in split packed; do
		at_least "$ring rings: buffers audited" "$(cat "$RESULTS"/* | jq -s --arg ring "$ring" '[.[]
			| select(.boot | split("/")[1] == $ring).audited] | add')" "$BUFFERS"
	done
}

main() {
	local names kernel
	case ${1-} in
	--help) usage && exit 0 ;;
	--list) chosen && exit 0 ;;
	--boot)
		begin
		ip link set lo up
		NAME=$2
		run
		exit 0 # what is wrong was printed
		;;
	esac
	begin
	RESULTS=$TMPDIR/results
	mkdir "$RESULTS"
	export RESULTS
	mapfile -t names < <(chosen)
	[[ $SET != pairs || -n $CELL ]] || tap set_is_right "${names[@]}"
	for kernel in ${FACTORS[0]}; do "$ROOT/tests/lab/kernel" "$kernel" >/dev/null || exit; done
	[[ -n $CELL ]] || shares "${names[@]}"
	in_parallel "${names[@]/#/boot_apart }"
	if [[ -z $CELL ]]; then
		tap million_each
		write_json
		tap table_is_full
	fi
	finish
}

main "$@"
exit
