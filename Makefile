# SPDX-License-Identifier: GPL-2.0-only
#
#   make            build/nslens, one static program
#   make deps       install what build and tests need (Debian; needs root)
#   make demo       set up, build, and tell real workloads here and in a guest
#   make test       set up, build, and run the tests (guests: 5.10, 6.1, 6.12, 7.3)
#   make test-kernels   the guest tests on every kernel
#   make bench      what the hooks cost, in instructions
#   make bench-reading  what reading a million events takes (root)
#   make bench-peers    beside bpftrace, strace, perf trace and trace-cmd
#   make soak       half an hour of everything at once: memory, losses, the graph
#   make pictures   those of README.md, drawn by the page
#   make help       the rest

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.DEFAULT_GOAL := all

B := build
V ?= 0
ifeq ($(V),0)
say = @printf '  %-8s %s\n'
Q := @
else
say = @:
Q :=
endif

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')
VERSION := 0.1.0
DATE := 2026-11-22

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-format-truncation -Werror
CFLAGS ?= -O2 -g
LINK ?= -static
ALL_CFLAGS := -std=gnu17 -D_GNU_SOURCE $(WARN) $(CFLAGS) -I$(B) -DNSLENS_VERSION='"$(VERSION)"' -DNSLENS_DATE='"$(DATE)"'
LIBS := -lbpf -lelf -lz -lzstd -lncursesw -ltinfo -lyaml -lsqlite3 -ljansson -levent_extra -levent_core -lm
# SQLite's way to extensions leads nowhere: user/store/no_dlopen.c
# libevent looks names up by itself, and not by the C library: user/cmd/no_resolver.c
NO_DLOPEN := $(foreach f,dlopen dlsym dlclose dlerror getaddrinfo getservbyname getprotobynumber,-Wl,--wrap=$(f))
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -Wall -Werror -Wno-unused-function -Ibpf

