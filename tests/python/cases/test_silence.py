"""What is not understood is said: columns, settings, currencies, rejected rows, two buyers of one order, versions without dates."""

# ruff: noqa: E501

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT_DIR
from oracle.runs import NAME, run_dbt

from lifecycle_tools.build import NO_TESTS
from lifecycle_tools.commands.build import DEMO_DATA, leave_demo
from lifecycle_tools.settings import misspelt

MODELS = ["+path:models/quality", "+lifecycle_audiences"]
ORDERS = "brand,order_id,customer_id,email,ordered_at,total_amount,tax,shipping_cost,canceled_at,note\n"
SILENT = {
    "orders/1.csv": ORDERS
    + "versions,o1,12413,,2025-02-03T10:00:00Z,10,1,2,,x\n"
    + "versions,o2,17850,,2025-02-03T10:00:00Z,10,1,2,,x\nversions,o2.0,17850,,2025-02-03T10:00:00Z,10,1,2,,x\n"
    + "copies,7,17850,,2025-02-03T10:00:00Z,10,,,,x\ncopies,7.0,17850.0,,2025-02-03 10:00:00,10.00,,,,other\n"
    + "copies,8,a,,2025-02-03T10:00:00Z,10,,,,x\ncopies,8,a,,2025-02-03T10:00:00Z,11,,,,x\n"
    + "buyers,b1,anna,,2025-02-03T10:00:00Z,10,,,,x\nbuyers,b1,berta,,2025-02-04T10:00:00Z,25.50,,,,x\n"
    + "buyers,b2,,a@example.org,2025-02-03T10:00:00Z,10,,,,x\nbuyers,b2,,b@example.org,2025-02-03T10:00:00Z,20,,,,x\n"
    + "buyers,b3,anna,a@example.org,2025-02-03T10:00:00Z,10,,,,x\nbuyers,b3,anna,new@example.org,2025-02-03T10:00:00Z,20,,,,x\n"
    + "buyers,b4,,a@example.org,2025-02-03T10:00:00Z,10,,,,x\nbuyers,b4,anna,a@example.org,2025-02-03T10:00:00Z,20,,,,x\n"
    + "buyers,b5,,a@example.org,2025-02-03T10:00:00Z,10,,,,x\nbuyers,b5,anna,b@example.org,2025-02-03T10:00:00Z,20,,,,x\n"
    + "zeros,z1,42,,2025-02-03T10:00:00Z,10,,,,x\nzeros,z2,c7,,2025-02-03T10:00:00Z,10,,,,x\nzeros,z3,8,,2025-02-03T10:00:00Z,10,,,,x\nzeros,z4,#1-001,,2025-02-03T10:00:00Z,10,,,,x\nzeros,z5,99,,2025-02-03T10:00:00Z,10,,,,x\n",
    "touchpoints.csv": "brand,touchpoint_id,customer_id,occurred_at,touch_type\n"
    + "".join(
        f"types,t{number},anna,2025-02-03T10:00:00Z,{kind}\n"
        for number, kind in enumerate(("pageview", "pageview", "open", "Page View", "page-view", ""))
    ),
    "customers/2025-03-01.csv": "brand,customer_id,country_code,city\nversions,12413,Spain,Madrid\nversions,z,Spain,Zürich\n"
    + "zeros,00042,,\nzeros,C7,,\nzeros,8,,\nzeros,08,,\nzeros,1001,,\n",
    "customers/2025-03-02.csv": "brand,customer_id,country_code,city\nversions,12413,France,Aix\nversions,z,France,Aarau\n",
    "refunds.csv": "brand,refund_id,order_id,refunded_at,amount,is_bot\n"
    + "".join(f"versions,r{number},o1,11/{number}/2018,1,true\n" for number in range(1, 9)),
    "order_items.csv": "brand,order_item_id,order_id,quantity,qty\n" + "versions,i1,o1,-1,1\nversions,i2,nowhere,0.5,1\nversions,i3,elsewhere,1.250,1\n",
    "subscriptions.csv": "brand,subscription_id,customer_id,started_at,cancelled_at\n"
    + "".join(f"versions,s{number},12413,2025-01-0{number},0{number}.02.2025\n" for number in range(1, 4)),
}  # fmt: skip


