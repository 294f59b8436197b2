// SPDX-License-Identifier: GPL-2.0-only
#include "pseudonym.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define MAX_PID 4194304u /* PID_MAX_LIMIT on 64-bit machines */
#define ROUNDS	8

#define ROTATE(x, n) ((x) << (n) | (x) >> (64 - (n)))

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = ROTATE(v[1], 13) ^ v[0];
	v[3] = ROTATE(v[3], 16) ^ v[2];
	v[0] = ROTATE(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = ROTATE(v[1], 17) ^ v[2];
	v[3] = ROTATE(v[3], 21) ^ v[0];
	v[2] = ROTATE(v[2], 32);
}

uint64_t pseudonym_hash(const struct pseudonym *p, const void *bytes, size_t n)
{
	const unsigned char *in = bytes;
	uint64_t v[4] = {p->key[0] ^ 0x736f6d6570736575u, p->key[1] ^ 0x646f72616e646f6du,
			 p->key[0] ^ 0x6c7967656e657261u, p->key[1] ^ 0x7465646279746573u};
	uint64_t last = (uint64_t)n << 56, word;
	size_t at = 0;

	for (; at + 8 <= n; at += 8) {
		word = 0;
		for (int i = 0; i < 8; i++)
			word |= (uint64_t)in[at + (size_t)i] << (8 * i);
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t i = 0; at + i < n; i++)
		last |= (uint64_t)in[at + i] << (8 * i);
	v[3] ^= last;
	sip_round(v);
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int pseudonym_init(struct pseudonym *p, const char *text)
{
	/* a fixed one, to make keys of texts with */
	static const struct pseudonym maker = {.key = {0x6e736c656e73206bu, 0x6579206d616b6572u}};
	struct pseudonym second = {0};

	memset(p, 0, sizeof(*p));
	if (!text)
		return getrandom(p->key, sizeof(p->key), 0) == sizeof(p->key) ? 0 : -1;
	p->key[0] = pseudonym_hash(&maker, text, strlen(text));
	second.key[0] = p->key[0];
	second.key[1] = maker.key[1];
	p->key[1] = pseudonym_hash(&second, text, strlen(text));
	return 0;
}

/* ---- numbers ---- */

/* A permutation of the numbers of 2 * half bits: a Feistel network. */
static uint64_t permute(const struct pseudonym *p, uint64_t n, int half, uint8_t domain)
{
	uint64_t mask = (UINT64_C(1) << half) - 1;
	uint64_t left = n >> half, right = n & mask;

	for (int round = 0; round < ROUNDS; round++) {
		unsigned char in[10] = {domain, (unsigned char)round};
		uint64_t next;

		memcpy(in + 2, &right, sizeof(right));
		next = left ^ (pseudonym_hash(p, in, sizeof(in)) & mask);
		left = right;
		right = next;
	}
	return left << half | right;
}

uint32_t pseudonym_pid(struct pseudonym *p, uint32_t pid)
{
	struct pseudonym_known *known = &p->pids[pid % PSEUDONYM_CACHE];
	uint64_t n = pid;

	if (pid < 2 || pid > MAX_PID)
		return pid;
	if (known->from == pid)
		return known->to;
	/* walk on until it is one again: a permutation of them alone */
	do {
		n = permute(p, n, 12, 'p');
	} while (n < 2 || n > MAX_PID);
	*known = (struct pseudonym_known){pid, (uint32_t)n};
	return (uint32_t)n;
}

static bool everybodys_uid(uint64_t uid)
{
	return !uid || uid == 65534 || uid == UINT32_MAX;
}

uint32_t pseudonym_uid(const struct pseudonym *p, uint32_t uid)
{
	uint64_t n = uid;

	if (everybodys_uid(uid))
		return uid;
	do {
		n = permute(p, n, 16, 'u');
	} while (everybodys_uid(n));
	return (uint32_t)n;
}

#define DYNAMIC 0xf0000000u /* PROC_DYNAMIC_FIRST: where nsfs counts from */

/* 0, and PROC_*_INIT_INO */
static bool everybodys_inum(uint64_t inum)
{
	return !inum || (inum >= 0xeffffff0u && inum <= 0xefffffffu);
}

uint32_t pseudonym_inum(struct pseudonym *p, uint32_t inum)
{
	struct pseudonym_known *known = &p->inums[inum % PSEUDONYM_CACHE];
	uint64_t n = inum;

	if (everybodys_inum(inum))
		return inum;
	if (known->from == inum)
		return known->to;
	if (inum >= DYNAMIC)
		n = DYNAMIC | permute(p, inum & ~DYNAMIC, 14, 'i');
	else
		do {
			n = permute(p, n, 16, 'i');
		} while (n >= DYNAMIC || everybodys_inum(n));
	*known = (struct pseudonym_known){inum, (uint32_t)n};
	return (uint32_t)n;
}

uint64_t pseudonym_id(const struct pseudonym *p, uint64_t id)
{
	if (id < 2)
		return id;
	return 2 + (pseudonym_hash(p, &id, sizeof(id)) >> 12);
}

/* ---- words ---- */

/* Programs that make namespaces everywhere: who reads a report needs them. */
static const char *const public_comms[] = {
	"runc",
	"runc:[0:PARENT]",
	"runc:[1:CHILD]",
	"runc:[2:INIT]",
	"crun",
	"conmon",
	"podman",
	"bwrap",
	"unshare",
	"nsenter",
	"systemd",
	"systemd-nspawn",
	"(sd-mkdcreds)",
	"containerd",
	"containerd-shim",
	"dockerd",
	"docker",
	"docker-init",
	"docker-proxy",
	"lxc-start",
	"lxc-attach",
	"crio",
	"newuidmap",
	"newgidmap",
	"catatonit",
	"slirp4netns",
	"pasta",
	"netavark",
	"fuse-overlayfs",
	"ip",
	"(systemd)",
	"(sd-pam)",
	"kworker",
	"kthreadd",
	"nslens",
};

/* What stands in cgroup paths, mounts and /proc of every machine. */
static const char *const public_words[] = {
	"allow",
	"besteffort",
	"bin",
	"binfmt_misc",
	"bpf",
	"burstable",
	"buildah",
	"cgroup",
	"cgroup2",
	"configfs",
	"conmon",
	"containerd",
	"container",
	"cri",
	"crio",
	"debugfs",
	"deny",
	"dev",
	"devpts",
	"devtmpfs",
	"docker",
	"etc",
	"exe",
	"ext4",
	"fd",
	"fs",
	"fuse",
	"init",
	"io",
	"ipc",
	"kubepods",
	"lib",
	"lib64",
	"libpod",
	"lo",
	"lxc",
	"machine",
	"mnt",
	"monitor",
	"mount",
	"mqueue",
	"nerdctl",
	"net",
	"netns",
	"nodev",
	"none",
	"ns",
	"nspawn",
	"nsfs",
	"oldroot",
	"overlay",
	"parent",
	"payload",
	"pid",
	"pid_for_children",
	"podman",
	"proc",
	"pts",
	"qemu",
	"ramfs",
	"root",
	"rootfs",
	"run",
	"runc",
	"crun",
	"sbin",
	"scope",
	"securityfs",
	"self",
	"service",
	"session",
	"shm",
	"slice",
	"socket",
	"sys",
	"sysfs",
	"system",
	"systemd",
	"task",
	"thread",
	"time",
	"time_for_children",
	"tmp",
	"tmpfs",
	"tracefs",
	"unified",
	"user",
	"usr",
	"uts",
	"var",
	"vbox",
	"xen",
	"xfs",
};

static bool is_public(const char *const *list, size_t n, const char *word, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == length && !memcmp(list[i], word, length))
			return true;
	return false;
}

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

