#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "vq-audit top" in a terminal, tmux, in a guest at work and then under attack: with numbers of
# its own, with those of an audit that is pinned, at several sizes, without color; and the
# terminal afterwards.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # in_parallel and await call what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

DIR=$TMPDIR/guest DISK=''

# said LINE: what it prints in the guest, without the guest's own records; its status
said() {
	local from status=0
	from=$(lines "$DIR")
	tell "$DIR" "$1" || status=$?
	tail -n "+$((from + 1))" "$DIR/out" | grep -v '^{"type":"' | grep .
	return "$status"
}

# --- the terminal: lines begin with | since blanks at their beginning get lost ----

terminal() {
	tell "$DIR" "export LC_ALL=C.UTF-8; tmux -u new-session -d -x $1 -y $2 </dev/null >/dev/null 2>&1 4>&-" &&
		types 'PS1=ready:' Enter && shows '^[|]ready:'
}

# types KEY...
types() { tell "$DIR" "tmux send-keys $(printf " '%s'" "$@")"; }

screen() { said "tmux capture-pane -p ${1-} | sed 's/^/|/'"; }

# Looks are far apart where the guest's CPUs have much else to do.
matches() { screen | tee "$DIR/screen" | grep --quiet --extended-regexp -- "$1"; }
shows() { await "$PATIENCE" matches "$1"; }

# see NAME PATTERN: a line of the screen, sooner or later
see() {
	if shows "$2"; then pass "$1"; else fail "$1" "no line matches $2" "$(cat "$DIR/screen")"; fi
}

# fits COLUMNS LINES: no line of top's wraps, and the last one is that of the keys
fits() {
	is "$1x$2: the keys are in the last line, and nothing wraps" \
		"$(screen | awk -v columns="$1" -v last="$2" 'length > columns + 1 { print "too long: " $0 }
			NR == last { print substr($0, 2, 6) }
			NR > 6 && NR < last && !/^[|]([X!? ] virtio.*)?$/ { print "no row: " $0 }')" 'q quit'
}

resized() { tell "$DIR" "tmux resize-window -x $1 -y $2"; }

# of_disk COLUMN: of the disk's row, by its title
of_disk() {
	screen | sed 's/^|.//' | awk -v disk="$DISK" -v title="$1" '
		/^ DEVICE/ { for (i = 1; i <= NF; i++) at[$i] = i + 1 } # a queue has two words
		$1 == disk { print $at[title]; exit }'
}

works() { [[ $(of_disk RATE) =~ ^[1-9] && $(of_disk P99) =~ ^[1-9] ]]; }
has_depth() { [[ $(of_disk DEPTH) =~ ^[1-9] ]]; }
has_age() { [[ $(of_disk OLDEST) =~ ^[1-9] ]]; }

# started LINE: top, by the shell of the terminal
started() {
	types "$1; echo left=\$?" Enter
	see "\"$1\": it shows queues" '^[|][X!? ] virtio0 '
}

# left STATUS HOW: the terminal is the shell's again, as it was
left() {
	see "$2: it ends with $1" "^[|]left=$1\$"
	types 'clear; stty -a | tr " ;" "\n\n" | grep -xE -- "-?(echo|icanon|isig|opost)" | xargs echo is' Enter
	see "$2: the terminal is as it was" '^[|]is '
	lacks "$DIR/screen" "$2: nothing of it is off" '^[|]is.* -'
	contains "$DIR/screen" "$2: and on are four" '^[|]is( (echo|icanon|isig|opost)){4}$'
	is "$2: the cursor is there, and the other screen is not" \
		"$(said "tmux display-message -p '#{cursor_flag} #{alternate_on}'")" '1 0'
	types clear Enter
}

# The order of the rows, as devices.
order() { screen | sed -n 's/^|[X!? ] \(virtio[0-9]*\) .*/\1/p' | uniq | xargs; }
leads() { [[ $(order) == "$DISK "* ]]; }
trails() { [[ $(order) == virtio0\ *"$DISK"* ]]; }

# lies: to the disk, until it is told for certain, or seen
lies() {
	local try
	for ((try = 1; try <= TRIES; try++)); do
		strike "$DIR" blk0 desc-addr "$try" && return
		[[ $(of_disk VIOL) == 0 ]] || return 0
	done
	return 1
}

