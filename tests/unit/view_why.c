// SPDX-License-Identifier: GPL-2.0-only
/* The answer of `why` as text and as JSON, and hostile text in both. */
#include "../../user/view/why.h"

#include "graph_events.h"
#include "unit.h"

static char *output;
static size_t output_size;

/* What the view writes about a network namespace with the keepers that `fill` adds. */
static const char *show(enum nsv_style style, bool colour, void (*fill)(struct rig *r))
{
	struct nse_why_context c = {.kernel = 6012, .own_mnt = INUM(HOST(NSL_MNT)), .fold = true};
	struct nsv_options options = {.style = style, .colour = colour, .width = 100};
	static const char *const notes[] = {"processes of other users"};
	struct rig *r = rig_new();
	struct nsl_ns net = a_ns(NSL_NET, 20, 21, 0, 0);
	struct nsl_ns user = a_ns(NSL_USER, 21, HOST(NSL_USER), HOST(NSL_USER), 1);
	struct nse_why *w;
	struct nsv *v;
	FILE *out;

	free(output);
	output = NULL;
	ev_snapshot(r, NSL_SNAPSHOT_BEGIN);
	ev_host_rows(r);
	user.owner_uid = 1000;
	ev_ns(r, user);
	net.refs = 1;
	net.ns_id = 27;
	ev_ns(r, net);
	ev_snapshot(r, NSL_SNAPSHOT_END);
	fill(r);
	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	out = open_memstream(&output, &output_size);
	v = nsv_new(out, &options);
	if (!w || !v)
		abort();
	nsv_why_begin(v, r->ts);
	nsv_why(v, w, notes, 1);
	if (w->nkeepers) {
		nsv_why_change(v, w, &w->keepers[0], false, r->ts + 1500000);
		nsv_why_died(v, w,
			     &(struct nsg_cause){
				     .kind = NSG_CAUSE_UNPINNED, .pid = 812, .comm = "py\x1b"},
			     true, r->ts + 2000000);
	}
	CHECK_NUM(nsv_flush(v), 0);
	nsv_free(v);
	fclose(out);
	nse_why_free(w);
	rig_free(r);
	return output;
}

static bool has(const char *what)
{
	if (strstr(output, what))
		return true;
	printf("# not there: %s\n# in:\n%s\n", what, output);
	return false;
}

static void leak(struct rig *r)
{
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
}

static void test_text(void)
{
	show(NSV_STORY, false, leak);
	CHECK(has("net:[4026531020] is kept alive by one open descriptor: fd 3 of python3 (812). "
		  "Close it, or end that\nprocess, and the namespace dies.\n"));
	CHECK(has("  what      net:[4026531020], the kernel's number 27\n"));
	CHECK(has("  owner     user:[4026531021], made by uid 1000\n"));
	CHECK(has("  refs      1, read 30 ns ago; 1 explained: 1 by the nsfs file"));
	CHECK(has("0 unaccounted for"));
	CHECK(has("  keeps     user:[4026531021] alive as long as it lives itself\n"));
	CHECK(has("  not seen  processes of other users\n"));
	CHECK(has("Close the descriptor, or end the process:\n  fd 3 of python3 (812)\n"
		  "      kill 812\n"));
	CHECK(has("+1.500 ms     gone: fd 3 of python3 (812)\n"));
	CHECK(has("+2.000 ms     net:[4026531020] is destroyed: its last open file or bind mount "
		  "went "));
	CHECK(has("(py\\x1b, 812)"));
}

