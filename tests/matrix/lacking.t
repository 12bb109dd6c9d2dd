#!/bin/bash
# Kernels that lack something, or forbid it: what can run does, and what cannot is
# named with its reason and the way out. It is never a silent audit of nothing.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

DIR=''

# refused NAME COMMAND REASON WAY-OUT: vq-audit does not start, and says why
refused() {
	local from
	from=$(lines "$DIR")
	tell "$DIR" "$2; vq-audit --duration 1"
	is "$1: vq-audit does not start" "$?" 3
	tail -n "+$((from + 1))" "$DIR/out" | tr -s ' \n' ' ' >"$DIR/said"
	contains "$DIR/said" "$1: the reason" "cannot run here: $3"
	contains "$DIR/said" "$1: the way out" "way out: $4"
}

untraced() { last_stats "$DIR" | jq -e '.losses.untraced > 0' >/dev/null; }

# Programs at functions stop while the audit runs: it says so, and counts it.
stopped_meanwhile() {
	tell "$DIR" 'sysctl -w kernel.ftrace_enabled=0'
	ok 'stopped meanwhile: it is counted as a loss' await "$PATIENCE" untraced
	is 'stopped meanwhile: and reported' "$(records "$DIR" lost | jq -r .which | sort -u)" untraced
	tell "$DIR" 'sysctl -w kernel.ftrace_enabled=1'
	ok 'stopped meanwhile: blk0 gets on afterwards' gets_on "$DIR" blk0
}

# Confidentiality forbids the helper that reads kernel memory. Direct loads, which the
# verifier knows to be reads, are still allowed.
confidential() {
	guest_boot "$DIR" --kernel stock-6.12 --append lockdown=confidentiality \
		--device blk,iops=50 --set iommu_platform=on --timeout 600
	tell "$DIR" 'mount -t securityfs none /sys/kernel/security
		grep -F "[confidentiality]" /sys/kernel/security/lockdown'
	is 'confidential: the kernel is locked down' "$?" 0
	ok 'confidential: vq-audit runs' start_audit "$DIR" --rate 0 --stats 1
	load "$DIR" blk0
	ok 'confidential: blk0 gets on' gets_on "$DIR" blk0
	is 'confidential: without an attack there is no violation' "$(records "$DIR" violation)" ''
	is 'confidential: the queue has its name' \
		"$(last_stats "$DIR" | jq -r '.queues[0] | .queue_name, .bus' | paste -s -d ' ')" \
		"req.0 $(device_field "$DIR" blk0 bus)"
	ok 'confidential: a lie is detected' detect "$DIR" blk0 desc-addr
	stopped_meanwhile
	unload "$DIR" blk0
	end_audit "$DIR"
}

newer_kernel() {
	DIR=$TMPDIR/newer
	confidential
	refused 'no tracing' 'sysctl -w kernel.ftrace_enabled=0' 'kernel.ftrace_enabled is 0' \
		'sysctl kernel.ftrace_enabled=1'
	refused 'no BTF' 'sysctl -w kernel.ftrace_enabled=1; mount -t tmpfs none /sys/kernel/btf' \
		'the kernel has no BTF' 'a kernel with CONFIG_DEBUG_INFO_BTF=y'
	guest_exit "$DIR"
}

# 6.1 has no direct loads.
older_kernel() {
	DIR=$TMPDIR/older
	guest_boot "$DIR" --kernel stock-6.1 --append lockdown=confidentiality --device blk
	refused 'confidential 6.1' 'mount -t securityfs none /sys/kernel/security' \
		'lockdown=confidentiality' 'boot with lockdown=integrity'
	guest_exit "$DIR"
}

main() {
	begin
	in_parallel newer_kernel older_kernel
	finish
}

main "$@"
exit
