#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The service under the real systemd: started before anything else is, hardened, watched over,
# killed, stopped and started again, while the audit goes on and the journal gets each violation.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # in_parallel and await call what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

EXPOSURE=30 # tenths of what systemd-analyze security calls an exposure level
DIR=$TMPDIR/guest
INSTALLED=$TMPDIR/installed
SHARED=$TMPDIR/shared

installed() {
	make -s -C "$ROOT" O="$O" DESTDIR="$INSTALLED" PREFIX=/usr install >/dev/null
	is 'make install installs the unit' "$?" 0
	UNIT=$INSTALLED/usr/lib/systemd/system/vq-audit.service
	install -D /bin/kill "$INSTALLED/bin/kill" # verify looks for what is run below this root
	contains "$UNIT" 'which runs what was installed' '^ExecStart=/usr/sbin/vq-audit run '
	is 'systemd-analyze finds no fault in it' "$(systemd-analyze verify --man=no --root="$INSTALLED" \
		"$UNIT" 2>&1 | grep 'vq-audit\.service' || true)" ''
	systemd-analyze security --offline=yes --threshold="$EXPOSURE" --no-pager "$UNIT" \
		>"$TMPDIR/security" 2>&1
	is "nor more exposure than $EXPOSURE tenths" "$?" 0
	comment "$(tail -n 1 "$TMPDIR/security")"
}

# As it is installed and enabled; only that the watchdog is quicker.
share_unit() {
	mkdir -p "$SHARED"/systemd/{sysinit.target.wants,vq-audit.service.d}
	cp "$UNIT" "$SHARED/systemd/"
	ln -s ../vq-audit.service "$SHARED/systemd/sysinit.target.wants/"
	printf '[Service]\nWatchdogSec=8\n' >"$SHARED/systemd/vq-audit.service.d/quicker.conf"
}

of_service() { said "systemctl show -P $1 vq-audit"; }
journal() { said "journalctl --no-pager -o cat -u vq-audit"; }
times() { journal | grep --count -- "$1"; }
# told: how many violations are in the journal
told() { said 'sleep 1; vq-audit events -j' | grep --count '"rule":"desc-tamper"'; }
has_told() { (($(told) > $1)); }
# Hooks that hang, by their programs: these stay through the lives of daemons.
hooks() { said 'bpftool link show' | sed -n 's/^[0-9]*: .* prog \([0-9]*\).*/\1/p' | sort -n | xargs; }

# runs_anew NAME PID: the service runs, and it is another process
runs_anew() {
	ok "$1: it runs again" await "$PATIENCE" is_anew "$2"
	is "$1: and took over" "$(journal | grep 'vq-audit .* Linux' | tail -n 1 | cut -d ' ' -f 3-4)" 'takes over,'
	is "$1: the audit never ended" "$(hooks)" "$HOOKS"
}

is_anew() {
	local now
	now=$(said 'sleep 1; systemctl show -p ActiveState -p MainPID vq-audit' | sort | xargs)
	[[ $now == 'ActiveState=active '* && $now != *"=$1" ]]
}

# lie: until one was told for certain; the driver gets on all the same
lie() {
	local try
	for ((try = 1; try <= TRIES; try++)); do
		! strike "$DIR" blk0 desc-addr "$try" || return 0
	done
	return 1
}

started() {
	is 'the service is active' "$(of_service ActiveState)" active
	is 'and ready before the system was initialised' "$(said 'systemctl show -P ActiveEnterTimestampMonotonic vq-audit sysinit.target' |
		sort -n -c && echo ordered)" ordered
	is 'nothing there keeps it from sealing itself' "$(times 'system calls are not restricted')" 0
	HOOKS=$(hooks)
	at_least 'its hooks hang' "$(wc -w <<<"$HOOKS")" 10
	tell "$DIR" 'load blk0'
	ok 'the hypervisor lies' lie
	ok 'the violation is in the journal' await "$PATIENCE" has_told 0
}

killed() {
	local pid
	pid=$(of_service MainPID)
	tell "$DIR" 'systemctl kill -s KILL vq-audit'
	runs_anew 'killed' "$pid"
	pid=$(of_service MainPID)
	tell "$DIR" 'systemctl kill -s STOP vq-audit'
	runs_anew 'stands still' "$pid"
	at_least 'stands still: the watchdog saw it' "$(times 'Watchdog timeout')" 1
}

stopped() {
	local before
	tell "$DIR" 'systemctl stop vq-audit'
	is 'stopped: it has seen a divergence, and that is no failure' \
		"$(of_service ActiveState) $(of_service Result)" 'inactive success'
	is 'stopped: the audit goes on' "$(hooks)" "$HOOKS"
	before=$(told)
	ok 'stopped: the hypervisor lies' lie
	tell "$DIR" 'sleep 1; systemctl start vq-audit'
	ok 'started: the journal gets what nobody saw' await "$PATIENCE" has_told "$before"
}

# Who cannot run says why, once.
refused() {
	tell "$DIR" 'systemctl stop vq-audit; vq-audit unpin; vq-audit run --pin --recorder 0 --duration 1'
	tell "$DIR" 'systemctl start vq-audit'
	is 'refused: it has failed' "$(of_service ActiveState) $(of_service ExecMainStatus)" 'failed 3'
	at_least 'refused: the journal says why' "$(times 'recorder is not what the audit')" 1
	tell "$DIR" 'vq-audit unpin; systemctl reset-failed vq-audit; systemctl start vq-audit'
	is 'unpinned: it begins anew' "$(of_service ActiveState)" active
	tell "$DIR" 'systemctl stop vq-audit; vq-audit unpin'
	is 'unpinned: nothing hangs any more' "$(hooks)" ''
}

guest() {
	installed
	share_unit
	if ! guest_boot "$DIR" --kernel patched-6.12 --set systemd=1 --set indirect_desc=off --share "$SHARED" \
		--device blk,iops=20 --timeout 800; then
		fail 'a guest with systemd' "$(tail -n 20 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	started
	killed
	stopped
	refused
	tell "$DIR" 'unload blk0'
	kernel_is_well service "$DIR"
	guest_exit "$DIR"
}

begin
in_parallel guest
finish
