"""Try bad input of every kind: it must give the right value, the right reason, or a build that stops with a sentence.

Cases that a build survives share one build, each under a key of its own; every one of them also asserts that none of
its raw rows vanished: raw = accepted + held back + rejected. Cases that stop the build run the loading alone.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle.runs import run_dbt

AS_OF_DATE = "2024-05-31"
KEYS = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_item_id",
    "refunds": "refund_id",
    "subscriptions": "subscription_id",
    "products": "product_id",
    "touchpoints": "touchpoint_id",
    "engagements": "engagement_id",
    "survey_responses": "response_id",
    "identity_links": "link_id",
    "erasure_requests": "request_id",
    "social_daily": "date_day",
    "affiliate_sales": "affiliate_sale_id",
}
MODELS = {
    "orders": "shop__orders",
    "customers": "shop__customers",
    "order_items": "shop__order_items",
    "refunds": "shop__refunds",
    "products": "shop__products",
    "subscriptions": "billing__subscriptions",
    "touchpoints": "marketing__touchpoints",
    "engagements": "marketing__engagements",
    "social_daily": "marketing__social_daily",
    "survey_responses": "feedback__survey_responses",
    "identity_links": "identity__identity_links",
    "erasure_requests": "identity__erasure_requests",
    "affiliate_sales": "referral__affiliate_sales",
}
DEFAULTS: dict[str, dict[str, str]] = {
    "orders": {"customer_id": "someone", "ordered_at": "2024-01-10T10:00:00", "total_amount": "10.00"},
    "customers": {"created_at": "2024-01-01T10:00:00"},
    "order_items": {},
    "refunds": {"refunded_at": "2024-02-01T10:00:00", "amount": "1.00"},
    "products": {},
    "subscriptions": {"customer_id": "someone", "started_at": "2024-01-10T10:00:00"},
    "touchpoints": {"occurred_at": "2024-01-10T10:00:00", "customer_id": "someone", "touch_type": "visit"},
    "engagements": {"occurred_at": "2024-01-10T10:00:00", "customer_id": "someone", "engagement_type": "like"},
    "social_daily": {"platform": "instagram"},
    "survey_responses": {"responded_at": "2024-01-10T10:00:00", "customer_id": "someone"},
    "identity_links": {"linked_at": "2024-01-10T10:00:00", "id_type": "anonymous_id", "customer_id": "someone"},
    "erasure_requests": {"requested_at": "2024-03-01T10:00:00"},
    "affiliate_sales": {"affiliate_id": "A1", "occurred_at": "2024-01-10T10:00:00"},
}


@dataclass(frozen=True)
class Case:
    """One kind of bad input.

    ``rows`` go to ``table``, in the file ``file`` (see ``write_files``); a row without its table's key gets the case's
    own. A row may name another table under ``table``. ``reasons``: how many rows end for which reason (None = accepted,
    "held_back"); ``values``: what the one accepted row of ``table`` must hold; ``event``: the column and reason counted
    in cleaning_events.
    """

    name: str
    table: str
    rows: Sequence[Mapping[str, Any]]
    reasons: Mapping[str | None, int] = field(default_factory=lambda: {None: 1})
    values: Mapping[str, Any] = field(default_factory=dict)
    event: tuple[str, str] | None = None
    file: str = "comma"

    @property
    def slug(self) -> str:
        """The case's key in its table."""
        return self.name.replace(" ", "_")

    def full_rows(self) -> list[tuple[str, dict[str, Any]]]:
        """Table and complete row of each row, the case's name in a column that the contract does not know."""
        full = []
        for row in self.rows:
            table = row.get("table", self.table)
            values = {KEYS[table]: self.slug, "case_name": self.slug, "loaded_at": "2024-06-01T00:00:00"}
            if KEYS[table] == "date_day":
                values.pop("date_day")
            values |= DEFAULTS[table] | {name: value for name, value in row.items() if name != "table"}
            full.append((table, values))
        return full


def order(**values: Any) -> list[dict[str, Any]]:
    """One order."""
    return [values]


