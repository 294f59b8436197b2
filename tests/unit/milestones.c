// SPDX-License-Identifier: GPL-2.0-only
/* Milestones on their way: raw parts, the model, the sentence, the three styles. */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "../../user/capture/ids.h"
#include "../../user/capture/milestone.h"
#include "../../user/view/view.h"
#include "unit.h"

/* ---- raw parts ---- */

static struct nsl_milestone_raw raw(unsigned int flags)
{
	struct nsl_milestone_raw r = {
		.m = {.head = {.size = sizeof(r)}, .flags = (__u16)flags},
	};

	return r;
}

/* `names` are NUL-separated and end with an empty one. */
static const char *where_of(const char *names, size_t len, bool whole)
{
	static struct nsl_milestone_raw r;

	r = raw((NSL_RAW_TEXT | NSL_RAW_NAMES | (whole ? NSL_RAW_WHOLE : 0)) << 1);
	memcpy(r.raw[1], names, len);
	milestone_finish(&r);
	CHECK_NUM(r.m.head.size, sizeof(struct nsl_milestone));
	CHECK_NUM(r.m.flags, 0);
	return r.m.where;
}

static void paths(void)
{
	static const char deep[] = "c\0b\0a\0";
	char full[NSL_RAW_LEN], longest[NSL_RAW_LEN];

	CHECK_STR(where_of(deep, sizeof(deep), true), "/a/b/c");
	CHECK_STR(where_of(deep, sizeof(deep), false), "a/b/c");
	CHECK_STR(where_of("", 1, true), "/");
	CHECK_STR(where_of("", 1, false), "");
	/* what does not fit goes from the front, and the slash with it */
	memset(full, 'x', sizeof(full));
	for (size_t i = 20; i < sizeof(full); i += 21)
		full[i] = '\0';
	CHECK_STR(where_of(full, sizeof(full), true),
		  "xxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxx");
	/* no NUL at all */
	memset(longest, 'y', sizeof(longest));
	CHECK_NUM(strlen(where_of(longest, sizeof(longest), true)), NSL_TEXT_LEN - 1);
}

static const char *text_of(const char *string)
{
	static struct nsl_milestone_raw r;

	r = raw(NSL_RAW_TEXT);
	snprintf(r.raw[0], sizeof(r.raw[0]), "%s", string);
	memset(r.m.text, 'z', sizeof(r.m.text)); /* whatever the kernel side left there */
	milestone_finish(&r);
	return r.m.text;
}

static void strings(void)
{
	char slashes[200] = "";

	CHECK_STR(text_of("/bin/sh"), "/bin/sh");
	CHECK_STR(text_of(""), "");
	for (int i = 0; i < 20; i++)
		strcat(slashes, "/abcdefg");
	CHECK_STR(text_of(slashes), "abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg");
	for (char *p = slashes; *p; p++)
		*p = 'q';
	CHECK_NUM(strlen(text_of(slashes)), NSL_TEXT_LEN - 1);
}

static void extents(void)
{
	static const __u32 two[] = {0, 1000, 1, 1, 100000, 65536};
	static const __u32 wide[] = {4294967295u, 4294967295u, 4294967295u};
	struct nsl_milestone_raw r = raw(NSL_RAW_EXTENTS);

	r.m.detail[0] = 2;
	memcpy(r.raw[0], two, sizeof(two));
	milestone_finish(&r);
	CHECK_STR(r.m.text, "0 1000 1, 1 100000 65536");
	/* more than there is room for */
	r = raw(NSL_RAW_EXTENTS);
	r.m.detail[0] = 340;
	for (size_t i = 0; i < 5; i++)
		memcpy(r.raw[0] + i * sizeof(wide), wide, sizeof(wide));
	milestone_finish(&r);
	CHECK_NUM(strlen(r.m.text), NSL_TEXT_LEN - 1);
	/* nothing */
	r = raw(NSL_RAW_EXTENTS);
	milestone_finish(&r);
	CHECK_STR(r.m.text, "");
}

