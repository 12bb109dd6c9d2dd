#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series: each patch is a proper commit, checkpatch is content, and
# the virtio core builds after each of them, with the audit on and off, without
# a warning of W=1 or sparse that the source did not have before.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
count=0 failed=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else
		echo "not ok $count - $2"
		failed=1
		sed 's/^/# /' "${3:-/dev/null}" | head -n 20
	fi
}

# The pristine source: hard links to the cached one, with the series taken back.
# patch replaces a file, it does not write into it, so the cached one stays whole.
pristine() {
	local patch
	cp -al "$1/src" "$scratch/src" && rm -rf "$scratch/src/build"
	for patch in $(printf '%s\n' "${patches[@]}" | tac); do
		patch --silent --reverse --no-backup-if-mismatch -p1 -d "$scratch/src" <"$patch" || return 1
	done
}

# warnings on|off: those of the virtio core with that setting of the audit
warnings() {
	local obj=$scratch/obj-$1
	if [ ! -d "$obj" ]; then
		mkdir "$obj" && cp "$config" "$obj/.config" || return 1
	fi
	"$scratch/src/scripts/config" --file "$obj/.config" "--$([ "$1" = on ] && echo enable || echo disable)" VIRTIO_RING_AUDIT
	make -s -C "$scratch/src" O="$obj" olddefconfig >"$scratch/log" 2>&1 &&
		make -s -j2 -C "$scratch/src" O="$obj" modules_prepare >"$scratch/log" 2>&1 &&
		make -s -j2 -C "$scratch/src" O="$obj" W=1 C=2 drivers/virtio/ >"$scratch/log" 2>&1 || return 1
	grep -E 'warning:|error:' "$scratch/log" | sed -E 's/^.*(drivers|include)\//\1\//; s/:[0-9]+:[0-9]+:/:/' | sort
	return 0
}

# same_warnings LABEL on|off
same_warnings() {
	if warnings "$2" >"$scratch/now"; then
		comm -13 "$scratch/before" "$scratch/now" >"$scratch/new"
		[ ! -s "$scratch/new" ]
		ok $? "$1, audit $2: builds, and warns of nothing new" "$scratch/new"
	else
		ok 1 "$1, audit $2: builds" "$scratch/log"
	fi
}

proper_commit() {
	grep -q '^Subject: \[PATCH\] [a-z_]*: ' "$1" && grep -q '^From: .*<.*>$' "$1" &&
		sed -n '/^Subject:/,/^---$/p' "$1" | grep -q '^Signed-off-by: ' &&
		[ "$(sed -n '/^Subject:/,/^---$/p' "$1" | wc -l)" -gt 8 ]
}

# Without the kernel's history a Fixes: tag cannot be looked up: that alone is ignored.
checkpatch() {
	(cd "$scratch/src" && perl scripts/checkpatch.pl --strict --no-tree --root=. --terse \
		--ignore UNKNOWN_COMMIT_ID "$1") >"$scratch/log" 2>&1
}

series() {
	local version=$1 patch name
	patches=("$top/kern_patches/$version"/*.patch)
	kernel=$("$top/tests/lab/kernel" "patched-$version") || {
		ok 1 "$version: there is a kernel"
		return
	}
	config=$kernel/config
	pristine "$kernel" 2>"$scratch/log"
	ok $? "$version: the series comes off again" "$scratch/log"
	warnings off >"$scratch/before" || ok 1 "$version: the pristine source builds" "$scratch/log"
	for patch in "${patches[@]}"; do
		name="$version $(basename "$patch" | cut -c1-4)"
		proper_commit "$patch"
		ok $? "$name: a commit with area, body and sign-off"
		checkpatch "$patch"
		ok $? "$name: checkpatch --strict" "$scratch/log"
		patch --silent --fuzz=0 --no-backup-if-mismatch -p1 -d "$scratch/src" <"$patch" >"$scratch/log" 2>&1
		ok $? "$name: applies without fuzz" "$scratch/log"
		same_warnings "$name" off
		if grep -q VIRTIO_RING_AUDIT "$scratch/src/drivers/virtio/Kconfig"; then
			same_warnings "$name" on
		fi
	done
	rm -rf "$scratch/src" "$scratch"/obj-*
}

for dir in "$top"/kern_patches/*/; do
	series "$(basename "$dir")"
done
echo "1..$count"
exit $failed