PARTS := cmd capture model explain view lab store web
SRC := $(sort $(foreach p,$(PARTS),$(wildcard user/$(p)/*.c)))
OBJ := $(SRC:user/%.c=$(B)/%.o) $(B)/lab/files.o $(B)/web/page.o
PURE := $(sort $(foreach p,model explain view lab store web,$(wildcard user/$(p)/*.c)))

all: $(B)/nslens

# ---- kernel side ----------------------------------------------------------------------------

BPF_DEPS := $(wildcard bpf/*.h)

$(B)/nslens.bpf.o: bpf/nslens.bpf.c $(BPF_DEPS) vmlinux/$(ARCH)/vmlinux.h Makefile | $(B)/
	$(say) BPF $@
	$(Q)$(CLANG) $(BPF_CFLAGS) -D__TARGET_ARCH_$(ARCH) -Ivmlinux/$(ARCH) -c $< -o $@
	$(Q)llvm-strip -g $@

$(B)/nslens.skel.h: $(B)/nslens.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name nslens_bpf > $@

# The programs must compile for the other architecture too.
bpf-check: $(foreach a,x86 arm64,$(B)/check-$(a).bpf.o)
$(B)/check-%.bpf.o: bpf/nslens.bpf.c $(BPF_DEPS) vmlinux/%/vmlinux.h | $(B)/
	$(say) BPF $@
	$(Q)$(CLANG) $(BPF_CFLAGS) -D__TARGET_ARCH_$* -Ivmlinux/$* -c $< -o $@

vmlinux-headers: ## regenerate vmlinux/*/vmlinux.h (see vmlinux/generate.sh)
	vmlinux/generate.sh

# ---- user side ------------------------------------------------------------------------------

$(B)/nslens: $(OBJ)
	$(say) LINK $@
	$(Q)$(CC) $(LINK) $(CFLAGS) -o $@ $^ $(LIBS) $(NO_DLOPEN)

$(B)/%.o: user/%.c Makefile | $(B)/nslens.skel.h $(B)/catalogues.h
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

-include $(OBJ:.o=.d)

# Translations of the explanations, as arrays: the program stays one file.
LANGUAGES := ja zh_CN

$(B)/po/%.mo: user/explain/po/%.po
	$(say) MO $@
	@mkdir -p $(@D)
	$(Q)msgfmt --check --endianness=little -o $@ $<

$(B)/catalogues.h: $(LANGUAGES:%=$(B)/po/%.mo)
	$(say) GEN $@
	$(Q)set -e -o pipefail; for l in $(LANGUAGES); do \
		echo "static const unsigned char nse_mo_$$l[] = {"; \
		od -An -v -tx1 $(B)/po/$$l.mo | sed 's/ \(..\)/0x\1,/g'; \
		echo "};"; \
	done > $@

po: $(B)/unit/explain_tables ## bring the translations up to the texts of the tables
	$(Q)$(B)/unit/explain_tables --pot > $(B)/po/nslens.pot
	$(Q)for l in $(LANGUAGES); do \
		msgmerge -q -U --backup=none -N user/explain/po/$$l.po $(B)/po/nslens.pot || exit; \
	done

# Scenarios are part of the program.
SCENARIOS := $(sort $(wildcard user/lab/scenarios/*.yaml))

$(B)/lab/files.c: user/lab/embed.sh user/lab/template.yaml $(SCENARIOS) user/lab/scenarios
	$(say) EMBED $@
	@mkdir -p $(@D)
	$(Q)user/lab/embed.sh user/lab/template.yaml $(SCENARIOS) > $@

$(B)/lab/files.o: $(B)/lab/files.c
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

# The page is part of the program, too: user/web/app, built by Node.js. WEB=no leaves it out.
WEB ?= yes
APP := user/web/app
PAGE_SRC := $(wildcard $(APP)/*.json $(APP)/*.mjs) $(shell find $(APP)/src -type f 2>/dev/null)

# A source archive brings it along, built.
BUILT_PAGE := $(wildcard user/web/page.html)

ifeq ($(WEB),no)
PAGE :=
page-deps page-test-deps:
else ifneq ($(BUILT_PAGE),)
PAGE := $(BUILT_PAGE)
page-deps:
page-test-deps: tests/web/node_modules/.package-lock.json tests/export/tools/node_modules/.package-lock.json
else
PAGE := build/web/page.html
# the network is needed here and nowhere else
page-deps: $(APP)/node_modules/.package-lock.json
page-test-deps: tests/web/node_modules/.package-lock.json tests/export/tools/node_modules/.package-lock.json
endif

$(APP)/node_modules/.package-lock.json tests/web/node_modules/.package-lock.json tests/export/tools/node_modules/.package-lock.json: %/node_modules/.package-lock.json: %/package-lock.json
	$(say) NPM $(@D)
	@command -v npm >/dev/null || { echo "the page needs Node.js and npm: make deps; or leave it out: make WEB=no" >&2; exit 1; }
	$(Q)cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/web/page.html: $(PAGE_SRC) $(APP)/node_modules/.package-lock.json
	$(say) PAGE $@
	@mkdir -p $(@D)
	$(Q)node $(APP)/build.mjs $@

# written anew when it is built the other way
$(B)/web/how: FORCE
	@mkdir -p $(@D)
	@echo '$(PAGE)' | cmp -s - $@ || echo '$(PAGE)' > $@

$(B)/web/page.c: user/web/embed.py $(PAGE) $(B)/web/how
	$(say) EMBED $@
	$(Q)user/web/embed.py $(PAGE) > $@

$(B)/web/page.o: $(B)/web/page.c
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(B)/:
	@mkdir -p $@

# ---- tests ----------------------------------------------------------------------------------

UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
UNIT_CFLAGS := -std=gnu17 -D_GNU_SOURCE $(WARN) -O1 -g -I$(B) -fsanitize=address,undefined -fno-sanitize-recover
# What a unit test is linked with: all that needs no kernel.
UNIT_OBJ ?= $(B)/asan
PURE_OBJ := $(PURE:user/%.c=$(UNIT_OBJ)/%.o) $(UNIT_OBJ)/capture/ids.o $(UNIT_OBJ)/capture/ladder.o \
	$(UNIT_OBJ)/capture/hooks.o $(UNIT_OBJ)/capture/kfuncs.o $(UNIT_OBJ)/capture/milestone.o \
	$(B)/web/page.o

$(B)/asan/%.o: user/%.c Makefile | $(B)/catalogues.h
	$(say) ASAN $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) -MMD -MP -c $< -o $@

-include $(filter $(B)/asan/%,$(PURE_OBJ:.o=.d))

$(B)/unit/%: tests/unit/%.c $(wildcard tests/unit/*.h) $(PURE_OBJ) | $(B)/nslens.skel.h
	$(say) UNIT $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) -o $@ $< $(PURE_OBJ) $(LIBS)

unit: $(UNIT)

programs:
	$(Q)$(MAKE) -s -C tests/programs OUT=$(abspath $(B)/tests)

# Sets up what is missing first, so that a fresh machine needs nothing else typed.
test: deps page-test-deps
	$(Q)$(MAKE) all unit programs bpf-check coverage-build
	tests/run.sh

test-kernels: deps page-test-deps
	$(Q)$(MAKE) all unit programs bpf-check coverage-build
	tests/run.sh --kernels all

demo: deps
	$(Q)$(MAKE) all programs
	user/lab/demo.sh

bench: deps
	$(Q)$(MAKE) all $(B)/bench/graph_scale
	$(B)/bench/graph_scale
	tests/bench/bench.sh
	tests/bench/record.sh

bench-reading: deps ## needs root: a recording of a million events is made and read
	$(Q)$(MAKE) all programs
	tests/bench/reading.sh

# The model alone, as it is built into nslens.
$(B)/bench/graph_scale: tests/bench/graph_scale.c $(filter $(B)/model/%.o,$(OBJ))
	$(say) BENCH $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^

bench-peers: deps
	$(Q)$(MAKE) all programs
	tests/bench/peers.sh

soak: deps ## needs root; tests/soak/soak.sh --kernel 6.12 does it in a guest
	$(Q)$(MAKE) all programs
	tests/soak/soak.sh

# The README's, out of the page: tests/web/starts are what they show.
pictures: page-test-deps
	$(Q)$(MAKE) all
	node tests/web/pictures.mjs

lint: ## format, static analysis
	tests/lint.sh

include tests/instrumented.mk

# ---- manual, install, packages -----------------------------------------------------------------

include user/packaging/packaging.mk

# ---- everything else ------------------------------------------------------------------------

deps:
	@user/packaging/deps.sh $(if $(filter no,$(WEB)),--no-web)
	@$(MAKE) --no-print-directory page-deps

clean:
	rm -rf $(B)

help:
	@sed -n 's/^#   //p' Makefile tests/instrumented.mk user/packaging/packaging.mk

.PHONY: all pictures page-deps page-test-deps po bpf-check vmlinux-headers unit programs test test-kernels bench bench-peers bench-reading soak demo lint deps clean help
