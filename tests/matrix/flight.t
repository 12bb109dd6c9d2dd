#!/bin/bash
# What led up to a violation comes with it: the operations on its queue, in
# order, as the driver did them; in a file of `vq-audit record`, and from there
# in words. On patched-6.12 both rings, on Debian's own 6.12 a split one.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

boot() {
	local dir=$1 kernel=$2 ring=$3
	guest_boot "$dir" --kernel "$kernel" --ring "$ring" --set indirect_desc=off \
		--set iommu_platform=on --device 'blk,iops=20' \
		--device 'net,peer=udp,mrg_rxbuf=off,host_mtu=9000' --timeout 300
}

# --- the operations with a violation ----------------------------------------

# of_lie DIR FILTER: of the violations that the last lie explains
of_lie() { judge "$1" "\$edits[-1] | found_by[] | $2"; }

# The places in an index: on packed rings the bit of the wrap counter is left out.
PLACE='def place: if $v.ring == "packed" then . % 32768 else . end;'

# judge_flight NAME DIR: what is true of any flight
judge_flight() {
	local name=$1 v='. as $v | .flight'
	at_least "$name: operations" "$(of_lie "$2" '.flight | length')" 32
	is "$name: none is torn" "$(of_lie "$2" 'has("flight_torn")')" false
	is "$name: oldest first, none after the violation" "$(of_lie "$2" \
		"$v | [.[].time_ns] | . == sort and .[-1] <= \$v.time_ns")" true
	is "$name: the last one is the use that was judged" "$(of_lie "$2" "${v}[-1]
		| .op == \"used\" and .id == \$v.id and .len == \$v.used_len and .used == \$v.last_used")" true
	is "$name: the operations are those of a ring at work" \
		"$(of_lie "$2" '[.flight[].op] | unique | tojson')" \
		'["add","detach","interrupt","kick","used"]'
	is "$name: some kicks notify, as far as is known" \
		"$(of_lie "$2" 'any(.flight[]; .notify)')" true
}

# judge_life NAME DIR: the buffer of the lie was added, and then nothing but used;
# the add is where the driver's index was, and what comes next goes behind it
judge_life() {
	local name=$1
	is "$name: the buffer was added, and used since" "$(of_lie "$2" '. as $v
		| [.flight[] | select(.id == $v.id)][-2:] | map(.op) | tojson')" '["add","used"]'
	is "$name: with as many descriptors" "$(of_lie "$2" '. as $v
		| all([.flight[] | select(.id == $v.id)][-2:][]; .num == $v.chain)')" true
	is "$name: each add goes behind the one before it" "$(of_lie "$2" ". as \$v | $PLACE"'
		[.flight[] | select(.op == "add")] | [.[:-1], .[1:]] | transpose
		| all(.[]; (if $v.ring == "packed" then .[0].num else 1 end) as $step
			| ((.[1].avail | place) - (.[0].avail | place) - $step) % 256 == 0)')" true
	is "$name: each completion comes behind the one before it" "$(of_lie "$2" ". as \$v | $PLACE"'
		[.flight[] | select(.op == "used")] | [.[:-1], .[1:]] | transpose
		| all(.[]; (if $v.ring == "packed" then .[0].num else 1 end) as $step
			| ((.[1].used | place) - (.[0].used | place) - $step) % 256 == 0)')" true
}

# On a packed ring the element may stand in what another buffer filled: the add that did
# so last is known by place and id.
judge_place() {
	is "$1: the lie is in what was added" "$(of_lie "$2" '. as $v
		| [.flight[] | select(.op == "add" and ($v.slot - .avail % 32768 + 256) % 256 < .num)][-1]
		| .id == $v.want.id')" true
}

# find_lie DIR DEVICE MUTATION: on a stock kernel a hook that is interrupted misses what
# happens meanwhile; then the lie is told once more.
find_lie() {
	detect "$1" "$2" "$3" && return
	[[ $1 == */stock-* ]] && detect "$1" "$2" "$3"
}