/* An address becomes the id that the namespace has. */
static void identity(void)
{
	struct ids *ids = ids_new(true);
	struct nsl_milestone m = {.head = {.size = sizeof(m), .kind = NSL_EV_MILESTONE},
				  .ns = {.obj = 0xffff0001, .inum = 7},
				  .ns_type = NSL_UTS};
	struct nsl_step s = {.head = {.size = sizeof(s), .kind = NSL_EV_STEP},
			     .fn = NSL_FN_utsns_install,
			     .ns = {.obj = 0xffff0001, .inum = 7}};

	ids_translate(ids, &s.head);
	ids_translate(ids, &m.head);
	CHECK_NUM(m.ns.obj, s.ns.obj);
	m.ns.obj = 0;
	ids_translate(ids, &m.head);
	CHECK_NUM(m.ns.obj, 0);
	ids_free(ids);
}

/* ---- sentences ---- */

static struct nsm_milestone done(enum nsl_milestone_what what, const char *text, const char *where,
				 uint64_t a, uint64_t b)
{
	struct nsm_milestone m = {.what = what, .detail = {a, b}, .type = NSL_TYPE_UNKNOWN};

	snprintf(m.text, sizeof(m.text), "%s", text);
	snprintf(m.where, sizeof(m.where), "%s", where);
	return m;
}

static void says(struct nsm_milestone m, const char *want)
{
	char text[NSE_MILESTONE_LEN];

	CHECK_STR(nse_milestone(&m, text, sizeof(text)), want);
}

