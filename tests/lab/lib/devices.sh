# shellcheck shell=bash
# From --device, --set and --ring to QEMU's arguments. Sourced by boot.
#
# Every kind of device has a function device_KIND ID that appends to QEMU_ARGS;
# what it publishes for outside programs goes to ENV_LINES.

QEMU=${VQ_AUDIT_QEMU:-qemu-system-x86_64}
KINDS='blk net rng console balloon scsi input p9 gpu crypto mem pmem iommu'
DISK_MIB=64 MEMORY_DEVICE_MIB=256 MORE_MEM=0

declare -a QEMU_ARGS=() ENV_LINES=() DEVICE_IDS=()
declare -A DEVICE_COUNT=() EVERY_DEVICE=() THIS_DEVICE=() EVERY_USED=()
DRIVE_IOPS=''

# --- what QEMU's devices know -----------------------------------------------

# Asking takes QEMU a tenth of a second, so its answer is kept, one file per
# type, for as long as the binary stays the same.
device_properties() {
	local type=$1 file
	file=$VQ_CACHE/qemu/$(stat --dereference --format=%Y-%s "$(command -v "$QEMU")")/$type
	if [[ ! -s $file ]]; then
		mkdir -p "${file%/*}"
		"$QEMU" -device "$type,help" | sed -n 's/^  \([^=]*\)=.*/\1/p' >"$file.$$"
		mv "$file.$$" "$file"
	fi
	cat "$file"
}

device_knows() { device_properties "$1" | grep --quiet --fixed-strings --line-regexp -- "$2"; }

# Linux's balloon driver insists on guest-physical addresses, and an IOMMU's own
# requests are not translated.
driver_refuses() { [[ $1 == virtio-@(balloon|iommu)-pci && $2 == iommu_platform ]]; }

# --- one device -------------------------------------------------------------

# own NAME [DEFAULT]: takes one of the lab's own properties out of THIS_DEVICE.
# The answer is in OWN: a subshell could not take anything out.
own() {
	OWN=${THIS_DEVICE[$1]-${2-}}
	unset "THIS_DEVICE[$1]"
}

# virtio_device TYPE ID FIXED...: a device's own properties win over those for
# every device; unknown ones among the former are an error.
virtio_device() {
	local type=$1 id=$2 line=$1,id=$2 name
	shift 2
	for name; do line+=,$name; done
	! device_knows "$type" disable-legacy || line+=,disable-legacy=on
	for name in "${!EVERY_DEVICE[@]}"; do
		device_knows "$type" "$name" && ! driver_refuses "$type" "$name" || continue
		EVERY_USED[$name]=yes
		[[ -v THIS_DEVICE[$name] ]] || line+=,$name=${EVERY_DEVICE[$name]}
	done
	for name in "${!THIS_DEVICE[@]}"; do
		device_knows "$type" "$name" ||
			die "$BAD_USAGE" "$type has no property $name"
		line+=,$name=${THIS_DEVICE[$name]}
	done
	QEMU_ARGS+=(-device "$line")
}

# Every 16 bytes of a disk spell their own offset, so that a reader can tell
# whether it got what it asked for.
disk_image() {
	local file=$1 mib=$2 master=$VQ_CACHE/disk-$DISK_MIB.img
	if [[ ! -s $master ]]; then
		mkdir -p "$VQ_CACHE"
		seq --format='%015.0f' 0 16 $((DISK_MIB * 1024 * 1024 - 16)) >"$master.$$"
		mv "$master.$$" "$master"
	fi
	cp --reflink=auto "$master" "$file"
	truncate --size="${mib}M" "$file"
}

drive() {
	local id=$1 mib
	own size "$DISK_MIB"
	mib=$OWN
	disk_image "$WORK/$id.img" "$mib"
	own iops "$DRIVE_IOPS"
	QEMU_ARGS+=(-drive "if=none,id=$id-back,file=$WORK/$id.img,format=raw,cache=unsafe${OWN:+,throttling.iops-total=$OWN}")
}

one_queue() { [[ -v THIS_DEVICE[$1] || -v EVERY_DEVICE[$1] ]] || THIS_DEVICE[$1]=1; }

device_blk() {
	drive "$1"
	one_queue num-queues
	virtio_device virtio-blk-pci "$1" "drive=$1-back" "serial=$1"
}

device_scsi() {
	drive "$1"
	one_queue num_queues
	virtio_device virtio-scsi-pci "$1"
	QEMU_ARGS+=(-device "scsi-hd,bus=$1.0,drive=$1-back,id=$1-disk,serial=$1")
}

# net3 has the address 52:54:00:00:00:03 and lives in 10.0.5.0/24, guest .15.
device_net() {
	local id=$1 n=${1#net}
	own peer user
	case $OWN in
	user) user_peer "$id" $((n + 2)) ;;
	udp) udp_peer "$id" ;;
	tap) tap_peer "$id" ;;
	*) die "$BAD_USAGE" "net: peer is user, udp or tap, not $OWN" ;;
	esac
	virtio_device virtio-net-pci "$id" "netdev=$id-back" romfile= \
		"$(printf 'mac=52:54:00:00:00:%02x' "$n")"
}

