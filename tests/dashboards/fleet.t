#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What docs/fleet.md says: the configurations are Prometheus', the fields the journal's. Its
# sizes are measured by tests/matrix/fleet.t.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
doc=$top/docs/fleet.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
promtool() { "$top/tests/lab/prometheus" promtool "$@"; }

# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"

# fields: those of the journal in the text on standard input
fields() { grep -oE 'VQ_AUDIT_[A-Z_]+' | sort -u; }

echo 1..4
check 'each field of the journal is mapped' "$({ sed -n '/^} fields/,/^};/p' "$top/user/journal.c"; echo VQ_AUDIT_JSON; } |
	fields | grep -vxFf <(grep '^|' "$doc" | fields))"
check 'and no other' "$(fields <"$doc" | grep -vxFf <(cat "$top"/user/journal.[ch] | fields))"
check 'what becomes a label or metadata is of the map' "$(
	grep -oE '__journal_vq_audit_[a-z_]+' "$doc" | sed 's/^__journal_//' | tr '[:lower:]' '[:upper:]' |
		grep -vxFf <(fields <"$top/user/journal.c"))"

awk -v dir="$tmp" '/^```yaml$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print >(dir "/" n ".yml") }' "$doc"
if ! why=$(promtool --version 2>&1 >/dev/null); then
	skip 'promtool takes the configurations' "$(tail -n 1 <<<"$why")"
else
	check 'promtool takes the configurations' "$(for config in "$tmp"/*.yml; do
		said=$(promtool check config --syntax-only "$config" 2>&1) || echo "$said"
	done
	[[ -s $tmp/3.yml ]] || echo 'there should be three')"
fi
exit $failed
