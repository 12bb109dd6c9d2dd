/* SPDX-License-Identifier: GPL-2.0 */
#include "bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bus__find(const char *name, size_t len, char bus[POSTURE_NAME])
{
	struct posture_device *devices = NULL;
	char own[32];
	size_t n = 0;
	bool found = false;

	if (posture_read__devices(&devices, &n))
		return false;
	for (size_t i = 0; i < n && !found; i++) {
		snprintf(own, sizeof(own), "virtio%u", devices[i].index);
		found = (strlen(own) == len && !strncmp(own, name, len)) ||
			(strlen(devices[i].bus) == len && !strncmp(devices[i].bus, name, len));
		if (found)
			memcpy(bus, devices[i].bus, POSTURE_NAME);
	}
	free(devices);
	return found;
}
