"""What a build says while it runs and when it is over: phases by name, how long, what changed, and faults as sentences."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from oracle.runs import demo

from lifecycle_tools import outcomes, terminal
from lifecycle_tools.build import PROJECT_DIR, BuildResult, Outcome
from lifecycle_tools.commands import build
from lifecycle_tools.commands.publish import Warnings
from lifecycle_tools.terminal import PHASES, Progress, phase_of, remember, remembered, seconds

WARNING_OF_VOLUMES = PROJECT_DIR / "macros" / "raw" / "warn_of_raw_volumes.sql"


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def node(name: str, path: str, kind: str = "model") -> SimpleNamespace:
    return SimpleNamespace(name=name, resource_type=kind, original_file_path=path)


MANIFEST = SimpleNamespace(
    nodes={
        each.name: each
        for each in (
            node("event_types", "seeds/lifecycle/event_types.csv", "seed"),
            node("base_shop__orders", "models/base/shop/base_shop__orders.sql"),
            node("int_fact_combinations", "models/intermediate/lifecycle/int_fact_combinations.sql"),
            node("int_customers", "models/intermediate/identity/int_customers.sql"),
            node("churn_monthly", "models/marts/retention/churn_monthly.sql"),
            node("assert_it_adds_up", "tests/singular/assert_it_adds_up.sql", "test"),
            node("it_is_unique", "models/marts/retention/_retention__models.yml", "test"),
        )
    },
    unit_tests={},
)
ORDER = (  # as dbt may finish them: what needs no raw data comes early, tests run among the models
    "int_fact_combinations", "event_types", "base_shop__orders", "it_is_unique", "int_customers", "churn_monthly",
    "assert_it_adds_up",
)  # fmt: skip


def test_every_model_of_the_project_has_a_phase() -> None:
    found = {phase_of(str(path.relative_to(PROJECT_DIR))) for path in (PROJECT_DIR / "models").rglob("*.sql")}
    assert found == {"clean", "identity", "lifecycle", "marts"}
    folders = {path.relative_to(PROJECT_DIR / "models").parts[0] for path in (PROJECT_DIR / "models").rglob("*.sql")}
    assert folders == {name.partition("/")[0] for name in terminal.FOLDERS}


def test_phases_are_lines_in_their_order_and_no_node_is_named() -> None:
    stream = io.StringIO()
    with Progress(42, stream) as progress:
        progress.enter("read", "the project")
        progress.follow(MANIFEST)
        for number, name in enumerate(ORDER, 1):
            progress.node(name, number, len(ORDER))
        progress.enter("publish", "gates")
        progress.enter("publish", "board")
    lines = stream.getvalue().splitlines()
    assert lines == [
        "  read (the project): 0 s of about 42 s",
        "  clean: 0 s of about 42 s",
        "  identity: 0 s of about 42 s",
        "  marts: 0 s of about 42 s",
        "  tests: 0 s of about 42 s",
        "  publish (gates): 0 s of about 42 s",
        "  publish (board): 0 s of about 42 s",
    ]
    assert "\x1b" not in stream.getvalue()
    assert not [name for name in ORDER if name in stream.getvalue()]


def test_a_long_phase_is_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "SECONDS_BETWEEN_LINES", 1)
    stream = io.StringIO()
    with Progress(None, stream) as progress:
        progress.enter("read", "the project")
        time.sleep(2.5)
    assert 2 <= len(stream.getvalue().splitlines()) <= 4
    assert "of about" not in stream.getvalue(), "nothing is known of a first build"


def test_a_terminal_has_one_line_that_is_gone_when_a_warning_comes_and_at_the_end() -> None:
    screen = Screen()
    with Progress(None, screen) as progress:
        progress.enter("read")
        progress.enter("publish")
        progress.clear()
        print("Warning: fewer rows", file=screen)
        progress.enter("publish", "board")
    assert "\n" not in screen.getvalue().partition("Warning")[0]
    assert screen.getvalue().endswith("\x1b[K")
    assert re.search(r"\x1b\[KWarning: fewer rows\n", screen.getvalue())


def test_a_reader_that_has_gone_stops_no_build() -> None:
    stream = io.StringIO()
    with Progress(None, stream) as progress:
        stream.close()
        progress.enter("clean")


def test_the_next_build_knows_how_long_the_last_one_took(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    assert remembered(warehouse, "full") is None
    remember(warehouse, "full", 61.26)
    remember(warehouse, "increment", 20)
    assert (remembered(warehouse, "full"), remembered(warehouse, "increment")) == (61.3, 20)
    for broken in ("", "[]", '{"full": "long"}', "\x00"):
        (tmp_path / "warehouse.duckdb.seconds").write_text(broken)
        assert remembered(warehouse, "full") is None
    remember(tmp_path / "nowhere" / "warehouse.duckdb", "full", 1)


@pytest.mark.parametrize(
    ("duration", "said"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (185, "3 min 5 s"), (3599.9, "1 h 0 min"), (4000, "1 h 6 min")],
)
def test_durations_are_said_as_people_do(duration: float, said: str) -> None:
    assert seconds(duration) == said


def test_the_first_line_comes_within_a_second(tmp_path: Path) -> None:
    """Of starting Python: dbt is read after it. A busy machine is given three times as long."""
    settings = {"WAREHOUSE_PATH": str(tmp_path / "warehouse.duckdb"), "PYTHONUNBUFFERED": "1"}
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "lifecycle_tools", "build", "--demo"],
        cwd=PROJECT_DIR, env=os.environ | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as started_build:  # fmt: skip
        first = started_build.stdout.readline()
        took = time.monotonic() - started
        started_build.kill()
    assert first == "  read (the project): 0 s\n"
    assert took < 3


FAILED = Outcome(
    kind="test", name="assert_the_funnel_adds_up", schema="dbt_test__audit", status="fail", message="Got 3 results",
    about=("stage_funnel_daily",), row_count=3, description="Who comes and goes explains the change of a stage's head-count.",
    file="tests/singular/lifecycle/assert_the_funnel_adds_up.sql",
)  # fmt: skip


def result(*found: Outcome) -> BuildResult:
    return BuildResult(False, (), {}, {}, outcomes=found)


def test_a_failed_test_says_what_it_holds_why_and_where_it_stands() -> None:
    (sentence,) = outcomes.failures(result(FAILED), Path("warehouse.duckdb"))
    assert sentence == (
        'Test of stage_funnel_daily: "the funnel adds up": 3 rows break it. Who comes and goes explains the change of a '
        "stage's head-count. It stands in tests/singular/lifecycle/assert_the_funnel_adds_up.sql."
    )
    assert outcomes.advice(result(FAILED)) == ["docs/debugging.md says how to find the rows and the cause."]


def test_a_table_that_cannot_be_built_is_named_with_what_it_holds() -> None:
    model = Outcome(
        kind="model", name="churn_monthly", schema="marts", status="error", message="Binder Error: no such column.",
        description="One row per month, dimensions and churn reason. Retained customers too.",
        file="models/marts/churn_monthly.sql",
    )  # fmt: skip
    (sentence,) = outcomes.failures(result(model), Path("warehouse.duckdb"))
    assert sentence == (
        "The table marts.churn_monthly (models/marts/churn_monthly.sql: one row per month, dimensions and churn reason) could "
        "not be built: Binder Error: no such column."
    )


def test_a_table_that_nobody_reads_is_named_by_its_file_and_what_it_holds() -> None:
    path = "models/intermediate/lifecycle/int_customer_events.sql"
    model = Outcome(
        "model", "int_customer_events", "intermediate", "error", "Out of memory.", description="Step 1.", file=path
    )
    (sentence,) = outcomes.failures(result(model), Path("warehouse.duckdb"))
    assert sentence == f"A table within ({path}: step 1) could not be built: Out of memory."
    test = replace(FAILED, about=("int_customer_events", "stg_shop__orders"))
    (sentence,) = outcomes.failures(result(test), Path("warehouse.duckdb"))
    assert sentence.startswith('Test "the funnel adds up": 3 rows break it.')


def test_a_sentence_of_the_project_s_own_stands_alone() -> None:
    plain = Outcome(
        "model", "int_x", "intermediate", "error", "Set A, not B.", file="models/x.sql", is_said_plainly=True
    )
    assert outcomes.failures(result(plain), Path("warehouse.duckdb")) == ["Set A, not B."]
    assert outcomes.advice(result(plain)) == []
    assert outcomes.advice(result(plain, replace(FAILED, status="pass"))) == []


FAULTS_OF_THE_MACHINE = {
    "full": (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))",
        "There is no space left to write {}: free some, then build again.",
    ),
    "not_writable": (
        "os.chmod(path, 0o444); os.geteuid() or os.seteuid(65534)",  # permissions do not stop root
        "{} cannot be written: allow it, then build again.",
    ),
    "open": (
        "other = subprocess.Popen([sys.executable, '-c', HOLD, path], stdin=-1, stdout=-1); other.stdout.readline()",
        "Another program has {} open: close it, then build again. Readers open the published file.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS_OF_THE_MACHINE)
def test_a_fault_of_the_machine_is_one_sentence_whatever_fails_after_it(tmp_path: Path, fault: str) -> None:
    """What DuckDB says of it is told apart from what is wrong with a table."""
    warehouse, (done, sentence) = tmp_path / "warehouse.duckdb", FAULTS_OF_THE_MACHINE[fault]
    program = (
        "import duckdb, os, resource, subprocess, sys\n"
        "HOLD = 'import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()'\n"
        "path = sys.argv[1]\nduckdb.connect(path).close()\nother = None\n"
        f"{done}\n"
        "try:\n"
        "    with duckdb.connect(path) as connection:\n"
        "        connection.execute('create table numbers as select hash(range) as number from range(1_000_000)')\n"
        "        connection.execute('checkpoint')\n"
        "except duckdb.Error as error:\n"
        "    print(error)\n"
        "if other: other.communicate()"
    )
    said = subprocess.run([sys.executable, "-c", program, str(warehouse)], capture_output=True, text=True, check=True)
    failed = [
        Outcome("model", name, "marts", "error", said.stdout.strip()) for name in ("churn_monthly", "nps_monthly")
    ]
    assert outcomes.failures(result(*failed), warehouse) == [sentence.format(warehouse)], said.stdout


def test_the_phases_are_those_of_the_documentation() -> None:
    page = (PROJECT_DIR / "docs" / "publishing.md").read_text()
    assert f"`environment`, {', '.join(f'`{phase}`' for phase in PHASES)}" in page


def summarize(warehouse: Path, facts: dict, before: build.Published, warn: Warnings) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        build._summarize(
            lambda query: connection.execute(query).fetchall(), facts, before, warn, 61, "here", "make explain"
        )


def test_the_summary_says_what_was_loaded_changed_and_restated(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Beside the last published run where there is one; every number is that of the warehouse."""
    warehouse = demo(tmp_path, "UTC")
    facts = {
        "run_id": "R", "as_of_date": "2025-06-30", "reporting_currency": "EUR", "tests_passed": 1637, "gates_passed": 13,
        "warning_count": 1,
    }  # fmt: skip
    warn = Warnings()
    warn("Fewer orders.")
    summarize(warehouse, facts, build.Published(), warn)
    first = capsys.readouterr().out
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((rows,),) = connection.execute("select sum(row_count) from quality.raw_row_outcomes").fetchall()
        stages = dict(
            connection.execute("select current_stage, count(*) from marts.lifecycle_customers group by 1").fetchall()
        )
        # of customers, and of sales to no known customer
        ((net,),) = connection.execute("""
            select (select sum(net_revenue_amount) from marts.lifecycle_customers) + sum(net_revenue_amount)
            from intermediate.int_revenue_entries where customer_key is null
        """).fetchall()
        ((ids,),) = connection.execute("select count(*) from intermediate.int_customers").fetchall()
    assert first.startswith("Built, tested and published in 1 min 1 s: run R\n\nCustomers by stage on 2025-06-30:\n")
    for stage, count in stages.items():
        assert re.search(rf"^  {stage} +{count:,}  \w", first, flags=re.M)
    assert f"\nLoaded:    {rows:,} raw rows, of which " in first
    assert "\nFresh:     13 of 19 raw tables have rows of 2025-07-01; " in first
    assert (
        "\nVolumes:   14 of 19 raw tables brought as many rows as usual on each of the last 7 days; no usual number: "
        in first
    )
    assert f"\nChanged:   {ids:,} customers computed (all of them)\nRestated:  nothing\n" in first
    assert f"\nRevenue:   {net:,.2f} EUR net, from 2024-01-08 to 2025-06-30\n" in first
    assert "\nTests:     1,637 passed, 13 gates passed\nWarnings:  1\n  - Fewer orders.\n" in first
    assert "\nOpen:      here\n" in first
    assert re.search(r"^Ask: +make explain CUSTOMER=\S+$", first, flags=re.M)

    changed = stages | {"loyalty": stages["loyalty"] - 2, "churned": stages["churned"] + 1}
    before = build.Published("2025-06-29", changed, int(rows) - 1200)
    summarize(warehouse, facts, before, warn)
    second = capsys.readouterr().out
    assert "Customers by stage on 2025-06-30, and since the last run (2025-06-29):" in second
    assert re.search(rf"^  loyalty +{stages['loyalty']} +\+2  ", second, flags=re.M)
    assert re.search(rf"^  churned +{stages['churned']} +-1  ", second, flags=re.M)
    assert re.search(rf"^  retention +{stages['retention']} +=  ", second, flags=re.M)
    assert " raw rows (+1,200 since the last run), of which " in second


