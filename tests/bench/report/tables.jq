# The tables of the report, as text: a title, a line of columns and rows; tabs between columns,
# an empty line behind each table.
include "rounds";

def rounded(digits): pow(10; digits) as $p | . * $p | round / $p;

def row: map(if . == null then "-" else tostring end) | join("\t");

def table(title; columns; rows): title, (columns | row), (rows | row), "";

# a part that has figures
def part($name): .parts[$name] | select(type == "array");

def shape: "\(.ring), " + (if .entries > 0 then "table of \(.entries)"
		elif .scattered then "scattered of \(.chain)" else "chain of \(.chain)" end);

def cell: "\(.ring), chain of \(.chain), \(.table)";

def native: part("native") | . as $all | distinct(.variant) as $variants
	| table("Nanoseconds a buffer, publish and used together, on this machine (median; half of the rounds)";
		["buffer"] + $variants;
		($all | distinct(shape))[] as $s | [$s] + [$variants[] as $v | $all[]
			| select(shape == $s and .variant == $v)
			| "\(.both_ns | rounded(1)) (\(.quarter_ns | rounded(1)) to \(.three_quarters_ns | rounded(1)))"]);

def scale: part("scale")
	| table("Nanoseconds a buffer of one descriptor, by queues (visited at random) and their length (median; half of the rounds)";
		["ring", "queues", "length", "ns", ""]; .[] | [.ring, .queues, .num,
			"\(.ns | rounded(1)) (\(.quarter_ns | rounded(1)) to \(.three_quarters_ns | rounded(1)))",
			if .audited then "" else "not audited: counted as skipped" end]);

def instructions: part("instructions") | map(select(.level)) as $all | ($all | distinct(.level)) as $levels
	| table("Instructions a buffer, through virtio_ring and the DMA API (lab, -icount), by who listens";
		["kernel", "buffer"] + $levels;
		($all | distinct([.kernel, cell]))[] as $row | $row
			+ [$levels[] as $l | first($all[] | select([.kernel, cell] == $row and .level == $l)
				| .instructions) // null]);

# Kernels that cannot be had here are lines of a part.
def absent_kernels: part("instructions")[] | select(.absent) | [.kernel, .absent];

def memory: part("memory") | (table("What the audit takes before anything happens (lab)";
	["what", "of", "size"]; .[] | select(.bytes) | [.what, .of,
		if .bytes < 4096 then "\(.bytes | rounded(0)) bytes" else "\(.bytes / 1024 | rounded(0)) KiB" end]),
	table("And to start, from the daemon's beginning until all is attached (lab, -icount; known to 10 million)";
		["what", "million instructions"]; .[] | select(.instructions) | [.what, .instructions / 1e6]));

def idle: part("idle") | table("What the daemon does while nothing happens (lab, -icount)";
	["what", "of", "count"]; .[] | [.what, .of, (.count | if . < 1000 then rounded(1) else "\(. / 1000 | rounded(1)) thousand" end)]);

# 1234567 as 1.23 M
def short: if . >= 1e6 then "\(. / 1e6 | rounded(2)) M" elif . >= 1e4 then "\(. / 1e3 | rounded(1)) k" else rounded(1) end;

def accel: first(.[].accel) | if . == "tcg" then "TCG, which is not hardware" else . end;

def throughput: part("throughput") | . as $all | distinct(.work) as $works
	| table("What a workload reaches (median), and its ratio to nobody in the same round (median; half of the rounds); \(accel)";
		["kernel", "listening", "work", "reaches", "unit", "ratio"];
		$works[] as $w | $all[] | select(.work == $w) | [.kernel, .variant, .work, (.median | short), .unit,
			if .variant == "nobody" then null else .ratio
				| "\(.median | rounded(3)) (\(.quarter | rounded(3)) to \(.three_quarters | rounded(3)))" end]);

def perf: part("perf")
	| table("What perf counts: of the native bench, on this machine; of reads of a disk, in the lab";
		["event", "count"]; .[] | select(.what == "event" or .what == "counter") | [.event // "cycles, ...", .count // .absent]),
	table("What perf record has of each queue (lab; TCG is not hardware)";
		["device", "queue", "published", "used", "kicks", "interrupts", "median us", "99 % us"];
		.[] | select(.what == "queue") | [.device, .queue, .published, .used, .kicks, .interrupts, .median_us, .p99_us]);

def absent: [(.parts | to_entries[] | select(.value | type == "string") | [.key, .value]), absent_kernels]
	| select(length > 0) | table("Not to be had here"; ["what", "why"]; .[]);

def tables: native, scale, instructions, memory, idle, throughput, perf, absent;
