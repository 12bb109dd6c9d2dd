#!/bin/bash
# Every rule on every kernel: each is provoked on a live guest of each tier, or
# the tier says that it cannot see it, or there is a reason why it cannot be
# provoked there. One boot per kernel holds all its cells; before them all of it
# runs for a while without an attack, and must be silent. See --help and judge.jq.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${JOBS:=$(($(nproc) + 1))}" # guests sleep a lot

: "${PATIENCE:=120}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

usage() {
	cat <<'EOF'
usage: KERNEL=SUBSTRING CELL=SUBSTRING JOBS=N O=BUILD tests/matrix/tiers.t

Runs the cells whose name, say packed/desc-addr, contains CELL on the kernels
that contain KERNEL (all), N boots at a time, and writes BUILD/tiers.json.
EOF
}

KERNEL=${KERNEL-} CELL=${CELL-}
KERNELS=({patched,module,stock}-{7.3,6.12,6.1})

# Disks, by what they are attacked for: a queue that is broken stays broken. Even
# ones are split, odd ones packed.
DISKS=(plain plain table table range range head head jump broken)
# Guilty drivers: direct split, direct packed, indirect split, indirect packed.
DRIVERS=4

# CELL RULE DEVICE: an attack from outside, by mutation
ATTACKS=(
	'split/desc-addr desc-tamper blk0' 'packed/desc-addr desc-tamper blk1'
	'split/next-clear-first next-flip blk0' 'packed/next-clear-first next-flip blk1'
	'split/table-len indirect-tamper blk2' 'packed/table-len indirect-tamper blk3'
	'split/used-len-over used-len-over blk0' 'packed/used-len-over used-len-over blk1'
	'split/used-len-zero used-len-short blk0' 'packed/used-len-zero used-len-short blk1'
	'packed/packed-used-early used-wrap blk1'
	'split/used-id-range used-id-range blk4' 'packed/used-id-range used-id-range blk5'
	'split/used-id-not-head used-not-head blk6' 'packed/used-id-not-head used-not-head blk7'
	'split/used-idx-jump used-idx-jump blk8'
)

# CELL RULE DRIVER: a guilty driver, by word of vq_fault
FAULTS=(
	'split/chain-order chain-shape rng0' 'packed/chain-order chain-shape rng1'
	'split/chain-long chain-shape rng2' 'packed/chain-long chain-shape rng3'
	'split/chain-bytes chain-shape rng0' 'packed/chain-bytes chain-shape rng1'
	'split/chain-loop chain-shape rng0'
	'split/publish-order publish-order rng0' 'packed/publish-order publish-order rng1'
	'packed/stale-avail stale-avail rng1'
	'split/indirect-unnegotiated indirect-unnegotiated rng0'
	'packed/indirect-unnegotiated indirect-unnegotiated rng1'
	'split/indirect-length indirect-shape rng2' 'packed/indirect-length indirect-shape rng3'
	'split/indirect-nested indirect-shape rng2' 'packed/indirect-nested indirect-shape rng3'
	'split/indirect-entry indirect-shape rng2'
	'split/indirect-next indirect-shape rng2' 'packed/indirect-next indirect-shape rng3'
	'split/shadow-damage shadow-damage rng0' 'packed/shadow-damage shadow-damage rng1'
	'split/free-count free-conserve rng0' 'packed/free-count free-conserve rng1'
	'split/free-tail free-conserve rng0' 'packed/free-tail free-conserve rng1'
	'split/kick-missing kick-missing rng0' 'packed/kick-missing kick-missing rng1'
	'split/queue-size queue-size rng0'
)

# CELL RULE DRIVER: completions that lie unread are rewritten from outside
REWRITES=('split/used-rewrite used-rewrite rng0' 'packed/used-rewrite used-rewrite rng1')

