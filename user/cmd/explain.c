// SPDX-License-Identifier: GPL-2.0-only
/* nslens explain NAME: a function, errno, system call, flag, type or concept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../view/explain.h"
#include "cmd.h"
#include "explain_recorded.h"
#include "options.h"
#include "values.h"

struct options {
	struct nsv_options view;
	struct nsv_explain explain;
	struct nse_catalogue language;
	int colour;
	bool list, all;
	uint64_t call;		 /* 0: none */
	const char *input;	 /* a recording, or NULL */
	struct option_rest rest; /* the names */
};

#define T struct options

/* "6.12", "6.12.3-x" -> 6012; 0: no version */
static nse_kernel version(const char *text)
{
	unsigned int major, minor;
	int len = 0;

	if (sscanf(text, "%3u.%3u%n", &major, &minor, &len) != 2 || !major ||
	    (text[len] && !strchr(".-+", text[len])))
		return 0;
	return major * 1000 + minor;
}

static nse_kernel running_kernel(void)
{
	struct utsname u;

	return uname(&u) ? 0 : version(u.release);
}

/* The order of gettext: LANGUAGE counts only where the locale is not C. */
static void language_of_environment(struct nse_catalogue *c)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *locale = NULL, *list = getenv("LANGUAGE");

	for (size_t i = 0; i < 3 && !(locale && *locale); i++)
		locale = getenv(names[i]);
	if (!locale || !*locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX"))
		list = NULL;
	if (!list || !*list || !nse_catalogue_open(c, list))
		nse_catalogue_open(c, locale ? locale : "");
}

static int take_language(void *options, const char *value, char *why, size_t size)
{
	struct options *o = options;

	o->explain.language_forced = true;
	if (nse_catalogue_open(&o->language, value))
		return 0;
	snprintf(why, size, "no translation; there are en, ja, zh_CN");
	return -1;
}

static int take_kernel(void *options, const char *value, char *why, size_t size)
{
	struct options *o = options;

	o->explain.kernel = strcmp(value, "all") ? version(value) : 0;
	if (o->explain.kernel || !strcmp(value, "all"))
		return 0;
	snprintf(why, size, "no kernel version such as 6.12");
	return -1;
}

static int take_width(void *options, const char *value, char *why, size_t size)
{
	struct options *o = options;
	char *end;
	long width = strtol(value, &end, 10);

	o->view.width = (int)width;
	if (*value && !*end && (!width || (width >= 20 && width <= 10000)))
		return 0;
	snprintf(why, size, "not 0, nor 20 to 10000");
	return -1;
}

static const struct option_row rows[] = {
	{"kernel", 0, "V", "for Linux V (6.12), or `all`; default: the running one",
	 OPTION_OWN(take_kernel)},
	{"lang", 0, "L", "en, ja or zh_CN; default: LANGUAGE, LC_ALL, LC_MESSAGES, LANG",
	 OPTION_OWN(take_language), .words = "en|ja|zh_CN"},
	{"list", 0, NULL, "every name", OPTION_FLAG(T, list)},
	{"call", 0, "N",
	 "the path that call number N of a recording took (nslens record; nslens trace -i FILE "
	 "numbers the calls)",
	 OPTION_COUNT(T, call, 1, INT64_MAX), .expect = "not the number of a call"},
	{"input", 'i', "FILE", "the recording", OPTION_FILE(T, input)},
	{"all", 0, NULL, "with --call: the branches that it did not take, too",
	 OPTION_FLAG(T, all)},
	{"json", 'j', NULL, "one line of JSON for each name", OPTION_SET(T, view.style, NSV_JSON)},
	OPTION_ROW_COLOUR(T, colour),
	{"width", 0, "N", "columns; default: those of the terminal, 0: do not wrap",
	 OPTION_OWN(take_width)},
	{0},
};

static const struct option_rule rules[] = {
	{"call", OPTION_NEEDS, "input", "it is a call of a recording"},
	{"input", OPTION_NEEDS, "call", "which call of the recording?"},
	{"call", OPTION_EXCLUDES, "list", NULL},
	{0},
};

static const struct option_word status_words[] = {
	{"0", "done"}, {"1", "failed"}, {"2", "bad usage or no such name"}, {0}};

static const struct option_word examples[] = {
	{"nslens explain copy_net_ns", "a function: its branches, who refuses, and why"},
	{"nslens explain EPERM --kernel 6.12", "an errno, in another kernel"},
	{"nslens explain user namespace --lang ja", "a concept, in Japanese"},
	{"nslens explain --call 3 -i boot.nslens", "the path that a recorded call took"},
	{0},
};

