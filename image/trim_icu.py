"""ICU's data with only what the gateway uses: converters of charsets, normalization, stringprep.

Debian's libicudata is 32 MB of locales, calendars, collations and names; none of them is asked
for. The library is made anew around the items that stay. Its format is ICU's "CmnD": a header, a
table of (offset of the name, offset of the data), the names, the items, sorted by name.
"""
import os
import re
import struct
import subprocess

KEPT = re.compile(rb"^[^/]+/([^/]+\.(cnv|nrm|spp)|cnvalias\.icu|pnames\.icu|uprops\.icu)$")
# Of the converters, those of mainframes (EBCDIC), of X11's and Lotus's compound text, and of
# EUC-TW, which no mail is in. None of those that stay is an extension of one of them.
DROPPED = re.compile(rb"/(icu-internal-compound-|euc-tw-|ibm-964_|lmb-|ebcdic-|"
                     rb"ibm-(9(30|33|35|37|39)|13(64|71|88|90|99)|16684)_)[^/]*cnv$")
FORMAT_AT = 12  # of b"CmnD" in the header
ALIGN = 16


def is_kept(name):
    return bool(KEPT.match(name)) and not DROPPED.search(name)


def padded(data):
    return data + bytes(-len(data) % ALIGN)


def read_items(data):
    """The header, and (name, bytes) of each item."""
    header_bytes = struct.unpack_from("<H", data)[0]
    table = data[header_bytes:]
    count = struct.unpack_from("<I", table)[0]
    entries = [struct.unpack_from("<II", table, 4 + 8 * i) for i in range(count)]
    ends = [at for _, at in entries[1:]] + [len(table)]
    items = []
    for (name_at, at), end in zip(entries, ends):
        items.append((table[name_at:table.index(b"\0", name_at)], table[at:end]))
    return data[:header_bytes], items


def write_items(header, items):
    names_at = 4 + 8 * len(items)
    names = b"".join(name + b"\0" for name, _ in items)
    at = len(padded(bytes(names_at) + names))
    table, blob = struct.pack("<I", len(items)), b""
    for name, item in items:
        table += struct.pack("<II", names_at, at + len(blob))
        names_at += len(name) + 1
        blob += padded(item)
    return header + padded(table + names) + blob


def trim(library, work, compiler="gcc"):
    """Makes the shared library anew, in place."""
    soname = os.path.basename(library)
    text = subprocess.run(["readelf", "--dyn-syms", "-W", library], check=True, text=True,
                          capture_output=True).stdout
    size, symbol = re.search(r": [0-9a-f]+ +(\w+) OBJECT .* (icudt\d+_dat)\b", text).groups()
    with open(library, "rb") as file:
        content = file.read()
    start = content.index(b"CmnD") - FORMAT_AT
    header, items = read_items(content[start:start + int(size, 0)])
    kept = [(name, item) for name, item in items if is_kept(name)]
    data, source = os.path.join(work, "icu.dat"), os.path.join(work, "icu.S")
    with open(data, "wb") as file:
        file.write(write_items(header, kept))
    with open(source, "w", encoding="ascii") as file:
        file.write(f'.section .rodata\n.balign {ALIGN}\n.globl {symbol}\n'
                   f'.type {symbol}, %object\n{symbol}:\n.incbin "{data}"\n'
                   f'.size {symbol}, . - {symbol}\n.section .note.GNU-stack,"",%progbits\n')
    # (-s: for arm64 the symbols would name the assembler's file, which has another name each time.)
    subprocess.run([compiler, "-shared", "-nostdlib", "-s", f"-Wl,-soname,{soname}",
                    "-Wl,--build-id=none", "-o", library, source], check=True)
    os.unlink(data)
    os.unlink(source)