# Whether what stands in the disk's row is in color, and whether it is bold.
colored() { screen -e | grep -F "$DISK" | grep --quiet $'\033\\[[0-9;]*3[0-7]'; }
bold() { screen -e | grep -F "$DISK" | grep --quiet --extended-regexp $'\033\\[(0;)?1[m;]'; }

# --- what is tried -----------------------------------------------------------

refused() {
	local status=0
	said 'vq-audit top </dev/null' >"$TMPDIR/refused" || status=$?
	is 'without a terminal it cannot run' "$status" 3
	contains "$TMPDIR/refused" 'without a terminal: the way out is named' 'way out: "vq-audit top -b"'
	status=0
	said 'vq-audit top -b virtio99' >"$TMPDIR/refused" || status=$?
	is 'a device that is none is a usage error' "$status" 2
	status=0
	types 'TERM=none-such vq-audit top; echo left=$?' Enter
	see 'a terminal of no known type: it says so' 'type "none-such" cannot be used'
	see 'and cannot run' '^[|]left=3$'
	types clear Enter
}

sizes() {
	see '80x24: all columns up to the state' '^[|]  DEVICE   QUEUE +VIOL AUDIT% +DEPTH +RATE +P50 +P99 OLDEST STATE$'
	fits 80 24
	resized 60 15
	see '60x15: columns on the right are left out' '^[|]  DEVICE   QUEUE +VIOL AUDIT% +DEPTH +RATE +P50$'
	fits 60 15
	resized 63 15
	see '63x15: a column is there whole, or not at all' '^[|]  DEVICE   QUEUE +VIOL AUDIT% +DEPTH +RATE +P50$'
	resized 120 40
	see '120x40: there are more' '^[|]  DEVICE .* STATE +TYPE +BUS +RULE$'
	fits 120 40
	resized 20 6
	see '20x6: too small, and it says so' '^[|]28x8 or more$'
	resized 80 9
	see '80x9: two rows of all' '^[|]1-2 of [0-9]+  q quit'
	types Down
	see 'it scrolls by a row' '^[|]2-3 of '
	types NPage
	see 'and by two' '^[|]4-5 of '
	types Home
	see 'and back' '^[|]1-2 of '
	resized 80 24
}

keys() {
	types r
	see 'r: by rate' '^[|]vq-audit top .*, by rate'
	ok 'r: the disk is busiest' await "$PATIENCE" leads
	types n
	see 'n: by name' ', by name'
	ok 'n: the disk is behind virtio0' await "$PATIENCE" trails
	types l
	ok 'l: the disk is slowest' await "$PATIENCE" leads
	types n p
	see 'p: it pauses' '^[|]vq-audit top .*  PAUSED'
	types p
	ok 'p: and goes on' await "$PATIENCE" goes_on
}

goes_on() { ! screen | grep --quiet PAUSED; }

attacked() {
	ok 'the hypervisor lies' lies
	see 'a row is marked' "^[|]! $DISK .* [1-9][0-9]* "
	see 'what was found is told' '^[|]found  .*desc-tamper [1-9]'
	types v
	ok 'v: the disk leads' await "$PATIENCE" leads
	ok 'the mark is in color' colored
	resized 120 24
	see 'at 120 columns the rule is named' "^[|]! $DISK .* desc-tamper$"
	resized 80 24
}

own() {
	started 'vq-audit top -i 1'
	see 'it has begun an audit of its own' '^[|]audit  begun by top, ends with it, patched tier'
	see 'which sweeps' 'sweeps/s'
	ok 'the load has a rate and a latency' await "$PATIENCE" works
	ok 'and an age' await "$PATIENCE" has_age
	ok 'and a depth' await "$PATIENCE" has_depth
	sizes
	keys
	attacked
	types q
	left 1 'q after a divergence'
	is 'its programs went with it' "$(said 'bpftool link show | wc -l')" 0
}

# Those that hang on the kernel, by their numbers.
programs() { said 'bpftool link show' | sed -n 's/^[0-9]*: .* prog \([0-9]*\).*/\1/p' | sort -n | xargs; }

# As the daemon counts them, of all queues
total_of_daemon() { last_stats "$DIR" | jq '.totals.audited'; }

