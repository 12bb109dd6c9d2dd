#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Debian packages: built from a clean tree, without a word from lintian; installed, upgraded,
# removed and purged by the real dpkg under the real systemd, while the audit goes on for as long
# as the package is there; and the modules, as DKMS builds them, in the kernel that they are for.
# shellcheck disable=SC2016 # what stands in single quotes is the guest's
# shellcheck disable=SC2317 # in_parallel and await call what seems not to be called
set -uo pipefail

: "${PATIENCE:=300}" # the verifier of a guest that is emulated takes its time
JOBS=1

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

KERNEL=6.12
DEBS=$O/deb
DIR=$TMPDIR/guest
SHARED=$TMPDIR/shared
VERSION=$(<"$ROOT/VERSION")
NEXT=$VERSION+next

# --- built -------------------------------------------------------------------

built() {
	local before
	is 'the changelog is of this version' "$(dpkg-parsechangelog -l "$ROOT/debian/changelog" -S Version)" "$VERSION"
	before=$(tree_state)
	make -s -C "$ROOT" O="$O" deb >"$TMPDIR/deb.log" 2>&1
	is 'make deb' "$? $(grep -c '^\./vq-audit' "$TMPDIR/deb.log")" '0 4'
	is 'it leaves the tree as it was' "$(tree_state)" "$before"
	lintian --allow-root --fail-on error,warning "$DEBS"/*.changes >"$TMPDIR/lintian" 2>&1
	is 'lintian has nothing to say' "$? $(grep '^[EW]:' "$TMPDIR/lintian")" '0 '
	dpkg-deb --fsys-tarfile "$DEBS/vq-audit_${VERSION}_amd64.deb" | tar -xO ./etc/vq-audit.conf |
		sed 's/^#\([[a-z]\)/\1/' >"$TMPDIR/example"
	contains "$TMPDIR/example" 'the configuration that is installed has examples' '^hard = yes'
	"$O/vq-audit" check --config "$TMPDIR/example" >"$TMPDIR/judged" 2>&1
	is 'which are right' "$? $(grep "^vq-audit: $TMPDIR" "$TMPDIR/judged")" '0 '
}

tree_state() { git -C "$ROOT" status --porcelain 2>&1; }

# next_version DEB: the same, of a version that comes after it
next_version() {
	dpkg-deb --raw-extract "$1" "$TMPDIR/next"
	sed -i "s/^Version: .*/Version: $NEXT/" "$TMPDIR/next/DEBIAN/control"
	dpkg-deb --root-owner-group --build "$TMPDIR/next" "$SHARED/next.deb" >/dev/null
}

