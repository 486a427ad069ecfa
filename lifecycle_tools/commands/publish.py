"""``publish``: check the warehouse as the last build left it, and publish it.

A part of ``build``; by itself it is of use when a build is sound and only its publication failed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from lifecycle_tools import outcomes
from lifecycle_tools.build import NO_UNIT_TESTS, PROJECT_DIR, BuildResult, run_dbt
from lifecycle_tools.commands.expectations import SUITES, DbtReader, QueryError, Reader, check, reader_of
from lifecycle_tools.erasure import E_MAIL, ERASED, erased_id_count
from lifecycle_tools.publishing import (
    CURRENT,
    MARTS,
    PublishError,
    Run,
    compared_run,
    dbt_settings,
    holds_demo,
    new_run_id,
    only_build,
    prepare_serving,
    publish,
    serving_directory,
    working_file,
)

CURRENCY = "select '{{ customer_lifecycle.setting('reporting_currency') | upper }}' as reporting_currency"

DATABASE = Path("the database")  # of PostgreSQL, in messages that name a warehouse


class Warnings:
    """Says each warning once and keeps it, with who gave it, for ``publish_meta``."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.given: list[tuple[str, str]] = []
        self.before = before  # a sentence is printed

    def __call__(self, sentence: str, source: str = "build") -> None:
        """Take one warning; values of raw rows are in some, and it is published."""
        sentence = re.sub(E_MAIL, "[e-mail]", sentence)
        if (source, sentence) not in self.given:
            self.given.append((source, sentence))
            self.before()
            print(f"Warning: {sentence}", file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Publish; return 0 when every test passed, no gate stopped it and readers see the new run, else 1."""
    parser = argparse.ArgumentParser(prog="publish", description=__doc__)
    parser.add_argument("--target", choices=("duckdb", "postgres"), default="duckdb", help="of the profile")
    options = parser.parse_args(argv)
    if options.target == "postgres":
        return _main_postgres()
    warehouse = working_file()
    try:
        with only_build(warehouse):
            _publish(warehouse)
    except PublishError as error:
        print(f"{error}\n{nothing_published(serving_directory(warehouse))}", file=sys.stderr)
        return 1
    return 0


def _publish(warehouse: Path) -> None:
    prepare_serving(serving_directory(warehouse))
    if not warehouse.exists():
        raise PublishError(
            f"There is no warehouse {warehouse}: build it first, or say where it is with WAREHOUSE_PATH."
        )
    warn = Warnings()
    settings = dbt_settings(warehouse)
    manifest, tested = _test(warehouse, "duckdb", **settings)
    facts = audit_and_publish(warehouse, manifest, tested, warn, new_run_id(), **settings)
    print(f"Published run {facts['run_id']}: {serving_directory(warehouse) / CURRENT}")


def _main_postgres() -> int:
    from lifecycle_tools.publishing_postgres import SERVING, only_build_on_postgres

    try:
        with only_build_on_postgres(os.environ):
            manifest, tested = _test(DATABASE, target="postgres")
            facts = audit_and_publish_on_postgres(manifest, tested, Warnings(), new_run_id())
    except PublishError as error:
        print(f"{error}\nNothing was published: the schema serving is as it was.", file=sys.stderr)
        return 1
    print(f"Published run {facts['run_id']}: schema {SERVING}")
    return 0


def _test(warehouse: Path, target: str, **settings: Any) -> tuple[Any, BuildResult]:
    """Read the project and run its data tests; ``PublishError`` when one fails."""
    parsed = run_dbt(["parse", "--target", target], **settings)
    stop_on_failure(parsed, warehouse)
    print("  running the tests", flush=True)
    command = ["test", *NO_UNIT_TESTS, "--target", target]
    tested = run_dbt(command, manifest=parsed.manifest, **settings)
    stop_on_failure(tested, warehouse)
    return parsed.manifest, tested


def nothing_published(serving: Path) -> str:
    """What readers have after a run that failed."""
    current = serving / CURRENT
    return f"Nothing was published: {current} is as it was." if current.exists() else "Nothing was published."


def read_project(warehouse: Path, target: str = "duckdb", **settings: Any) -> Any:
    """The manifest of the project; ``PublishError`` when dbt cannot read it."""
    parsed = run_dbt(
        ["parse", "--no-write-json", "--target", target], **settings
    )  # the command that follows writes manifest.json
    stop_on_failure(parsed, warehouse)
    return parsed.manifest


def stop_on_failure(result: BuildResult, warehouse: Path) -> None:
    """Raise ``PublishError`` with what failed, if anything did."""
    if not result.success:
        sentences = outcomes.failures(result, warehouse)
        advice = outcomes.advice(result) if len(sentences) > 1 or result.outcomes else []
        raise PublishError("\n".join([*sentences, *advice]) or "dbt failed without saying why.")


def audit_and_publish(
    warehouse: Path, manifest: Any, tested: BuildResult, warn: Warnings, run_id: str, **settings: Any
) -> dict[str, Any]:
    """Ask the gates, publish if no error stops it, and return what ``publish_meta`` says of the run.

    ``tested``: the result of dbt's tests on the warehouse, all passed.
    """
    for sentence in outcomes.warnings(tested):
        warn(sentence, "test")
    with reader_of(warehouse, compared_run(warehouse)) as reader:
        gates = audit(reader, warn)
    facts = {"as_of_date": _as_of_date(warehouse), **_facts(manifest, tested, warn, [], **settings)}
    facts |= {"erased_id_count": erased_id_count(warehouse), "is_demo": holds_demo(warehouse)}
    facts |= {"gates_passed": gates, "gates_warned": sum(source == "gate" for source, _ in warn.given)}
    publish(warehouse, serving_directory(warehouse), marts_of(manifest), Run(run_id, facts, warn.given))
    return {"run_id": run_id, **facts}


def audit_and_publish_on_postgres(manifest: Any, tested: BuildResult, warn: Warnings, run_id: str) -> dict[str, Any]:
    """As ``audit_and_publish``, in the PostgreSQL of the environment."""
    from lifecycle_tools.erasure_postgres import forget_names
    from lifecycle_tools.publishing_postgres import publish_postgres, read_one

    if forget_names(os.environ, manifest):
        print("  forgot the names of erased persons in texts of others", flush=True)
    for sentence in outcomes.warnings(tested):
        warn(sentence, "test")
    try:
        reader = DbtReader("postgres", manifest)
    except QueryError as error:
        raise PublishError(f"PostgreSQL cannot be asked: {error}") from error
    gates = audit(reader, warn)
    facts = {"as_of_date": read_one(os.environ, "select as_of_date from staging.as_of_date")}
    facts |= {"erased_id_count": read_one(os.environ, f"select count(*) from {ERASED}")}
    facts |= _facts(manifest, tested, warn, ["--target", "postgres"])
    facts |= {"gates_passed": gates, "gates_warned": sum(source == "gate" for source, _ in warn.given)}
    publish_postgres(os.environ, marts_of(manifest), Run(run_id, facts, warn.given))
    return {"run_id": run_id, **facts}


def marts_of(manifest: Any) -> list[str]:
    """The tables of schema marts that the project has."""
    nodes = manifest.nodes.values()
    return [node.alias for node in nodes if node.resource_type == "model" and node.schema == MARTS]


def _facts(
    manifest: Any, tested: BuildResult, warn: Warnings, target: Sequence[str], **settings: Any
) -> dict[str, Any]:
    command = ["--no-write-json", "show", "--inline", CURRENCY, *target]
    shown = run_dbt(command, manifest=manifest, **settings)
    return {
        "reporting_currency": str(shown.rows[0][0]) if shown.rows else None,
        "project_version": str(yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())["version"]),
        "dbt_version": manifest.metadata.dbt_version,
        "duckdb_version": duckdb.__version__,
        "tests_passed": outcomes.passed(tested),
        "tests_warned": len(outcomes.warnings(tested)),
        "warning_count": len(warn.given),
    }


def audit(reader: Reader, warn: Warnings, suites: Path = SUITES) -> int:
    """Ask every gate of the folder ``suites``; return how many expectations were met.

    Raises ``PublishError`` when one of severity error is not met; those of severity warning are warnings.
    """
    met, errors = 0, []
    try:
        for verdict in check(reader, suites):
            met += verdict.success
            if not verdict.success:
                sentence = f"Gate {verdict.suite}: {verdict.sentence}. {verdict.about}"
                if verdict.severity == "error":
                    errors.append(sentence)
                else:
                    warn(sentence, "gate")
    except ValueError as error:
        raise PublishError(str(error)) from error
    if errors:
        how = "If this is right for your data, change the gate in tests/expectations or make it a warning (docs/gates.md)."
        raise PublishError("\n".join([*errors, how]))
    return met


def _as_of_date(warehouse: Path) -> Any:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("select as_of_date from staging.as_of_date").fetchone()[0]
