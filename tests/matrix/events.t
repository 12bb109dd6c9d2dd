#!/bin/bash
# The series' tracepoints without vq-audit: whoever has a tracing file system alone sees
# them, and what they say of a bounce buffer fits together from its map to its unmap.
# shellcheck disable=SC2016 # what stands in single quotes is the guest's, or awk's
# shellcheck disable=SC2317 # in_parallel calls what seems not to be called
set -uo pipefail

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DIR='' NAME=''

# Of what goes wrong, and of queues that come and go.
readonly RARE=' vq_create vq_del vq_reset vq_bad vq_publish_failed vq_map_error '

# added KERNEL: the names of the events that the series for it adds
added() {
	cat "$ROOT/kern_patches/${1#patched-}/"*.patch | tr '\n' ' ' |
		grep --only-matching -E '[+](TRACE|VQ|VQ_ADD)_EVENT(_WRITABLE)?\([a-z_]+,|[+]DEFINE_(VQ_)?EVENT\([a-z_]+,[ +]*[a-z_]+,' |
		grep --only-matching -E '[a-z_]+,$' | tr -d , | sort -u
}

# A disk that is bounced, and on the kernel with events for it, one of VDUSE's.
traffic() {
	tell "$DIR" 'dd if=/dev/vda of=/dev/null bs=64k count=16 iflag=direct'
	tell "$DIR" 'dd if=/dev/zero of=/dev/vda bs=64k count=16 oflag=direct'
	[[ $1 != patched-7.3 ]] || tell "$DIR" 'vduse tap && dd if=/dev/$(ls /sys/bus/vdpa/devices/tap/virtio*/block) of=/dev/null bs=4k count=16 iflag=direct'
}

# fires EVENT: or is there, if it is rare
fires() {
	if [[ -v SEEN[$1] ]]; then
		pass "$NAME: $1 fires"
	elif [[ $RARE == *" $1 "* ]]; then
		ok "$NAME: $1 is there" tell "$DIR" "ls -d /sys/kernel/tracing/events/*/$1"
	else
		fail "$NAME: $1 fires" "events that did: ${!SEEN[*]}"
	fi
}

# No event tells more than was allocated, and an unmap tells what the map told.
fits_together() {
	local wrong
	wrong=$(sed -n 's/.* swiotlb_\(map\|copy\|unmap\): /\1 /p' "$DIR/trace" | awk '
		{ for (i = 2; i <= NF; i++) { split($i, f, "="); v[f[1]] = f[2] } key = v["pool"] " " v["slot"] }
		$1 == "map" { size[key] = v["alloc_size"]; dir[key] = v["dir"] }
		v["size"] > v["alloc_size"] + 0 { print "more than was allocated: " $0 }
		$1 == "unmap" && key in size && (size[key] != v["alloc_size"] || dir[key] != v["dir"]) { print }
		$1 == "unmap" { ends += key in size; delete size[key] }
		END { if (!ends) print "no bounce buffer from its map to its unmap" }' | head -n 3)
	is "$NAME: a bounce buffer is unmapped as it was mapped" "$wrong" ''
}

# run KERNEL
run() {
	local event from
	local -A SEEN=()
	NAME=$1 DIR=$TMPDIR/$1
	if ! guest_boot "$DIR" --kernel "$1" --set iommu_platform=on --set swiotlb=force \
		--share "$O/tests/vduse" --device blk --device rng --timeout 400; then
		fail "$NAME: a guest" "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	tell "$DIR" 'mount -t tracefs none /sys/kernel/tracing; modprobe -q vduse'
	tell "$DIR" 'for group in virtio_ring dma swiotlb vduse; do echo 1 >/sys/kernel/tracing/events/$group/enable; done'
	traffic "$1"
	from=$(lines "$DIR")
	tell "$DIR" 'echo 0 >/sys/kernel/tracing/tracing_on; cat /sys/kernel/tracing/trace'
	tail -n "+$((from + 1))" "$DIR/out" >"$DIR/trace"
	while read -r event; do
		SEEN[$event]=1
	done < <(sed -n 's/^[^#].*[0-9]: \([a-z_]*\): .*/\1/p' "$DIR/trace" | sort -u)
	for event in $(added "$1"); do fires "$event"; done
	fits_together
	kernel_is_well "$1" "$DIR"
	guest_exit "$DIR"
}

main() {
	local kernel parts=()
	begin
	for kernel in ${KERNELS:-patched-6.1 patched-6.12 patched-7.3}; do parts+=("run $kernel"); done
	in_parallel "${parts[@]}"
	finish
}

main "$@"
exit
