// SPDX-License-Identifier: GPL-2.0-only
/* Finds entries by name. */
#include "lookup.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct nse_topics *const nse_topic_tables[] = {
	&nse_syscall_topics, &nse_type_topics, &nse_flag_topics, &nse_errno_topics,
	&nse_object_topics,  &nse_rule_topics, &nse_life_topics,
};
const size_t nse_topic_table_count = sizeof(nse_topic_tables) / sizeof(*nse_topic_tables);

const char *nse_kind_name(enum nse_kind kind)
{
	static const char *const names[NSE_KINDS] = {
		[NSE_SYSCALL] = "system call", [NSE_TYPE] = "type",   [NSE_FLAG] = "flag",
		[NSE_FUNCTION] = "function",   [NSE_ERRNO] = "errno", [NSE_CONCEPT] = "concept",
	};

	return (unsigned int)kind < NSE_KINDS ? names[kind] : "?";
}

bool nse_entry_at(size_t i, struct nse_entry *e)
{
	for (size_t t = 0; t < nse_topic_table_count; t++) {
		const struct nse_topics *table = nse_topic_tables[t];

		if (i < table->n) {
			*e = (struct nse_entry){.kind = table->rows[i].kind,
						.name = table->rows[i].name,
						.topic = &table->rows[i]};
			return true;
		}
		i -= table->n;
	}
	if (i >= nse_kfn_count)
		return false;
	*e = (struct nse_entry){.kind = NSE_FUNCTION, .name = nse_kfns[i].name, .fn = &nse_kfns[i]};
	return true;
}

/* Lower case, words parted by underscores, without what is not the name. */
static void normalise(const char *name, char out[NSE_NAME_LEN])
{
	static const char *const stubs[] = {"__x64_sys_", "__arm64_sys_", "__ia32_sys_",
					    "__do_sys_",  "__se_sys_",	  "sys_"};
	size_t n = 0;

	while (*name == ' ')
		name++;
	for (size_t i = 0; i < sizeof(stubs) / sizeof(*stubs); i++) {
		if (!strncmp(name, stubs[i], strlen(stubs[i]))) {
			name += strlen(stubs[i]);
			break;
		}
	}
	for (; *name && n + 1 < NSE_NAME_LEN; name++)
		out[n++] = strchr(" -", *name) ? '_' : (char)tolower((unsigned char)*name);
	while (n > 2 && !strncmp(out + n - 2, "()", 2))
		n -= 2;
	while (n && out[n - 1] == '_')
		n--;
	out[n] = '\0';
}

const char *nse_next_name(const char *names, char separator, char out[NSE_NAME_LEN])
{
	size_t len, copy;

	while (names && *names && (*names == separator || *names == ' '))
		names++;
	if (!names || !*names)
		return NULL;
	len = strcspn(names, separator == ',' ? "," : " ");
	copy = len < NSE_NAME_LEN ? len : NSE_NAME_LEN - 1;
	memcpy(out, names, copy);
	out[copy] = '\0';
	return names + len;
}

/* 0: its name, 1: an alias, 2: neither */
static int rank(const struct nse_entry *e, const char *wanted)
{
	char one[NSE_NAME_LEN], plain[NSE_NAME_LEN] = "";

	normalise(e->name, plain);
	if (!strcmp(plain, wanted))
		return 0;
	if (e->kind == NSE_FLAG && !strncmp(plain, "clone_", 6) && !strcmp(plain + 6, wanted))
		return 1;
	if (!e->topic)
		return 2;
	for (const char *p = e->topic->aliases; (p = nse_next_name(p, ',', one));) {
		normalise(one, plain);
		if (!strcmp(plain, wanted))
			return 1;
	}
	return 2;
}

static bool by_number(const char *name, struct nse_entry *e)
{
	char *end;
	unsigned long long value = strtoull(name, &end, 0);
	enum nse_kind kind = strncasecmp(name, "0x", 2) ? NSE_ERRNO : NSE_FLAG;

	if (!isdigit((unsigned char)*name) || *end || !value)
		return false;
	for (size_t i = 0; nse_entry_at(i, e); i++)
		if (e->kind == kind && e->topic->value == value)
			return true;
	return false;
}

