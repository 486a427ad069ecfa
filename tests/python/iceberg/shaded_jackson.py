"""Jackson under the name by which Iceberg's runtime looks for it.

The runtime that Iceberg releases carries a copy of Jackson, renamed so that it meets no other version. The package on PyPI that
has this runtime leaves the copy out. pyspark brings the same library under its own name: its classes are written again with the
other name. A class file keeps names as texts in its constant pool, and refers to them by number, so no code has to be touched.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "org.apache.iceberg.shaded."
PACKAGE = "com.fasterxml.jackson"
PARTS = ("core", "databind", "annotations")

# Section 4.4 of the specification of the Java Virtual Machine: bytes of a constant behind its tag. Long and double count twice.
TEXT, LONG, DOUBLE = 1, 5, 6
SIZES = {
    3: 4,
    4: 4,
    LONG: 8,
    DOUBLE: 8,
    7: 2,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 4,
    15: 3,
    16: 2,
    17: 4,
    18: 4,
    19: 2,
    20: 2,
}


def write_shaded_jackson(jars: Path, target: Path) -> None:
    """Write the Jackson of a folder of jars to ``target``, renamed."""
    with zipfile.ZipFile(target, "w") as written:
        for part in PARTS:
            (jar,) = jars.glob(f"jackson-{part}-2*.jar")
            with zipfile.ZipFile(jar) as read:
                for name in read.namelist():
                    if name.startswith(PACKAGE.replace(".", "/")) and name.endswith(".class"):
                        written.writestr(renamed(name.encode()).decode(), renamed_class(read.read(name)))


def renamed(text: bytes) -> bytes:
    """A text with the package's other name, in either of its two spellings."""
    for separator in ".", "/":
        package, prefix = (name.replace(".", separator).encode() for name in (PACKAGE, PREFIX))
        text = text.replace(package, prefix + package)
    return text


def renamed_class(content: bytes) -> bytes:
    """A class file with every text of its constant pool renamed."""
    start = 10
    pieces = [content[:start]]
    for tag, constant in constants(content, start):
        if tag == TEXT:
            text = renamed(constant[3:])
            pieces.append(constant[:1] + struct.pack(">H", len(text)) + text)
        else:
            pieces.append(constant)
        start += len(constant)
    return b"".join([*pieces, content[start:]])


def constants(content: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Tag and bytes of each constant of the pool that begins at ``position``, behind its number of constants."""
    (left,) = struct.unpack(">H", content[position - 2 : position])
    left -= 1
    while left > 0:
        tag = content[position]
        size = 2 + struct.unpack_from(">H", content, position + 1)[0] if tag == TEXT else SIZES[tag]
        yield tag, content[position : position + 1 + size]
        position += 1 + size
        left -= 2 if tag in (LONG, DOUBLE) else 1