def write(directory: Path, files: dict[str, str]) -> Path:
    """Write raw files."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return directory


class Build:
    """A build of some files, its warnings, and its warehouse."""

    def __init__(
        self, directory: Path, files: dict[str, str], *, models=MODELS, as_of_date="2025-12-31", **settings: str
    ) -> None:
        """Build seeds and models at once."""
        self.warnings: list[str] = []
        self.warehouse = directory / NAME
        self.raw = write(directory / "raw", files)
        self.result = run_dbt(
            ["build", "--select", *models, *NO_TESTS],
            on_warning=self.warnings.append,
            raw_data_dir=self.raw,
            warehouse_path=self.warehouse,
            as_of_date=as_of_date,
            identity_salt="pepper",
            dbt_target_path=directory / "target",
            dbt_log_path=directory / "logs",
            **settings,
        )

    def rows(self, query: str) -> list[tuple]:
        """All rows of a query."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def said(self, *words: str) -> str:
        """The one warning with these words."""
        found = [sentence for sentence in self.warnings if all(word in sentence for word in words)]
        assert len(found) == 1, (words, self.warnings)
        return found[0]


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Everything at once that used to be accepted in silence."""
    build = Build(tmp_path_factory.mktemp("silent"), SILENT, reporting_curency="USD")
    assert build.result.success, build.result.problems
    return build


def test_a_misspelt_setting_is_named(silent: Build) -> None:
    """With what was meant."""
    assert "REPORTING_CURRENCY" in silent.said("REPORTING_CURENCY", "did you mean")


def test_amounts_in_no_known_currency_are_asked_about(silent: Build) -> None:
    """The user did not choose euros, and no amount says them."""
    assert "taken as EUR" in silent.said("In which currency are the amounts of orders")


def test_misspelt_columns_are_named_with_what_was_meant(silent: Build) -> None:
    """They are recorded as well; a column that cannot have been meant is not worth a word."""
    sentence = silent.said("orders has columns that are not read")
    for meant in ("tax (tax_amount?)", "shipping_cost (shipping_amount?)", "canceled_at (cancelled_at?)"):
        assert meant in sentence
    assert "note" not in sentence
    assert "is_bot (in carts, " in silent.said("refunds has columns that are not read")
    recorded = silent.rows(
        "select distinct entity, column_name from quality.cleaning_events where reason = 'unknown_column'"
    )
    assert sorted(recorded) == [
        ("orders", "canceled_at"),
        ("orders", "shipping_cost"),
        ("orders", "tax"),
        ("refunds", "is_bot"),
    ]


def test_a_table_of_which_every_row_is_rejected_says_why(silent: Build) -> None:
    """Table, column, reason, three values, and the setting that helps."""
    sentence = silent.said("refunds: every row rejected, unparseable_value in refunded_at")
    assert sentence.count("'11/") == 3
    assert "a day or a month first? Set DATE_ORDER=refunds:dmy or DATE_ORDER=refunds:mdy" in sentence
    assert "quality.rejected_records" in sentence


def test_types_of_events_that_are_not_known_are_said(silent: Build) -> None:
    """With the most frequent first; another spelling of a known one is known."""
    sentence = silent.said(
        "touchpoints: 3 of 6 rows are of a type that is not known ('pageview', 'open')", "event_types"
    )
    assert "count as contacts alone" in sentence
    assert silent.rows(
        "select column_name, reason, value_count from quality.cleaning_events where entity = 'touchpoints'"
    ) == [("touch_type", "unknown_event_type", 3)]


def test_ids_that_a_spreadsheet_has_taken_zeros_from_are_said(silent: Build) -> None:
    """Or that one system writes in capitals: profile and orders of one customer would be two."""
    sentence = silent.said("have no profile under their id", "brand zeros")
    assert sentence.startswith("3 customers of orders")
    assert "such as '#1-001' and '1001'" in sentence


def test_no_setting_is_advised_that_would_not_help(silent: Build) -> None:
    """A quantity below zero is none of decimals and thousands, though others of the column are open to doubt."""
    assert "DECIMAL_SEPARATOR" not in silent.said("order_items", "values of quantity left out, negative_amount")


def test_other_rejected_rows_and_values_are_said(silent: Build) -> None:
    """Rows that belong to no order, a quantity below zero, a date of an optional column."""
    silent.said("order_items: 2 of 3 rows rejected, orphan_reference in order_id ('", "'nowhere'")
    silent.said("order_items: 1 of 3 values of quantity left out, negative_amount")
    silent.said(
        "subscriptions: 3 of 3 values of cancelled_at left out, unparseable_value ('01.02.2025'",
        "DATE_ORDER=subscriptions:dmy",
    )


def test_two_buyers_of_one_order_are_a_conflict_with_money_at_stake(silent: Build) -> None:
    """Another e-mail of the same customer, or a guest who got an account, is a version."""
    found = silent.rows(
        "select record_key, rejection_reason from quality.rejected_records where brand = 'buyers' order by all"
    )
    assert found == [
        ("b1", "conflicting_buyer"),
        ("b2", "conflicting_buyer"),
        ("b3", "undated_version"),
        ("b4", "undated_version"),
        ("b5", "conflicting_buyer"),
    ]
    assert "worth EUR" in silent.said("3 rows have the order id of another buyer")


def test_without_consent_one_line_says_why_audiences_are_empty(silent: Build) -> None:
    """Neither customers nor engagements say it."""
    silent.said("marketing_consent", "lifecycle_audiences is empty")


def test_of_versions_without_dates_the_later_file_wins(silent: Build) -> None:
    """Not the value that sorts last."""
    found = silent.rows(
        "select customer_id, country_code, city from staging.stg_shop__customers where brand = 'versions' order by 1"
    )
    assert found == [("12413", "FR", "Aix"), ("z", "FR", "Aarau")]
    rejected = silent.rows(
        "select rejection_reason, count(*) from quality.rejected_records where entity = 'customers' group by 1"
    )
    assert rejected == [("superseded_version", 2)]


def test_rows_that_are_equal_once_cleaned_are_copies(silent: Build) -> None:
    """Another spelling of id, time or amount, or a column that is not read, makes no version."""
    found = silent.rows(
        "select record_key, rejection_reason from quality.rejected_records where brand = 'copies' order by all"
    )
    assert found == [("7", "duplicate_row"), ("8", "undated_version")]
    assert silent.rows("select count(*) from staging.stg_shop__orders where brand = 'copies'") == [(2,)]


def test_a_later_load_of_an_earlier_name_wins(silent: Build, tmp_path: Path) -> None:
    """A file that came later is later, whatever it is called."""
    files = {"orders.csv": "order_id,customer_id,ordered_at,total_amount\n1,c,2025-01-01,5\n"}
    build = Build(
        tmp_path, files | {"customers/b.csv": "customer_id,city\nc,Berlin\n"}, models=["+base_shop__customers"]
    )
    build = Build(tmp_path, {"customers/a.csv": "customer_id,city\nc,Aachen\n"}, models=["+base_shop__customers"])
    assert build.result.success, build.result.problems
    query = "select city, rejection_reason from staging.base_shop__customers order by 2 nulls first"
    assert build.rows(query) == [("Aachen", None), ("Berlin", "superseded_version")]


def test_settings_answer_what_was_asked(tmp_path: Path) -> None:
    """Dates and decimals as the settings say, by table; with a currency and a consent there is nothing to say."""
    files = {
        "orders.csv": "order_id,customer_id,ordered_at,total_amount,currency\n"
        "1,c,11/8/2018 10:30,1.234,EUR\n2,c,1.2.2018,10.000,EUR\n3,c,31/1/2018,12,EUR\n4,c,2018-03-04,5,EUR\n",
        "refunds.csv": "refund_id,order_id,refunded_at,amount\nr1,1,11/8/2018,1.000\nr2,4,31/1/2018,1\n",
        "customers.csv": "customer_id,marketing_consent\nc,true\n",
    }
    build = Build(
        tmp_path, files, models=["+path:models/base", "+lifecycle_audiences"], date_order="dmy, refunds:mdy", decimal_separator="orders:comma,refunds:dot"
    )  # fmt: skip
    assert build.result.success, build.result.problems
    found = build.rows("select order_id, ordered_at, total_amount from staging.base_shop__orders order by 1")
    assert found == [
        ("1", datetime(2018, 8, 11, 10, 30), Decimal("1234.00")),
        ("2", datetime(2018, 2, 1), Decimal("10000.00")),
        ("3", datetime(2018, 1, 31), Decimal("12.00")),
        ("4", datetime(2018, 3, 4), Decimal("5.00")),
    ]
    found = build.rows(
        "select refunded_at, amount, rejection_reason from staging.base_shop__refunds order by refund_id"
    )
    assert found == [(datetime(2018, 11, 8), Decimal("1.00"), None), (None, Decimal("1.00"), "unparseable_value")]
    assert [sentence for sentence in build.warnings if "refunds" not in sentence] == []


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Rows that do not fit what they belong to: another currency, another order, another customer."""
    files = {
        "orders.csv": "order_id,customer_id,ordered_at,total_amount,currency\n"
        + "e,a,2025-01-01,100,EUR\nu,b,2025-01-01,100,USD\nc,c,2025-01-01,100,CAD\n",
        "refunds.csv": "refund_id,order_id,refunded_at,amount,currency\n"
        + "r1,e,2025-01-02,10 USD,\nr2,e,2025-01-02,€10,\nr3,e,2025-01-02,10,usd\nr4,e,2025-01-02,10,EUR\n"
        + "r5,u,2025-01-02,$10,USD\nr6,u,2025-01-02,10,\nr7,c,2025-01-02,$10,\nr8,u,2025-01-02,10,€\n",
        "order_items.csv": "order_item_id,order_id,product_id,quantity,unit_price,discount_amount\n"
        + "i1,e,p,1,£3,0\ni2,e,p,1,3,0\ni3,u,p,1,US$ 3,0\n1,e,p,1,5,0\n1,u,p,1,6,0\n1,c,p,1,6,0\n2,e,p,1,5,0\n2,e,q,1,5,0\n",
        "subscriptions.csv": "subscription_id,customer_id,started_at,monthly_amount,currency,updated_at\n"
        + "1,anna,2025-01-01,20,EUR,2025-01-01\n1,berta,2025-02-01,30,EUR,2025-02-01\n1,berta,2025-02-01,35,EUR,2025-03-01\n",
        "ad_performance.csv": "date,campaign_id,spend_amount,ad_group\n"
        + "2025-01-01,k,50,a\n2025-01-01,k,30,b\n2025-01-02,k,50,a\n2025-01-02,k,50.00,b\n",
    }
    directory = tmp_path_factory.mktemp("foreign")
    build = Build(directory, files, models=["+path:models/base", "+int_order_amounts"], reporting_currency="EUR")
    assert build.result.success, build.result.problems
    return build


