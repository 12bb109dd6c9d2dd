#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `vq-audit report --html`, of records of real guests: where the page goes, that it is sound
# HTML, and what a browser makes of it without a network: on a screen, light and dark, and
# on paper.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build} LC_ALL=C TZ=UTC
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
data=$top/tests/data/incidents.json
incidents=$(grep -c '"type":"violation"' "$data")

for tool in "$O/vq-audit" chromium pdfinfo pdftoppm pdftotext tidy; do
	command -v "$tool" >/dev/null || { echo "Bail out! no $tool: run 'make deps'"; exit 1; }
done

# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"
report() { "$O/vq-audit" report "$@"; }

# expect STATUS COMMAND...: what is wrong with its status; what it says goes to $scratch/said
expect() {
	local want=$1 got=0
	shift
	"$@" >"$scratch/said" 2>&1 </dev/null || got=$?
	[ "$got" = "$want" ] || echo "exit status $got, not $want: $(head -n 3 "$scratch/said")"
}

says() { grep -qF -- "$1" "$scratch/said" || echo "it does not say \"$1\": $(head -n 3 "$scratch/said")"; }
has() { grep -qF -- "$2" "$1" || echo "${1##*/} has no $2"; }
undated() { grep -v '<dt>Made</dt>' "$1"; }

# --- the browser ------------------------------------------------------------------

# browse PAGE OPTION...: what it says goes to $scratch/console. No name has an address, and
# no address but this machine's is asked.
browse() {
	local page=$1
	shift
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--disable-background-networking --no-first-run --hide-scrollbars \
		--force-device-scale-factor=1 --user-data-dir="$scratch/browser" \
		--host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr \
		--window-size=900,1300 "$@" "file://$page" >"$scratch/dom" 2>"$scratch/console"
}

DARK=--blink-settings=preferredColorScheme=0

# complaints: of the page, as opposed to those about the machine
complaints() { grep -E 'CONSOLE' "$scratch/console"; }

# shot NAME PAGE [OPTION...]: width, height, lightness and colours of the screen
shot() {
	local png=$scratch/$1.png page=$2
	shift 2
	rm -f "$png"
	browse "$page" --screenshot="$png" "$@" || echo "# chromium: $?" >&2
	"$top/tests/lib/png" "$png"
}

# print NAME PAGE [OPTION...]
print() {
	local pdf=$scratch/$1.pdf page=$2
	shift 2
	browse "$page" --no-pdf-header-footer --print-to-pdf="$pdf" "$@" || echo "chromium: $?"
	[ -s "$pdf" ] || echo "nothing was printed"
}

# page_begins PDF N TEXT: whether page N does
page_begins() { grep -m 1 . <<<"$(pdftotext -f "$2" -l "$2" -layout "$1" -)" | grep -q "^ *$3"; }

# --- where it goes ----------------------------------------------------------------

echo 1..20

