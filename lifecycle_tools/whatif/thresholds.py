"""A file of thresholds in the form of the seed ``lifecycle_thresholds``, read as what the seed would then be.

It stands for the whole seed: a segment without a row falls back to ``default``. A column that is left out keeps its value,
and in a new segment that of ``default``. The rules are those of the macro ``check_thresholds``, asked here so that the
sentence names the file's row.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lifecycle_tools.whatif import WhatIfError

DEFAULT = "default"
FROM_ZERO = ("subscription_grace_days", "reactivation_days")  # all others begin at 1
MOST = (
    1_000_000  # in days that is beyond what calendars hold of customers, and short of the last date that engines know
)
SOONER_AND_LATER = (("at_risk_after_days", "churn_after_days"), ("engagement_window_days", "dormant_after_days"))

Thresholds = Mapping[str, Mapping[str, int]]


def segment_key(segment: str) -> str:
    """The segment as thresholds find it: case and blanks make no other one."""
    return segment.replace(" ", "").lower()


def read_thresholds(file: Path, now: Thresholds, segments: Iterable[str]) -> dict[str, dict[str, int]]:
    """The rows of ``file`` by segment, whole; ``now``: those that are built, ``segments``: those that customers have.

    Raises ``WhatIfError`` with one sentence that names the file, the row and the column.
    """
    lines = _lines(file)
    columns = ["segment", *next(iter(now.values()))]
    header = _header(file, lines, columns)
    known = {segment_key(segment) for segment in (DEFAULT, *now, *segments)}
    given: dict[str, tuple[int, dict[str, int]]] = {}
    keys: dict[str, int] = {}
    for number, cells in lines[1:]:
        row = f"{file}, row {number}"
        if len(cells) != len(header):
            raise WhatIfError(f"{row}: it has {len(cells)} values for {len(header)} columns: write one value for each.")
        values = dict(zip(header, cells, strict=True))
        segment = values.pop("segment")
        if not segment:
            raise WhatIfError(f"{row}, column segment: it is empty: write {DEFAULT}, or a segment of your customers.")
        key = segment_key(segment)
        if key in keys:
            raise WhatIfError(
                f"{row}, column segment: '{segment}' is in row {keys[key]} already (case and blanks make no difference): "
                "keep one of the rows."
            )
        if key not in known:
            there = ", ".join(sorted({DEFAULT, *segments})[:20])
            raise WhatIfError(f"{row}, column segment: no customer has the segment '{segment}': write one of {there}.")
        if key == DEFAULT and segment != DEFAULT:
            raise WhatIfError(f"{row}, column segment: it is '{segment}': write {DEFAULT}.")
        keys[key] = number
        of_row = f"{row} (segment '{segment}'), column "
        given[segment] = number, {name: _number(of_row, name, value) for name, value in values.items()}
    return _whole(file, given, now)


def _lines(file: Path) -> list[tuple[int, list[str]]]:
    """The numbered lines that are not empty, the first of them with the names of columns."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WhatIfError(
            f"{file} cannot be read ({error.strerror}): say with THRESHOLDS= which file has the thresholds."
        ) from error
    except UnicodeDecodeError as error:
        raise WhatIfError(f"{file} is no text in UTF-8: save it as a CSV file with commas.") from error
    reader = csv.reader(text.splitlines())
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise WhatIfError(
            f"{file}, row {reader.line_num}: it is no CSV ({error}): save it as a CSV file with commas."
        ) from error
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if len(lines) < 2:
        raise WhatIfError(
            f"{file} has no row of thresholds: write the names of columns, then a row that begins with {DEFAULT}."
        )
    return lines


def _header(file: Path, lines: Sequence[tuple[int, list[str]]], columns: Sequence[str]) -> list[str]:
    number, header = lines[0]
    row = f"{file}, row {number}"
    for name in header:
        if separator := re.search(r"[;\t|]", name):
            raise WhatIfError(f"{row}: '{separator[0]}' stands between the columns: save it as a CSV file with commas.")
        if name not in columns:
            near = difflib.get_close_matches(name.lower(), columns, n=1)
            known = f"did you mean {near[0]}?" if near else f"write one of {', '.join(columns)}."
            raise WhatIfError(f"{row}, column '{name}': there is no threshold of this name: {known}")
        if header.count(name) > 1:
            raise WhatIfError(f"{row}, column {name}: it is there twice: keep one of them.")
    if "segment" not in header:
        raise WhatIfError(f"{row}: the column segment is missing: add it, with {DEFAULT} for all customers.")
    return header


def _number(of_row: str, name: str, value: str) -> int:
    least = 0 if name in FROM_ZERO else 1
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", value) or not least <= int(value) <= MOST:
        said = f"'{value}' is" if value else "it is empty, which is"
        raise WhatIfError(
            f"{of_row}{name}: {said} no whole number from {least} to {MOST:,}: write one, or leave the column out."
        )
    return int(value)


def _whole(
    file: Path, given: Mapping[str, tuple[int, Mapping[str, int]]], now: Thresholds
) -> dict[str, dict[str, int]]:
    """With the values that are left out; nothing in them contradicts itself."""
    built = {segment_key(segment): values for segment, values in now.items()}
    default = {**now[DEFAULT], **given.get(DEFAULT, (0, {}))[1]}
    whole = {DEFAULT: default}
    for segment, (_, values) in given.items():
        whole[segment] = {**built.get(segment_key(segment), default), **values}
    for segment, values in whole.items():
        number = given.get(segment, (0, {}))[0]
        for sooner, later in SOONER_AND_LATER:
            if values[sooner] > values[later]:
                raise WhatIfError(
                    f"{file}, row {number} (segment '{segment}'), column {sooner}: {values[sooner]} is later than {later} "
                    f"({values[later]}), so that it could never show: lower it or raise the other."
                )
    return whole