# What it depends on, by name
depends() { dpkg-deb --field "$1" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g'; }

# --- in a guest ----------------------------------------------------------------

# packages NAME ARGUMENTS: dpkg in the guest, which succeeds; what it says is in $TMPDIR/dpkg
packages() {
	local status=0
	said "dpkg $2" >"$TMPDIR/dpkg" || status=$?
	((status == 0)) || comment "$(tail -n 20 "$TMPDIR/dpkg")"
	is "$1: dpkg $2" "$status" 0
}

of_service() { said "systemctl show -P $1 vq-audit"; }
state() { echo "$(of_service ActiveState) $(said 'systemctl is-enabled vq-audit')"; }
# Hooks that hang, by their programs.
hooks() { said 'bpftool link show' | sed -n 's/^[0-9]*: .* prog \([0-9]*\).*/\1/p' | sort -n | xargs; }
# audited: buffers of the first queue
audited() {
	said 'bpftool -p map lookup name queues key 0 0 0 0 | grep "\"audited\""' | sed -n '1s/[^0-9]//gp'
}
goes_on() { (($(audited | grep . || echo 0) > ${1:-0})); }
# All files but those that dpkg and systemd have for themselves
files() {
	said 'find / /run /sys/fs/bpf -xdev' |
		grep -Ev '^/(var/lib/(dpkg|systemd)|var/log|run/(systemd|log|load-|answer)|lab|root|tmp)' | sort -u
}

installed() {
	packages install '--install /share/vq-audit.deb'
	is 'installed: the service runs, and will after a boot' "$(state)" 'active enabled'
	HOOKS=$(hooks)
	at_least 'installed: its hooks hang' "$(wc -w <<<"$HOOKS")" 10
	[[ -n $HOOKS ]] || return
	said 'vq-audit list' >"$TMPDIR/list"
	contains "$TMPDIR/list" 'installed: the queue of the disk is there, and audited' 'virtio0 .*req\.0 .*yes *$'
	tell "$DIR" 'load blk0'
	ok 'installed: and its buffers are' await "$PATIENCE" goes_on 20
	tell "$DIR" 'unload blk0; echo "# mine" >>/etc/vq-audit.conf; echo "stats = 60" >/etc/vq-audit.conf.d/mine.conf'
}

upgraded() {
	local pid count
	pid=$(of_service MainPID)
	count=$(audited)
	packages upgrade '--install /share/next.deb'
	is 'upgraded: it is the next version' "$(said 'dpkg-query -W -f "\${Version}\n" vq-audit')" "$NEXT"
	is 'upgraded: the service runs, and will after a boot' "$(state)" 'active enabled'
	lacks <(of_service MainPID) 'upgraded: and is another process' "^$pid$"
	contains <(said 'journalctl --no-pager -o cat -u vq-audit') 'upgraded: which took over' '^vq-audit .* takes over,'
	is 'upgraded: the audit never ended' "$(hooks)" "$HOOKS"
	at_least 'upgraded: nor began its counts anew' "$(audited)" "$count"
	tell "$DIR" 'load blk0'
	ok 'upgraded: and goes on' await "$PATIENCE" goes_on "$(audited)"
	contains <(said 'cat /etc/vq-audit.conf') 'upgraded: the configuration is what the operator made of it' '^# mine'
}

# As when the next version lays its maps out otherwise.
refused() {
	local dropin=/etc/systemd/system/vq-audit.service.d
	tell "$DIR" "mkdir $dropin; printf '[Service]\nExecStart=\nExecStart=/bin/sh -c \"exit 3\"\n' >$dropin/refuses.conf"
	packages 'upgrade to one that refuses' '--install /share/next.deb'
	is 'refused: the service has failed' "$(of_service ActiveState)" failed
	contains "$TMPDIR/dpkg" 'refused: the upgrade says so, and the way out' 'vq-audit unpin; systemctl start vq-audit'
	is 'refused: the audit goes on' "$(hooks)" "$HOOKS"
	tell "$DIR" "rm -r $dropin; systemctl daemon-reload; systemctl reset-failed vq-audit; systemctl start vq-audit"
	is 'refused: and is taken over by one that can' "$(state) $(hooks)" "active enabled $HOOKS"
}

removed() {
	tell "$DIR" 'unload blk0'
	packages remove '--remove vq-audit'
	is 'removed: no service' "$(of_service LoadState) $(of_service ActiveState)" 'not-found inactive'
	is 'removed: no hook' "$(hooks)" ''
	files >"$TMPDIR/removed"
	is 'removed: all but configuration is gone' "$(comm -13 "$TMPDIR/before" "$TMPDIR/removed" |
		grep -v '^/etc/systemd/' | xargs)" \
		'/etc/vq-audit.conf /etc/vq-audit.conf.d /etc/vq-audit.conf.d/mine.conf'
}

purged() {
	packages purge '--purge vq-audit'
	files >"$TMPDIR/purged"
	is 'purged: nothing is left, nothing else is gone' "$(comm -3 "$TMPDIR/before" "$TMPDIR/purged" | xargs)" ''
	is 'purged: and dpkg knows no such package' "$(said 'dpkg-query -W vq-audit' | cut -d ' ' -f 1-4 | xargs)" \
		'dpkg-query: no packages found'
}

guest() {
	local deb=$DEBS/vq-audit_${VERSION}_amd64.deb
	mkdir -p "$SHARED"
	cp "$deb" "$SHARED/vq-audit.deb"
	next_version "$deb"
	if ! guest_boot "$DIR" --kernel "patched-$KERNEL" --set systemd=1 --set "dpkg=$(depends "$deb")" \
		--device blk --share "$SHARED" --timeout 1200; then
		fail 'a guest with systemd and dpkg' "$(tail -n 20 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	# What the lab has for others; and the build's program is not to be taken for the package's.
	tell "$DIR" 'rm /usr/sbin/vq-audit /usr/bin/vq-audit; PATH=/usr/sbin:/usr/bin:/sbin:/bin:/lab'
	files >"$TMPDIR/before"
	installed || return # nothing could be said of what is not there
	upgraded
	refused
	removed
	purged
	kernel_is_well packages "$DIR"
	guest_exit "$DIR"
}

# --- modules -------------------------------------------------------------------

