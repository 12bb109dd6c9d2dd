# SPDX-License-Identifier: GPL-2.0
# Bars, as an SVG that stands alone. In: title, unit, a value to compare with or an empty
# line; then a line for each bar: label, series, value, low and high, with tabs. Bars of
# one label come together; from low to high goes a whisker. Dark where the reader's screen
# is, black on white in print.

function text(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	return s
}

function short(x) { return x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x) }

BEGIN { FS = "\t"; WIDTH = 760; LEFT = 210; RIGHT = 70; BAR = 13; GAP = 9; TOP = 64 }

NR == 1 { title = $0; next }
NR == 2 { unit = $0; next }
NR == 3 { line = $0; next }
{
	n++
	label[n] = $1; value[n] = $3; low[n] = $4; high[n] = $5
	if (!($2 in series)) { name[kinds + 0] = $2; series[$2] = kinds++ + 0 }
	of[n] = series[$2]
	if (8 + 7.2 * length($1) > LEFT - 8) LEFT = 16 + 7.2 * length($1)
	if ($3 + 0 > most) most = $3 + 0
	if ($5 + 0 > most) most = $5 + 0
}

# No variables: not every reader of SVG knows them.
function colours(back, ink, faint, list,	i, n, colour) {
	printf ":root{background:%s}.back{fill:%s}text{fill:%s}.whisker{stroke:%s}.line{stroke:%s}", back, back, ink, ink, faint
	n = split(list, colour, " ")
	for (i = 1; i <= n; i++) printf ".s%d{fill:%s}", i - 1, colour[i]
}

function style() {
	print "<style>"
	print "text{font:12px sans-serif}.title{font-weight:bold;font-size:14px}.end{text-anchor:end}.line{stroke-dasharray:4 3}"
	colours("#fff", "#222", "#999", "#3566b0 #c8681c #4c8a3f #8a58a8 #9a3b3b #6b6b6b")
	printf "\n@media screen and (prefers-color-scheme:dark){"
	colours("#16181c", "#e4e4e4", "#777", "#7aa7ea #f0a060 #8fce80 #c79be2 #e88585 #a8a8a8")
	print "}\n</style>"
}

# Series side by side, in as many rows as they need; returns where the bars begin.
function legend(	i, x, y, width) {
	x = LEFT; y = 36
	for (i = 0; i < kinds; i++) {
		width = 34 + 7 * length(name[i])
		if (x > LEFT && x + width > WIDTH) { x = LEFT; y += 18 }
		drawn = drawn sprintf("<rect class=\"s%d\" x=\"%d\" y=\"%d\" width=\"11\" height=\"11\"/><text x=\"%d\" y=\"%d\">%s</text>\n", i % 6, x, y, x + 16, y + 10, text(name[i]))
		x += width
	}
	return y + TOP - 36
}

function bar(i, y,	x, mid) {
	x = LEFT + value[i] * scale
	mid = y + BAR / 2 - 1
	printf "<rect class=\"s%d\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>\n", of[i] % 6, LEFT, y, value[i] * scale, BAR - 2
	if (high[i] > low[i])
		printf "<line class=\"whisker\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT + low[i] * scale, LEFT + high[i] * scale, mid, mid
	if (high[i] > value[i]) x = LEFT + high[i] * scale
	printf "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 4, y + BAR - 3, short(value[i])
}

END {
	if (!n) { print "plot.awk: nothing to plot: " title > "/dev/stderr"; exit 1 }
	scale = (WIDTH - LEFT - RIGHT) / (most > 0 ? most : 1)
	y = top = legend()
	for (i = 1; i <= n; i++) {
		if (label[i] != label[i - 1]) y += GAP
		at[i] = y
		y += BAR
	}
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n", WIDTH, y + 16, WIDTH, y + 16
	printf "<title>%s (%s)</title>\n", text(title), text(unit)
	style()
	print "<rect class=\"back\" width=\"100%\" height=\"100%\"/>"
	printf "<text class=\"title\" x=\"12\" y=\"22\">%s (%s)</text>\n", text(title), text(unit)
	printf "%s", drawn
	if (line != "") printf "<line class=\"line\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", LEFT + line * scale, LEFT + line * scale, top, y
	for (i = 1; i <= n; i++) {
		if (label[i] != label[i - 1]) printf "<text class=\"end\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT - 8, at[i] + BAR - 3, text(label[i])
		bar(i, at[i])
	}
	print "</svg>"
}
