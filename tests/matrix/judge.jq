# Does a violation say what an attacker did? Needs $violations, $places, $edits.

def RULES: {
	"desc-addr": "desc-tamper", "desc-len": "desc-tamper", "desc-write": "desc-tamper",
	"desc-next-field": "desc-tamper", "desc-id": "desc-tamper", "indirect-set": "desc-tamper",
	"next-set-last": "next-flip", "next-clear-first": "next-flip", "next-steer": "next-flip",
	"table-addr": "indirect-tamper", "table-len": "indirect-tamper",
	"table-flags": "indirect-tamper",
	"used-id-range": "used-id-range", "used-id-not-head": "used-not-head",
	"used-id-replay": "used-not-head", "used-len-over": "used-len-over",
	"used-len-zero": "used-len-short", "packed-used-early": "used-wrap",
	"used-idx-jump": "used-idx-jump", "used-rewrite": "used-rewrite"
};

# What vq-attack calls a kind, in the auditor's words.
def KINDS: {
	"mid-chain": ["mid-chain"], "free": ["never-issued", "replayed", "free"],
	"completed": ["replayed", "free"]
};

def FLAGS: {"1": "next_flag", "2": "write", "4": "indirect"};

def number:
	if type == "number" then . else
		ltrimstr("0x") | explode
		| reduce .[] as $c (0; . * 16 + (if $c > 96 then $c - 87 else $c - 48 end))
	end;

# The edit's field as the auditor names it.
def field:
	if .field == "flags" then FLAGS[((.before | number) - (.after | number) | fabs | tostring)]
	else .field end;

def same_device($v): .device as $id
	| any($places[]; .id == $id and .bus == $v.bus and .virtio == $v.virtio);

def same_values($v): .field as $f
	| ($v.seen[$f] | number) == (.after | number) and ($v.want[$f] | number) == (.before | number);

def is_desc($v): ($v.table | not) and $v.slot == .slot and $v.fields == [field]
	and same_values($v) and (.ring == "packed" or $v.id == .head);

# On packed rings vq-attack knows a table from when the buffer was in flight. Where it cannot be
# certain, the table may be another buffer's by now.
# A digest tells the table alone.
def is_digest($v): $v.fields == ["table"] and ($v.id == .head or (.certain | not));

def is_table($v): $v.table and $v.entry == .slot and $v.fields == [field] and same_values($v)
	and ($v.slot == .head or (.ring == "packed" and (.certain | not)));

# The driver's position is where the attacker edited. Queues here have 256 entries.
def same_position($v): .used_slot == (if .ring == "packed" then $v.last_used % 32768
	else $v.last_used % 256 end);

# A driver that is behind may take the id for a new buffer before it reads the lie.
def same_kind($v): .kind == null or (.certain | not) or (KINDS[.kind] | index($v.kind)) != null;

# Then the lie may look like an early completion. When the device really completes that buffer, it
# is a replay.
def is_late($v): (.certain | not) and .kind != null and $v.kind == "replayed";

def is_used_id($v): $v.fields == ["used_id"] and $v.used_id == (.after | number)
	and ((same_position($v) and same_kind($v)) or is_late($v));

def is_used_len($v): same_position($v) and $v.fields == ["used_len"] and $v.id == .head
	and $v.used_len == (.after | number) and (.writable == null or $v.writable == .writable);

# An element that the interrupt before the lie had shown has changed as well.
def is_seen_twice($v): $v.rule == "used-rewrite" and (.mutation | startswith("used-"));

# What a driver that follows a lie runs into.
def is_consequence($v):
	(.mutation == "used-idx-jump" and ($v.rule | startswith("used-")))
	or ((.mutation | startswith("next-")) and $v.rule == "free-conserve");

def is_early($v): $v.fields == ["avail_used"] and $v.slot == .slot;

def is_word($v): $v.fields == ["word"];

def is_what_was_done($v): $v.rule == RULES[.mutation] and $v.also == []
	and (if .mutation | startswith("used-id-") then is_used_id($v)
		elif .mutation | startswith("used-len-") then is_used_len($v)
		elif .mutation | startswith("table-") then is_table($v) or is_digest($v)
		elif .mutation == "packed-used-early" then is_early($v)
		elif RULES[.mutation] | startswith("used-") then is_word($v)
		else is_desc($v) end);

def explains($v): same_device($v) and $v.queue == .queue and $v.ring == .ring
	and (is_what_was_done($v) or is_seen_twice($v) or is_consequence($v));

# Violations that an edit explains, or that none does.
def found_by: . as $e | [$violations[] | select(.rule == RULES[$e.mutation])
	| select(. as $v | $e | explains($v))];
def unexplained: [$violations[] | select(. as $v | any($edits[]; explains($v)) | not)];

def summary: "\(.bus) queue \(.queue): \(.rule): \(.text)";
