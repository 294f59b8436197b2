# SPDX-License-Identifier: GPL-2.0-only
"""What each case of `calls` must show: its calls, their steps, the changed slots.

Written down from the kernel's source, not from the output of nslens. One line
for each call that is reported, in the order in which the calls were entered:

    [CONDITION...] [optional] [N*] SYSCALL: STEPS -> RESULT

CONDITION   <X.Y or >=X.Y (kernel), ia32 or x86-64 (entry of the caller; arm64's one
            entry is as that of x86-64), x86 or arm64 (the machine)
optional    need not be reported; if it is, then so
N*          N calls like this
STEPS       fn:outcome[:errno] in kernel order, or - for none, or short forms:
    N         copy_namespaces:done
    U         unshare_nsproxy_namespaces:done
    create(T) create_new_namespaces:done and the seven copies, those in T
              created, the others shared
    fail(F E T) create_new_namespaces() whose copy of type F fails with E; of
              the copies before it those in T are created; the ones after it
              are not reached; the ones before it are put, the last first
    S         switch_task_namespaces:installed
    free      the old nsproxy is freed: it was the caller's alone
    undo      put_nsset:undone with the private nsproxy of setns; up to 6.18 its
              free_nsproxy() is seen, later it is inline and touches no active count
    unborn    the child that never ran: exit_task_namespaces (6.19 and later:
              exit_nsproxy_namespaces) undone by the parent, then its nsproxy freed
    T:inst    the install function of type T installed it
    not(fn)   fn was not reached
RESULT      the changed slots and how (c(T): created, i(T): installed,
            h(T): inherited; pid and time alone name the *for_children slots,
            pid! and time! the task's own too; none), or an errno

"Point N" in a comment names one of ten facts that break naive tracers; check.py
says which of them a run has proven.
"""

import re

TYPES = ["mnt", "uts", "ipc", "pid", "cgroup", "net", "time"]
COPY = {"mnt": "copy_mnt_ns", "uts": "copy_utsname", "ipc": "copy_ipcs", "pid": "copy_pid_ns",
        "cgroup": "copy_cgroup_ns", "net": "copy_net_ns", "time": "copy_time_ns"}
PUT = {"mnt": "put_mnt_ns", "uts": "put_uts_ns", "ipc": "put_ipc_ns", "pid": "put_pid_ns",
       "cgroup": "put_cgroup_ns", "net": "put_net"}
INSTALL = {"mnt": "mntns_install", "uts": "utsns_install", "ipc": "ipcns_install",
           "pid": "pidns_install", "cgroup": "cgroupns_install", "net": "netns_install",
           "time": "timens_install", "user": "userns_install"}

