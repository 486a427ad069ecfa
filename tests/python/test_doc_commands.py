"""Every command and query in the documentation is run by a test, or a reason says why it is not.

The commands of a first day run here, in a copy of the project and with the file of docs/ten_minutes.md: one build serves all.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from lifecycle_tools.build import PROJECT_DIR

PAGES = [PROJECT_DIR / name for name in ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md")]
PAGES += sorted((PROJECT_DIR / "docs").rglob("*.md")) + sorted((PROJECT_DIR / "models").rglob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.M | re.S)
SHELL, QUERIES = ("sh", "bash", "shell", "console"), ("sql", "python")
NO_COMMANDS = ("", "text", "csv", "yaml", "jinja", "mermaid")

BUILD = "RAW_DATA_DIR=my_data WAREHOUSE_PATH=mine.duckdb SERVING_DIR=mine make build"
# Run here after the build, each as it stands on its page.
RUN_HERE = (
    "make board",
    "make superset",
    "dbt test --select assert_the_funnel_adds_up --store-failures",
    "dbt test --select stage_funnel_daily",
    "dbt test --select test_type:unit,int_fact_stages",
    "mf list metrics",
    "mf query --metrics churn_rate,average_order_value --group-by metric_time__month,acquisition_channel "
    "--order metric_time__month",
    "mf query --metrics cart_abandonment_rate --group-by metric_time__week,last_step "
    "--where \"{{ Dimension('cart_row__is_mature') }}\"",
    "mf query --metrics loyal_customers --group-by metric_time__quarter,brand",
    "mf query --metrics closing_count --group-by metric_time__week,head_row__stage",
    "mf query --metrics churn_rate --group-by metric_time__month --explain",
)
# Pages whose commands or queries are all read and run by one test.
RUN_BY_PAGE = {
    ("docs/explain.md", "sh"): "cases/test_explain.py::test_every_command_of_the_page_runs",
    ("docs/export.md", "sh"): "cases/test_export.py::test_every_command_of_the_page_runs",
    ("docs/marts.md", "sql"): "test_mart_page.py::test_the_examples_give_what_the_page_says",
    ("docs/bi.md", "python"): "test_bi_page.py::test_the_notebook_runs",
    ("docs/bi.md", "sql"): "test_bi_page.py::test_the_sum_over_days_is_as_wrong_as_the_page_says",
    ("docs/package.md", "sql"): "package/test_package.py::test_the_shop_reads_its_own_tables_by_its_own_thresholds",
    (
        "docs/connectors/shopify.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_run_on_what_the_connectors_present",
    (
        "docs/connectors/stripe.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_run_on_what_the_connectors_present",
    (
        "docs/connectors/hubspot.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_of_mailings_agree_with_the_vendors_tables",
    (
        "docs/connectors/klaviyo.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_of_mailings_agree_with_the_vendors_tables",
    ("docs/connectors/google_ads.md", "sql"): "connectors/test_pages.py::test_costs_are_those_of_the_platforms",
    (
        "docs/connectors/ga4.md",
        "sql",
    ): "connectors/test_ga4.py::test_what_two_vendors_hold_comes_from_both_where_that_is_asked_for",
    (
        "docs/connectors/woocommerce.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_of_another_shop_agree_with_its_tables",
    (
        "docs/connectors/recharge.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_of_another_shop_agree_with_its_tables",
    (
        "docs/connectors/zendesk.md",
        "sql",
    ): "connectors/test_pages.py::test_the_queries_of_another_shop_agree_with_its_tables",
    ("docs/connectors/facebook_ads.md", "sql"): "connectors/test_pages.py::test_costs_are_those_of_the_platforms",
    (
        "docs/load_with_dlt.md",
        "python",
    ): "dlt_pipelines/test_dlt_pipelines.py::test_files_are_built_from_as_they_lie_and_the_state_is_kept",
    ("docs/recipes/backfill.md", "sql"): "test_recipe_pages.py::test_a_backfill_changes_the_days_that_it_is_about",
    ("docs/recipes/erase_a_person.md", "sql"): "cases/test_erasure.py::test_an_erasure_leaves_nothing_of_the_person",
    ("docs/recipes/add_an_input_table.md", "sql"): "test_recipes.py::test_wishlists_bring_engagement_stages",
}
# Tests that run a command, or what it calls with other data.
RUN_BY = {
    "RAW_DATA_DIR=my_data make check-data": "cases/test_silence.py::test_check_data_judges_files_and_builds_nothing",
    "make explain CUSTOMER=10000040": "cases/test_explain.py::test_every_command_of_the_page_runs",
    ".venv/bin/python -m pytest tests/python/test_retention_marts.py -x": "test_retention_marts.py",
    "python -m lifecycle_tools.engines parquet my_data --to /data/raw": (
        "engines/test_engine_commands.py::test_files_are_written_as_parquet"
    ),
    "python -m lifecycle_tools.engines load my_data": "engines/test_engine_commands.py::test_files_are_loaded_into_a_server",
    "python -m lifecycle_tools.engines postgres --load seeds/demo "
    "--run \"dbt build --target postgres && psql -c 'table marts.lifecycle_customers limit 5'\"": (
        "engines/test_engine_commands.py::test_files_are_loaded_into_a_server"
    ),
    "make build TARGET=postgres": (
        "engines/test_publishing_postgres.py::test_a_build_says_what_it_has_done_and_keeps_its_warnings"
    ),
    "python -m lifecycle_tools predict --target postgres --project-dir path/to/a/project": (
        "engines/test_value_predictions.py::test_predictions_are_the_same_on_both_engines"
    ),
    "spark/bin/dbt build --target spark --exclude-resource-type unit_test": (
        "spark/test_spark.py::test_the_demo_builds_with_all_its_data_tests_and_publishes_the_same"
    ),
    "make example-online-retail DATA=path/to/online_retail.parquet": (
        "test_examples.py::test_online_retail_reproduces_the_published_cohorts"
    ),
    "make example-cdnow": "test_examples.py::test_cdnow_reproduces_the_published_cohorts",
}
RUN_BY_CI = ("make demo", "make lint", "make test")
NOT_RUN = {
    "RAW_DATA_DIR=my_data make build": "the build of docs/ten_minutes.md, into the usual warehouse",
    "RAW_DATA_DIR=my_files/raw make build": "dlt_pipelines/test_dlt_pipelines.py builds from such a folder",
    "make build": "the build of docs/ten_minutes.md, of the usual files",
    "make predict": "a step of the build that runs here",
    "dbt test --select assert_the_funnel_adds_up": "run here with --store-failures",
    "dbt build --select +stage_funnel_daily": "models and tests of the build that runs here",
    "dbt parse --no-partial-parse": "the build that runs here parses; test_semantic_layer.py reads what it writes",
    "make build PREDICTIONS=0": "the build that runs here, with one step less",
    "export RAW_DATA_DIR=my_data WAREHOUSE_PATH=my.duckdb": "settings for the command below it",
    "export BUSINESS_TIME_ZONE=Europe/Paris REPORTING_CURRENCY=EUR": "settings for the command below it",
    "dbt build": "test_mart_page.py and `make demo` build everything; once more with these settings would show nothing else",
    "pip install --no-deps --require-hashes -r requirements.txt": "the Makefile installs .venv so",
    "export PGHOST=db.example.org PGUSER=lifecycle PGPASSWORD=... PGDATABASE=lifecycle": "names a server of the reader's",
    "python -m venv spark && spark/bin/pip install --no-deps --require-hashes -r tests/python/spark/requirements.txt": (
        "minutes of downloads; spark/environment.py makes its environment from the same file"
    ),
    "spark/bin/python -c": "needs that environment and a metastore; spark/conftest.py runs the same two statements",
    "export SPARK_FILE_FORMAT=iceberg LINK_DEPTH=8": "settings; iceberg/conftest.py builds with them",
    "pip install dbt-core==1.11.16 dbt-duckdb==1.11.1 duckdb==1.5.5": "ducklake/conftest.py installs the same, locked",
    'export LAKE_CATALOG="postgres:dbname=lake host=db.example.org user=lifecycle"': "names a server of the reader's",
    "export LAKE_DATA_PATH=/data/lake/": "a setting; ducklake/conftest.py builds with one of its own",
    "RAW_DATA_DIR=my_data dbt build --target ducklake --exclude-resource-type unit_test": (
        "another DuckDB than that of the environment; ducklake/conftest.py builds so"
    ),
    "select max(snapshot_id) from lake.snapshots()": "needs the lake; ducklake/conftest.py reads at such a snapshot",
    'pip install "apache-superset[duckdb]==6.1.0" "duckdb>=1.5" cachetools rich "flask-caching==2.3.0"': (
        "0.9 GB of downloads; `make test-superset` installs the same, locked"
    ),
    "duckdb -readonly serving/current.duckdb": "DuckDB's own client is not in the environment; the Python below it is run",
    "dbt build --profiles-dir ~/.dbt --select +lifecycle_customers --exclude-resource-type unit_test": (
        "needs an account at a vendor; test_dialects.py compiles the models for each"
    ),
    "create database lifecycle template": "needs a server; lifecycle_tools/engines/postgres.py makes its own so",
}


@dataclass(frozen=True)
class Command:
    """A command or query, and the page on which it stands."""

    page: str
    language: str
    text: str


def commands_of(page: Path) -> list[Command]:
    """The commands of a page without comments, one for each line of the shell that is complete; each query as a whole."""
    name, found = page.relative_to(PROJECT_DIR).as_posix(), []
    for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
        assert language in (*SHELL, *QUERIES, *NO_COMMANDS), f"{name}: is ```{language} a command? Add it to this file."
        if language in QUERIES:
            found.append(Command(name, language, text))
        elif language in SHELL:
            found += [Command(name, "sh", line) for line in lines_of(text)]
    return found


def lines_of(text: str) -> list[str]:
    """Commands of the shell: a quotation may go over several lines, and what follows a # after a blank is a comment."""
    found, quote, comment = [""], "", False
    for before, letter in pairwise(f"\n{text}"):
        if letter == "\n" and not quote:
            found, comment = [*found, ""], False
        elif letter == "#" and before in " \n" and not quote:
            comment = True
        elif not comment:
            found[-1] += letter
            if letter in "'\"" and quote in ("", letter):
                quote = "" if quote else letter
    assert not quote, f"A quotation is not closed: {found[-1]}"
    return [line.rstrip() for line in found if line.strip()]


