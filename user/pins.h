/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The place in the BPF file system that keeps an audit alive without its daemon: its maps, and
 * the links of its programs.
 */
#ifndef VQA_USER_PINS_H
#define VQA_USER_PINS_H

#include <stddef.h>
#include "vq_audit/facts.h"

struct bpf_link;
struct bpf_object;

#define PINS_DIR "/sys/fs/bpf/vq-audit"

/**
 * pins__lock - be the one daemon that keeps an audit there, until the process ends
 *
 * Return: 0; or -errno, after having said who is, or what is wrong.
 */
int pins__lock(void);

/** pins__holder - the process that holds that lock, or 0 */
int pins__holder(void);

/**
 * pins__read_facts - what is known of the audit that is pinned
 *
 * Return: 0; -ENOENT if none is, or none that is whole; or -errno.
 */
int pins__read_facts(struct vqa_facts *ret);

/**
 * pins__prepare - a clean place: what was left of a start that failed is removed
 *
 * Return: 0; or -errno, after having said what is wrong and the way out.
 */
int pins__prepare(void);

/** pins__set_maps - before loading: maps are taken from there, or pinned there. 0 or -errno */
int pins__set_maps(struct bpf_object *obj);

/* The link of hook @i, which runs @program. Return: 0 or -errno; the link, or NULL with errno. */
int pins__keep_link(struct bpf_link *link, size_t i, const char *program);
struct bpf_link *pins__open_link(size_t i, const char *program);

/**
 * pins__remove - end what is pinned there, links first, the last one attached before all others
 *
 * What a daemon still holds goes on until it ends. Return: what was removed, or -errno.
 */
int pins__remove(void);

#endif
