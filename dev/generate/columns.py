"""Turn numpy arrays into Arrow columns: text from numbers, timestamps from seconds, decimals from cents.

Inside the generator a moment is an ``int64`` of seconds since 1970 (UTC) and ``NEVER`` stands for "did not happen";
an amount is an ``int64`` of cents. ``missing`` arguments are boolean arrays, true where the value is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.schema import ARROW_TYPES, TABLES

DAY = 86_400
NEVER = np.int64(2**40)

# Events are drawn evenly over the day; this monotone map (share of the day -> hour) moves them to waking hours.
_SHARES_OF_DAY = np.array([0.0, 0.03, 0.08, 0.35, 0.50, 0.75, 0.95, 1.0])
_HOURS_OF_DAY = np.array([0.0, 6.0, 8.0, 12.0, 14.0, 19.0, 22.5, 24.0])


def text_ids(
    prefix: str, numbers: np.ndarray, missing: np.ndarray | None = None, suffix: pa.Array | str = ""
) -> pa.Array:
    """``prefix`` followed by each number (and ``suffix``, a text or a column of texts)."""
    column = pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), suffix, "")
    return column if missing is None else blank(column, missing)


def pick(values: Sequence[str | None], codes: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """``values[code]`` for each code."""
    column = pa.array(values, pa.string()).take(pa.array(np.asarray(codes, dtype=np.int64)))
    return column if missing is None else blank(column, missing)


def blank(column: pa.Array, missing: np.ndarray) -> pa.Array:
    """The column with nulls where ``missing``."""
    return pc.if_else(pa.array(missing), pa.scalar(None, column.type), column)


def moments(seconds: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Timestamps of events, moved to waking hours of the same day; null where ``NEVER``."""
    seconds = np.asarray(seconds, dtype=np.int64)
    share = (seconds % DAY) / DAY
    within = (np.interp(share, _SHARES_OF_DAY, _HOURS_OF_DAY) * 3600).astype(np.int64)
    return instants(np.where(seconds >= NEVER, NEVER, seconds - seconds % DAY + np.minimum(within, DAY - 1)), missing)


def instants(seconds: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Timestamps exactly as given (batch jobs, campaign boundaries); null where ``NEVER``."""
    seconds = np.asarray(seconds, dtype=np.int64)
    absent = seconds >= NEVER if missing is None else (seconds >= NEVER) | missing
    return pa.array(np.where(absent, 0, seconds) * 1_000_000, pa.int64(), mask=absent).cast(pa.timestamp("us"))


def dates(seconds: np.ndarray) -> pa.Array:
    """The UTC date of each moment; null where ``NEVER``."""
    seconds = np.asarray(seconds, dtype=np.int64)
    absent = seconds >= NEVER
    return pa.array(np.where(absent, 0, seconds // DAY).astype(np.int32), pa.int32(), mask=absent).cast(pa.date32())


def money(cents: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Decimals with two places from cents, by writing the 128-bit integers directly (a cast would be slow)."""
    cents = np.asarray(cents, dtype=np.int64)
    words = np.empty((len(cents), 2), dtype=np.int64)
    words[:, 0] = cents
    words[:, 1] = cents >> 63
    column = pa.Array.from_buffers(ARROW_TYPES["m"], len(cents), [None, pa.py_buffer(words.tobytes())])
    return column if missing is None else blank(column, missing)


def integers(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Whole numbers."""
    return pa.array(np.asarray(values, dtype=np.int64), pa.int64(), mask=missing)


def flags(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Booleans."""
    return pa.array(np.asarray(values, dtype=bool), pa.bool_(), mask=missing)


def table(name: str, row_count: int, columns: Mapping[str, pa.Array]) -> pa.Table:
    """The contract table ``name`` from the columns given; the rest is null.

    Raises ``KeyError`` for a column that the contract does not have.
    """
    schema = TABLES[name].schema
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"{name} has no column {', '.join(sorted(unknown))}")
    arrays = [columns[field.name] if field.name in columns else pa.nulls(row_count, field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
