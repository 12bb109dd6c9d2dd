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
	local entry
	mkdir "$scratch/src" || return 1
	for entry in "$1"/src/*; do
		[ "${entry##*/}" = build ] || cp -al "$entry" "$scratch/src/" 2>/dev/null ||
			cp -a "$entry" "$scratch/src/" || return 1 # /tmp may be another disk
	done
	take_back && touched | sort -u | while read -r entry; do
		[ ! -e "$scratch/src/$entry" ] || (cd "$scratch/src" && cp --parents "$entry" "$scratch/pristine/")
	done
}

touched() { cat "${patches[@]}" | sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p'; }

take_back() {
	local patch
	for patch in $(printf '%s\n' "${patches[@]}" | tac); do
		patch --silent --reverse --fuzz=0 --no-backup-if-mismatch -p1 -d "$scratch/src" <"$patch" || return 1
	done
}

# Every file that the series touches is again what it was, or is not there.
is_pristine() {
	local file
	touched | sort -u | while read -r file; do
		if [ -e "$scratch/pristine/$file" ]; then
			cmp "$scratch/pristine/$file" "$scratch/src/$file" || exit 1
		else
			[ ! -e "$scratch/src/$file" ] || { echo "$file remains" && exit 1; }
		fi
	done
}

# build on|off: the virtio core with that setting of the audit, warnings to the
# log. One tree serves both: kbuild makes again what depends on the option. C=1
# looks at what is made again, and the rest has no new warnings.
build() {
	local value=n
	[ "$1" = off ] || value=y
	sed -i '/\<CONFIG_VIRTIO_RING_AUDIT\>/d' "$scratch/obj/.config"
	echo "CONFIG_VIRTIO_RING_AUDIT=$value" >>"$scratch/obj/.config"
	make -s -j2 -C "$scratch/src" O="$scratch/obj" W=1 C=1 drivers/virtio/ </dev/null >"$scratch/log" 2>&1 &&
		is_set "$1" >>"$scratch/log"
}

# is_set on|off: the setting was not refused; sources without the option know only off.
is_set() {
	local set=off
	! grep -q '^CONFIG_VIRTIO_RING_AUDIT=y' "$scratch/obj/.config" || set=on
	[ "$set" = "$1" ] || { echo "CONFIG_VIRTIO_RING_AUDIT is $set: its dependencies?" && return 1; }
}

warnings() {
	grep -E 'warning:|error:' "$scratch/log" |
		sed -E 's/^.*(drivers|include)\//\1\//; s/:[0-9]+:[0-9]+:/:/' | sort
}

# same_warnings LABEL on|off
same_warnings() {
	if build "$2"; then
		warnings | comm -13 "$scratch/before" - >"$scratch/new"
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
	(cd "$scratch/src" && perl scripts/checkpatch.pl --strict --terse \
		--ignore UNKNOWN_COMMIT_ID "$1") >"$scratch/log" 2>&1
}

one_patch() {
	local patch=$1 name=$2
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
}

series() {
	local version=$1 patch kernel
	patches=("$top/kern_patches/$version"/*.patch)
	kernel=$("$top/tests/lab/kernel" "patched-$version") || {
		ok 1 "$version: there is a kernel"
		return
	}
	mkdir "$scratch/obj" "$scratch/pristine" && cp "$kernel/config" "$scratch/obj/.config"
	pristine "$kernel" >"$scratch/log" 2>&1
	ok $? "$version: the series comes off the kernel that was built" "$scratch/log"
	build off
	ok $? "$version: the pristine source builds" "$scratch/log"
	warnings >"$scratch/before"
	for patch in "${patches[@]}"; do
		one_patch "$patch" "$version $(basename "$patch" | cut -c1-4)"
	done
	take_back >"$scratch/log" 2>&1 && is_pristine >"$scratch/log" 2>&1
	ok $? "$version: taken back, it leaves the pristine source" "$scratch/log"
	rm -rf "$scratch"/{src,obj,pristine}
}

for dir in "$top"/kern_patches/*/; do
	series "$(basename "$dir")"
done
echo "1..$count"
exit $failed
