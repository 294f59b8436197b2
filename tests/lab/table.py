#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the lab's tests have found, as Markdown.

    tests/lab/table.py NSLENS RESULTS FILE

RESULTS is the folder in which tests/lab/run.sh has left one folder a kernel
(lab-6.12/check.json; build/test-results). Writes FILE (user/doc/scenarios-table.md):

  * every scenario on every kernel: holds, what of it was not observable, or why it
    does not apply;
  * every branch of the kernel's paths (nslens explain): the scenario that shows it,
    with the kernels on which it was seen to, or the reason why none does;
  * the questions of the course, with their scenarios.

Prints `FAIL` lines where a branch has neither, where a scenario that is said to show one
was not seen to on any kernel, or where a scenario does not hold. Exit status 77 where
there are no results of a kernel with function hooks.
"""
import contextlib
import glob
import json
import os
import re
import subprocess
import sys

PATHS = ["clone", "unshare", "setns", "exec", "exit", "destruction"]
WRONG = []


def version(text):
    return tuple(int(n) for n in re.findall(r"\d+", text)) or (99,)


def load(results):
    found = {}
    for path in glob.glob(os.path.join(results, "lab-*", "check.json")):
        kernel = os.path.basename(os.path.dirname(path)).removeprefix("lab-")
        with open(path, encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines if line.strip()]
        if rows:
            found[kernel] = {row["name"]: row for row in rows}
    return dict(sorted(found.items(), key=lambda item: version(item[0])))


def cell(text):
    return (text or "").replace("|", "\\|").replace("\n", " ")


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(cell(c) for c in row) + " |")
    print()


def verdict(kernel, row):
    if row is None:
        return ""
    if row["result"] == "not applicable":
        return "n.a."
    if row["result"] != "holds":
        WRONG.append(f"{row['name']} differs on {kernel}: {row['differences'] or row['reason']}")
        return "DIFFERS"
    hidden = row["not_observable"]
    return f"{row['held']}" + (f" + {hidden} n.o." if hidden else "")


def scenarios(found, listed):
    print("## Scenarios and kernels\n")
    print("The number is how many expectations hold; *n.o.*: so many more could not be observed\n"
          "there; *n.a.*: the scenario needs another kernel. *live* is a machine that permits no\n"
          "function hooks.\n")
    rows = []
    for scenario in listed:
        name = scenario["name"]
        rows.append([f"`{name}`", scenario["kernel"] or ""] +
                    [verdict(k, found[k].get(name)) for k in found])
    table(["scenario", "needs"] + list(found), rows)
    for kernel, by_name in found.items():
        states = [row["result"] for row in by_name.values()]
        print(f"* {kernel}: {states.count('holds')} hold, "
              f"{states.count('not applicable')} not applicable, "
              f"{len(states) - states.count('holds') - states.count('not applicable')} differ; "
              f"{sum(row['held'] for row in by_name.values())} expectations held, "
              f"{sum(row['not_observable'] for row in by_name.values())} not observable")
    print()


def branches(nslens):
    """Every branch once, with the paths in which it stands."""
    rows = {}
    for path in PATHS:
        done = subprocess.run([nslens, "explain", "--json", "--kernel", "all", "--lang", "en", path],
                              capture_output=True, text=True, check=True)
        for row in json.loads(done.stdout)["path"]:
            if row["kind"] in ("fail", "if", "undo"):
                key = row["fn"], row["when"], row["what"], tuple(row["errnos"]), row["since"]
                rows.setdefault(key, (row, []))[1].append(path)
    return rows


def has_result(nslens, scenario, errnos):
    """Does a step of the scenario expect one of these errnos?"""
    done = subprocess.run([nslens, "lab", "show", scenario], capture_output=True, text=True,
                          check=False)
    return any(re.search(rf"result: {errno}\b", done.stdout) for errno in errnos)


def seen_branches(found, marks=None):
    """(fn, when, what) -> scenario -> kernels on which a call took it."""
    seen = {}
    for kernel, by_name in found.items():
        for name, row in by_name.items():
            for b in row.get("branches", []):
                if marks and b["mark"] not in marks:
                    continue
                by_scenario = seen.setdefault((b["fn"], b["when"], b["what"]), {})
                by_scenario.setdefault(name, []).append(kernel)
    return seen


def versions(row):
    words = [f"≥{row['since']}"] if row["since"] else []
    return " ".join(words + ([f"<{row['before']}"] if row["before"] else []))


def on_kernels(kernels, found):
    hooked = [k for k in found if k != "live"]
    kernels = [k for k in kernels if k != "live"] or kernels
    return "all" if kernels == hooked else ", ".join(kernels)


def branch_tables(nslens, found):
    seen, shown, hidden = seen_branches(found), [], []
    certain = seen_branches(found, ("failed here", "taken"))
    for (fn, when, what, errnos, _), (row, paths) in branches(nslens).items():
        title = " ".join(filter(None, ["/".join(errnos), when, versions(row)]))
        by_scenario = seen.get((fn, when, what), {})
        name, why = row["scenario"], row["not_provoked"]
        where = [", ".join(paths), f"`{fn}()`" if fn else "", title]
        if name:
            how = on_kernels(by_scenario.get(name, []), found)
            if name not in by_scenario and errnos and has_result(nslens, name, errnos):
                how = "by its result"  # a call without a flag for a namespace is not told
            elif name not in by_scenario and not errnos and not by_scenario:
                how = "by what follows"  # no step or flag of a call shows it
            elif name not in by_scenario:
                WRONG.append(f"{name} is said to show, but no call of it took: {fn}: {title}; "
                             f"{sorted(by_scenario)} did")
            others = sorted(set(by_scenario) - {name})
            shown.append(where + [f"`{name}`", str(len(others)) if others else "", how])
        elif why:
            hidden.append(where + [why])
            if certain.get((fn, when, what)):
                WRONG.append(f"said not to be provoked, but {sorted(by_scenario)} does: {fn}: {title}")
        else:
            WRONG.append(f"no scenario and no reason: {fn}: {title} (seen in {sorted(by_scenario)})")
    print("## Branches and errnos, and where they can be seen\n")
    print("`nslens explain` has all of them with their meaning. *others*: so many more scenarios\n"
          "show it. The kernels are those on which a hooked call was seen to take it.\n")
    table(["path", "function", "branch", "scenario", "others", "seen on"], shown)
    print("## Branches that no scenario provokes\n")
    table(["path", "function", "branch", "why"], hidden)
    print(f"{len(shown)} branches are shown by a scenario, {len(hidden)} are not.\n")


def durations(found):
    print("## How long they take\n")
    print("All steps of a scenario with its comparisons, without attaching: in milliseconds, and for\n"
          "ten steps. In guests under emulation the kernel's own work is most of it, and a scenario\n"
          "that expects a death waits for the kernel's work queues and grace periods.\n")
    rows = []
    for kernel, by_name in found.items():
        ran = [row for row in by_name.values() if row["result"] != "not applicable"]
        tens = sorted(row["duration"] / 1e5 / row["steps"] for row in ran)
        slow = max(ran, key=lambda row: row["duration"])
        rows.append([kernel, str(len(ran)), f"{sum(row['duration'] for row in ran) / 1e6:.0f}",
                     f"{tens[len(tens) // 2]:.0f}", f"{tens[-1]:.0f}",
                     f"`{slow['name']}`: {slow['duration'] / 1e6:.0f}"])
    table(["kernel", "scenarios", "all, ms", "ten steps, median", "ten steps, slowest",
           "the slowest scenario"], rows)


def questions(nslens, listed):
    print("## Questions of the course\n")
    by_question = {}
    for scenario in listed:
        done = subprocess.run([nslens, "lab", "show", scenario["name"]], capture_output=True,
                              text=True, check=True)
        for line in done.stdout.splitlines()[:3]:
            if line.startswith("# F."):
                for n in re.findall(r"F\.(\d+)", line):
                    by_question.setdefault(int(n), []).append(f"`{scenario['name']}`")
    table(["question", "scenarios"], [[f"{n}", ", ".join(by_question.get(n, []))]
                                     for n in range(1, 26)])
    WRONG.extend(f"question {n} has no scenario" for n in range(1, 26) if n not in by_question)


def main():
    nslens, results, path = sys.argv[1:]
    found = load(results)
    if not set(found) - {"live"}:
        print(f"skip table: there are no results of guests in {results}")
        return 77
    done = subprocess.run([nslens, "lab", "--json"], capture_output=True, text=True, check=True)
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    with open(path, "w", encoding="utf-8") as file, contextlib.redirect_stdout(file):
        print("# What the lab shows\n\nMade by `tests/lab/table.py` from what `tests/lab/run.sh` has\n"
              "measured.\n")
        scenarios(found, listed)
        durations(found)
        branch_tables(nslens, found)
        questions(nslens, listed)
    for line in WRONG:
        print(f"FAIL table: {line}")
    if not WRONG:
        print(f"ok table: {path}, of {', '.join(found)}")
    return 1 if WRONG else 0


sys.exit(main())
