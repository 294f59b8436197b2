// SPDX-License-Identifier: GPL-2.0-only
/* Pseudonyms: the same for the same, different for different, of the same shape. */
#include <stdlib.h>

#include "../../user/model/container.h"
#include "../../user/store/pseudonym.h"
#include "unit.h"

static struct pseudonym a_key(const char *text)
{
	struct pseudonym p;

	if (pseudonym_init(&p, text))
		abort();
	return p;
}

/* The vectors of SipHash's authors: key 00 01 … 0f, input 00 01 … */
static void the_hash_is_siphash(void)
{
	struct pseudonym p = {.key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u}};
	unsigned char in[15];

	for (unsigned char i = 0; i < sizeof(in); i++)
		in[i] = i;
	CHECK(pseudonym_hash(&p, in, 0) == 0x726fdb47dd0e0e31u);
	CHECK(pseudonym_hash(&p, in, 1) == 0x74f839c593dc67fdu);
	CHECK(pseudonym_hash(&p, in, 15) == 0xa129ca6149be45e5u);
}

/* No two pids become one, and all are pids. */
static void pids_are_permuted(void)
{
	struct pseudonym p = a_key("k");
	unsigned char *seen = calloc(1, 4194305);
	unsigned int same = 0;

	CHECK_NUM(pseudonym_pid(&p, 0), 0);
	CHECK_NUM(pseudonym_pid(&p, 1), 1);
	for (uint32_t pid = 2; pid <= 4194304; pid += 7) {
		uint32_t to = pseudonym_pid(&p, pid);

		if (to < 2 || to > 4194304 || seen[to])
			unit_fail(__FILE__, __LINE__, "%u becomes %u", pid, to);
		seen[to] = 1;
		same += to == pid;
	}
	CHECK(same < 5);
	free(seen);
}

static void inode_numbers(void)
{
	struct pseudonym p = a_key("k");

	CHECK_NUM(pseudonym_inum(&p, 0), 0);
	CHECK(pseudonym_inum(&p, 0xeffffffeu) == 0xeffffffeu);
	for (uint32_t n = 0xf0000000u; n < 0xf0004000u; n++) {
		uint32_t to = pseudonym_inum(&p, n);

		CHECK(to >= 0xf0000000u);
		CHECK(to != pseudonym_inum(&p, n + 1));
	}
	for (uint32_t n = 1; n < 5000; n++)
		CHECK(pseudonym_inum(&p, n) < 0xf0000000u && pseudonym_inum(&p, n));
}

static void everybodys_ids_stay(void)
{
	struct pseudonym p = a_key("k");

	CHECK_NUM(pseudonym_uid(&p, 0), 0);
	CHECK_NUM(pseudonym_uid(&p, 65534), 65534);
	CHECK(pseudonym_uid(&p, UINT32_MAX) == UINT32_MAX);
	CHECK(pseudonym_uid(&p, 1000) != 1000);
	CHECK_NUM(pseudonym_id(&p, 0), 0);
	CHECK_NUM(pseudonym_id(&p, 1), 1);
	CHECK(pseudonym_id(&p, 7777) != 7777 && pseudonym_id(&p, 7777) < 1ull << 53);
}

static const char *text_of(struct pseudonym *p, const char *text)
{
	static char to[8192];
	size_t n = pseudonym_text(p, text, strlen(text), to, sizeof(to) - 1);

	to[n] = '\0';
	return to;
}

/* What a cgroup's path tells of its container can still be told. */
static void containers_are_found(void)
{
	static const char id[] = "0123456789abcdef0123456789abcdef"
				 "0123456789abcdef0123456789abcdef";
	static const char *const paths[] = {
		"/system.slice/docker-%s.scope",
		"/docker/%s",
		"/kubepods/burstable/pod12345678-1234/%s",
		"/kubepods.slice/kubepods-pod1234_5678.slice/cri-containerd-%s.scope",
		"/machine.slice/libpod-%s.scope/container",
		"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-%s.scope",
		"/lxc.payload.mail/init.scope",
		"/machine.slice/machine-web\\x2done.scope",
		"/machine.slice/machine-qemu\\x2d1\\x2done.scope",
		"/user.slice/user-1000.slice/session-3.scope",
		"/system.slice/ssh.service",
		"/",
	};
	struct pseudonym p = a_key("k");

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		char path[512], was[512] = "", is[512] = "";
		bool a, b;

		snprintf(path, sizeof(path), paths[i], id);
		a = nsm_container(path, was, sizeof(was));
		b = nsm_container(text_of(&p, path), is, sizeof(is));
		if (a != b)
			unit_fail(__FILE__, __LINE__, "%s: container '%s' became '%s'", path, was,
				  is);
		CHECK(!a || strcmp(was, is) != 0);
		CHECK_NUM(nsm_unit(path, was, sizeof(was)),
			  nsm_unit(text_of(&p, path), is, sizeof(is)));
	}
}

static void names_go(void)
{
	struct pseudonym p = a_key("k"), other = a_key("l");
	char one[16], two[16], again[64];

	pseudonym_comm(&p, "secretd", 7, one);
	pseudonym_comm(&p, "secretd\0junk", 12, two);
	CHECK_STR(two, one);
	CHECK(!strstr(one, "secret"));
	pseudonym_comm(&other, "secretd", 7, two);
	CHECK(strcmp(one, two) != 0);
	pseudonym_comm(&p, "sixteen_bytes_xx", 16, one);
	CHECK(!strncmp(one, "task-", 5));
	pseudonym_comm(&p, "runc:[2:INIT]", 13, one);
	CHECK_STR(one, "runc:[2:INIT]");
	pseudonym_comm(&p, "", 0, one);
	CHECK_STR(one, "");
	snprintf(again, sizeof(again), "%s", text_of(&p, "/home/zaphod/x"));
	CHECK_STR(text_of(&p, "/home/zaphod/x"), again);
	CHECK(!strstr(again, "zaphod") && again[0] == '/');
	CHECK_STR(text_of(&p, "/proc/1/ns"), "/proc/1/ns");
}

/* Whatever it is, it fits. */
static void it_is_cut_off(void)
{
	struct pseudonym p = a_key("k");
	char many[4096], to[64];

	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = i % 2 ? '/' : 'x';
	for (size_t size = 0; size < sizeof(to); size++)
		CHECK(pseudonym_text(&p, many, sizeof(many), to, size) <= size);
}

int main(void)
{
	RUN(the_hash_is_siphash);
	RUN(pids_are_permuted);
	RUN(inode_numbers);
	RUN(everybodys_ids_stay);
	RUN(containers_are_found);
	RUN(names_go);
	RUN(it_is_cut_off);
	return unit_end();
}
