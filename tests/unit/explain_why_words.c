// SPDX-License-Identifier: GPL-2.0-only
/* Why a namespace is alive: hostile text, and keepers that come and go. */
#include "explain_why.h"

static void test_hostile(void)
{
	struct rig *r = rig_with(one_net);
	const char *c;
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
		  "/run/$(reboot)\n';\x1b[2J\xff"
		  "9");
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 1, "systemd", 9, 0, NULL);
	w = ask(r, 20);
	/* the end of the machine's own init is no remedy */
	CHECK_STR(command(w, 0), "none");
	CHECK_STR(command(w, 1), "umount $'/run/$(reboot)\\012\\';\\033[2J\\3779'");
	for (c = text; *c; c++)
		CHECK(*c >= 0x20 && *c < 0x7f);
	/* a command that does not fit is none: it would name something else */
	CHECK(!nse_keeper_command(w, &w->keepers[1], text, 20));
	CHECK(strlen(nse_keeper_text(w, &w->keepers[1], text, 20)) < 20);
	nse_why_free(w);
	rig_free(r);
}

/* For --watch: each process of an nsproxy comes and goes by itself. */
static void test_unfolded(void)
{
	struct rig *r = rig_with(nsproxies);
	struct nse_why_context c = {.kernel = OLD};
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20, 812, "python3", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_UTS, 20, 812, "python3", 4, 0, NULL);
	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_NUM(w->nkeepers, 5);
	CHECK_STR(keeper(w, 0), "nsproxy#7: nginx (300) and 1 more thread");
	CHECK_STR(keeper(w, 1), "nsproxy#7: nginx (302)");
	CHECK_STR(keeper(w, 4), "fd 4 of python3 (812)");
	CHECK_NUM(w->by_nsproxies, 2);
	CHECK(!nse_keeper_same(&w->keepers[0], &w->keepers[1]));
	CHECK(!nse_keeper_same(&w->keepers[3], &w->keepers[4]));
	nse_why_free(w);
	rig_free(r);
}

static void test_foreign_pids(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why_context c = {.kernel = OLD, .foreign_pids = true};
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	c.now = r->ts;
	w = nse_why(r->g, nsg_find_ns(r->g, 20), &c);
	CHECK_STR(command(w, 0), "none");
	nse_why_free(w);
	rig_free(r);
}

static void test_same(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *before, *after;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	before = ask(r, 20);
	nsg_keepers_clear(r->g);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 813, "python3", 3, 0, NULL);
	after = ask(r, 20);
	CHECK(nse_keeper_same(&before->keepers[0], &after->keepers[0]));
	CHECK(!nse_keeper_same(&before->keepers[0], &after->keepers[1]));
	nse_why_free(before);
	nse_why_free(after);
	rig_free(r);
}

int main(void)
{
	RUN(test_hostile);
	RUN(test_unfolded);
	RUN(test_foreign_pids);
	RUN(test_same);
	return unit_end();
}
