#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The rules for Prometheus: as promtool judges them, made of metrics that there are, each alert
# both seen to fire and seen to be silent.
# shellcheck disable=SC2016 # what stands in single quotes is jq's
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build} LC_ALL=C
cd "$top/dashboards/prometheus" || exit 1
rules=vq-audit.rules.yml tests=vq-audit.test.yml
promtool() { "$top/tests/lab/prometheus" promtool "$@"; }

echo 1..7
# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"

# promtool_says ARGUMENT...: what is wrong, or a skip
promtool_says() {
	local out
	if ! why=$(promtool --version 2>&1 >/dev/null); then
		skip "promtool ${*:1:2}" "$(tail -n 1 <<<"$why")"
	elif out=$(promtool "$@" 2>&1); then
		check "promtool ${*:1:2}" ''
	else
		check "promtool ${*:1:2}" "$out"
	fi
}

# exprs: what is computed; names and labels of metrics stand there and nowhere else
exprs() { sed 's/#.*//' "$rules" | awk '/^ +(labels|annotations|for):/ { on = 0 } /^ +- (record|alert):/ { on = 0 } /^ +expr:/ { on = 1 } on'; }

metrics=$("$O/vq-audit" metrics -j)
recorded=$(sed -n 's/.*- record: //p' "$rules")
alerts=$(sed -n 's/.*- alert: //p' "$rules")

promtool_says check rules --lint=all --lint-fatal "$rules"
promtool_says test rules "$tests"

check 'metrics are those of the program' "$(exprs | grep -oE '[a-z_]*:?vq_audit_[a-z_0-9:]+' | sort -u |
	grep -vxFf <(jq -r .name <<<"$metrics"; echo "$recorded"))"

# metric{label...}
check 'so are the labels by which they are chosen' "$(exprs | grep -oE 'vq_audit_[a-z_]+\{[^}]*\}' | sort -u |
	while IFS='{' read -r metric labels; do
		grep -oE '[a-z]+[!=]' <<<"$labels" | tr -d '!=' | while read -r label; do
			jq -e --arg m "$metric" --arg l "$label" -s 'any(.[]; .name == $m and (.labels | split(",") | index($l)))' \
				<<<"$metrics" >/dev/null || echo "$metric has no label $label"
		done
	done)"

words=$("$O/vq-audit" rules -j | jq -r '.severity, .blame' | sort -u
	sed -n '/define VQA_SKIPS/,/^$/s/.*X([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$top/include/vq_audit/rules.h"
	echo gone)
check 'and their values' "$(exprs | grep -oE 'vq_audit_[a-z_]+\{[^}]*\}' | grep -oE '"[^"]*"' | tr -d '"' |
	tr '|' '\n' | sort -u | grep -vxFe "$words")"

# job and instance are Prometheus' own; of up there is no more
check 'what the tests begin with has the labels that the program gives it' "$(
	grep -oE 'series: vq_audit_[a-z_]+\{[^}]*\}' "$tests" | sort -u | while IFS=' {' read -r _ metric labels; do
		diff <(grep -oE '[a-z]+=' <<<"$labels" | tr -d = | sort) \
			<(jq -r --arg m "$metric" 'select(.name == $m).labels' <<<"$metrics" | tr ',' '\n' |
				sort - <(printf '%s\n' instance job) | sed '/^$/d') >/dev/null || echo "$metric{$labels"
	done)"

check "each of the $(wc -w <<<"$alerts") alerts fires in a test, and is silent in another" "$(for alert in $alerts; do
	grep -qE "alertname: $alert, .*exp_alerts: \[\]" "$tests" || echo "$alert is never silent"
	grep -qE "alertname: $alert\$" "$tests" || echo "$alert never fires"
done
for name in $recorded; do
	grep -q "expr: .*$name" "$tests" || echo "$name is not looked at"
done)"
exit $failed
