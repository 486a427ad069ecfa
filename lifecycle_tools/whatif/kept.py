"""The last comparison, kept beside the published file for the board: totals alone, in a DuckDB file of its own.

The published file never changes, so a comparison cannot be put into it. Tables: ``meta`` (one row: with which run, when, by
which file), ``moves``, ``month_ends``, ``metrics`` and ``thresholds``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from lifecycle_tools.publishing import STORAGE_VERSION, only_publication
from lifecycle_tools.whatif import WhatIfError
from lifecycle_tools.whatif.comparison import Comparison, row_changes
from lifecycle_tools.whatif.thresholds import Thresholds

WHATIF = "whatif.duckdb"
TABLES = {
    "meta": "run_id varchar, as_of_date date, currency varchar, compared_at timestamp, thresholds_file varchar",
    "moves": "brand varchar, threshold_segment varchar, stage varchar, new_stage varchar, customer_count bigint, "
    "at_risk_count bigint, new_at_risk_count bigint",
    "month_ends": "brand varchar, date_day date, stage varchar, new_stage varchar, customer_count bigint",
    "metrics": "brand varchar, metric_id varchar, month_date date, published_value double, whatif_value double, "
    "is_mature boolean",
    "thresholds": "threshold_segment varchar, row_kind varchar, threshold varchar, published_value bigint, whatif_value bigint",
}


def keep(
    found: Comparison, now: Thresholds, new: Thresholds, serving: Path, *, run_id: str | None, file_name: str
) -> Path:
    """Write the comparison to ``whatif.duckdb`` of ``serving``, whole or not at all, in place of the one before.

    ``run_id``: the published run that was compared with; none where the last build was not published.
    Raises ``WhatIfError`` with a sentence when it cannot be written.
    """
    moment = datetime.now(UTC).replace(tzinfo=None)
    rows: dict[str, Sequence[Sequence[Any]]] = {
        "meta": [(run_id, found.as_of_date, found.currency, moment, file_name)],
        "moves": [
            (move.brand, move.segment, move.stage, move.new_stage, move.count, move.at_risk, move.new_at_risk)
            for move in found.moves
        ],
        "month_ends": found.month_ends,
        "metrics": found.metric_months,
        "thresholds": [
            (row.segment, row.kind, name, before, after)
            for row in row_changes(now, new)
            for name, (before, after) in row.values.items()
        ],
    }
    kept = serving / WHATIF
    partial = serving / f".{WHATIF}.{os.getpid()}"
    try:
        with only_publication(serving):
            try:
                _write(partial, rows)
                os.chmod(partial, partial.stat().st_mode & 0o555)
                os.replace(partial, kept)
            finally:
                partial.unlink(missing_ok=True)
    except (OSError, duckdb.Error) as error:
        why = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise WhatIfError(
            f"The board does not show this comparison, as {kept} cannot be written ({why}): free space there, or write another "
            "directory into SERVING_DIR, then ask again."
        ) from error
    return kept


def _write(file: Path, rows: dict[str, Sequence[Sequence[Any]]]) -> None:
    with duckdb.connect() as connection:
        target = str(file).replace("'", "''")
        connection.execute(f"attach '{target}' as kept (storage_version '{STORAGE_VERSION}')")
        for table, columns in TABLES.items():
            connection.execute(f"create table kept.{table} ({columns})")
            for start in range(0, len(rows[table]), 500):  # a statement for each row takes many times as long
                some = rows[table][start : start + 500]
                marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in some)
                connection.execute(f"insert into kept.{table} values {marks}", [value for row in some for value in row])
        connection.execute("detach kept")