COMMANDS = [command for page in PAGES for command in commands_of(page)]
QUERIES_HERE = [
    command
    for command in COMMANDS
    if command.language in QUERIES
    and (command.page, command.language) not in RUN_BY_PAGE
    and not command.text.startswith(tuple(NOT_RUN))
]


def how(command: Command) -> list[str]:
    """Each list of this file that has the command: there has to be one, and no more."""
    text = command.text
    lists = {
        "run here": text in (BUILD, *RUN_HERE) or command in QUERIES_HERE,
        "run by the test of the page": (command.page, command.language) in RUN_BY_PAGE,
        "run by a test": text in RUN_BY and (command.page, "sh") not in RUN_BY_PAGE,
        "run by .ci/run": text in RUN_BY_CI,
        "not run": any(text == each or (text.startswith(each) and "\n" in text) for each in NOT_RUN),
    }
    return [name for name, has in lists.items() if has]


def test_every_command_of_the_documentation_is_run_or_has_a_reason() -> None:
    assert len(COMMANDS) > 100
    wrong = {f"{command.page}: {command.text}": how(command) for command in COMMANDS if len(how(command)) != 1}
    assert not wrong, f"Add each to one of the lists of this file: {wrong}"


def test_no_list_has_a_command_that_no_page_has() -> None:
    texts = {command.text for command in COMMANDS}
    listed = {BUILD, *RUN_HERE, *RUN_BY, *RUN_BY_CI}
    assert not (gone := listed - texts), gone
    assert not (gone := [each for each in NOT_RUN if not any(text.startswith(each) for text in texts)]), gone
    pages = {(command.page, command.language) for command in COMMANDS}
    assert not (gone := set(RUN_BY_PAGE) - pages), gone


