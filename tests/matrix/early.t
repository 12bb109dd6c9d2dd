#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The audit begins in an initramfs that Debian's mkinitramfs made with our hook, before there is
# a root disk, and systemd's service takes it over: no counter is lost, the programs are the
# same, and what the hypervisor did in between is told. If it does not begin, the boot says so
# and goes on, or stops where it has to.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # in_parallel and await call what seems not to be called
set -uo pipefail

: "${PATIENCE:=600}" # an initramfs, the verifier and systemd, in a guest that is emulated

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

QUEUES=/sys/fs/bpf/vq-audit/maps/queues
MACHINE=$TMPDIR/machine # what is in a machine beyond this one
SHARED=$TMPDIR/shared
DIR='' NAME=''

# --- an initramfs -------------------------------------------------------------

# A machine with vq-audit installed and configured, and the test's own scripts beside it.
make_machine() {
	local conf=$MACHINE/etc/initramfs-tools
	make -s -C "$ROOT" O="$O" DESTDIR="$MACHINE" PREFIX=/usr install >/dev/null || return
	mkdir -p "$MACHINE/boot" "$conf"/hooks "$conf"/scripts/{local-premount,init-bottom}
	printf 'ring-kib = 512\n' >"$MACHINE/etc/vq-audit.conf"
	printf '%s\n' MODULES=list BUSYBOX=n KEYMAP=n COMPRESS=lz4 COMPRESSLEVEL=1 FSTYPE=auto DEVICE= \
		NFSROOT=auto RUNSIZE=10% >"$conf/initramfs.conf"
	printf '%s\n' virtio_blk ext4 >"$conf/modules"
	script "$conf/hooks/lab" '. /usr/share/initramfs-tools/hook-functions
copy_exec /bin/busybox /lab/busybox
copy_exec "$(command -v bpftool)" /lab/bpftool
[ -z "$LAB_BROKEN" ] || truncate --size=500000 "$DESTDIR/usr/sbin/vq-audit"'
	script "$conf/scripts/local-premount/lab" "$(reads_until_told)"
	script "$conf/scripts/init-bottom/lab" "$(keeps_state)"
}

