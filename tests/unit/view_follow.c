// SPDX-License-Identifier: GPL-2.0-only
/* What graph --follow tells, line by line, as text and as JSON. */
#include <stdlib.h>

#include "../../user/view/follow.h"
#include "unit.h"

static struct nsg_ns owner = {.id = 8, .inum = 4026531837, .type = NSL_USER};
static struct nsg_ns parent = {.id = 4, .inum = 4026531836, .type = NSL_PID, .owner = &owner};
static struct nsg_ns ns = {
	.id = 20, .inum = 4026532159, .type = NSL_PID, .owner = &owner, .parent = &parent};
static struct nsg_ns alone = {.id = 21, .inum = 4026532160, .type = NSL_UTS};

static char *text;
static size_t len;

static struct nsv_follow follow(bool json)
{
	struct nsv_follow f = {.json = json, .utf8 = true, .mono_ns = 1000000000};

	free(text);
	f.out = open_memstream(&text, &len);
	if (!f.out)
		abort();
	return f;
}

static const char *told(struct nsv_follow *f)
{
	fclose(f->out);
	return text;
}

static void births(void)
{
	struct nsv_follow f = follow(false);

	nsv_follow_born(&f, &ns, 1001500000);
	nsv_follow_born(&f, &alone, 999000000); /* before the start */
	CHECK_STR(told(&f), "  0.001500  + pid:[4026532159] created, owned by user:[4026531837]\n"
			    " -0.001000  + uts:[4026532160] created\n");
	f = follow(true);
	nsv_follow_born(&f, &ns, 1001500000);
	nsv_follow_born(&f, &alone, 999000000);
	CHECK_STR(
		told(&f),
		"{\"type\":\"ns\",\"ts\":1500000,\"event\":\"created\",\"ns\":\"pid:[4026532159]\","
		"\"id\":20,\"owner\":{\"ns\":\"user:[4026531837]\",\"id\":8},"
		"\"parent\":{\"ns\":\"pid:[4026531836]\",\"id\":4},\"cause\":null}\n"
		"{\"type\":\"ns\",\"ts\":-1000000,\"event\":\"created\",\"ns\":\"uts:[4026532160]"
		"\","
		"\"id\":21,\"owner\":null,\"parent\":null,\"cause\":null}\n");
}

/* Whoever died last may call itself anything. */
static void deaths(void)
{
	static const struct nsg_cause causes[] = {
		{.kind = NSG_CAUSE_NONE},
		{.kind = NSG_CAUSE_EXIT, .pid = 7, .tid = 8, .comm = "sl\x1b[2J"},
		{.kind = NSG_CAUSE_REAPED, .pid = 7, .tid = 7, .comm = "init"},
		{.kind = NSG_CAUSE_SWITCH, .pid = 7, .tid = 7, .comm = "bash"},
		{.kind = NSG_CAUSE_UNDONE, .pid = 7, .tid = 7, .comm = "runc"},
		{.kind = NSG_CAUSE_UNPINNED, .pid = 7, .tid = 7, .comm = "umount"},
		{.kind = NSG_CAUSE_CHILD, .ns = 30},
	};
	struct nsv_follow f = follow(false);

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++)
		nsv_follow_died(&f, &alone, 2000000000, &causes[i]);
#define GONE "  1.000000  - uts:[4026532160] destroyed"
	CHECK_STR(told(&f), GONE "\n" GONE ": its last task exited: sl\\x1b[2J (7)\n" GONE
				 ": its last zombie was reaped: init (7)\n" GONE
				 ": its last task went elsewhere: bash (7)\n" GONE
				 ": the call that made it failed: runc (7)\n" GONE
				 ": its last descriptor or mount was let go by umount (7)\n" GONE
				 ": the last namespace that needed it was destroyed\n");
	f = follow(true);
	nsv_follow_died(&f, &alone, 2000000000, &causes[1]);
	nsv_follow_died(&f, &alone, 2000000000, &causes[6]);
	nsv_follow_died(&f, &alone, 2000000000, &causes[0]);