# CELL RULE DEVICE: words that no hook reads stand wrong for a while, on a queue that idles
SWEPT=(
	'split/avail-idx avail-tamper blk0'
	'split/avail-flags event-tamper blk2' 'packed/driver-event-flags event-tamper blk1'
	'split/used-idx-back used-idx-back rng0'
	'split/used-flags used-flags blk0'
	'split/avail-event device-event blk0'
	'packed/device-event-flags device-event blk1' 'packed/device-event-off device-event blk1'
)

# CELL RULE DEVICE: what a device does, or leaves undone, to a queue that is otherwise well
DEEDS=(
	'split/stall stall blk0' 'packed/stall stall blk1'
	'split/silence notify-missing rng0' 'packed/silence notify-missing rng1'
	'split/storm notify-storm rng0' 'packed/storm notify-storm rng1'
	'split/early-irq before-driver-ok rng0' 'packed/early-irq before-driver-ok rng1'
	'split/early-used before-driver-ok rng0'
	'split/late-used after-reset rng0'
	'split/late-irq after-reset rng0' 'packed/late-irq after-reset rng1'
)

# What else is told of such a deed if it takes its time: by the sweep, and that nobody kicks.
declare -A BESIDE=([silence]='event-tamper\|kick-missing' [early-used]='used-idx-jump\|used-idx-back'
	[late-used]='used-idx-jump\|used-idx-back\|kick-missing')

STALL_MS=8000 # of the disks, which are throttled, none has a request so long

# --- what is known ----------------------------------------------------------

# unseen DIR RULE: whether this tier says that it cannot see the rule at all
unseen() {
	jq -e -s --arg rule "$2" 'any(.[]; .type == "unseen" and .rule == $rule and .where == null)' \
		"$1/check" >/dev/null
}

# excused KERNEL RULE: why the rule cannot be provoked there
excused() {
	case $1/$2 in
	*-6.12/stale-avail | *-7.3/stale-avail) echo 'this kernel takes back what it had made available' ;;
	esac
}

# --- results ----------------------------------------------------------------

# cell DIR KERNEL NAME RULE GOT [REASON]
cell() {
	jq -n -c --arg kernel "$2" --arg cell "$3" --arg rule "$4" --arg got "$5" \
		--arg reason "${6-}" '{kernel: $kernel, rule: $rule, ring: ($cell | split("/")[0]),
			how: ($cell | split("/")[1]), got: $got}
			+ if $reason == "" then {} else {reason: $reason} end' >>"$1/cells"
}

# conclude DIR KERNEL NAME RULE GOT STRANGERS
conclude() {
	cell "$1" "$2" "$3" "$4" "$5"
	if [[ $5 == detected && -z $6 ]]; then
		pass "$2: $3: $4 is detected"
	else
		fail "$2: $3: $4 is detected" "got: $5" "with it: ${6:-nothing strange}" \
			"$(tail -n 1 "$1/edits")" "$(records "$1" violation | tail -n 1 | cut -c 1-900)" \
			"$(tail -n 3 "$1/attack.err")"
	fi
}

# --- cells ------------------------------------------------------------------