TABLE = """
# ---- unshare: one type alone, all, none ----
# Point 1: all seven copies run, one of them creates.
unshare-uts
    unshare: U create(uts) S -> c(uts)
unshare-ipc
    unshare: U create(ipc) S -> c(ipc)
unshare-mnt
    unshare: U create(mnt) S -> c(mnt)
unshare-net
    unshare: U create(net) S -> c(net)
# For children only: the caller's own pid and time namespaces do not change.
unshare-pid
    unshare: U create(pid) S -> c(pid)
unshare-cgroup
    unshare: U create(cgroup) S -> c(cgroup)
# Points 5 and 7: nsproxy is not touched at all.
unshare-user
    unshare: create_user_ns:created U commit_creds:installed -> c(user)
unshare-time
    unshare: U create(time) S -> c(time)
# The nsproxy is switched before the credentials are.
unshare-all
    unshare: create_user_ns:created U create(mnt,uts,ipc,pid,cgroup,net,time) S commit_creds:installed -> c(mnt,uts,ipc,pid,cgroup,net,time,user)
unshare-user-uts
    unshare: create_user_ns:created U create(uts) S commit_creds:installed -> c(uts,user)
unshare-zero
    unshare: U -> none
unshare-files-only
    unshare: U -> none
# check_unshare_flags() comes before every hooked function.
unshare-bad-bit
    unshare: - -> EINVAL
# unshare(2) takes a long; a 32-bit caller has no bit 40.
unshare-high-bit
    x86-64 unshare: - -> EINVAL
    ia32 unshare: U create(uts) S -> c(uts)
# The first one is pending: the caller's own pid namespace is another.
unshare-pid-twice
    unshare: U create(pid) S -> c(pid)
    unshare: unshare_nsproxy_namespaces:failed:EINVAL fail(pid EINVAL) not(switch_task_namespaces) -> EINVAL
unshare-time-twice
    unshare: U create(time) S -> c(time)
    unshare: U create(time) S free -> c(time)
# Not the rule of clone: unshare drops the undo list instead.
unshare-ipc-sysvsem
    unshare: U create(ipc) S -> c(ipc)
unshare-empty-mnt
    <7.1 unshare: - -> EINVAL
    >=7.1 unshare: U create(mnt) S -> c(mnt)

# ---- clone ----
clone-uts
    clone: N create(uts) -> c(uts)
# Point 7: made by copy_creds(); copy_namespaces() takes the fast path.
clone-user
    clone: create_user_ns:created N -> c(user)
clone-vfork-uts
    clone: N create(uts) -> c(uts)
clone-untraced-uts
    clone: N create(uts) -> c(uts)
# 0x80 is a part of the exit signal, not CLONE_NEWTIME; 7.1 refuses such a signal.
clone-exit-signal-0x80
    <7.1 clone: N create(uts) -> c(uts)
    >=7.1 clone: - -> EINVAL
clone-exit-signal-0x80-only
clone-high-bits
    clone: N create(uts) -> c(uts)
clone-ns-fs
    clone: - -> EINVAL
clone-user-fs
    clone: - -> EINVAL
clone-ipc-sysvsem
    clone: copy_namespaces:failed:EINVAL -> EINVAL
clone-pid-thread
    clone: - -> EINVAL

# ---- clone3 ----
clone3-uts
    clone3: N create(uts) -> c(uts)
clone3-ipc
    clone3: N create(ipc) -> c(ipc)
clone3-mnt
    clone3: N create(mnt) -> c(mnt)
clone3-net
    clone3: N create(net) -> c(net)
clone3-pid
    clone3: N create(pid) -> c(pid!)
clone3-cgroup
    clone3: N create(cgroup) -> c(cgroup)
clone3-user
    clone3: create_user_ns:created N -> c(user)
clone3-time
    clone3: N create(time) -> c(time!)
clone3-all
    clone3: create_user_ns:created N create(mnt,uts,ipc,pid,cgroup,net,time) -> c(mnt,uts,ipc,pid!,cgroup,net,time!,user)
clone3-ver0
    clone3: N create(uts) -> c(uts)
# Refused before kernel_clone().
clone3-unknown-flag
    clone3: - -> EINVAL
clone3-csignal
    clone3: - -> EINVAL
# Refused before the flags are read: no namespace call at all.
clone3-small
clone3-bad-pointer
clone3-big
# Point 3: everything was made; the parent takes it back for a child without a pid.
clone3-set-tid-taken
    clone3: N create(uts) unborn -> EEXIST
clone3-bad-cgroup
    clone3: N create(uts) unborn -> EBADF
clone3-empty-mnt
    <7.1 optional clone3: - -> EINVAL
    >=7.1 clone3: N create(mnt) -> c(mnt)

# ---- setns ----
# Point 2: create_new_namespaces(0) makes an nsproxy, not a namespace.
setns-uts
    clone3: N create(uts) -> c(uts)
    setns: create() uts:inst S put_nsset:done -> i(uts)
setns-ipc
    clone3: N create(ipc) -> c(ipc)
    setns: create() ipc:inst S put_nsset:done -> i(ipc)
setns-mnt
    clone3: N create(mnt) -> c(mnt)
    setns: create() mnt:inst S put_nsset:done -> i(mnt)
setns-net
    clone3: N create(net) -> c(net)
    setns: create() net:inst S put_nsset:done -> i(net)
setns-pid
    clone3: N create(pid) -> c(pid!)
    setns: create() pid:inst S put_nsset:done -> i(pid)
setns-cgroup
    clone3: N create(cgroup) -> c(cgroup)
    setns: create() cgroup:inst S put_nsset:done -> i(cgroup)
# Point 5: a new nsproxy with the old pointers; the change is in the credentials.
setns-user
    clone3: create_user_ns:created N -> c(user)
    setns: create() user:inst commit_creds:installed S put_nsset:done -> i(user)
# Both time slots, at once.
setns-time
    clone3: N create(time) -> c(time!)
    setns: create() time:inst S put_nsset:done -> i(time!)
setns-any-type
    clone3: N create(uts) -> c(uts)
    setns: create() uts:inst S put_nsset:done -> i(uts)
setns-same-uts
    setns: create() uts:inst S put_nsset:done -> none
# Point 9: how the private nsproxy goes.
setns-own-user
    setns: create() userns_install:failed:EINVAL not(switch_task_namespaces) undo -> EINVAL
setns-mismatch
    clone3: N create(uts) -> c(uts)
    setns: - -> EINVAL
setns-plain-file
    setns: - -> EINVAL
setns-bad-fd
    2* setns: - -> EBADF
setns-ancestor-pid
    clone3: N create(pid) -> c(pid!)
    setns: create() pidns_install:failed:EINVAL not(switch_task_namespaces) undo -> EINVAL
setns-pid-back
    unshare: U create(pid) S -> c(pid)
    setns: create() pid:inst S free put_nsset:done -> i(pid)
setns-time-threads
    clone3: N create(time) -> c(time!)
    setns: create() timens_install:failed:EUSERS not(switch_task_namespaces) undo -> EUSERS
setns-mnt-threads
    clone3: N create(mnt) -> c(mnt)
    setns: create() mntns_install:failed:EINVAL not(switch_task_namespaces) undo -> EINVAL
setns-user-threads
    clone3: create_user_ns:created N -> c(user)
    setns: create() userns_install:failed:EINVAL not(switch_task_namespaces) undo -> EINVAL
setns-uts-threads
    clone3: N create(uts) -> c(uts)
    setns: create() uts:inst S put_nsset:done -> i(uts)
setns-pidfd-uts
    clone3: N create(uts) -> c(uts)
    setns: create() uts:inst S put_nsset:done -> i(uts)
# validate_nsset() installs user first, then mnt uts ipc pid cgroup net time.
setns-pidfd-several
    clone3: create_user_ns:created N create(mnt,uts,net) -> c(mnt,uts,net,user)
    setns: create() user:inst mnt:inst uts:inst net:inst commit_creds:installed S put_nsset:done -> i(mnt,uts,net,user)
setns-pidfd-all
    clone3: create_user_ns:created N create(mnt,uts,ipc,pid,cgroup,net,time) -> c(mnt,uts,ipc,pid!,cgroup,net,time!,user)
    setns: create() user:inst mnt:inst uts:inst ipc:inst pid:inst cgroup:inst net:inst time:inst commit_creds:installed S put_nsset:done -> i(mnt,uts,ipc,pid,cgroup,net,time!,user)
# check_setns_flags() comes before prepare_nsset().
setns-pidfd-zero
    clone3: N create(uts) -> c(uts)
    setns: - -> EINVAL
setns-pidfd-bad-bits
    clone3: N create(uts) -> c(uts)
    setns: - -> EINVAL
setns-pidfd-half
    clone3: N create(uts) -> c(uts)
    setns: create() userns_install:failed:EINVAL not(utsns_install) not(switch_task_namespaces) undo -> EINVAL
# The target is found to be gone after the private nsproxy was made.
setns-pidfd-zombie
    clone3: N create(uts) -> c(uts)
    setns: create() not(switch_task_namespaces) undo -> ESRCH
setns-pidfd-reaped
    clone3: N create(uts) -> c(uts)
    setns: create() not(switch_task_namespaces) undo -> ESRCH
# Point 6: the child's nsproxy is gone, its uts namespace is not.
setns-kept-fd
    clone3: N create(uts) -> c(uts)
    setns: create() uts:inst S put_nsset:done -> i(uts)

# ---- tasks ----
fork
vfork
thread
exec
# Point 2: no flag, and yet a full copy.
fork-after-time
    unshare: U create(time) S -> c(time)
    fork: N create() -> h(time-own)
# The child shares the memory: refused before 6.2, then the fast path.
vfork-after-time
    unshare: U create(time) S -> c(time)
    <6.2 optional vfork: - -> EINVAL
    >=6.2 optional vfork: N -> none
# Points 2 and 4. Debian's 6.12 of x86-64 has switch_task_namespaces() inlined into this one.
exec-after-time
    unshare: U create(time) S -> c(time)
    >=6.2 <6.12 exec: exec_task_namespaces:done create() S free -> h(time-own)
    >=6.12 <6.13 x86 exec: exec_task_namespaces:done create() free -> h(time-own)
    >=6.12 <6.13 arm64 exec: exec_task_namespaces:done create() S free -> h(time-own)
    >=6.13 exec: exec_task_namespaces:done create() S free -> h(time-own)
# No new nsproxy: the children differ from the caller in their own pid namespace.
fork-after-pid
    unshare: U create(pid) S -> c(pid)
    2* fork: N -> h(pid-own)
# alloc_pid() refuses; the shared nsproxy loses one user and lives on.
fork-after-init-died
    unshare: U create(pid) S -> c(pid)
    fork: N -> h(pid-own)
    <6.19 optional fork: N exit_task_namespaces:undone -> ENOMEM
    >=6.19 optional fork: N exit_nsproxy_namespaces:undone -> ENOMEM
thread-pending-pid
    unshare: U create(pid) S -> c(pid)
    optional clone: - -> EINVAL
unshare-user-threads
    unshare: - -> EINVAL
thread-unshares-uts
    unshare: U create(uts) S -> c(uts)
nobody-uts
    unshare: unshare_nsproxy_namespaces:failed:EPERM not(switch_task_namespaces) -> EPERM
nobody-clone-uts
    clone: copy_namespaces:failed:EPERM -> EPERM
nobody-clone-ipc-sysvsem
    clone: copy_namespaces:failed:EPERM -> EPERM
# The new user namespace lends the right to make the other one, not to go back.
nobody-user-uts
    unshare: create_user_ns:created U create(uts) S commit_creds:installed -> c(uts,user)
    setns: create() utsns_install:failed:EPERM not(switch_task_namespaces) undo -> EPERM
chrooted-user
    unshare: create_user_ns:failed:EPERM -> EPERM
unmapped-user
    unshare: create_user_ns:created U commit_creds:installed -> c(user)
    unshare: create_user_ns:failed:EPERM -> EPERM
limit-uts
    unshare: create_user_ns:created U commit_creds:installed -> c(user)
    unshare: unshare_nsproxy_namespaces:failed:ENOSPC fail(uts ENOSPC) not(switch_task_namespaces) -> ENOSPC
# Point 6: what was made is destroyed by the same call.
limit-mnt-uts
    unshare: create_user_ns:created U commit_creds:installed -> c(user)
    unshare: unshare_nsproxy_namespaces:failed:ENOSPC fail(uts ENOSPC mnt) not(switch_task_namespaces) -> ENOSPC
# copy_namespaces() had nothing to give back: no exit_task_namespaces() here.
limit-clone-mnt-uts
    unshare: create_user_ns:created U commit_creds:installed -> c(user)
    clone: copy_namespaces:failed:ENOSPC fail(uts ENOSPC mnt) -> ENOSPC
nest-user
    33* unshare: create_user_ns:created U commit_creds:installed -> c(user)
    unshare: create_user_ns:failed:ENOSPC -> ENOSPC
nest-pid
    32* clone3: N create(pid) -> c(pid!)
    clone3: copy_namespaces:failed:ENOSPC fail(pid ENOSPC) -> ENOSPC
# Points 4 and 8: one release for each nsproxy, with all slots still readable.
last-of-nsproxy
    unshare: U create(uts,ipc) S -> c(uts,ipc)
killed-in-new
    clone3: create_user_ns:created N create(mnt,uts,ipc,pid,cgroup,time) -> c(mnt,uts,ipc,pid!,cgroup,time!,user)
init-dies
    clone3: N create(pid) -> c(pid!)

# ---- Point 10: mount namespaces that no such call makes ----
open-tree-clone
open-tree-namespace
    >=7.0 setns: create() mnt:inst S put_nsset:done -> i(mnt)
fsmount
fsmount-namespace
    >=7.1 setns: create() mnt:inst S put_nsset:done -> i(mnt)
"""


