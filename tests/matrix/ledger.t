#!/bin/bash
# The ledger of DMA mappings (level dma): it is silent on a guest that is well, finds
# each fault of a guilty driver, and where it is too small for its guest, what does
# not fit is counted and told, and never called a violation. So is what was mapped
# while functions were not traced. Where everything is bounced, devices may reach
# their bounce buffers alone, and what is copied fits.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

SMALL=16 # the least that --max-mappings takes: less than any guest has at a time
DIR='' NAME='' READS=32k

# audited ARGS...: under load for a while, silent; the last account stays
audited() {
	local status=0
	if ! start_audit "$DIR" --stats 1 --level dma "$@"; then
		fail "$NAME: vq-audit starts" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	tell "$DIR" "load blk0 $READS"
	load "$DIR" net0
	# All that is there is mapped anew.
	tell "$DIR" 'for n in 128 256; do ethtool -G $(nic net0) rx $n tx $n; done'
	ok "$NAME: blk0 gets on" gets_on "$DIR" blk0
	ok "$NAME: net0 gets on" gets_on "$DIR" net0
	unload "$DIR" blk0
	unload "$DIR" net0
	tell "$DIR" 'sleep 2'
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	is "$NAME: no violation" "$(records "$DIR" violation | head -n 3)" ''
}

in_account() { last_stats "$DIR" | jq -r "$1"; }

# Each mapping was entered once, and each end of one, whatever interrupted the programs.
adds_up() {
	is "$NAME: what was mapped is unmapped, or live" \
		"$(in_account '.ledger | .unmapped + .live')" "$(in_account '.ledger.mapped')"
}

too_small() {
	NAME="$1, too small"
	audited --max-mappings "$SMALL"
	at_least "$NAME: what was left out is counted" "$(in_account '.losses["ledger-full"]')" 1
	at_least "$NAME: and told" "$(records "$DIR" lost | grep -c ledger-full)" 1
	at_least "$NAME: of those buffers nothing is known" "$(in_account '.ledger["unknown-descs"]')" 1
	comment "$(in_account '.ledger, .losses | tostring')"
}

# crowded KERNEL: there is room for what lives, and not for all that ended of late
crowded() {
	local status=0
	NAME="$1, crowded"
	start_audit "$DIR" --stats 1 --level dma --max-mappings 1024 || fail "$NAME: vq-audit starts"
	# Pages of the cache, each at an address of its own, few at a time; and buffers that live
	# while many of those come and go, and then all end at once.
	tell "$DIR" 'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 3 >/proc/sys/vm/drop_caches; dd if=$(disk blk0) of=/dev/null bs=128k count=480; ethtool -G $(nic net0) rx $((128 + n % 2 * 128)); done'
	end_audit "$DIR" || status=$?
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	at_least "$NAME: more is mapped than there is room for" "$(in_account .ledger.mapped)" 1025
	is "$NAME: nothing is left out" "$(in_account '.losses["ledger-full"]')" 0
	adds_up
	comment "$(in_account '.ledger | tostring')"
}

large_enough() {
	NAME="$1, large enough"
	audited
	is "$NAME: nothing is left out" "$(in_account '.losses["ledger-full"]')" 0
	at_least "$NAME: what is published lies in known mappings" "$(in_account '.ledger.descs')" 100
	is "$NAME: nothing is doubted" "$(in_account '.ledger.doubts')" 0
	adds_up
	comment "$(in_account '.ledger | tostring')"
}

# What user space can bring about is counted, and told only if that is asked for.
shares_memory() {
	tell "$DIR" 'fault dma-overlap kick reap'
	ok "$NAME: one place for two buffers is counted" await "$PATIENCE" overlaps
	tell "$DIR" 'fault unbind'
}

overlaps() { (($(in_account '.totals.violations["dma-overlap"] // 0') > 0)) || ! sleep 1; }

# leaves KERNEL: the programs go one by one under load, and what some do not see any more
# is no fault of the driver
leaves() {
	local status=0
	NAME="$1, leaving"
	start_audit "$DIR" --stats 1 --level dma || fail "$NAME: vq-audit starts"
	shares_memory
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: blk0 gets on" gets_on "$DIR" blk0
	ok "$NAME: net0 gets on" gets_on "$DIR" net0
	end_audit "$DIR" || status=$?
	unload "$DIR" blk0
	unload "$DIR" net0
	is "$NAME: vq-audit exits with 0, clean" "$status" 0
	is "$NAME: no violation" "$(records "$DIR" violation | head -n 3)" ''
}