lie_about_disk() {
	local name="$1, desc-addr on blk0" dir=$2 ring=$3
	load "$dir" blk0
	ok "$name: the device works before" gets_on "$dir" blk0
	ok "$name: is found" find_lie "$dir" blk0 desc-addr
	judge_flight "$name" "$dir"
	judge_life "$name" "$dir"
	[[ $ring == split ]] || judge_place "$name" "$dir"
	unload "$dir" blk0
}

# A receive buffer waits longer than a recorder remembers, so of its life there
# is the end alone.
lie_about_nic() {
	local name="$1, used-len-over on net0" dir=$2
	flood "$dir" net0 1000
	ok "$name: the device works before" gets_on "$dir" net0
	ok "$name: is found" find_lie "$dir" net0 used-len-over
	is "$name: the last operation is the use that was judged" "$(of_lie "$dir" '. as $v
		| .flight[-1] | "\(.op) \(.id == $v.id) \(.len == $v.used_len)"')" 'used true true'
	is "$name: times never decrease" "$(of_lie "$dir" '[.flight[].time_ns] | . == sort')" true
	end_flood "$dir" net0
}

# --- off --------------------------------------------------------------------

without() {
	local name="$1, --recorder 0" dir=$2
	start_audit "$dir" --rate 0 --stats 1 --sweep-ms 0 --recorder 0
	is "$name: vq-audit runs" "$?" 0
	load "$dir" blk0
	ok "$name: the device works before" gets_on "$dir" blk0
	ok "$name: the lie is found" find_lie "$dir" blk0 desc-addr
	is "$name: and comes without operations" "$(of_lie "$dir" 'has("flight")')" false
	unload "$dir" blk0
	end_audit "$dir"
	is "$name: nothing waits for kicks" \
		"$(last_stats "$dir" | jq 'any(.programs[]; .name | contains("kick"))')" false
}

# --- record and report ------------------------------------------------------

# said DIR LINE: what the guest says when told LINE; its status
said() {
	local from status=0
	from=$(lines "$1")
	tell "$1" "$2" || status=$?
	tail -n "+$((from + 1))" "$1/out" | grep .
	return "$status"
}

# A file of one lie, told to a guest
recorded() {
	local name="$1, record" dir=$2 told=1 try
	tell "$dir" 'vq-audit record /run/file --rate 0 -q >/run/shown 2>&1 & rec=$!'
	tell "$dir" 'until grep -q \"start\" /run/file; do sleep 0.1; done; sleep 5'
	load "$dir" blk0
	for try in 1 2 3; do
		((told == 0)) || { told=0; strike "$dir" blk0 desc-addr "$try" || told=$?; }
	done
	is "$name: a lie is told, for certain" "$told" 0
	tell "$dir" 'until grep -q violation /run/file; do sleep 0.1; done; kill -INT $rec; wait $rec'
	is "$name: exits with 1, divergence seen" "$?" 1
	unload "$dir" blk0
	said "$dir" 'cat /run/file' >"$TMPDIR/file.$1"
	is "$name: start, violation, stop" \
		"$(jq -r '.type | select(IN("obeyed", "queue") | not)' "$TMPDIR/file.$1" | uniq | tr '\n' ' ')" \
		'start violation stop '
	is "$name: and before it, what its queue is like" \
		"$(jq -n -c '[inputs] | (map(.type == "violation") | index(true)) as $at | .[$at] as $v
			| any(.[:$at][]; .event == "new" and .virtio == $v.virtio and .queue == $v.queue
				and .num == $v.num and has("shadow"))' "$TMPDIR/file.$1")" true
	said "$dir" 'cat /run/shown' >"$TMPDIR/shown.$1"
	contains "$TMPDIR/shown.$1" "$name: is shown as well" 'ALERT  desc-tamper'
}