bool nse_lookup(const char *name, struct nse_entry *e)
{
	char wanted[NSE_NAME_LEN] = "";

	normalise(name, wanted);
	if (!*wanted)
		return false;
	for (int good = 0; good < 2; good++)
		for (size_t i = 0; nse_entry_at(i, e); i++)
			if (rank(e, wanted) == good)
				return true;
	return by_number(wanted, e);
}

/* Edits that lead from one to the other; neighbours swapped count as one. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[3][NSE_NAME_LEN + 1] = {{0}};
	size_t la = strlen(a), lb = strlen(b);

	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *now = rows[i % 3], *up = rows[(i + 2) % 3], *upup = rows[(i + 1) % 3];

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned int best = up[j - 1] + (a[i - 1] != b[j - 1]);

			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    upup[j - 2] + 1 < best)
				best = upup[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[la % 3][lb];
}

/* How far a name is; UINT_MAX: too far to be meant. A part of the name counts as near. */
static unsigned int far_from(const char *plain, const char *wanted)
{
	unsigned int d = distance(wanted, plain), limit = (unsigned int)strlen(wanted) / 3 + 1;

	/* one word of several, as "pendng" */
	for (const char *p = plain; *p && !strchr(wanted, '_'); p += strspn(p, "_")) {
		char word[NSE_NAME_LEN] = "";
		size_t len = strcspn(p, "_");
		unsigned int one;

		memcpy(word, p, len);
		word[len] = '\0';
		p += len;
		one = distance(wanted, word) + 1;
		d = one < d && one <= 2 && strlen(wanted) > 3 ? one : d;
	}

	if (strlen(wanted) >= 3 && (strstr(plain, wanted) || strstr(wanted, plain)) && d > limit)
		return limit;
	return d <= limit ? d : ~0u;
}

static unsigned int nearest(const struct nse_entry *e, const char *wanted)
{
	char one[NSE_NAME_LEN], plain[NSE_NAME_LEN] = "";
	unsigned int best, d;

	normalise(e->name, plain);
	best = far_from(plain, wanted);
	if (e->kind == NSE_FLAG && !strncmp(plain, "clone_", 6)) {
		d = far_from(plain + 6, wanted);
		best = d < best ? d : best;
	}
	for (const char *p = e->topic ? e->topic->aliases : NULL;
	     (p = nse_next_name(p, ',', one));) {
		normalise(one, plain);
		d = far_from(plain, wanted);
		best = d < best ? d : best;
	}
	return best;
}

/* setns is a system call and a function: one of the two is enough. */
static bool has_name(const struct nse_entry *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].name, name))
			return true;
	return false;
}

size_t nse_suggest(const char *name, struct nse_entry *out, size_t max)
{
	unsigned int far[16];
	char wanted[NSE_NAME_LEN] = "";
	struct nse_entry e;
	size_t n = 0;

	if (max > sizeof(far) / sizeof(*far))
		max = sizeof(far) / sizeof(*far);
	normalise(name, wanted);
	for (size_t i = 0; *wanted && nse_entry_at(i, &e); i++) {
		unsigned int d = nearest(&e, wanted);
		size_t at = n;

		while (at > 0 && far[at - 1] > d)
			at--;
		if (d == ~0u || at >= max || has_name(out, n, e.name))
			continue;
		if (n < max)
			n++;
		memmove(&far[at + 1], &far[at], (n - at - 1) * sizeof(*far));
		memmove(&out[at + 1], &out[at], (n - at - 1) * sizeof(*out));
		far[at] = d;
		out[at] = e;
	}
	return n;
}

nse_kernel nse_entry_since(const struct nse_entry *e)
{
	return e->fn ? e->fn->since : e->topic->since;
}

nse_kernel nse_entry_before(const struct nse_entry *e)
{
	return e->fn ? e->fn->before : e->topic->before;
}

const char *nse_entry_text(const struct nse_entry *e)
{
	return e->fn ? nse_kfn_text(e->fn) : e->topic->text;
}