def version(text):
    """6.12.1-x -> (6, 12)"""
    m = re.match(r"(\d+)\.(\d+)", text)
    if not m:
        raise ValueError("'%s' is no kernel version" % text)
    return int(m.group(1)), int(m.group(2))


def _types(text):
    return {t for t in text.split(",") if t}


def _create(made):
    return ["create_new_namespaces:done"] + [
        COPY[t] + (":created" if t in made else ":shared") for t in TYPES]


def _fail(where, errno, made):
    at = TYPES.index(where)
    return (["create_new_namespaces:failed:" + errno]
            + [COPY[t] + (":created" if t in made else ":shared") for t in TYPES[:at]]
            + [COPY[where] + ":failed:" + errno]
            + [COPY[t] + ":not reached" for t in TYPES[at + 1:]]
            + [PUT[t] + ":undone" for t in reversed(TYPES[:at])])


def _expand_steps(text, kernel):
    new = kernel >= (6, 19)
    free = "nsproxy_ns_active_put" if new else "free_nsproxy"
    leave = "exit_nsproxy_namespaces" if new else "exit_task_namespaces"
    short = {"-": [], "N": ["copy_namespaces:done"], "U": ["unshare_nsproxy_namespaces:done"],
             "S": ["switch_task_namespaces:installed"], "free": [free + ":done"],
             "undo": ["put_nsset:undone"] + ([] if new else ["free_nsproxy:undone"]),
             "unborn": [leave + ":undone", free + ":undone"]}
    out = []
    for word in re.findall(r"\w+\([^)]*\)|\S+", text):
        m = re.match(r"(\w+)\(([^)]*)\)$", word)
        if word in short:
            out += short[word]
        elif m and m.group(1) == "create":
            out += _create(_types(m.group(2)))
        elif m and m.group(1) == "fail":
            where, errno, *made = m.group(2).split()
            out += _fail(where, errno, _types(made[0] if made else ""))
        elif m and m.group(1) == "not":
            out.append(m.group(2) + ":not reached")
        elif word.endswith(":inst"):
            out.append(INSTALL[word[:-5]] + ":installed")
        elif word.split(":")[0] in ALL_FN:
            out.append(word)
        else:
            raise ValueError("table: '%s' is no step" % word)
    return out


