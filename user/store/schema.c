// SPDX-License-Identifier: GPL-2.0-only
#include "schema.h"

#include <string.h>

const char *const store_schema[] = {
	/* what the recording is of */
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID",
	"CREATE TABLE hooks(n INTEGER PRIMARY KEY, fact TEXT, mechanism TEXT, lost TEXT)",

	/* what happened, as it came: everything else follows from it */
	"CREATE TABLE events(seq INTEGER PRIMARY KEY, ts INTEGER, kind INTEGER, pid INTEGER, "
	"tid INTEGER, body BLOB)",
	"CREATE TABLE kinds(kind INTEGER PRIMARY KEY, name TEXT)",
	"CREATE TABLE keyframes(seq INTEGER PRIMARY KEY, ts INTEGER, first_part INTEGER, "
	"parts INTEGER, events INTEGER, lost INTEGER, gaps INTEGER, snapshots INTEGER)",
	"CREATE TABLE keyframe_parts(n INTEGER PRIMARY KEY, body BLOB)",
	"CREATE TABLE gaps(seq INTEGER, ts INTEGER, count INTEGER, hook TEXT)",

	/* what it means */
	"CREATE TABLE calls(number INTEGER PRIMARY KEY, seq INTEGER, ts INTEGER, duration INTEGER, "
	"pid INTEGER, tid INTEGER, comm TEXT, syscall TEXT, flags TEXT, ret INTEGER, errno TEXT, "
	"failed_in TEXT, child INTEGER, nsproxy_before INTEGER, nsproxy_after INTEGER, "
	"container TEXT, cgroup TEXT, gap INTEGER, explain TEXT)",
	"CREATE TABLE steps(call INTEGER, n INTEGER, fn TEXT, outcome TEXT, ns TEXT, id INTEGER, "
	"errno TEXT, duration INTEGER, PRIMARY KEY(call, n)) WITHOUT ROWID",
	"CREATE TABLE namespaces(id INTEGER PRIMARY KEY, type TEXT, inum INTEGER, owner INTEGER, "
	"parent INTEGER, born INTEGER, died INTEGER, cause TEXT)",
	/* since version 2 */
	"CREATE TABLE milestones(number INTEGER PRIMARY KEY, seq INTEGER, ts INTEGER, "
	"duration INTEGER, pid INTEGER, tid INTEGER, comm TEXT, what TEXT, errno TEXT, "
	"about_pid INTEGER, ns TEXT, id INTEGER, text TEXT, at_path TEXT, detail0 INTEGER, "
	"detail1 INTEGER, container TEXT, cgroup TEXT, explain TEXT)",

	/* views: times in seconds since the start of the recording, durations in milliseconds */
	"CREATE VIEW timeline AS SELECT number, "
	"round((ts - (SELECT value FROM meta WHERE key = 'monotonic')) / 1e9, 6) AS at, "
	"datetime((ts - (SELECT value FROM meta WHERE key = 'monotonic') + "
	"(SELECT value FROM meta WHERE key = 'wall_clock')) / 1000000000, 'unixepoch') AS utc, "
	"round(duration / 1e6, 3) AS ms, pid, tid, comm, syscall, flags, ret, errno, failed_in, "
	"child, container, gap, explain FROM calls",
	"CREATE VIEW failed_calls AS SELECT * FROM timeline WHERE errno IS NOT NULL",
	"CREATE VIEW slow_calls AS SELECT * FROM timeline WHERE ms IS NOT NULL ORDER BY ms DESC",
	"CREATE VIEW failures AS SELECT errno, syscall, failed_in, comm, count(*) AS times, "
	"min(at) AS first_at, max(at) AS last_at FROM failed_calls "
	"GROUP BY errno, syscall, failed_in, comm ORDER BY times DESC",
	"CREATE VIEW step_times AS SELECT fn, count(*) AS times, round(avg(duration) / 1e6, 4) AS "
	"mean_ms, round(max(duration) / 1e6, 4) AS max_ms, round(sum(duration) / 1e6, 3) AS sum_ms "
	"FROM steps WHERE duration IS NOT NULL GROUP BY fn ORDER BY sum_ms DESC",
	"CREATE VIEW namespace_lives AS SELECT id, type, type || ':[' || inum || ']' AS ns, "
	"round((born - (SELECT value FROM meta WHERE key = 'monotonic')) / 1e9, 6) AS born_at, "
	"round((died - (SELECT value FROM meta WHERE key = 'monotonic')) / 1e9, 6) AS died_at, "
	"round((died - born) / 1e6, 3) AS ms, owner, parent, cause FROM namespaces",
	"CREATE VIEW living_namespaces AS SELECT * FROM namespace_lives WHERE died_at IS NULL",
	"CREATE VIEW containers AS SELECT container, count(*) AS calls, sum(errno IS NOT NULL) AS "
	"failed, min(at) AS first_at, max(at) AS last_at, round(sum(ms), 3) AS ms_in_calls "
	"FROM timeline WHERE container IS NOT NULL GROUP BY container ORDER BY first_at",
	"CREATE VIEW milestone_list AS SELECT number, "
	"round((ts - (SELECT value FROM meta WHERE key = 'monotonic')) / 1e9, 6) AS at, "
	"round(duration / 1e6, 3) AS ms, pid, tid, comm, what, errno, about_pid, ns, container, "
	"explain FROM milestones",
	"CREATE VIEW event_list AS SELECT seq, "
	"round((ts - (SELECT value FROM meta WHERE key = 'monotonic')) / 1e9, 6) AS at, "
	"(SELECT name FROM kinds WHERE kinds.kind = events.kind) AS kind, pid, tid, "
	"length(body) AS bytes FROM events",
};

const size_t nstore_schema = sizeof(store_schema) / sizeof(*store_schema);

bool store_schema_has(const char *sql)
{
	for (size_t i = 0; sql && i < nstore_schema; i++)
		if (!strcmp(sql, store_schema[i]))
			return true;
	return false;
}
