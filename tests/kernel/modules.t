#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The modules of modules/: they build for each stock kernel, as DKMS would build
# them too, and in a guest bpf_virtqueue_break() breaks the queue that it is given,
# and nothing else.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/lab/lib/common.sh
source "$top/tests/lab/lib/common.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/share"
cp "${O:-$top/build}/tests/vq-break" "$scratch/share/" || exit
count=0 failed=0

ok() { # ok STATUS NAME [LOG]
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else
		echo "not ok $count - $2"
		sed 's/^/# /' "${3:-/dev/null}" | tail -n 30
		failed=1
	fi
}

# What break-queue prints if all is well.
expected() {
	echo "loaded $1"
	echo 'btf bpf_virtqueue_break'
	printf 'bogus -2\n%.0s' {1..5}
	echo 'next 0, buffer before, nothing after'
	echo 'again 0'
	printf 'beside -2\n%.0s' {1..2}
	echo 'unbound -2'
	echo 'removed -2'
	echo 'back 0, buffer before, nothing after'
	echo 'storm 0, 20000 answers, 0 wrong'
	if [ "$1" = virtio_ring ]; then echo tracepoints; else echo unloaded; fi
}

# guest NAME MODULE [BOOT ARGUMENT]...
guest() {
	local kernel=$1 module=$2
	shift 2
	"$top/tests/lab/boot" --kernel "$kernel" --device rng --share "$scratch/share" "$@" \
		-- bash /lab/break-queue "$module" </dev/null >"$scratch/out" 2>"$scratch/err"
	ok $? "$kernel: a guest with $module" "$scratch/err"
	# What the kernel says on the console begins with its time.
	grep -v '^\[' "$scratch/out" | diff <(expected "$module") - >"$scratch/diff"
	ok $? "$kernel: the kfunc of $module breaks the queue it is given, and no other" "$scratch/diff"
}

# is_there NAME: the kernel, and so its module. Where apt does not reach the suite
# that it is in, it is skipped.
is_there() {
	"$top/tests/lab/kernel" "$1" >"$scratch/dir" 2>"$scratch/why"
	local status=$?
	if [ $status != 0 ] && grep -q 'cannot be had here' "$scratch/why"; then
		count=$((count + 1))
		echo "ok $count - $1 # SKIP $(grep 'cannot be had here' "$scratch/why")"
	else
		ok $status "$1: there is a kernel" "$scratch/why"
	fi
	return $status
}

# dkms NAME KERNEL: make what dkms.conf says, in the tree it speaks of
dkms() {
	local name=$1 release headers tree=$scratch/dkms-$1
	release=$(cat "$2/release")
	headers=$(echo "$VQ_CACHE/headers/$release"-*"/usr/src/linux-headers-$release")
	rm -rf "$tree"
	cp -r "$top/modules" "$tree"
	cp "$tree/$name/dkms.conf" "$tree/"
	mkdir "$tree/series"
	cp -r "$top/kern_patches/6.1" "$tree/series/"
	make_as_dkms "$tree" "$headers" "$2/bzImage" >"$scratch/log" 2>&1
	ok $? "dkms.conf of $name builds for $release" "$scratch/log"
}

# shellcheck disable=SC2034 # dkms.conf reads kernel_source_dir
make_as_dkms() (
	kernel_source_dir=$2
	export BTF=$3 SOURCE=$scratch/source.tar.xz TOOLS=$2/../../../resolve_btfids
	cd "$1" || exit
	# shellcheck disable=SC1091
	. ./dkms.conf
	eval "${MAKE[0]}" && [ -s "${BUILT_MODULE_LOCATION[0]}/${BUILT_MODULE_NAME[0]}.ko" ]
)

source_of() {
	find "$VQ_DOWNLOADS" -name "linux-source-$1_*.deb" | sort -V | tail -n 1
}

if is_there module-6.1; then
	kernel=$(cat "$scratch/dir")
	guest module-6.1 virtio_ring
	guest stock-6.1 vq_audit_break --module vq_audit_break
	dpkg-deb --fsys-tarfile "$(source_of 6.1)" |
		tar --extract --to-stdout --wildcards './usr/src/*.tar.xz' >"$scratch/source.tar.xz"
	dkms virtio_ring "$(readlink "$kernel/stock")"
	dkms vq_audit_recover "$(readlink "$kernel/stock")"
fi
for version in 6.12 7.3; do
	is_there "module-$version" || continue
	guest "module-$version" vq_audit_break
	[ $version = 6.12 ] || continue
	for name in vq_audit_break vq_audit_recover; do
		dkms $name "$(readlink "$(cat "$scratch/dir")/stock")"
	done
done
echo "1..$count"
exit $failed