def test_refunds_and_lines_in_another_currency_than_their_order_are_said(foreign: Build) -> None:
    """They are read as if in that of the order: neither the column, which their contract has not, nor the sign converts them."""
    assert (
        "refunds: 3 rows are in another currency than their order (USD of an order in EUR, EUR of an order in USD)"
        in (foreign.said("refunds", "another currency"))
    )
    assert "order_items: 1 rows" in foreign.said("order_items", "GBP of an order in EUR")
    assert foreign.rows("select refunded_revenue_amount from intermediate.int_order_amounts where order_id = 'e'") == [
        (40,)
    ]


def test_an_id_that_is_counted_anew_in_each_order_or_account_is_a_conflict(foreign: Build) -> None:
    """Lines numbered within their order, subscriptions within their customer: no row of another one is a version."""
    sentence = foreign.said("order_items: 2 rows have the order item id of another order", "(conflicting_order)")
    assert "give each order item an id of its own" in sentence
    assert "worth EUR 20.00: give each subscription an id of its own" in foreign.said(
        "subscription id of another buyer"
    )
    query = "select subscription_id, customer_id, rejection_reason from staging.base_billing__subscriptions order by monthly_amount"
    assert foreign.rows(query) == [
        ("1", "anna", "conflicting_buyer"),
        ("1", "berta", "superseded_version"),
        ("1", "berta", None),
    ]


