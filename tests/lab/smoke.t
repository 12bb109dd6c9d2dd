#!/bin/bash
# The lab tests itself: does boot do what its contract in --help says?
# shellcheck disable=SC2016 # what stands in single quotes is for the guest
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Whatever boot leaves behind carries this path, and only ours does.
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'end_server; rm -rf "$TMPDIR"' EXIT

OUT=$TMPDIR/out ERR=$TMPDIR/err STATUS=0 COUNT=0 FAILED=0 SERVER='' PORT=''

# --- TAP --------------------------------------------------------------------

ok() { # ok NAME COMMAND...
	local name=$1
	shift
	COUNT=$((COUNT + 1))
	if "$@"; then
		echo "ok $COUNT - $name"
	else
		echo "not ok $COUNT - $name"
		echo "#   false: $*"
		sed 's/^/#   out: /' "$OUT" | tail -n 8
		sed 's/^/#   err: /' "$ERR" | tail -n 8
		FAILED=$((FAILED + 1))
	fi
}

skip() {
	COUNT=$((COUNT + 1))
	echo "ok $COUNT - $1 # SKIP $2"
}

is() { ok "$1 ($2)" test "$2" = "$3"; }

# --- helpers ----------------------------------------------------------------

boot() {
	STATUS=0
	"$HERE/boot" "$@" >"$OUT" 2>"$ERR" || STATUS=$?
}

boot_silently() { boot "$@" </dev/null; }

printed() { grep --quiet --line-regexp -- "$1" "$OUT"; }
told() { grep --quiet -- "$1" "$ERR"; }

# wait_until SECONDS COMMAND...
wait_until() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# A feature bit as the guest negotiated it: sysfs prints bit 0 first.
feature_bit() { printf 'cut -c %d /sys/bus/virtio/devices/virtio0/features' $(($1 + 1)); }

# serve: an iperf3 server on a free PORT of the host
serve() {
	for PORT in $(shuf -i 32768-60000 -n 20); do
		iperf3 --server --port "$PORT" >/dev/null 2>&1 &
		SERVER=$!
		sleep 0.5
		! kill -0 "$SERVER" 2>/dev/null || return 0
	done
	return 1
}

end_server() { [[ -z $SERVER ]] || kill "$SERVER"; }

# --- one kernel -------------------------------------------------------------

command_gets_what_it_should() {
	local kernel=$1 line
	boot --kernel "$kernel" -- '
		read -r line; printf "line: <%s>\n" "$line"
		printf "rest: <%s>\n" "$(cat)"
		echo "id: $(id -u)"
		echo "devices: $LAB_DEVICES"
		echo "serial: $(cat /sys/block/vda/serial)"
		dd if=/dev/vda bs=16 skip=100 count=1 2>/dev/null
		ping -c 1 -W 5 10.0.2.2 >/dev/null && echo "slirp answers"
		[ -s /sys/kernel/btf/vmlinux ] || echo "no /sys/kernel/btf/vmlinux"
		for m in /sys/fs/bpf /sys/kernel/tracing /sys/kernel/debug /proc /tmp; do
			grep -q " $m " /proc/mounts || echo "no $m"
		done
		echo "to stderr" >&2
		exit 7' < <(printf '%s\n' 'one  two \three' 'last')
	is "$kernel: CMD's status passes through" "$STATUS" 7
	ok "$kernel: standard input arrives as it was" printed 'line: <one  two \\three>'
	ok "$kernel: and ends" printed 'rest: <last>'
	line=$(grep --count three "$OUT")
	is "$kernel: there is no echo" "$line" 1
	ok "$kernel: CMD runs as root" printed 'id: 0'
	ok "$kernel: one blk and one net by default" printed 'devices: blk0 net0'
	ok "$kernel: the disk carries its id" printed 'serial: blk0'
	ok "$kernel: every 16 bytes of the disk spell their offset" printed '000000000001600'
	ok "$kernel: the network works" printed 'slirp answers'
	ok "$kernel: standard error is seen" printed 'to stderr'
	is "$kernel: nothing is missing" "$(grep '^no /' "$OUT")" ''
	is "$kernel: no carriage returns" "$(grep --count $'\r' "$OUT")" 0
	is "$kernel: the lab has nothing to say" "$(cat "$ERR")" ''
}

