/* SPDX-License-Identifier: GPL-2.0 */
#include "windows.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "error.h"
#include "pci_window.h"
#include "posture_read.h"

#define PCI_SYSFS "/sys/bus/pci/devices"
#define CONFIG_SPACE 256

/* That of a device, made if there is none; NULL without memory. */
static struct vqa_windows *windows_of(struct windows *w, const char *bus)
{
	struct device_windows *more;

	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->devices[i].bus, bus))
			return &w->devices[i].windows;
	more = realloc(w->devices, (w->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	w->devices = more;
	more = &w->devices[w->n++];
	memset(more, 0, sizeof(*more));
	snprintf(more->bus, sizeof(more->bus), "%s", bus);
	return &more->windows;
}

/* "FIRST-LAST", whole. */
static bool parse_window(const char *text, struct vqa_window *ret)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	ret->first = strtoull(text, &end, 0);
	if (errno || *end++ != '-' || !isdigit((unsigned char)*end))
		return false;
	ret->last = strtoull(end, &end, 0);
	return !errno && !*end && ret->first <= ret->last;
}

int windows__parse(struct windows *w, const char *text, char *why, size_t why_size)
{
	const char *equals = strchr(text, '=');
	int len = equals ? equals - text : 0;
	struct vqa_windows *windows;
	struct vqa_window window;
	char bus[POSTURE_NAME];

	if (!len || !parse_window(equals + 1, &window)) {
		snprintf(why, why_size,
			 "\"%s\" is not DEVICE=FIRST-LAST, say 0000:00:03.0=0x1000-0x1fff", text);
		return -EINVAL;
	}
	if (!bus__find(text, len, bus)) {
		snprintf(why, why_size,
			 "there is no virtio device \"%.*s\"; \"vq-audit check --posture\" lists "
			 "them",
			 len, text);
		return -EINVAL;
	}
	windows = windows_of(w, bus);
	if (!windows)
		return -ENOMEM;
	if (windows->n == VQA_WINDOW_MAX) {
		snprintf(why, why_size, "%s has %u windows already, and no room for more", bus,
			 VQA_WINDOW_MAX);
		return -EINVAL;
	}
	windows->window[windows->n++] = window;
	windows->source = VQA_WINDOW_OPERATOR;
	return 0;
}

/* sysfs's "resource": a line for each BAR, its first and last address, and flags. */
static void read_bars(const char *bus, struct pci_window_bar bar[PCI_WINDOW_BARS])
{
	unsigned long long first, last, flags;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), PCI_SYSFS "/%s/resource", bus);
	f = fopen(path, "re");
	if (!f)
		return;
	for (int i = 0; i < PCI_WINDOW_BARS; i++) {
		if (fscanf(f, "%llx %llx %llx", &first, &last, &flags) != 3)
			break;
		if (last <= first)
			continue;
		bar[i].start = first;
		bar[i].size = last - first + 1;
	}
	fclose(f);
}

/* Return: bytes that could be read. */
static size_t read_config(const char *bus, __u8 config[CONFIG_SPACE])
{
	char path[PATH_MAX];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), PCI_SYSFS "/%s/config", bus);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(config, 1, CONFIG_SPACE, f);
	fclose(f);
	return n;
}

/* A device whose driver has accepted VIRTIO_F_SWIOTLB. */
static void ask(const char *bus, struct vqa_windows *ret)
{
	__u8 config[CONFIG_SPACE];
	struct pci_window_device d = { .config = config, .size = read_config(bus, config) };
	struct vqa_window window;
	const char *fault;
	int found;

	*ret = (struct vqa_windows){ 0 };
	read_bars(bus, d.bar);
	found = pci_window__swiotlb(&d, &window, &fault);
	if (found < 0)
		err__print("%s: the bounce buffer that it offers is not believed: %s", bus, fault);
	if (found <= 0)
		return;
	ret->window[ret->n++] = window;
	ret->source = VQA_WINDOW_PCI_SWIOTLB;
}

static bool may_offer(const struct posture_device *d)
{
	return d->facts.swiotlb && !strcmp(d->transport, "pci");
}

/* Return: 0 or -ENOMEM */
static int add_offered(struct windows *w, const char *bus)
{
	struct vqa_windows offered, *windows;

	ask(bus, &offered);
	if (!offered.n)
		return 0;
	windows = windows_of(w, bus);
	if (!windows)
		return -ENOMEM;
	if (!windows->n) /* else the operator knows better */
		*windows = offered;
	return 0;
}

int windows__offered(struct windows *w)
{
	struct posture_device *devices = NULL;
	size_t n = 0;
	int err = 0;

	if (posture_read__devices(&devices, &n))
		return 0; /* no virtio: nothing is offered */
	for (size_t i = 0; i < n && !err; i++)
		if (may_offer(&devices[i]))
			err = add_offered(w, devices[i].bus);
	free(devices);
	return err;
}

void windows__offered_by(unsigned int index, struct vqa_windows *ret)
{
	struct posture_device d;

	*ret = (struct vqa_windows){ 0 };
	if (!posture_read__device(index, &d) && may_offer(&d))
		ask(d.bus, ret);
}

size_t windows__said(const struct windows *w)
{
	size_t said = 0;

	for (size_t i = 0; w && i < w->n; i++)
		said += w->devices[i].windows.source == VQA_WINDOW_OPERATOR;
	return said;
}

void windows__free(struct windows *w)
{
	free(w->devices);
	w->devices = NULL;
	w->n = 0;
}