def test_rows_of_one_key_that_no_date_tells_apart_are_said(foreign: Build) -> None:
    """One row a group of ads, and a line sent with two products: one counts, and which is chance. A copy is none."""
    sentence = foreign.said("ad_performance: 1 of 4 rows rejected, undated_version in date ('2025-01-01')")
    assert "add them up, give each a key of its own, or send loaded_at" in sentence
    assert foreign.said("order_items: 1 of ", "undated_version in order_item_id ('2')")  # however few
    query = (
        "select order_item_id, rejection_reason from staging.base_shop__order_items where rejection_reason is not null"
    )
    assert sorted(foreign.rows(query)) == [
        ("1", "conflicting_order"),
        ("1", "conflicting_order"),
        ("2", "undated_version"),
    ]


def test_amounts_that_all_are_converted_are_said(tmp_path: Path) -> None:
    """Dollars that become euros because the user did not set the currency."""
    files = {"orders.csv": "order_id,customer_id,ordered_at,total_amount,currency\n1,c,2024-01-01,5,USD\n"}
    build = Build(tmp_path, files, models=["+base_shop__orders"])
    assert "REPORTING_CURRENCY=USD" in build.said("No amount is in EUR")
    build = Build(tmp_path / "chosen", files, models=["+base_shop__orders"], reporting_currency="EUR")
    assert not [sentence for sentence in build.warnings if "No amount" in sentence]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attribution_lookback_days", "30d"),
        ("identity_max_cluster_size", "five"),
        ("trial_default_days", "-1"),
        ("session_timeout_minutes", "1.5"),
        ("profile_value_days", "0"),
        ("prediction_holdout_days", "0"),
        ("prediction_error_limit", "50%"),
        ("full_refresh_share", "33%"),
        ("subscription_revenue", "yes"),
        ("date_order", "ymd"),
        ("date_order", "order:mdy"),
        ("decimal_separator", "orders=comma"),
        ("own_domains", "shop.example; help.example"),
        ("own_domains", "shop.example help.example"),
        ("own_domains", "*.shop.example"),
        ("nobody_ids", "WALKIN;TILL-1"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_build(tmp_path: Path, name: str, value: str) -> None:
    """One sentence names it and says what to write."""
    files = {"orders.csv": "order_id,customer_id,ordered_at,total_amount\n1,c,2024-01-01,5\n"}
    build = Build(tmp_path, files, models=["base_shop__products"], **{name: value})
    assert not build.result.success
    assert f"The setting {name} " in build.result.problems[0]


def test_a_day_that_has_not_come_is_said(tmp_path: Path) -> None:
    """A year that was mistyped: every customer would have churned."""
    files = {"orders.csv": "order_id,customer_id,ordered_at,total_amount\n1,c,2024-01-01,5\n"}
    build = Build(tmp_path, files, models=["+base_calendar__exchange_rates"], as_of_date="2204-12-31")
    assert build.result.success, build.result.problems
    assert "Set AS_OF_DATE to a day that is over" in build.said("as_of_date is 2204-12-31, a day that has not come")


def test_nothing_usable_at_all_stops_the_build(tmp_path: Path) -> None:
    """It is said what is wrong before that."""
    files = {"orders.csv": "order_id,customer_id,ordered_at,total_amount\n1,c,1/2/2024,5\n"}
    build = Build(tmp_path, files, models=["+base_shop__orders", "+base_billing__subscriptions"])
    assert not build.result.success
    assert "every row of orders and subscriptions is rejected" in " ".join(build.result.problems)
    build.said("orders: every row rejected", "DATE_ORDER=orders:mdy")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("REPORTING_CURENCY", "REPORTING_CURRENCY"),
        ("REPORTING_CURRENCIES", "REPORTING_CURRENCY"),
        ("BUSINESS_TIMEZONE", "BUSINESS_TIME_ZONE"),
        ("ATTRIBUTION_LOOKBACK", "ATTRIBUTION_LOOKBACK_DAYS"),
        ("reporting_currency", "REPORTING_CURRENCY"),
        ("WAREHOUSE_PTH", "WAREHOUSE_PATH"),
        ("IDENTITY_SALT_", "IDENTITY_SALT"),
        ("HOME", None),
        ("REPORTING_CURRENCY", None),
        ("PATH", None),
        ("CURRENCY", None),
    ],
)
def test_a_variable_that_is_nearly_a_setting_is_named(tmp_path: Path, name: str, meant: str | None) -> None:
    """And no other."""
    names = ["reporting_currency", "business_time_zone", "attribution_lookback_days", "identity_salt"]
    sentences = misspelt({each: each.upper() for each in names}, [name], [], tmp_path)
    assert [sentence.split("did you mean ")[1] for sentence in sentences] == ([f"{meant}?"] if meant else [])


