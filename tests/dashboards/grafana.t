#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The dashboards for Grafana: what is generated is a dashboard, every metric is on one, and
# Prometheus takes every query.
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or Grafana's
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build} LC_ALL=C
promtool() { "$top/tests/lab/prometheus" promtool "$@"; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"
# shellcheck source=tests/lib/grafana.sh
source "$top/tests/lib/grafana.sh"

boards=("$tmp"/{fleet,guest,queue}.json)

# asks FILTER: for each dashboard what is wrong, by jq
asks() {
	for board in "${boards[@]}"; do
		jq -r "$1 | \"$(basename "$board" .json): \(.)\"" "$board" 2>&1
	done
}

# queries: each with its variables filled in
queries() { panel_queries "${boards[@]}" | fill_in queue=x | jq -r .expr; }

# as_rules: what promtool takes; the queries of variables are of Grafana's own making
as_rules() {
	echo 'groups: [{name: queries, rules: ['
	queries | jq -R '{record: "query:\(input_line_number)", expr: .}' | sed 's/^}$/},/'
	echo ']}]'
}

check 'they are generated' "$(generate "$GRAFANA" "$tmp")"
check 'a metric that there is not is refused, by its name' "$(
	mkdir -p "$tmp/bad/out"
	echo '{"select": "", "variables": [], "rows": [{"panels": [{"metric": "vq_audit_nonsense"}]}]}' >"$tmp/bad/bad.json"
	said=$(generate "$tmp/bad" "$tmp/bad/out")
	[[ $said == *'no metric vq_audit_nonsense'* ]] || echo "$said, and no more")"
check 'no two have an id in common' "$(jq -r .uid "${boards[@]}" | sort | uniq -d)"
check 'nor have two panels' "$(asks '[.panels[].id] | group_by(.)[] | select(length > 1) | .[0]')"
check 'panels have a place of their own' "$(asks '[.panels[].gridPos] | . as $all
	| range(length) as $i | range($i + 1; length) as $j | $all[$i] as $a | $all[$j] as $b
	| select($a.x < $b.x + $b.w and $b.x < $a.x + $a.w and $a.y < $b.y + $b.h and $b.y < $a.y + $a.h)
	| "\($a) \($b)"')"
check 'and lie within the width of a page' "$(asks '.panels[] | select(.gridPos.x + .gridPos.w > 24) | .title')"
check 'a panel has a title, a query, and a source that is chosen above' "$(asks '.panels[] | select(.type != "row")
	| select((.title | length) == 0 or (.targets[0].expr | length) == 0 or .targets[0].datasource.uid != "${datasource}")')"
check 'what a query asks for is chosen above' "$(asks '([.templating.list[].name] + ["__rate_interval", "__range"]) as $known
	| .panels[] | .title as $title | .targets[]?.expr | scan("\\$([a-z_]+)")[0] | select(IN($known[]) | not) | "\($title): \(.)"')"
check 'the labels of a legend are those of its query' "$(asks '.panels[].targets[]?
	| .expr as $e | .legendFormat | scan("{{([a-z_]+)}}")[0] as $l
	| select($e | test("by \\(") and (test("by \\([^)]*\\b\($l)\\b") | not)) | "\($e): \($l)"')"
check 'every metric is on one of them' "$(jq -r .name "$tmp/metrics" | grep -vxFf <(queries | grep -oE 'vq_audit_[a-z_]+' | sed 's/_bucket$//'))"
check 'a histogram is asked for a share of its buckets' "$(jq -r 'select(.kind == "histogram") | "\(.name)_bucket"' "$tmp/metrics" |
	grep -vxFf <(queries | sed -nE 's/^histogram_quantile\(0\.[0-9]+, sum by \((device, queue, )?le\) \(rate\(([a-z_]+)\{.*/\2/p'))"
check 'a dashboard for each is on the way to the others' "$(asks 'select(any(.links[]; .tags == ["vq-audit"]) | not) | .title')"
if ! why=$(promtool --version 2>&1 >/dev/null); then
	skip 'Prometheus takes every query' "$(tail -n 1 <<<"$why")"
else
	as_rules >"$tmp/rules.yml"
	check 'Prometheus takes every query' "$(promtool check rules --lint=none "$tmp/rules.yml" 2>&1 |
		grep -v -e '^Checking' -e "SUCCESS: $(queries | wc -l) rules found" -e '^$')"
fi
if ! why=$("$top/tests/lab/grafana" --prepare 2>&1); then
	skip "Grafana's own types allow them" "$(tail -n 1 <<<"$why")"
else
	check "Grafana's own types allow them" "$("$top/tests/lab/grafana" "${boards[@]}" 2>&1 | grep -v " valid$")"
	jq ".panels[1].options.nonsense = 1" "${boards[0]}" >"$tmp/nonsense.json"
	check "and no option that there is not" "$("$top/tests/lab/grafana" "$tmp/nonsense.json" >"$tmp/said" 2>&1 && cat "$tmp/said")"
fi
echo "1..$n"
exit $failed
