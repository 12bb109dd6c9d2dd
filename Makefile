# SPDX-License-Identifier: GPL-2.0
# vq-audit: `make help` lists what there is.

O      ?= build
PREFIX ?= /usr/local
KVER   ?= 6.12
T      ?=

CC      ?= gcc
CLANG   ?= $(firstword $(shell command -v clang clang-14 2>/dev/null) clang)
BPFTOOL ?= $(firstword $(shell command -v bpftool /usr/sbin/bpftool 2>/dev/null) bpftool)

VERSION := $(shell cat VERSION)

ifeq ($(V),1)
Q   :=
msg :=
else
Q   := @
msg  = @printf '  %-8s %s\n' "$(1)" "$(patsubst $(CURDIR)/%,%,$(2))";
MAKEFLAGS += --no-print-directory
endif

CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Werror
CPPFLAGS += -D_GNU_SOURCE -DVQ_AUDIT_VERSION='"$(VERSION)"' -Iinclude -Iuser -I$(O)
LDLIBS   := -lbpf -lelf -lz -ljansson
ifneq ($(SAN),)
CFLAGS  += -fsanitize=$(SAN) -fno-omit-frame-pointer
LDFLAGS += -fsanitize=$(SAN)
endif

# The machine's multiarch directory: uapi headers of <linux/...> need <asm/...>.
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 $(WARN) -Wno-unused-parameter \
	-Iinclude -I/usr/include/$(shell $(CC) -dumpmachine)

USER_OBJS   := $(patsubst user/%.c,$(O)/user/%.o,$(wildcard user/*.c))
ATTACK_OBJS := $(patsubst tests/attack/%.c,$(O)/tests/attack/%.o,\
	$(filter-out tests/attack/flood.c,$(wildcard tests/attack/*.c)))
UNIT_BINS   := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))
GUEST_BINS  := $(O)/tests/lab/kexec $(O)/tests/soak/cipher
TEST_BINS   := $(O)/tests/vq-attack $(O)/tests/vq-flood $(O)/tests/load \
	$(O)/tests/vq-break $(O)/tests/bench/native $(GUEST_BINS) $(O)/tests/soak/xdp.bpf.o $(O)/tests/vduse/vq-vduse

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all deps demo test bench soak check kernel lint format clean install help tests docs

all: $(O)/vq-audit ## build vq-audit (default)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo '  variables: O=DIR (output) V=1 (show commands) SAN=address,undefined KVER=6.12 T=PATTERN'

# What a Debian 12 needs; a second run only looks.
deps: ## install what building, the lab and the tests need (Debian packages, as root)
	$(Q)mk/deps

$(O)/vq-audit: $(USER_OBJS)
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(O)/user/%.o: user/%.c $(O)/vq_audit.skel.h
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) -MMD -MP -c -o $@ $<

$(O)/vq_audit.bpf.o: bpf/vq_audit.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)command -v $(CLANG) >/dev/null || { echo "no clang: run 'make deps' first" >&2; exit 1; }
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/vq_audit.skel.h: $(O)/vq_audit.bpf.o
	$(call msg,SKEL,$@)
	$(Q)command -v $(BPFTOOL) >/dev/null || { echo "no bpftool: run 'make deps' first" >&2; exit 1; }
	$(Q)$(BPFTOOL) gen skeleton $< name vq_audit_bpf >$@

# Test vehicles.

tests: $(TEST_BINS) $(UNIT_BINS)

$(O)/tests/attack/%.o: tests/attack/%.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) -MMD -MP -c -o $@ $<

$(O)/tests/vq-attack: $(ATTACK_OBJS)
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson

$(O)/tests/vq-flood: $(O)/tests/attack/flood.o
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(O)/tests/load: tests/bpf/load.c $(O)/vq_audit.skel.h
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) -MMD -MP -o $@ $< $(LDLIBS)

# Goes into guests, without libraries.
$(O)/tests/vq-break: tests/bpf/break.c $(O)/tests/break.skel.h
	$(call msg,CC,$@)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) -I$(O)/tests -O2 -g $(WARN) -static -MMD -MP -o $@ $< -lbpf -lelf -lz

# So do these.
$(GUEST_BINS): $(O)/%: %.c
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -g $(WARN) -static -o $@ $<

$(O)/tests/vduse/vq-vduse: $(wildcard tests/vduse/*.[ch])
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -g $(WARN) -static -o $@ $(filter %.c,$^)

$(O)/tests/soak/xdp.bpf.o: tests/soak/xdp.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(O)/tests/bench/native.bpf.o: tests/bench/native/native.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Ibpf -MMD -MP -c -o $@ $<

$(O)/tests/bench/native.skel.h: $(O)/tests/bench/native.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name native_bpf >$@

$(O)/tests/bench/native: $(wildcard tests/bench/native/*.[ch]) $(O)/tests/bench/native.skel.h
	$(call msg,CC,$@)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) -I$(O)/tests/bench $(CFLAGS) $(WARN) $(LDFLAGS) -o $@ \
		$(filter-out %.bpf.c,$(filter %.c,$^)) $(LDLIBS)

$(O)/tests/break.bpf.o: tests/bpf/break.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/break.skel.h: $(O)/tests/break.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name break_bpf >$@

# A unit test links all of user/ but its main.
$(O)/tests/unit/%: tests/unit/%.c $(filter-out $(O)/user/main.o,$(USER_OBJS))
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) -MMD -MP -o $@ $< \
		$(filter %.o,$^) -lcmocka $(LDLIBS)

-include $(wildcard $(O)/*.d $(O)/*/*.d $(O)/*/*/*.d)

# Kernels.

kernel: ## build and cache the patched kernel of version KVER
	$(Q)kern_patches/build.sh $(KVER) >/dev/null

# Running.

demo: deps ## the story, on the real thing: attack a guest, see it caught
	$(Q)$(MAKE) all tests
	$(Q)O=$(abspath $(O)) tests/demo/demo

check: lint all tests ## the inner loop: unit tests, lint, verifier; no guest
	$(Q)O=$(abspath $(O)) mk/prove check

test: deps ## everything, in the lab; T=PATTERN runs a part
	$(Q)$(MAKE) all tests
	$(Q)O=$(abspath $(O)) T='$(T)' mk/prove test

bench: deps ## what the audit of a buffer costs: here in nanoseconds, in the lab in instructions
	$(Q)$(MAKE) all tests
	$(Q)$(O)/tests/bench/native --json $(O)/bench.json
	$(Q)O=$(abspath $(O)) tests/bench/level-cost

soak: deps ## two hours of silence: every device on every kind of ring; CELL=SUBSTRING runs a part
	$(Q)$(MAKE) all tests
	$(Q)O=$(abspath $(O)) SET=product CELL='$(CELL)' tests/soak/soak.t

lint: ## formatting, shell, structure
	$(Q)mk/lint

format: ## apply .clang-format
	$(Q)clang-format -i $$(git ls-files -co --exclude-standard '*.[ch]')

docs: $(O)/vq-audit ## generate docs/rules.md and, after a full make test, docs/matrix.md
	$(Q)O=$(abspath $(O)) mk/docs docs

install: $(O)/vq-audit ## install to $(DESTDIR)$(PREFIX)
	$(call msg,INSTALL,$(DESTDIR)$(PREFIX)/sbin/vq-audit)
	$(Q)install -D -m 0755 $(O)/vq-audit $(DESTDIR)$(PREFIX)/sbin/vq-audit

clean: ## remove the output directory
	$(Q)rm -rf $(O)
