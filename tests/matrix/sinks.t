#!/bin/bash
# Every sink at once, each with its real counterpart: systemd's journal, a syslog daemon, a file,
# programs, scrapers, and beside them some that block or die. A guest under attack: each sink that
# works gets each violation, and what one that does not lost is counted.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"

GOOD=(journald syslog prometheus json:/run/events text:/run/text exec:/run/hook)
BAD=(json:/run/stuck exec:/run/sleeper)

# said DIR LINE: what the guest says when told LINE; its status
said() {
	local from status=0
	from=$(lines "$1")
	tell "$1" "$2" || status=$?
	tail -n "+$((from + 1))" "$1/out" | grep . | grep --invert-match '^{"type":"obeyed"'
	return "$status"
}

# sink DIR NAME FIELD: of a sink, as the last account says
sink() { last_stats "$1" | jq --arg name "$2" --arg f "$3" '.sinks[] | select(.name == $name)[$f]'; }

sink_is() { [[ $(sink "$1" "$2" "$3") -ge $4 ]]; }

# lie DIR TIMES: about the disk, each time until it is found
lie() {
	local i
	for ((i = 0; i < $2; i++)); do detect "$1" blk0 desc-addr || return; done
}

# facts: what is the same of a violation in every sink, a line for each
facts() { jq -r 'select(.type == "violation") | "\(.time_ns) \(.rule) \(.virtio) \(.queue) \(.id)"' | sort -n; }

# same_facts NAME COUNT: standard input tells the first COUNT of those of -j
same_facts() {
	local got
	got=$(facts)
	is "$1: the same violations" "$got" "$(head -n "$2" "$TMPDIR/facts")"
}

# --- under attack -----------------------------------------------------------

all_work() {
	local name=$1 dir=$2 n
	tell "$dir" stopped_clients
	ok "$name: lies are found beside sinks that block" lie "$dir" 3
	ok "$name: the device gets on" gets_on "$dir" blk0
	n=$(violations "$dir")
	tell "$dir" "wait_for $n journal_count"
	is "$name: the journal has them" "$?" 0
	tell "$dir" "wait_for $n violations_in_syslog"
	is "$name: syslog has them" "$?" 0
	tell "$dir" "wait_for $n violations_in_metrics"
	is "$name: metrics count them" "$?" 0
	tell "$dir" "wait_for $n programs_run"
	is "$name: a program was run for each" "$?" 0
	ok "$name: a FIFO that nobody reads keeps records waiting" \
		await "$PATIENCE" sink_is "$dir" json:/run/stuck waiting 10
	ok "$name: programs that do not end are killed, and counted" \
		await "$PATIENCE" sink_is "$dir" exec:/run/sleeper failed 1
	tell "$dir" 'wait_for 2 clients_dropped'
	is "$name: clients that stop are dropped, and counted" "$?" 0
	tell "$dir" 'scrape /run/metrics'
	for good in "${GOOD[@]}"; do
		is "$name: $good lost nothing" "$(sink "$dir" "$good" full),$(sink "$dir" "$good" failed)" 0,0
	done
}

# small NAME DIR: the daemon, with every sink and 64 queues; those of the network come with it
small() {
	local kib
	ok "$1: it counts" await "$PATIENCE" sink_is "$2" json:/run/events taken 68
	at_least "$1: queues" "$(last_stats "$2" | jq '.queues | length')" 64
	said "$2" 'grep -E "^(Vm(RSS|HWM)|Rss)" /proc/$audit/status' | grep -v '^{' >"$TMPDIR/memory"
	kib=$(awk '$1 == "VmRSS:" { print $2 }' "$TMPDIR/memory")
	at_least "$1: 16 MiB are enough for vq-audit" $((16 * 1024)) "${kib:-99999}"
	comment "$1: memory: $(tr -s '\n\t ' ' ' <"$TMPDIR/memory")"
}

