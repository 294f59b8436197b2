# SPDX-License-Identifier: GPL-2.0-only
"""scale.py DIR --kernel K: how long a snapshot of many tasks took, beside lsns."""
import json
import sys

from graphs import Out, judge, skip

# On real hardware; an emulated machine has no say in it. With a namespace for each task
# there are twice as many objects to read.
LIMIT = {"shared": 50e6, "own": 150e6}


def took(out, name):
    """Milliseconds by the clock of a command that succeeded, or None."""
    row = out.text(f"{name}.took").split()
    return (float(row[2]) - float(row[1])) * 1e3 if row and row[0] == "0" else None


def main():
    out = Out(sys.argv[1])
    live = sys.argv[3] == "live"
    for name, limit in LIMIT.items():
        runs = []
        for run in (1, 2, 3):
            text = out.text(f"{name}.graph.{run}")
            if took(out, f"{name}.graph.{run}") is not None and text:
                runs.append(json.loads(text))
        if not runs:
            judge(f"scale-{name}", [f"nslens graph failed: {out.text(name + '.graph.1.err')[-200:]}"])
            continue
        if any("snapshot_ns" not in r for r in runs):
            judge(f"scale-{name}", ["the JSON has no snapshot_ns"])
            continue
        best = min(r["snapshot_ns"] for r in runs)
        whole = min(took(out, f"{name}.graph.{run}") for run in (1, 2, 3))
        lsns = took(out, f"{name}.lsns")
        read = took(out, f"{name}.read")
        tasks = max(len(r["tasks"]) for r in runs)
        print(f"   {name}: {tasks} tasks, {len(runs[0]['namespaces'])} namespaces; snapshot "
              f"{best / 1e6:.1f} ms, the whole command {whole:.0f} ms; lsns "
              f"{'none' if lsns is None else f'{lsns:.0f} ms'}; nsread "
              f"{'none' if read is None else f'{read:.0f} ms'}")
        if live:
            judge(f"scale-{name}", [] if best < limit else
                  [f"{best / 1e6:.1f} ms, more than {limit / 1e6:.0f}"], f"{best / 1e6:.1f} ms")
        else:
            skip(f"scale-{name}", "times of an emulated machine are not judged")


if __name__ == "__main__":
    main()
