#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Do two BPF objects hold the same programs?

Their instructions must be equal but for the values that CO-RE relocations set
when a program is loaded, and those relocations must be for the same fields, by
name. Exit status 1, and the first difference, when not.
"""

import struct
import sys
import tempfile

import trim


def sections(path):
    """name -> (content, does it hold code)."""
    with open(path, "rb") as file:
        raw = file.read()
    if raw[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"same.py: {path}: not a little-endian 64-bit ELF file")
    table, = struct.unpack_from("<Q", raw, 40)
    size, count, names = struct.unpack_from("<HHH", raw, 58)
    heads = [struct.unpack_from("<IIQQQQ", raw, table + size * i) for i in range(count)]
    text = heads[names][4]
    found = {}
    for name, kind, flags, _, offset, length in heads:
        label = raw[text + name:raw.index(b"\0", text + name)].decode()
        found[label] = (bytearray(raw[offset:offset + length]) if kind != 8 else b"", flags & 4)
    return found


def spell(btf, ident, path):
    """A relocation's field, by names."""
    words = [btf.types[ident].name]
    for index in path[1:]:
        ident = btf.plain(ident)
        t = btf.types[ident]
        if t.kind == trim.ARRAY:
            words.append(f"[{index}]")
            ident = t.rows[0][0]
        else:
            words.append(btf.text(t.rows[index][0]))
            if t.kind not in (trim.STRUCT, trim.UNION):
                break
            ident = t.rows[index][1]
    return ".".join(words)


def load(path):
    """Sections with code, with relocated values blanked, and the relocations."""
    found = sections(path)
    parts = {}
    for name in (".BTF", ".BTF.ext"):
        with tempfile.NamedTemporaryFile() as file:
            file.write(found[name][0])
            file.flush()
            parts[name] = trim.Btf(file.name) if name == ".BTF" else bytes(found[name][0])
    btf, raw, fields = parts[".BTF"], parts[".BTF.ext"], []
    head, = struct.unpack_from("<I", raw, 4)
    offset, length = struct.unpack_from("<II", raw, 24)
    at, end = head + offset + 4, head + offset + length
    record, = struct.unpack_from("<I", raw, head + offset)
    while at < end:
        section, count = struct.unpack_from("<II", raw, at)
        section, at = btf.text(section), at + 8
        code = found[section][0]
        for _ in range(count):
            insn, ident, access, kind = struct.unpack_from("<IIII", raw, at)
            at += record
            path_ = [int(i) for i in btf.text(access).split(":")]
            fields.append((section, insn, kind, spell(btf, ident, path_)))
            code[insn + 2:insn + 8] = bytes(6)
            if code[insn] == 0x18:
                code[insn + 12:insn + 16] = bytes(4)
    return {name: code for name, (code, runs) in found.items() if runs}, fields


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: same.py OBJECT OBJECT")
    (code, fields), (other_code, other_fields) = load(sys.argv[1]), load(sys.argv[2])
    for one, other in zip(fields, other_fields):
        if one != other:
            sys.exit(f"same.py: relocations differ: {one}, {other}")
    if len(fields) != len(other_fields) or code.keys() != other_code.keys():
        sys.exit("same.py: not the same number of relocations or of sections")
    for name, text in code.items():
        for at in range(0, max(len(text), len(other_code[name])), 8):
            if text[at:at + 8] != other_code[name][at:at + 8]:
                sys.exit(f"same.py: section {name}: instruction {at // 8} differs")


if __name__ == "__main__":
    main()
