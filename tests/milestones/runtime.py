#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""runtime.py CONFIG TRACE STRACE LABEL: a container's start as nslens told it, against the
bundle that was asked for, and against the system calls that strace saw of the same run."""
import collections
import json
import re
import sys

CAPS = """chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease
audit_write audit_control setfcap""".split()
# told by these names, one for each system call
ALIKE = ("mount", "pivot_root", "chroot", "sethostname", "setdomainname", "setgroups", "capset",
         "fsopen", "fsmount", "move_mount", "mount_setattr")

passed = failed = 0


def check(name, ok, why):
    global passed, failed
    if ok:
        print(f"ok {sys.argv[4]} {name}")
        passed += 1
    else:
        print(f"FAIL {sys.argv[4]} {name}: {why}")
        failed += 1


def strace_counts(path):
    """(milestone, errno) -> how often, of the finished calls in strace's output."""
    counts, begun = collections.Counter(), {}
    for line in open(path, encoding="utf-8", errors="replace"):
        m = re.match(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed>(.*))", line)
        if not m:
            continue
        pid, call, args = m.group(1), m.group(2), m.group(3) or ""
        if line.rstrip().endswith("<unfinished ...>"):
            begun[pid, call] = args
            continue
        if m.group(3) is None:
            args = begun.pop((pid, call), "") + m.group(4)
        result = re.search(r"\) += (-?\w+)(?: (E\w+))?", args)
        if not result or result.group(1) == "?":
            continue
        err = result.group(2) or "0"
        if call in ALIKE:
            counts[call, err] += 1
        elif call == "umount2":
            counts["umount", err] += 1
        elif call == "open_tree" and "OPEN_TREE_CLONE" in args:
            counts["open_tree", err] += 1
        elif call == "fsconfig" and re.search("FSCONFIG_CMD_", args):
            counts["fsconfig", err] += 1
        elif call == "seccomp" and re.search("SECCOMP_SET_MODE", args):
            counts["seccomp", err] += 1
        elif call == "prctl" and args.startswith("PR_SET_SECCOMP"):
            counts["seccomp", err] += 1
        elif call in ("execve", "execveat") and err == "0":
            counts["exec", err] += 1
    return counts


def check_counts(told, seen):
    got = collections.Counter((m["what"], m["errno"] or "0") for m in told)
    got["exec", "0"] -= 1  # strace itself
    kinds = ALIKE + ("umount", "open_tree", "fsconfig", "seccomp", "exec")
    for what in kinds:
        mine = {e: n for (w, e), n in got.items() if w == what and n}
        theirs = {e: n for (w, e), n in seen.items() if w == what and n}
        check(f"as many {what} as strace saw ({sum(theirs.values())})", mine == theirs,
              f"{mine}, strace saw {theirs}")


def check_bundle(told, config, born_there):
    def some(what, **want):
        return any(m["what"] == what and all(str(m[k] or "").endswith(v) for k, v in want.items())
                   for m in told)

    for mount in config["mounts"]:
        dest = mount["destination"]
        check(f"mount of {dest}",
              some("mount", where=dest) or some("move_mount", where=dest),
              [m["where"] for m in told if m["what"] == "mount"])
    check("host name", some("sethostname", text=config["hostname"]), "not told")
    check("another root", some("pivot_root"), "not told")
    # crun's first task is born into its cgroup: CLONE_INTO_CGROUP
    check("a cgroup", some("cgroup_attach") or born_there, "not told")
    execs = [m for m in told if m["what"] == "exec"]
    last = [m for m in execs if m["text"] == config["process"]["args"][0]]
    check("the payload's exec", len(last) == 1, [m["text"] for m in execs])
    caps = sum(1 << CAPS.index(c[4:].lower()) for c in config["process"]["capabilities"]["permitted"])
    flags = 1 * config["process"].get("noNewPrivileges", False) + 2 * ("seccomp" in config["linux"])
    if last:
        check("its capabilities", int(last[0]["numbers"][0]) == caps, last[0]["detail"])
        check("no_new_privs and seccomp", int(last[0]["numbers"][1]) == flags, last[0]["detail"])
    bound = [m for m in told if m["what"] == "capbset_drop" and last and m["pid"] == last[0]["pid"]]
    check("the bounding set", bound and int(bound[-1]["numbers"][0]) == caps,
          bound[-1]["detail"] if bound else "not told")
    for kind in ("uid", "gid"):
        for m in config["linux"].get(f"{kind}Mappings", []):
            text = f"{m['containerID']} {m['hostID']} {m['size']}"
            check(f"{kind} map", some(f"{kind}_map", text=text),
                  [x["detail"] for x in told if x["what"] == f"{kind}_map"])


def main():
    config = json.load(open(sys.argv[1], encoding="utf-8"))
    lines = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
    told = [e for e in lines if e["type"] == "milestone"]
    born_there = any(e["type"] == "call" and e["syscall"] == "clone3" and
                     int(e["raw_flags"], 16) >> 33 & 1 for e in lines)
    check_bundle(told, config, born_there)
    check_counts(told, strace_counts(sys.argv[3]))
    check("nothing was lost", lines[-1].get("counts", {}).get("lost") == 0, lines[-1].get("counts"))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