check "a page of all incidents, without a word beside it" "$(
	expect 0 report --html "$scratch/all.html" "$data"
	cat "$scratch/said"
	[ "$(grep -c '<section class="incident"' "$scratch/all.html")" = "$incidents" ] ||
		echo "not $incidents incidents"
	has "$scratch/all.html" incidents.json
	[ "$(find "$scratch" -name '*.new')" = '' ] || echo 'a file was left beside it'
)"
check "the same on standard output, of standard input" "$(
	report --html - - <"$data" >"$scratch/piped.html" || echo "exit status $?"
	sed -i 's/<dd>-</<dd>incidents.json</; s/incidents of -</incidents of incidents.json</' "$scratch/piped.html"
	diff <(undated "$scratch/all.html" | sed "s|$top/tests/data/||") <(undated "$scratch/piped.html") | head -n 5
)"
check "one incident of many, as text, JSON and a page" "$(
	expect 0 report --incident 3 "$data"
	says 'incident 3, line'
	[ "$(grep -c '^incident [0-9]' "$scratch/said")" = 1 ] || echo "text: not one"
	expect 0 report -j --incident 3 "$data"
	diff "$scratch/said" <(grep '"type":"violation"' "$data" | sed -n 3p)
	expect 0 report --html "$scratch/one.html" --incident 3 "$data"
	[ "$(grep -c '<section class="incident"' "$scratch/one.html")" = 1 ] || echo "page: not one"
	has "$scratch/one.html" 'id="incident-3"'
)"
check "an incident that there is not: no page" "$(
	expect 3 report --html "$scratch/none.html" --incident 99 "$data"
	says 'no incident 99'
	expect 3 report --incident 99 "$data"
	expect 2 report --incident 0 "$data"
	[ ! -e "$scratch/none.html" ] || echo 'there is a page'
)"
check "a terminal is refused, and JSON beside it" "$(
	expect 2 script -qec "$O/vq-audit report --html - $data" /dev/null
	says terminal
	expect 2 report -j --html "$scratch/none.html" "$data"
	[ ! -e "$scratch/none.html" ] || echo 'there is a page'
)"
check "no room: it says so, and the page that was there stays" "$(
	echo before >"$scratch/full.html"
	expect 4 bash -c "trap '' XFSZ; ulimit -f 8; '$O/vq-audit' report --html '$scratch/full.html' '$data'"
	says "$scratch/full.html: File too large"
	[ "$(cat "$scratch/full.html")" = before ] || echo 'it did not'
	[ "$(find "$scratch" -name 'full*' | wc -l)" = 1 ] || echo 'half a page is left'
	expect 4 report --html /dev/full "$data"
	says 'No space left on device'
	[ -c /dev/full ] || echo '/dev/full is no device any more'
)"
check "a damaged file: what is whole, and the lines that are not" "$(
	{ head -c 5000 "$data"; echo; echo '<b>no record</b>'; cat "$data"; } >"$scratch/damaged"
	expect 1 report --html "$scratch/damaged.html" "$scratch/damaged"
	has "$scratch/damaged.html" 'Lines that could not be read'
	[ "$(grep -c '<section class="incident"' "$scratch/damaged.html")" = "$incidents" ] ||
		echo "not $incidents incidents"
	: >"$scratch/empty"
	expect 3 report --html "$scratch/none.html" "$scratch/empty"
	[ ! -e "$scratch/none.html" ] || echo 'there is a page'
)"

# --- what is in it ----------------------------------------------------------------

check "tidy has nothing to say of it" "$(
	for page in all one damaged; do tidy -quiet -errors "$scratch/$page.html" 2>&1 | sed "s/^/$page: /"; done
)"
check "the drawings are sound XML" "$(
	sed -n '/<svg/,/<\/svg>/p' "$scratch/all.html" | sed 's/&#[0-9]*;//g' |
		{ echo '<all>' && cat && echo '</all>'; } | xmllint --noout - 2>&1
	[ "$(grep -c '<svg class="ring"' "$scratch/all.html")" = "$incidents" ] || echo 'a ring is missing'
)"
check "headings go down one by one, tables have headers, drawings a title" "$(
	grep -oE '<h[1-6]' "$scratch/all.html" | tr -d '<h' |
		awk '$1 > last + 1 { print "h" $1 " below h" last + 0 } { last = $1 }'
	[ "$(grep -c '<table' "$scratch/all.html")" = "$(grep -c '<thead><tr>' "$scratch/all.html")" ] ||
		echo 'a table without a head'
	grep -E '<th[ >]' "$scratch/all.html" | grep -oE '<th( [^>]*)?>' | grep -v 'scope=' | sort -u
	# One is the page's own.
	[ "$(grep -c '<title>' "$scratch/all.html")" = "$((1 + $(grep -c '<svg' "$scratch/all.html")))" ] ||
		echo 'a drawing without a title'
)"

# --- a browser ----------------------------------------------------------------------

