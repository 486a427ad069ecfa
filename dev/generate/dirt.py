"""Dirt: what real exports do to clean data. It never destroys anything.

Either a value is written in a way that cleaning restores (``restorable``, ``scribble``), or an additional row comes
that has to be rejected or collapses (``add_rows``, ``unreadable_rows``, ``duplicates``), or an unimportant optional
value becomes unreadable. So the clean rows stay true, and each row to be rejected names the reason in its key
(``X-future_timestamp-1-1``).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dev.generate.columns import DAY
from dev.generate.schema import ARROW_TYPES, TABLES, RawTable
from dev.generate.world import CURRENCIES

# Additional rows by table and reason: the columns to overwrite.
_ORPHANS = {"order_items": "order_id", "refunds": "order_id", "affiliate_sales": "order_id"}
_NEGATIVE = {"orders": "total_amount", "refunds": "amount"}
_CURRENCIES = {"orders": "currency", "subscriptions": "currency", "messages": "currency"}
_ENUMS = {"orders": ("status", "teleported"), "identity_links": ("id_type", "fax")}
# An earlier version of the row said this; the present row wins by updated_at, else by loaded_at.
_EARLIER: dict[str, dict[str, str | int | None]] = {
    "customers": {"city": "Paris"},
    "orders": {"status": "pending", "cancelled_at": None, "deleted_at": None},
    "carts": {"last_step": "cart"},
    "products": {"name": "Draft name"},
    "campaigns": {"name": "Draft name"},
    "subscriptions": {"ended_at": None, "cancelled_at": None, "cancel_reason": None, "deleted_at": None},
    "engagements": {"channel": "unknown", "deleted_at": None},
    "touchpoints": {"landing_page": "/draft"},
    "ad_performance": {"platform_conversions": 0},
    "social_daily": {"mentions": 0},
    "podcast_daily": {"listeners": 0},
    "survey_responses": {"comment": "draft"},
    "messages": {"channel": "draft"},
    "support_tickets": {"resolved_at": None},
    "referrals": {"accepted_at": None},
    "affiliate_sales": {"status": "pending"},
}
# Text columns whose spelling varies from export to export, and how.
_SPELLINGS = {
    "email": "upper", "status": "upper", "currency": "lower", "country_code": "lower", "survey_type": "upper",
    "engagement_type": "title", "touch_type": "upper", "city": "space", "first_name": "space", "plan": "space",
}  # fmt: skip
_NUMBERED = ("customer_id", "referrer_customer_id", "referred_customer_id", "affiliate_customer_id", "order_item_id")
# Optional values that cannot be read (text files only).
_UNREADABLE = {
    "customers": ("marketing_consent", "maybe"),
    "carts": ("value_amount", "a lot"),
    "order_items": ("discount_amount", "see invoice"),
    "support_tickets": ("reopened_count", "twice"),
    "ad_performance": ("platform_conversions", "-?-"),
}
_UNREADABLE_REQUIRED = {"orders": "total_amount", "refunds": "amount"}
_NULLS = ("NULL", "N/A", "nan", "None")
_TRUE, _FALSE = ("t", "yes", "1", "oui", "Y", "TRUE"), ("f", "no", "0", "non", "N", "FALSE")


def _replace(rows: pa.Table, column: str, values: pa.Array | pa.Scalar) -> pa.Table:
    if isinstance(values, pa.Scalar):
        values = pa.repeat(values, rows.num_rows) if values.is_valid else pa.nulls(rows.num_rows, values.type)
    return rows.set_column(rows.schema.get_field_index(column), column, values)


def _sample(rng: np.random.Generator, rows: pa.Table, count: int) -> pa.Table:
    """Up to ``count`` rows, neither test accounts nor bots (these would be rejected as such)."""
    allowed = np.ones(rows.num_rows, dtype=bool)
    for flag in ("is_test", "is_bot"):
        if flag in rows.column_names:
            flags = rows[flag]
            if pa.types.is_string(flags.type):
                flags = pc.is_in(flags, pa.array(["true", *_TRUE]))
            allowed &= ~pc.fill_null(flags, False).to_numpy()
    candidates = np.flatnonzero(allowed)
    count = min(count, len(candidates))
    return rows.take(pa.array(np.sort(rng.choice(candidates, count, replace=False)) if count else candidates[:0]))


class Dirt:
    """Dirt of one chunk at a given rate (share of rows touched, roughly)."""

    def __init__(self, rng: np.random.Generator, chunk: int, rate: float) -> None:
        self.rng, self.chunk, self.rate = rng, chunk, rate
        self.log: list[tuple[str, str | None, str]] = []

    def restorable(self, name: str, rows: pa.Table) -> pa.Table:
        """Texts in other spellings: case, blanks around, ids that went through a spreadsheet (``10000010.0``)."""
        if not self.rate:
            return rows
        for column in rows.column_names:
            if TABLES[name].columns[column] != "s":
                continue
            hit = pa.array(self.rng.random(rows.num_rows) < self.rate / 2)
            values = rows[column]
            if column in _NUMBERED:
                other = pc.binary_join_element_wise(values, ".0", "")
            elif column == "brand":
                other = pc.if_else(pc.equal(values, "default"), pa.scalar(None, pa.string()), values)
            elif column in _SPELLINGS:
                way = _SPELLINGS[column]
                spell = {"upper": pc.utf8_upper, "lower": pc.utf8_lower, "title": pc.utf8_capitalize}.get(way)
                other = spell(values) if spell else pc.binary_join_element_wise(" ", values, "  ", "")
            else:
                continue
            rows = _replace(rows, column, pc.if_else(hit, other, values))
        return rows

    def add_rows(self, name: str, rows: pa.Table) -> pa.Table:
        """The rows and additional ones: earlier versions, and rows to be rejected, a few of each reason."""
        if not self.rate or not rows.num_rows:
            return rows
        contract = TABLES[name]
        each = self._each(rows.num_rows)
        extra = []
        if name in _EARLIER:
            extra.append(self._earlier_versions(name, rows, each))
        extra.append(
            self.logged(
                name,
                "missing_key",
                _replace(_sample(self.rng, rows, each), contract.key[-1], _null(contract, contract.key[-1])),
            )
        )
        changes: list[tuple[str, str, pa.Scalar]] = [
            ("missing_required_value", column, _null(contract, column)) for column in contract.required
        ]
        if contract.main and contract.main in contract.required:
            changes.append(("future_timestamp", contract.main, _moment(2031, 5, 17)))
            changes.append(("implausible_timestamp", contract.main, _moment(1901, 1, 1)))
        if name in _ORPHANS:
            changes.append(("orphan_reference", _ORPHANS[name], pa.scalar(f"O-missing-{self.chunk}")))
        if name in _CURRENCIES:
            changes.append(("unknown_currency", _CURRENCIES[name], pa.scalar("ZZZ")))
        if name in _ENUMS:
            changes.append(("invalid_enum", _ENUMS[name][0], pa.scalar(_ENUMS[name][1])))
        for reason, column, value in changes:
            extra.append(self._rejected(name, reason, _replace(_sample(self.rng, rows, each), column, value), column))
        if name in _NEGATIVE:
            chosen = _sample(
                self.rng, rows.filter(pc.greater(rows[_NEGATIVE[name]], pa.scalar(Decimal(0), ARROW_TYPES["m"]))), each
            )
            amount = pa.array([-value for value in chosen[_NEGATIVE[name]].to_pylist()], ARROW_TYPES["m"])
            extra.append(self._rejected(name, "negative_amount", _replace(chosen, _NEGATIVE[name], amount)))
        return pa.concat_tables([rows, *extra])

    def duplicates(self, name: str, rows: pa.Table, genuine: int) -> pa.Table:
        """The rows, and some of the first ``genuine`` ones once more, to the letter: the last step, therefore."""
        if not self.rate or not genuine:
            return rows
        again = _sample(self.rng, rows.slice(0, genuine), self._each(genuine))
        return pa.concat_tables([rows, self.logged(name, "duplicate_row", again)])

    def _each(self, row_count: int) -> int:
        """How many additional rows of one reason a table of that size gets."""
        return max(1, round(row_count * self.rate / 6))

    def _earlier_versions(self, name: str, rows: pa.Table, count: int) -> pa.Table:
        chosen = _sample(self.rng, rows, count)
        if "updated_at" in chosen.column_names:
            chosen = chosen.filter(pc.is_valid(chosen["updated_at"]))
        for column, value in _EARLIER[name].items():
            chosen = _replace(chosen, column, pa.scalar(value, ARROW_TYPES[TABLES[name].columns[column]]))
        for column in ("updated_at", "loaded_at"):
            if column in chosen.column_names:
                # One minute: an earlier version of the same night still loses.
                back = 60_000_000
                chosen = _replace(
                    chosen, column, pc.cast(pc.subtract(pc.cast(chosen[column], pa.int64()), back), ARROW_TYPES["t"])
                )
        return self.logged(name, "superseded_version", chosen)

    def _rejected(self, name: str, reason: str, rows: pa.Table, changed: str = "") -> pa.Table:
        """Give the rows keys of their own that name the reason; tables without a text key are left out."""
        key = TABLES[name].key
        if len(key) > 1 or changed in key:
            return rows.slice(0, 0)
        start = len(self.log)
        names = [f"X-{reason}-{self.chunk}-{start + number}" for number in range(rows.num_rows)]
        return self.logged(name, reason, _replace(rows, key[0], pa.array(names, pa.string())))

    def logged(self, name: str, reason: str, rows: pa.Table) -> pa.Table:
        """Rows of which each is to be rejected for this reason, as they are."""
        keys = [
            [str(value) if value is not None else "" for value in rows[part].to_pylist()] for part in TABLES[name].key
        ]
        self.log += [(name, "|".join(parts), reason) for parts in zip(*keys, strict=True)]
        return rows

    # --- text files only --------------------------------------------------------------------------------------------

    def unreadable_rows(self, name: str, texts: pa.Table) -> pa.Table:
        """Additional rows with a required value that cannot be read."""
        contract = TABLES[name]
        column = _UNREADABLE_REQUIRED.get(name) or (contract.main if contract.main in contract.required else None)
        if not self.rate or not texts.num_rows or column is None:
            return texts
        chosen = _sample(self.rng, texts.drop_columns([c for c in ("is_test", "is_bot") if c in texts.column_names]), 1)
        chosen = self._rejected(name, "unparseable_value", _replace(chosen, column, pa.scalar("unknown (see e-mail)")))
        return pa.concat_tables([texts, chosen], promote_options="default")

    def scribble(self, name: str, texts: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
        """Numbers, moments, booleans and nulls as files write them; a few optional values unreadable."""
        if not self.rate:
            return texts
        for column in texts.column_names:
            values, kind = texts[column], kinds[column]
            luck = self.rng.random(texts.num_rows)
            hit = pa.array(luck < self.rate)
            if column == "loaded_at" or (column in TABLES[name].key and kind == "s"):
                continue
            if kind == "m":
                other = pc.replace_substring(values, ".", ",")
                if "currency" in texts.column_names and kinds["currency"] == "s":
                    # with the currency in the same field
                    code = pc.utf8_upper(texts["currency"])
                    known = pc.and_(pc.is_in(code, pa.array(CURRENCIES)), pa.array(luck < self.rate / 4))
                    other = pc.if_else(known, pc.binary_join_element_wise(values, code, " "), other)
            elif kind == "t":
                # The same instant as its local time with an offset.
                parsed = pc.strptime(values, "%Y-%m-%d %H:%M:%S", "s", error_is_null=True)
                local = pc.strftime(
                    pc.cast(pc.add(pc.cast(parsed, pa.int64()), 7_200), pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S"
                )
                zulu = pc.binary_join_element_wise(pc.replace_substring(values, " ", "T"), "Z", "")
                other = pc.if_else(
                    pa.array(luck < self.rate / 2), pc.binary_join_element_wise(local, "+02:00", ""), zulu
                )
                if column == "published_at":
                    other = pc.utf8_slice_codeunits(values, 0, 10)  # the date alone, which stays the same
                # Whatever is no moment (a value that cannot be read) stays as it is.
                other = pc.if_else(pc.is_valid(parsed), other, values)
            elif kind == "b":
                words = [_TRUE[int(x * 1e6) % 6] for x in luck], [_FALSE[int(x * 1e6) % 6] for x in luck]
                other = pc.if_else(pc.equal(values, "true"), pa.array(words[0]), pa.array(words[1]))
                other = pc.if_else(pc.is_valid(values), other, values)
            elif kind == "s" and column not in TABLES[name].required and column != "brand":
                words = pa.array([_NULLS[int(x * 1e6) % 4] for x in luck])
                other = pc.if_else(pc.is_null(values), words, values)
            else:
                continue
            texts = _replace(texts, column, pc.if_else(hit, other, values))
        if name in _UNREADABLE:
            column, word = _UNREADABLE[name]
            hit = self.rng.random(texts.num_rows) < self.rate / 4
            hit[: min(1, len(hit))] = True
            texts = _replace(texts, column, pc.if_else(pa.array(hit), word, texts[column]))
        return texts


def _null(contract: RawTable, column: str) -> pa.Scalar:
    return pa.scalar(None, ARROW_TYPES[contract.columns[column]])


def _moment(year: int, month: int, day: int) -> pa.Scalar:
    days = (np.datetime64(f"{year}-{month:02d}-{day:02d}") - np.datetime64("1970-01-01")).astype(int)
    return pa.scalar(int(days) * DAY * 1_000_000, pa.int64()).cast(ARROW_TYPES["t"])
