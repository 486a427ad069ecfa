"""docs/marts.md and the pages of marts name every table that is published; the examples give on the demo what the page says."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pytest
import yaml
from oracle import runs

from dev.doc_examples import PAGE, examples, with_results
from dev.site import mart_pages
from lifecycle_tools.build import PROJECT_DIR
from lifecycle_tools.predictions import predict

PUBLISHED = {
    path.stem: path
    for folder in ("marts", "metrics", "quality")
    for path in (PROJECT_DIR / "models" / folder).rglob("*.sql")
    if not path.stem.startswith("int_")
}


OVERVIEW = PROJECT_DIR / "models" / "_overview.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build every model of the demo, with predictions."""
    directory = tmp_path_factory.mktemp("mart_page")
    settings = {
        "raw_data_dir": PROJECT_DIR / "seeds" / "demo",
        "warehouse_path": runs.demo(directory, "UTC"),
        "as_of_date": "",
        "business_time_zone": "UTC",
        "reporting_currency": "EUR",
        "dbt_target_path": directory / "target",
        "dbt_log_path": directory / "logs",
        "dbt_write_json": "false",
    }
    predict(manifest=runs.project(settings), **settings)
    return settings["warehouse_path"]


def test_every_published_table_has_a_question_and_an_example() -> None:
    page = PAGE.read_text(encoding="utf-8")
    asked = re.findall(r"^\| [^|]*\?[^|]* \| \[`(\w+)`\]\(#\1\) \| [^|]+ \|$", page, flags=re.M)
    assert sorted(asked) == sorted(PUBLISHED)
    assert sorted(examples(page)) == sorted(PUBLISHED)
    for name, query in examples(page).items():
        assert re.search(rf"\b(?:marts|quality)\.{name}\b", query), name


def test_the_overview_of_dbt_docs_asks_the_same_questions() -> None:
    asked = r"^\| ([^|]*\?[^|]*) \| \[`?(\w+)`?\]"
    page, overview = PAGE.read_text(encoding="utf-8"), OVERVIEW.read_text(encoding="utf-8")
    assert re.findall(asked, overview, flags=re.M) == re.findall(asked, page, flags=re.M)
    linked = re.findall(r"#!/(model|seed)/\1\.customer_lifecycle\.(\w+)\)", overview)
    models = {path.stem for path in (PROJECT_DIR / "models").rglob("*.sql")}
    assert {name for kind, name in linked if kind == "model"} <= models


@pytest.mark.parametrize("page", [PROJECT_DIR / "README.md", OVERVIEW], ids=["README", "overview"])
def test_the_stages_are_listed_in_the_order_of_the_rules(page: Path) -> None:
    with (PROJECT_DIR / "seeds" / "lifecycle" / "lifecycle_stages.csv").open(encoding="utf-8", newline="") as file:
        stages = [(row["precedence"], row["stage"]) for row in csv.DictReader(file)]
    listed = re.findall(r"^\| (\d+) \| `(\w+)` \|", page.read_text(encoding="utf-8"), flags=re.M)
    assert listed == sorted(stages, key=lambda row: int(row[0]))


def test_the_examples_give_what_the_page_says(demo: Path) -> None:
    """`make demo docs-examples` writes the results."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_results(page, demo) == page


def test_every_published_table_has_a_page_of_its_own() -> None:
    """Question, grain, traps, query with its result, and all columns; nothing that is written for the site alone."""
    pages, said, described = mart_pages.pages(), PAGE.read_text(encoding="utf-8"), mart_pages.described()
    assert sorted(Path(path).stem for path in pages) == sorted(PUBLISHED)
    assert len({mart.question for mart in mart_pages.marts(said)}) == len(PUBLISHED)
    for path, page in pages.items():
        name = Path(path).stem
        question, grain, traps, example, columns = re.fullmatch(
            rf"# {name}\n\n\*\*(.*?)\*\*\n\n(.*?)\n\n## Traps\n\n(.*?)\n\n## On the demo\n\n(.*?)\n\n"
            r"(?:## Metrics made of it\n\n.*?\n\n)?## Columns\n\n(.*)",
            page,
            flags=re.S,
        ).groups()
        assert f"| {question} | [`{name}`](#{name}) |" in said
        assert grain.startswith("One row per ")
        assert len(traps) > 50
        assert f"#### {name}\n\n{example}\n" in said
        names = [column["name"] for column in described[name]["columns"]]
        assert re.findall(r"^\| `(\w+)` \|", columns, flags=re.M) == names
        linked = re.findall(r"\((\w+)\.md\)", page)
        assert set(linked) <= set(PUBLISHED)


def test_the_keys_of_the_pages_are_keys(demo: Path) -> None:
    described = mart_pages.described()
    with duckdb.connect(str(demo), read_only=True) as connection:
        for name, path in PUBLISHED.items():
            key = mart_pages.key_of(described[name])
            assert key or name == "rejected_records"
            schema = "quality" if "quality" in path.parts else "marts"
            rows, keys = connection.execute(
                f"select count(*), count(distinct ({', '.join(key or ['rowid'])})) from {schema}.{name}"
            ).fetchone()
            assert rows == keys, name


def test_a_table_without_a_trap_or_a_query_stops_the_site() -> None:
    page = PAGE.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="has no query of nps_monthly"):
        mart_pages.marts(page.replace("#### nps_monthly", "#### nps"))
    with pytest.raises(ValueError, match="has to have this line once"):
        mart_pages.navigation("nav = []")
    model = {"name": "x", "description": "One row per x.", "columns": []}
    with pytest.raises(ValueError, match="The description of x is not"):
        "".join(mart_pages.page_of(mart_pages.Mart("x", "X: y", "Which x?", ""), model, [], {}))


def test_tables_and_columns_carry_their_descriptions_as_comments(demo: Path) -> None:
    described = {
        entry["name"]: entry
        for path in (PROJECT_DIR / "models").rglob("*.yml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ()
    }
    with duckdb.connect(str(demo), read_only=True) as connection:
        tables = dict(
            connection.execute(
                "select table_name, comment from duckdb_tables() where schema_name in ('marts', 'quality') "
                "union all select view_name, comment from duckdb_views() where schema_name in ('marts', 'quality')"
            ).fetchall()
        )
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where schema_name in ('marts', 'quality')"
        ).fetchall()
    assert set(tables) == set(PUBLISHED)
    for name, comment in tables.items():
        assert comment.strip() == described[name]["description"].strip(), name
    assert len(columns) > 600
    for name, column, comment in columns:
        (said,) = [entry["description"] for entry in described[name]["columns"] if entry["name"] == column]
        assert comment and ("{{ doc(" in said or comment.strip() == said.strip()), f"{name}.{column}"
