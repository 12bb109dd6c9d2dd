#!/bin/bash
# A guest as a fleet sees it: Debian's Prometheus, with our rules, scrapes vq-audit in a guest
# under attack, our Alertmanager's example tells a receiver, every query of every panel of our
# dashboards has data, and other Prometheus get what docs/fleet.md says. Before the attack:
# silence.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# shellcheck disable=SC2317 # await calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/matrix/attack.sh
source "$HERE/attack.sh"
# shellcheck source=tests/matrix/prometheus.sh
source "$HERE/prometheus.sh"
# shellcheck source=tests/lib/grafana.sh
source "$ROOT/tests/lib/grafana.sh"

: "${FLEET_MINUTES:=0}" # how much longer to be scraped, for what long chunks take on disk

PORT=9469
GUEST='guest-7.example' # what the fleet calls it

# --- servers ----------------------------------------------------------------

# Our own rules and routes; whoever reads them need not wait for as long as people do. A guest
# may be away for ten seconds and not for two minutes, and messages come together for five
# seconds; a machine may be slow, so a violation is news for fifteen minutes.
configure() {
	sed 's/for: 2m$/for: 10s/; s/\({severity=~"critical|high"}\)\[5m\]/\1[15m]/' \
		"$ROOT/dashboards/prometheus/vq-audit.rules.yml" >"$TMPDIR/rules.yml"
	sed -E "s#http://127.0.0.1:9095/#${URL[receiver]}/cgi-bin/#
		s/(group_interval|group_wait): [0-9]+m\$/\1: 5s/" \
		"$ROOT/dashboards/alertmanager/alertmanager.yml" >"$TMPDIR/alertmanager.yml"
}

# documented_yml WHOSE: docs/fleet.md's prometheus.yml
documented_yml() { sed -n "/^# prometheus.yml, $1\$/,/^\`\`\`\$/p" "$ROOT/docs/fleet.md" | sed '$d'; }

# What scrapes TARGET, and writes to another one that keeps it. prometheus_yml TARGET
prometheus_yml() {
	documented_yml 'of each that scrapes' | sed "s#url: .*#url: ${URL[store]}/api/v1/write#
		s/^global:\$/global:\n  scrape_interval: 2s\n  scrape_timeout: 2s\n  evaluation_interval: 2s/"
	cat <<END
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['${URL[alertmanager]#http://}']}]}]}
scrape_configs:
  - job_name: vq-audit
    static_configs: [{targets: ['$1'], labels: {instance: $GUEST}}]
END
}

upper_yml() {
	documented_yml 'of the upper one' | sed "s#targets: .*#targets: ['${URL[prometheus]#http://}']}]#
		s/scrape_interval: .*/scrape_interval: 2s/"
}

# servers TARGET
servers() {
	start_receiver page ticket && configure && start_alertmanager "$TMPDIR/alertmanager.yml" || return
	echo 'global: {}' >"$TMPDIR/store.yml"
	start_prometheus store "$TMPDIR/store.yml" --web.enable-remote-write-receiver || return
	prometheus_yml "$1" >"$TMPDIR/prometheus.yml"
	start_prometheus prometheus "$TMPDIR/prometheus.yml" --web.enable-admin-api || return
	upper_yml >"$TMPDIR/upper.yml"
	start_prometheus upper "$TMPDIR/upper.yml"
}

# --- silence ----------------------------------------------------------------

ACCUSE='alertname=~"VqAudit(Violation|ViolationMinor|QueueBroken|Coverage)"'

silence() {
	local name="$1, before"
	ok "$name: and the device works" gets_on "$2" blk0
	is "$name: every rule is evaluated" "$(ask rules |
		jq -r '.data.groups[].rules[] | select(.health != "ok") | "\(.name): \(.health) \(.lastError)"')" ''
	ok "$name: every rule of the audit is counted" \
		holds "count(vq_audit_rule_violations_total) == $("$O/vq-audit" rules -j | grep -c '^{"type":"rule"')"
	sleep $((60 * FLEET_MINUTES))
	is "$name: no alert accuses, nor is about to" "$(samples "max_over_time(ALERTS{$ACCUSE}[1h])")" ''
	is "$name: nobody is paged" "$(received page)" ''
	comment "$name: $(samples 'ALERTS' | jq -r '.metric | "\(.alertname) \(.alertstate)"' | sort | uniq -c)"
}

# --- attack -----------------------------------------------------------------

# lie DIR MUTATION RULE: until Prometheus counts it. With --sample 2, half of them are compared.
lie() {
	local try
	for ((try = 1; try <= 2 * TRIES; try++)); do
		strike "$1" blk0 "$2" "$try"
		! await 6 holds "vq_audit_rule_violations_total{rule=\"$3\"} > 0" || return 0
	done
	return 1
}