def test_a_var_that_is_nearly_a_setting_is_named(tmp_path: Path) -> None:
    """Of the command line or the project file; what stands there for this project alone must be a setting."""
    (tmp_path / "dbt_project.yml").write_text(
        "vars:\n  raw_scheme: x\n  my_var: 1\n  other: {as_of_dat: x}\n  customer_lifecycle: {colour: red, raw_schema: landing}\n"
    )
    sentences = misspelt({"raw_schema": "RAW_SCHEMA", "as_of_date": "AS_OF_DATE"}, [], ["as_of_day", "else"], tmp_path)
    assert [sentence.split(" is no setting")[0] for sentence in sentences] == [
        "The var as_of_day",
        "The var colour",
        "The var raw_scheme",
    ]


def test_another_business_is_refused(silent: Build, tmp_path: Path) -> None:
    """Files elsewhere with an id in common are the same business, moved."""
    orders = "order_id,customer_id,ordered_at,total_amount\n{},{},2024-01-01,5\n"
    build = Build(tmp_path, {"orders.csv": orders.format("1", "a")}, models=["+base_shop__orders"])
    assert build.result.success, build.result.problems
    for name, order_id, is_same in (("moved", "1", True), ("other", "X9", False)):
        raw = write(tmp_path / name, {"orders.csv": orders.format(order_id, "a")})
        result = run_dbt(
            ["run", "--select", "base_shop__orders"], raw_data_dir=raw, warehouse_path=build.warehouse, as_of_date="2025-12-31",
            dbt_target_path=tmp_path / "target", dbt_log_path=tmp_path / "logs",
        )  # fmt: skip
        assert result.success == is_same, result.problems
        assert is_same or "holds another business" in result.problems[0]


