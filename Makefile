# SPDX-License-Identifier: GPL-2.0
# vq-audit: `make help` lists what there is.

O      ?= build
PREFIX ?= /usr/local
KVER   ?= 6.12
T      ?=
PARTS  ?=

CC      ?= gcc
CLANG   ?= $(firstword $(shell command -v clang clang-14 2>/dev/null) clang)
LLVM_STRIP ?= $(firstword $(shell command -v llvm-strip llvm-strip-14 2>/dev/null) llvm-strip)
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
LDLIBS   := -pthread -lbpf -lelf -lz -linih -ljansson -lsystemd -lmicrohttpd -lseccomp -lncursesw -ltinfo
ifneq ($(SAN),)
CFLAGS  += -fsanitize=$(SAN) -fno-omit-frame-pointer
LDFLAGS += -fsanitize=$(SAN)
endif

# The machine's multiarch directory: uapi headers of <linux/...> need <asm/...>.
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 $(WARN) -Wno-unused-parameter \
	-Iinclude -I/usr/include/$(shell $(CC) -dumpmachine) -fdebug-prefix-map=$(CURDIR)=.

SHARE := $(DESTDIR)$(PREFIX)/share
INITRAMFS := $(SHARE)/initramfs-tools
UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system
ZSH   := $(SHARE)/zsh/site-functions
PAGES := $(patsubst %,$(O)/%,$(wildcard man/*.[58]))
DASHBOARDS := $(patsubst dashboards/grafana/%,$(O)/dashboards/%,$(wildcard dashboards/grafana/*.json))

USER_OBJS   := $(patsubst user/%.c,$(O)/user/%.o,$(wildcard user/*.c))
ATTACK_OBJS := $(patsubst tests/attack/%.c,$(O)/tests/attack/%.o,\
	$(filter-out tests/attack/flood.c,$(wildcard tests/attack/*.c)))
UNIT_BINS   := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))
GUEST_BINS  := $(O)/tests/lab/kexec $(O)/tests/soak/cipher
HANDLER_BENCHES := $(O)/tests/bench/native $(O)/tests/bench/scale
TEST_BINS   := $(O)/tests/vq-attack $(O)/tests/vq-flood $(O)/tests/load \
	$(O)/tests/vq-break $(HANDLER_BENCHES) $(O)/tests/bench/vq-empty $(GUEST_BINS) $(O)/tests/soak/xdp.bpf.o $(O)/tests/vduse/vq-vduse

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all deb deps demo test bench perf-bench soak soak-records check kernel lint format clean install man dashboards help tests docs

all: $(O)/vq-audit ## build vq-audit (default)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo '  variables: O=DIR (output) PREFIX=/usr/local DESTDIR= V=1 (show commands) SAN=address,undefined KVER=6.12 T=PATTERN'

# What a Debian 12 needs; a second run only looks.
deps: ## install what building, the lab and the tests need (Debian packages, as root)
	$(Q)mk/deps

$(O)/vq-audit: $(USER_OBJS)
	$(call msg,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(O)/user/%.o: user/%.c $(O)/vq_audit.skel.h $(O)/vq_audit_probe.skel.h
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) -MMD -MP -c -o $@ $<

$(O)/user/report_css.o: user/report.css

# The same programs twice: the second reads by bpf_probe_read_kernel() (bpf/kernel_read.h).
# 6.1 takes no loop whose end falls through into its beginning, as clang likes to lay them out.
PROBE_CFLAGS := -DVQA_DIRECT=0 -mllvm -disable-block-placement -mllvm -enable-tail-merge=0
$(O)/vq_audit_probe.bpf.o: BPF_CFLAGS += $(PROBE_CFLAGS)
$(O)/vq_audit.bpf.o $(O)/vq_audit_probe.bpf.o: bpf/vq_audit.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)command -v $(CLANG) >/dev/null || { echo "no clang: run 'make deps' first" >&2; exit 1; }
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@ # BTF says all that is needed

$(O)/vq_audit.skel.h $(O)/vq_audit_probe.skel.h: $(O)/%.skel.h: $(O)/%.bpf.o
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

$(O)/tests/load: tests/bpf/load.c $(O)/user/object.o $(O)/user/object_probe.o
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) -MMD -MP -o $@ $< $(filter %.o,$^) $(LDLIBS)

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

# The benches of the handlers: a program over fake queues, and what runs it.
.SECONDARY: $(HANDLER_BENCHES:%=%.bpf.o) $(HANDLER_BENCHES:%=%.skel.h) \
	$(O)/tests/bench/native_probe.bpf.o $(O)/tests/bench/native_probe.skel.h

$(O)/tests/bench/%.bpf.o: tests/bench/native/%.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Ibpf -MMD -MP -c -o $@ $<

$(O)/tests/bench/native_probe.bpf.o: BPF_CFLAGS += $(PROBE_CFLAGS)
$(O)/tests/bench/%_probe.bpf.o: tests/bench/native/%.bpf.c
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Ibpf -MMD -MP -c -o $@ $<

$(O)/tests/bench/%.skel.h: $(O)/tests/bench/%.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(*:_probe=)_bpf >$@

$(O)/tests/bench/native: tests/bench/native/native_probe.c $(O)/tests/bench/native_probe.skel.h

$(HANDLER_BENCHES): $(O)/tests/bench/%: tests/bench/native/%.c $(O)/tests/bench/%.skel.h \
		$(wildcard tests/bench/native/*.h) tests/bench/native/batch.c tests/bench/native/fake.c
	$(call msg,CC,$@)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) -I$(O)/tests/bench $(CFLAGS) $(WARN) $(LDFLAGS) -o $@ \
		$(filter %.c,$^) $(LDLIBS)

# Attaches where vq-audit does, so it asks vq-audit's own table.
$(O)/tests/bench/vq-empty: tests/bench/empty.c $(filter-out $(O)/user/main.o,$(USER_OBJS))
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) -MMD -MP -o $@ $< $(filter %.o,$^) $(LDLIBS)

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

bench: deps ## what the audit costs, in one report; PARTS="native scale" measures a part
	$(Q)$(MAKE) all tests
	$(Q)O=$(abspath $(O)) PARTS='$(PARTS)' tests/bench/bench

perf-bench: deps ## what perf says: of the handlers, and of a queue by our series' events
	$(Q)$(MAKE) bench PARTS=perf

soak: deps ## two hours of silence: every device on every kind of ring; CELL=SUBSTRING runs a part
	$(Q)$(MAKE) all tests
	$(Q)O=$(abspath $(O)) SET=product CELL='$(CELL)' tests/soak/soak.t

soak-records: deps ## an hour of records: a day of violations through the sinks
	$(Q)$(MAKE) tests
	$(Q)VQ_FLOOD=86400000 $(O)/tests/unit/flood

lint: ## formatting, shell, structure
	$(Q)mk/lint

format: ## apply .clang-format
	$(Q)clang-format -i $$(git ls-files -co --exclude-standard '*.[ch]')

docs: $(O)/vq-audit ## generate docs/rules.md, metrics.md, instructions.md and, after a full make test, docs/matrix.md
	$(Q)O=$(abspath $(O)) mk/docs docs

man: $(PAGES) ## the manual pages, of which the program's tables are a part

$(O)/man/%: man/% mk/man $(O)/vq-audit
	$(call msg,MAN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)mk/man $(O)/vq-audit $< >$@

dashboards: $(DASHBOARDS) ## dashboards for Grafana, of which the table of metrics is a part

$(O)/dashboards/%.json: dashboards/grafana/%.json dashboards/grafana/dashboard.jq $(O)/vq-audit
	$(call msg,JSON,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(O)/vq-audit metrics -j >$(O)/dashboards/metrics
	$(Q)jq --slurpfile metrics $(O)/dashboards/metrics -f dashboards/grafana/dashboard.jq $< >$@

# bash-completion and zsh look for completions there below /usr and /usr/local.
install: $(O)/vq-audit $(PAGES) $(DASHBOARDS) ## program, manual, completions and documents, to $(DESTDIR)$(PREFIX)
	$(call msg,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)install -D -t $(DESTDIR)$(PREFIX)/sbin $(O)/vq-audit
	$(Q)install -D -m 0644 -t $(SHARE)/man/man8 $(filter %.8,$(PAGES))
	$(Q)install -D -m 0644 -t $(SHARE)/man/man5 $(filter %.5,$(PAGES))
	$(Q)install -d $(UNITS) && sed 's|@SBIN@|$(PREFIX)/sbin|' systemd/vq-audit.service.in >$(UNITS)/vq-audit.service && chmod 0644 $(UNITS)/vq-audit.service
	$(Q)install -d $(INITRAMFS)/hooks && sed 's|@SBIN@|$(PREFIX)/sbin|' initramfs/hooks/vq-audit.in >$(INITRAMFS)/hooks/vq-audit && chmod 0755 $(INITRAMFS)/hooks/vq-audit
	$(Q)install -D -t $(INITRAMFS)/scripts/init-top initramfs/scripts/init-top/00-vq-audit
	$(Q)install -D -m 0644 completions/vq-audit.bash $(SHARE)/bash-completion/completions/vq-audit
	$(Q)install -D -m 0644 -t $(ZSH) completions/_vq-audit
	$(Q)install -D -m 0644 -t $(SHARE)/vq-audit/prometheus dashboards/prometheus/vq-audit.rules.yml
	$(Q)install -D -m 0644 -t $(SHARE)/vq-audit/alertmanager dashboards/alertmanager/alertmanager.yml
	$(Q)install -D -m 0644 -t $(SHARE)/vq-audit/grafana $(DASHBOARDS)
	$(Q)install -D -m 0644 -t $(SHARE)/doc/vq-audit README.md LICENSE $(wildcard docs/*.md)

deb: ## build Debian packages, into $(O)/deb
	$(Q)mk/deb $(abspath $(O))/deb

clean: ## remove the output directory
	$(Q)rm -rf $(O)
