# SPDX-License-Identifier: GPL-2.0-only
#
#   make man        the manual pages, build/man
#   make install    program, manual, completions, documents, systemd unit
#                   (prefix=/usr/local, DESTDIR=)
#   make uninstall  what install has put there
#   make dist       the source archive, build/nslens-VERSION.tar.gz: the same bytes each time
#   make deb        the Debian package, build/deb/*.deb
#   make arm64      the program for arm64, build/arm64/nslens, and the test programs
#                   (gcc-aarch64-linux-gnu; Debian's libraries are fetched to build/sysroot-arm64)

prefix ?= /usr/local
bindir ?= $(prefix)/bin
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/nslens
bashdir ?= $(datadir)/bash-completion/completions
zshdir ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d
unitdir ?= $(prefix)/lib/systemd/system

# What writes the pages must run here: another architecture's takes this one's.
MANUAL ?= $(B)/nslens
DOCS := README.md $(sort $(wildcard user/doc/*.md))
PICTURES := $(sort $(wildcard user/doc/pictures/*.png))

man: $(B)/man/nslens.1
$(B)/man/nslens.1: $(MANUAL)
	$(say) MAN $(@D)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$(MANUAL) manual --all $(@D)

completions: $(foreach s,bash zsh fish,$(B)/completions/nslens.$(s))
$(B)/completions/nslens.%: $(MANUAL)
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)$(MANUAL) completion $* > $@

# the unit starts the program where it was installed
$(B)/nslens-record.service: user/packaging/nslens-record.service FORCE
	$(Q)sed '/^#   install/d; s,^ExecStart=[^ ]*/nslens,ExecStart=$(bindir)/nslens,' $< > $@

# $(call put,MODE,FILE,PLACE)
put = install -D -m $(1) $(2) '$(DESTDIR)$(3)'

install: all man completions $(B)/nslens-record.service
	$(call put,755,$(B)/nslens,$(bindir)/nslens)
	install -d '$(DESTDIR)$(mandir)/man1'
	install -m 644 $(B)/man/*.1 '$(DESTDIR)$(mandir)/man1'
	$(call put,644,$(B)/completions/nslens.bash,$(bashdir)/nslens)
	$(call put,644,$(B)/completions/nslens.zsh,$(zshdir)/_nslens)
	$(call put,644,$(B)/completions/nslens.fish,$(fishdir)/nslens.fish)
	$(call put,644,$(B)/nslens-record.service,$(unitdir)/nslens-record.service)
	install -d '$(DESTDIR)$(docdir)'
	install -m 644 $(DOCS) '$(DESTDIR)$(docdir)'
	install -d '$(DESTDIR)$(docdir)/pictures'
	install -m 644 $(PICTURES) '$(DESTDIR)$(docdir)/pictures'
	sed -i 's,](user/doc/,](,g; s,; see \[LICENSE\](LICENSE),,' '$(DESTDIR)$(docdir)/README.md'
	sed -i 's,](../../README,](README,g' '$(DESTDIR)$(docdir)/peers.md'

uninstall: man
	rm -f '$(DESTDIR)$(bindir)/nslens' '$(DESTDIR)$(bashdir)/nslens' \
		'$(DESTDIR)$(zshdir)/_nslens' '$(DESTDIR)$(fishdir)/nslens.fish' \
		'$(DESTDIR)$(unitdir)/nslens-record.service'
	rm -f $(patsubst %,'$(DESTDIR)$(mandir)/man1/%',$(notdir $(wildcard $(B)/man/*.1)))
	rm -f $(patsubst %,'$(DESTDIR)$(docdir)/%',$(notdir $(DOCS)))
	rm -f $(patsubst %,'$(DESTDIR)$(docdir)/pictures/%',$(notdir $(PICTURES)))
	-rmdir '$(DESTDIR)$(docdir)/pictures' '$(DESTDIR)$(docdir)' 2>/dev/null

# the page is built from what npm has; whoever builds the archive needs neither
dist: $(PAGE)
	@user/packaging/dist.sh nslens-$(VERSION) $(B)/nslens-$(VERSION).tar.gz $(DATE) $(PAGE)

deb: dist
	@user/packaging/deb.sh $(VERSION) $(B)/nslens-$(VERSION).tar.gz $(B)/deb

# ---- another architecture -------------------------------------------------------------------

ROOT64 := build/sysroot-arm64
CC64 := aarch64-linux-gnu-gcc -isystem $(ROOT64)/usr/include \
	-isystem $(ROOT64)/usr/include/aarch64-linux-gnu -L$(ROOT64)/usr/lib/aarch64-linux-gnu

arm64: ## cross-built
	@command -v aarch64-linux-gnu-gcc >/dev/null || \
		{ echo 'aarch64-linux-gnu-gcc is missing: install gcc-aarch64-linux-gnu libc6-dev-arm64-cross'; exit 1; }
	@user/packaging/sysroot.sh arm64 $(ROOT64)
	$(Q)$(MAKE) B=build/arm64 ARCH=arm64 CC='$(CC64)' all
	$(Q)$(MAKE) -s -C tests/programs OUT=$(abspath build/arm64/tests) CC=aarch64-linux-gnu-gcc

FORCE:
.PHONY: arm64 man completions install uninstall dist deb FORCE