CASES = [
    # numbers
    Case("a plain amount", "orders", order(total_amount="12.5"), values={"total_amount": Decimal("12.50")}),
    Case("a decimal comma", "orders", order(total_amount="12,50"), values={"total_amount": Decimal("12.50")}),
    Case("thousands by dots", "orders", order(total_amount="1.234,56"), values={"total_amount": Decimal("1234.56")}),
    Case("thousands by commas", "orders", order(total_amount="1,234.56"), values={"total_amount": Decimal("1234.56")}),
    Case("thousands by blanks", "orders", order(total_amount="1 234,56"), values={"total_amount": Decimal("1234.56")}),
    Case(
        "no-break blanks",
        "orders",
        order(total_amount="1\u202f234,56\u00a0€"),
        values={"total_amount": Decimal("1234.56")},
    ),
    Case("a currency sign", "orders", order(total_amount="€12.50"), values={"total_amount": Decimal("12.50")}),
    Case("an exponent", "orders", order(total_amount="1.5e2"), values={"total_amount": Decimal("150.00")}),
    Case("millions", "orders", order(total_amount="1.234.567"), values={"total_amount": Decimal("1234567.00")}),
    Case("a factor of a thousand in doubt", "orders", order(total_amount="1,234"), {"unparseable_value": 1}),
    Case("an amount in words", "orders", order(total_amount="twelve"), {"unparseable_value": 1}),
    Case("a percentage", "orders", order(total_amount="12%"), {"unparseable_value": 1}),
    Case("an amount too long", "orders", order(total_amount="9" * 30), {"unparseable_value": 1}),
    Case("infinity", "orders", order(total_amount="inf"), {"unparseable_value": 1}),
    Case("no amount", "orders", order(total_amount=""), {"missing_required_value": 1}),
    Case("a negative amount", "orders", order(total_amount="-5.00"), {"negative_amount": 1}),
    Case("a negative amount in brackets", "orders", order(total_amount="(5.00)"), {"negative_amount": 1}),
    Case("an amount of zero", "orders", order(total_amount="0"), values={"total_amount": Decimal("0.00")}),
    Case(
        "a negative tax",
        "orders",
        order(tax_amount="-1"),
        values={"tax_amount": None},
        event=("tax_amount", "negative_amount"),
    ),
    Case(
        "a discount in words",
        "orders",
        order(discount_amount="much"),
        values={"discount_amount": None},
        event=("discount_amount", "unparseable_value"),
    ),
    # times; the business time zone is Europe/Paris
    Case(
        "a time with an offset",
        "orders",
        order(ordered_at="2024-01-10T00:30:00+02:00"),
        values={"ordered_at": datetime(2024, 1, 9, 22, 30), "ordered_date": date(2024, 1, 9)},
    ),
    Case(
        "a time with a zulu",
        "orders",
        order(ordered_at="2024-01-10T10:00:00Z"),
        values={"ordered_at": datetime(2024, 1, 10, 10)},
    ),
    Case(
        "an offset without minutes",
        "orders",
        order(ordered_at="2024-01-10 10:00:00-05"),
        values={"ordered_at": datetime(2024, 1, 10, 15)},
    ),
    Case(
        "an offset after a blank",
        "orders",
        order(ordered_at="2024-01-10 10:00:00 +01:00"),
        values={"ordered_at": datetime(2024, 1, 10, 9)},
    ),
    Case(
        "a time that says utc",
        "orders",
        order(ordered_at="2024-01-10 10:00:00 UTC"),
        values={"ordered_at": datetime(2024, 1, 10, 10)},
    ),
    Case(
        "a bare date",
        "orders",
        order(ordered_at="2024-01-10"),
        values={"ordered_at": datetime(2024, 1, 9, 23), "ordered_date": date(2024, 1, 10)},
    ),
    Case(
        "late in the evening",
        "orders",
        order(ordered_at="2024-01-10T23:30:00"),
        values={"ordered_date": date(2024, 1, 11)},
    ),
    Case(
        "before the clocks go forward",
        "orders",
        order(ordered_at="2024-03-30T23:30:00"),
        values={"ordered_date": date(2024, 3, 31)},
    ),
    Case(
        "after the clocks went forward",
        "orders",
        order(ordered_at="2024-03-31T22:30:00"),
        values={"ordered_date": date(2024, 4, 1)},
    ),
    Case(
        "the night of the clocks",
        "orders",
        order(ordered_at="2024-03-31"),
        values={"ordered_at": datetime(2024, 3, 30, 23)},
    ),
    Case("an order in 1899", "orders", order(ordered_at="1899-12-30T00:00:00"), {"implausible_timestamp": 1}),
    Case(
        "an order at the epoch",
        "orders",
        order(ordered_at="1970-01-01T00:00:00"),
        {"implausible_timestamp": 1},
    ),
    Case("an order of the future", "orders", order(ordered_at="2024-06-02T00:00:00"), {"future_timestamp": 1}),
    Case("an order of a far future", "orders", order(ordered_at="9999-12-31"), {"future_timestamp": 1}),
    Case("an order after the as-of date", "orders", order(ordered_at="2024-05-31T22:30:00"), {"held_back": 1}),
    Case(
        "an order on the as-of date",
        "orders",
        order(ordered_at="2024-05-31T21:30:00"),
        values={"ordered_date": date(2024, 5, 31)},
    ),
    Case("the thirtieth of february", "orders", order(ordered_at="2024-02-30T10:00:00"), {"unparseable_value": 1}),
    Case("a day before a month", "orders", order(ordered_at="31/01/2024 10:00"), {"unparseable_value": 1}),
    Case("a serial number for a date", "orders", order(ordered_at="45301"), {"unparseable_value": 1}),
    Case("a zero date", "orders", order(ordered_at="0000-00-00 00:00:00"), {"unparseable_value": 1}),
    Case("no time", "orders", order(ordered_at=""), {"missing_required_value": 1}),
    Case(
        "a cancellation in 1899",
        "orders",
        order(cancelled_at="1899-12-30"),
        values={"cancelled_at": None, "cancelled_date": None},
        event=("cancelled_at", "implausible_timestamp"),
    ),
    Case("a scheduled end", "subscriptions", [{"ended_at": "2025-01-01"}], values={"ended_date": date(2025, 1, 1)}),
    # texts and ids
    Case("blanks around", "orders", order(sales_channel=" \tweb \u00a0"), values={"sales_channel": "web"}),
    Case(
        "words for nothing",
        "orders",
        order(cart_id="NULL", discount_code="nan", affiliate_id="None", sales_channel="N/A"),
        values={"cart_id": None, "discount_code": None, "affiliate_id": None, "sales_channel": None},
    ),
    Case(
        "a person called null",
        "customers",
        [{"last_name": "Null", "country_code": "NA"}],
        values={"last_name": "Null", "country_code": "NA"},
    ),
    Case(
        "an id from a spreadsheet",
        "orders",
        order(cart_id="1042.0", discount_code="v1.0"),
        values={"cart_id": "1042", "discount_code": "v1.0"},
    ),
    Case(
        "an e-mail in capitals",
        "orders",
        order(customer_id="", email=" Anna+Shop@Example.ORG "),
        values={"email": "anna+shop@example.org"},
    ),
    Case(
        "no e-mail at all",
        "orders",
        order(customer_id="", email="unknown"),
        values={"email": None, "person_id": None},
        event=("email", "unparseable_value"),
    ),
    Case(
        "an e-mail for a customer id",
        "orders",
        order(customer_id="hidden@example.org"),
        values={"person_id": "email:" + hashlib.md5(b"hidden@example.org").hexdigest()},
    ),
    Case(
        "another brand", "orders", order(brand="atelier"), values={"brand": "atelier", "person_id": "atelier:someone"}
    ),
    Case("a nul byte", "orders", order(discount_code="a\x00b"), values={"discount_code": "a\x00b"}),
    Case("a megabyte of text", "survey_responses", [{"comment": "x" * 1_000_000}], values={"comment": "x" * 1_000_000}),
    Case(
        "quotes delimiters and line ends",
        "survey_responses",
        [{"comment": 'He said "no, never";\r\nthen left\n'}],
        values={"comment": 'He said "no, never";\r\nthen left'},
    ),
    Case(
        "letters of other scripts",
        "customers",
        [{"first_name": "Éloïse", "last_name": "山田", "city": "Αθήνα"}],
        values={"first_name": "Éloïse", "last_name": "山田", "city": "Αθήνα"},
    ),
    Case("a country by name", "customers", [{"country_code": "France"}], values={"country_code": "FR"}),
    Case("a country in German", "customers", [{"country_code": "Großbritannien"}], values={"country_code": "GB"}),
    Case("a country in Spanish", "customers", [{"country_code": "PAÍSES BAJOS"}], values={"country_code": "NL"}),
    Case("a country by its number", "customers", [{"country_code": "040"}], values={"country_code": "AT"}),
    Case("a country by three letters", "customers", [{"country_code": "deu"}], values={"country_code": "DE"}),
    Case(
        "a country nobody knows",
        "customers",
        [{"country_code": "Atlantis"}],
        values={"country_code": None},
        event=("country_code", "invalid_enum"),
    ),
    Case("a french yes", "customers", [{"marketing_consent": "Oui"}], values={"marketing_consent": True}),
    Case("a spreadsheet no", "customers", [{"marketing_consent": "0.0"}], values={"marketing_consent": False}),
    Case(
        "a maybe",
        "customers",
        [{"marketing_consent": "maybe"}],
        values={"marketing_consent": None},
        event=("marketing_consent", "unparseable_value"),
    ),
    # keys, copies and versions
    Case("no key", "orders", order(order_id=""), {"missing_key": 1}),
    Case("a key that is a word for nothing", "orders", order(order_id="NULL"), {"missing_key": 1}),
    Case("an exact copy", "orders", [{}, {}, {}], {None: 1, "duplicate_row": 2}),
    Case(
        "an older version",
        "orders",
        [
            {"updated_at": "2024-02-01", "total_amount": "1"},
            {"updated_at": "2024-02-02", "total_amount": "2"},
            {"total_amount": "3"},
        ],
        {None: 1, "superseded_version": 2},
        values={"total_amount": Decimal("2.00")},
    ),
    Case(
        "a version by loading time",
        "touchpoints",
        [
            {"loaded_at": "2024-02-01", "utm_source": "old"},
            {"loaded_at": "2024-02-02", "utm_source": "new"},
        ],
        {None: 1, "superseded_version": 1},
        values={"utm_source": "new"},
    ),
    Case(
        "copies of an older version",
        "orders",
        [
            {"updated_at": "2024-02-01"},
            {"updated_at": "2024-02-01"},
            {"updated_at": "2024-02-02"},
        ],
        {None: 1, "superseded_version": 1, "duplicate_row": 1},
    ),
    Case(
        "a broken later version",
        "orders",
        [
            {"updated_at": "2024-02-01", "total_amount": "1"},
            {"updated_at": "2024-02-02", "total_amount": "x"},
        ],
        {None: 1, "unparseable_value": 1},
        values={"total_amount": Decimal("1.00")},
    ),
    Case("one id in two brands", "orders", [{"brand": "atelier"}, {"brand": "fabrik"}], {None: 2}),
    Case(
        "a day twice",
        "social_daily",
        [
            {"date": "2024-01-10", "likes": "1", "loaded_at": "2024-02-01"},
            {"date": "2024-01-10", "likes": "2", "loaded_at": "2024-02-02"},
        ],
        {None: 1, "superseded_version": 1},
        values={"likes": 2},
    ),
    Case("a day that is none", "social_daily", [{"date": "yesterday"}], {"unparseable_value": 1}),
    Case("the day of the loading", "social_daily", [{"date": "2024-02-03", "loaded_at": "2024-02-03T03:00:00"}]),
    # half past eleven in UTC is past midnight in Paris
    Case("the night of the loading", "social_daily", [{"date": "2024-02-05", "loaded_at": "2024-02-04T23:30:00"}]),
    Case(
        "the day after the loading",
        "social_daily",
        [{"date": "2024-02-07", "loaded_at": "2024-02-06T03:00:00"}],
        {"future_timestamp": 1},
    ),
    # what rows refer to
    Case("items of no order", "order_items", [{"order_id": "nowhere"}], {"orphan_reference": 1}),
    Case(
        "a refund of a rejected order",
        "refunds",
        [
            {"table": "orders", "total_amount": "x"},
            {"order_id": "a_refund_of_a_rejected_order"},
        ],
        {"unparseable_value": 1, "orphan_reference": 1},
    ),
    Case(
        "a refund of an order held back",
        "refunds",
        [
            {"table": "orders", "ordered_at": "2024-06-01"},
            {"order_id": "a_refund_of_an_order_held_back"},
        ],
        {"held_back": 2},
    ),
    Case("a sale without an order", "affiliate_sales", [{"order_id": "nowhere"}], {"orphan_reference": 1}),
    Case("an unknown customer", "orders", order(customer_id="nobody knows"), values={"person_id": "nobody knows"}),
    Case(
        "a rejected customer",
        "orders",
        [
            {"table": "customers", "customer_id": "c_rejected", "created_at": "1899-12-30"},
            {"customer_id": "c_rejected"},
        ],
        {"implausible_timestamp": 1, "orphan_reference": 1},
    ),
    # statuses and currencies
    Case("an unknown status", "orders", order(status="teleported"), {"invalid_enum": 1}),
    Case(
        "a status in capitals",
        "orders",
        order(status=" CANCELLED "),
        values={"status": "cancelled", "status_effect": "reversed"},
    ),
    Case("no status", "orders", order(status=""), values={"status_effect": "purchase", "is_engagement": True}),
    Case("a draft", "orders", order(status="draft"), values={"status_effect": "never", "is_engagement": False}),
    Case("an unknown currency", "orders", order(currency="XTS"), {"unknown_currency": 1}),
    Case(
        "a currency before its first rate",
        "orders",
        order(currency="USD", ordered_at="1999-01-10"),
        {"unknown_currency": 1},
    ),
    Case(
        "a currency in small letters",
        "orders",
        order(currency="usd"),
        values={"currency": "USD", "reporting_rate": Decimal("0.91")},
    ),
    Case("no currency", "orders", order(currency=""), values={"currency": "EUR", "reporting_rate": Decimal(1)}),
    Case("a link of another kind", "identity_links", [{"id_type": "phone", "id_value": "1"}], {"invalid_enum": 1}),
    # who does not count
    Case("a bot", "touchpoints", [{"is_bot": "yes"}], {"bot_traffic": 1}),
    Case("a test order", "orders", order(is_test="1"), {"test_account": 1}),
    Case(
        "a test account",
        "touchpoints",
        [
            {"table": "customers", "customer_id": "c_test", "is_test": "vrai"},
            {"table": "orders", "customer_id": "c_test"},
            {"table": "order_items", "order_id": "a_test_account"},
            {"customer_id": "c_test"},
        ],
        {"test_account": 4},
    ),
    Case(
        "a test account no more",
        "customers",
        [
            {"is_test": "true", "updated_at": "2024-02-01"},
            {"is_test": "false", "updated_at": "2024-02-02"},
        ],
        {None: 1, "superseded_version": 1},
    ),
    Case(
        "an erased customer",
        "engagements",
        [
            {"table": "erasure_requests", "customer_id": "c_erased"},
            {"table": "customers", "customer_id": "c_erased", "email": "erased@example.org"},
            {"table": "orders", "customer_id": "c_erased", "ordered_at": "2024-03-01T12:00:00"},
            {"table": "refunds", "order_id": "an_erased_customer"},
            {"engagement_id": "an_erased_customer", "customer_id": "c_erased"},
            {
                "engagement_id": "an_erased_customer_after",
                "customer_id": "c_erased",
                "occurred_at": "2024-03-02T12:00:00",
            },
        ],
        {None: 2, "erased": 4},
    ),
    Case(
        "an erased e-mail",
        "orders",
        [
            {"table": "erasure_requests", "email": "Gast@example.org"},
            {"customer_id": "", "email": "gast@EXAMPLE.org"},
        ],
        {None: 1, "erased": 1},
    ),
    Case(
        "an erasure to come",
        "orders",
        [
            {"table": "erasure_requests", "customer_id": "c_later", "requested_at": "2024-05-31T23:00:00"},
            {"customer_id": "c_later"},
        ],
        {None: 1, "held_back": 1},
    ),
    # files
    Case(
        "semicolons a byte order mark and crlf",
        "orders",
        order(total_amount="12,50", sales_channel="a;b"),
        file="semicolon",
        values={"total_amount": Decimal("12.50"), "sales_channel": "a;b"},
    ),
    Case("tabs", "orders", order(total_amount="12,50"), file="tab", values={"total_amount": Decimal("12.50")}),
    Case(
        "bars and headers in capitals",
        "orders",
        order(sales_channel="web"),
        file="bar",
        values={"sales_channel": "web"},
    ),
    Case(
        "typed columns beside text",
        "orders",
        order(total_amount=12.5, ordered_at=datetime(2024, 1, 10, 10), cart_id=1042.0),
        file="parquet",
        values={"total_amount": Decimal("12.50"), "ordered_at": datetime(2024, 1, 10, 10), "cart_id": "1042"},
    ),
    Case(
        "a date column beside text",
        "orders",
        order(ordered_at=date(2024, 1, 10), total_amount=12),
        file="parquet_date",
        values={
            "total_amount": Decimal("12.00"),
            "ordered_date": date(2024, 1, 10),
            "ordered_at": datetime(2024, 1, 9, 23),
        },
    ),
    Case(
        "a file without optional columns",
        "orders",
        order(),
        file="short",
        values={"status": None, "currency": "EUR", "tax_amount": None},
    ),
]