# told_of NAME ALERT FILTER: it fires, and somebody is paged with all that they must know
told_of() {
	local guest=".labels.alertname == \"$2\" and .labels.instance == \"$GUEST\" and .status == \"firing\""
	ok "$1: $2 fires" await "$PATIENCE" holds "ALERTS{alertname=\"$2\",alertstate=\"firing\",instance=\"$GUEST\"}"
	ok "$1: $2 reaches who is paged" await "$PATIENCE" was_told page "$guest and $3"
}

under_attack() {
	local name="$1, under attack" dir=$2 disk
	disk=$(device_field "$dir" blk0 virtio)
	ok "$name: lies are found" lie "$dir" desc-addr desc-tamper
	told_of "$name" VqAuditViolation \
		".labels.rule == \"desc-tamper\" and .annotations.queues == \"$disk:0\""
	tell "$dir" 'load blk0 1M' # with the NIC's, more mappings live than fit
	ok "$name: a ledger that is full is a loss" \
		await "$PATIENCE" holds 'vq_audit_losses_total{reason="ledger-full"} > 0'
	# No sweep looks at a used length: the verdict on it refuses the buffer that the driver reads.
	ok "$name: a lie breaks the queue" lie "$dir" used-len-over used-len-over
	told_of "$name" VqAuditQueueBroken \
		".labels.device == \"$disk\" and .labels.queue == \"0\" and .labels.type == \"block\""
	ok "$name: what a sink lost makes a ticket" \
		await "$PATIENCE" was_told ticket '.labels.alertname == "VqAuditSinkLosses"'
	is "$name: who is paged gets no ticket" \
		"$(received ticket | jq -r 'select(.labels.severity == "critical").labels.alertname')" ''
}

# --- dashboards -------------------------------------------------------------

# without_data FILE: of these queries, a line each, those that have none
without_data() {
	local query n
	while read -r query; do
		n=$(panel_data "$query")
		((${n:-0} > 0)) || jq -r '"\(.board), \(.panel): \(.expr)"' <<<"$query"
	done <"$1"
}

all_have_data() { without_data "$1" >"$1.without" && [[ ! -s $1.without ]]; }

# What a panel is of was provoked, all of it: there are no exceptions.
dashboards() {
	local name="$1, dashboards" board disk
	disk=$(device_field "$2" blk0 virtio)
	mkdir "$TMPDIR/boards"
	is "$name: are generated" "$(generate "$GRAFANA" "$TMPDIR/boards")" ''
	for board in fleet guest queue; do
		{ panel_queries "$TMPDIR/boards/$board.json" && variable_queries "$TMPDIR/boards/$board.json"; } |
			fill_in job=vq-audit instance="$GUEST" device="$disk" queue=0 >"$TMPDIR/$board.queries"
		at_least "$name, $board: queries" "$(wc -l <"$TMPDIR/$board.queries")" 15
		await 30 all_have_data "$TMPDIR/$board.queries" # two scrapes make a rate
		is "$name, $board: every query has data" "$(cat "$TMPDIR/$board.queries.without")" ''
	done
	comment "$name: $(cat "$TMPDIR"/*.queries | wc -l) queries"
}

# --- sizes, as docs/fleet.md has them ---------------------------------------

# sizes SCRAPE: "WHAT SERIES BYTES" of each queue, each of its histograms, sink and program, and of all else; without
# runs of programs, which are not counted unless somebody wants them
sizes() {
	awk '
	/^vq_audit_program_runs_total/ { next }
	function of(label) { return match($0, label "=\"[^\"]*\"") ? substr($0, RSTART, RLENGTH) : "" }
	{
		what = "rest"; whose = ""
		if ($0 ~ /^#/) { bytes[what] += length($0) + 1; next }
		if (whose = of("device")) {
			what = /^vq_audit_latency_seconds_/ ? "latency" : /^vq_audit_depth_buffers_/ ? "depth" : "queue"
			whose = whose of("queue")
		}
		else if (whose = of("sink")) what = "sink"
		else if (whose = of("program")) what = "program"
		series[what]++; bytes[what] += length($0) + 1
		if (!((what, whose) in seen)) { seen[what, whose] = 1; n[what]++ }
	}
	END { for (what in n) print what, series[what] / n[what], bytes[what] / n[what] }' "$1" | sort
}

# federated SELECTOR: "SERIES BYTES" of what another Prometheus would scrape of this one
federated() {
	get --get --data-urlencode "match[]=$1" "${URL[prometheus]}/federate" >"$TMPDIR/federate"
	echo "$(grep -c '^[^#]' "$TMPDIR/federate") $(wc -c <"$TMPDIR/federate")"
}

# on_disk: "BYTES-OF-A-SAMPLE BYTES-OF-A-SERIES" in Prometheus' own blocks
on_disk() {
	local block
	get -X POST "${URL[prometheus]}/api/v1/admin/tsdb/snapshot" >"$TMPDIR/snapshot"
	block=$(find "$TMPDIR/tsdb-prometheus/snapshots" -name meta.json -printf '%h\n' | head -n 1)
	jq -r --argjson chunks "$(cat "$block"/chunks/* | wc -c)" --argjson index "$(wc -c <"$block/index")" \
		'.stats | "\($chunks / .numSamples) \($index / .numSeries)"' "$block/meta.json"
}

# documented WHAT: the numbers in docs/fleet.md's line of it
documented() { sed -n "s/^| $1 |//p" "$ROOT/docs/fleet.md" | grep -oE '[0-9][0-9.]*' | xargs; }

# as_documented NAME WHAT GOT: a fifth more or less is no news
as_documented() {
	ok "$1: of $2, $3 is about what docs/fleet.md says: $(documented "$2")" \
		awk -v got="$3" -v said="$(documented "$2")" 'BEGIN {
			n = split(got, g); if (!n || n != split(said, s)) exit 1
			for (i = 1; i <= n; i++) if (g[i] < 0.8 * s[i] || g[i] > 1.2 * s[i]) exit 1 }'
}