# user_peer ID NET: forward=PORT lets the host reach the guest's PORT on its own loopback
user_peer() {
	local line=user,id=$1-back,net=10.0.$2.0/24 port
	own forward
	if [[ -n $OWN ]]; then
		port=$(free_port tcp)
		line+=,hostfwd=tcp:127.0.0.1:$port-:$OWN
		ENV_LINES+=("${1^^}_FORWARD_PORT=$port")
	fi
	QEMU_ARGS+=(-netdev "$line")
}

udp_peer() {
	local id=$1 tx rx
	tx=$(free_port udp)
	rx=$(free_port udp)
	QEMU_ARGS+=(-netdev "socket,id=$id-back,udp=127.0.0.1:$tx,localaddr=127.0.0.1:$rx")
	ENV_LINES+=("${id^^}_TX_PORT=$tx" "${id^^}_RX_PORT=$rx")
}

# The only peer here that has several queues. Its host side, of the same name as
# the device, is the caller's to set up; it is gone when QEMU is.
tap_peer() {
	own queues 1
	QEMU_ARGS+=(-netdev "tap,id=$1-back,ifname=$1,queues=$OWN,script=no,downscript=no")
	((OWN == 1)) || THIS_DEVICE[mq]=on THIS_DEVICE[vectors]=$((2 * OWN + 2))
}

device_rng() {
	QEMU_ARGS+=(-object "rng-random,id=$1-back,filename=/dev/urandom")
	virtio_device virtio-rng-pci "$1" "rng=$1-back"
}

device_console() {
	local socket=$WORK/$1.sock
	QEMU_ARGS+=(-chardev "socket,id=$1-back,path=$socket,server=on,wait=off")
	virtio_device virtio-serial-pci "$1"
	QEMU_ARGS+=(-device "virtconsole,bus=$1.0,chardev=$1-back,id=$1-port")
	ENV_LINES+=("${1^^}=$(printf %q "$socket")")
}

device_balloon() { virtio_device virtio-balloon-pci "$1"; }

device_input() {
	own of keyboard
	virtio_device "virtio-$OWN-pci" "$1"
}

# A directory of this boot, whose mount tag is the device's id.
device_p9() {
	mkdir "$WORK/$1"
	QEMU_ARGS+=(-fsdev "local,id=$1-back,path=$WORK/$1,security_model=none")
	virtio_device virtio-9p-pci "$1" "fsdev=$1-back" "mount_tag=$1"
}

device_gpu() { virtio_device virtio-gpu-pci "$1"; }

device_crypto() {
	QEMU_ARGS+=(-object "cryptodev-backend-builtin,id=$1-back")
	virtio_device virtio-crypto-pci "$1" "cryptodev=$1-back"
}

# Translates for every device that has iommu_platform=on.
device_iommu() { virtio_device virtio-iommu-pci "$1"; }

# Memory beside the guest's own: room for it is part of the machine. It is a file,
# as QEMU's pmem needs one to flush.
memory_device() {
	QEMU_ARGS+=(-object "memory-backend-file,id=$2-back,size=${MEMORY_DEVICE_MIB}M,share=on,mem-path=$WORK/$2")
	MORE_MEM=$((MORE_MEM + 2 * MEMORY_DEVICE_MIB)) # aligned, which costs
	virtio_device "$1" "$2" "memdev=$2-back"
}

device_mem() { memory_device virtio-mem-pci "$1"; }

device_pmem() { memory_device virtio-pmem-pci "$1"; }

# --- all devices ------------------------------------------------------------

add_device() {
	local spec=$1 kind=${1%%,*} id property
	local -a properties=()
	[[ " $KINDS " == *" $kind "* ]] ||
		die "$BAD_USAGE" "unknown kind of device: $kind ($KINDS)"
	THIS_DEVICE=()
	[[ $spec != *,* ]] || IFS=, read -r -a properties <<<"${spec#*,}"
	for property in "${properties[@]}"; do
		[[ $property == ?*=* ]] || die "$BAD_USAGE" "--device $spec: $property is not PROP=VALUE"
		THIS_DEVICE[${property%%=*}]=${property#*=}
	done
	id=$kind${DEVICE_COUNT[$kind]:-0}
	DEVICE_COUNT[$kind]=$((${DEVICE_COUNT[$kind]:-0} + 1))
	DEVICE_IDS+=("$id")
	"device_$kind" "$id"
}

# The disk of make_root_disk: --ring and --set are for it as for others.
add_root_disk() {
	THIS_DEVICE=()
	QEMU_ARGS+=(-drive "if=none,id=root-back,file=$WORK/root.img,format=raw,cache=unsafe")
	one_queue num-queues
	virtio_device virtio-blk-pci root drive=root-back serial=root
	APPEND+="${APPEND:+ }root=/dev/disk/by-id/virtio-root rw init=/init"
}

# The share is the lab's own: neither --ring nor --set touch it.
add_share() {
	QEMU_ARGS+=(-fsdev "local,id=share-back,path=$1,security_model=none"
		-device virtio-9p-pci,id=share,fsdev=share-back,mount_tag=share,disable-legacy=on)
}

check_every_device() {
	local name
	for name in "${!EVERY_DEVICE[@]}"; do
		[[ -v EVERY_USED[$name] ]] ||
			die "$BAD_USAGE" "--set $name: neither a knob of the lab nor a property of any device here"
	done
}