reported() {
	local name="$1, report" dir=$2 report=$TMPDIR/report.$1
	said "$dir" 'vq-audit report /run/file' >"$report"
	is "$name: a good file: exits with 0" "$?" 0
	contains "$report" "$name: the incidents" \
		"^$(grep -c '"violation"' "$TMPDIR/file.$1") incidents? in [0-9]+ lines; 0 corrupt$"
	contains "$report" "$name: says what run says" \
		"$(grep -m 1 -o 'descriptor [0-9]* of buffer [0-9]* (.*' "$TMPDIR/shown.$1" | tr '()' '..')"
	is "$name: a line for each operation" \
		"$(grep -c -E '^ *>? *[-+][0-9]+\.[0-9]{4}  (add|kick|used|detach|interrupt) ' "$report")" \
		"$(jq -n '[inputs.flight // [] | length] | add' "$TMPDIR/file.$1")"
	is "$name: no line is wider than 100" "$(awk 'length > 100' "$report")" ''
	said "$dir" 'vq-audit report -j /run/file' | grep -v obeyed >"$TMPDIR/again"
	is "$name -j: the lines as they were" "$(grep -v obeyed "$TMPDIR/file.$1" | cmp - "$TMPDIR/again")" ''
}

# What may have become of a file
damaged() {
	local name="$1, a file that" dir=$2 report=$TMPDIR/damaged
	tell "$dir" 'grep -v \"queue\",\"event\" /run/file | head -n 2 >/run/good; head -n 1 /run/good >/run/damaged'
	tell "$dir" '{ sed 1d /run/good | head -c 900; echo; echo nonsense; } >>/run/damaged'
	tell "$dir" '{ sed 1d /run/good; sed 1d /run/good | head -c 900; } >>/run/damaged'
	tell "$dir" 'vq-audit report /run/damaged >/run/says'
	is "$name is damaged: exits with 1" "$?" 1
	said "$dir" 'cat /run/says' >"$report"
	contains "$report" "$name is damaged: the line that was cut" '^corrupt line 2: no JSON at column '
	contains "$report" "$name is damaged: the line that is none" '^corrupt line 3: no JSON at column '
	contains "$report" "$name is damaged: the incident behind them" '^incident 1, line 4'
	contains "$report" "$name is damaged: the end is missing" '^corrupt line 5: cut off'
	contains "$report" "$name is damaged: is counted" '^1 incident in 5 lines; 3 corrupt$'
	refused "$name exists" "$dir" 4 'vq-audit record /run/file' '--force overwrites it'
	refused "$name cannot be made" "$dir" 4 'vq-audit record /proc/file' 'No such file'
	refused "$name is full" "$dir" 4 'vq-audit record --force --duration 1 -q /dev/full' \
		'No space left on device'
	refused "$name is not there" "$dir" 3 'vq-audit report /run/none' 'No such file'
	refused "$name is empty" "$dir" 3 ': >/run/none; vq-audit report /run/none' 'empty'
	refused "$name is not named" "$dir" 2 'vq-audit report' 'which FILE'
	tell "$dir" 'vq-audit record --force --duration 1 -q /run/file && head -c 15 /run/file'
	is "$name exists, --force: is overwritten" "$?" 0
}

# refused NAME DIR STATUS LINE WORDS
refused() {
	said "$2" "$4" >"$TMPDIR/refused"
	is "$1: exits with $3" "$?" "$3"
	contains "$TMPDIR/refused" "$1: and says why" "$5"
}

# --- all --------------------------------------------------------------------

# flight KERNEL RING
flight() {
	local name="$1 $2" dir=$TMPDIR/$1-$2
	if ! { boot "$dir" "$1" "$2" && start_audit "$dir" --rate 0 --stats 1 --sweep-ms 0; }; then
		fail "$name: a guest with vq-audit" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	lie_about_disk "$name" "$dir" "$2"
	lie_about_nic "$name" "$dir"
	end_audit "$dir"
	is "$name: vq-audit exits with 1, divergence seen" "$?" 1
	is "$name: no violation without its attack" "$(strangers "$dir")" ''
	account "$name" "$dir"
	without "$name" "$dir"
	recorded "$name" "$dir"
	reported "$name" "$dir"
	[[ $1 == stock* ]] || damaged "$name" "$dir"
	kernel_is_well "$name" "$dir"
}

main() {
	begin
	in_parallel 'flight patched-6.12 split' 'flight patched-6.12 packed' 'flight stock-6.12 split'
	finish
}

main "$@"
exit
