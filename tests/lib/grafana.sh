# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or Grafana's
# Grafana's dashboards, and what Grafana would ask Prometheus for. Sourced; needs O.

GRAFANA=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../dashboards/grafana" && pwd)

# generate FROM TO: the dashboards of the descriptions in directory FROM; what is wrong
generate() {
	local board
	"$O/vq-audit" metrics -j >"$2/metrics" || echo "vq-audit metrics: $?"
	for board in "$1"/*.json; do
		{ jq --slurpfile metrics "$2/metrics" -f "$GRAFANA/dashboard.jq" "$board" \
			>"$2/$(basename "$board")"; } 2>&1
	done
}

# panel_queries DASHBOARD...: a line of JSON for each query of each panel
panel_queries() {
	jq -c '.title as $board | .panels[] | .title as $panel | .targets[]?
		| {board: $board, panel: $panel, expr, instant}' "$@"
}

# variable_queries DASHBOARD...: the same for what is chosen above
variable_queries() {
	jq -c '.title as $board | .templating.list[] | select(.type == "query")
		| {board: $board, panel: "$\(.name)"}
		+ (.query.query | capture("^label_values\\((?<expr>.*), (?<label>[a-z]+)\\)$"))' "$@"
}

# fill_in [VARIABLE=VALUE]...: standard input with variables as Grafana would replace them; a
# value that is not named is x
fill_in() {
	local job=x instance=x device=x queue=x
	(($# == 0)) || local "$@" # by itself it would list them
	sed -E "s/\\\$__rate_interval/5m/g; s/\\\$__range/1h/g
		s/\\\$job/$job/g; s/\\\$instance/$instance/g; s/\\\$device/$device/g; s/\\\$queue/$queue/g"
}