def test_the_tests_that_are_named_are_there() -> None:
    for named in {*RUN_BY.values(), *RUN_BY_PAGE.values()}:
        file, _, test = named.partition("::")
        tree = ast.parse((PROJECT_DIR / "tests" / "python" / file).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not test or test in names, named
    script = (PROJECT_DIR / ".ci" / "run").read_text(encoding="utf-8")
    assert all(re.search(rf"^{command}\b", script, flags=re.M) for command in RUN_BY_CI)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("make demo   # builds\n\n# nothing\nmake test\n", ["make demo", "make test"]),
        ("python -c \"\nprint('#1')\"\nls\n", ["python -c \"\nprint('#1')\"", "ls"]),
        ("echo a#b 'c # d'\nls  # the reader's\n", ["echo a#b 'c # d'", "ls"]),
    ],
)
def test_commands_are_read_as_a_shell_reads_them(text: str, commands: list[str]) -> None:
    assert lines_of(text) == commands


def test_targets_that_pages_name_in_a_line_are_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_DIR / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    named = {
        (page.name, target)
        for page in PAGES
        if page.name not in ("DECISIONS.md", "CHANGELOG.md")
        for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", page.read_text(encoding="utf-8")))
        for target in re.findall(r"\bmake ([a-z][a-z-]*)", code)
    }
    assert len(named) > 20
    assert not (gone := {each for each in named if each[1] not in targets}), gone