# killed KERNEL: nobody detaches them, so the kernel does, again under load, while a queue of
# which something is told is broken; none is
killed() {
	NAME="$1, killed"
	start_audit "$DIR" --stats 1 --level dma --action all=break || fail "$NAME: vq-audit starts"
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: blk0 gets on" gets_on "$DIR" blk0
	ok "$NAME: net0 gets on" gets_on "$DIR" net0
	tell "$DIR" 'kill -KILL $audit; wait $audit'
	ok "$NAME: its programs go" await "$PATIENCE" tell "$DIR" '! bpftool prog | grep -q vq_publish'
	unload "$DIR" blk0
	unload "$DIR" net0
	ok "$NAME: blk0 still works" tell "$DIR" 'timeout 20 dd if=$(disk blk0) of=/dev/null bs=4k count=9 iflag=direct'
	ok "$NAME: no queue was broken" tell "$DIR" '! vq-audit list -j | grep -q "\"broken\":true"'
}

# Whatever functions tell goes unseen, and afterwards is not held against anybody.
switched_off() {
	tell "$DIR" 'sysctl -w kernel.ftrace_enabled=0'
	ok "$NAME: functions are not traced" tell "$DIR" 'grep -q 0 /proc/sys/kernel/ftrace_enabled'
	tell "$DIR" 'for n in 128 256; do ethtool -G $(nic net0) rx $n tx $n; done'
	tell "$DIR" 'fault add kick reap; fault unbind; sleep 3'
	tell "$DIR" 'sysctl -w kernel.ftrace_enabled=1'
}

# known: mappings that were entered and are known now
known() { in_account '.ledger | .descs'; }

knows_more() { (($(known) > $1)) || ! sleep 1; }

# untraced KERNEL: of what was mapped and unmapped meanwhile nothing is known; of what came
# later all is
untraced() {
	local from before
	NAME="$1, untraced for a while"
	start_audit "$DIR" --stats 1 --rate 0 --level dma --sweep-ms 500 || fail "$NAME: vq-audit starts"
	from=$(count_records "$DIR" violation)
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: blk0 gets on" gets_on "$DIR" blk0
	ok "$NAME: net0 gets on" gets_on "$DIR" net0
	switched_off
	before=$(known)
	ok "$NAME: blk0 gets on afterwards" gets_on "$DIR" blk0
	ok "$NAME: net0 gets on afterwards" gets_on "$DIR" net0
	ok "$NAME: mappings are known again" await "$PATIENCE" knows_more "$before"
	unload "$DIR" blk0
	unload "$DIR" net0
	tell "$DIR" 'sleep 5' # an entry that is left over is told after four
	is "$NAME: no violation" "$(records "$DIR" violation | tail -n "+$((from + 1))" | head -n 3)" ''
	at_least "$NAME: it is counted" "$(in_account .losses.untraced)" 1
	cell dma-unmap-twice dma-unmap-mismatch
	end_audit "$DIR"
	comment "$(in_account '.ledger, .losses | tostring')"
}

# cell WORD RULE: a fault of the driver is told by its rule, after that fault
cell() {
	local from status=0
	tell "$DIR" 'fault add kick reap' || fail "$NAME: $1: the driver can be had"
	from=$(count_records "$DIR" violation)
	tell "$DIR" "fault $1" || status=$?
	if ((status == 1)) && refused "$1" >/dev/null; then
		pass "$NAME: $1 # SKIP $(refused "$1")"
	else
		is "$NAME: $1 is done" "$status" 0
		ok "$NAME: $1: $2 is detected" await "$PATIENCE" has_rule "$2" "$from"
	fi
	tell "$DIR" 'fault unbind'
}

# What a kernel cannot do, and says so; anything else that goes wrong is a failure.
refused() { grep "^fault: $1: the core of 6.1 maps every buffer by itself" "$DIR/out"; }

# has_rule RULE FROM: among the violations after the first FROM. All are read: who stops
# at the first one ends the pipe with a signal, once there are many.
has_rule() {
	(($(records "$DIR" violation | tail -n "+$(($2 + 1))" | grep --count "\"rule\":\"$1\"") > 0)) ||
		! sleep 1
}

