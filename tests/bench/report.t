#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The report of the bench, out of figures that nobody had to measure: all parts are in it, one
# that is not to be had with its reason, and one that left nothing fails it.
set -uo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOM=$(mktemp -d)
trap 'rm -rf "$ROOM"' EXIT
COUNT=0 FAILED=0

# is NAME GOT WANTED
is() {
	if [[ $2 == "$3" ]]; then
		echo "ok $((++COUNT)) - $1"
	else
		echo "not ok $((++COUNT)) - $1"
		printf '%s\n' "got: $2" "not: $3" | sed 's/^/#   /'
		FAILED=$((FAILED + 1))
	fi
}

report() { said=$("$HERE/report/report" "$ROOM" "$@" 2>&1); }

# native VARIANT BOTH: a line of the part native
native() {
	printf '{"variant":"%s","ring":"split","chain":3,"entries":0,"both_ns":%s,"quarter_ns":19.5,"three_quarters_ns":30}\n' "$@"
}

{ native direct 20.25 && native "rec<order" 25; } >"$ROOM/native.json"
echo 'there is no <such> kernel' >"$ROOM/instructions.absent"

report native instructions
is 'a part with figures and one with a reason make a report' "$?" 0
is 'the figures are in bench.json' "$(jq -c '[.parts.native[].both_ns]' "$ROOM/bench.json")" '[20.25,25]'
is 'and so is the reason' "$(jq -r .parts.instructions "$ROOM/bench.json")" 'there is no <such> kernel'
is 'a row of the table has all variants' "$(grep -c 'chain of 3  *20.3 (19.5 to 30)  *25 (' <<<"$said")" 1
is 'a table says what is not to be had' "$(grep -c '^instructions  *there is no <such> kernel$' <<<"$said")" 1
is 'there is a bar for each figure' "$(grep -c '<rect class="s[0-9]" x="210" y="[0-9]*\.' "$ROOM/native.svg")" 2
# left LABEL: where its bar begins
left() { printf 'title\nns\n\n%s\tseries\t1\t1\t1\n' "$1" | awk -f "$HERE/report/plot.awk" |
	sed -n 's/^<rect class="s0" x="\([0-9]*\)" y="[0-9]*\..*/\1/p'; }
is 'a long label has the room that it needs' "$(left "$(printf '%050d' 0)") $(left short)" '376 210'
is 'and a plot is sound XML' "$(xmllint --noout "$ROOM/native.svg" 2>&1)" ''

{
	echo '{"kernel":"patched-9.9","level":"nobody","ring":"split","chain":3,"table":"direct","instructions":1094}'
	echo '{"kernel":"stock-9.9","absent":"stock-9.9 cannot be had here"}'
} >"$ROOM/instructions.json"
rm "$ROOM/instructions.absent"
report native instructions
is 'so is a kernel that is not to be had' "$(grep -c '^stock-9.9  *stock-9.9 cannot be had here$' <<<"$said")" 1
is 'and the others have their row' "$(grep -c '^patched-9.9  *split, chain of 3, direct  *1094$' <<<"$said")" 1

echo '{"what":"wake-ups a second","of":"default","count":10.04}' >"$ROOM/idle.json"
report native idle
is 'what an idle daemon does has its row' "$(grep -c '^wake-ups a second  *default  *10$' <<<"$said")" 1

report native throughput
is 'a part that left nothing fails it' "$?" 1
is 'by its name' "$said" 'report: the part throughput has left neither figures nor a reason'

# In the third round the machine was twice as slow, for all.
summary=$(printf '%s\n' '1 nobody reads 100' '1 ring reads 90' '2 ring reads 80' '2 nobody reads 100' \
	'3 nobody reads 50' '3 ring reads 49' | jq -c -n -R -L "$HERE/report" 'include "rounds"; [inputs] | rounds("nobody")')
is 'a ratio is to the same round, and the median of all' \
	"$(jq -c -s 'map([.variant, .median, .ratio.median])' <<<"$summary")" '[["nobody",100,1],["ring",80,0.9]]'

# Two buffers, 50 and 30 us with the device, returned the other way round; a third stays.
events() {
	printf '12.000%s: virtio_ring:vq_%s: dev=virtio0 vq=1 %s\n' 100 publish 'slot=3 id=3 num=1' \
		105 kick needs_kick=1 110 publish 'slot=5 id=5 num=1' 140 irq '' 140 used 'id=5 len=1' \
		150 used 'id=3 len=1' 160 publish 'slot=3 id=3 num=1'
}
is 'the summary of perf script pairs what is published with what is used, by id' \
	"$(events | awk -f "$HERE/perf-summary.awk" | tail -n 1)" 'virtio0 1 3 2 1 1 30 30'

# bench WHAT: the whole of it, the part native being a program that does WHAT
bench() {
	mkdir -p "$ROOM/tests/bench"
	printf '#!/bin/sh\n%s\n' "$1" >"$ROOM/tests/bench/native"
	chmod +x "$ROOM/tests/bench/native"
	said=$(O=$ROOM PARTS=native "$HERE/bench" 2>&1)
}

bench 'echo a buffer was skipped; exit 1'
is 'a part that fails ends it' "$?" 1
is 'with what it said last' "$(grep -c -e '^a buffer was skipped$' -e '^bench: native failed (status 1)' <<<"$said")" 2
bench 'exit 0'
is 'and so does one that gave no figure' "$? $(grep -c '^bench: native failed' <<<"$said")" '1 1'
bench 'echo this kernel has no BTF; exit 3'
is 'one that is not to be had here does not' "$? $(grep -c '^native  *this kernel has no BTF$' <<<"$said")" '0 1'

PARTS='native nonsense' "$HERE/bench" >/dev/null 2>"$ROOM/err"
is 'a part that does not exist is told' "$? $(<"$ROOM/err")" \
	"2 $(sed -n 's/^ALL=.\(.*\).$/bench: there is no part nonsense, but: \1/p' "$HERE/bench")"

echo "1..$COUNT"
((FAILED == 0))