const struct command_line explain_line = {
	.name = "explain",
	.summary = "a kernel function, errno, flag, type or concept, by name",
	.usage = "[options] NAME...\n[options] --list\n[options] --call N -i FILE",
	.about = "Explains a kernel function, errno, system call, flag, namespace type or concept: "
		 "the call path with every branch, who refuses and why, and the remedy. Needs no "
		 "privileges.",
	.rows = rows,
	.rules = rules,
	.status = status_words,
	.examples = examples,
	.see = "trace lab record",
	.max_words = 32,
	.too_much = "is one name too many: 32 at a time",
	.complete = "nslens explain --list --width 0 | cut -d' ' -f1",
};

/* -1 to go on. */
static int parse(struct options *o, int argc, char **argv)
{
	int status = options_parse(&explain_line, o, &o->rest, argc, argv);

	if (status >= 0)
		return status;
	if (o->call && o->rest.n)
		return usage_error("explain", "--call takes no name");
	if (o->rest.n && o->list)
		return usage_error("explain", "--list takes no name");
	if (!o->call && !o->rest.n && !o->list)
		return usage_error("explain", "a name is missing (--list shows them all)");
	return -1;
}

static int unknown(const char *name)
{
	struct nse_entry near[5];
	size_t n = nse_suggest(name, near, 5);
	char text[512] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i ? ", " : "; did you mean ", near[i].name);
	complain("explain", "nothing is known by the name '%.60s'%s%s", name, text, n ? "?" : "");
	fprintf(stderr, "All names: nslens explain --list\n");
	return EXIT_USAGE;
}

/* Words are one name where that is known ("user namespace"), else each is. */
static int explain_names(struct nsv *v, const struct options *o)
{
	struct nse_entry e;
	char all[512] = "";
	int status = EXIT_DONE;

	for (int i = 0; i < o->rest.n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? " " : "",
			 o->rest.words[i]);
	if (o->rest.n > 1 && nse_lookup(all, &e)) {
		nsv_explain(v, &o->explain, &e);
		return EXIT_DONE;
	}
	for (int i = 0; i < o->rest.n; i++) {
		if (!nse_lookup(o->rest.words[i], &e)) {
			status =
				unknown(o->rest.n > 1 && i == 0 && !nse_lookup(o->rest.words[1], &e)
						? all
						: o->rest.words[i]);
			break;
		}
		if (i && o->view.style != NSV_JSON)
			putchar('\n');
		nsv_explain(v, &o->explain, &e);
	}
	return status;
}

static int list(struct nsv *v, const struct options *o)
{
	struct nse_entry e;

	for (size_t i = 0; nse_entry_at(i, &e); i++)
		nsv_explain_listed(v, &o->explain, &e);
	return EXIT_DONE;
}

int cmd_explain(int argc, char **argv)
{
	struct options o = {.view = {.style = NSV_STORY, .width = -1}, .colour = -1};
	struct nsl_error e = {""};
	struct nsv *v;
	int status, err;

	o.explain.kernel = running_kernel();
	o.explain.language = &o.language;
	language_of_environment(&o.language);
	status = parse(&o, argc, argv);
	if (status >= 0)
		return status;
	if (o.explain.kernel > NSE_NEWEST)
		complain("explain",
			 "Linux %u.%u: what is known here ends with %u.%u, so later "
			 "changes are missing",
			 o.explain.kernel / 1000, o.explain.kernel % 1000, NSE_NEWEST / 1000,
			 NSE_NEWEST % 1000);
	o.view.colour = wants_colour(stdout, o.colour);
	if (o.view.width < 0)
		o.view.width = terminal_width(stdout);
	v = nsv_new(stdout, &o.view);
	if (!v) {
		complain("explain", "out of memory");
		return EXIT_FAILED;
	}
	if (o.call)
		status = explain_recorded(o.input, o.call, o.all, v, &o.explain, &e) ? EXIT_FAILED
										     : EXIT_DONE;
	else
		status = o.list ? list(v, &o) : explain_names(v, &o);
	if (e.text[0])
		complain("explain", "%s", e.text);
	err = nsv_flush(v);
	nsv_free(v);
	if (err) {
		complain("explain", "cannot write: %s", strerror(err));
		return EXIT_FAILED;
	}
	return status;
}
