# shellcheck shell=bash
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or a script's
# shellcheck disable=SC2317 # await calls what seems not to be called
# Debian's Prometheus and Alertmanager, and a receiver of what they tell: on the loopback,
# with all they keep in TMPDIR. Sourced after lib.sh.

# shellcheck source=tests/lab/lib/ports.sh
source "$ROOT/tests/lab/lib/ports.sh"

declare -A URL=()
SERVER=prometheus # who is asked

# serve NAME PATH COMMAND...: COMMAND in the background, with PORT in it for a port, until
# it answers there to PATH; URL[NAME]. Somebody else may take the port first.
serve() {
	local name=$1 path=$2 try port pid
	shift 2
	for try in 1 2 3; do
		port=$(free_port tcp)
		"${@//PORT/$port}" >"$TMPDIR/$name.log" 2>&1 &
		pid=$!
		await "$PATIENCE" answers_or_gone "$pid" "http://127.0.0.1:$port$path"
		URL[$name]=http://127.0.0.1:$port
		! kill -0 "$pid" 2>/dev/null || return 0
		comment "$name, try $try: $(tail -n 1 "$TMPDIR/$name.log")"
	done
	return 1
}

answers_or_gone() { get "$2" >/dev/null 2>&1 || ! kill -0 "$1" 2>/dev/null; }

get() { curl --silent --show-error --fail --max-time 20 "$@"; }

# --- Prometheus ---------------------------------------------------------------

# start_prometheus NAME CONFIGURATION [OPTION]...
start_prometheus() {
	serve "$1" /-/ready "$ROOT/tests/lab/prometheus" prometheus --config.file="$2" "${@:3}" \
		--storage.tsdb.path="$TMPDIR/tsdb-$1" --web.listen-address=127.0.0.1:PORT
}

# ask PATH [NAME=VALUE]...: what Prometheus' API says
ask() {
	local path=$1 parameter options=()
	shift
	for parameter; do options+=(--data-urlencode "$parameter"); done
	get --get "${options[@]}" "${URL[$SERVER]}/api/v1/$path"
}

# samples QUERY: as they are now, one a line
samples() { ask query "query=$1" | jq -c '.data.result[]'; }

# holds QUERY: whether there is a sample of it
holds() { [[ -n $(samples "$1") ]]; }

# panel_data QUERY: how many values Grafana would get for it (panel_queries, variable_queries)
# of the last five minutes
panel_data() {
	local expr kind label now
	{ read -r expr && read -r kind && read -r label; } < <(jq -r '.expr,
		if .label then "series" elif .instant then "query" else "query_range" end, .label // ""' <<<"$1")
	printf -v now '%(%s)T'
	case $kind in
	series) ask series "match[]=$expr" | jq --arg l "$label" '[.data[][$l] // empty] | length' ;;
	query) ask query "query=$expr" | jq '[.data.result[].value[1] | select(. != "NaN")] | length' ;;
	query_range) ask query_range "query=$expr" start=$((now - 300)) end="$now" step=5 |
		jq '[.data.result[].values[][1] | select(. != "NaN")] | length' ;;
	esac
}

# --- Alertmanager, and where it leads -----------------------------------------

# start_alertmanager CONFIGURATION
start_alertmanager() {
	serve alertmanager /-/ready "$ROOT/tests/lab/prometheus" prometheus-alertmanager --config.file="$1" \
		--storage.path="$TMPDIR/alertmanager" --web.listen-address=127.0.0.1:PORT --cluster.listen-address=
}

# start_receiver NAME...: a web server that keeps what is posted to /cgi-bin/NAME
start_receiver() {
	local name dir=$TMPDIR/receiver
	mkdir -p "$dir/cgi-bin"
	echo ready >"$dir/ready"
	for name; do
		printf '#!/bin/sh\ncat >%s.$$ && mv %s.$$ %s.$$.json\necho "Content-Type: text/plain"\necho\n' \
			"$dir/$name"{,,} >"$dir/cgi-bin/$name"
		chmod +x "$dir/cgi-bin/$name"
	done
	serve receiver /ready "$(command -v busybox)" httpd -f -p 127.0.0.1:PORT -h "$dir"
}

# received NAME: alerts that were posted there, one a line
received() { find "$TMPDIR/receiver" -name "$1.*.json" -exec jq -c '.alerts[]' {} +; }

# was_told NAME FILTER: whether such an alert was
was_told() { [[ -n $(received "$1" | jq -c "select($2)") ]]; }

# state ALERT: what Alertmanager makes of it: active, suppressed
state() {
	get "${URL[alertmanager]}/api/v2/alerts" | jq -r --arg name "$1" \
		'.[] | select(.labels.alertname == $name).status.state' | sort -u
}

state_is() { [[ $(state "$1") == "$2" ]]; }