#define SAYS(what, text, where, a, b, want)                                                        \
	says(done(NSL_MILESTONE_##what, text, where, a, b), want)

static void mount_sentences(void)
{
	SAYS(mount, "proc", "/proc", MS_NOSUID | MS_NODEV, 0, "proc at /proc (nosuid,nodev)");
	SAYS(mount, "/dev/null", "rootfs/proc/kcore", MS_BIND, 0,
	     "bind of /dev/null at .../rootfs/proc/kcore");
	SAYS(mount, "/a", "/b", MS_BIND | MS_REC, 0, "rbind of /a at /b");
	SAYS(mount, "", "/b", MS_BIND | MS_REMOUNT | MS_RDONLY, 0,
	     "remount of the mount at /b (ro)");
	SAYS(mount, "", "/", MS_REC | MS_SLAVE, 0, "/ becomes rslave");
	SAYS(mount, "/a", "/b", MS_MOVE, 0, "/a moves to /b");
	SAYS(umount, "", "/old", MNT_DETACH, 0, "/old (detach)");
	SAYS(fsconfig, "proc", "", 6, 0, "creates proc");
	SAYS(fsconfig, "proc", "", 7, 0, "changes proc");
	SAYS(open_tree, "/a", "", 0x8001, 0, "recursive copy of /a");
	SAYS(move_mount, "proc", "/proc", 4, 0, "proc to /proc");
	SAYS(mount_setattr, "", "/a", 1, 2, "/a sets (ro) clears (nosuid)");
	SAYS(mount_setattr, "", "/a", (uint64_t)(MS_REC | MS_PRIVATE) << 32, 0,
	     "/a becomes rprivate");
	SAYS(pivot_root, "rootfs", ".", 0, 0, ".../rootfs becomes the root, the old one goes to .");
}

static void other_sentences(void)
{
	struct nsm_milestone m = done(NSL_MILESTONE_uid_map, "0 1000 1", "", 1, 0);

	m.type = NSL_USER;
	m.ns = (struct nsl_ref){.obj = 3, .inum = 4026532190u};
	m.about_pid = 12;
	says(m, "0 1000 1 in user:[4026532190] for 12");
	m.text[0] = '\0';
	m.err = EPERM;
	says(m, "a map in user:[4026532190] for 12: fails with EPERM");
	SAYS(exec, "/bin/sh", "", 1ull << CAP_KILL, 3,
	     "/bin/sh, with cap_kill, no_new_privs, a seccomp filter");
	SAYS(exec, "/bin/sh", "", 0xffff, 0, "/bin/sh, with 16 capabilities");
	SAYS(setgroups, "", "", 0, 0, "0 groups");
	SAYS(setgroups, "", "", 1, 0, "1 group");
	SAYS(setuid, "", "", 1000, 100, "uid 1000, gid 100");
	SAYS(capset, "", "", 0, 0, "no capabilities");
	SAYS(capset, "", "", 3, 1, "cap_chown, cap_dac_override, effective cap_chown");
	SAYS(capbset_drop, "", "", 7, 1ull << 60, "capability 60; 3 left");
	SAYS(seccomp, "", "", 1, 2, "filter (log)");
	SAYS(cgroup_attach, "/a/b", "", 9, 0, "/a/b");
	SAYS(sethostname, "web", "", 0, 0, "web");
	SAYS(netdev_move, "eth0", "", 0, 0, "eth0");
}

/* Every kind has a name, and says something even if nothing is known. */
static void all_kinds(void)
{
	char text[NSE_MILESTONE_LEN];

	for (int what = 1; what < NSL_MILESTONES_END; what++) {
		struct nsm_milestone m = done((enum nsl_milestone_what)what, "", "", 0, 0);

		CHECK(strcmp(nsm_milestone_name(m.what), "?") != 0);
		CHECK(*nse_milestone(&m, text, sizeof(text)));
	}
	CHECK_STR(nsm_milestone_name(NSL_MILESTONES_END), "?");
	CHECK_STR(nsm_milestone_name(NSL_MILESTONE_NONE), "?");
}

/* ---- the model, and the styles ---- */

static struct nsl_milestone event(void)
{
	struct nsl_milestone e = {
		.head = {.size = sizeof(e),
			 .version = NSL_EVENT_VERSION,
			 .kind = NSL_EV_MILESTONE,
			 .ts = 2500,
			 .pid = 50,
			 .tid = 51,
			 .comm = "ru\033nc"},
		.what = NSL_MILESTONE_sethostname,
		.err = -EPERM,
		.duration = 1500,
		.ns = {.obj = 9, .inum = 4026532190u},
		.ns_type = NSL_UTS,
		.text = "a\"\033[1m",
	};

	return e;
}

static void keep(void *ctx, const struct nsm_milestone *m)
{
	*(struct nsm_milestone *)ctx = *m;
}

static void model(void)
{
	struct nsm_milestone got = {0};
	struct nsm_sink sink = {.ctx = &got, .milestone = keep};
	struct nsm *m = nsm_new(&sink);
	struct nsl_milestone e = event();
	struct {
		struct nsl_cgroup c;
		char path[16];
	} cgroup = {.c = {.head = {.size = sizeof(cgroup),
				   .version = NSL_EVENT_VERSION,
				   .kind = NSL_EV_CGROUP},
			  .id = 77},
		    .path = "/some"};

	CHECK_NUM(nsm_feed(m, &e.head), 0);
	CHECK_NUM(got.number, 1);
	CHECK_NUM(got.what, NSL_MILESTONE_sethostname);
	CHECK_NUM(got.err, EPERM);
	CHECK_NUM(got.duration, 1500);
	CHECK_NUM(got.tid, 51);
	CHECK(got.cgroup_path == NULL);
	/* no NUL in it */
	memset(e.text, 'x', sizeof(e.text));
	e.head.cgroup = 77;
	e.duration = NSL_DURATION_UNKNOWN;
	CHECK_NUM(nsm_feed(m, &cgroup.c.head), 0);
	CHECK_NUM(nsm_feed(m, &e.head), 0);
	CHECK_NUM(strlen(got.text), NSL_TEXT_LEN);
	CHECK_NUM(got.duration, NSM_DURATION_UNKNOWN);
	CHECK_STR(got.cgroup_path, "/some");
	CHECK_NUM(nsm_counts(m)->milestones, 2);
	nsm_free(m);
}

static void refused(void)
{
	struct nsm *m = nsm_new(NULL);
	struct nsl_milestone bad[] = {event(), event(), event(), event(), event(), event()};

	bad[0].what = NSL_MILESTONE_NONE;
	bad[1].what = NSL_MILESTONES_END;
	bad[2].err = 1;
	bad[3].err = -5000;
	bad[4].ns_type = NSL_TYPES;
	bad[5].head.size = sizeof(bad[5]) - 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_NUM(nsm_feed(m, &bad[i].head), -EINVAL);
	CHECK_NUM(nsm_counts(m)->milestones, 0);
	nsm_free(m);
}

/* What `style` writes of event(); the caller frees it. */
static char *shown(enum nsv_style style, bool wanted)
{
	struct nsv_options o = {.style = style, .milestones = wanted};
	struct nsl_milestone e = event();
	struct nsm_sink sink;
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);
	struct nsv *v = nsv_new(f, &o);
	struct nsm *m;

	sink = nsv_sink(v);
	m = nsm_new(&sink);
	CHECK_NUM(nsm_feed(m, &e.head), 0);
	nsm_free(m);
	nsv_flush(v);
	nsv_free(v);
	fclose(f);
	return text;
}

static void styles(void)
{
	char *text = shown(NSV_JSON, true);

	CHECK_STR(text,
		  "{\"type\":\"milestone\",\"number\":1,\"ts\":2500,\"duration\":1500,\"pid\":50,"
		  "\"tid\":51,\"comm\":\"ru\\u001bnc\",\"what\":\"sethostname\","
		  "\"detail\":\"a\\\"\\u001b[1m: fails with EPERM\",\"errno\":\"EPERM\","
		  "\"about\":null,\"ns\":{\"ns\":\"uts:[4026532190]\",\"id\":9},"
		  "\"text\":\"a\\\"\\u001b[1m\",\"where\":null,\"numbers\":[0,0],\"cgroup\":null,"
		  "\"container\":null}\n");
	free(text);
	for (int style = NSV_STORY; style <= NSV_BRIEF; style++) {
		text = shown((enum nsv_style)style, true);
		CHECK(strstr(text, "sethostname") && strstr(text, "fails with EPERM"));
		CHECK(!strchr(text, '\033'));
		free(text);
	}
	text = shown(NSV_JSON, false);
	CHECK_STR(text, "");
	free(text);
}

static unsigned int lines_with(const char *text, const char *word)
{
	unsigned int n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

/* What a runtime drops one by one is one line, up to what comes between; tools get each. */
static void drops(void)
{
	for (int style = NSV_STORY; style <= NSV_JSON; style++) {
		struct nsv_options o = {.style = (enum nsv_style)style, .milestones = true};
		struct nsl_milestone drop = event(), other = event();
		size_t size = 0;
		char *text = NULL;
		FILE *f = open_memstream(&text, &size);
		struct nsv *v = nsv_new(f, &o);
		struct nsm_sink sink = nsv_sink(v);
		struct nsm *m = nsm_new(&sink);

		drop.what = NSL_MILESTONE_capbset_drop;
		drop.err = 0;
		for (unsigned int i = 0; i < 5; i++) {
			if (i == 3)
				CHECK_NUM(nsm_feed(m, &other.head), 0);
			drop.detail[0] = 0xff00;
			drop.detail[1] = 1u << i;
			CHECK_NUM(nsm_feed(m, &drop.head), 0);
		}
		drop.head.tid++; /* another task's */
		CHECK_NUM(nsm_feed(m, &drop.head), 0);
		nsv_settle(v);
		nsm_free(m);
		nsv_flush(v);
		CHECK_NUM(lines_with(text, "capbset_drop"), style == NSV_JSON ? 6 : 3);
		CHECK(strstr(text, "cap_chown, cap_dac_override, cap_dac_read_search; 8 left") ||
		      style == NSV_JSON);
		nsv_free(v);
		fclose(f);
		free(text);
	}
}

int main(void)
{
	RUN(paths);
	RUN(strings);
	RUN(extents);
	RUN(identity);
	RUN(mount_sentences);
	RUN(other_sentences);
	RUN(all_kinds);
	RUN(model);
	RUN(refused);
	RUN(styles);
	RUN(drops);
	return unit_end();
}
