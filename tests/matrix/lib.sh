# shellcheck shell=bash
# shellcheck disable=SC2016 # what stands in single quotes is jq's, or the guest's
# Shared by the tests of this directory. Sourced, never run.
#
# A guest lives in a directory of its own, DIR: `told` is what it was told, `out`
# what it says, `err` what the lab says, `edits` what vq-attack changed, `env`
# what the lab publishes. In the guest runs lab/guest/obey. Its kernel is quiet
# but for a panic, and read from dmesg: two writers tear each other's lines.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
O=$(cd "${O:-$ROOT/build}" && pwd)
export VQ_AUDIT_BUILD=$O
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/vq-matrix.XXXXXX")
export TMPDIR

# How long to wait for what must come. Nothing is measured by it.
: "${PATIENCE:=60}"
JOBS=${JOBS:-$(nproc)}

# --- TAP: numbers are optional there, and nothing here knows its own ---------

FAILED=0

pass() { echo "ok - $1"; }

# fail NAME COMMENT...: a comment may have several lines
fail() {
	echo "not ok - $1"
	shift
	printf '%s\n' "$@" | sed 's/^/#   /'
	FAILED=$((FAILED + 1))
}

comment() { printf '%s\n' "$@" | sed 's/^/# /'; }

# is NAME GOT WANT
is() {
	if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1" "got:  ${2:-nothing}" "want: ${3:-nothing}"; fi
}

# at_least NAME GOT LIMIT
at_least() {
	if (($2 >= $3)); then pass "$1"; else fail "$1" "got:  $2" "want: $3 or more"; fi
}

# contains FILE NAME PATTERN
contains() {
	if grep --quiet --extended-regexp -- "$3" "$1"; then
		pass "$2"
	else
		fail "$2" "no line matches $3" "$(tail -n 5 "$1" | cut -c 1-300)"
	fi
}

# lacks FILE NAME PATTERN
lacks() {
	local found
	if found=$(grep --max-count=3 --extended-regexp -- "$3" "$1"); then
		fail "$2" "should not be there:" "$found"
	else
		pass "$2"
	fi
}

# ok NAME COMMAND...
ok() {
	local name=$1
	shift
	if "$@"; then pass "$name"; else fail "$name" "false: $*"; fi
}

# --- parts of a test, each in a process of its own --------------------------

# begin: what every test does first
begin() {
	trap 'end_jobs; keep; rm -rf "$TMPDIR"' EXIT
	trap 'exit 143' INT TERM HUP
}

# keep: what guests said goes to KEEP, if that is set
keep() { [[ -z ${KEEP-} ]] || { mkdir -p "$KEEP" && cp -r "$TMPDIR" "$KEEP"; }; }

