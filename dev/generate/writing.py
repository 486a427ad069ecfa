"""Write tables chunk by chunk: typed Parquet parts, or CSV files that grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

FORMATS = ("csv", "parquet")


def as_text(rows: pa.Table) -> pa.Table:
    """Every column as a file writes it: ``2025-01-31 14:05:00``, ``true``, ``12.50``; nulls stay null."""
    return pa.table({name: _text(rows[name]) for name in rows.column_names})


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(pc.cast(column, pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S")
    return column.cast(pa.string())


def append_csv(path: Path, rows: pa.Table) -> None:
    """Append text rows to a CSV file, with a header when the file is new; null is an empty field.

    Values are quoted only where they must be; Arrow's own writer would quote every text.
    """
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if is_new:
            file.write(",".join(rows.column_names) + "\n")
        if rows.num_rows:
            lines = pc.binary_join_element_wise(*[_field(rows[name]) for name in rows.column_names], ",")
            file.write("\n".join(lines.to_pylist()) + "\n")


def _field(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text column as CSV fields."""
    values = pc.coalesce(column, pa.scalar(""))
    special = pc.match_substring_regex(values, '[",\r\n]')
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(values, '"', '""'), '"', "")
    return pc.if_else(special, quoted, values)


class Sink:
    """Where the tables go: ``<table>.csv``, or ``<table>/part-0001.parquet`` and so on, in ``directory``.

    Files of an earlier run under these names are removed first. ``rows`` counts what was written, by table.
    """

    def __init__(self, directory: Path, file_format: str, names: Iterable[str]) -> None:
        if file_format not in FORMATS:
            raise ValueError(f"There is no format {file_format!r}: choose one of {', '.join(FORMATS)}.")
        self.directory, self.file_format = directory, file_format
        self.rows: Counter[str] = Counter()
        self._parts: Counter[str] = Counter()
        directory.mkdir(parents=True, exist_ok=True)
        for name in names:
            (directory / f"{name}.csv").unlink(missing_ok=True)
            for part in sorted((directory / name).glob("part-*.parquet")):
                part.unlink()
            if (directory / name).is_dir() and not any((directory / name).iterdir()):
                (directory / name).rmdir()

    def write(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table."""
        self.rows[name] += rows.num_rows
        if self.file_format == "csv":
            append_csv(self.directory / f"{name}.csv", rows)
            return
        self._parts[name] += 1
        folder = self.directory / name
        folder.mkdir(exist_ok=True)
        pa.parquet.write_table(rows, folder / f"part-{self._parts[name]:04d}.parquet", compression="snappy")