# guilty KERNEL: every word of vq_fault that is about mappings
guilty() {
	NAME="$1, a guilty driver"
	if ! start_audit "$DIR" --stats 1 --rate 0 --level dma --action dma-overlap=log; then
		fail "$NAME: vq-audit starts"
		return
	fi
	cell dma-unmapped dma-unmapped
	cell dma-direction dma-direction
	cell dma-early-unmap dma-early-unmap
	cell dma-unmap-twice dma-unmap-mismatch
	cell dma-leak dma-leak
	cell dma-overlap dma-overlap
	kernel_is_well "$1" "$DIR"
	cell dma-map-error dma-map-error # the kernel warns of an address beyond the limit
	end_audit "$DIR"
}

# in_windows KERNEL: everything is bounced, and nothing is found
in_windows() {
	NAME="$1, bounced"
	audited
	at_least "$NAME: what is published is held against windows" "$(in_account '.ledger["window-descs"]')" 100
	at_least "$NAME: what is copied is looked at" "$(in_account '.ledger.copies')" 100
	is "$NAME: the windows are the kernel's" \
		"$(in_account '[.queues[].windows[].source] | unique | join(" ")')" swiotlb
	is "$NAME: nothing is doubted" "$(in_account '.ledger.doubts')" 0
	adds_up
}

# other_window KERNEL: the operator says that a disk may reach one page alone
other_window() {
	local bus from
	NAME="$1, its operator's window"
	bus=$(device_field "$DIR" blk0 bus)
	start_audit "$DIR" --stats 1 --rate 0 --level dma --window "$bus=0x1000-0x1fff" ||
		fail "$NAME: vq-audit starts"
	from=$(count_records "$DIR" violation)
	load "$DIR" blk0
	load "$DIR" net0
	ok "$NAME: dma-window is detected" await "$PATIENCE" has_rule dma-window "$from"
	ok "$NAME: net0 gets on" gets_on "$DIR" net0
	unload "$DIR" blk0
	unload "$DIR" net0
	end_audit "$DIR"
	is "$NAME: of that disk, and nothing else" \
		"$(records "$DIR" violation | tail -n "+$((from + 1))" | jq -r '"\(.bus) \(.rule)"' | sort -u)" \
		"$bus dma-window"
}

# guilty_bounce KERNEL: every word that is about bounce buffers
guilty_bounce() {
	NAME="$1, a guilty driver that is bounced"
	start_audit "$DIR" --stats 1 --rate 0 --level dma || fail "$NAME: vq-audit starts"
	cell dma-window dma-window
	cell swiotlb-leak swiotlb-leak
	kernel_is_well "$1" "$DIR"
	cell swiotlb-size swiotlb-size # of which the kernel warns, too
	end_audit "$DIR"
	kernel_log "$DIR"
	contains "$DIR/dmesg" "$NAME: the kernel saw it" 'Buffer overflow detected'
}

# A configuration space whose list begins with a bounce buffer: the first page of BAR 4.
FIND='for d in /sys/bus/virtio/devices/*; do grep -q 0x0004 $d/device && break; done; bus=$(readlink -f $d/..)'
COPY='cat $bus/config >/run/config && first=$(dd if=/run/config bs=1 skip=52 count=1 2>/dev/null | od -An -to1 | tr -d " ")'
ADD='printf "\011\\$first\020\012\004\0\0\0\0\0\0\0\0\020\0\0" | dd of=/run/config bs=1 seek=240 conv=notrunc 2>/dev/null'
LINK='printf "\360" | dd of=/run/config bs=1 seek=52 conv=notrunc 2>/dev/null'
INVENT="$FIND; $COPY && $ADD && $LINK && mount --bind /run/config \$bus/config"

offered() { (($(in_account '[.queues[].windows[]? | select(.source == "pci-swiotlb")] | length') > 0)) || ! sleep 1; }

# comes_later KERNEL: a device that comes while the audit runs is asked then what it offers
comes_later() {
	local from
	NAME="$1, a device that comes later"
	start_audit "$DIR" --stats 1 --rate 0 --level dma || fail "$NAME: vq-audit starts"
	from=$(count_records "$DIR" violation)
	ok "$NAME: its configuration space is invented" tell "$DIR" "$INVENT"
	tell "$DIR" 'fault add kick reap; sleep 2; fault add kick reap; fault unbind'
	is "$NAME: its driver does not accept the offer: no violation" \
		"$(records "$DIR" violation | tail -n "+$((from + 1))" | head -n 3)" ''
	tell "$DIR" 'fault early-swiotlb add kick reap' || fail "$NAME: the driver can be had"
	ok "$NAME: it accepts: that is its window" await "$PATIENCE" offered
	tell "$DIR" 'fault add kick reap'
	ok "$NAME: dma-window is detected" await "$PATIENCE" has_rule dma-window "$from"
	tell "$DIR" 'fault unbind; sleep 2'
	from=$(count_records "$DIR" violation)
	tell "$DIR" 'fault add kick reap; sleep 2; fault add kick reap; fault unbind'
	is "$NAME: gone, it has left no window to who comes after it" \
		"$(records "$DIR" violation | tail -n "+$((from + 1))" | head -n 3)" ''
	end_audit "$DIR"
	tell "$DIR" "$FIND; umount \$bus/config"
}