def test_the_summary_says_how_fresh_raw_tables_are_and_which_brought_an_unusual_number() -> None:
    def week(entity: str, counts: str, status: str = "as_usual", **unusual: str) -> list[tuple]:
        days = [date(2025, 6, 1) + timedelta(days=number) for number in range(8)]
        return [
            (entity, day, int(count), unusual.get(f"on_{day.day}", status))
            for day, count in zip(days, counts.split(), strict=True)
        ]

    assert build._volumes([]) == []
    fresh, volumes = build._volumes([
        *week("carts", "9 9 9 9 9 9 9 9", on_1="high"),  # more than a week ago
        *week("orders", "7 7 7 90 7 7 7 0", on_4="high", on_8="silent"),
        *week("refunds", "1 0 0 1 0 0 0 0", "irregular"),
        *week("reviews", "0 0 0 0 0 0 0 0", "not_yet_judged"),
    ])  # fmt: skip
    assert fresh == (
        "Fresh:     1 of 4 raw tables have rows of 2025-06-08; refunds: 2025-06-04; orders: 2025-06-07; "
        "reviews: before 2025-06-01"
    )
    assert volumes == (
        "Volumes:   1 of 4 raw tables brought as many rows as usual on each of the last 7 days; "
        "unusual: orders (high on 2025-06-04: 90), orders (silent on 2025-06-08: 0); no usual number: refunds, reviews "
        "(quality.raw_volumes_daily)"
    )
    assert f"max(last.date_day)', -{build.DAYS_JUDGED})" in WARNING_OF_VOLUMES.read_text(), (
        "warnings are of the same days"
    )


def test_what_was_published_before_is_read_or_taken_as_nothing(tmp_path: Path) -> None:
    assert build._published(tmp_path) == build.Published()
    with duckdb.connect(str(tmp_path / "current.duckdb")) as connection:
        connection.execute("create table publish_meta as select 1 as run_id")
    assert build._published(tmp_path) == build.Published(), "of an older version"
