#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""embed.py [PAGE]: the built page as C arrays, with the hashes of what stands in it.

Without PAGE an empty one: a program that was built without it. What could not be
allowed by a hash, a handler or a style in an attribute, or a reference to elsewhere,
is refused here, at the build.
"""
import base64
import hashlib
import re
import sys

page = open(sys.argv[1], "rb").read() if len(sys.argv) > 1 else b""
text = page.decode("utf-8")


def die(why):
    sys.exit(f"embed.py: {sys.argv[1]}: {why}")


def hashes(element):
    parts = re.findall(rf"<{element}(?:\s[^>]*)?>(.*?)</{element}\s*>", text, re.S | re.I)
    if page and len(parts) != 1:
        die(f"{len(parts)} elements <{element}> instead of one")
    return " ".join(
        "'sha256-" + base64.b64encode(hashlib.sha256(p.encode()).digest()).decode() + "'"
        for p in parts)


bare = re.sub(r"(<(script|style)[^>]*>).*?(</\2\s*>)", r"\1\3", text, flags=re.S | re.I)
for tag in re.findall(r"<[a-zA-Z][^>]*>", bare):
    if re.search(r"\s(style|on[a-z]+)\s*=", tag, re.I):
        die(f"{tag}: the policy of the page permits no such attribute")
    if re.match(r"<(script|link|img|iframe)\b", tag, re.I) and re.search(r"\s(src|href)\s*=\s*[\"']?(https?:)?//", tag):
        die(f"{tag}: the page must ask for nothing elsewhere")
for mark in ("<!--csp-->", "</body>"):
    if page and text.count(mark) != 1 and bare.count(mark) != 1:
        die(f"{mark} does not stand in it once")

print("// made by user/web/embed.py\n#include \"../../user/web/page.h\"\n")
print("const unsigned char web_page[] = {")
for i in range(0, len(page), 20):
    print("\t" + ", ".join(str(b) for b in page[i:i + 20]) + ",")
print("\t0,\n};")
print(f"const size_t web_page_size = {len(page)};")
print(f"const char web_page_hashes[] = \"script-src {hashes('script') or chr(39) + 'none' + chr(39)}; "
      f"style-src {hashes('style') or chr(39) + 'none' + chr(39)}\";")
