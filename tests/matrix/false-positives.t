#!/bin/bash
# Silence: a million buffers of fio and network load on each kind of ring, and
# some more with swiotlb and without indirect tables, are all accounted for, and
# none is called a violation. Others count the buffers as well: fio, the network
# stack and pktgen.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

PATIENCE=400

# boot DIR RING WAY: net0 hears vq-flood, net1 has the host behind it
boot() {
	local more=()
	case $3 in
	bounced) more=(--set swiotlb=force) ;;
	direct) more=(--set indirect_desc=off) ;;
	esac
	guest_boot "$1" --kernel patched-6.12 --ring "$2" --set iommu_platform=on --set fio=1 \
		"${more[@]}" --device blk --device 'net,peer=udp' --device net --timeout 900
}

# of DEVICE QUEUE FILTER: in DIR's last account
of() {
	last_stats "$DIR" | jq --arg bus "$(device_field "$DIR" "$1" bus)" \
		".queues[] | select(.bus == \$bus and .queue == $2) | $3"
}

# said LINE: what the guest says when told LINE; its status
said() {
	local from status
	from=$(lines "$DIR")
	tell "$DIR" "$1"
	status=$?
	tail -n "+$((from + 1))" "$DIR/out" | grep --invert-match '^{' | grep .
	return "$status"
}

# --- load -------------------------------------------------------------------

# fio IOS: three jobs that make IOS requests together, and nothing else does:
# none is merged, and none so large that it is split
start_fio() {
	local ios=$(($1 / 10)) common
	common='--filename=$d --direct=1 --size=60m --randrepeat=0 --norandommap'
	tell "$DIR" "d=\$(disk blk0); echo 2 >/sys/block/\${d#/dev/}/queue/nomerges
		fio --output=/run/fio --output-format=json \
		--name=read --rw=randread --bs=512 --ioengine=libaio --iodepth=64 \
		--iodepth_batch_submit=32 --iodepth_batch_complete_min=16 --number_ios=$((ios * 5)) $common \
		--name=write --rw=randwrite --bs=512 --ioengine=io_uring --iodepth=64 \
		--iodepth_batch_submit=32 --iodepth_batch_complete_min=16 --number_ios=$((ios * 4)) $common \
		--name=mixed --rw=randrw --bsrange=4k-64k --ioengine=libaio --iodepth=16 \
		--number_ios=$ios $common & fio=\$!"
}
