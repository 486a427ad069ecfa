"""Pages and pictures made from the files of the project are what would be made today: `make docs-examples` writes them."""

from __future__ import annotations

import re
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from dev import contract_page, lineage, message_list, mutant_record, mutants
from dev.superset.__main__ import FOLDER, bundle
from lifecycle_tools.build import PROJECT_DIR, run_dbt

PAGES = [PROJECT_DIR / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md")]
PAGES += sorted((PROJECT_DIR / "docs").rglob("*.md")) + sorted((PROJECT_DIR / "models").rglob("README.md"))


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The project as dbt reads it."""
    directory = tmp_path_factory.mktemp("pages")
    settings = {"dbt_target_path": directory / "target", "dbt_log_path": directory / "logs"}
    parsed = run_dbt(["parse"], warehouse_path=directory / "warehouse.duckdb", **settings)
    assert parsed.success, parsed.problems
    return parsed.manifest


def test_the_contract_s_page_says_what_the_sources_say(manifest: Any) -> None:
    folders = contract_page.feeds(manifest)
    assert contract_page.PAGE.read_text(encoding="utf-8") == contract_page.contract_page(folders)
    described = yaml.safe_load(contract_page.SOURCES.read_text(encoding="utf-8"))["sources"][0]["tables"]
    demo = {path.stem for path in (PROJECT_DIR / "seeds" / "demo").glob("*.csv")}
    assert {table["name"] for table in described} == demo, "the demo has a file for each raw table"
    assert all(column["description"] for table in described for column in table["columns"])


def test_the_page_of_planted_faults_says_what_is_recorded() -> None:
    assert mutant_record.PAGE.read_text(encoding="utf-8") == mutant_record.page(mutant_record.recorded())


def test_at_least_120_recorded_faults_can_still_be_planted() -> None:
    """Otherwise: ``make mutants COUNT=20``. Those whose line has gone do not count."""
    made = [mutant.key for mutant in mutants.mutants()]
    assert len(made) == len(set(made)) > 2000
    counted = [row for row in mutant_record.recorded() if row["outcome"] != mutant_record.INVALID]
    gone = mutant_record.without_a_line(set(made))
    assert len([row for row in counted if mutant_record.key_of(row) in set(made)]) >= 120, "\n".join(gone)
    assert "have no line in the code any more: make mutants drops them" in mutant_record.without_a_line(set())[0]


def test_a_test_that_sees_a_fault_is_there() -> None:
    named = [(row, mutant_record.NAMED_TEST.search(row["reason"])) for row in mutant_record.recorded()]
    tests = [found[0].partition("[")[0].split("::") for _, found in named if found]
    assert len(tests) > 10
    missing = [f"{file}::{name}" for file, name in tests if f"def {name}(" not in (PROJECT_DIR / file).read_text()]
    assert not missing, missing
    proved = [row for row, found in named if row["outcome"] == mutant_record.TESTED and not found]
    assert not proved, proved


def test_faults_are_drawn_from_every_area_in_turn() -> None:
    made = mutants.mutants()
    areas = {mutant.area for mutant in made}
    drawn = {seed: [each for each, _ in zip(mutants.sample(made, seed), areas, strict=False)] for seed in (1, 2)}
    assert all({mutant.area for mutant in each} == areas for each in drawn.values())
    assert drawn[1][:2] != drawn[2][:2]


def test_another_fault_is_judged_for_one_after_which_the_sql_cannot_be_read() -> None:
    made = mutants.mutants()[:9]

    def submit(mutant: mutant_record.Mutant) -> Future:
        future: Future = Future()
        outcome = mutant_record.INVALID if mutant in made[1:3] else mutant_record.STOPPED
        future.set_result(mutant_record.Verdict(mutant, outcome))
        return future

    verdicts = list(mutants._judged(submit, iter(made), 3))
    assert {verdict.mutant.key for verdict in verdicts} == {mutant.key for mutant in made[:5]}


@pytest.mark.parametrize(
    "line",
    [
        "and orders.is_paid as is_paid",
        "sum(amount) over (order by day rows between 6 preceding and current row)",
        """{{ return(answer_of('select 1 from ' ~ table ~ ' where is_new limit 1')) }}""",
    ],
)
def test_no_fault_is_planted_where_sql_would_only_break(line: str, tmp_path: Path) -> None:
    model = tmp_path / "models" / "marts" / "x" / "x.sql"
    model.parent.mkdir(parents=True)
    model.write_text(f"select\n    {line}\n")
    found = [mutant.rule for mutant in mutants._of_sql(model, tmp_path)]
    assert not {"a condition is missing", "or for and", "a filter is missing"} & set(found)


def test_the_page_of_messages_says_what_the_code_says(manifest: Any) -> None:
    page = message_list.messages_page(manifest)
    assert message_list.PAGE.read_text(encoding="utf-8") == page
    assert "| File `<file>` line `<line>` is not UTF-8 | save the file as CSV UTF-8. | error |" in page


def test_every_sentence_of_the_code_is_on_the_page(tmp_path: Path) -> None:
    """New ones as well: in a macro and in Python, with what is filled in, and what to do beside it."""
    macros, tools = tmp_path / "macros", tmp_path / "lifecycle_tools"
    macros.mkdir()
    tools.mkdir()
    (macros / "x.sql").write_text(
        "{% macro x(table) %}{% set here = 'Table ' ~ table %}"
        "{% do exceptions.warn(here ~ ' has ' ~ rows[0].row_count ~ ' odd' ~ (' row' if one else ' rows') ~ ': look at them.') %}"
        "{% do customer_lifecycle.stop_build('Column ' ~ columns | join(', ') ~ ' is not there: add it.') %}{% endmacro %}"
    )
    (tools / "x.py").write_text(
        'def x(file):\n    """No message, this one."""\n    print("Not this one here either.")\n'
        '    raise XError(f"File {file.path} is not there: {names} are.")\n'
    )
    found = [*message_list.of_macros(macros), *message_list.of_tools(tools)]
    assert found == [
        message_list.Message("Table <table> has <row count> odd rows: look at them.", "macros/x.sql", True),
        message_list.Message("Column <columns> is not there: add it.", "macros/x.sql"),
        message_list.Message("File <path> is not there: <names> are.", "lifecycle_tools/x.py"),
    ]
    with pytest.raises(ValueError, match="in no group"):
        message_list.grouped(found)


def test_superset_s_files_say_what_the_project_says(manifest: Any) -> None:
    """Descriptions, semantic layer and catalogue; `python -m dev.superset write` makes them anew."""
    files = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.yaml")}
    made = bundle(manifest)
    assert sorted(files) == sorted(made)
    assert not [file for file, text in made.items() if files[file] != text]


def test_the_picture_shows_the_folders_as_they_are(manifest: Any) -> None:
    assert lineage.PICTURE.read_text(encoding="utf-8") == lineage.picture(*lineage.folders(manifest))


def test_the_picture_shows_arrows_that_no_other_implies() -> None:
    def model(folder: str, *parents: str) -> SimpleNamespace:
        depends_on = SimpleNamespace(nodes=list(parents))
        return SimpleNamespace(
            original_file_path=f"models/{folder}/x.sql", resource_type="model", depends_on=depends_on
        )

    nodes = {"a": model("base/shop"), "b": model("intermediate/orders", "a"), "c": model("marts/value", "a", "b")}
    counts, reads = lineage.folders(SimpleNamespace(nodes=nodes))
    assert counts == {"base": 1, "orders": 1, "marts/value": 1}
    assert reads == {"base": set(), "orders": {"base"}, "marts/value": {"base", "orders"}}
    assert lineage.picture(counts, reads).count("marker-end") == 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT_DIR).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, anchor = link.partition("#")
        if "://" in place:
            continue
        target = page if not place else page.parent / place
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _anchors(target)):
            broken.append(link)
    assert not broken, broken


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them, and those that are written out."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, flags=re.M)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text))
