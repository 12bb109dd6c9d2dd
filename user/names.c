/* SPDX-License-Identifier: GPL-2.0 */
/* Names of all that has one. Whatever the shared headers list is taken from there. */
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/virtio_ids.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct rule_info rules[] = {
#define X(id, name, sev, blame, spec, text) \
	[VQA_RULE_##id] = { name, VQA_SEV_##sev, VQA_BLAME_##blame, spec, text },
	VQA_RULES(X)
#undef X
};

static const char *const actions[] = {
#define X(id, name, text) [VQA_ACT_##id] = name,
	VQA_ACTIONS(X)
#undef X
};

static const char *const severities[] = {
	[VQA_SEV_LOW] = "low",
	[VQA_SEV_MEDIUM] = "medium",
	[VQA_SEV_HIGH] = "high",
	[VQA_SEV_CRITICAL] = "critical",
};

static const char *const blames[] = {
	[VQA_BLAME_DEVICE] = "device",
	[VQA_BLAME_GUEST] = "guest",
	[VQA_BLAME_USER] = "user",
};

static const char *const window_sources[] = {
#define X(id, name) [VQA_WINDOW_##id] = name,
	VQA_WINDOW_SOURCES(X)
#undef X
};

static const char *const kinds[] = {
#define X(id, name, text) [VQA_KIND_##id] = name,
	VQA_KINDS(X)
#undef X
};

static const char *const kind_texts[] = {
#define X(id, name, text) [VQA_KIND_##id] = text,
	VQA_KINDS(X)
#undef X
};

static const char *const points[] = {
#define X(id, name, text) [VQA_POINT_##id] = name,
	VQA_POINTS(X)
#undef X
};

static const char *const point_texts[] = {
#define X(id, name, text) [VQA_POINT_##id] = text,
	VQA_POINTS(X)
#undef X
};

static const char *const shadows[] = {
#define X(id, name, text) [VQA_SHADOW_##id] = name,
	VQA_SHADOWS(X)
#undef X
};

static const char *const skips[] = {
#define X(id, name, text) [VQA_SKIP_##id] = name,
	VQA_SKIPS(X)
#undef X
};

static const struct {
	const char *name;
	const char *text;
} losses[] = {
#define X(id, name, text) [VQA_LOSS_##id] = { name, text },
	VQA_LOSSES(X)
#undef X
};

static const char *const fields[] = {
#define X(id, name, noun) name,
	VQA_FIELDS(X)
#undef X
};

static const char *const field_nouns[] = {
#define X(id, name, noun) noun,
	VQA_FIELDS(X)
#undef X
};

static const char *const device_types[] = {
	[VIRTIO_ID_NET] = "net",
	[VIRTIO_ID_BLOCK] = "block",
	[VIRTIO_ID_CONSOLE] = "console",
	[VIRTIO_ID_RNG] = "rng",
	[VIRTIO_ID_BALLOON] = "balloon",
	[VIRTIO_ID_IOMEM] = "iomem",
	[VIRTIO_ID_RPMSG] = "rpmsg",
	[VIRTIO_ID_SCSI] = "scsi",
	[VIRTIO_ID_9P] = "9p",
	[VIRTIO_ID_MAC80211_WLAN] = "wlan",
	[VIRTIO_ID_RPROC_SERIAL] = "rproc-serial",
	[VIRTIO_ID_CAIF] = "caif",
	[VIRTIO_ID_MEMORY_BALLOON] = "memory-balloon",
	[VIRTIO_ID_GPU] = "gpu",
	[VIRTIO_ID_CLOCK] = "clock",
	[VIRTIO_ID_INPUT] = "input",
	[VIRTIO_ID_VSOCK] = "vsock",
	[VIRTIO_ID_CRYPTO] = "crypto",
	[VIRTIO_ID_SIGNAL_DIST] = "signal-dist",
	[VIRTIO_ID_PSTORE] = "pstore",
	[VIRTIO_ID_IOMMU] = "iommu",
	[VIRTIO_ID_MEM] = "mem",
	[VIRTIO_ID_SOUND] = "sound",
	[VIRTIO_ID_FS] = "fs",
	[VIRTIO_ID_PMEM] = "pmem",
	[VIRTIO_ID_RPMB] = "rpmb",
	[VIRTIO_ID_MAC80211_HWSIM] = "hwsim",
	[VIRTIO_ID_VIDEO_ENCODER] = "video-encoder",
	[VIRTIO_ID_VIDEO_DECODER] = "video-decoder",
	[VIRTIO_ID_SCMI] = "scmi",
	[VIRTIO_ID_NITRO_SEC_MOD] = "nitro-sec-mod",
	[VIRTIO_ID_I2C_ADAPTER] = "i2c",
	[VIRTIO_ID_WATCHDOG] = "watchdog",
	[VIRTIO_ID_CAN] = "can",
	[VIRTIO_ID_DMABUF] = "dmabuf",
	[VIRTIO_ID_PARAM_SERV] = "param-serv",
	[VIRTIO_ID_AUDIO_POLICY] = "audio-policy",
	[VIRTIO_ID_BT] = "bt",
	[VIRTIO_ID_GPIO] = "gpio",
};

static const char *lookup(const char *const *names, size_t n, unsigned int i)
{
	return i < n && names[i] ? names[i] : "?";
}

const struct rule_info *rule__info(unsigned int rule)
{
	return rule < ARRAY_SIZE(rules) ? &rules[rule] : NULL;
}

const char *rule__name(unsigned int rule)
{
	return rule < ARRAY_SIZE(rules) ? rules[rule].name : "?";
}

int rule__find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(rules[i].name, name))
			return i;
	return -ENOENT;
}