rings_are_what_was_asked() {
	local kernel=$1
	boot_silently --kernel "$kernel" --device blk --ring packed -- "$(feature_bit 34)"
	ok "$kernel: --ring packed negotiates packed" printed 1
	boot_silently --kernel "$kernel" --device blk --set indirect_desc=off -- \
		"$(feature_bit 34); $(feature_bit 28)"
	is "$kernel: split is the default, --set reaches the device" "$(tr '\n' ' ' <"$OUT")" '0 0 '
}

# The loads that other tests put on a guest, all at once, on bounced packed rings.
loads_run() {
	local kernel=$1
	boot_silently --kernel "$kernel" --ring packed --set iommu_platform=on --set swiotlb=force \
		--set fio=1 --device blk --device net,peer=udp --device net -- "
		. /lab/devices; storm \$(basename \$(disk blk0)) \$(nic net0) $PORT 1000 500 1"
	ok "$kernel: fio runs" printed 'fio 1000'
	ok "$kernel: pktgen runs" printed 'pktgen 500'
	is "$kernel: nothing fails" "$(grep failed "$OUT")" ''
}

panic_is_told() {
	local kernel=$1
	boot_silently --kernel "$kernel" --device rng -- 'echo c >/proc/sysrq-trigger'
	is "$kernel: a panic" "$STATUS" 253
	ok "$kernel: with its reason" told 'panicked: sysrq triggered crash'
}

# The guest says when it is there and waits for a line; meanwhile we look.
outside_programs_see_the_guest() {
	local kernel=$1 dir=$TMPDIR/lab MEM='' RAM='' QMP='' PID='' NET0_TX_PORT='' NET0_RX_PORT='' boot
	mkfifo "$TMPDIR/in"
	LAB_DIR=$dir boot --kernel "$kernel" --device net,peer=udp --device console --set mem=384 -- '
		echo there; read -r line; echo "told $line"' <"$TMPDIR/in" &
	boot=$!
	exec 5>"$TMPDIR/in"
	ok "$kernel: lines come as they are printed" wait_until 60 printed there
	# shellcheck disable=SC1091
	source "$dir/env"
	ok "$kernel: QMP is a socket" test -S "$QMP"
	is "$kernel: RAM is as large as the guest's memory" "$(stat --format=%s "$RAM")" $((MEM * 1024 * 1024))
	is "$kernel: and of the size asked for" "$MEM" 384
	ok "$kernel: PID is QEMU" grep --quiet qemu "/proc/$PID/comm"
	ok "$kernel: RAM is the guest's memory" grep --quiet --text 'Linux version [0-9]' "$RAM"
	ok "$kernel: the ports of net0 are named" test -n "$NET0_TX_PORT" -a -n "$NET0_RX_PORT"
	echo now >&5
	exec 5>&-
	wait "$boot"
	ok "$kernel: a line sent while CMD runs arrives" printed 'told now'
	ok "$kernel: env is gone afterwards" test ! -e "$dir/env"
	ok "$kernel: RAM is gone afterwards" test ! -e "$RAM"
	rm "$TMPDIR/in"
}

share_works() {
	local share=$TMPDIR/share
	mkdir "$share"
	echo hello >"$share/in"
	boot_silently --kernel patched-6.12 --share "$share" --device rng -- 'cat /share/in; echo back >/share/out'
	ok 'patched-6.12: --share is readable' printed hello
	is 'patched-6.12: --share is writable' "$(cat "$share/out" 2>/dev/null)" back
	boot_silently --kernel stock-6.12 --share "$share" --device rng -- 'cat /share/in'
	ok 'stock-6.12: --share is copied' printed hello
	ok 'stock-6.12: and that is told' told 'is a copy'
}

