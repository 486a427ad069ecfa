"""The Great Expectations suites: the demo looks as usual, and each suite is surprised by what it is there for."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from oracle.runs import demo as demo_in

from dev import gate_faults
from lifecycle_tools.commands import expectations
from lifecycle_tools.commands.expectations import SEVERITIES, SUITES, Verdict, check, reader_of

# One fault a suite, as it happens to people: a broken export, a factor of a hundred, a week without orders.
FAULTS = {
    "closed_months": "update marts.order_metrics_monthly set order_count = order_count * 3 where month_date = "
    "(select max(month_date) from marts.order_metrics_monthly where is_mature)",
    "head_counts": "delete from marts.lifecycle_customers where rowid % 10 < 6",
    "order_counts": "delete from intermediate.int_order_amounts where ordered_date > "
    "(select as_of_date - 7 from staging.as_of_date)",
    "order_values": "update intermediate.int_order_amounts set revenue_amount = revenue_amount * 100 where ordered_date > "
    "(select as_of_date - 28 from staging.as_of_date)",
    "quarantine": "update quality.raw_row_outcomes set outcome = 'rejected', rejection_reason = 'unparseable_value' "
    "where entity = 'orders'",
    "raw_customers": "update raw.customers set customer_id = null where rowid % 10 = 0",
    "raw_orders": "update raw.orders set ordered_at = 'yesterday' where rowid % 10 = 0",
    "raw_row_counts": "update quality.raw_row_outcomes set row_count = row_count // 3 where entity = 'carts'",
    "raw_touchpoints": "update raw.touchpoints set occurred_at = '3rd of May' where rowid % 10 = 0",
    "raw_volumes": "update quality.raw_volumes_daily set row_count = 0, volume_status = 'silent' "
    "where entity = 'engagements' and date_day > (select max(date_day) - 3 from quality.raw_volumes_daily)",
    # as if the model had read another column
    "revenue_from_raw": "update raw.orders set shipping_amount = '0.00'",
    "stage_mix": "update marts.customer_stages_daily set stage = 'churned' where stage in ('dormant', 'discovery') "
    "and date_day = (select as_of_date from staging.as_of_date)",
}
# orders that are changed behind the mart of their months
ALSO = {suite: {"revenue_from_raw"} for suite in ("order_counts", "order_values")}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, without its tests."""
    return demo_in(tmp_path_factory.mktemp("expectations"), "UTC")


def verdicts(warehouse: Path, published: Path | None = None) -> list[Verdict]:
    """What the gates say of a warehouse."""
    with reader_of(warehouse, published) as reader:
        return list(check(reader))


def test_the_demo_looks_as_usual(warehouse: Path, tmp_path: Path) -> None:
    published = Path(shutil.copy(warehouse, tmp_path / "the owner's.duckdb"))
    found = verdicts(warehouse, published)
    assert {verdict.suite for verdict in found} == {path.stem for path in SUITES.glob("*.json")}
    assert not [verdict for verdict in found if not verdict.success]


def test_without_a_publication_there_is_nothing_to_compare_with(warehouse: Path, tmp_path: Path) -> None:
    suites = {path.stem for path in SUITES.glob("*.json")}
    assert {verdict.suite for verdict in verdicts(warehouse, tmp_path / "nothing.duckdb")} == suites - {
        "closed_months",
        "head_counts",
        "raw_row_counts",
    }


def test_each_suite_has_its_fault() -> None:
    assert {path.stem for path in SUITES.glob("*.json")} == set(FAULTS) == set(gate_faults.FAULTS)


def test_each_gate_notices_a_fault_that_no_data_test_of_dbt_sees() -> None:
    """``python -m dev.gate_faults`` builds with each and runs all data tests; what it recorded is true of the gates of today."""
    rows = gate_faults.recorded()
    stale = [gate for gate in gate_faults.FAULTS if rows[gate]["of_suite"] != gate_faults.digest(gate)]
    assert not stale, f"Plant their faults again: python -m dev.gate_faults {' '.join(stale)}"
    for gate, row in rows.items():
        assert (row["tests_failed"], row["fault"]) == ("", gate_faults.FAULTS[gate].about), gate
        assert int(row["tests_passed"]) > 500
        assert row["gate_says"] in SEVERITIES
    assert sum(row["gate_says"] == "error" for row in rows.values()) > len(rows) / 2


