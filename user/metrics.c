/* SPDX-License-Identifier: GPL-2.0 */
/* The one table of metrics: what is exported, what it is called, and where it comes from. */
#include "metrics.h"

#include <stddef.h>

#include "metrics_emit.h"

/*
 * X(name, type, labels, emit, at, help). "vq_audit_" is put before the name.
 * What emit and at mean, metrics_emit.h says.
 */
#define C(member) offsetof(struct vqa_counters, member)
#define W(member) offsetof(struct vqa_sweep_counters, member)
#define S(member) offsetof(struct stats, member)
#define I(member) offsetof(struct metrics_input, member)
#define V(member) offsetof(struct queue_view, member)

#define METRICS(X)                                                                                \
	X("build_info", "gauge", "version,abi", emit__build, 0, "Always 1; what runs")            \
	X("run_info", "gauge", "tier,level,kernel", emit__run, 0,                                 \
	  "Always 1; what this kernel lets the audit do, and how much it looks at")               \
	X("violations_total", "counter", "rule,device,queue", emit__violations, 0,                \
	  "Violations of a rule on a queue, whether on record or not; from the first one on")     \
	X("rule_violations_total", "counter", "rule,severity,blame", emit__rules, 0,              \
	  "Violations of each rule, over all queues; each rule has its series from the start")    \
	X("buffers_published_total", "counter", "device,queue", emit__counter, C(published),      \
	  "Buffers that the driver published")                                                    \
	X("buffers_audited_total", "counter", "device,queue", emit__counter, C(audited),          \
	  "Buffers that came back and were audited")                                              \
	X("buffers_skipped_total", "counter", "device,queue,reason", emit__skips, 0,              \
	  "Buffers that came back and were not audited")                                          \
	X("used_refused_total", "counter", "device,queue", emit__counter, C(refused),             \
	  "Used elements that the verdict or the kernel refused")                                 \
	X("positions_total", "counter", "device,queue", emit__counter, C(positions),              \
	  "Steps of the driver's index that are accounted for: audited or skipped")               \
	X("descriptors_compared_total", "counter", "device,queue", emit__counter, C(descs),       \
	  "Descriptors and table entries that were compared as buffers came back")                \
	X("records_suppressed_total", "counter", "device,queue", emit__counter, C(suppressed),    \
	  "Records of violations that the rate limit held back; the violations are counted")      \
	X("violations_ignored_total", "counter", "device,queue", emit__counter, C(ignored),       \
	  "Violations that were counted and not told: the action there is to ignore them")        \
	X("queue_info", "gauge", "device,queue,name,type,bus,ring,shadow", emit__queue_info, 0,   \
	  "Always 1; what a queue is")                                                            \
	X("queue_size_descriptors", "gauge", "device,queue", emit__queue_size, 0,                 \
	  "Descriptors in a queue's ring")                                                        \
	X("queue_generation", "gauge", "device,queue", emit__queue_generation, 0,                 \
	  "How often a queue was reset or resized")                                               \
	X("queue_broken", "gauge", "device,queue", emit__queue_broken, 0,                         \
	  "1 if a queue is broken: what waits for it waits for ever")                             \
	X("queue_coverage_ok", "gauge", "device,queue", emit__queue_coverage, 0,                  \
	  "1 if every completion is accounted for, by the driver's own index; 0 if not. Judged "  \
	  "with each --stats; no series while that could not be told")                            \
	X("latency_seconds", "histogram", "device,queue,le", emit__latency, V(latency),           \
	  "How long the device had a buffer, of those that were timed; no series before the "     \
	  "first")                                                                                \
	X("depth_buffers", "histogram", "device,queue,le", emit__depth, V(depth),                 \
	  "Buffers in flight as one was published, that one included, each time that one was "    \
	  "timed")                                                                                \
	X("oldest_seconds", "gauge", "device,queue", emit__oldest, 0,                             \
	  "How long the device has had the buffer that it has had for longest, as far as is "     \
	  "known")                                                                                \
	X("latency_sample_buffers", "gauge", "", emit__stat, S(latency_sample),                   \
	  "One buffer of so many is timed: --latency-sample; 0: none")                            \
	X("sample_buffers", "gauge", "", emit__stat, S(thin.sample),                              \
	  "One buffer of so many is compared: --sample, --budget")                                \
	X("over_budget_seconds_total", "counter", "", emit__stat, S(thin.over),                   \
	  "Seconds in which hooks took more than --budget, with nothing left to leave out")       \
	X("queues", "gauge", "", emit__queues, 0, "Queues that are watched")                      \
	X("queues_gone_total", "counter", "", emit__stat_size, S(n_gone),                         \
	  "Queues that were deleted; their counters go on as device \"gone\"")                    \
	X("queue_sweeps_total", "counter", "device,queue", emit__sweep, W(sweeps),                \
	  "Sweeps over a queue")                                                                  \
	X("sweep_descriptors_total", "counter", "device,queue", emit__sweep, W(descs),            \
	  "Descriptors that sweeps compared")                                                     \
	X("sweep_unsettled_total", "counter", "device,queue", emit__sweep, W(unsettled),          \
	  "Divergences that a sweep could not judge: the driver was at work on each look")        \
	X("sweep_violations_total", "counter", "device,queue", emit__sweep_violations, 0,         \
	  "Violations that sweeps found; they are among vq_audit_violations_total")               \
	X("sweeps_total", "counter", "", emit__stat, S(sweeps), "Sweeps over all queues")         \
	X("sweep_overruns_total", "counter", "", emit__stat, S(sweep_overruns),                   \
	  "Sweeps that fell out because the one before them was late")                            \
	X("sweep_left_out_total", "counter", "", emit__stat, S(sweep_left_out),                   \
	  "Times that a queue was gone or broken as a sweep came to it")                          \
	X("last_sweep_timestamp_seconds", "gauge", "", emit__last_sweep, 0,                       \
	  "When the last sweep over all queues was, since the epoch; no series before the first") \
	X("recoveries_total", "counter", "outcome", emit__recoveries, 0,                          \
	  "Devices that were to be recovered after a break (--on-break), by how that went")       \
	X("losses_total", "counter", "reason", emit__losses, 0,                                   \
	  "Events, calls and readings that were lost")                                            \
	X("program_misses_total", "counter", "program", emit__misses, 0,                          \
	  "Times that a BPF program did not run because it was running already")                  \
	X("program_runs_total", "counter", "program", emit__runs, 0,                              \
	  "Runs of a BPF program; no series unless kernel.bpf_stats_enabled is 1")                \
	X("mappings", "gauge", "state", emit__mappings, 0,                                        \
	  "DMA mappings in the ledger, at level dma")                                             \
	X("ledger_total", "counter", "count", emit__ledger, 0,                                    \
	  "What the ledger of DMA mappings counts, at level dma")                                 \
	X("sink_records_total", "counter", "sink", emit__sink_taken, 0,                           \
	  "Records that a sink took")                                                             \
	X("sink_lost_total", "counter", "sink,reason", emit__sink_lost, 0,                        \
	  "Records that a sink did not take: full, it was busy with too many before them; "       \
	  "failed, it could not pass them on")                                                    \
	X("sink_waiting_records", "gauge", "sink", emit__sink_waiting, 0,                         \
	  "Records that wait for a sink")                                                         \
	X("scrapes_total", "counter", "", emit__input, I(scrapes), "Scrapes that were served")    \
	X("scrapes_dropped_total", "counter", "", emit__input, I(scrapes_dropped),                \
	  "Scrapes that were broken off: by their client, or because it did not read or did not " \
	  "ask")                                                                                  \
	X("reloads_total", "counter", "", emit__stat, S(reloads),                                 \
	  "Times that the configuration was read again")                                          \
	X("reloads_refused_total", "counter", "", emit__stat, S(reloads_refused),                 \
	  "Times that it was not, since it has errors; what was in force stays")                  \
	X("cpu_seconds_total", "counter", "", emit__cpu, 0,                                       \
	  "Processor time of the vq-audit process")                                               \
	X("resident_memory_bytes", "gauge", "", emit__memory, 0,                                  \
	  "Resident memory of the vq-audit process")

static const struct entry {
	struct metric metric; /* first: a struct metric of the table is its entry */
	emit_fn emit;
	size_t at;
} entries[] = {
#define X(name, type, labels, emit, at, help) \
	{ { "vq_audit_" name, type, labels, help }, emit, at },
	METRICS(X)
#undef X
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

const struct metric *metrics__next(const struct metric *m)
{
	const struct entry *e = m ? (const struct entry *)m + 1 : entries;

	return e < entries + ENTRIES ? &e->metric : NULL;
}

void metrics__print(FILE *f, const struct metrics_input *in)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		const struct metric *m = &entries[i].metric;

		fprintf(f, "# HELP %s ", m->name);
		emit__escaped(f, m->help, false);
		fprintf(f, "\n# TYPE %s %s\n", m->name, m->type);
		entries[i].emit(&(struct emit){ .f = f, .name = m->name, .in = in }, entries[i].at);
	}
}
