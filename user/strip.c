/* SPDX-License-Identifier: GPL-2.0 */
/* Which places of a ring are drawn. Pure. */
#include "strip.h"

#include <string.h>

bool strip__gap(const struct strip *s, unsigned int i)
{
	if (!s->n)
		return false;
	if (i == s->n)
		return s->at[i - 1] + 1 < s->num;
	return i ? s->at[i - 1] + 1 < s->at[i] : s->at[0] > 0;
}

unsigned int strip__width(const struct strip *s)
{
	unsigned int width = s->n;

	for (unsigned int i = 0; i <= s->n; i++)
		width += strip__gap(s, i);
	return width;
}

/* Unless it is there, or would make the row too wide. */
static void add(struct strip *s, unsigned int place)
{
	struct strip wider = *s;
	unsigned int i = 0;

	while (i < s->n && s->at[i] < place)
		i++;
	if (place >= s->num || s->n == STRIP_MAX || (i < s->n && s->at[i] == place))
		return;
	memmove(&wider.at[i + 1], &wider.at[i], (s->n - i) * sizeof(s->at[0]));
	wider.at[i] = place;
	wider.n++;
	if (strip__width(&wider) <= STRIP_MAX)
		*s = wider;
}

struct strip strip__around(unsigned int num, const unsigned int *points, unsigned int n)
{
	struct strip s = { .num = num };

	for (unsigned int i = 0; i < n; i++)
		add(&s, points[i]);
	if (!s.n)
		add(&s, 0);
	for (unsigned int r = 1; r < STRIP_MAX; r++) {
		for (unsigned int i = 0; i < n; i++) {
			if (points[i] >= num)
				continue;
			add(&s, points[i] + r);
			if (points[i] >= r)
				add(&s, points[i] - r);
		}
		if (!n)
			add(&s, r);
	}
	return s;
}
