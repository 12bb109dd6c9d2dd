#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel series of each version: each patch is a proper commit, checkpatch is
# content, and what the series touches builds after each of them, with the audit on
# and off, without a warning of W=1 or sparse that the source did not have before;
# and so does all that is beside it after the last.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
room=''

# ok STATUS NAME [LOG]: without a number, as versions are tested side by side
ok() {
	if [ "$1" = 0 ]; then echo "ok - $2"; else
		echo "not ok - $2"
		sed 's/^/# /' "${3:-/dev/null}" | head -n 20
	fi
}

# The pristine source: hard links to the cached one, with the series taken back.
# patch replaces a file, it does not write into it, so the cached one stays whole.
pristine() {
	local entry
	mkdir "$room/src" || return 1
	for entry in "$1"/src/*; do
		[ "${entry##*/}" = build ] || cp -al "$entry" "$room/src/" 2>/dev/null ||
			cp -a "$entry" "$room/src/" || return 1 # /tmp may be another disk
	done
	take_back && touched | sort -u | while read -r entry; do
		[ ! -e "$room/src/$entry" ] || (cd "$room/src" && cp --parents "$entry" "$room/pristine/")
	done
}

touched() { cat "${patches[@]}" | sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p'; }

objects() { touched | sed -n 's/\.c$/.o/p' | sort -u; }

directories() { objects | sed 's,[^/]*$,,' | sort -u; }

take_back() {
	local patch
	for patch in $(printf '%s\n' "${patches[@]}" | tac); do
		patch --silent --reverse --fuzz=0 --no-backup-if-mismatch -p1 -d "$room/src" <"$patch" || return 1
	done
}

# Every file that the series touches is again what it was, or is not there.
is_pristine() {
	local file
	touched | sort -u | while read -r file; do
		if [ -e "$room/pristine/$file" ]; then
			cmp "$room/pristine/$file" "$room/src/$file" || exit 1
		else
			[ ! -e "$room/src/$file" ] || { echo "$file remains" && exit 1; }
		fi
	done
}

# What sparse of Debian 12 does not know of 7.3: a keyword; and that the length
# of a string is constant, which MODULE_INFO asserts.
checker=(C=1 CF=-D__typeof_unqual__=__typeof__)
sparse_cannot='virtio_ring.c:.* error: bad constant expression'

# build on|off TARGET...: with that setting of the audit, warnings to the log. One
# tree serves both: kbuild makes again what depends on the option. C=1 looks at
# what is made again, and the rest has no new warnings.
build() {
	local value=n
	local setting=$1
	shift
	[ "$setting" = off ] || value=y
	sed -i '/\<CONFIG_VIRTIO_RING_AUDIT\>/d' "$room/obj/.config"
	echo "CONFIG_VIRTIO_RING_AUDIT=$value" >>"$room/obj/.config"
	make -s -j2 -C "$room/src" O="$room/obj" W=1 "${checker[@]}" "$@" </dev/null >"$room/log" 2>&1 &&
		is_set "$setting" >>"$room/log"
}

# is_set on|off: the setting was not refused; sources without the option know only off.
is_set() {
	local set=off
	! grep -q '^CONFIG_VIRTIO_RING_AUDIT=y' "$room/obj/.config" || set=on
	[ "$set" = "$1" ] || { echo "CONFIG_VIRTIO_RING_AUDIT is $set: its dependencies?" && return 1; }
}

warnings() {
	grep -E 'warning:|error:' "$room/log" | grep -v "$sparse_cannot" |
		sed -E 's/^.*(drivers|include|kernel)\//\1\//; s/:[0-9]+:[0-9]+:/:/' | sort
}

# same_warnings LABEL on|off TARGET...
same_warnings() {
	local name="$1, audit $2"
	shift
	if build "$@"; then
		warnings | comm -13 "$room/before" - >"$room/new"
		[ ! -s "$room/new" ]
		ok $? "$name: builds, and warns of nothing new" "$room/new"
	else
		ok 1 "$name: builds" "$room/log"
	fi
}

proper_commit() {
	grep -q '^Subject: \[PATCH\] [a-z_-]*: ' "$1" && grep -q '^From: .*<.*>$' "$1" &&
		sed -n '/^Subject:/,/^---$/p' "$1" | grep -q '^Signed-off-by: ' &&
		[ "$(sed -n '/^Subject:/,/^---$/p' "$1" | wc -l)" -gt 8 ]
}

# Without the kernel's history a Fixes: tag cannot be looked up: that alone is ignored.
checkpatch() {
	(cd "$room/src" && perl scripts/checkpatch.pl --strict --terse \
		--ignore UNKNOWN_COMMIT_ID "$1") >"$room/log" 2>&1
}

one_patch() {
	local patch=$1 name=$2
	proper_commit "$patch"
	ok $? "$name: a commit with area, body and sign-off"
	checkpatch "$patch"
	ok $? "$name: checkpatch --strict" "$room/log"
	patch --silent --fuzz=0 --no-backup-if-mismatch -p1 -d "$room/src" <"$patch" >"$room/log" 2>&1
	ok $? "$name: applies without fuzz" "$room/log"
	# shellcheck disable=SC2046 # one word each
	same_warnings "$name" off $(objects)
	if grep -q VIRTIO_RING_AUDIT "$room/src/drivers/virtio/Kconfig"; then
		# shellcheck disable=SC2046
		same_warnings "$name" on $(objects)
	fi
}

series() {
	local version=$1 kernel=$2 patch
	patches=("$top/kern_patches/$version"/*.patch)
	room=$scratch/$version
	mkdir -p "$room/obj" "$room/pristine" && cp "$kernel/config" "$room/obj/.config"
	pristine "$kernel" >"$room/log" 2>&1
	ok $? "$version: the series comes off the kernel that was built" "$room/log"
	# shellcheck disable=SC2046 # one word each
	build off $(directories)
	ok $? "$version: the pristine source builds" "$room/log"
	! grep 'is not available or not up to date' "$room/log"
	ok $? "$version: sparse looks at it"
	warnings >"$room/before"
	for patch in "${patches[@]}"; do
		one_patch "$patch" "$version $(basename "$patch" | cut -c1-4)"
	done
	# shellcheck disable=SC2046
	same_warnings "$version, all that is beside it" on $(directories)
	take_back >"$room/log" 2>&1 && is_pristine >"$room/log" 2>&1
	ok $? "$version: taken back, it leaves the pristine source" "$room/log"
	rm -rf "$room"
}

# Where apt does not reach the suite that 7.3 is in, its series is skipped.
for version in "$top"/kern_patches/*/; do
	version=$(basename "$version")
	if "$top/tests/lab/kernel" "patched-$version" >"$scratch/dir" 2>"$scratch/why"; then
		dir=$(cat "$scratch/dir") # here: the next version writes the same file
		series "$version" "$dir" >"$scratch/$version.tap" &
	elif grep -q 'cannot be had here' "$scratch/why"; then
		echo "ok - $version # SKIP $(tail -n 1 "$scratch/why")" >"$scratch/$version.tap"
	else
		ok 1 "$version: there is a kernel" "$scratch/why" >"$scratch/$version.tap"
	fi
done
wait
cat "$scratch"/*.tap
echo "1..$(cat "$scratch"/*.tap | grep -cE '^(not )?ok')"
! grep -q '^not ok' "$scratch"/*.tap
