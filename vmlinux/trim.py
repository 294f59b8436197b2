#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Cuts a kernel's BTF down to what one BPF object needs to be compiled.

Two sources say what that is. The object's CO-RE relocations name every field
that its code reaches; the preprocessed source has every type and constant that
it mentions. Of a structure only the fields that are reached stay, each at its
offset (holes become arrays), of an enumeration only the constants mentioned; a
structure that is only pointed to is declared, not defined.

Why not bpftool's min_core_btf: it makes BTF for libbpf to relocate against, so
pointers lose what they point to, and constants and type names are not in it.
"""

import argparse
import re
import struct
import sys

(INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO,
 VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64) = range(1, 20)
MODIFIERS = (VOLATILE, CONST, RESTRICT, TYPE_TAG)
ROW = {STRUCT: "<III", UNION: "<III", ENUM: "<Ii", ENUM64: "<III", FUNC_PROTO: "<II",
       DATASEC: "<III"}
TAIL = {INT: "<I", ARRAY: "<III", VAR: "<I", DECL_TAG: "<i"}


class Type:
    """One type; `rows` are members, constants or parameters, `size` may be a type id."""

    __slots__ = ("name", "kind", "flag", "size", "rows")

    def __init__(self, name, kind, flag, size, rows):
        self.name, self.kind, self.flag, self.size, self.rows = name, kind, flag, size, rows


class Btf:
    """All types of a .BTF section, by id; id 0 is void."""

    def __init__(self, path):
        with open(path, "rb") as file:
            raw = file.read()
        magic, _, _, head, type_off, type_len, str_off, str_len = struct.unpack_from("<HBBIIIII", raw)
        if magic != 0xeb9f:
            sys.exit(f"trim.py: {path}: not little-endian BTF")
        self.strings = raw[head + str_off:head + str_off + str_len]
        self.types = [Type("", 0, 0, 0, [])]
        at, end = head + type_off, head + type_off + type_len
        while at < end:
            name, info, size = struct.unpack_from("<III", raw, at)
            at += 12
            kind, flag, count = info >> 24 & 0x1f, info >> 31, info & 0xffff
            rows = []
            layout = ROW.get(kind)
            if layout:
                step = struct.calcsize(layout)
                rows = list(struct.iter_unpack(layout, raw[at:at + step * count]))
                at += step * count
            elif kind in TAIL:
                rows = [struct.unpack_from(TAIL[kind], raw, at)]
                at += struct.calcsize(TAIL[kind])
            elif not 0 < kind <= ENUM64:
                sys.exit(f"trim.py: {path}: unknown BTF kind {kind}: this script must learn it")
            self.types.append(Type(self.text(name), kind, flag, size, rows))

    def text(self, offset):
        return self.strings[offset:self.strings.index(b"\0", offset)].decode()

    def plain(self, ident):
        """Without const, volatile and names for other types."""
        while self.types[ident].kind in MODIFIERS + (TYPEDEF,):
            ident = self.types[ident].size
        return ident


def relocations(path, btf):
    """(type id, [indices]) of each CO-RE relocation in a .BTF.ext section."""
    with open(path, "rb") as file:
        raw = file.read()
    head, = struct.unpack_from("<I", raw, 4)
    if head < 32:
        return
    offset, length = struct.unpack_from("<II", raw, 24)
    at, end = head + offset + 4, head + offset + length
    record, = struct.unpack_from("<I", raw, head + offset)
    while at < end:
        _, count = struct.unpack_from("<II", raw, at)
        at += 8
        for _ in range(count):
            _, ident, access, kind = struct.unpack_from("<IIII", raw, at)
            at += record
            # 0-5 fields, 6-9 types (12 too), 10-11 constants
            path_ = [int(i) for i in btf.text(access).split(":")] if kind < 6 else []
            yield ident, path_


class Trimmer:
    """Collects what is needed of a kernel's types, then writes that."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.named = {}      # (kind, name) -> ids, in their order
        self.constants = {}  # name -> ids of enumerations
        self.fields = {}     # id of a structure to be defined -> indices of members
        self.values = {}     # id of an enumeration -> indices of constants
        self.declared = set()
        self.places = {}     # (id, index) -> offset in the object, where it is known
        self.sizes = {}      # id -> size in the object
        for ident, t in enumerate(kernel.types):
            if t.name:
                self.named.setdefault((t.kind, t.name), []).append(ident)
            if t.kind in (ENUM, ENUM64):
                for row in t.rows:
                    self.constants.setdefault(kernel.text(row[0]), []).append(ident)

    def need(self, ident, pointed=False):
        """The type is used; `pointed`: only its name is."""
        ident_, t = ident, self.kernel.types[ident]
        if t.kind in MODIFIERS + (TYPEDEF,):
            if t.kind == TYPEDEF:
                if ident_ in self.declared:
                    return
                self.declared.add(ident_)
            self.need(t.size, pointed)
        elif t.kind == PTR:
            self.need(t.size, True)
        elif t.kind == ARRAY:
            self.need(t.rows[0][0])
        elif t.kind in (STRUCT, UNION):
            if pointed and t.name:
                self.declared.add(ident)
            else:
                self.fields.setdefault(ident, set())
        elif t.kind in (ENUM, ENUM64):
            self.values.setdefault(ident, set())
        elif t.kind in (INT, FLOAT, FWD):
            self.declared.add(ident)
        # of functions pointed to nothing is used: they become void

    def need_member(self, ident, index):
        if index not in self.fields.setdefault(ident, set()):
            self.fields[ident].add(index)
            self.need(self.kernel.types[ident].rows[index][1])

    def walk(self, btf, ident, path, here):
        """Follows a path of btf from type ident in the kernel's type `here`; False: differs."""
        found = []
        for index in path[1:]:
            ident, here = btf.plain(ident), self.kernel.plain(here)
            t, k = btf.types[ident], self.kernel.types[here]
            if t.kind == ARRAY and k.kind == ARRAY:
                ident, here = t.rows[0][0], k.rows[0][0]
                continue
            if t.kind != k.kind or t.kind not in (STRUCT, UNION) or index >= len(k.rows):
                return False
            if btf.text(t.rows[index][0]) != self.kernel.text(k.rows[index][0]):
                return False
            found.append((here, index, t))
            ident, here = t.rows[index][1], k.rows[index][1]
        # Now and then C cannot express a layout and the full header is some bytes off.
        # That is harmless, but the small one shall make the same code.
        for structure, index, t in found:
            self.need_member(structure, index)
            self.places[structure, index] = t.rows[index][2]
            self.sizes[structure] = t.size
        self.need(here)
        return True

    def add_relocation(self, btf, ident, path):
        while btf.types[ident].kind in MODIFIERS:
            ident = btf.types[ident].size
        t = btf.types[ident]
        if t.kind in (ENUM, ENUM64) or not t.name:
            return  # by its constants, which are mentioned
        for here in self.named.get((t.kind, t.name), []):
            if self.walk(btf, ident, path, here):
                if t.kind in (STRUCT, UNION):
                    self.fields.setdefault(here, set())
                return
        if not self.named.get((t.kind, t.name)):
            return  # the program's own type
        sys.exit(f"trim.py: {t.name}: no type of this name in the kernel has the object's members; "
                 "were both made from the same BTF?")

    def add_member(self, tag, name):
        """A field (or the size alone) that only code without relocations uses; False: there is none."""
        def search(ident, seen):
            for index, row in enumerate(self.kernel.types[ident].rows):
                inner = self.kernel.plain(row[1])
                if self.kernel.text(row[0]) == name:
                    return seen + [(ident, index)]
                if not row[0] and self.kernel.types[inner].kind in (STRUCT, UNION):
                    path = search(inner, seen + [(ident, index)])
                    if path:
                        return path
            return None

        for kind in (STRUCT, UNION):
            for ident in self.named.get((kind, tag), []):
                if not name:
                    self.fields.setdefault(ident, set())
                    return True
                path = search(ident, [])
                if path:
                    for step in path:
                        self.need_member(*step)
                    return True
        return False

    def add_source(self, text):
        """Types and constants that the source names."""
        own = set(re.findall(r"\b(?:struct|union|enum)\s+(\w+)\s*[{;]", text))
        for keyword, tag in re.findall(r"\b(struct|union|enum)\s+(\w+)", text):
            if tag in own:
                continue
            kinds = {"struct": (STRUCT,), "union": (UNION,), "enum": (ENUM, ENUM64)}[keyword]
            for kind in kinds:
                for ident in self.named.get((kind, tag), [])[:1]:
                    self.need(ident, True)
        words = set(re.findall(r"\b[A-Za-z_]\w*", text))
        for word in sorted(words):
            for ident in self.named.get((TYPEDEF, word), [])[:1]:
                self.need(ident)
            # A constant may be in several enumerations: the C dump has the first.
            for ident in self.constants.get(word, [])[:1]:
                rows = self.kernel.types[ident].rows
                index = [self.kernel.text(r[0]) for r in rows].index(word)
                self.values.setdefault(ident, set()).add(index)


