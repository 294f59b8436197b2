# SPDX-License-Identifier: GPL-2.0-only
#
#   make coverage   how many lines of model, explain, store and view the tests run: build/coverage
#   make test-sanitized   the tests with a program that watches its own memory: build/sanitized
#
# The same program and unit tests, built to be watched, each in a folder of its own.

COVERAGE := B=build/coverage UNIT_OBJ=build/coverage CFLAGS='-O0 -g --coverage' \
	UNIT_CFLAGS='-std=gnu17 -D_GNU_SOURCE -O0 -g --coverage -fsanitize=address -Ibuild/coverage'
SANITIZED := B=build/sanitized UNIT_OBJ=build/sanitized LINK= \
	CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all' \
	UNIT_CFLAGS='-std=gnu17 -D_GNU_SOURCE -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Ibuild/sanitized'

coverage-build:
	$(Q)$(MAKE) --no-print-directory $(COVERAGE) all unit

coverage: coverage-build
	tests/coverage.sh 90

sanitized-build:
	$(Q)$(MAKE) --no-print-directory $(SANITIZED) all unit

test-sanitized: sanitized-build programs
	tests/sanitized.sh

.PHONY: coverage-build coverage sanitized-build test-sanitized
