// SPDX-License-Identifier: GPL-2.0-only
/* Containers found in cgroup paths. */
#include <string.h>

#include "../../user/model/container.h"
#include "unit.h"

#define HEX  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define ID   "0123456789ab"

static const struct {
	const char *path;
	const char *container; /* NULL: none */
} rows[] = {
	{"/docker/" HEX, ID},
	{"/system.slice/docker-" HEX ".scope", ID},
	{"/system.slice/docker-" HEX ".scope/init", ID},
	{"/docker/" HEX2 "/docker/" HEX, ID},
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/"
	 "cri-containerd-" HEX ".scope",
	 ID},
	{"/kubepods.slice/kubepods-pod1.slice/crio-" HEX ".scope", ID},
	{"/kubepods.slice/kubepods-pod1.slice/crio-conmon-" HEX ".scope", NULL},
	{"/kubepods/besteffort/pod12-34/" HEX, ID},
	{"/kubepods/besteffort/pod12-34", NULL},
	{"/kubelet/kubepods/pod12-34/" HEX, ID},
	{"/machine.slice/libpod-" HEX ".scope", ID},
	{"/machine.slice/libpod-" HEX ".scope/container", ID},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX ".scope", ID},
	{"/libpod_parent/libpod-" HEX, ID},
	{"/libpod_parent/libpod-" HEX "/container", ID},
	{"/machine.slice/libpod-conmon-" HEX ".scope", NULL},
	{"/libpod_parent/conmon", NULL},
	{"/system.slice/nerdctl-" HEX ".scope", ID},
	{"/lxc.payload.web", "web"},
	{"/lxc.payload.web/system.slice/cron.service", "web"},
	{"/lxc.monitor.web", NULL},
	{"/lxc/web", "web"},
	{"/lxc", NULL},
	{"/machine.slice/machine-web.scope", "web"},
	{"/machine.slice/machine-my\\x2dweb.scope/payload", "my-web"},
	{"/machine.slice/machine-bad\\xzz.scope", "bad\\xzz"},
	{"/machine.slice/machine-cut\\x2.scope", "cut\\x2"},
	{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", NULL},
	{"/machine.slice/systemd-nspawn@deb\\x2d12.service", "deb-12"},
	{"/machine.slice", NULL},
	{"/mycontainer", NULL},
	{"/" HEX, NULL},
	{"/system.slice/docker.service", NULL},
	{"/system.slice/docker-" HEX, NULL},
	{"/system.slice/docker-0123.scope", NULL},
	{"/system.slice/ssh.service", NULL},
	{"/user.slice/user-0.slice/session-1.scope", NULL},
	{"/docker/", NULL},
	{"/", NULL},
	{"", NULL},
	{"//", NULL},
};

static void paths(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char buf[512] = "untouched";
		bool found = nsm_container(rows[i].path, buf, strlen(rows[i].path) + 1);

		if (found != (rows[i].container != NULL) ||
		    strcmp(buf, found ? rows[i].container : "untouched") != 0)
			unit_fail(__FILE__, __LINE__, "%s: %s", rows[i].path, found ? buf : "none");
	}
}

static void small_buffers(void)
{
	char buf[5] = "####";

	CHECK(nsm_container("/lxc/longname", buf, sizeof(buf)));
	CHECK_STR(buf, "long");
	CHECK(nsm_container("/lxc/longname", buf, 1));
	CHECK_STR(buf, "");
	CHECK(!nsm_container("/lxc/longname", buf, 0));
}

static void units(void)
{
	static const struct {
		const char *path;
		const char *unit; /* NULL: none */
	} table[] = {
		{"/system.slice/ssh.service", "ssh.service"},
		{"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service/x",
		 "dbus.service"},
		{"/system.slice/docker-" HEX ".scope", "docker-" HEX ".scope"},
		{"/machine.slice/a\\x2db.scope", "a-b.scope"},
		{"/system.slice", NULL},
		{"/system.slice/.service", NULL},
		{"/docker/" HEX, NULL},
		{"/", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		char buf[512] = "untouched";
		bool found = nsm_unit(table[i].path, buf, sizeof(buf));

		CHECK_NUM(found, table[i].unit != NULL);
		CHECK_STR(buf, found ? table[i].unit : "untouched");
	}
}

int main(void)
{
	RUN(paths);
	RUN(units);
	RUN(small_buffers);
	return unit_end();
}