measure() {
	local name="$1, sizes" what series bytes
	while read -r what series bytes; do
		as_documented "$name" "$what" "$series $bytes"
	done < <(sizes "$TMPDIR/scrape")
	at_least "$name: kinds of series" "$(sizes "$TMPDIR/scrape" | wc -l)" 6
	as_documented "$name" federated "$(federated '{__name__=~"instance(_severity)?:vq_audit_.*"}')"
	comment "$name, on disk, bytes of a sample and of a series: $(on_disk)"
}

# --- beyond one Prometheus ---------------------------------------------------

# holds_at SERVER QUERY
holds_at() { SERVER=$1 holds "$2"; }

beyond() {
	local name="$1, beyond" of="instance=\"$GUEST\",prometheus=\"prometheus-1\""
	ok "$name: the upper one has what rules made of the guest" await "$PATIENCE" \
		holds_at upper "count({__name__=~\"instance(_severity)?:vq_audit_.*\",$of}) == 8"
	ok "$name: and its alerts" await "$PATIENCE" holds_at upper "ALERTS{alertname=\"VqAuditQueueBroken\",$of}"
	ok "$name: what is written remotely is there" await "$PATIENCE" \
		holds_at store "vq_audit_violations_total{rule=\"used-len-over\",$of} > 0"
	is "$name: and what is not kept is not" "$(SERVER=store samples 'vq_audit_sweeps_total')" ''
}

# --- the guest goes ---------------------------------------------------------

goes() {
	local name="$1, gone" dir=$2
	guest_exit "$dir"
	is "$name: the guest ended well" "$?" 0
	told_of "$name" VqAuditDown true
	ok "$name: that makes old news of a warning" await "$PATIENCE" state_is VqAuditSinkLosses suppressed
	is "$name: but not of a violation" "$(state VqAuditViolation)" active
}

# --- all --------------------------------------------------------------------

fleet() {
	local name="$1" dir=$TMPDIR/$1
	if ! guest_boot "$dir" --kernel "$1" --set indirect_desc=off --set iommu_platform=on \
		--device 'blk,iops=20' --device "net,forward=$PORT" --timeout $((560 + 60 * FLEET_MINUTES)); then
		fail "$name: a guest" "$(tail -n 5 "$dir/err" "$dir/out" 2>&1)"
		return
	fi
	tell "$dir" 'echo 1 >/proc/sys/kernel/bpf_stats_enabled'
	tell "$dir" 'printf "#!/bin/sh\nexit 1\n" >/run/hook && chmod +x /run/hook'
	start_audit "$dir" --level dma --max-mappings 256 --sample 2 --latency-sample 1 --rate 0 --stats 1 --sweep-ms 1000 \
		--action used-len-over=break --sink "prometheus:unprotected:10.0.2.15:$PORT" --sink exec:/run/hook
	is "$name: vq-audit runs" "$?" 0
	load "$dir" blk0
	# shellcheck disable=SC1091
	source "$dir/env"
	if ! servers "127.0.0.1:$NET0_FORWARD_PORT" || ! await "$PATIENCE" holds 'count_over_time(up[5m]) > 5'; then
		fail "$name: Prometheus scrapes, beside Alertmanager and a receiver" "$(tail -n 2 "$TMPDIR"/*.log)"
		return
	fi
	silence "$name" "$dir"
	get "http://127.0.0.1:$NET0_FORWARD_PORT/metrics" >"$TMPDIR/scrape"
	under_attack "$name" "$dir"
	dashboards "$name" "$dir"
	beyond "$name"
	measure "$name"
	kernel_is_well "$name" "$dir"
	goes "$name" "$dir"
}

# can_run: whether Debian's programs are here; why not
can_run() {
	"$ROOT/tests/lab/prometheus" prometheus --version && "$ROOT/tests/lab/prometheus" prometheus-alertmanager --version
} >/dev/null 2>"$TMPDIR/why"

main() {
	begin
	if can_run; then
		in_parallel 'fleet patched-6.12'
	else
		tap echo "ok - fleet # SKIP $(tail -n 1 "$TMPDIR/why")"
	fi
	finish
}

main "$@"
exit
