# SPDX-License-Identifier: GPL-2.0-only
"""What the checkers share: reading JSON Lines, and printing verdicts."""
import json


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def calls(records):
    return [r for r in records if r["type"] == "call"]


def end(records):
    return records[-1] if records and records[-1]["type"] == "end" else None


def verdict(name, wrong):
    """wrong: empty when it is right, else what is wrong (one thing or a list of them)."""
    if isinstance(wrong, list):
        wrong = "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    print(f"FAIL {name}: {wrong}" if wrong else f"ok {name}")


def skip(name, why):
    print(f"skip {name}: {why}")


def note(text):
    print(f"   {text}")