read -r _ _ light colours < <(shot light "$scratch/one.html")
check "on a screen: it is light, and there is something to see" "$(
	complaints
	[ "${light:-0}" -gt 215 ] || echo "lightness ${light:-?} of 255"
	[ "${light:-255}" -lt 254 ] || echo "next to nothing is there: lightness $light"
	[ "${colours:-0}" -gt 50 ] || echo "${colours:-?} colours"
)"
read -r _ _ dark colours < <(shot dark "$scratch/one.html" $DARK)
check "dark, where that is preferred" "$(
	complaints
	[ "${dark:-255}" -lt 70 ] || echo "lightness ${dark:-?} of 255"
	[ "${colours:-0}" -gt 50 ] || echo "${colours:-?} colours"
)"
check "a narrow screen has something to show as well" "$(
	read -r _ _ _ colours < <(shot narrow "$scratch/one.html" --window-size=500,1300)
	complaints
	[ "${colours:-0}" -gt 50 ] || echo "${colours:-?} colours"
)"
check "all of it, too, and the browser keeps all of it" "$(
	browse "$scratch/all.html" --dump-dom
	complaints
	[ "$(grep -o '<section class="incident"' "$scratch/dom" | wc -l)" = "$incidents" ] || echo 'incidents are missing'
	[ "$(grep -o '<path class="hatch"' "$scratch/dom" | wc -l)" = "$(grep -o '<path class="hatch"' "$scratch/all.html" | wc -l)" ] ||
		echo 'cells are missing'
)"
# What the next two see, the ones above would have seen.
check "a picture from elsewhere would be refused by the page's own policy" "$(
	sed 's|<main>|&<img alt="" src="https://example.org/x.png">|' "$scratch/one.html" >"$scratch/img.html"
	browse "$scratch/img.html" --dump-dom
	complaints | grep -q 'img-src\|default-src' || echo 'it was not'
)"
check "and so would a script" "$(
	sed 's|<main>|&<script>document.title = "ran"</script>|' "$scratch/one.html" >"$scratch/script.html"
	browse "$scratch/script.html" --dump-dom
	complaints | grep -q 'script-src\|default-src' || echo 'it was not'
	! grep -q '<title>ran' "$scratch/dom" || echo 'it ran'
)"

# --- paper ----------------------------------------------------------------------------

check "one incident takes two pages of A4" "$(
	print one "$scratch/one.html"
	pdfinfo "$scratch/one.pdf" | grep -q '^Page size:.*A4' || pdfinfo "$scratch/one.pdf" | grep '^Page size'
	pages=$(pdfinfo "$scratch/one.pdf" | sed -n 's/^Pages: *//p')
	[ "$pages" = 2 ] || echo "it takes ${pages:-none}"
)"
check "of many, each begins a page" "$(
	print all "$scratch/all.html"
	pages=$(pdfinfo "$scratch/all.pdf" | sed -n 's/^Pages: *//p')
	[ "$pages" -le $((2 * incidents + 2)) ] || echo "$incidents incidents take $pages pages"
	for ((page = 1; page <= pages; page++)); do
		page_begins "$scratch/all.pdf" "$page" 'Incident [0-9]' && echo "$page"
	done | wc -l | grep -qx "$incidents" || echo 'they do not'
)"
check "each operation is on paper, in a row that is whole" "$(
	pdftotext -layout "$scratch/all.pdf" - |
		grep -cE '^ *[^a-z]* *[-+][0-9]+\.[0-9]{4} +(add|kick|used|detach|interrupt|reset|broken|add-failed) +([0-9]+|-) ' |
		grep -qx "$(jq -n '[inputs.flight // [] | length] | add' "$data")" || echo 'some are not'
)"
check "it is black on white, whatever a screen prefers" "$(
	print dark "$scratch/one.html" $DARK
	pdftoppm -r 40 "$scratch/dark.pdf" "$scratch/paper"
	for page in "$scratch"/paper*.ppm; do
		tail -c +16 "$page" | od -An -v -tu1 -w3 | awk -v page="${page##*/}" '
			{ sum += $1; if ($1 < 60) black++ }
			$1 - $3 > 40 || $3 - $1 > 40 { coloured++ }
			END { if (sum / NR < 215 || !black || coloured)
				print page ": lightness " sum / NR ", " black + 0 " black, " coloured + 0 " coloured" }'
	done
)"
exit $failed