# A journal that stands still takes two records more (see receivers), and then none.
journal_stands_still() {
	local name="$1, journald is stopped" dir=$2
	tell "$dir" 'kill -STOP $journald'
	ok "$name: lies are found" lie "$dir" 4
	ok "$name: its records wait" await "$PATIENCE" sink_is "$dir" journald waiting 1
	ok "$name: the device gets on" gets_on "$dir" blk0
	tell "$dir" "wait_for $(violations "$dir") violations_in_syslog"
	is "$name: others have them" "$?" 0
	tell "$dir" 'kill -CONT $journald'
	tell "$dir" "wait_for $(violations "$dir") journal_count"
	is "$name: and once it goes on, it has all of them" "$?" 0
	is "$name: nothing was lost" "$(sink "$dir" journald full),$(sink "$dir" journald failed)" 0,0
}

daemons_die() {
	local name="$1, journald and syslogd are killed" dir=$2
	tell "$dir" 'kill -KILL $journald $syslogd; wait $journald; wait $syslogd'
	ok "$name: lies are found" lie "$dir" 1
	ok "$name: what the journal lost is counted" await "$PATIENCE" sink_is "$dir" journald failed 1
	ok "$name: and what syslog lost" await "$PATIENCE" sink_is "$dir" syslog failed 1
	tell "$dir" "wait_for $(violations "$dir") programs_run"
	is "$name: others have them" "$?" 0
	at_least "$name: -j says what was lost" \
		"$(records "$dir" lost | jq -r .which | grep -c -x -E 'sink:(journald|syslog)')" 2
}

# --- what was written down --------------------------------------------------

# compare NAME DIR BEFORE: BEFORE violations were there when daemons died
compare() {
	local name=$1 dir=$2 before=$3 all
	records "$dir" violation | facts >"$TMPDIR/facts"
	all=$(wc -l <"$TMPDIR/facts")
	at_least "$name: violations" "$all" 8
	said "$dir" 'cat /run/events' | same_facts "$name, json" "$all"
	said "$dir" 'cat /run/hooked' | same_facts "$name, exec" "$all"
	said "$dir" 'vq-audit events -j' | same_facts "$name, journald" "$before"
	is "$name, text: as many" "$(said "$dir" 'grep -c ALERT /run/text')" "$all"
	is "$name, syslog: as many" "$(said "$dir" violations_in_syslog)" "$before"
	said "$dir" "journalctl -q --all -o json MESSAGE_ID=abd46016cf3b4487ba6879a1b9913aea" >"$TMPDIR/journal"
	is "$name, journald: fields say what the record says" "$(jq -c '(.VQ_AUDIT_JSON | fromjson) as $r
		| select([.PRIORITY, .VQ_AUDIT_RULE, .VQ_AUDIT_DEVICE, .VQ_AUDIT_QUEUE, .VQ_AUDIT_HEAD, .VQ_AUDIT_INDEX,
			(.VQ_AUDIT_FOUND | fromjson), (.VQ_AUDIT_EXPECTED | fromjson)]
		!= ["2", $r.rule, $r.virtio, "\($r.queue)", "\($r.id)", "\($r.slot)", $r.seen, $r.want])' "$TMPDIR/journal")" ''
	is "$name, journald: each has its operations" "$(jq -r '.VQ_AUDIT_JSON | fromjson
		| select(.flight or .suppressed > 0) | .type' "$TMPDIR/journal" | uniq)" violation
}

metrics() {
	local name="$1, metrics" dir=$2
	said "$dir" 'cat /run/metrics' >"$TMPDIR/metrics"
	if "$ROOT/tests/lab/prometheus" promtool --version >/dev/null 2>"$TMPDIR/promtool"; then
		is "$name: promtool has nothing to say" \
			"$("$ROOT/tests/lab/prometheus" promtool check metrics <"$TMPDIR/metrics" 2>&1)" ''
	else
		echo "ok - $name: promtool # SKIP $(tail -n 1 "$TMPDIR/promtool")"
	fi
	contains "$TMPDIR/metrics" "$name: the violations" \
		'^vq_audit_violations_total\{rule="desc-tamper",device="virtio[0-9]+",queue="0"\} [1-9]'
	contains "$TMPDIR/metrics" "$name: what a program that hangs lost" \
		'^vq_audit_sink_lost_total\{sink="exec:/run/sleeper",reason="failed"\} [1-9]'
}

