# SPDX-License-Identifier: GPL-2.0
# What queues did, out of perf's record of our series' events:
#
#   perf record -a -e 'virtio_ring:*' -- COMMAND
#   perf script -F time,event,trace | awk -f perf-summary.awk
#
# A line for each queue: buffers that were published and used, notifications of either side,
# and the microseconds from a buffer's publication to its completion.

# 12.345678: virtio_ring:vq_publish: dev=virtio0 vq=0 slot=3 id=3 num=3
{
	time = substr($1, 1, length($1) - 1)
	event = $2
	sub(/.*:vq_/, "", event)
	sub(/:$/, "", event)
	delete field
	for (i = 3; i <= NF; i++)
		if (split($i, pair, "=") == 2) field[pair[1]] = pair[2]
	queue = field["dev"] " " field["vq"]
	if (!(queue in known)) { known[queue]; order[++queues] = queue }
	count[queue, event]++
}

event == "publish" { since[queue, field["id"]] = time }

event == "used" && (queue, field["id"]) in since {
	taken[queue, ++timed[queue]] = (time - since[queue, field["id"]]) * 1e6
	delete since[queue, field["id"]]
}

# percentile QUEUE PERCENT: of its times, which sort() has put in order
function percentile(queue, percent,	n) {
	n = timed[queue]
	return n ? sprintf("%.0f", order_of[int((n - 1) * percent / 100) + 1]) : "-"
}

# Shell sort: not every awk has asort().
function sort(queue,	n, gap, i, j, value) {
	n = timed[queue]
	for (i = 1; i <= n; i++) order_of[i] = taken[queue, i]
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			value = order_of[i]
			for (j = i; j > gap && order_of[j - gap] > value; j -= gap) order_of[j] = order_of[j - gap]
			order_of[j] = value
		}
}

END {
	print "device queue published used kicks interrupts median_us p99_us"
	for (q = 1; q <= queues; q++) {
		queue = order[q]
		sort(queue)
		print queue, count[queue, "publish"] + 0, count[queue, "used"] + 0, count[queue, "kick"] + 0, \
			count[queue, "irq"] + 0, percentile(queue, 50), percentile(queue, 99)
	}
}
