# The plots of the report: {name, title, unit, line, bars: [{label, series, value, low, high}]}.
# line: a value to compare with, if there is one.
include "rounds";
include "tables";

def exact: {value: ., low: ., high: .};

def native_plot: part("native") | {name: "native", unit: "ns",
	title: "Audit of a buffer, published and used, on this machine",
	bars: [.[] | select(.variant != "probe") | {label: shape, series: .variant, value: .both_ns,
		low: .quarter_ns, high: .three_quarters_ns}]};

def scale_plot: part("scale") | {name: "scale", unit: "ns",
	title: "Audit of a buffer of one descriptor, by queues and their length",
	bars: [distinct([.queues, .num])[] as $size | .[] | select([.queues, .num] == $size)
		| {label: "\(.queues) of \(.num)\(if .audited then "" else ", a skip" end)",
			series: .ring, value: .ns, low: .quarter_ns, high: .three_quarters_ns}]};

def instructions_plot: part("instructions") | map(select(.level)) as $all
	| {name: "instructions", unit: "instructions",
		title: "A buffer of three descriptors, split, through virtio_ring and the DMA API",
		bars: [$all[] | select(.ring == "split" and .chain == 3 and .table == "direct")
			| {label: .kernel, series: .level} + (.instructions | exact)]};

# Rates alone: of a latency, less is better.
def throughput_plot: part("throughput") | {name: "throughput", unit: "ratio to nobody", line: 1,
	title: "What a workload reaches under \(first(.[].accel))",
	bars: [.[] | select(.variant != "nobody" and .unit != "us") | {label: "\(.kernel), \(.work)",
		series: .variant, value: .ratio.median, low: .ratio.quarter, high: .ratio.three_quarters}]};

def plots: native_plot, scale_plot, instructions_plot, throughput_plot;