# attack_cell DIR KERNEL NAME RULE DEVICE
attack_cell() {
	local dir=$1 device=$5 mutation=${3#*/} got=missed from
	from=$(violations "$dir")
	: >"$dir/attack.err"
	load "$dir" "$device"
	if ! gets_on "$dir" "$device"; then
		got="$device does not get on"
	elif detect_here "$dir" "$device" "$mutation"; then
		got=detected
	fi
	unload "$dir" "$device"
	conclude "$dir" "$2" "$3" "$4" "$got" "$(strangers "$dir" "$from")"
}

# On a stock kernel a hook that is interrupted misses what happens meanwhile,
# which it says; then the lie may be told once more.
detect_here() {
	local before
	before=$(missed "$1")
	detect "$@" && return
	[[ $(missed "$1") != "$before" ]] && detect "$@"
}

missed() { last_stats "$1" | jq '.totals.skipped | .missed + .raced'; }

# guilty DIR DRIVER WORD...: its status, and what it said in DIR/guilty
guilty() {
	local dir=$1 virtio from status
	virtio=$(device_field "$dir" "$2" virtio)
	from=$(lines "$dir")
	shift 2
	tell "$dir" "FAULT=$virtio fault $*"
	status=$?
	tail -n "+$((from + 1))" "$dir/out" | grep '^fault: ' >"$dir/guilty"
	return "$status"
}

# rules_of DIR DEVICE FROM: of the violations after the first FROM, each once
rules_of() {
	records "$1" violation | tail -n "+$(($3 + 1))" | jq -r --arg bus "$(device_field "$1" "$2" bus)" \
		'select(.bus == $bus).rule' | sort -u
}

has_rule() { rules_of "$1" "$2" "$3" | grep --quiet --line-regexp "$4"; }

# fault_cell DIR KERNEL NAME RULE DRIVER
fault_cell() {
	local dir=$1 driver=$5 word=${3#*/} from got=missed others status=0
	from=$(violations "$dir")
	if ! guilty "$dir" "$driver" add kick reap; then
		conclude "$dir" "$2" "$3" "$4" "the driver cannot be had: $(cat "$dir/guilty")" ''
		return
	fi
	guilty "$dir" "$driver" "$word" || status=$?
	if ((status == 255)); then
		conclude "$dir" "$2" "$3" "$4" 'the guest does not answer' ''
		return
	fi
	if ((status)); then
		cell "$dir" "$2" "$3" "$4" n/a "$(sed 's/^fault: //' "$dir/guilty")"
		guilty "$dir" "$driver" unbind
		return
	fi
	if [[ $4 == free-conserve || $4 == shadow-damage ]]; then
		guilty "$dir" "$driver" kick
		tell "$dir" 'sleep 1'
		guilty "$dir" "$driver" reap
	fi
	! await "$PATIENCE" has_rule "$dir" "$driver" "$from" "$4" || got=detected
	guilty "$dir" "$driver" unbind
	# What these words publish is never kicked: after a while that is told as well.
	others=$(rules_of "$dir" "$driver" "$from" | grep --invert-match --line-regexp "$4\|kick-missing")
	# A sweep that knows no better goes by the copy that was damaged.
	[[ $4 != shadow-damage ]] || others=${others/#desc-tamper/}
	conclude "$dir" "$2" "$3" "$4" "$got" "$others"
}

# rewrite_cell DIR KERNEL NAME RULE DRIVER
rewrite_cell() {
	local dir=$1 driver=$5 from got=missed
	from=$(violations "$dir")
	guilty "$dir" "$driver" bind add add kick
	tell "$dir" 'sleep 1'
	attack "$dir" --device "$driver" --mutation used-rewrite --live --timeout 8
	guilty "$dir" "$driver" reap
	! await "$PATIENCE" has_rule "$dir" "$driver" "$from" "$4" || got=detected
	guilty "$dir" "$driver" unbind
	conclude "$dir" "$2" "$3" "$4" "$got" \
		"$(rules_of "$dir" "$driver" "$from" | grep --invert-match --line-regexp "$4")"
}

# used_is_seen DIR DRIVER: completions that stay unread; an index can go back only from
# where a sweep saw it
used_is_seen() {
	local n
	guilty "$1" "$2" bind add add kick
	tell "$1" 'sleep 1'
	n=$(sweeps "$1" "$2")
	await "$PATIENCE" has_swept "$1" "$2" "$((${n:-0} + 3))"
}

# sweeps DIR DEVICE, has_swept DIR DEVICE N: by the last account
sweeps() {
	last_stats "$1" | jq --arg bus "$(device_field "$1" "$2" bus)" \
		'[.queues[] | select(.bus == $bus).sweep.sweeps] | max // 0'
}

has_swept() { (($(sweeps "$1" "$2") >= $3)); }

# swept_cell DIR KERNEL NAME RULE DEVICE
swept_cell() {
	local dir=$1 device=$5 from got=missed
	from=$(violations "$dir")
	[[ $device != rng* ]] || used_is_seen "$dir" "$device" || got='no completion was seen'
	attack "$dir" --device "$device" --mutation "${3#*/}" --posted --live --for 2000 --timeout 8
	! await "$PATIENCE" has_rule "$dir" "$device" "$from" "$4" || got=detected
	[[ $device != rng* ]] || guilty "$dir" "$device" unbind
	conclude "$dir" "$2" "$3" "$4" "$got" \
		"$(rules_of "$dir" "$device" "$from" | grep --invert-match --line-regexp "$4")"
}

# deed_cell DIR KERNEL NAME RULE DEVICE
deed_cell() {
	local dir=$1 device=$5 from got=missed beside=${BESIDE[${3#*/}]-}
	from=$(violations "$dir")
	: >"$dir/attack.err"
	"deed_${3#*/}" "$dir" "$device" "$4" "$from"
	! await "$PATIENCE" has_rule "$dir" "$device" "$from" "$4" || got=detected
	if [[ $device == blk* ]]; then unload "$dir" "$device"; else guilty "$dir" "$device" unbind; fi
	conclude "$dir" "$2" "$3" "$4" "$got" \
		"$(rules_of "$dir" "$device" "$from" | grep --invert-match --line-regexp "$4${beside:+\\|$beside}")"
}

# deed DIR DEVICE MUTATION ARGS...
deed() { attack "$1" --device "$2" --mutation "$3" --timeout 20 "${@:4}"; }

# deed_NAME DIR DEVICE RULE FROM
deed_stall() {
	load "$1" "$2"
	gets_on "$1" "$2"
	deed "$1" "$2" stall --for $((2 * STALL_MS))
}

# The same twice: what comes with an interrupt may lie there unread for long.
deed_silence() {
	local pid
	guilty "$1" "$2" add kick
	tell "$1" 'sleep 4'
	is "${1##*/}: $2: completions with an interrupt are no silence" "$(rules_of "$1" "$2" "$4")" ''
	guilty "$1" "$2" reap add
	deed "$1" "$2" used-silent --posted &
	pid=$!
	tell "$1" 'sleep 1'
	guilty "$1" "$2" kick
	wait "$pid"
}

deed_storm() {
	guilty "$1" "$2" add kick
	tell "$1" 'sleep 1' # while something is unread, an interrupt has a reason
	guilty "$1" "$2" reap
	deed "$1" "$2" notify-storm --count 10
}

# bind_early DIR DRIVER: it stops before DRIVER_OK
bind_early() {
	local fault
	fault="FAULT=$(device_field "$1" "$2" virtio) fault"
	tell "$1" "$fault early-bind; $fault bind & early=\$!; sleep 1"
}

go_on() { tell "$1" "FAULT=$(device_field "$1" "$2" virtio) fault early-go; wait \$early"; }

deed_early-irq() {
	bind_early "$1" "$2"
	deed "$1" "$2" notify-once --any-status
	await "$PATIENCE" has_rule "$1" "$2" "$4" "$3"
	go_on "$1" "$2"
}

deed_early-used() {
	bind_early "$1" "$2"
	deed "$1" "$2" used-idx-jump --live --any-status
	await "$PATIENCE" has_rule "$1" "$2" "$4" "$3"
	go_on "$1" "$2"
}

deed_late-used() {
	local pid
	guilty "$1" "$2" add
	deed "$1" "$2" used-idx-jump --after-reset &
	pid=$!
	tell "$1" 'sleep 1'
	guilty "$1" "$2" reset
	wait "$pid"
}

deed_late-irq() {
	guilty "$1" "$2" add kick reap reset
	tell "$1" 'sleep 1'
	deed "$1" "$2" notify-once
}

# run_cells HOW DIR KERNEL CELL...: those that are asked for
run_cells() {
	local how=$1 dir=$2 kernel=$3 name rule device
	shift 3
	while read -r name rule device; do
		[[ $name == *"$CELL"* ]] || continue
		if unseen "$dir" "$rule"; then
			cell "$dir" "$kernel" "$name" "$rule" unseen
		elif [[ -n $(excused "$kernel" "$rule") ]]; then
			cell "$dir" "$kernel" "$name" "$rule" n/a "$(excused "$kernel" "$rule")"
		else
			"$how" "$dir" "$kernel" "$name" "$rule" "$device"
		fi
	done < <(printf '%s\n' "$@")
}

# --- one kernel -------------------------------------------------------------

boot_kernel() {
	local dir=$1 kernel=$2 arguments=() i packed indirect event
	for i in "${!DISKS[@]}"; do
		packed=$((i % 2)) indirect=0
		[[ ${DISKS[i]} != table ]] || indirect=1
		event=$((i != 2)) # else the driver writes no avail.flags
		arguments+=(--device "blk,iops=10,packed=$(on "$packed"),indirect_desc=$(on "$indirect"),event_idx=$(on "$event")")
	done
	for ((i = 0; i < DRIVERS; i++)); do
		# Its timer would take what nobody kicked, 65 seconds after the last request.
		arguments+=(--device "rng,period=3600000,packed=$(on $((i % 2))),indirect_desc=$(on $((i / 2)))")
	done
	arguments+=(--module vq_fault)
	guest_boot "$dir" --kernel "$kernel" --set iommu_platform=on --set qtest=on "${arguments[@]}" \
		--timeout 1200
}

on() { (($1)) && echo on || echo off; }

# Everything at once, and nobody lies.
twin() {
	local dir=$1 kernel=$2 i from
	for i in "${!DISKS[@]}"; do load "$dir" "blk$i"; done
	from=$(lines "$dir")
	for i in "${!DISKS[@]}"; do
		ok "$kernel: blk$i gets on" await "$PATIENCE" grows "$dir" "blk$i" 0 "$from" "$TWIN"
	done
	for i in "${!DISKS[@]}"; do unload "$dir" "blk$i"; done
	is "$kernel: without an attack there is no violation" "$(strangers "$dir")" ''
}

# On a stock kernel the driver follows the ring, and a NEXT that is cleared makes it
# leave descriptors behind.
leaks() {
	local got=missed
	[[ $(records "$1" start | tail -n 1 | jq -r .tier) != patched ]] || return 0
	[[ $(records "$1" violation | jq -r .rule) != *free-conserve* ]] || got=detected
	unseen "$1" free-conserve && got=unseen
	cell "$1" "$2" split/next-clear-first free-conserve "$got"
}

# Each rule was detected, or there is a reason why not.
complete() {
	local dir=$1 kernel=$2 rule got reason
	while read -r rule; do
		[[ $rule != dma-* && $rule != swiotlb-* ]] || continue # those of level dma: ledger.t
		got=$(jq -r -s --arg rule "$rule" '[.[] | select(.rule == $rule).got] | unique | join(",")' \
			"$dir/cells")
		[[ $got == *detected* || $got == *unseen* ]] && continue
		reason=$(excused "$kernel" "$rule")
		[[ -n $reason ]] || ! unseen "$dir" "$rule" || reason='the tier cannot see it'
		if [[ -n $reason ]]; then
			cell "$dir" "$kernel" "-/-" "$rule" n/a "$reason"
		else
			fail "$kernel: $rule was provoked, or there is a reason why not" "got: ${got:-nothing}"
		fi
	done < <(jq -r 'select(.type == "rule").rule' "$dir/rules")
	pass "$kernel: every rule has a result"
}

# breaks DIR KERNEL: the last disk's queue is broken before the driver uses a lie, where
# the tier can; where it cannot, it says so and does not start.
breaks() {
	local dir=$1 kernel=$2 disk=blk$((${#DISKS[@]} - 1)) from
	if [[ $kernel == stock-* ]]; then
		tell "$dir" 'vq-audit --hard --duration 1'
		is "$kernel: what cannot be enforced is refused" "$?" 3
		return
	fi
	start_audit "$dir" --hard --rate 0 --stats 1
	is "$kernel: vq-audit runs again, with --hard" "$?" 0
	from=$(violations "$dir")
	load "$dir" "$disk"
	ok "$kernel: $disk gets on" gets_on "$dir" "$disk"
	ok "$kernel: a lie to it is found" detect_here "$dir" "$disk" desc-addr
	is "$kernel: and its queue is broken" "$(records "$dir" violation | tail -n "+$((from + 1))" |
		jq -r .done | sort -u)" queue-broken
	unload "$dir" "$disk"
	tell "$dir" 'sleep 2'
	end_audit "$dir"
	is "$kernel: as the account says" "$(is_broken "$dir" "$disk")" true
}

run_kernel() {
	local kernel=$1 dir=$TMPDIR/$1 status=0 image
	mkdir -p "$dir"
	if ! image=$("$ROOT/tests/lab/kernel" "$kernel" 2>"$dir/err"); then
		pass "$kernel # SKIP $(tail -n 1 "$dir/err")"
		return
	fi
	# Before the guest is waited for: it can take minutes.
	"$ROOT/tests/lab/modules/build" "$image" vq_fault >/dev/null 2>"$dir/err"
	"$O/vq-audit" rules -j >"$dir/rules"
	if ! boot_kernel "$dir" "$kernel"; then
		fail "$kernel: a guest" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	tell "$dir" 'vq-audit check -j'
	grep '^{"type":"unseen"' "$dir/out" >"$dir/check"
	if ! start_audit "$dir" --rate 0 --stats 1 --stall-ms "$STALL_MS"; then
		fail "$kernel: vq-audit runs" "$(tail -n 5 "$dir/out")"
		return
	fi
	: >"$dir/cells"
	twin "$dir" "$kernel"
	run_cells swept_cell "$dir" "$kernel" "${SWEPT[@]}"
	run_cells attack_cell "$dir" "$kernel" "${ATTACKS[@]}"
	run_cells fault_cell "$dir" "$kernel" "${FAULTS[@]}"
	run_cells rewrite_cell "$dir" "$kernel" "${REWRITES[@]}"
	run_cells deed_cell "$dir" "$kernel" "${DEEDS[@]}"
	[[ -n $CELL ]] || { leaks "$dir" "$kernel" && complete "$dir" "$kernel"; }
	end_audit "$dir" || status=$?
	is "$kernel: vq-audit exits with 1, divergence seen" "$status" 1
	account "$kernel" "$dir"
	[[ -n $CELL ]] || breaks "$dir" "$kernel"
	kernel_log "$dir"
	contains "$dir/dmesg" "$kernel: the guest is alive" 'Linux version'
	guest_exit "$dir"
}

write_json() {
	local kernel
	for kernel in "${KERNELS[@]}"; do
		[[ ! -f $TMPDIR/$kernel/cells ]] || cat "$TMPDIR/$kernel/cells"
	done >"$O/tiers.json"
}

summary() {
	jq -r -s 'group_by(.kernel)[] | "\(.[0].kernel): " + ([group_by(.got)[] | "\(length) \(.[0].got)"]
		| join(", "))' "$O/tiers.json"
}

main() {
	local kernel parts=()
	[[ ${1-} != --help ]] || { usage && exit 0; }
	begin
	for kernel in "${KERNELS[@]}"; do
		[[ $kernel != *"$KERNEL"* ]] || parts+=("run_kernel $kernel")
	done
	in_parallel "${parts[@]}"
	write_json
	comment "$(summary)"
	finish
}

main "$@"
exit
