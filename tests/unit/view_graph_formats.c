// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON, DOT, Mermaid and SVG: well-formed, also where every name is hostile. With a
 * folder as its argument it writes pictures of the machine there, to be looked at.
 */
#include <ctype.h>

#include "../../user/view/graph_view.h"
#include "../../user/view/utf8.h"
#include "unit.h"
#include "view_graph_machine.h"

typedef int writer(FILE *out, const struct nsg *g, const struct nsv_graph_options *o);

static const struct format {
	const char *name;
	writer *write;
} formats[] = {
	{"json", nsv_graph_json}, {"dot", nsv_graph_dot},   {"mermaid", nsv_graph_mermaid},
	{"svg", nsv_graph_svg},	  {"text", nsv_graph_text},
};

enum { JSON, DOT, MERMAID, SVG, TEXT, FORMATS };

/* For the caller to free. */
static char *written(const struct nsg *g, int format, const struct nsv_graph_options *o)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CHECK_NUM(formats[format].write(out, g, o), 0);
	fclose(out);
	CHECK_NUM(strlen(text), size);
	return text;
}

/* A reader of JSON that is as strict as RFC 8259; NULL: it is not JSON. */
static const char *json_value(const char *s);

static const char *json_string(const char *s)
{
	if (*s++ != '"')
		return NULL;
	while (*s != '"') {
		uint32_t point;
		int len = nsv_utf8_next(s, &point);

		if (!len || point < 0x20)
			return NULL;
		if (*s == '\\') {
			s++;
			if (*s == 'u') {
				for (int i = 1; i <= 4; i++)
					if (!isxdigit((unsigned char)s[i]))
						return NULL;
				s += 5;
			} else if (*s && strchr("\"\\/bfnrt", *s)) {
				s++;
			} else {
				return NULL;
			}
			continue;
		}
		s += len;
	}
	return s + 1;
}

static const char *json_list(const char *s, char end, bool keys)
{
	if (*++s == end)
		return s + 1;
	for (;;) {
		if (keys) {
			s = json_string(s);
			if (!s || *s++ != ':')
				return NULL;
		}
		s = json_value(s);
		if (!s)
			return NULL;
		if (*s == end)
			return s + 1;
		if (*s++ != ',')
			return NULL;
	}
}

static const char *json_value(const char *s)
{
	static const char *const words[] = {"true", "false", "null"};

	if (*s == '{')
		return json_list(s, '}', true);
	if (*s == '[')
		return json_list(s, ']', false);
	if (*s == '"')
		return json_string(s);
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(s, words[i], strlen(words[i])))
			return s + strlen(words[i]);
	size_t digits = strspn(s, "0123456789");

	/* nothing here is negative or broken, nor beyond 2^53 */
	if (!digits || (*s == '0' && digits > 1) || strtoull(s, NULL, 10) > 1ull << 53)
		return NULL;
	return s + digits;
}

static bool is_json_line(const char *text)
{
	const char *end = json_value(text);

	return end && !strcmp(end, "\n");
}

static void json(void)
{
	struct nsv_graph_options o = {.release = "6.12.0", .now_ns = 123456, .wall_ns = 1ull << 60};
	struct rig *rig = machine();
	char *text = written(rig->g, JSON, &o);

	CHECK(is_json_line(text));
	CHECK(!strncmp(text, "{\"type\":\"graph\",\"schema\":\"nslens/1\",\"kernel\":\"6.12.0\"",
		       53));
	CHECK(strstr(text, "\"wall_clock\":\"1152921504606846976\"") != NULL);
	CHECK(strstr(text, "{\"id\":2310,\"type\":\"user\",\"inum\":4026533310,\"ns\":"
			   "\"user:[4026533310]\",\"initial\":false,\"owner\":8,\"parent\":8,"
			   "\"level\":1,\"refs\":3,\"active\":null,") != NULL);
	CHECK(strstr(text, "\"owner_uid\":1000") != NULL);
	CHECK(strstr(text, "\"keepers\":[{\"kind\":\"") != NULL);
	CHECK(strstr(text, "\"path\":\"/run/netns/blue\"") != NULL);
	CHECK(strstr(text, "{\"id\":8,\"initial\":false,\"count\":1,") != NULL);
	CHECK(strstr(text, "\"slots\":{\"mnt\":2214,\"uts\":2205,\"ipc\":2206,\"pid_for_children\":"
			   "2207,\"net\":2208,\"time\":7,\"time_for_children\":7,\"cgroup\":2209},"
			   "\"tasks\":[2240]}") != NULL);
	CHECK(strstr(text, "{\"id\":null,\"initial\":false,") != NULL);
	CHECK(strstr(text, "\"half_built\":true,\"building\":4128,") != NULL);
	CHECK(strstr(text,
		     "{\"pid\":2333,\"tid\":2333,\"ppid\":1,\"comm\":\"nginx\",\"nsproxy\":9,"
		     "\"user\":2310,\"pid_active\":2307,\"ns_pid\":10,\"ns_tid\":10,") != NULL);
	CHECK(strstr(text, "\"container\":\"77aa55cc33ee") != NULL);
	free(text);
	rig_free(rig);
}