# starves KERNEL: mappings fail for real, under load, and what was mapped goes
starves() {
	# More than the pool has room for at once; a single one finds it, or the disk would starve.
	NAME="$1, starved" READS=512k
	audited
	at_least "$NAME: mappings failed" "$(in_account '.ledger["map-errors"]')" 10
	comment "$(in_account '.ledger | tostring')"
}

# fills KERNEL: a mapping fails amid a buffer, since its IOMMU domain is full: what was mapped
# for it goes, once, unless somebody leaves it
fills() {
	local from
	start_audit "$DIR" --stats 1 --rate 0 --level dma || fail "$NAME: vq-audit starts"
	from=$(count_records "$DIR" violation)
	tell "$DIR" 'fault add kick reap' || fail "$NAME: the driver can be had"
	ok "$NAME: a mapping fails, and what fits does not" tell "$DIR" 'fault dma-full'
	tell "$DIR" 'fault unbind; sleep 6' # what is left is told after four
	is "$NAME: no violation" "$(records "$DIR" violation | tail -n "+$((from + 1))" | head -n 3)" ''
	at_least "$NAME: mappings failed" "$(in_account '.ledger["map-errors"]')" 2
	is "$NAME: it was looked what stays mapped" "$(in_account '.ledger["unchecked-errors"]')" 0
	adds_up
	comment "$(in_account '.ledger | tostring')"
	cell dma-full-error dma-map-error
	end_audit "$DIR"
}

# boot KERNEL ARGS...
boot() {
	DIR=$TMPDIR/${NAME// /-}
	guest_boot "$DIR" --kernel "$1" --set iommu_platform=on --device blk --device 'net,peer=udp' \
		--device rng,period=3600000,indirect_desc=off --module vq_fault --timeout 900 "${@:2}" &&
		return
	fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
	return 1
}

# run KERNEL
run() {
	NAME=$1
	boot "$1" || return
	too_small "$1"
	large_enough "$1"
	crowded "$1"
	leaves "$1"
	[[ $1 != patched-* ]] || killed "$1"
	[[ $1 == *-7.* ]] || untraced "$1" # there functions are always traced
	guilty "$1"
	comes_later "$1"
	guest_exit "$DIR"
}

# bounced KERNEL
bounced() {
	NAME="$1 bounced"
	boot "$1" --set swiotlb=force || return
	in_windows "$1"
	other_window "$1"
	guilty_bounce "$1"
	guest_exit "$DIR"
}

# starved KERNEL
starved() {
	NAME="$1 starved"
	boot "$1" --append swiotlb=1024,force || return
	starves "$1"
	kernel_is_well "$1" "$DIR"
	guest_exit "$DIR"
}

# full KERNEL
full() {
	NAME="$1 full"
	DIR=$TMPDIR/${NAME// /-}
	guest_boot "$DIR" --kernel "$1" --set iommu_platform=on --device iommu \
		--device rng,period=3600000,indirect_desc=off --module vq_fault --timeout 900 ||
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
	fills "$1"
	kernel_is_well "$1" "$DIR"
	guest_exit "$DIR"
}

main() {
	local part kernel parts=()
	begin
	for part in run bounced starved; do
		for kernel in ${KERNELS:-stock-6.1 patched-6.12 stock-7.3}; do
			[[ "$part $kernel" != *"${CELL-}"* ]] || parts+=("$part $kernel")
		done
	done
	# Of those above, the kernels either have no driver for an IOMMU, or load programs slowly.
	part="full ${KERNEL_WITH_IOMMU:-stock-6.12}"
	[[ "$part" != *"${CELL-}"* ]] || parts+=("$part")
	in_parallel "${parts[@]}"
	finish
}

main "$@"
exit
