#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The example for Alertmanager: as amtool judges it, and each of our alerts goes where its
# severity says. tests/matrix/fleet.t has it at work.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
example=$top/dashboards/alertmanager/alertmanager.yml
rules=$top/dashboards/prometheus/vq-audit.rules.yml
amtool() { "$top/tests/lab/prometheus" amtool "$@"; }

# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"

# receiver LABEL=VALUE...
receiver() { amtool config routes test --config.file="$example" "$@" 2>/dev/null; }

# alerts: "NAME SEVERITY" of each
alerts() { awk '$2 == "alert:" { name = $3 } $1 == "severity:" && name { print name, $2; name = "" }' "$rules"; }

if ! why=$(amtool --version 2>&1 >/dev/null); then
	skip 'amtool, of the example' "$(tail -n 1 <<<"$why")"
	echo 1..1
	exit
fi
echo 1..4
said=$(amtool check-config "$example" 2>&1)
check 'amtool takes it' "$([[ $said == *SUCCESS* ]] || echo "$said")"
check 'critical alerts page, others make a ticket' "$(alerts | while read -r name severity; do
	case $severity in critical) want=page ;; warning) want=ticket ;; *) want="a severity, not $severity" ;; esac
	got=$(receiver alertname="$name" severity="$severity" job=vq-audit instance=a)
	[[ $got == "$want" ]] || echo "$name: $got, want $want"
done
[[ $(alerts | wc -l) == $(grep -c 'alert: ' "$rules") ]] || echo 'an alert without a severity')"
check 'alerts of others are not lost' "$(got=$(receiver alertname=DiskFull severity=critical)
	[[ $got == ticket ]] || echo "$got")"
check 'alerts that it names are ours' "$(grep -oE '"VqAudit[A-Za-z]+"' "$example" | tr -d '"' | sort -u |
	grep -vxFf <(alerts | cut -d ' ' -f 1))"
exit $failed