@pytest.mark.parametrize(
    ("files", "holds_it"),
    [
        ([DEMO_DATA / "orders.csv", DEMO_DATA / "customers.csv"], True),
        ([DEMO_DATA / "orders.csv", Path("/data/orders.csv")], False),
        ([Path("/data/seeds/demo/orders.csv")], False),
        ([], False),
    ],
)
def test_a_warehouse_of_the_demo_alone_gives_way_to_other_data(
    tmp_path: Path, files: list[Path], holds_it: bool
) -> None:
    """It starts afresh, as no row of another business restates the demo's; anything else stays."""
    warehouse = tmp_path / NAME
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw._loaded_files (file_path varchar)")
        connection.executemany("insert into raw._loaded_files values (?)", [[str(file)] for file in files] or [[""]])
        if not files:
            connection.execute("delete from raw._loaded_files")
    assert not leave_demo(warehouse, DEMO_DATA)
    assert warehouse.exists()
    assert leave_demo(warehouse, tmp_path / "my_data") == holds_it
    assert warehouse.exists() == (not holds_it)
    assert not leave_demo(tmp_path / "none.duckdb", tmp_path / "my_data")


def test_check_data_judges_files_and_builds_nothing(tmp_path: Path, capsys, monkeypatch) -> None:
    """It prints rows, reasons with values, columns and settings, and its exit status says whether a build would stop."""
    from lifecycle_tools.commands import check_data

    built: set[str] = set()

    def run(*arguments, **settings):
        result = run_dbt(*arguments, **settings)
        built.update(
            unique_id for unique_id in result.statuses if unique_id.startswith(("model.", "test.", "unit_test."))
        )
        return result

    monkeypatch.setattr(check_data, "run_dbt", run)
    monkeypatch.setenv("RAW_DATA_DIR", str(write(tmp_path / "good", SILENT)))
    assert check_data.main([]) == 0
    needed = {
        path.stem
        for folder in ("base", "intermediate/links")
        for path in (PROJECT_DIR / "models" / folder).rglob("*.sql")
    }
    needed |= {"as_of_date", "stg_shop__order_outcomes"}
    assert {f"model.customer_lifecycle.{name}" for name in needed} >= built, (
        "more is built than is needed to judge raw data"
    )
    said = capsys.readouterr()
    assert "refunds: 8 rows, 0 usable" in said.out
    assert "rejected: unparseable_value in refunded_at ('11/" in said.out
    assert "columns that are not read: tax, shipping_cost, canceled_at, note" in said.out
    assert "DATE_ORDER=refunds:mdy" in said.err
    monkeypatch.setenv("RAW_DATA_DIR", str(write(tmp_path / "bad", {"order.csv": "order_id\n1\n"})))
    assert check_data.main([]) == 1
    assert "did you mean 'orders'" in capsys.readouterr().err
