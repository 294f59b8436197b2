# SPDX-License-Identifier: GPL-2.0-only
"""Ten facts that break naive tracers, and what in a run proves that nslens got each right.

A point counts only if the cases it rests on passed: their steps and slots then
are those of the table. What is looked at here is what the table cannot say.
"""

RELEASES = {"free_nsproxy", "nsproxy_ns_active_put"}


def steps(rec):
    return [s["fn"] for s in rec["steps"] or []]


def records(run, case, syscall):
    return [rec for _, rec in run.pairs[case] if rec["syscall"] == syscall]


def one(run, case, syscall):
    return records(run, case, syscall)[-1]


def copies_create_by_flag(run):
    rec = one(run, "unshare-uts", "unshare")
    copies = [s for s in rec["steps"] if s["fn"].startswith("copy_")]
    return len(copies) == 7 and [s["fn"] for s in copies if s["outcome"] == "created"] == [
        "copy_utsname"]


def nsproxy_without_namespace(run):
    rec = one(run, "setns-uts", "setns")
    made = [r for r in run.ns if r["event"] == "created" and rec["ts"] <= r["ts"]
            <= rec["ts"] + rec["duration"]]
    return not made and rec["nsproxy"]["before"] != rec["nsproxy"]["after"]


def unborn_child(run):
    for case in ("clone3-set-tid-taken", "clone3-bad-cgroup"):
        rec = one(run, case, "clone3")
        made = [s["nsproxy"] for s in rec["steps"] if s["fn"] == "create_new_namespaces"][0]
        undone = [s for s in rec["steps"] if s["outcome"] == "undone"]
        told = [r for r in run.exits if r["nsproxy"] and r["nsproxy"]["before"] == made]
        tasks = [r for r in run.records if r["type"] == "task" and r["nsproxy"] == made]
        if rec["child"] or told or tasks or not all(s["unborn"] for s in undone):
            return False
    return True


def switch_inlined_or_not(run):
    if run.common["each nsproxy released once"] or run.common["exits"]:
        return False
    return not any("switch_task_namespaces" in steps(r) for r in run.exits)


def user_is_no_slot(run):
    joined, made = one(run, "setns-user", "setns"), one(run, "unshare-user", "unshare")
    return (joined["nsproxy"]["before"] != joined["nsproxy"]["after"]
            and made["nsproxy"]["before"] == made["nsproxy"]["after"]
            and list(joined["slots"]) == ["user"] == list(made["slots"]))


def put_is_not_destroyed(run):
    joined, born = one(run, "setns-kept-fd", "setns"), one(run, "setns-kept-fd", "clone3")
    kept = born["slots"]["uts"]["after"]["id"]
    left = [r for r in run.exits if r["tid"] == born["child"] and r["slots"]
            and r["slots"]["uts"]["before"]["id"] == kept and r["ts"] < joined["ts"]]
    ends = [r["ts"] for r in run.ns if r["event"] == "destroyed" and r["id"] == kept]
    failed = one(run, "limit-mnt-uts", "unshare")
    undone = [s["ns"]["id"] for s in failed["steps"] if s["outcome"] == "created"]
    gone = {r["id"] for r in run.ns if r["event"] == "destroyed"}
    return (len(left) == 1 and len(ends) == 1 and ends[0] > joined["ts"]
            and joined["slots"]["uts"]["after"]["id"] == kept
            and len(undone) == 1 and undone[0] in gone)


def user_outside_nsproxy(run):
    for case, syscall in (("unshare-user", "unshare"), ("clone-user", "clone")):
        rec = one(run, case, syscall)
        made = rec["slots"]["user"]["after"]["id"]
        told = {r["event"] for r in run.ns if r["id"] == made}
        if "create_new_namespaces" in steps(rec) or told != {"created", "destroyed"}:
            return False
    return True