# --- the lab's own failures -------------------------------------------------

usage_errors() {
	local arguments
	while read -r arguments; do
		# shellcheck disable=SC2086 # words are wanted
		boot_silently $arguments
		is "usage: boot $arguments" "$STATUS" 251
	done <<'END'
-- true
--kernel stock-6.12
--kernel stock-6.12 --ring round -- true
--kernel stock-6.12 --frob -- true
--kernel stock-6.12 --device toaster -- true
--kernel stock-6.12 --device blk,frob=1 -- true
--kernel stock-6.12 --set frob=1 -- true
--kernel stock-6.12 --timeout soon -- true
--kernel no-such-kernel -- true
END
	mkdir "$TMPDIR/no-apt"
	ln -s /bin/false "$TMPDIR/no-apt/apt-get"
	ln -s /bin/false "$TMPDIR/no-apt/apt-cache"
	VQ_AUDIT_CACHE=$TMPDIR/empty PATH=$TMPDIR/no-apt:$PATH boot_silently --kernel stock-7.3 -- true
	is 'a kernel that cannot be had' "$STATUS" 250
	ok 'and the reason is told' told 'stock-7\.3 cannot be had here'
	boot_silently --kernel stock-6.12 --set cpu=abacus -- true
	is 'QEMU does not start' "$STATUS" 254
	ok 'and its own words are shown' told abacus
}

guests_that_do_not_answer() {
	boot_silently --kernel patched-6.12 --device rng --timeout 15 -- sleep 100
	is 'CMD takes too long' "$STATUS" 252
	ok 'and it is CMD that did' told '^boot: CMD did not end within 15 s'
	boot_silently --kernel patched-6.12 --device rng -- poweroff -f
	is 'the guest ends without a status' "$STATUS" 255
}

a_signal_ends_everything() {
	local dir=$TMPDIR/lab PID='' pid
	LAB_DIR=$dir "$HERE/boot" --kernel patched-6.12 --device rng -- sleep 100 </dev/null >"$OUT" 2>"$ERR" &
	pid=$!
	ok 'env appears' wait_until 30 test -e "$dir/env"
	# shellcheck disable=SC1091
	source "$dir/env"
	kill "$pid"
	wait "$pid"
	is 'SIGTERM ends boot' "$?" 143
	ok 'and its QEMU' test ! -d "/proc/$PID"
}

nothing_remains() {
	local process left=''
	for process in /proc/[0-9]*; do
		[[ $(tr '\0' ' ' 2>/dev/null <"$process/cmdline") != *"$TMPDIR"* ]] || left+=" ${process##*/}"
	done
	is 'no process remains' "$left" ''
	is 'no file remains' "$(find "$TMPDIR" -name 'vq-lab.*')" ''
}

# A suite that this machine's apt cannot reach is no fault of the lab's.
is_there() {
	"$HERE/kernel" "$1" >"$OUT" 2>"$ERR" && return
	if told 'cannot be had here'; then
		skip "$1" "$(tail -n 2 "$ERR" | tr '\n' ' ')"
	else
		ok "$1: is there" false
	fi
	return 1
}

ok 'an iperf3 server' serve
for kernel in patched-6.12 stock-{6.1,6.12,7.3}; do
	is_there "$kernel" || continue
	command_gets_what_it_should "$kernel"
	loads_run "$kernel"
done
for kernel in patched-6.12 stock-6.12; do
	rings_are_what_was_asked "$kernel"
	panic_is_told "$kernel"
	outside_programs_see_the_guest "$kernel"
done
share_works
usage_errors
guests_that_do_not_answer
a_signal_ends_everything
nothing_remains

echo "1..$COUNT"
((FAILED == 0))
