// SPDX-License-Identifier: GPL-2.0-only
/* What a page may ask of a lesson: the body of its POST, and what comes through to the source. */
#include <stdlib.h>

#include "../../user/web/lesson.h"
#include "unit.h"

static void good(void)
{
	struct web_lesson_command c;
	uint64_t viewer;
	bool lead;

	CHECK(web_lesson_parse("do=answer&choice=2&turn=7&viewer=3", &c, &viewer, &lead));
	CHECK(!lead && c.what == WEB_LESSON_ANSWER);
	CHECK_NUM(c.choice, 2);
	CHECK_NUM(c.turn, 7);
	CHECK_NUM(viewer, 3);
	CHECK(web_lesson_parse("turn=4294967295&viewer=1&do=start&name=uts-alone", &c, &viewer,
			       &lead));
	CHECK(c.what == WEB_LESSON_START && !strcmp(c.name, "uts-alone"));
	CHECK_NUM(c.turn, UINT32_MAX);
	CHECK(web_lesson_parse("do=lead&viewer=9", &c, &viewer, &lead) && lead);
	CHECK(web_lesson_parse("do=again&turn=1&viewer=9", &c, &viewer, &lead) && !lead);
	CHECK(c.what == WEB_LESSON_AGAIN);
}

static void malformed(void)
{
	static const char *const bodies[] = {
		"",
		"&",
		"do",
		"do=",
		"viewer=1",
		"do=next&viewer=1",
		"do=next&turn=1",
		"do=next&turn=-1&viewer=1",
		"do=next&turn=4294967296&viewer=1",
		"do=next&turn=1&viewer=99999999999999999999999",
		"do=answer&turn=1&viewer=1",
		"do=answer&choice=x&turn=1&viewer=1",
		"do=start&turn=1&viewer=1",
		"do=start&name=&turn=1&viewer=1",
		"do=start&name=../x&turn=1&viewer=1",
		"do=start&name=a%2e&turn=1&viewer=1",
		"do=watched&turn=1&viewer=1",
		"do=alone&turn=1&viewer=1",
		"do=NEXT&turn=1&viewer=1",
		"{\"do\":\"next\",\"turn\":1,\"viewer\":1}",
	};
	struct web_lesson_command c;
	uint64_t viewer;
	bool lead;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		if (web_lesson_parse(bodies[i], &c, &viewer, &lead))
			unit_fail(__FILE__, __LINE__, "taken: %s", bodies[i]);
}

/* Names just fit, or are refused: never cut. */
static void long_names(void)
{
	struct web_lesson_command c;
	char body[256];
	uint64_t viewer;
	bool lead;

	for (int n = 1; n < 100; n++) {
		snprintf(body, sizeof(body), "do=start&turn=1&viewer=1&name=%.*s", n,
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
		CHECK(web_lesson_parse(body, &c, &viewer, &lead) == (n < WEB_LESSON_NAME));
	}
}

/* Whatever comes in, what goes out is of the form that the source takes. */
static void random_bodies(void)
{
	static const char *const parts[] = {
		"do=next&", "do=answer&", "do=start&", "do=lead&",  "turn=7&",
		"turn=-&",  "viewer=1&",  "viewer=",   "name=a-b&", "name=%&",
		"choice=2", "&",	  "77",	       "=",
	};
	struct web_lesson_command c;
	unsigned int taken = 0;
	uint64_t viewer;
	bool lead;

	srand(7);
	for (int i = 0; i < 200000; i++) {
		char body[200] = "";
		size_t len = 0;

		for (int n = rand() % 14; n > 0 && len < sizeof(body) - 16; n--)
			len += (size_t)snprintf(
				body + len, sizeof(body) - len, "%s",
				parts[(size_t)rand() % (sizeof(parts) / sizeof(*parts))]);
		if (!web_lesson_parse(body, &c, &viewer, &lead))
			continue;
		taken++;
		CHECK(web_lesson_valid(&c));
		CHECK(lead || c.what < WEB_LESSON_WATCHED);
	}
	CHECK(taken > 0);
}

/* The source believes nothing. */
static void hostile_commands(void)
{
	struct web_lesson_command c = {.what = WEB_LESSON_WHATS};

	CHECK(!web_lesson_valid(&c));
	c.what = UINT32_MAX;
	CHECK(!web_lesson_valid(&c));
	c.what = WEB_LESSON_START;
	CHECK(web_lesson_valid(&c));
	memset(c.name, 'a', sizeof(c.name));
	CHECK(!web_lesson_valid(&c));
}

int main(void)
{
	RUN(good);
	RUN(malformed);
	RUN(long_names);
	RUN(random_bodies);
	RUN(hostile_commands);
	return unit_end();
}
