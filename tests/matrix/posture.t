#!/bin/bash
# What protects the guest's memory from each device: the facts as the kernel has them,
# the verdict, and the exit code, where the hypervisor is trusted and where it is not.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # in_parallel calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DIR='' NAME='' FROM=0

boot() {
	NAME=$1 DIR=$TMPDIR/$1
	shift
	guest_boot "$DIR" --timeout 600 "$@"
	is "$NAME: the guest is up" "$?" 0
}

# posture WANT ARGS...: what is said now, and the exit code
posture() {
	local want=$1
	shift
	FROM=$(lines "$DIR")
	tell "$DIR" "vq-audit check --posture -j $*"
	is "$NAME: exit code of check --posture${*:+ $*}" "$?" "$want"
}

# said FILTER: of what was said last
said() { tail -n "+$((FROM + 1))" "$DIR/out" | jq -R -r "fromjson? | $1"; }

# device ID FILTER: of a device, by its place if the guest told it, else by its type
device() {
	said "select(.type == \"posture\" and (.bus == \"$(device_field "$DIR" "$1" bus)\"
		or .device == \"${1%[0-9]}\")) | $2"
}

# facts ID WANT: ACCESS_PLATFORM, DMA API, IOMMU, force_bounce, tables, protection
facts() {
	is "$NAME: $1: facts" "$(device "$1" '[.access_platform, .dma_api, .iommu, .force_bounce,
		.tables, .protection] | map(tostring) | join(" ")')" "$2"
}

# verdict ID WANT: and what it still could do, but for what any device can
verdict() {
	is "$NAME: $1: verdict and exposures" "$(device "$1" '[.verdict, (.exposures[].exposure
		| select(IN("rings", "config-space") | not))] | join(" ")')" "$2"
}

counts() {
	is "$NAME: devices, unprotected, unknown" \
		"$(said 'select(.type == "guest") | "\(.devices) \(.unprotected) \(.unknown)"')" "$1"
}

# use ID: until the guest ends
use() {
	tell "$DIR" "load $1"
	is "$NAME: $1 is in use" "$?" 0
}

unbind() {
	tell "$DIR" "echo $(device "$1" .virtio) >/sys/bus/virtio/drivers/$2/unbind"
	is "$NAME: $1 loses its driver" "$?" 0
}

# All queues are known, used or not. A balloon does without the DMA API.
patched() {
	boot patched-6.12 --kernel patched-6.12 --set swiotlb=force --set iommu_platform=on \
		--device blk --device blk,indirect_desc=off --device blk,iommu_platform=off \
		--device balloon
	posture 0
	is "$NAME: the guest" "$(said 'select(.type == "guest") | "\(.memory) \(.confidential)"')" \
		'none false'
	counts '4 4 0'
	facts blk0 'true true none true bounced bounce'
	verdict blk0 'unprotected shared-pool not-enforced bounced-tables'
	posture 1 --confidential
	counts '4 2 0'
	facts blk1 'true true none true none bounce'
	facts blk2 'false false none true shared none'
	facts balloon0 'false false none true none none'
	verdict blk0 'protected shared-pool bounced-tables'
	verdict blk1 'protected shared-pool'
	verdict blk2 'unprotected guest-physical indirect-tables'
	verdict balloon0 'unprotected guest-physical'
	unbind blk2 virtio_blk
	unbind balloon0 virtio_balloon
	posture 0 --confidential
	counts '4 0 0'
	verdict blk2 'protected no-driver'
	guest_exit "$DIR"
}

# Bounced by all that is there. A queue that is not used is not known.
bounced() {
	boot "$1" --kernel "$1" --set swiotlb=force --set iommu_platform=on --device blk \
		--device blk
	use blk0
	posture 0 --confidential
	counts '2 0 1'
	facts blk0 'true true none true bounced bounce'
	verdict blk0 'protected shared-pool bounced-tables'
	facts blk1 'true null none null null null'
	verdict blk1 'unknown not-known'
	guest_exit "$DIR"
}

# The DMA API alone protects nothing. What cannot be loaded is no reason to say nothing.
mapped() {
	boot stock-6.12 --kernel stock-6.12 --set iommu_platform=on --device blk \
		--device blk,indirect_desc=off,iommu_platform=off
	use blk0
	use blk1
	posture 0
	facts blk0 'true true none false shared none'
	verdict blk0 'unprotected one-to-one indirect-tables'
	facts blk1 'false false none false none none'
	posture 1 --confidential
	counts '2 2 0'
	tell "$DIR" 'mount -t tmpfs none /sys/kernel/btf'
	posture 1 --confidential
	counts '2 1 1'
	facts blk0 'true null none null null null'
	facts blk1 'false null none null none none'
	tell "$DIR" 'mount -t tmpfs none /sys/bus'
	posture 3
	contains "$DIR/out" "$NAME: without sysfs: the reason" \
		'cannot run here: reading /sys/bus/virtio/devices'
	guest_exit "$DIR"
}

# A disk comes once its IOMMU is there, which may be later than the guest is up.
blk0_comes() {
	[[ -z $(device_field "$DIR" blk0 bus) ]] || return 0
	tell "$DIR" 'modprobe virtio_blk
		for i in $(seq 600); do [ -z "$(disk blk0 2>/dev/null)" ] || break; sleep 0.1; done
		places'
}

# An IOMMU that the hypervisor emulates is none against the hypervisor.
translated() {
	boot generic-6.12 --kernel generic-6.12 --device iommu --device blk \
		--set iommu_platform=on
	blk0_comes
	use blk0
	posture 0
	facts blk0 'true true DMA-FQ false shared iommu'
	verdict blk0 'protected mapped-pages late-unmap emulated-iommu indirect-tables'
	facts iommu0 'false false none false shared none'
	posture 1 --confidential
	verdict blk0 'unprotected mapped-pages late-unmap emulated-iommu indirect-tables'
	guest_exit "$DIR"
}

main() {
	begin
	in_parallel patched mapped translated 'bounced stock-6.1' 'bounced stock-7.3'
	finish
}

main "$@"
exit
