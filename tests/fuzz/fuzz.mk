# SPDX-License-Identifier: GPL-2.0-only
#
#   make -f tests/fuzz/fuzz.mk TARGET...     build/fuzz/TARGET, each source compiled once for all

FUZZ := build/fuzz
FLAGS := -std=gnu17 -D_GNU_SOURCE -DNSLENS_VERSION='"fuzz"' -O1 -g -Ibuild -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all

objects = $(patsubst %.c,$(FUZZ)/%.o,$(1))
model := $(wildcard user/model/*.c user/explain/*.c)
view := $(wildcard user/view/*.c)
store := $(filter-out user/store/no_dlopen.c,$(wildcard user/store/*.c))
web := $(filter-out user/web/html.c user/web/sandbox.c,$(wildcard user/web/*.c)) # of the server
lab := $(wildcard user/lab/parse_*.c) $(addprefix user/lab/,scenario.c verbs.c wanted.c words.c yaml.c)

recording_parts := $(store) $(model)
recording_libs := -lsqlite3 -ljansson -lm -lpthread
views_parts := $(view) $(model)
views_libs := -lncursesw -ltinfo -ljansson -lm
scenario_parts := $(lab) $(model)
scenario_libs := -lyaml -lm
proc_parts := user/capture/proc_text.c $(model)
proc_libs := -lm
http_parts := $(web) $(view) $(model)
http_libs := -levent_core -lncursesw -ltinfo -lm

programs := recording views scenario proc http
# one program, which looks at its own name
names_of_recording := events lines

$(programs): %: $(FUZZ)/%
$(names_of_recording): recording
	ln -f $(FUZZ)/recording $(FUZZ)/$@

.SECONDEXPANSION:
$(addprefix $(FUZZ)/,$(programs)): $(FUZZ)/%: $(FUZZ)/tests/fuzz/%.o $$(call objects,$$($$*_parts))
	clang -fsanitize=fuzzer,address,undefined -o $@ $^ $($*_libs)

$(FUZZ)/%.o: %.c tests/fuzz/fuzz.mk
	@mkdir -p $(@D)
	clang $(FLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(FUZZ) -name '*.d' 2>/dev/null)
.PHONY: $(programs) $(names_of_recording)
