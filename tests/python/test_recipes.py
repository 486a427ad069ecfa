"""The recipes of docs/recipes, followed in a copy of the project."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from conftest import PROJECT_DIR, Builder, Warehouse

from lifecycle_tools.build import run_dbt

RECIPE = PROJECT_DIR / "docs" / "recipes" / "add_an_input_table.md"
LARGEST_NUMBER_OF_FILES = 6
# How each step begins, and what the build says without the step.
MISSING = {
    "Describe the raw table": r"base_shop__wishlists.* depends on a source named 'lifecycle_raw.wishlists' which was not found",
    "Clean its rows": r"depends on a node named 'base_shop__wishlists'.* which was not found",
    "Describe the base model": r"model base_shop__wishlists is not described: add it .* models/base/shop/_shop__base_models.yml",
    "Keep the usable rows": r"depends on a node named 'stg_shop__wishlists'.* which was not found",
    "Describe the staging model": r"model stg_shop__wishlists is not described: add it .* models/staging/shop/_shop__models.yml",
    "Register the event source": r"table wishlists is not registered: add it to event_sources\(\) in macros/event_sources.sql",
}
MODELS = (
    "customer_stages_daily",
    "customer_stage_intervals",
    "lifecycle_customers",
    "customer_ids",
    "path:models/quality",
    "int_recorded_build",
)


@dataclass(frozen=True)
class Step:
    """One step of a recipe: a text, and where in which file the text goes."""

    title: str
    path: str
    text: str
    before: str | None  # the line before which the text goes; None: at the end, or in a new file

    def follow(self, project: Path) -> None:
        file = project / self.path
        old = file.read_text() if file.exists() else ""
        if self.before is None:
            file.write_text(old + self.text)
        else:
            assert old.count(f"{self.before}\n") == 1
            file.write_text(old.replace(f"{self.before}\n", f"{self.text}{self.before}\n"))


def steps_of(page: Path) -> list[Step]:
    """The steps of a page, in its order."""
    place = r"(?:Make the file|Add to) `(?P<path>[^`]+)`(?:, at the end|, before the line `(?P<before>[^`]+)`)?:"
    pattern = rf"^## \d+\. (?P<title>.+?)\n.*?^{place}\n\n```\w+\n(?P<text>.*?)^```$"
    found = re.finditer(pattern, page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [Step(step["title"], step["path"], step["text"], step["before"]) for step in found]


STEPS = steps_of(RECIPE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with all steps followed."""
    copy = tmp_path_factory.mktemp("recipe") / "project"
    copy.mkdir()
    for name in ("models", "macros", "seeds", "tests/singular", "analyses", "lifecycle_tools"):
        shutil.copytree(PROJECT_DIR / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT_DIR / name, copy / name)
    for step in STEPS:
        step.follow(copy)
    return copy


def rows_of_first_load() -> dict[str, list[dict]]:
    """Customers with nothing but a profile, a test account, one buyer, and wishlists of some of them and of visitors."""
    profile = {"created_at": datetime(2024, 1, 1, 9), "loaded_at": datetime(2024, 6, 1)}
    names = ("early", "late", "corrected", "deleted_wish", "without", "signed-in", "erased", "staff")
    return {
        "customers": [{"customer_id": name, "is_test": name == "staff"} | profile for name in names],
        "orders": [{"order_id": "o1", "customer_id": "buyer", "ordered_at": date(2024, 1, 5), "total_amount": "10"}],
        "wishlists": [
            _wish("w1", date(2024, 2, 1), customer_id="early"),
            _wish("w2", date(2024, 2, 1), customer_id="corrected"),
            _wish("w3", date(2024, 2, 1), customer_id="deleted_wish"),
            _wish("w4", date(2024, 2, 1), anonymous_id="visitor"),
            _wish(
                "w5", date(2024, 7, 1), customer_id="without", loaded_at=datetime(2024, 8, 1)
            ),  # after the as-of date
            _wish(None, date(2024, 2, 1), customer_id="without"),
            _wish("w8", date(2024, 2, 1), customer_id="erased"),
            _wish("w9", date(2024, 2, 1), customer_id="staff", anonymous_id="till"),
            _wish("w10", date(2024, 3, 1), anonymous_id="till"),
            _wish("w11", date(2024, 2, 1), anonymous_id="00000000-0000-0000-0000-000000000000"),  # no visitor's id
        ],
    }


def rows_of_second_load() -> dict[str, list[dict]]:
    """A late row, a corrected one, a deleted one, and one with which a visitor signs in; and a request to erase a customer."""
    later = datetime(2024, 6, 2)
    return {
        "wishlists": [
            _wish("w6", date(2024, 3, 1), customer_id="late", loaded_at=later),
            _wish("w2", date(2024, 4, 1), customer_id="corrected", loaded_at=later),
            _wish("w3", date(2024, 2, 1), customer_id="deleted_wish", loaded_at=later, deleted_at=datetime(2024, 3, 1)),
            _wish("w7", date(2024, 4, 1), customer_id="signed-in", anonymous_id="visitor", loaded_at=later),
        ],
        "erasure_requests": [
            {"request_id": "e1", "customer_id": "erased", "requested_at": datetime(2024, 3, 1), "loaded_at": later}
        ],
    }