def test_the_page_of_the_gates_says_what_is_recorded() -> None:
    text = gate_faults.PAGE.read_text(encoding="utf-8")
    assert gate_faults.page(text, gate_faults.recorded()) == text
    bounds = text.partition("## Bounds")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|(.*?)\|", bounds, flags=re.M)))) == set(FAULTS)


def test_a_surprise_names_the_row(warehouse: Path, tmp_path: Path) -> None:
    faulty = Path(shutil.copy(warehouse, tmp_path / "faulty.duckdb"))
    with duckdb.connect(str(faulty)) as connection:
        connection.execute(FAULTS["raw_volumes"])
        connection.execute("delete from marts.order_metrics_monthly where month_date = date '2025-03-01'")
    sentences = [verdict.sentence for verdict in verdicts(faulty, warehouse) if not verdict.success]
    assert (
        "column values to be between (last_days_without_usual_rows, max_value 2.0): "
        "1 of 5 rows are otherwise, such as 3 (engagements)" in sentences
    )
    assert any("such as 0 (2025-03-01)" in sentence for sentence in sentences)


def test_the_page_holds_every_verdict_and_asks_nothing_of_any_server(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    odd = Path(shutil.copy(warehouse, tmp_path / "a<b.duckdb"))
    with duckdb.connect(str(odd)) as connection:
        connection.execute(FAULTS["quarantine"])
    monkeypatch.setenv("WAREHOUSE_PATH", str(odd))
    file = tmp_path / "new" / "gates.html"
    assert expectations.main(["--page", str(file)]) == 1
    text = file.read_text(encoding="utf-8")
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f"Open {file}."
    assert text.count("<tr><td") == len(printed) - 1
    assert text.count('<td class="bad">error</td>') == 1
    assert text.count("Not asked: what it reads") == 3  # what compares with a publication
    assert all(f"<h3>{path.stem}</h3>" in text for path in SUITES.glob("*.json"))
    assert "a&lt;b.duckdb" in text
    assert not re.search(r"<script|https?:|src=|href=|url\(|@import", text)


@pytest.mark.parametrize("suite", sorted(FAULTS))
def test_a_suite_is_surprised_by_its_fault(warehouse: Path, tmp_path: Path, suite: str) -> None:
    faulty = tmp_path / "faulty.duckdb"
    shutil.copy(warehouse, faulty)
    with duckdb.connect(str(faulty)) as connection:
        connection.execute(FAULTS[suite])
    surprised = {verdict.suite for verdict in verdicts(faulty, warehouse) if not verdict.success}
    assert surprised == {suite} | ALSO.get(suite, set())


def test_revenue_is_held_where_raw_orders_lack_columns_and_hold_what_is_no_plain_number(
    warehouse: Path, tmp_path: Path
) -> None:
    """What a shop of its own may bring is no false alarm: then what was read stands for what came."""
    odd = Path(shutil.copy(warehouse, tmp_path / "odd.duckdb"))
    with duckdb.connect(str(odd)) as connection:
        connection.execute("alter table raw.orders drop column gift_card_amount")
        connection.execute("update raw.orders set total_amount = '1.234 €' where rowid % 3 = 0")
        connection.execute("update raw.orders set order_id = order_id || '.0', tax_amount = 'n/a' where rowid % 3 = 1")
    found = [verdict for verdict in verdicts(odd) if verdict.suite == "revenue_from_raw"]
    assert [verdict.success for verdict in found] == [True]


def test_an_absent_warehouse_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="build it first"):
        verdicts(tmp_path / "nowhere.duckdb")