ALL_FN = set(COPY.values()) | set(INSTALL.values()) | {
    "copy_namespaces", "unshare_nsproxy_namespaces", "create_new_namespaces", "create_user_ns",
    "switch_task_namespaces", "commit_creds", "exec_task_namespaces", "exit_task_namespaces",
    "exit_nsproxy_namespaces", "put_nsset"}


def _expand_slots(text):
    m = re.match(r"([cih])\(([^)]*)\)$", text)
    how = {"c": "created", "i": "installed", "h": "inherited"}[m.group(1)]
    names = {"pid": ["pid_for_children"], "pid!": ["pid_for_children", "pid_active"],
             "pid-own": ["pid_active"], "time": ["time_for_children"],
             "time!": ["time", "time_for_children"], "time-own": ["time"]}
    return {slot: how for t in m.group(2).split(",") for slot in names.get(t, [t])}


def _row(line, kernel, abi):
    """One line of the table -> a list of rows, empty where a condition does not hold."""
    m = re.match(r"(.*?)(\w+):\s+(.*) -> (\S+)$", line)
    if not m:
        raise ValueError("table: cannot read '%s'" % line)
    row = {"syscall": m.group(2), "steps": _expand_steps(m.group(3), kernel),
           "errno": None, "slots": {}, "optional": False}
    if abi == "arm64" and row["syscall"] in ("fork", "vfork"):
        row["syscall"] = "clone"  # arm64 has neither
    times = 1
    if re.match(r"E[A-Z]+$", m.group(4)):
        row["errno"] = m.group(4)
    elif m.group(4) != "none":
        row["slots"] = _expand_slots(m.group(4))
    for word in m.group(1).split():
        if word == "optional":
            row["optional"] = True
        elif word in ("ia32", "x86-64"):
            times *= (word == "ia32") == (abi == "ia32")
        elif word in ("x86", "arm64"):
            times *= (word == "arm64") == (abi == "arm64")
        elif word.startswith(">="):
            times *= kernel >= version(word[2:])
        elif word.startswith("<"):
            times *= kernel < version(word[1:])
        elif word.endswith("*"):
            times *= int(word[:-1])
        else:
            raise ValueError("table: '%s' is no condition" % word)
    return [row] * times


def cases(kernel, abi):
    """{case: [row, ...]} for a kernel (6, 12) and an entry."""
    out, rows = {}, None
    for line in TABLE.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] != " ":
            rows = out[line.strip()] = []
        else:
            rows += _row(line.strip(), kernel, abi)
    return out
