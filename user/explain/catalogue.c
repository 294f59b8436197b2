// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translations: .mo files that are part of the program, so that it stays one file
 * and needs no locale of the machine. The format is GNU gettext's: a header of
 * numbers, and two tables of (length, place), sorted by the original text.
 */
#include <stdint.h>
#include <string.h>

#include "catalogues.h" /* made by the build from po/: nse_mo_ja[], nse_mo_zh_CN[] */
#include "texts.h"

#define MAGIC 0x950412deu

static uint32_t number(const struct nse_catalogue *c, size_t at)
{
	const unsigned char *p = c->mo + at;

	/* msgfmt was told to write little-endian */
	return at + 4 > c->size
		       ? 0
		       : p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const char *string(const struct nse_catalogue *c, size_t table, size_t i)
{
	size_t at = number(c, table + 8 * i + 4), len = number(c, table + 8 * i);

	return at && at + len < c->size ? (const char *)c->mo + at : "";
}

const char *nse_translate(const struct nse_catalogue *c, const char *text)
{
	size_t low = 0, high;

	if (!c || !c->mo || !*text)
		return text;
	for (high = number(c, 8); low < high;) {
		size_t mid = (low + high) / 2;
		int order = strcmp(text, string(c, number(c, 12), mid));

		if (!order) {
			const char *found = string(c, number(c, 16), mid);

			return *found ? found : text;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return text;
}

static bool open_one(struct nse_catalogue *c, const char *lang, size_t len)
{
	static const struct {
		const char *lang;
		const char *also[4];
		const unsigned char *mo;
		size_t size;
	} all[] = {
		{"ja", {"ja_JP"}, nse_mo_ja, sizeof(nse_mo_ja)},
		/* script names are what other programs write for the same */
		{"zh_CN", {"zh", "zh_SG", "zh_Hans", "zh-CN"}, nse_mo_zh_CN, sizeof(nse_mo_zh_CN)},
		{"en", {"C", "POSIX", "en_US", "en_GB"}, NULL, 0},
	};

	/* "ja_JP.UTF-8@x" */
	len = strcspn(lang, ".@:") < len ? strcspn(lang, ".@:") : len;
	for (size_t i = 0; len && i < sizeof(all) / sizeof(*all); i++) {
		bool is = strlen(all[i].lang) == len && !strncmp(lang, all[i].lang, len);

		for (size_t k = 0; k < 4 && all[i].also[k]; k++)
			is |= strlen(all[i].also[k]) == len && !strncmp(lang, all[i].also[k], len);
		is |= all[i].mo == NULL && !strncmp(lang, "en_", 3);
		if (!is)
			continue;
		*c = (struct nse_catalogue){
			.mo = all[i].mo, .size = all[i].size, .lang = all[i].lang};
		if (c->mo && number(c, 0) != MAGIC)
			c->mo = NULL;
		return true;
	}
	return false;
}

bool nse_catalogue_open(struct nse_catalogue *c, const char *lang)
{
	*c = (struct nse_catalogue){.lang = "en"};
	while (*lang) {
		size_t len = strcspn(lang, ":");

		if (open_one(c, lang, len))
			return true;
		lang += len + (lang[len] == ':');
	}
	return false;
}