has_audited() { (($(screen | sed -n 's/^|total  \([0-9]*\) of.*/\1/p') >= $1)); }

same_violations() {
	[[ $(of_disk VIOL) == "$(last_stats "$DIR" | jq --arg virtio "$DISK" \
		'[.queues[] | select(.virtio == $virtio) | .violations[]] | add')" ]]
}

pinned() {
	local before ids n
	start_audit "$DIR" --pin --rate 0 --stats 1 || { fail 'an audit that is pinned'; return; }
	ids=$(programs)
	started 'vq-audit top -i 1'
	see 'it looks at the audit that is pinned' '^[|]audit  pinned, patched tier, level ring, [0-9]+ sweeps/s'
	is 'and has attached nothing' "$(programs)" "$ids"
	n=$(total_of_daemon)
	ok 'its total is that of the daemon' await "$PATIENCE" has_audited "$n"
	ok 'a lie is found by the daemon' detect "$DIR" blk0 desc-addr
	see 'and shown here' '^[|]found  .*desc-tamper [1-9]'
	ok 'as often as the daemon says' await 30 same_violations
	types C-c
	left 1 '^C'
	for type in vt100 screen; do
		started "NO_COLOR=${type#vt100} TERM=$type vq-audit top -i 1"
		see "TERM=$type: the row is marked" "^[|]! $DISK "
		ok "TERM=$type: and bold" bold
		ok "TERM=$type: without color" not colored
		fits 80 24
		tell "$DIR" 'kill $(pidof vq-audit | tr " " "\n" | grep -vx "$audit")'
		left 1 "TERM=$type: SIGTERM"
	done
	is 'the audit is what it was' "$(programs)" "$ids"
	ok 'and goes on' gets_on "$DIR" blk0
	abandoned
}

not() { ! "$@"; }

# Its daemon is killed, and then the audit itself ends.
abandoned() {
	tell "$DIR" 'kill -9 $audit; wait $audit'
	started 'vq-audit top -i 1 -n 600'
	see 'without a daemon: nobody sweeps' '^[|]audit  pinned, .*NO SWEEP meanwhile'
	ok 'without a daemon: the numbers go on' await "$PATIENCE" works
	types q
	left 1 'q without a daemon'
	started 'vq-audit top -i 30'
	is 'unpin ends the audit' "$(said 'vq-audit unpin' | grep -c 'has ended')" 1
	ok 'which an onlooker does not hold up' await 20 unhooked
	see 'the onlooker says that it has ended' 'the audit that was pinned has ended'
	left 3 'an audit that ended'
}

unhooked() { [[ -z $(programs) ]]; }

# A script's: two readings, and no terminal.
batch() {
	local json status=0
	said "vq-audit top -b -i 1 -n 2 $DISK | sed 's/^/|/'" >"$DIR/batch"
	is 'batch: two readings' "$(grep -c '^|vq-audit top' "$DIR/batch")" 2
	is 'batch: of the device that was asked for' \
		"$(grep -oE '^[|][X!? ] virtio[0-9]+' "$DIR/batch" | cut -c 4- | sort -u)" "$DISK"
	tell "$DIR" 'vq-audit top -b -i 1 -n 1 >/dev/full' || status=$?
	is 'batch: what could not be written is told' "$status" 4
	tell "$DIR" "vq-audit -j top -i 2 -n 1 $DISK"
	json=$(records "$DIR" top | jq -c '.pinned, (.queues[] | .virtio, .rate > 0, .p99_ns > 0, .broken)')
	is 'JSON: the same' "$(xargs <<<"$json")" "false $DISK true true false"
}

top() {
	if ! { guest_boot "$DIR" --kernel patched-6.12 --set indirect_desc=off --set tmux=1 \
		--device net --device rng --device blk,iops=40 --timeout 900 && terminal 80 24; }; then
		fail 'a guest with a terminal' "$(tail -n 5 "$DIR/err" "$DIR/out" 2>&1)"
		return
	fi
	DISK=$(device_field "$DIR" blk0 virtio)
	load "$DIR" blk0
	refused
	own
	batch
	pinned
	unload "$DIR" blk0
	kernel_is_well top "$DIR"
	guest_exit "$DIR"
}

begin
in_parallel top
finish
