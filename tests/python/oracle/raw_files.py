"""Raw data sets as the files that a build reads: one CSV per contract table."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any


def write_raw_data(raw: Mapping[str, list[Mapping[str, Any]]], directory: Path) -> Path:
    """Write each non-empty table of ``raw`` to ``<directory>/<table>.csv`` and return the directory.

    Timestamps are written without offset (UTC), bare dates as dates, None as an empty field.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for table, rows in raw.items():
        if not rows:
            continue
        columns = sorted({column for row in rows for column in row})
        with (directory / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([_text(row.get(column)) for column in columns] for row in rows)
    return directory


def merge_raw_data(parts: Iterable[Mapping[str, list[dict[str, Any]]]]) -> dict[str, list[dict[str, Any]]]:
    """One raw data set of many, whose ids are distinct."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        for table, rows in part.items():
            tables.setdefault(table, []).extend(rows)
    return tables


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep="T")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