# privately COMMAND...: what it writes to /usr and /var nobody else sees
privately() {
	unshare --mount bash -ec '
		mount -t tmpfs tmpfs /mnt
		for dir in usr var; do
			mkdir -p "/mnt/$dir"/{upper,work}
			mount -t overlay overlay -o "lowerdir=/$dir,upperdir=/mnt/$dir/upper,workdir=/mnt/$dir/work" "/$dir"
		done
		"$@"' privately "$@"
}

# A machine that has one kernel, and its headers: dkms-life KERNEL HEADERS DEBS SHARE
dkms_life() {
	privately bash -c '
		set -u
		kernel=$1 headers=$2 debs=$3 share=$4 release=$(cat "$1/release")
		mkdir -p /lib/modules
		mount -t tmpfs tmpfs /lib/modules
		mkdir "/lib/modules/$release"
		cp "$kernel/lib/modules/$release"/modules.* "/lib/modules/$release/"
		ln -s "$headers" "/lib/modules/$release/build"
		traces() { find /lib/modules /usr/src /var/lib/dkms | grep "vq.audit" | xargs; }
		# There is no linux-source-6.1, nor would a kernel 6.12 have to do with it.
		dpkg --ignore-depends=linux-source-6.1 --install "$debs"/vq-audit-dkms_*.deb "$debs"/vq-audit-virtio-ring-dkms_*.deb
		echo "installed $?"
		dkms status | sed "s/^/status /"
		cat /var/lib/dkms/vq-audit-*/*/build/make.log 2>/dev/null
		cp -r "/lib/modules/$release/updates/dkms" "$share/"
		cp /usr/lib/modules-load.d/vq-audit.conf "$share/"
		dpkg --purge vq-audit-dkms vq-audit-virtio-ring-dkms
		echo "purged $?"
		echo "left: $(dkms status) $(traces)"
	' dkms-life "$@" </dev/null >"$TMPDIR/dkms" 2>&1
}

modules() {
	local kernel release headers module share=$TMPDIR/modules
	if ! kernel=$("$ROOT/tests/lab/kernel" "stock-$KERNEL" 2>"$TMPDIR/err") ||
		! "$ROOT/tests/lab/modules/build" "$kernel" vq_audit_recover >/dev/null 2>>"$TMPDIR/err"; then
		fail "a kernel $KERNEL of Debian, and its headers" "$(cat "$TMPDIR/err")"
		return
	fi
	release=$(<"$kernel/release")
	headers=$(echo "${VQ_AUDIT_CACHE:-$HOME/.cache/vq-audit}/headers/$release"-*"/usr/src/linux-headers-$release")
	mkdir -p "$share"
	dkms_life "$kernel" "$headers" "$DEBS" "$share"
	is 'dkms: installed and purged' "$(grep -E '^(installed|purged) ' "$TMPDIR/dkms" | xargs)" 'installed 0 purged 0'
	for module in vq-audit-break vq-audit-recover; do
		contains "$TMPDIR/dkms" "dkms: $module is built and installed" "^status $module/$VERSION, ${release//+/[+]}, .*: installed"
	done
	contains "$TMPDIR/dkms" 'dkms: virtio_ring is not, where virtio is no module' "^status vq-audit-virtio-ring/$VERSION: added"
	contains "$TMPDIR/dkms" 'dkms: nothing of them is left' '^left: *$'
	in_its_kernel "$share"
}

# in_its_kernel SHARE: those that are loaded at boot are, by their names
in_its_kernel() {
	"$ROOT/tests/lab/boot" --kernel "stock-$KERNEL" --device rng --share "$1" --timeout 300 -- '
		updates=/lib/modules/$(uname -r)/updates
		mkdir -p $updates && cp -r /share/dkms $updates/ && depmod || exit
		for module in $(grep -v "^#" /share/vq-audit.conf); do modprobe $module || exit; done
		cut -d " " -f 1 /proc/modules | grep vq_audit | sort
		ls /sys/kernel/btf/vq_audit_break /sys/module/vq_audit_recover/parameters/drain' \
		</dev/null >"$TMPDIR/loaded" 2>"$TMPDIR/err"
	is 'dkms: a guest with the modules' "$?" 0
	is 'dkms: they load, and are what they should be' "$(grep vq_audit "$TMPDIR/loaded" | sort | xargs)" \
		'/sys/kernel/btf/vq_audit_break /sys/module/vq_audit_recover/parameters/drain vq_audit_break vq_audit_recover'
}

begin
in_parallel built guest modules
finish
