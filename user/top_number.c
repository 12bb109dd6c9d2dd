/* SPDX-License-Identifier: GPL-2.0 */
#include "top_number.h"

#include <stdio.h>
#include <string.h>

const char *top_number__count(__u64 n, unsigned int width, char buf[TOP_NUMBER])
{
	static const char units[] = "kMGTPE";

	if (n == TOP_UNKNOWN)
		return strcpy(buf, "-");
	snprintf(buf, TOP_NUMBER, "%llu", n);
	for (size_t i = 0; strlen(buf) > width && units[i]; i++) {
		n /= 1000;
		snprintf(buf, TOP_NUMBER, "%llu%c", n, units[i]);
	}
	return buf;
}

const char *top_number__time(__u64 ns, char buf[TOP_NUMBER])
{
	static const struct {
		const char *name;
		__u64 ns;
	} units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", 1000000000 },
		{ "m", 60000000000 },
		{ "h", 3600000000000 },
		{ "d", 86400000000000 },
	};
	size_t i = 0;

	if (ns == TOP_UNKNOWN)
		return strcpy(buf, "-");
	while (i + 1 < sizeof(units) / sizeof(units[0]) && ns >= units[i + 1].ns)
		i++;
	if (i && ns < 10 * units[i].ns)
		snprintf(buf, TOP_NUMBER, "%llu.%llu%s", ns / units[i].ns,
			 ns % units[i].ns * 10 / units[i].ns, units[i].name);
	else
		snprintf(buf, TOP_NUMBER, "%llu%s", ns / units[i].ns, units[i].name);
	return buf;
}

const char *top_number__share(__u64 part, __u64 whole, char buf[TOP_NUMBER])
{
	double permille = whole ? (double)part / whole * 1000 : 0;

	if (!whole)
		return strcpy(buf, "-");
	if (part >= whole)
		return strcpy(buf, "100%");
	if (permille > 999) /* rounded, it would be all */
		permille = 999;
	snprintf(buf, TOP_NUMBER, "%u.%u%%", (unsigned int)permille / 10,
		 (unsigned int)permille % 10);
	return buf;
}
