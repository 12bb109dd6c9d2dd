# shellcheck shell=bash
# shellcheck disable=SC2016 # what stands in single quotes is jq's
# shellcheck disable=SC2034 # TRIED is for the caller
# Loads, lies, and whether the auditor told the truth about them. Sourced after
# lib.sh; judge.jq says what the truth is.

TRIES=12 # lies that may come too late for the driver to read them
TWIN=3 # accounts, a second apart, that a twin lasts at least

# --- load -------------------------------------------------------------------

declare -A FLOOD=()

# flood DIR NET RATE [SIZE]: frames for the guest's NET, until end_flood
flood() {
	local rx="${2^^}_RX_PORT"
	# shellcheck disable=SC1091
	source "$1/env"
	"$O/tests/vq-flood" --port "${!rx}" --rate "$3" --size "${4:-128}" --seconds 3600 \
		>/dev/null 2>>"$1/attack.err" &
	FLOOD[$1/$2]=$!
}

end_flood() {
	kill "${FLOOD[$1/$2]}" 2>/dev/null
	wait "${FLOOD[$1/$2]}" 2>/dev/null
	unset "FLOOD[$1/$2]"
}

# load DIR DEVICE, unload DIR DEVICE
load() {
	case $2 in
	net*) flood "$1" "$2" 1000 ;;
	blk*) tell "$1" "load $2" ;;
	esac
}

unload() {
	case $2 in
	net*) end_flood "$1" "$2" ;;
	blk*) tell "$1" "unload $2" ;;
	esac
}

# gets_on DIR DEVICE: waits for further accounts, in which the device gets on
# with its work: else a silent twin would say nothing.
gets_on() { await "$PATIENCE" grows "$1" "$2" 0 "$(lines "$1")" "$TWIN"; }

# why_stuck DIR DEVICE: what QEMU thinks of a device that does not get on, and the sockets
# of a NIC. Goes to DIR/attack.err.
why_stuck() {
	attack "$1" --device "$2" --watch-overlap 1
	[[ $2 != net* ]] || cat /proc/net/udp >>"$1/attack.err"
}

# --- lies -------------------------------------------------------------------

# attack DIR ARGS...: vq-attack, which reports into DIR/edits; its status
attack() {
	local dir=$1
	shift
	timeout 60 "$O/tests/vq-attack" --json --env "$dir/env" "$@" >>"$dir/edits" \
		2>>"$dir/attack.err"
}

# A NIC that meets a receive buffer cut short drops the frame and takes the same buffer
# for the next one, for ever: there the lie is taken back, should it have come too late.
hold_of() { [[ $1/$2 != net*/next-clear-first ]] || echo --for 500; }

# strike DIR DEVICE MUTATION TRY: 0 the lie was told, and for certain; 1 it was
# not; 2 it was, but perhaps too late for the driver to read it
strike() {
	# shellcheck disable=SC2046 # two words
	attack "$1" --device "$2" --mutation "$3" --seed "$4" --timeout 8 $(hold_of "$2" "$3") || return 1
	[[ $(tail -n 1 "$1/edits" | jq .certain) == true ]] || return 2
}

# detect DIR DEVICE MUTATION: attacks until a lie is found; sets TRIED. One that
# was told for certain must be, and a queue that is broken gives no second chance.
detect() {
	local told first
	first=$(wc -l <"$1/edits")
	for ((TRIED = 1; TRIED <= TRIES; TRIED++)); do
		told=0
		strike "$1" "$2" "$3" "$TRIED" || told=$?
		((told != 1)) || continue
		! await $((told == 0 ? 20 : 3)) found "$1" "$first" || return 0
		((told != 0)) && [[ $(is_broken "$1" "$2") == false ]] || return 1
	done
	return 1
}

# prevent DIR DEVICE MUTATION: attacks until a lie was told for certain, or three
# perhaps too late; the device gets on
prevent() {
	local told doubtful=0
	for ((TRIED = 1; TRIED <= TRIES; TRIED++)); do
		told=0
		strike "$1" "$2" "$3" "$TRIED" || told=$?
		((told != 1)) || continue
		doubtful=$((doubtful + 1))
		((told != 0 && doubtful < 3)) || break
	done
	((TRIED <= TRIES)) && gets_on "$1" "$2"
}

# --- judgement --------------------------------------------------------------

violations() { count_records "$1" violation; }

# judge DIR PROGRAM [JQ-ARGS]: runs PROGRAM over everything that is known
judge() {
	local dir=$1 program=$2
	shift 2
	jq -n -r -L "$HERE" --slurpfile violations <(records "$dir" violation) \
		--slurpfile places <(records "$dir" place) --slurpfile edits "$dir/edits" \
		"$@" "include \"judge\"; $program"
}

# found DIR FIRST: whether one of the lies after the first FIRST was found
found() {
	[[ $(judge "$1" 'any($edits[$first:][]; found_by != [])' --argjson first "$2") == true ]]
}

# is_broken DIR DEVICE: true or false, as the last account says of the first queue
is_broken() {
	last_stats "$1" | jq --arg bus "$(device_field "$1" "$2" bus)" \
		'.queues[] | select(.bus == $bus and .queue == 0).broken'
}

# strangers DIR [FROM]: violations after the first FROM that no lie explains
strangers() {
	judge "$1" 'unexplained as $u | $violations[$from:][] | select(IN($u[])) | summary' \
		--argjson from "${2:-0}"
}

# alarmed DIR FROM MUTATION: whether the mutation's rule is among the violations
# after the first FROM
alarmed() {
	[[ $(judge "$1" 'any($violations[$from:][]; .rule == RULES[$m])' --argjson from "$2" \
		--arg m "$3") == true ]]
}