# What runs in the background, guests included, ends with us.
end_jobs() {
	local running
	mapfile -t running < <(jobs -r -p)
	((${#running[@]} == 0)) || kill "${running[@]}" 2>/dev/null # some may end by themselves
	wait
}

# tap COMMAND...: what it prints, counted
tap() { "$@" | tee -a "$TMPDIR/tap"; }

# in_parallel COMMAND...: JOBS at a time; what each prints comes in this order
in_parallel() {
	local command n=0
	for command; do
		while (($(jobs -r -p | wc -l) >= JOBS)); do wait -n; done
		run_part "$command" >"$TMPDIR/part-$n" 2>&1 &
		n=$((n + 1))
	done
	wait
	tap report_parts "$@"
}

run_part() {
	trap end_jobs EXIT
	trap 'exit 143' TERM
	# shellcheck disable=SC2086 # a command and its arguments
	$1
	echo "# end of part: $1"
}

# A part that ended early, or did nothing, must not pass for a good one. Bash's
# own complaints are not TAP.
report_parts() {
	local command n=0
	for command; do
		sed '/^\(not \)\?ok /b; /^#/b; s/^/# /' "$TMPDIR/part-$n"
		grep --quiet --line-regexp --fixed-strings "# end of part: $command" "$TMPDIR/part-$n" ||
			fail "$command: ran to its end"
		grep --quiet '^ok ' "$TMPDIR/part-$n" || fail "$command: something was tested"
		n=$((n + 1))
	done
}

# finish: the plan, and the exit status
finish() {
	echo "1..$(grep --count --extended-regexp '^(not )?ok ' "$TMPDIR/tap")"
	! grep --quiet '^not ok' "$TMPDIR/tap"
	exit
}

# --- waiting ----------------------------------------------------------------

# await SECONDS COMMAND...
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# --- a guest ----------------------------------------------------------------

declare -A GUEST_PID=() GUEST_IN=()

# guest_boot DIR ARGS...: boots with these arguments; 1 if it does not come up
guest_boot() {
	local dir=$1 in
	shift
	mkdir -p "$dir"
	mkfifo "$dir/in"
	: >"$dir/out"
	: >"$dir/edits"
	exec {in}<>"$dir/in"
	LAB_DIR=$dir "$ROOT/tests/lab/boot" --append loglevel=1 "$@" -- obey <"$dir/in" >"$dir/out" 2>"$dir/err" &
	GUEST_PID[$dir]=$! GUEST_IN[$dir]=$in
	await "$PATIENCE" guest_answers "$dir" '"type":"ready"' && guest_alive "$dir"
}

guest_alive() { kill -0 "${GUEST_PID[$1]}" 2>/dev/null; }

# Whether the guest has said PATTERN; a guest that is gone has said all.
guest_answers() { grep --quiet -- "$2" "$1/out" || ! guest_alive "$1"; }

# tell DIR LINE: runs LINE in the guest; the status is the line's, or 255
tell() {
	local dir=$1 count answer status
	printf '%s\n' "$2" | tee -a "$dir/told" >&"${GUEST_IN[$dir]}"
	count=$(wc -l <"$dir/told")
	answer="{\"type\":\"obeyed\",\"count\":$count,\"status\":"
	await "$PATIENCE" guest_answers "$dir" "^$answer"
	status=$(sed -n "s/^$answer\([0-9]*\)}/\1/p" "$dir/out")
	return "${status:-255}"
}

# guest_exit DIR: the exit status of boot, once the guest has ended
guest_exit() {
	local dir=$1 status=0
	guest_alive "$dir" && printf 'exit 0\n' >&"${GUEST_IN[$dir]}"
	wait "${GUEST_PID[$dir]}" || status=$?
	unset "GUEST_PID[$dir]"
	return "$status"
}

# --- what vq-audit says -----------------------------------------------------

# records DIR TYPE: those that are whole; the last line may still be under way
records() { head -n "$(wc -l <"$1/out")" "$1/out" | grep "^{\"type\":\"$2\"" || true; }

count_records() { records "$1" "$2" | wc -l; }

# start_audit DIR ARGS...: starts vq-audit; 1 if it does not get going
start_audit() {
	local dir=$1 before
	shift
	before=$(count_records "$dir" start)
	tell "$dir" "audit $*" && await "$PATIENCE" audit_speaks "$dir" "$before" &&
		(($(count_records "$dir" start) > before))
}

audit_speaks() { (($(count_records "$1" start) > $2)) || ! guest_alive "$1"; }

# stats DIR [FROM]: the accounts after the first FROM lines of out that are whole
stats() {
	tail -n "+$((${2:-0} + 1))" "$1/out" | { grep '^{"type":"stats"' || true; } |
		jq -R -c 'fromjson? // empty'
}

# The last one that is whole. They are large, and this is asked often.
last_stats() {
	{ grep '^{"type":"stats"' "$1/out" || true; } | tail -n 3 | jq -R -c 'fromjson? // empty' |
		tail -n 1
}

lines() { wc -l <"$1/out"; }

# said LINE: what it prints in the guest of $DIR, beside what is told of the guest; its status
said() {
	local from status=0
	from=$(lines "$DIR")
	tell "$DIR" "$1" || status=$?
	tail -n "+$((from + 1))" "$DIR/out" | grep -v '^{"type":"\(obeyed\|stats\)"' | grep .
	return "$status"
}

# device_field DIR ID FIELD: of its place in the guest, virtio or bus, as last told
device_field() {
	records "$1" place | jq -r --arg id "$2" --arg f "$3" 'select(.id == $id)[$f]' | tail -n 1
}

# completions DIR ID QUEUE [FROM]: in each of these accounts
completions() {
	stats "$1" "${4:-0}" | jq --arg bus "$(device_field "$1" "$2" bus)" --argjson q "$3" \
		'.queues[] | select(.bus == $bus and .queue == $q).completions'
}

# grows DIR ID QUEUE FROM COUNT: whether there are COUNT accounts after line
# FROM, and the queue completes buffers from the first to the last of them
grows() {
	local all
	mapfile -t all < <(completions "$1" "$2" "$3" "$4")
	((${#all[@]} >= $5 && all[-1] > all[0]))
}

# sealed NAME DIR: no thread of vq-audit has all system calls any more
sealed() {
	local from
	from=$(lines "$2")
	tell "$2" 'grep -h ^Seccomp: /proc/$audit/task/*/status | sort -u'
	is "$1: vq-audit is sealed" "$(tail -n "+$((from + 1))" "$2/out" | grep ^Seccomp: | xargs)" 'Seccomp: 2'
}

# --- the account at the end -------------------------------------------------

# end_audit DIR: ends vq-audit and returns its exit status
end_audit() { tell "$1" end_audit; }

# broken_promises DIR: what the last account says that must not be. A split ring's
# index, which coverage is judged by, takes one step for each completion. Where
# interrupts are on a program can be missed: on a stock kernel those are counted
# skips, vq_detach and vq_irq judge nothing that they did not see begin, and vq_kick
# and pci_notify nothing at all; what the ledger of mappings did not see, it counts.
broken_promises() {
	local tier
	tier=$(records "$1" start | tail -n 1 | jq -r .tier)
	last_stats "$1" | jq -r --arg tier "$tier" --arg may_lose "${MAY_LOSE-}" '
		(select(.final | not) | "the last account is not the final one"),
		# null: a queue that appeared during the account, and did nothing yet
		(select(.programs == []) | "the last account has no program"),
		(.queues[] | select(.coverage_ok != true and (.coverage_ok == false or .completions > 0))
			| "\(.virtio) \(.queue_name): coverage_ok \(.coverage_ok)"),
		(.queues[] | select(.ring == "split" and .generation == 0
				and .positions != .completions)
			| "\(.virtio) \(.queue_name): \(.completions) completions in \(.positions) steps"),
		(.losses | to_entries[] | select(.value != 0 and .key != $may_lose)
			| "lost \(.value): \(.key)"),
		(.programs[] | select(.recursion_misses != 0 and $tier != "stock"
				and (.name | IN("vq_detach", "vq_irq", "vq_kick", "pci_notify")
					or test("^(((vduse|domain)_)?(un)?map|bounce|copy|adds)_") | not))
			| "\(.name): \(.recursion_misses) recursion misses")'
}

# account NAME DIR: the last account exists and keeps its promises
account() {
	local wrong='there is no account'
	[[ -z $(last_stats "$2") ]] || wrong=$(broken_promises "$2")
	is "$1: the account is complete, nothing was lost" "$wrong" ''
	comment "$(last_stats "$2" | jq -r --arg name "$1" '"\($name): \(.totals.audited) buffers audited, "
		+ "\([.totals.skipped[]] | add) skipped, "
		+ "\([.programs[].recursion_misses] | add) recursion misses"')"
}

# The last one is seccomp's: a call that vq-audit should not have needed.
BAD_NEWS='BUG:|Oops|WARNING: |general protection|corruption|soft lockup|Kernel panic|type=1326'

# kernel_log DIR: keeps it in DIR/dmesg
kernel_log() {
	local from
	from=$(lines "$1")
	tell "$1" dmesg
	tail -n "+$((from + 1))" "$1/out" >"$1/dmesg"
}

kernel_is_well() {
	kernel_log "$2"
	contains "$2/dmesg" "$1: the guest's kernel has a log" 'Linux version'
	lacks "$2/dmesg" "$1: and it is well" "$BAD_NEWS"
}
