"""``make calibrate``: quintiles and churn windows that are proposed, shown, and written when told to."""

from __future__ import annotations

import csv
import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lifecycle_tools.calibrating import propose_cutoffs, propose_thresholds
from lifecycle_tools.commands import calibrate
from lifecycle_tools.explaining import SEEDS, DuckDB, ExplainError, seed_rows
from lifecycle_tools.whatif.thresholds import read_thresholds

MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


def serving(directory: Path, customers: list[tuple], windows: list[tuple]) -> DuckDB:
    """What is published, of the two marts that are asked."""
    with duckdb.connect(str(directory / "current.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.rfm_segments_monthly (brand varchar, month_date date, recency_days integer, "
            "frequency bigint, monetary_amount decimal(18, 2), is_mature boolean)"
        )
        connection.execute(
            "create table marts.churn_window_calibration (brand varchar, segment varchar, window_days integer, "
            "customers_churned_count bigint, later_returned_count bigint)"
        )
        for table, rows in (("rfm_segments_monthly", customers), ("churn_window_calibration", windows)):
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into marts.{table} values ({marks})", list(row))
    return DuckDB(directory / "warehouse.duckdb", directory)


def shop(count: int, seed: int) -> list[tuple]:
    """Customers at the end of May: most bought once, some nothing within twelve months."""
    rng = random.Random(seed)
    people = []
    for _ in range(count):
        frequency = rng.choice([0, 1, 1, 1, 2, 3, 5, 9])
        amount = Decimal(rng.randrange(1, 90_000)) / 100 if frequency else Decimal(-5)
        people.append(("atelier", MAY, rng.randrange(0, 500), frequency, amount, True))
    return people


def scores(rows: list[dict[str, str]], value: float, column: str) -> int:
    """The highest score that a value reaches, as the seed's page has it."""
    reached = [1]
    for row in rows:
        bound = row[column]
        if bound and (value <= float(bound) if column == "maximum_recency_days" else value >= float(bound)):
            reached.append(int(row["score"]))
    return max(reached)


@pytest.mark.parametrize("count", [50, 51, 333])
def test_a_score_and_better_ones_have_their_share_of_the_customers(tmp_path: Path, count: int) -> None:
    """Counted anew: at least the fifths, and at most those who share the value of the last of them."""
    people = shop(count, count)
    proposal = propose_cutoffs(serving(tmp_path, people, []), MAY)
    rows = [row for row in proposal.rows if row["brand"] == "atelier"]
    for place, column in ((2, "maximum_recency_days"), (3, "minimum_frequency"), (4, "minimum_monetary_amount")):
        for score in (5, 4, 3, 2):
            bound = float(next(row[column] for row in rows if row["score"] == str(score)))
            reached = [float(person[place]) for person in people if scores(rows, float(person[place]), column) >= score]
            share = (6 - score) / 5
            active = sum(person[3] > 0 for person in people)
            # who bought nothing in twelve months is never lifted by the others who did not
            wanted = count * share if place == 2 else min(count * share, active)
            assert len(reached) >= wanted - 1e-9
            assert len([value for value in reached if value != bound]) < count * share
    nobody = [person for person in people if person[3] == 0]
    assert nobody
    assert {scores(rows, 0, "minimum_frequency"), scores(rows, -5, "minimum_monetary_amount")} == {1}


def test_the_month_is_the_last_finished_one_and_small_brands_keep_their_rows(tmp_path: Path) -> None:
    later = [("atelier", JUNE, 0, 100, Decimal(1), False)] * 60
    source = serving(tmp_path, [*shop(60, 1), *later, ("small", MAY, 3, 1, Decimal(9), True)], [])
    proposal = propose_cutoffs(source, None)
    assert proposal.said == [
        "atelier: quintiles of 60 customers at the end of 2025-05",
        "small: 1 customers at the end of 2025-05, where 50 are needed: the rows of default are for them",
    ]
    assert [row for row in proposal.rows if row["brand"] == "default"] == seed_rows("rfm_cutoffs")
    assert {row["brand"] for row in proposal.changes()} == {"atelier"}
    with pytest.raises(ExplainError, match=r"^No customer has an RFM score of the month 2020-01 that is finished: "):
        propose_cutoffs(source, date(2020, 1, 1))


def test_the_churn_window_is_the_shortest_after_which_few_come_back(tmp_path: Path) -> None:
    """Over brands and segments without a row of their own; a window that not all of them have is no candidate."""
    windows = [
        ("a", "consumer", 60, 400, 100),
        ("b", None, 60, 100, 20),
        ("a", "consumer", 90, 300, 40),
        ("b", None, 90, 90, 6),
        ("a", "consumer", 100, 10_000, 1),
        ("a", "consumer", 120, 200, 10),
        ("b", None, 120, 60, 3),
    ]
    source = serving(tmp_path, [], windows)
    proposal = propose_thresholds(source, 0.11)
    assert proposal.said == ["default: churn_after_days 90 -> 120: 13 of 260 who were silent so long came back"]
    (stays,) = propose_thresholds(source, 0.12).said
    assert stays == "default: churn_after_days stays 90: 46 of 390 who were silent so long came back"
    assert propose_thresholds(source, 0.30).rows[0]["churn_after_days"] == "60"
    assert propose_thresholds(source, 0.30).rows[0]["at_risk_after_days"] == "45"
    assert propose_thresholds(source, 0.04).said == [
        "default: more than 4.0% came back after every window, the fewest (5.0%) after 120 days: churn_after_days stays 90"
    ]
    short = tmp_path / "short"
    short.mkdir()
    proposal = propose_thresholds(serving(short, [], [("a", "consumer", 30, 49, 0), ("a", "consumer", 40, 60, 0)]), 0.1)
    assert proposal.said[0].endswith("; at_risk_after_days 45 -> 20, which may not be later")
    few = tmp_path / "few"
    few.mkdir()
    assert propose_thresholds(serving(few, [], [("a", "x", 90, 49, 0)]), 0.1).said == [
        "default: fewer than 50 customers have churned: churn_after_days stays 90"
    ]


def test_nothing_is_written_but_when_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """What is written is a seed that what-if and dbt read."""
    serving(tmp_path, shop(80, 4), [("a", "consumer", 60, 100, 5)])
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("SERVING_DIR", str(tmp_path))
    before = {path: path.read_bytes() for path in SEEDS.glob("*.csv")}
    assert calibrate.main([]) == 0
    said = capsys.readouterr().out
    assert "churn_after_days 90 -> 60" in said
    assert "Nothing is written." in said
    assert before == {path: path.read_bytes() for path in SEEDS.glob("*.csv")}
    folder = tmp_path / "proposed"
    assert calibrate.main(["--to", str(folder)]) == 0
    for name in ("rfm_cutoffs", "lifecycle_thresholds"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(seed_rows(name)[0])
    now = {
        row.pop("segment"): {name: int(value) for name, value in row.items()}
        for row in seed_rows("lifecycle_thresholds")
    }
    assert read_thresholds(folder / "lifecycle_thresholds.csv", now, [])["default"]["churn_after_days"] == 60
    monkeypatch.setattr(calibrate, "SEEDS", tmp_path / "seeds")
    assert calibrate.main(["--write", "1"]) == 0
    assert "The next make build takes them" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "seeds").iterdir()) == [
        "lifecycle_thresholds.csv",
        "rfm_cutoffs.csv",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--month", "May"], "MONTH=May is no month: write it as 2025-05."),
        (["--returning", "many"], "RETURNING=many is no share: write percent from 0 to below 100, such as 10."),
        (["--returning", "100"], "RETURNING=100 is no share: write percent from 0 to below 100, such as 10."),
        ([], "Nothing is published in {}: run make build first."),
    ],
)
def test_what_cannot_be_proposed_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("SERVING_DIR", str(tmp_path / "none"))
    assert calibrate.main(arguments) == 1
    assert capsys.readouterr().err == sentence.format(tmp_path / "none") + "\n"
