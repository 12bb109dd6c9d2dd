# A dashboard of Grafana (schema 39: 10.4 and later) out of what is said of it in fleet.json,
# guest.json or queue.json, and the program's table of metrics ($metrics): what a metric says
# is a panel's description, what it is decides how it is drawn.

def source: {type: "prometheus", uid: "${datasource}"};

def metric_of($name):
	first($metrics[] | select(.name == $name)) // error("no metric \($name): see docs/metrics.md");

# --- queries

def selection($board): [$board.select, .where // empty] | join(",");

def aggregated:
	if .aggregate and .by then "\(.aggregate) by (\(.by | join(", "))) (\(.query))"
	elif .aggregate then "\(.aggregate)(\(.query))"
	else .query end;

# Of a histogram: the value up to which that share of all goes.
def quantile($board):
	"histogram_quantile(\(.quantile), sum by (\(((.by // []) + ["le"]) | join(", "))) "
	+ "(rate(\(metric_of(.metric).name)_bucket{\(selection($board))}[$__rate_interval])))";

def query($board):
	if .expr then .expr | gsub("SELECT"; $board.select)
	elif .quantile then quantile($board)
	else
		metric_of(.metric) as $m
		| "\(.metric){\(selection($board))}" as $series
		| .query = (if $m.kind != "counter" then $series
			elif .as == "increase" then "increase(\($series)[$__range])"
			elif .as == "total" then $series
			else "rate(\($series)[$__rate_interval])" end)
		| (aggregated + if .times then " * \(.times)" else "" end) as $q
		| if .above != null then "\($q) > \(.above)"
		  elif .top then "topk(\(.top), \($q))"
		  else $q end
	end;

# --- panels

def unit:
	.unit // (
		if .metric == null then "short"
		elif .metric | endswith("_timestamp_seconds") then "dateTimeFromNow"
		elif .metric == "vq_audit_cpu_seconds_total" then "percentunit"
		elif .metric | endswith("_seconds") then "s"
		elif .metric | endswith("_bytes") then "bytes"
		elif metric_of(.metric).kind == "counter" and .as == null then "cps"
		else "short" end);

# The labels by which its series differ on this dashboard.
def labels($board):
	(.by // (if .quantile or .aggregate or .metric == null then [] else metric_of(.metric).labels | split(",") end))
	| map(select(. as $l | $board.select | contains("\($l)=\"") | not) | select(. != ""));

def legend($board): .legend // (labels($board) | map("{{\(.)}}") | join(" "));

def thresholds:
	{mode: "absolute", steps: ([{color: "green", value: null}]
		+ if .bad then [{color: "red", value: .bad}] else [] end)};

def options:
	if .show == "stat" then {reduceOptions: {calcs: ["lastNotNull"], fields: "", values: false},
		textMode: (if .metric != null and (.metric | endswith("_info")) and (.aggregate | not) then "name" else "auto" end), colorMode: "value", graphMode: "none",
		justifyMode: "auto", orientation: "auto", showPercentChange: false, wideLayout: true}
	elif .show == "table" then {showHeader: true, cellHeight: "sm", frameIndex: 0}
	else {legend: {displayMode: "list", placement: "bottom", showLegend: true, calcs: []}, tooltip: {mode: "multi", sort: "desc"}} end;

def panel($board):
	. as $p | (.show // "timeseries") as $show
	| {type: $show, title, datasource: source,
		description: (if .metric then metric_of(.metric).text else "" end),
		targets: [{refId: "A", datasource: source, expr: query($board),
			legendFormat: legend($board), range: ($show == "timeseries"),
			instant: ($show != "timeseries"), format: (if $show == "table" then "table" else "time_series" end)}],
		fieldConfig: {defaults: ({unit: unit, thresholds: thresholds,
			color: {mode: (if $show == "stat" then "thresholds" else "palette-classic" end)}}
			+ (if .bad or $show == "timeseries" then {min: 0} else {} end)), overrides: []},
		options: options,
		transformations: (if $show == "table" then
			[{id: "organize", options: {excludeByName: {Time: true, __name__: true, job: true}}}] else [] end)};

# --- where they stand: stats six to a line, the others two

def width: if .show == "stat" then 4 else 12 end;
def height: if .show == "stat" then 4 else 8 end;

# A line is as high as the highest in it.
def placed($y):
	reduce .[] as $p ({x: 0, y: $y, high: 0, all: []};
		($p | width) as $w | ($p | height) as $h
		| (if .x + $w > 24 then {x: 0, y: (.y + .high), high: 0, all} else . end)
		| .all += [$p + {at: {x, y, w: $w, h: $h}}] | .x += $w | .high = ([.high, $h] | max))
	| {end: (.y + .high), all};

def panels($board):
	reduce .rows[] as $row ({y: 0, all: []};
		(.y + 1) as $below | ($row.panels | placed($below)) as $p
		| .all += [{type: "row", title: $row.title, collapsed: false, panels: [],
			gridPos: {x: 0, y, w: 24, h: 1}}]
			+ [$p.all[] | . as $said | ($said | panel($board)) + {gridPos: $said.at}]
		| .y = $p.end)
	| [.all | to_entries[] | {id: (.key + 1)} + .value];

# --- what is chosen above

def variable($before):
	. as $name
	| (if $name == "job" then "vq_audit_build_info"
	   elif $name == "instance" then "vq_audit_build_info{job=~\"$job\"}"
	   else "vq_audit_queue_info{\($before | map("\(.)=~\"$\(.)\"") | join(","))}" end) as $series
	| {name: $name, type: "query", label: $name, datasource: source, refresh: 2, sort: 3,
		query: {query: "label_values(\($series), \($name))", refId: $name}};

def variables:
	. as $board
	| [{name: "datasource", type: "datasource", label: "Prometheus", query: "prometheus", refresh: 1}]
	+ [range($board.variables | length) as $i | $board.variables[$i] | variable($board.variables[:$i])
		| . as $v | . + if $board.select | contains("\($v.name)=~") then {includeAll: true, multi: true, allValue: ".*"} else {} end];

. as $board
| {uid, title, tags: ["vq-audit"], schemaVersion: 39, version: 1, editable: true, graphTooltip: 1,
	refresh: "1m", time: {from: "now-6h", to: "now"}, timezone: "browser",
	description: "Generated from dashboards/grafana of vq-audit.",
	annotations: {list: []},
	links: [{type: "dashboards", tags: ["vq-audit"], title: "vq-audit", asDropdown: false,
		includeVars: true, keepTime: true, targetBlank: false, icon: "external link", url: "", tooltip: ""}],
	templating: {list: variables}, panels: panels($board)}
