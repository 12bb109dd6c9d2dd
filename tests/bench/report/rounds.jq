# Out of lines "ROUND VARIANT WORK VALUE": of each work and variant, in the order in which they
# come, the quartiles of the values, and of their ratios to variant $base in the same round.

def quartiles: sort | . as $v | [0.25, 0.5, 0.75] | map($v[($v | length - 1) * . | round])
	| {quarter: .[0], median: .[1], three_quarters: .[2]};

def distinct(f): reduce (.[] | [f]) as $x ([]; if index($x) then . else . + $x end);

def rounds($base): map(split(" ") | {round: .[0], variant: .[1], work: .[2], value: (.[3] | tonumber)}) as $all
	| ($all | map(select(.variant == $base) | {key: "\(.round) \(.work)", value: .value}) | from_entries) as $to
	| ($all | distinct(.work))[] as $work | ($all | distinct(.variant))[] as $variant
	| [$all[] | select(.work == $work and .variant == $variant)]
	| {variant: $variant, work: $work, rounds: length} + (map(.value) | quartiles)
		+ {ratio: (map(.value / $to["\(.round) \(.work)"]) | quartiles)};
