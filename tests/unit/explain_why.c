// SPDX-License-Identifier: GPL-2.0-only
/* Why a namespace is alive: descriptors, mounts and sockets that keep it. */
#include "explain_why.h"

static void test_descriptor(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	w = ask(r, 20);
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by one open descriptor: fd 3 of "
			      "python3 (812). Close it, or end that process, and the namespace "
			      "dies.");
	CHECK_STR(command(w, 0), "kill 812");
	CHECK_NUM(w->state, NSE_WHY_HELD);
	CHECK_NUM(w->explained, 1);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

static void test_descriptors_share_one_reference(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 7, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "python3", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 813, "sleep", 3, 0, NULL);
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
		  "/run/netns/blue");
	/* nslens itself */
	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 999, "nslens", 5, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 3);
	CHECK_STR(keeper(w, 0), "fds 3, 7 of python3 (812)");
	CHECK_STR(keeper(w, 1), "fd 3 of sleep (813)");
	CHECK_STR(keeper(w, 2), "/run/netns/blue in this mount namespace");
	CHECK_STR(command(w, 2), "ip netns del blue");
	CHECK_NUM(w->explained, 1);
	CHECK_NUM(w->unaccounted, 0);
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by 3 open descriptors and one bind "
			      "mount. All of that has to go before it dies.");
	nse_why_free(w);
	rig_free(r);
}

/* Another nslens reads: to end it is no remedy. */
static void test_another_nslens(void)
{
	struct rig *r = rig_with(one_net);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_FD, NSL_NET, 20, 812, "nslens", 3, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->keepers[0].todo, NSE_TODO_WAIT);
	CHECK_STR(command(w, 0), "none");
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by one open descriptor: fd 3 of "
			      "nslens (812): another nslens, reading now. Let it end, and the "
			      "namespace dies.");
	nse_why_free(w);
	rig_free(r);
}

/* Only what `ip netns` would find by that name. */
static void test_netns_names(void)
{
	static const struct {
		const char *path, *command;
	} all[] = {
		{"/run/netns/--all", "umount /run/netns/--all"},
		{"/run/netns/a b", "ip netns del 'a b'"},
		{"/run/netns/blue//deleted", "umount /run/netns/blue//deleted"},
		{"/run/netns2/blue", "umount /run/netns2/blue"},
		{"/var/run/netns/blue", "ip netns del blue"},
	};
	struct rig *r = rig_with(one_net);

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct nse_why *w;

		nsg_keepers_clear(r->g);
		ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(HOST(NSL_MNT)),
			  all[i].path);
		w = ask(r, 20);
		CHECK_STR(command(w, 0), all[i].command);
		nse_why_free(w);
	}
	rig_free(r);
}

static void foreign_mount(struct rig *r)
{
	row(r, NSL_NET, 20, 1, NSL_COUNT_UNKNOWN);
	row(r, NSL_MNT, 21, 1, NSL_COUNT_UNKNOWN);
	row(r, NSL_MNT, 22, 1, NSL_COUNT_UNKNOWN);
	ev_seen(r, 300, "nginx", with(host_view(), 7, NSL_SLOT_MNT, 21));
}

static void test_mount_elsewhere(void)
{
	struct rig *r = rig_with(foreign_mount);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(21), "/run/netns/it's");
	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(22), "/mnt/a b");
	ev_keeper(r, NSL_KEEPER_FD, NSL_MNT, 22, 400, "holder", 9, 0, NULL);
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 2);
	CHECK_STR(keeper(w, 0), "/run/netns/it's in mnt:[4026531021], that of nginx (300)");
	CHECK_STR(command(w, 0), "nsenter -t 300 -m umount $'/run/netns/it\\'s'");
	CHECK_STR(command(w, 1), "nsenter --mount=/proc/400/fd/9 umount '/mnt/a b'");
	nse_why_free(w);
	rig_free(r);
}

static void test_mount_nowhere(void)
{
	struct rig *r = rig_with(foreign_mount);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_MOUNT, NSL_NET, 20, 0, "", -1, INUM(22), "/x");
	w = ask(r, 20);
	CHECK_STR(keeper(w, 0), "/x in mnt:[4026531022], in which no task is known");
	CHECK_STR(command(w, 0), "none");
	nse_why_free(w);
	rig_free(r);
}

static void test_sockets(void)
{
	struct rig *r = rig_with(three_refs);
	struct nse_why *w;

	/* one socket open in two processes, and another one */
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 500, "a", 4, 0, "socket:[77]");
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 501, "b", 4, 0, "socket:[77]");
	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 501, "b", 5, 0, "socket:[78]");
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 2);
	CHECK_STR(keeper(w, 0), "socket fd 4 of a (500)");
	CHECK_STR(keeper(w, 1), "socket fds 4, 5 of b (501)");
	CHECK_STR(command(w, 1), "kill 501");
	CHECK_NUM(w->by_sockets, 2);
	CHECK_NUM(w->unaccounted, 1);
	CHECK_STR(verdict(w), "net:[4026531020] is kept alive by 3 sockets. All of that has to go "
			      "before it dies. 1 more reference cannot be accounted for: it may "
			      "live on.");
	nse_why_free(w);
	rig_free(r);
}

static void net_member(struct rig *r)
{
	row(r, NSL_NET, 20, 2, NSL_COUNT_UNKNOWN);
	ev_seen(r, 300, "nginx", with(host_view(), 7, NSL_SLOT_NET, 20));
}

/* A task's own sockets are counted; to end the task is enough. */
static void test_sockets_of_members(void)
{
	struct rig *r = rig_with(net_member);
	struct nse_why *w;

	ev_keeper(r, NSL_KEEPER_SOCKET, NSL_NET, 20, 300, "nginx", 4, 0, "socket:[77]");
	w = ask(r, 20);
	CHECK_NUM(w->nkeepers, 1);
	CHECK_NUM(w->by_sockets, 1);
	CHECK_NUM(w->member_files, 1);
	CHECK_NUM(w->unaccounted, 0);
	nse_why_free(w);
	rig_free(r);
}

int main(void)
{
	RUN(test_descriptor);
	RUN(test_descriptors_share_one_reference);
	RUN(test_another_nslens);
	RUN(test_netns_names);
	RUN(test_mount_elsewhere);
	RUN(test_mount_nowhere);
	RUN(test_sockets);
	RUN(test_sockets_of_members);
	return unit_end();
}