events() {
	local name="$1, vq-audit events" dir=$2 n
	said "$dir" 'vq-audit events --rule stall' >"$TMPDIR/events"
	contains "$TMPDIR/events" "$name: of another rule: none" '^vq-audit: 0 violations shown, [1-9]'
	said "$dir" 'vq-audit events --since -1h --device virtio99' >"$TMPDIR/events"
	contains "$TMPDIR/events" "$name: of another device: none" '^vq-audit: 0 violations shown, [1-9]'
	said "$dir" 'vq-audit events --until -1h' >"$TMPDIR/events"
	contains "$TMPDIR/events" "$name: until an hour ago: none" '^vq-audit: 0 violations shown'
	said "$dir" 'vq-audit events --since -1h --rule desc-tamper --queue 0' >"$TMPDIR/events"
	contains "$TMPDIR/events" "$name: in words" 'ALERT  desc-tamper'
	n=$(grep -c '"type":"violation"' "$dir/out")
	tell "$dir" 'grep -m 1 ^{.type.:.violation /run/events >/run/one'
	tell "$dir" '{ cat /run/one; head -c 500 /run/one; echo; cat /run/one; } >/run/cut'
	said "$dir" 'vq-audit events /run/cut' >"$TMPDIR/events"
	is "$name: a line cut short: exits with 1" "$?" 1
	contains "$TMPDIR/events" "$name: and is named" '^vq-audit: /run/cut:2: '
	contains "$TMPDIR/events" "$name: and the others are shown" '^vq-audit: 2 violations shown'
	at_least "$name: of" "$n" 8
}

# --- all --------------------------------------------------------------------

sinks() {
	local name="$1 $2" dir=$TMPDIR/$1-$2 before s options=()
	for s in "${GOOD[@]}" "${BAD[@]}"; do options+=(--sink "$s"); done
	if ! guest_boot "$dir" --kernel "$1" --ring "$2" --set indirect_desc=off --set iommu_platform=on \
		--set journal=1 --device 'blk,iops=20' --device net,peer=tap,queues=32 --timeout 560; then
		fail "$name: a guest" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	tell "$dir" '. /lab/receivers; start_journald; start_syslogd; make_hooks; make_stuck'
	is "$name: receivers" "$?" 0
	start_audit "$dir" --rate 0 --stats 1 --sweep-ms 0 "${options[@]}"
	is "$name: vq-audit runs" "$?" 0
	sealed "$name" "$dir"
	load "$dir" blk0
	ok "$name: the device works before" gets_on "$dir" blk0
	small "$name" "$dir"
	all_work "$name" "$dir"
	journal_stands_still "$name" "$dir"
	before=$(violations "$dir")
	daemons_die "$name" "$dir"
	unload "$dir" blk0
	end_audit "$dir"
	is "$name: vq-audit exits with 1, divergence seen" "$?" 1
	account "$name" "$dir"
	is "$name: no violation without its attack" "$(strangers "$dir")" ''
	for s in "${BAD[@]}"; do
		contains "$dir/out" "$name: the end says what $s did not get" \
			"^vq-audit: [1-9][0-9]* records? of [0-9]+ did not get to the sink $s: "
	done
	compare "$name" "$dir" "$before"
	metrics "$name" "$dir"
	events "$name" "$dir"
	kernel_is_well "$name" "$dir"
}

main() {
	begin
	in_parallel 'sinks patched-6.12 split'
	finish
}

main "$@"
exit