#undef GONE
#define GONE                                                                                       \
	"{\"type\":\"ns\",\"ts\":1000000000,\"event\":\"destroyed\",\"ns\":\"uts:[4026532160]\","  \
	"\"id\":21,\"owner\":null,\"parent\":null,\"cause\":"
	CHECK_STR(told(&f),
		  GONE "{\"kind\":\"exit\",\"pid\":7,\"tid\":8,\"comm\":\"sl\\u001b[2J\"}}\n" GONE
		       "{\"kind\":\"child\",\"ns\":30}}\n" GONE "null}\n");
}

static void losses(void)
{
	struct nsv_follow f = follow(false);

	nsv_follow_lost(&f, 1500000000, 12);
	nsv_follow_resync(&f, 1600000000, 2500000);
	CHECK_STR(told(&f), "  0.500000  ! 12 events lost here: the graph is read anew\n"
			    "  0.600000  = the graph is right again (2.5 ms)\n");
	f = follow(true);
	nsv_follow_lost(&f, 1500000000, 12);
	nsv_follow_resync(&f, 1600000000, 2500000);
	CHECK_STR(told(&f), "{\"type\":\"lost\",\"ts\":500000000,\"count\":12}\n"
			    "{\"type\":\"resync\",\"ts\":600000000,\"duration\":2500000}\n");
}

static const struct nsg_difference differences[] = {
	{.kind = NSG_TASK_SLOT,
	 .tid = 300,
	 .comm = "we\nb",
	 .slot = NSL_SLOT_UTS,
	 .graph = {.obj = 20, .inum = 4026532159},
	 .kernel = {.obj = 21, .inum = 4026532160}},
	{.kind = NSG_TASK_NSPROXY, .tid = 301, .comm = "db", .graph = {.obj = 7}},
	{.kind = NSG_NS_MISSING, .ns = 22, .kernel = {.obj = 22, .inum = 4026532161}},
};

static void verifications(void)
{
	struct nsv_verify v = {
		.ts = 3000000000,
		.totals = {.tasks = 100, .initial_tasks = 90, .nsproxies = 3, .namespaces = 12},
		.snapshots = 2,
		.against = "a fresh snapshot"};
	struct nsv_follow f = follow(false);

	nsv_follow_verify(&f, &v);
	v.stale = true;
	v.differences = differences;
	v.ndifferences = 3;
	nsv_follow_verify(&f, &v);
	CHECK_STR(told(&f),
		  "  2.000000  = verified against a fresh snapshot: 100 tasks, 3 nsproxies, 12 "
		  "namespaces, 0 differences\n"
		  "  2.000000  ! verified against a fresh snapshot: 100 tasks, 3 nsproxies, 12 "
		  "namespaces, 3 differences (the graph was stale)\n"
		  "            slot: we\\nb (300) uts the graph: [4026532159]; the kernel: "
		  "[4026532160];\n"
		  "            nsproxy: db (301) the graph: #7; the kernel: none;\n"
		  "            namespace missing: the graph: none; the kernel: [4026532161];\n");
	f = follow(true);
	nsv_follow_verify(&f, &v);
	CHECK_STR(told(&f),
		  "{\"type\":\"verify\",\"ts\":2000000000,\"against\":\"a fresh snapshot\","
		  "\"tasks\":100,\"initial_tasks\":90,\"nsproxies\":3,\"namespaces\":12,"
		  "\"snapshots\":2,\"stale\":true,\"differences\":["
		  "{\"kind\":\"slot\",\"tid\":300,\"comm\":\"we\\nb\",\"slot\":\"uts\","
		  "\"graph\":{\"id\":20,\"inum\":4026532159},\"kernel\":{\"id\":21,\"inum\":"
		  "4026532160}},"
		  "{\"kind\":\"nsproxy\",\"tid\":301,\"comm\":\"db\",\"graph\":{\"id\":7},"
		  "\"kernel\":null},"
		  "{\"kind\":\"namespace missing\",\"id\":22,\"graph\":null,"
		  "\"kernel\":{\"id\":22,\"inum\":4026532161}}]}\n");
}

int main(void)
{
	RUN(births);
	RUN(deaths);
	RUN(losses);
	RUN(verifications);
	free(text);
	return unit_end();
}