@dataclass(frozen=True)
class Clone:
    """A copy of the project in which commands run as a reader would type them, with the environment switched on."""

    directory: Path

    def run(self, command: str, **settings: str) -> str:
        """What the command prints; fails the test with it when the command fails."""
        kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
        path = f"{self.directory / '.venv' / 'bin'}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.directory, env=kept | {"PATH": path} | settings,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


MINE = {"RAW_DATA_DIR": "my_data", "WAREHOUSE_PATH": "mine.duckdb", "SERVING_DIR": "mine", "DO_NOT_TRACK": "1"}
TEN_MINUTES = (PROJECT_DIR / "docs" / "ten_minutes.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with the orders of docs/ten_minutes.md, built as that page says."""
    directory = tmp_path_factory.mktemp("clone") / "project"
    left_out = shutil.ignore_patterns(
        ".git", ".venv", "build", "target", "logs", "serving", "exports", "python", "*.duckdb*", "*.salt", "__pycache__"
    )
    shutil.copytree(PROJECT_DIR, directory, ignore=left_out)
    (directory / ".venv").symlink_to(PROJECT_DIR / ".venv")
    for lock in ("requirements.txt", "lifecycle_tools/board/requirements.txt"):
        os.utime(directory / lock, (0, 0))  # the environment is there: make must not install it again
    (directory / "my_data").mkdir()
    (orders,) = re.findall(r"```csv\n(.*?)```", TEN_MINUTES, flags=re.S)
    (directory / "my_data" / "orders.csv").write_text(orders, encoding="utf-8")
    clone = Clone(directory)
    leave_a_published_demo(directory / "mine")
    assert "Look at:" in clone.run(BUILD)
    return clone


def leave_a_published_demo(serving: Path) -> None:
    """Of what ``make demo`` publishes, what the gates ask: three orders more or less are no drift of the demo's hundreds."""
    serving.mkdir()
    published = serving / "lifecycle.20200101T000000000000Z.duckdb"
    with duckdb.connect(str(published)) as connection:
        connection.execute(
            "create schema marts;"
            "create table marts.order_metrics_monthly as select date '2025-01-01' as month_date, 'EUR' as currency, "
            "500 as order_count, 9000 as revenue_amount, true as is_mature;"
            "create table marts.lifecycle_customers as select range as customer_id, date '2025-01-01' as first_purchase_date, "
            "'conversion' as current_stage from range(900);"
            "create table publish_meta as select true as is_demo, date '2025-06-30' as as_of_date, 0 as erased_id_count"
        )
    (serving / "current.duckdb").symlink_to(published.name)


def test_ten_minutes_give_the_stages_of_the_page_and_a_board(clone: Clone) -> None:
    assert (clone.directory / "mine" / "board.html").stat().st_size > 1_000_000
    with duckdb.connect(str(clone.directory / "mine" / "current.duckdb"), read_only=True) as connection:
        stages = connection.execute(
            "select customer_id, current_stage from marts.lifecycle_customers order by customer_id"
        ).fetchall()
    assert stages == re.findall(r"^\| (\w+) \| (\w+) \| bought", TEN_MINUTES, flags=re.M)
    assert len(stages) == 3


def test_settings_of_ten_minutes_are_in_the_readme() -> None:
    readme = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b([A-Z_]+)=", BUILD))
    assert named == set(MINE) - {"DO_NOT_TRACK"}
    assert all(f"| `{name}`" in readme for name in named)


@pytest.mark.parametrize("command", RUN_HERE, ids=lambda command: command[:60])
def test_a_command_runs(clone: Clone, command: str) -> None:
    clone.run(command, **MINE)


@pytest.mark.parametrize("command", QUERIES_HERE, ids=lambda command: f"{command.page} {command.language}")
def test_a_query_runs(clone: Clone, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone.directory)
    if command.language == "python":
        (clone.directory / "serving").exists() or (clone.directory / "serving").symlink_to("mine")
        exec(command.text, {"duckdb": duckdb})
        return
    with duckdb.connect("mine.duckdb", read_only=True) as connection:
        assert connection.execute(command.text).description
