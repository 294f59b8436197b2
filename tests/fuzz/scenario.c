// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: a scenario file from anywhere. It is read or refused, at a line that it has. */
#include <stdlib.h>
#include <string.h>

#include "../../user/lab/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int kernels[] = {5010, 6012, 7003};
	struct lab_error e = {0};
	struct lab_scenario *s = lab_scenario_parse("fuzz", (const char *)data, size, &e);

	if (!s && !*e.text)
		abort(); /* refused without a reason */
	for (size_t i = 0; s && i < s->nsteps; i++)
		for (size_t k = 0; k < sizeof(kernels) / sizeof(*kernels); k++) {
			struct lab_expect expect = {0};

			lab_expect_merge(&s->step[i], kernels[k], &expect);
		}
	lab_scenario_free(s);
	return 0;
}