const char *action__name(unsigned int action)
{
	return lookup(actions, ARRAY_SIZE(actions), action);
}

int action__find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(actions[i], name))
			return i;
	return -ENOENT;
}

const char *severity__name(unsigned int severity)
{
	return lookup(severities, ARRAY_SIZE(severities), severity);
}

const char *blame__name(unsigned int blame)
{
	return lookup(blames, ARRAY_SIZE(blames), blame);
}

const char *kind__name(unsigned int kind)
{
	return lookup(kinds, ARRAY_SIZE(kinds), kind);
}

const char *kind__text(unsigned int kind)
{
	return lookup(kind_texts, ARRAY_SIZE(kind_texts), kind);
}

const char *window_source__name(unsigned int source)
{
	return lookup(window_sources, ARRAY_SIZE(window_sources), source);
}

const char *point__name(unsigned int point)
{
	return lookup(points, ARRAY_SIZE(points), point);
}

const char *point__text(unsigned int point)
{
	return lookup(point_texts, ARRAY_SIZE(point_texts), point);
}

const char *shadow__name(unsigned int shadow)
{
	return lookup(shadows, ARRAY_SIZE(shadows), shadow);
}

const char *skip__name(unsigned int skip)
{
	return lookup(skips, ARRAY_SIZE(skips), skip);
}

const char *loss__name(unsigned int loss)
{
	return loss < ARRAY_SIZE(losses) ? losses[loss].name : "?";
}

const char *loss__text(unsigned int loss)
{
	return loss < ARRAY_SIZE(losses) ? losses[loss].text : "?";
}

const char *field__name(unsigned int bit)
{
	return lookup(fields, ARRAY_SIZE(fields), bit);
}

const char *field__noun(unsigned int bit)
{
	return lookup(field_nouns, ARRAY_SIZE(field_nouns), bit);
}

const char *device_type__format(unsigned int device, char *buf, size_t size)
{
	if (device < ARRAY_SIZE(device_types) && device_types[device])
		return device_types[device];
	snprintf(buf, size, "type-%u", device);
	return buf;
}