void pseudonym_comm(const struct pseudonym *p, const char *comm, size_t n, char to[16])
{
	memset(to, 0, 16);
	n = strnlen(comm, n < 16 ? n : 16);
	if (n < 16 && is_public(public_comms, COUNT(public_comms), comm, n))
		memcpy(to, comm, n);
	else if (n)
		snprintf(to, 16, "task-%08x", (unsigned int)pseudonym_hash(p, comm, n));
}

/* "\x2d", as systemd writes what may not stand in a name: 4, else 0 */
static size_t escape(const char *text, size_t n)
{
	return n >= 4 && text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
			       isxdigit((unsigned char)text[3])
		       ? 4
		       : 0;
}

static bool separates(char c)
{
	return c && strchr("/.-:@[]()+,= ", c) != NULL;
}

static size_t word_length(const char *text, size_t n)
{
	size_t length = 0;

	while (length < n && !separates(text[length]) && !escape(text + length, n - length))
		length++;
	return length;
}

static bool all_of(const char *digits, const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!word[i] || !strchr(digits, word[i]))
			return false;
	return true;
}

/* Ids of containers stay hexadecimal digits of the same number. */
static size_t put_hex(const struct pseudonym *p, const char *word, size_t n, char *to)
{
	uint64_t hash = pseudonym_hash(p, word, n);
	char digits[17];

	for (size_t at = 0; at < n; at += 16) {
		snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)hash);
		memcpy(to + at, digits, n - at < 16 ? n - at : 16);
		hash = pseudonym_hash(p, &hash, sizeof(hash));
	}
	return n;
}

static size_t put_digits(struct pseudonym *p, const char *word, size_t n, char *to)
{
	uint64_t number = 0;

	for (size_t i = 0; i < n; i++)
		number = number * 10 + (uint64_t)(word[i] - '0');
	number = number <= MAX_PID ? pseudonym_pid(p, (uint32_t)number)
				   : pseudonym_inum(p, (uint32_t)number);
	return (size_t)sprintf(to, "%u", (unsigned int)number);
}

#define MAX_WORD 64 /* that a pseudonym may have */

static size_t put_word(struct pseudonym *p, const char *word, size_t n, char to[MAX_WORD + 1])
{
	if (n <= MAX_WORD && is_public(public_words, COUNT(public_words), word, n)) {
		memcpy(to, word, n);
		return n;
	}
	if (n && n < 11 && all_of("0123456789", word, n))
		return put_digits(p, word, n, to);
	if (n >= 12 && n <= MAX_WORD && all_of("0123456789abcdef", word, n))
		return put_hex(p, word, n, to);
	return (size_t)snprintf(to, MAX_WORD, "n%08x", (unsigned int)pseudonym_hash(p, word, n));
}

size_t pseudonym_text(struct pseudonym *p, const char *text, size_t n, char *to, size_t size)
{
	size_t len = 0;

	for (size_t at = 0, used; at < n; at += used) {
		char word[MAX_WORD + 1];
		size_t put;

		used = word_length(text + at, n - at);
		if (used) {
			put = put_word(p, text + at, used, word);
		} else {
			used = escape(text + at, n - at);
			used = used ? used : 1;
			memcpy(word, text + at, used);
			put = used;
		}
		if (put > size - len)
			put = size - len;
		memcpy(to + len, word, put);
		len += put;
	}
	return len;
}