class Writer:
    """The trimmed types, in BTF again."""

    def __init__(self, trimmer):
        self.t, self.kernel = trimmer, trimmer.kernel
        self.strings, self.known = bytearray(b"\0"), {"": 0}
        self.types, self.ids, self.arrays = [], {}, {}

    def string(self, text):
        if text not in self.known:
            self.known[text] = len(self.strings)
            self.strings += text.encode() + b"\0"
        return self.known[text]

    def put(self, name, kind, flag, size, rows=(), layout=""):
        body = b"".join(struct.pack(layout, *row) for row in rows)
        vlen = len(rows) if kind in ROW else 0
        self.types.append(struct.pack("<III", self.string(name), flag << 31 | kind << 24 | vlen, size) + body)
        return len(self.types)

    def gap(self, size):
        """An array of `size` bytes."""
        if not self.arrays:
            self.arrays[0] = self.put("unsigned char", INT, 0, 1, [(8,)], "<I")
        if size not in self.arrays:
            self.arrays[size] = self.put("", ARRAY, 0, 0, [(self.arrays[0], self.arrays[0], size)], "<III")
        return self.arrays[size]

    def ref(self, ident, pointed=False):
        """The new id of a type, made when it is asked for first."""
        t = self.kernel.types[ident]
        if ident == 0 or t.kind == FUNC_PROTO:
            return 0
        if ident in self.ids:
            return self.ids[ident]
        if t.kind in (STRUCT, UNION):
            if ident in self.t.fields:
                return self.structure(ident, t)
            new = self.put(t.name, FWD, t.kind == UNION, 0)
        elif t.kind in (ENUM, ENUM64):
            keep = sorted(self.t.values.get(ident, ())) or [0]
            rows = [(self.string(self.kernel.text(t.rows[i][0])), *t.rows[i][1:]) for i in keep]
            new = self.put(t.name, t.kind, t.flag, t.size, rows, ROW[t.kind])
        elif t.kind == ARRAY:
            element, index, count = t.rows[0]
            new = self.put("", ARRAY, 0, 0, [(self.ref(element), self.ref(index), count)], "<III")
        elif t.kind == INT:
            new = self.put(t.name, INT, 0, t.size, t.rows, "<I")
        elif t.kind == FLOAT or t.kind == FWD:
            new = self.put(t.name, t.kind, t.flag, t.size)
        elif t.kind == TYPE_TAG:
            new = self.ref(t.size)
        else:
            # A structure may be reached again through its own pointers.
            self.types.append(b"")
            new = self.ids[ident] = len(self.types)
            inner = self.ref(t.size)
            self.types[new - 1] = struct.pack("<III", self.string(t.name), t.kind << 24, inner)
        self.ids[ident] = new
        return new

    def bits(self, t, row, place):
        """Offset and width in bits of a member."""
        if t.flag and place >> 24:
            return place & 0xffffff, place >> 24
        ident, count = self.kernel.plain(row[1]), 1
        while self.kernel.types[ident].kind == ARRAY:
            count *= self.kernel.types[ident].rows[0][2]
            ident = self.kernel.plain(self.kernel.types[ident].rows[0][0])
        inner = self.kernel.types[ident]
        return place & 0xffffff if t.flag else place, count * 8 * (8 if inner.kind == PTR else inner.size)

    def structure(self, ident, t, name=None):
        """A structure with the fields that are needed; `name`: a copy, named so."""
        self.types.append(b"")
        new = len(self.types)
        if name is None:
            name, self.ids[ident] = t.name, new
        rows, end, gaps = [], 0, 0
        size = self.t.sizes.get(ident, t.size)

        def fill(to):
            nonlocal gaps
            start = (end + 7) // 8
            if to // 8 > start:
                gaps += 1
                rows.append((self.string(f"__gap{gaps}"), self.gap(to // 8 - start), start * 8))

        for index in sorted(self.t.fields[ident]):
            row = t.rows[index]
            place = self.t.places.get((ident, index), row[2])
            offset, width = self.bits(t, row, place)
            if t.kind == STRUCT:
                fill(offset)
            inner = self.kernel.types[row[1]]
            if not row[0] and inner.kind in (STRUCT, UNION) and inner.name:
                # `struct tag;` in a struct, which only -fms-extensions knows (kernel 6.19)
                new_type = self.structure(row[1], inner, "")
            else:
                new_type = self.ref(row[1])
            rows.append((self.string(self.kernel.text(row[0])), new_type, place))
            end = max(end, offset + width)
        if t.kind == STRUCT:
            fill(size * 8)
        elif end < size * 8:
            rows.append((self.string("__gap"), self.gap(size), 0))
        self.types[new - 1] = struct.pack("<III", self.string(name),
                                          t.flag << 31 | t.kind << 24 | len(rows), size)
        self.types[new - 1] += b"".join(struct.pack("<III", *row) for row in rows)
        return new

    def write(self, path):
        for ident in sorted(self.t.declared | set(self.t.fields) | set(self.t.values)):
            self.ref(ident)
        types = b"".join(self.types)
        head = struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types), len(self.strings))
        with open(path, "wb") as file:
            file.write(head + types + self.strings)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("kernel", help="the kernel's BTF")
    parser.add_argument("btf", help=".BTF of the object, compiled with a full dump of it")
    parser.add_argument("ext", help=".BTF.ext of the object")
    parser.add_argument("source", help="its source, preprocessed, without the kernel header")
    parser.add_argument("out", help="BTF to write")
    parser.add_argument("--member", action="append", default=[], metavar="STRUCT[.FIELD]",
                        help="a field, or a structure's size, that no relocation names")
    args = parser.parse_args()

    trimmer, own = Trimmer(Btf(args.kernel)), Btf(args.btf)
    for ident, path in relocations(args.ext, own):
        trimmer.add_relocation(own, ident, path)
    with open(args.source, encoding="utf-8") as file:
        trimmer.add_source(re.sub(r"(?m)^#.*$", "", file.read()))
    for member in args.member:
        tag, _, name = member.partition(".")
        if not trimmer.add_member(tag, name):
            sys.exit(f"trim.py: the kernel has no struct {member}")
    Writer(trimmer).write(args.out)


if __name__ == "__main__":
    main()