/* What is not asked for is in no format. */
static void filtered(void)
{
	struct nsv_graph_options o = {.filter = {.task = 2330}};
	struct rig *rig = machine();

	for (int i = 0; i < FORMATS; i++) {
		char *text = written(rig->g, i, &o);

		CHECK(strstr(text, "nginx") != NULL);
		CHECK(strstr(text, "postgres") == NULL);
		CHECK(strstr(text, "3304") != NULL);
		CHECK(strstr(text, "3404") == NULL);
		CHECK(strstr(text, "netns/blue") == NULL);
		free(text);
	}
	o.filter = (struct nsv_graph_filter){.types = 1u << NSL_UTS};
	for (int i = 0; i < FORMATS; i++) {
		char *text = written(rig->g, i, &o);

		CHECK(strstr(text, "3305") != NULL);
		CHECK(strstr(text, "3304") == NULL);
		if (i == JSON) {
			CHECK(is_json_line(text));
			CHECK(strstr(text, "\"user\":") == NULL);
			CHECK(strstr(text, "\"slots\":{\"uts\":") != NULL);
		}
		free(text);
	}
	rig_free(rig);
}

static const char *const hostile[] = {
	"\033[31mred\033[0m",
	"a\"b'c\\d`e",
	"<script>alert(1",
	"]]>--><!--&amp;",
	"\xff\xfe\x80\xc0\xaf",
	"\xe2\x80\xae"
	"rtl",
	"two\nlines\ttab",
	"end;#quot;{}[]()",
	"\xef\xbf\xbf\xef\xbf\xbe",
	"%%{init:{}}%%",
	"\\N\\G\\\"",
	"</svg></title>",
};

#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

static struct rig *hostile_machine(void)
{
	struct rig *r = rig_host();
	uint64_t next = 100;

	for (uint32_t i = 0; i < HOSTILE; i++) {
		struct box box = {10 + i, next, next + 6, NULL};
		char path[128];

		r->cgroup = 500 + i;
		snprintf(path, sizeof(path), "/machine.slice/%s.scope", hostile[i]);
		ev_cgroup(r, r->cgroup, path);
		as(r, 100, hostile[i]);
		ev_new(r, 1000 + i, box_view(&box));
		next += 7;
		ev_ns(r, a_ns(NSL_NET, next, HOST(NSL_USER), 0, 0));
		ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, next, 0, "", -1, 1, hostile[i]);
		next++;
		ev_ns(r, a_ns(NSL_NET, next, HOST(NSL_USER), 0, 0));
		ev_keeper(r, NSL_KEEPER_FD, NSL_NET, next, 7, hostile[i], 3, 1, NULL);
		next++;
	}
	return r;
}

/* UTF-8 throughout, and nothing that moves a terminal or reorders text. */
static bool is_harmless(const char *text)
{
	while (*text) {
		uint32_t point;
		int len = nsv_utf8_next(text, &point);

		if (!len || (nsv_utf8_unsafe(point) && point != '\n' && point != '\t'))
			return false;
		text += len;
	}
	return true;
}

/* Tags that nest, of the kinds that are drawn; entities; no other `<` or `&`. */
static bool is_svg(const char *s)
{
	static const char *const known[] = {"svg",  "title",  "style", "g",   "rect",
					    "path", "circle", "line",  "text"};
	const char *open[16];
	size_t depth = 0;

	for (; *s; s++) {
		if (*s == '&' && strncmp(s, "&amp;", 5) && strncmp(s, "&lt;", 4) &&
		    strncmp(s, "&gt;", 4) && strncmp(s, "&quot;", 6) && strncmp(s, "&#39;", 5))
			return false;
		if (*s != '<')
			continue;
		bool closing = s[1] == '/';
		const char *name = s + 1 + closing;
		size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"), i = 0;

		while (i < 9 && (strlen(known[i]) != len || strncmp(known[i], name, len)))
			i++;
		if (i == 9)
			return false;
		const char *end = strchr(s, '>');

		if (!end || (closing && (!depth || open[--depth] != known[i])))
			return false;
		if (!closing && end[-1] != '/') {
			if (depth == 16)
				return false;
			open[depth++] = known[i];
		}
		s = end;
	}
	return !depth;
}