script() {
	printf '#!/bin/sh\n[ "$1" != prereqs ] || exit 0\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

# Reads the disk blk0 until the hypervisor, whose it is, has written there that it has lied.
reads_until_told() {
	echo 'disk=/dev/disk/by-id/virtio-blk0
blocks() { /lab/busybox dd if=$disk bs=32k skip="$1" count="$2" iflag=direct 2>/dev/null; }
[ -e $disk ] && [ -e /sys/fs/bpf/vq-audit ] || exit 0
echo "lab: the hypervisor may lie"
for part in 1 2 3; do while [ ! -e /run/told ]; do blocks $part 8; done >/dev/null & done
until blocks 0 1 | /lab/busybox grep -q "^told"; do :; done
: >/run/told
wait'
}

# What the audit has become by the end of the initramfs.
keeps_state() {
	echo "/lab/bpftool link show >/run/links
/lab/bpftool map lookup pinned $QUEUES key 0 0 0 0 >/run/queue"
}

# initramfs KERNEL FILE: by mkinitramfs as it is, to which that machine seems to be this one
initramfs() {
	local kernel release
	kernel=$("$ROOT/tests/lab/kernel" "$1") || return
	release=$(<"$kernel/release")
	cp "$kernel/config" "$MACHINE/boot/config-$release"
	unshare --mount sh -ec 'over() { mount -t overlay -o "lowerdir=$1:$2" none "$2"; }
		over "$1/usr" /usr
		over "$2/lib" /usr/lib
		over "$1/etc" /etc
		over "$1/boot" /boot
		mkinitramfs -o "$3" "$4"' - "$MACHINE" "$kernel" "$2" "$release"
}

# What the real system has: the service as it is installed, and the same configuration.
make_share() {
	mkdir -p "$SHARED"/systemd/sysinit.target.wants "$SHARED/etc"
	cp "$MACHINE/usr/lib/systemd/system/vq-audit.service" "$SHARED/systemd/"
	ln -s ../vq-audit.service "$SHARED/systemd/sysinit.target.wants/"
	cp "$MACHINE/etc/vq-audit.conf" "$SHARED/etc/"
}

# --- a guest ------------------------------------------------------------------

# boot KERNEL INITRAMFS ARGS...
boot() {
	local kernel=$1 initramfs=$2
	shift 2
	guest_boot "$DIR" --kernel "$kernel" --initrd "$initramfs" --set indirect_desc=off \
		--set systemd=1 --share "$SHARED" --append loglevel=4 --timeout 800 "$@" ||
		fail "$NAME: a guest with systemd" "$(tail -n 20 "$DIR/err" "$DIR/out" 2>&1)"
}

journal() { said 'journalctl --no-pager -o cat -u vq-audit'; }
programs() { sed -n 's/^[0-9]*: .* prog \([0-9]*\).*/\1/p' | sort -n | xargs; }
# dumped NAME: a field of what bpftool shows of a queue
dumped() { sed -n "s/.*\"$1\": \([0-9]*\),*$/\1/p" | head -n 1; }
# since_boot PATTERN: when the kernel's log says so, in ns
since_boot() { sed -n "s/^\[ *\([0-9]*\)\.\([0-9]*\)\] .*$1.*/\1\2000/p" "$DIR/dmesg" | head -n 1; }

# of_root FILTER: of the root disk's queue in the last account
of_root() {
	last_stats "$DIR" | jq -c --arg bus "$(device_field "$DIR" root bus)" \
		".queues[] | select(.bus == \$bus) | $1"
}

# accounts ARGS...: the service makes room for a daemon that prints
accounts() {
	tell "$DIR" 'systemctl stop vq-audit'
	ok "$NAME: a daemon that prints takes over" start_audit "$DIR" --pin --stats 1
	guest_alive "$DIR" && (($(count_records "$DIR" start) > 0)) || return
	await "$PATIENCE" has_account
	end_audit "$DIR"
	account "$NAME" "$DIR"
}

has_account() { [[ $(of_root .coverage_ok) == true ]]; }

# lies: once the initramfs has the audit and the disk; then it writes that it has lied
lies() {
	local try
	await "$PATIENCE" grep -qs 'lab: the hypervisor may lie' "$DIR/out" || return
	for ((try = 1; try <= TRIES; try++)); do
		! strike "$DIR" blk0 desc-addr "$try" || break
	done
	# shellcheck disable=SC1091
	source "$DIR/env"
	printf told | dd of="${QMP%/*}/blk0.img" conv=notrunc status=none
	((try <= TRIES))
}

# --- what it shows ------------------------------------------------------------

before_root() {
	local began disk mounted
	kernel_log "$DIR"
	began=$(since_boot 'vq-audit: the audit has begun, and is pinned')
	disk=$(since_boot 'virtio_blk virtio0: ')
	mounted=$(since_boot 'EXT4-fs (vda): mounted')
	ok "$NAME: the audit begins before the disk's driver" test "${began:-0}" -gt 0 -a "${began:-0}" -lt "${disk:-0}"
	ok "$NAME: and so before root is mounted" test "${disk:-0}" -lt "${mounted:-0}"
	LIES_BEFORE=$mounted
}

taken_over() {
	local before
	is "$NAME: the service is active" "$(said 'systemctl show -P ActiveState vq-audit')" active
	is "$NAME: it took over" "$(journal | grep -c 'takes over')" 1
	before=$(said 'cat /run/links' | programs)
	at_least "$NAME: programs hang at the end of the initramfs" "$(wc -w <<<"$before")" 10
	is "$NAME: and are those that hang now" "$(said 'bpftool link show' | programs)" "$before"
}

told_of_the_lie() {
	local when
	when=$(said 'vq-audit events -j' | jq -R -c 'fromjson? | select(.rule == "desc-tamper").time_ns' | head -n 1)
	ok "$NAME: the journal has the lie" test "${when:-0}" -gt 0
	ok "$NAME: which was told in the initramfs" test "${when:-0}" -gt 0 -a "${when:-0}" -lt "${LIES_BEFORE:-0}"
}

nothing_missed() {
	local state=$TMPDIR/$NAME.queue
	said 'cat /run/queue' >"$state"
	at_least "$NAME: the initramfs has audited the root disk" "$(dumped audited <"$state")" 5
	is "$NAME: from its first buffer" "$(dumped base_used <"$state")" 0
	accounts
	at_least "$NAME: the counters went on" "$(of_root .audited)" "$(($(dumped audited <"$state") + 1))"
	is "$NAME: of the root disk nothing was skipped" "$(of_root '[.skipped[]] | add')" 0
}

# An initramfs that has not been made again has the configuration of then.
stale() {
	tell "$DIR" 'echo recorder = 0 >>/etc/vq-audit.conf; systemctl start vq-audit'
	is "$NAME: another configuration than the initramfs has is refused" \
		"$(said 'systemctl show -P ExecMainStatus vq-audit')" 3
	is "$NAME: with the way out" "$(journal | grep -c 'update-initramfs -u')" 1
	tell "$DIR" 'vq-audit unpin; systemctl reset-failed vq-audit; systemctl start vq-audit'
	is "$NAME: and that works" "$(said 'systemctl show -P ActiveState vq-audit')" active
}

# begins KERNEL
begins() {
	local liar
	NAME=$1 DIR=$TMPDIR/$1
	if ! initramfs "$1" "$DIR.initramfs" >"$DIR.log" 2>&1; then
		fail "$NAME: mkinitramfs" "$(tail "$DIR.log")"
		return
	fi
	pass "$NAME: mkinitramfs makes an initramfs with the hook"
	lies &
	liar=$!
	boot "$1" "$DIR.initramfs" --device blk,iops=20 || return
	wait "$liar"
	is "$NAME: the hypervisor lied while the initramfs ran" "$?" 0
	before_root
	taken_over
	told_of_the_lie
	nothing_missed
	stale
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

# stops: by the same initramfs, where that is what it has to do
stops() {
	local status=0 said=$TMPDIR/required
	timeout "$PATIENCE" "$ROOT/tests/lab/boot" --kernel stock-6.12 --initrd "$1" --device rng \
		--append 'loglevel=4 vq_audit=required' --timeout "$PATIENCE" -- true \
		</dev/null >"$said" 2>"$said.err" || status=$?
	is "$NAME, required: the guest does not get to its system" "$status" 255
	contains "$said" "$NAME, required: and says why" 'no audit has begun .[1-9][0-9]*., and vq_audit=required'
	lacks "$said" "$NAME, required: root was not looked for" 'Mounting root file system'
}

# goes_on: and what came before the service is lost
goes_on() {
	boot stock-6.12 "$1" --device rng || return
	contains "$DIR/out" "$NAME: the console says that there is no audit" \
		'vq-audit: no audit has begun in the initramfs .[1-9][0-9]*.; the boot goes on without'
	is "$NAME: the service begins one" \
		"$(journal | grep 'vq-audit .* Linux' | cut -d ' ' -f 3)" 'watches,'
	tell "$DIR" 'dd if=$(disk root) of=/dev/null bs=4k count=1 iflag=direct'
	at_least "$NAME: which has missed the first buffers of the root disk" \
		"$(said "bpftool map lookup pinned $QUEUES key 0 0 0 0" | dumped base_used)" 5
	kernel_is_well "$NAME" "$DIR"
	guest_exit "$DIR"
}

# broken: half of the program is in the initramfs
broken() {
	NAME=broken DIR=$TMPDIR/broken
	if ! LAB_BROKEN=yes initramfs stock-6.12 "$DIR.initramfs" >"$DIR.log" 2>&1; then
		fail "$NAME: mkinitramfs" "$(tail "$DIR.log")"
		return
	fi
	stops "$DIR.initramfs"
	goes_on "$DIR.initramfs"
}

main() {
	begin
	if ! make_machine; then
		echo 'Bail out! make install failed'
		exit 1
	fi
	make_share
	(($#)) || set -- 'begins stock-6.12' 'begins stock-6.1' broken
	in_parallel "$@"
	finish
}

main "$@"
exit