def rows_of_both_loads() -> dict[str, list[dict]]:
    first, second = rows_of_first_load(), rows_of_second_load()
    return {table: first.get(table, []) + second.get(table, []) for table in first | second}


def _wish(wishlist_id: str | None, created_at: date, **values: object) -> dict:
    row = {"wishlist_id": wishlist_id, "created_at": created_at, "loaded_at": datetime(2024, 6, 1), "product_id": "p"}
    return row | {"customer_id": None, "anonymous_id": None, "deleted_at": None} | values


@pytest.fixture(scope="module")
def incremental(builder: Builder, project: Path) -> tuple[Warehouse, list[tuple]]:
    """Both loads one after the other; and the stages after the first."""
    settings = {
        "as_of_date": date(2024, 6, 1),
        "models": MODELS,
        "project_dir": project,
        "dbt_target_path": project / "target",
    }
    warehouse = builder.build("wishlists", rows_of_first_load(), **settings)
    stages = warehouse.rows(STAGES)
    return builder.build("wishlists", rows_of_both_loads(), **settings), stages


@pytest.fixture(scope="module")
def full(builder: Builder, project: Path) -> Warehouse:
    """Both loads at once."""
    settings = {
        "as_of_date": date(2024, 6, 1),
        "models": MODELS,
        "project_dir": project,
        "dbt_target_path": project / "target",
    }
    return builder.build("wishlists_full", rows_of_both_loads(), **settings)


STAGES = """
    select customer_id, valid_from, caused_by_row from marts.customer_stage_intervals
    where stage = 'engagement' and caused_by_table = 'wishlists' order by all
"""


def test_the_recipe_touches_few_files() -> None:
    assert [step.title for step in STEPS] == list(MISSING)
    assert len({step.path for step in STEPS}) <= LARGEST_NUMBER_OF_FILES


def test_wishlists_bring_engagement_stages(incremental: tuple[Warehouse, list[tuple]]) -> None:
    warehouse, stages_of_first_load = incremental
    assert stages_of_first_load == [
        ("anonymous:visitor", date(2024, 2, 1), "w4"),
        ("corrected", date(2024, 2, 1), "w2"),
        ("deleted_wish", date(2024, 2, 1), "w3"),
        ("early", date(2024, 2, 1), "w1"),
        ("erased", date(2024, 2, 1), "w8"),
    ]
    stages = warehouse.rows(STAGES)
    assert ("corrected", date(2024, 4, 1), "w2") in stages and ("late", date(2024, 3, 1), "w6") in stages
    assert not {"erased", "staff", "anonymous:till"} & {customer_id for customer_id, *_ in stages}
    merged = warehouse.rows("select customer_id from marts.customer_ids where merged_into_customer_id = 'signed-in'")
    assert merged == [("anonymous:visitor",)]
    assert warehouse.rows(
        "select outcome, rejection_reason, row_count from quality.raw_row_outcomes where entity = 'wishlists' order by all"
    ) == [
        ("accepted", None, 7),
        ("held_back", None, 1),
        ("rejected", "erased", 1),
        ("rejected", "missing_key", 1),
        ("rejected", "superseded_version", 2),
        ("rejected", "test_account", 2),
    ]


def test_an_increment_of_wishlists_ends_in_the_rows_of_a_full_build(
    incremental: tuple[Warehouse, list[tuple]], full: Warehouse
) -> None:
    warehouse, _ = incremental
    assert warehouse.rows("select count(*) from intermediate.int_changed_customers where is_full_refresh") == [(0,)]
    assert warehouse.rows("select count(*) > 0 from intermediate.int_changed_customers") == [(True,)]
    tables = full.rows(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('marts', 'quality') and table_name <> 'stage_restatements' order by all"
    )
    assert len(tables) > 5
    for (table,) in tables:
        columns = ", ".join(name for name, *_ in full.rows(f"describe {table}"))
        query = f"select {columns} from {table} order by all"
        assert warehouse.rows(query) == full.rows(query), table


@pytest.mark.parametrize("title", MISSING)
def test_the_build_stops_without_a_step_and_says_what_is_missing(title: str, project: Path, tmp_path: Path) -> None:
    (step,) = (step for step in STEPS if step.title == title)
    file = project / step.path
    followed = file.read_text()
    without = followed.replace(step.text, "")
    assert without != followed
    try:
        if without:
            file.write_text(without)
        else:
            file.unlink()
        result = run_dbt(
            ["run", "--select", "as_of_date"],
            project_dir=project,
            raw_data_dir="",
            warehouse_path=tmp_path / "missing.duckdb",
            dbt_target_path=project / "target",
            dbt_log_path=tmp_path / "logs",
        )
    finally:
        file.write_text(followed)
    assert not result.success
    assert re.search(MISSING[title], "\n".join(result.problems), flags=re.DOTALL), result.problems
    assert not (tmp_path / "missing.duckdb").exists() or not Warehouse(tmp_path / "missing.duckdb").rows(
        "select 1 from information_schema.tables"
    )