/* Every quoted string ends in its line; outside of them stand plain words alone. */
static bool is_quoted(const char *s, bool backslash)
{
	bool inside = false;

	for (; *s; s++) {
		if (*s == '"')
			inside = !inside;
		else if (backslash && inside && *s == '\\')
			s++;
		else if (*s == '\n' && inside)
			return false;
		else if (!inside && ((unsigned char)*s > 0x7e || *s == '\\' || *s == '`'))
			return false;
		else if (inside && !backslash && strchr("<>`\"{}[]\\", *s))
			return false;
	}
	return !inside;
}

static void hostile_names(void)
{
	struct rig *rig = hostile_machine();
	struct nsv_graph_options o = {.width = 0, .verbose = true};

	setenv("LC_ALL", "C.UTF-8", 1);
	for (int i = 0; i < FORMATS; i++) {
		char *text = written(rig->g, i, &o);

		CHECK(is_harmless(text));
		/* in text and in a string of DOT it means nothing */
		if (i != TEXT && i != DOT)
			CHECK(strstr(text, "<script") == NULL);
		CHECK(strstr(text, "alert") != NULL);
		if (i == JSON)
			CHECK(is_json_line(text));
		if (i == SVG) {
			CHECK(is_svg(text));
			CHECK(strstr(text, "]]>") == NULL);
		}
		/* no characters of XML; Graphviz makes some of it */
		if (i == SVG || i == DOT) {
			CHECK(strstr(text, "\xef\xbf\xbf") == NULL);
			CHECK(strstr(text, "\xef\xbf\xbe") == NULL);
		}
		if (i == DOT)
			CHECK(is_quoted(text, true));
		if (i == MERMAID)
			CHECK(is_quoted(text, false));
		free(text);
	}
	for (int i = 0; i < 2; i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		CHECK_NUM(nsv_graph_tree(out, rig->g, &o, i ? NSL_USER : NSL_PID), 0);
		fclose(out);
		CHECK(is_harmless(text));
		free(text);
	}
	rig_free(rig);
}

/* The checks above can fail. */
static void checks_work(void)
{
	CHECK(!is_json_line("{\"a\":\"\x01\"}\n"));
	CHECK(!is_json_line("{\"a\":9007199254740993}\n"));
	CHECK(!is_json_line("{\"a\":1,}\n"));
	CHECK(is_json_line("{\"a\":[1,\"\\u001b\",null],\"b\":{}}\n"));
	CHECK(!is_svg("<svg><script></script></svg>"));
	CHECK(!is_svg("<svg><g></svg>"));
	CHECK(!is_svg("<svg>&x;</svg>"));
	CHECK(is_svg("<svg><g/>&lt;</svg>"));
	CHECK(!is_quoted("a [label=\"x\"y\"];\n", true));
	CHECK(is_quoted("a [label=\"x\\\"y\"];\n", true));
	CHECK(!is_quoted("t[\"<b>\"]\n", false));
	CHECK(!is_harmless("\033[1m"));
	CHECK(!is_harmless("\xff"));
}

static void empty(void)
{
	struct nsv_graph_options o = {0};
	struct nsg *g = nsg_new(NULL);

	for (int i = 0; i < FORMATS; i++) {
		char *text = written(g, i, &o);

		CHECK(*text);
		if (i == JSON)
			CHECK(is_json_line(text));
		if (i == SVG)
			CHECK(is_svg(text));
		free(text);
	}
	nsg_free(g);
}

static void write_failed(void)
{
	struct nsv_graph_options o = {0};
	struct rig *rig = machine();
	FILE *full = fopen("/dev/full", "w");

	for (int i = 0; full && i < FORMATS; i++)
		CHECK_NUM(formats[i].write(full, rig->g, &o), -28);
	if (full)
		fclose(full);
	rig_free(rig);
}

static int pictures(const char *folder)
{
	struct nsv_graph_options o = {.release = "6.12.0"};
	struct rig *rigs[] = {machine(), hostile_machine()};
	int bad = 0;

	for (int i = 0; i < 2 * FORMATS; i++) {
		char path[512];
		FILE *out;

		snprintf(path, sizeof(path), "%s/%s.%s", folder, i % 2 ? "hostile" : "machine",
			 formats[i / 2].name);
		out = fopen(path, "w");
		if (!out) {
			perror(path);
			return 1;
		}
		bad |= formats[i / 2].write(out, rigs[i % 2]->g, &o);
		fclose(out);
	}
	rig_free(rigs[0]);
	rig_free(rigs[1]);
	return bad != 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return pictures(argv[1]);
	RUN(checks_work);
	RUN(json);
	RUN(filtered);
	RUN(hostile_names);
	RUN(empty);
	RUN(write_failed);
	return unit_end();
}
