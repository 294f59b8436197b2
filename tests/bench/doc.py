#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""doc.py FILE NAME: puts standard input between <!-- NAME --> and <!-- end NAME --> of FILE."""

import sys


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    path, name = sys.argv[1:]
    begin, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if begin not in text or end not in text:
        sys.exit(f"doc.py: {path}: no lines <!-- {name} --> and {end}")
    before, rest = text.split(begin, 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + sys.stdin.read().rstrip() + "\n" + end + rest.split(end, 1)[1])


if __name__ == "__main__":
    main()
