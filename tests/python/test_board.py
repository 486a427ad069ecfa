"""The board without a browser: one file that asks nothing of any server, small, and with the numbers of the published marts.

tests/python/board opens it in Chromium (make test-board).
"""

from __future__ import annotations

import csv
import html.parser
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from oracle.boards import (
    ENDING,
    HOSTILE,
    of_a_large_business,
    opened,
    published_demo,
    run_of,
    with_hostile_names,
    with_whatif,
)

from lifecycle_tools.board import BOARD, BoardError, data, make_board
from lifecycle_tools.board.data import DATASETS, PANELS, read_board
from lifecycle_tools.board.packing import pack, unpack
from lifecycle_tools.board.page import FILES, read_words
from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.commands import board as command

MOST_BYTES, MOST_DATA = 6_000_000, 1_500_000
FILTERS = {"brand", "month", "channel", "country", "segment"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    demo = published_demo(tmp_path_factory.mktemp("board"))
    with_whatif(demo, run_of(demo))
    return demo


@pytest.fixture(scope="module")
def page(published: Path) -> str:
    make_board(published, published.parent / BOARD)
    return (published.parent / BOARD).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def content(page: str) -> dict[str, Any]:
    return unpack(page)


def rows_of(dataset: dict[str, Any]) -> list[dict[str, Any]]:
    """A dataset as it stands in the page, row by row."""
    rows: list[dict[str, Any]] = [{} for _ in range(dataset["rows"])]
    for name, dimension in dataset["dimensions"].items():
        for row, code in zip(rows, dimension["codes"], strict=True):
            row[name] = None if code < 0 else dimension["values"][code]
    for name, measure in dataset["measures"].items():
        for row, value in zip(rows, measure, strict=True):
            row[name] = value
    return rows


class Elements(html.parser.HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_file_refers_to_nothing_outside(page: str) -> None:
    elements = Elements(page).found
    for tag, attributes in elements:
        for name in ("src", "href", "action", "data", "poster"):
            assert not (attributes.get(name) or "").startswith(("http", "//", "file")), (tag, attributes)
    assert [tag for tag, _ in elements].count("script") == 3  # data, library, board
    own = "".join(path.read_text() for path in FILES.iterdir())
    assert set(re.findall(r"https?://\S+?[\"'\s]", own)) == {'http://www.w3.org/2000/svg"'}
    assert "default-src 'none'" in page


def test_it_is_small(page: str) -> None:
    (packed,) = re.findall(r'<script id="data" type="text/plain">([^<]*)</script>', page)
    assert len(page.encode()) < MOST_BYTES
    assert len(packed) < MOST_DATA


def test_the_library_is_shipped_with_its_licence_and_not_in_the_repository(page: str) -> None:
    assert "Licensed to the Apache Software Foundation" in page
    assert all(path.stat().st_size < 60_000 for path in FILES.iterdir())


def test_every_dataset_says_what_its_query_says(published: Path, content: dict[str, Any]) -> None:
    assert set(content["datasets"]) == {path.stem for path in DATASETS.glob("*.sql")}
    with opened(published) as connection:
        for name, dataset in content["datasets"].items():
            result = connection.execute(f"select * from ({dataset['query']}) order by all")
            columns = [column[0] for column in result.description]
            expected = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
            found = rows_of(dataset)
            assert len(found) == len(expected), name
            for row, should in zip(found, expected, strict=True):
                for column, value in should.items():
                    if column in dataset["dimensions"]:
                        assert row[column] == (None if value is None else str(value)), (name, column)
                    elif value is None:
                        assert row[column] is None, (name, column)
                    else:
                        assert row[column] == pytest.approx(float(value), abs=1e-6), (name, column)


@pytest.mark.parametrize(
    ("dataset", "measure", "query"),
    [
        ("orders", "revenue_amount", "select sum(revenue_amount) from marts.order_metrics_monthly"),
        ("orders", "new_customer_count", "select sum(new_customer_count) from marts.acquisition_channels_daily"),
        ("transitions", "transition_count", "select sum(transition_count) from marts.stage_transitions_daily"),
        ("acquisition", "spend_amount", "select sum(spend_amount) from marts.acquisition_channels_daily"),
        ("audiences", "customer_count", "select count(*) from marts.lifecycle_audiences"),
        ("journeys", "customer_count", "select sum(customer_count) from marts.customer_journeys"),
        ("raw_rows", "row_count", "select sum(row_count) from quality.raw_row_outcomes"),
    ],
)
def test_totals_are_those_of_the_marts(
    published: Path, content: dict[str, Any], dataset: str, measure: str, query: str
) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        (total,) = connection.execute(query).fetchone()
    assert sum(content["datasets"][dataset]["measures"][measure]) == pytest.approx(float(total))


def test_metrics_come_out_as_in_the_table_of_metrics(published: Path, content: dict[str, Any]) -> None:
    """The tiles divide sums of marts; lifecycle_metrics_monthly says the same for a brand as a whole."""
    tiles = [panel for panel in content["panels"] if panel["chart"]["type"] == "tile" and panel["chart"].get("metric")]
    compared = 0
    with duckdb.connect(str(published), read_only=True) as connection:
        for panel in tiles:
            ratio = panel.get("ratio", {}).get(panel["chart"]["value"])
            above = ratio[0] if ratio else panel["chart"]["value"]
            sums: dict[tuple[str, str], list[float]] = {}
            for row in rows_of(content["datasets"][panel["dataset"]]):
                if any(row[name] != value for name, value in panel.get("where", {}).items()):
                    continue
                key = sums.setdefault((row["brand"], row["month"]), [0.0, 0.0])
                key[0] += row[above] or 0
                key[1] += (row[ratio[1]] or 0) if ratio else 1
            metric = panel["chart"]["metric"]
            for brand, month, value in connection.execute(
                "select brand, month_date::varchar, value from marts.lifecycle_metrics_monthly "
                "where metric_id = ? and dimension_name = 'all' and value is not null",
                [metric],
            ).fetchall():
                top, below = sums.get((brand, month), (0, 0))
                found = top if not ratio else (top / below if below else None)
                factor = 100 if ratio and ratio[2] == "points" else 1
                assert found is not None, (panel["id"], brand, month)
                assert found * factor == pytest.approx(value), (panel["id"], brand, month)
                compared += 1
    assert compared > 300


def test_hostile_names_stay_data(published: Path, tmp_path: Path) -> None:
    make_board(with_hostile_names(published, tmp_path), tmp_path / BOARD)
    page = (tmp_path / BOARD).read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert ENDING not in page
    found = unpack(page)
    assert HOSTILE in found["datasets"]["orders"]["dimensions"]["country"]["values"]
    assert len([tag for tag, _ in Elements(page).found if tag == "script"]) == 3


def test_many_values_are_put_together_until_the_page_is_small(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: dict[str, Any]
) -> None:
    monkeypatch.setattr(data, "ROWS", sum(each["rows"] for each in content["datasets"].values()) // 2)
    few = read_board(published).datasets
    assert not [name for name, each in few.items() if each["leftOut"]]
    assert data.OTHER in few["orders"]["dimensions"]["country"]["values"]
    assert sum(each["rows"] for each in few.values()) < sum(each["rows"] for each in content["datasets"].values())
    assert sum(few["orders"]["measures"]["revenue_amount"]) == pytest.approx(
        sum(content["datasets"]["orders"]["measures"]["revenue_amount"])
    )


def test_what_does_not_fit_at_all_is_left_out(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "ROWS", 700)
    make_board(published, tmp_path / BOARD)
    few = unpack((tmp_path / BOARD).read_text(encoding="utf-8"))
    left_out = {name for name, each in few["datasets"].items() if each["leftOut"]}
    assert {"stage_months", "metrics"} <= left_out
    assert not {"growth", "freshness", "warnings"} & left_out
    assert sum(each["rows"] for each in few["datasets"].values()) <= 700
    assert few["meta"]["first_month"] == "2023-07-01"  # the last 24 months, up to June 2025
    assert all(few["datasets"][name]["query"] for name in left_out)


@pytest.mark.parametrize(
    ("brands", "periods", "slices", "most_bytes"),
    [(1, 1, 40, MOST_DATA), (1, 10, 2, MOST_DATA), (6, 7, 1, MOST_DATA), (1, 1, 8, 120_000), (3, 8, 1, 60_000)],
    ids=["slices", "years", "brands", "long_rows", "long_rows_and_years"],
)
def test_a_large_business_has_a_small_page(
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    brands: int,
    periods: int,
    slices: int,
    most_bytes: int,
) -> None:
    """``most_bytes``: rows longer than these are stood for by a smaller page."""
    monkeypatch.setattr(data, "MOST_BYTES", min(data.MOST_BYTES, most_bytes))
    large = of_a_large_business(published, tmp_path / "current.duckdb", brands=brands, periods=periods, slices=slices)
    board = read_board(large)
    assert len(pack(board.datasets)) <= most_bytes
    assert sum(dataset["rows"] for dataset in board.datasets.values()) <= data.ROWS
    assert data.MOST_BYTES < MOST_DATA
    with duckdb.connect(str(large), read_only=True) as connection:
        uncut = 0
        for name, table, measure, month in (
            ("orders", "order_metrics_monthly", "revenue_amount", "month_date"),
            ("headcounts", "customer_counts_monthly", "customer_count", "month_date"),
            ("transitions", "stage_transitions_daily", "transition_count", "date_day"),
        ):
            dataset = board.datasets[name]
            if dataset["leftOut"]:
                continue
            uncut += 1
            first = board.meta["first_month"] or "0001-01-01"
            (total,) = connection.execute(
                f"select sum({measure}) from marts.{table} where {month} >= cast(? as date)", [first]
            ).fetchone()
            assert sum(dataset["measures"][measure]) == pytest.approx(float(total)), name
            assert min(dataset["dimensions"]["month"]["values"]) >= first
    assert uncut or most_bytes < 100_000


def test_what_grows_without_end_has_a_bound(content: dict[str, Any]) -> None:
    """Every column of text in a dataset is one of a list that the project closes, or is kept to so many values."""
    closed = {
        "brand", "stage", "new_stage", "from_stage", "to_stage", "published_stage", "restated_stage", "model", "move",
        "entity", "column_name", "reason", "rejection_reason", "outcome", "cause", "status", "audience", "metric_id", "attribute",
        "rfm_segment", "recency_score", "frequency_score", "window_days", "period_number", "depth", "referred", "source",
        "loaded_on", "threshold", "threshold_segment", "row_kind",
    }  # fmt: skip
    selected = set()
    for path in DATASETS.glob("*.sql"):
        selected |= set(re.findall(r"\$(?:\{)?(\w+)\}? as (\w+)", path.read_text()))
    kept = {name for expression, name in selected if expression in data.KEPT}
    assert {expression for expression, _ in selected} <= set(data.KEPT)
    dimensions = {name for dataset in content["datasets"].values() for name in dataset["dimensions"]}
    assert dimensions - closed - {"month"} == kept


def test_every_panel_is_drawn_from_columns_that_are_there(content: dict[str, Any]) -> None:
    with (PROJECT_DIR / "docs" / "raw_contract.md").open() as file:
        raw_tables = set(re.findall(r"^\| \[`(\w+)`\]", file.read(), flags=re.M))
    metrics = {metric["metric_id"] for metric in content["catalogue"]}
    for panel in content["panels"]:
        dataset = content["datasets"][panel["dataset"]]
        known = set(dataset["dimensions"]) | set(dataset["measures"])
        assert {name for name in panel["by"] if not name.startswith("$")} <= set(dataset["dimensions"]), panel["id"]
        assert set(panel["sum"]) <= set(dataset["measures"]), panel["id"]
        assert {name for ratio in panel.get("ratio", {}).values() for name in ratio[:2]} <= set(panel["sum"]), panel[
            "id"
        ]
        assert set(panel.get("where", {})) <= known, panel["id"]
        assert panel["mart"] in dataset["query"], panel["id"]
        assert panel["page"] in content["pages"], panel["id"]
        assert set(panel["raw"]) <= raw_tables, panel["id"]
        assert panel["chart"].get("metric", "nps") in metrics, panel["id"]
        assert panel["raw"] or panel.get("fine"), panel["id"]


def test_heads_are_not_counted_twice(content: dict[str, Any]) -> None:
    """What holds at a moment is summed over nothing but months kept apart, or one month."""
    at_a_moment = {
        "closing_count",
        "opening_count",
        "active_count",
        "loyal_count",
        "advocate_count",
        "at_risk_count",
        "follower_count",
    }
    for panel in content["panels"]:
        if at_a_moment & set(panel["sum"]):
            assert "month" in panel["by"] or panel.get("period") == "last", panel["id"]


def test_every_text_is_there_in_both_languages(content: dict[str, Any]) -> None:
    words = read_words()
    assert all(text.strip() for word in words.values() for text in word.values())
    for panel in content["panels"]:
        metric = panel["chart"].get("metric")
        assert metric or {f"panel.{panel['id']}", f"panel.{panel['id']}.about"} <= set(words), panel["id"]
        columns = [*panel["by"], *panel["sum"], *panel.get("ratio", {}), *panel.get("choose", {}).get("dimension", ())]
        for column in columns:
            assert column.startswith("$") or f"column.{column}" in words, (panel["id"], column)
    script = "".join(path.read_text() for path in FILES.glob("*.js"))
    for key in re.findall(r'\bword\("([\w.]+)"[,)]', script):
        assert key in words, key
    for key in re.findall(r'\bclause\("(\w+)"', script):
        assert f"sentence.{key}" in words, key
    with (PROJECT_DIR / "seeds" / "lifecycle" / "lifecycle_stages.csv").open() as file:
        assert {f"value.{row['stage']}" for row in csv.DictReader(file)} <= set(words)


def test_the_pages_are_exposures_of_the_project() -> None:
    (said,) = [
        yaml.safe_load(path.read_text())["exposures"]
        for path in (PROJECT_DIR / "models").rglob("*.yml")
        if "\nexposures:" in path.read_text()
    ]
    panels = yaml.safe_load(PANELS.read_text())
    assert [exposure["name"] for exposure in said] == [f"board_{page}" for page in panels["pages"]]
    for exposure, page in zip(said, panels["pages"], strict=True):
        assert exposure["url"].endswith(f"board.html#{page}")
        read = {panel["mart"] for panel in panels["panels"] if panel["page"] == page and "schema" not in panel}
        named = set(re.findall(r"'(\w+)'\)", " ".join(exposure["depends_on"])))
        assert read <= named, page


def test_without_the_library_or_a_published_file_there_is_one_sentence(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(BoardError, match=r"^There is no published file .*: run make build first\.$"):
        make_board(tmp_path / "current.duckdb", tmp_path / BOARD)
    monkeypatch.setattr("lifecycle_tools.board.page.charting_library", lambda: None)
    monkeypatch.setenv("SERVING_DIR", str(published.parent))
    assert command.main(["--to", str(tmp_path / BOARD)]) == 1
    assert "remove .venv and run make again" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