static void test_json(void)
{
	show(NSV_JSON, false, leak);
	CHECK(has("{\"type\":\"why\",\"schema\":\"nslens/1\",\"ns\":\"net:[4026531020]\",\"id\":20,"
		  "\"state\":\"held\",\"verdict\":\"net:[4026531020] is kept alive by one open "
		  "descriptor: fd 3 of python3 (812)."));
	CHECK(has("\"refs\":1,\"active\":null,"));
	CHECK(has("\"unaccounted\":0,"));
	CHECK(has("\"creator_uid\":1000,"));
	CHECK(has("\"kind\":\"descriptor\",\"todo\":\"close\",\"text\":\"fd 3 of python3 (812)\","
		  "\"command\":\"kill 812\""));
	CHECK(has("\"fds\":[3]"));
	CHECK(has("\"pins\":[{\"ns\":\"user:[4026531021]\",\"id\":21}]"));
	CHECK(has("{\"type\":\"keeper\",\"ts\":1500000,\"event\":\"gone\","));
	CHECK(has("{\"type\":\"ns\",\"ts\":2000000,\"event\":\"destroyed\","));
	CHECK(has("\"seen\":true,\"cause\":{\"kind\":"));
}

static void nobody(struct rig *r)
{
	(void)r;
}

static void test_nobody(void)
{
	show(NSV_STORY, false, nobody);
	CHECK(has("No keeper of net:[4026531020] can be found, but 1 reference is counted."));
	show(NSV_JSON, false, nobody);
	CHECK(has("\"state\":\"hidden\""));
	CHECK(has("\"unaccounted\":1,"));
	CHECK(has("\"keepers\":[],"));
}

static void mounts(struct rig *r)
{
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)), "/run/netns/a");
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)), "/x");
}

static void one_mount(struct rig *r)
{
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)), "/x");
}

static void test_mounts(void)
{
	show(NSV_STORY, false, mounts);
	CHECK(has("      ip netns del a\n"));
	CHECK(has("      umount /x\n  some may be gone after the first: mounts propagate\n"));
	show(NSV_STORY, false, one_mount);
	CHECK(has("      umount /x\n"));
	CHECK(!strstr(output, "some may be gone"));
}

static void hostile(struct rig *r)
{
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "a\x1b[31m\n\xff<b", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
		  "/run/\x1b]0;x\x07\n</script>\xff\xe2\x80\xae`id`");
}

/* No byte that a terminal would obey, but for the ends of lines and our own colours. */
static void test_hostile_text(void)
{
	for (int colour = 0; colour < 2; colour++) {
		show(NSV_STORY, colour, hostile);
		for (const char *p = output; *p; p++) {
			unsigned char c = (unsigned char)*p;

			if (c == 0x1b)
				CHECK(colour && p[1] == '[' &&
				      (p[2] == '0' || p[2] == '1' || p[2] == '2' || p[2] == '3'));
			else
				CHECK((c >= 0x20 && c < 0x7f) || c == '\n' || c >= 0x80);
		}
		CHECK(!strstr(output, "\x1b[31m\n"));
		CHECK(!strchr(output, 0x07));
	}
	CHECK(has("a\\x1b[31m\\n\\xff<b (812)"));
	show(NSV_STORY, false, hostile);
	CHECK(has("umount $'/run/\\033]0;x\\007\\012</script>\\377\\342\\200\\256`id`'"));
}

static void test_hostile_json(void)
{
	show(NSV_JSON, false, hostile);
	for (const char *p = output; *p; p++)
		CHECK((unsigned char)*p >= 0x20 || *p == '\n');
	CHECK(!strchr(output, '<'));
	CHECK_NUM(output[output_size - 1], '\n');
}

static void deep(struct rig *r)
{
	char path[500];

	memset(path, '\n', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)), path);
}

/* Long paths are whole, in words and in the command. */
static void test_long_path(void)
{
	size_t n = 0;

	show(NSV_JSON, false, deep);
	for (const char *p = output; (p = strstr(p, "\\\\012")); p++)
		n++;
	CHECK_NUM(n, 2 * 498);
	show(NSV_STORY, true, deep);
	CHECK(has("umount $'/\\012\\012"));
}

int main(void)
{
	setenv("LC_ALL", "C", 1);
	RUN(test_text);
	RUN(test_json);
	RUN(test_nobody);
	RUN(test_mounts);
	RUN(test_hostile_text);
	RUN(test_hostile_json);
	RUN(test_long_path);
	free(output);
	return unit_end();
}