def exit_before_release(run):
    made = one(run, "last-of-nsproxy", "unshare")
    ends = [r for r in run.exits if r["tid"] == made["tid"] and r["nsproxy"]
            and r["nsproxy"]["before"] == made["nsproxy"]["after"]]
    return len(ends) == 1 and all(
        ends[0]["slots"][slot]["before"]["id"] == made["slots"][slot]["after"]["id"]
        for slot in ("uts", "ipc"))


def renamed_and_counted_twice(run):
    new = run.kernel >= (6, 19)
    names = {s for r in run.calls for s in steps(r) if s in RELEASES}
    refused = steps(one(run, "setns-own-user", "setns"))
    first = one(run, "unshare-all", "unshare")["slots"].values()
    initial = {s["before"]["id"] for s in first}
    touched = {r["id"] for r in run.ns} & initial
    return (names == ({"nsproxy_ns_active_put"} if new else {"free_nsproxy"})
            and bool(set(refused) & RELEASES) == (not new) and not touched)


def mounts_without_calls(run):
    tasks = {}
    for line in run.lines:
        if line["syscall"] in ("open_tree", "fsmount"):
            tasks[line["case"]] = line
    if len(tasks) != 4 or tasks["open-tree-clone"]["errno"] or tasks["fsmount"]["errno"]:
        return False
    for case, since in (("open-tree-namespace", (7, 0)), ("fsmount-namespace", (7, 1))):
        if (tasks[case]["errno"] is None) != (run.kernel >= since):
            return False
    pids = {line["pid"] for line in tasks.values()}
    return not any(r["event"] == "created" and r["by"]["pid"] in pids for r in run.ns)


# number: (what it says, cases it rests on, whether tracepoints can prove it, proof)
POINTS = {
    1: ("every copy_*() runs, the flag says which creates", ["unshare-uts", "unshare-all"],
        False, copies_create_by_flag),
    2: ("create_new_namespaces(0) makes an nsproxy, no namespace",
        ["setns-uts", "fork-after-time", "exec-after-time"], False, nsproxy_without_namespace),
    3: ("a failed clone undoes a child that never ran",
        ["clone3-set-tid-taken", "clone3-bad-cgroup"], False, unborn_child),
    4: ("switch_task_namespaces() inlined or not: each nsproxy is released once, no exit "
        "tells a switch", ["last-of-nsproxy", "exec-after-time", "unshare-time-twice"],
        False, switch_inlined_or_not),
    5: ("setns(user) installs an nsproxy with unchanged pointers, unshare(user) none",
        ["setns-user", "unshare-user"], True, user_is_no_slot),
    6: ("a put is not a destruction, a failed call's namespace is destroyed",
        ["setns-kept-fd", "limit-mnt-uts"], False, put_is_not_destroyed),
    7: ("user namespaces come and go without nsproxy", ["unshare-user", "clone-user"],
        False, user_outside_nsproxy),
    8: ("an exit is told with its namespaces still readable", ["last-of-nsproxy"],
        True, exit_before_release),
    9: ("functions renamed in 6.19, and the initial namespaces neither born nor dead",
        ["setns-own-user", "unshare-all"], False, renamed_and_counted_twice),
    10: ("mount namespaces without clone, unshare or setns are no call",
         ["open-tree-clone", "open-tree-namespace", "fsmount", "fsmount-namespace"],
         True, mounts_without_calls),
}


def judge(run):
    """(number, "ok"|"skip"|"fail", text) for each point."""
    for n, (text, cases, by_tracepoints, proof) in POINTS.items():
        bad = [case for case in cases if not run.case_ok(case)]
        if not run.functions and not by_tracepoints:
            yield n, "skip", text + ": tracepoints show no steps and no deaths"
        elif bad:
            yield n, "fail", text + ": not right: " + ", ".join(bad)
        elif proof(run):
            yield n, "ok", text
        else:
            yield n, "fail", text + ": the cases pass, and yet it is not so"