def write_csv(
    path: Path,
    rows: Sequence[Mapping[str, Any]],
    *,
    delimiter: str = ",",
    line_end: str = "\n",
    bom: bool = False,
    upper: bool = False,
) -> None:
    """Write rows as CSV in UTF-8, columns in order of appearance."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow([name.upper() if upper else name for name in names])
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((codecs.BOM_UTF8 if bom else b"") + text.getvalue().encode())


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as Parquet, each column in the type of its values."""
    import pandas as pd

    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(list(rows))
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"copy frame to '{path}' (format parquet)")


def write_files(directory: Path) -> None:
    """Write the raw rows of all cases: orders as files of many kinds, everything else as one CSV a table."""
    files: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for case in CASES:
        for table, row in case.full_rows():
            files.setdefault((table, case.file if table == "orders" else "comma"), []).append(row)
    for (table, kind), rows in files.items():
        folder = directory / table
        if kind == "semicolon":
            write_csv(folder / "semicolon.csv", rows, delimiter=";", line_end="\r\n", bom=True)
        elif kind in {"tab", "bar"}:
            write_csv(folder / f"{kind}.CSV", rows, delimiter={"tab": "\t", "bar": "|"}[kind], upper=kind == "bar")
        elif kind.startswith("parquet"):
            write_parquet(folder / f"{kind}.parquet", rows)
        elif table == "orders":
            write_csv(folder / f"{kind}.csv", rows)
        else:
            write_csv(directory / f"{table}.csv", rows)
    (directory / "reviews.csv").write_bytes(b"")  # a file without a byte is an empty table
    (directory / "carts.csv").write_bytes(b"cart_id,created_at,customer_id\n")  # a header only
    (directory / "orders" / "empty.csv").write_bytes(b"")
    (directory / "orders" / "_SUCCESS").write_bytes(b"")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Build all cases at once and open the warehouse for reading."""
    directory = tmp_path_factory.mktemp("dirty")
    write_files(directory / "raw")
    result = run_dbt(
        [
            "build",
            "--select",
            "+path:models/quality",
            "path:models/base",
            "path:models/staging",
            "--exclude",
            "resource_type:unit_test",
            "--indirect-selection",
            "cautious",
        ],
        raw_data_dir=directory / "raw",
        warehouse_path=directory / "warehouse.duckdb",
        as_of_date=AS_OF_DATE,
        business_time_zone="Europe/Paris",
        dbt_target_path=directory / "target",
        dbt_log_path=directory / "logs",
    )
    assert result.success, result.problems
    with duckdb.connect(str(directory / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def outcomes(warehouse: duckdb.DuckDBPyConnection, case: Case) -> tuple[int, Counter]:
    """Count the raw rows of a case, and how many of its rows ended for which reason."""
    raw_count, ends = 0, Counter()
    for table in {table for table, _ in case.full_rows()}:
        mine = [row for row_table, row in case.full_rows() if row_table == table]
        raw_count += warehouse.execute(f"select count(*) from raw.{table} where case_name = ?", [case.slug]).fetchone()[
            0
        ]
        keys = [row.get("date", "") if table == "social_daily" else str(row[KEYS[table]]) for row in mine]
        key = f"cast({KEYS[table]} as varchar)"
        accepted = f"select count(*) from staging.stg_{MODELS[table]} where {key} = any(?)"
        ends[None] += warehouse.execute(accepted, [keys]).fetchone()[0]
        held_back = (
            f"select count(*) from staging.base_{MODELS[table]} as held where held.{KEYS[table]}::varchar = any(?) "
            f"and held.rejection_reason is null and not exists (select 1 from staging.stg_{MODELS[table]} as known "
            f"where known.brand = held.brand and known.{KEYS[table]} = held.{KEYS[table]}) "
            f"and not exists (select 1 from quality.rejected_records as out where out.entity = '{table}' "
            f"and out.record_key like held.{KEYS[table]}::varchar || '%' "
            "and out.rejection_reason in ('erased', 'orphan_reference', 'test_account'))"
        )
        ends["held_back"] += warehouse.execute(held_back, [keys]).fetchone()[0]
        reasons = (
            "select rejection_reason, count(*) from quality.rejected_records where entity = ? "
            "and (json_extract_string(raw_row, '$.case_name') = ? "
            "or (json_extract_string(raw_row, '$.case_name') is null "
            "and split_part(record_key, '|', 1) = any(?))) group by 1"
        )
        for reason, count in warehouse.execute(reasons, [table, case.slug, keys]).fetchall():
            ends[reason] += count
    return raw_count, +ends


@pytest.mark.parametrize("case", CASES, ids=[case.slug for case in CASES])
def test_bad_value_gives_what_it_must(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    """Check the reasons, values and cleaning events of one case, and that no row vanished."""
    raw_count, ends = outcomes(warehouse, case)
    assert raw_count == len(case.rows), "a raw row was not loaded"
    assert sum(ends.values()) == raw_count, f"a row vanished or was counted twice: {ends}"
    assert ends == Counter(case.reasons)
    if case.values:
        key = next(row for table, row in case.full_rows() if table == case.table).get(KEYS[case.table])
        condition = f"{KEYS[case.table]} = ?" if key else f"{KEYS[case.table]} = cast(? as date)"
        found = warehouse.execute(
            f"select {', '.join(case.values)} from staging.stg_{MODELS[case.table]} where {condition}",
            [key or case.rows[0]["date"]],
        ).fetchone()
        assert dict(zip(case.values, found, strict=True)) == dict(case.values)
    if case.event:
        counted = warehouse.execute(
            "select value_count from quality.cleaning_events where entity = ? and column_name = ? and reason = ?",
            [case.table, *case.event],
        ).fetchone()
        assert counted is not None
        assert counted[0] >= 1


def test_a_table_without_rows_is_an_empty_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    """An absent, an empty and a header-only file all give an empty table."""
    for model in ("stg_feedback__reviews", "stg_shop__carts", "stg_referral__referrals"):
        assert warehouse.execute(f"select count(*) from staging.{model}").fetchone()[0] == 0


def test_of_erased_persons_nothing_stays_in_quarantine(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Neither ids nor e-mails of erased persons stand in the quarantine."""
    found = warehouse.execute(
        "select count(*) from quality.rejected_records where raw_row ilike '%erased@example.org%' "
        "or raw_row ilike '%guest@example.org%' or raw_row ilike '%c_erased%' or record_key like '%@%'"
    ).fetchone()[0]
    assert found == 0


