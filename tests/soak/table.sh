# shellcheck shell=bash
# shellcheck disable=SC2034 # what is not used here is for the caller
# What the soak varies, and what cannot be. Sourced, never run.
#
# A boot is named by one level of each factor, in their order, with slashes between:
# patched-6.12/split/event_idx=on/indirect_desc=on/iommu_platform=off/...

# generic is stock with the drivers that Debian's cloud kernels lack.
FACTORS=('patched-6.12 generic-6.12 stock-6.1 stock-7.3'
	'split packed'
	'event_idx=on event_idx=off'
	'indirect_desc=on indirect_desc=off'
	'iommu_platform=on iommu_platform=off'
	'swiotlb=none swiotlb=force'
	'iommu=none iommu=virtio')

# Two levels that do not meet, and why.
CANNOT_MEET=('iommu_platform=off swiotlb=force without the DMA API nothing is bounced'
	'iommu_platform=off iommu=virtio without the DMA API nothing is translated'
	'swiotlb=force iommu=virtio behind an IOMMU Linux bounces nothing that a device of its own trust maps'
	"patched-6.12 iommu=virtio the lab's kernel has no virtio-iommu driver"
	"stock-6.1 iommu=virtio Debian's cloud kernel of 6.1 has no virtio-iommu driver")

# The name in docs/soak.md, and the arguments of boot --device. On the bus they
# stand in this order, so an IOMMU is there before those it translates for.
DEVICES=('iommu|iommu'
	'blk|blk'
	'scsi|scsi'
	'net, mergeable buffers, XDP|net,peer=udp'
	'net, multiqueue|net,peer=tap,queues=4'
	'net, small buffers, XDP|net,peer=udp,mrg_rxbuf=off'
	'console|console,max_ports=2'
	'rng|rng'
	'balloon, free page reporting|balloon,free-page-reporting=on'
	'input, keyboard|input'
	'input, tablet|input,of=tablet'
	'9p|p9'
	'gpu|gpu'
	'crypto|crypto'
	'mem|mem'
	'pmem|pmem')

# Devices of the specification that are in no guest here, and why.
ABSENT=('vsock|it needs /dev/vhost-vsock of the host, or a vhost-user daemon that Debian 12 has not'
	'sound|QEMU 7.2 has none'
	'fs, gpio, i2c|QEMU offers only the front end of a vhost-user daemon that Debian 12 has not')

# driverless KERNEL KIND: whether it has no driver for such a device
driverless() {
	case $1/$2 in
	patched-6.12/gpu | patched-6.12/crypto | patched-6.12/*mem | patched-6.12/iommu) return 0 ;;
	stock-*/gpu | stock-*/crypto | stock-*/p9 | stock-6.1/iommu) return 0 ;;
	*) return 1 ;;
	esac
}

# habit NAME: what QEMU or Linux is known to do that the specification has not:
# logged, and no alert (vqa_used_len_quirk, vqa_kick_quirk)
habit() {
	case $1 in
	iommu) echo 'Linux never notifies it of the buffers for its events' ;;
	scsi) echo 'QEMU counts the data that it read among the bytes that it wrote' ;;
	'input, keyboard') echo 'QEMU says that it wrote to the buffers of the lights, which it only reads' ;;
	*) return 1 ;;
	esac
}

# why_not KIND LEVEL: why such a device does not have that level; nothing if it has
why_not() {
	! driverless "$2" "$1" || echo 'the kernel has no driver for it'
	case $1/$2 in
	iommu/iommu=none) echo 'a guest with it has it' ;;
	iommu/iommu_platform=*) echo 'its own requests are not translated' ;;
	balloon/iommu_platform=on) echo 'the driver refuses it, for it deals in guest-physical addresses' ;;
	iommu/swiotlb=force | balloon/swiotlb=force | balloon/iommu=virtio) echo 'it does not use the DMA API' ;;
	esac
}

# --- boots ------------------------------------------------------------------

# product: every boot that can be, one name a line
product() {
	local names=('') next name level levels
	for levels in "${FACTORS[@]}"; do
		next=()
		for name in "${names[@]}"; do
			for level in $levels; do
				! cannot_join "$name/" "$level" || continue
				next+=("$name/$level")
			done
		done
		names=("${next[@]}")
	done
	printf '%s\n' "${names[@]#/}"
}

# cannot_join NAME/ LEVEL: whether a level of NAME does not meet LEVEL
cannot_join() {
	local pair one other
	for pair in "${CANNOT_MEET[@]}"; do
		read -r one other _ <<<"$pair"
		[[ $2 != "$other" || $1 != */"$one"/* ]] || return 0
	done
	return 1
}

# pairs: every two levels of two factors that meet, with a space between
pairs() {
	local i j one other
	for ((i = 0; i < ${#FACTORS[@]}; i++)); do
		for ((j = i + 1; j < ${#FACTORS[@]}; j++)); do
			for one in ${FACTORS[i]}; do
				for other in ${FACTORS[j]}; do
					cannot_join "/$one/" "$other" || echo "$one $other"
				done
			done
		done
	done
}

# covering: of the names that come in, a set that has every pair of levels that
# they have: time and again the first of those with most that are new
covering() {
	awk -F / '
		{ name[NR] = $0 }
		function gain(row, take, i, j, n, found) {
			n = split(name[row], level)
			for (i = 1; i <= n; i++)
				for (j = i + 1; j <= n; j++)
					if (!((level[i], level[j]) in have)) {
						found++
						if (take) have[level[i], level[j]]
					}
			return found + 0
		}
		END {
			for (;;) {
				most = 0
				for (row = 1; row <= NR; row++)
					if ((new = gain(row)) > most) { most = new; best = row }
				if (!most) exit
				gain(best, 1)
				print name[best]
			}
		}'
}