# ---- input that stops the build


GOOD_ORDERS = b"order_id,customer_id,ordered_at,total_amount\n1,C1,2024-01-10,10\n2,C2,2024-01-11,20\n"


@dataclass(frozen=True)
class Stop:
    """Input that stops the build: files by name (bytes), settings, and words that the one sentence must hold."""

    name: str
    files: Mapping[str, bytes]
    words: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)


def with_line(line: bytes) -> bytes:
    """Good orders with one more line, the fourth."""
    return GOOD_ORDERS + line


STOPS = [
    Stop("a misspelt table", {"order.csv": GOOD_ORDERS}, ["order.csv", "did you mean 'orders'"]),
    Stop("a misspelt folder", {"ordres/a.csv": GOOD_ORDERS}, ["ordres", "did you mean 'orders'"]),
    Stop(
        "a spreadsheet", {"orders.csv": GOOD_ORDERS, "refunds.xlsx": b"PK"}, ["refunds.xlsx", "neither csv nor parquet"]
    ),
    Stop("no such directory", {}, ["no csv or parquet file"]),
    Stop(
        "a missing column",
        {"orders.csv": b"order_id,total_amount\n1,2\n"},
        ["orders", "ordered_at", "order_id, total_amount"],
    ),
    Stop(
        "missing columns of another table",
        {"orders.csv": GOOD_ORDERS, "refunds.csv": b"refund_id,order_id\n1,2\n"},
        ["refunds", "refunded_at, amount", "refund_id, order_id"],
    ),
    Stop(
        "neither orders nor subscriptions",
        {"customers.csv": b"customer_id\nC1\n"},
        ["neither orders nor subscriptions"],
    ),
    Stop(
        "orders with a header only",
        {"orders.csv": GOOD_ORDERS.split(b"\n")[0] + b"\n"},
        ["neither orders nor subscriptions"],
    ),
    Stop("orders without a byte", {"orders.csv": b""}, ["neither orders nor subscriptions"]),
    Stop(
        "a line too long",
        {"orders.csv": with_line(b"3,C3,2024-01-10,10,11\n")},
        ["orders.csv", "line 4", "more values"],
    ),
    Stop("a line too short", {"orders.csv": with_line(b"3,C3\n")}, ["orders.csv", "line 4", "fewer values"]),
    Stop(
        "a quote that is not closed",
        {"orders.csv": with_line(b'3,"C3,2024-01-10,10\n')},
        ["orders.csv", "line 4", "quotation mark"],
    ),
    Stop(
        "a quote inside a value",
        {"orders.csv": with_line(b'3,"C"3,2024-01-10,10\n')},
        ["orders.csv", "line 4", "quotation mark"],
    ),
    Stop(
        "latin-1",
        {"orders.csv": with_line("3,Zoë,2024-01-10,10\n".encode("latin-1"))},
        ["orders.csv", "line 4", "UTF-8"],
    ),
    Stop("utf-16", {"orders.csv": GOOD_ORDERS.decode().encode("utf-16")}, ["orders.csv", "line 1", "UTF-8"]),
    Stop("a packed file", {"orders.csv": gzip.compress(GOOD_ORDERS)}, ["orders.csv", "line 1", "unpack"]),
    Stop(
        "a parquet file cut off",
        {"orders.csv": GOOD_ORDERS, "refunds.parquet": b"PAR1 and no more"},
        ["refunds.parquet", "parquet"],
    ),
    Stop(
        "a column twice",
        {"orders.csv": b"order_id,ordered_at,total_amount,Order_ID\n1,2024-01-10,10,1\n"},
        ["orders.csv", "order_id", "twice"],
    ),
    Stop(
        "a broken file among good ones",
        {"orders/a.csv": GOOD_ORDERS, "orders/b.csv": with_line(b"3\n")},
        ["b.csv", "line 4"],
    ),
    Stop(
        "an as-of date that is none",
        {"orders.csv": GOOD_ORDERS},
        ["as_of_date", "2024-02-30"],
        {"as_of_date": "2024-02-30"},
    ),
    Stop(
        "a time zone that is none",
        {"orders.csv": GOOD_ORDERS},
        ["business_time_zone", "Europe/Pariss"],
        {"business_time_zone": "Europe/Pariss"},
    ),
    Stop(
        "a currency that is none",
        {"orders.csv": GOOD_ORDERS},
        ["reporting_currency", "euros"],
        {"reporting_currency": "euros"},
    ),
]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory with a finished warehouse of two orders, on which bad input is tried."""
    directory = tmp_path_factory.mktemp("stops")
    (directory / "good").mkdir()
    (directory / "good" / "orders.csv").write_bytes(GOOD_ORDERS)
    result = load(directory, directory / "good")
    assert result.success, result.problems
    return directory


def load(directory: Path, raw: Path, **settings: str):
    """Run the loading, and one small model, on the directory's warehouse."""
    return run_dbt(
        ["run", "--select", "base_marketing__campaigns"],
        raw_data_dir=raw,
        warehouse_path=directory / "warehouse.duckdb",
        dbt_target_path=directory / "target",
        dbt_log_path=directory / "logs",
        **settings,
    )


def contents(directory: Path) -> list[tuple]:
    """Every table of the warehouse with its rows."""
    with duckdb.connect(str(directory / "warehouse.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        return [
            (schema, name, connection.execute(f"from {schema}.{name} order by all").fetchall())
            for schema, name in tables
        ]


@pytest.mark.parametrize("stop", STOPS, ids=[stop.name.replace(" ", "_") for stop in STOPS])
def test_bad_file_stops_the_build_with_a_sentence_and_changes_nothing(
    standing: Path, tmp_path: Path, stop: Stop
) -> None:
    """Check the sentence, the failure, and that the warehouse stands as it was."""
    before = contents(standing)
    assert before
    for name, content in stop.files.items():
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    result = load(standing, tmp_path / "raw", **stop.settings)
    assert not result.success
    message = " ".join(result.problems)
    for word in stop.words:
        assert word in message
    assert "Traceback" not in message
    assert contents(standing) == before
