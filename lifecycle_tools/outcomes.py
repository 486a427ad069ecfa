"""What came of a dbt run, in sentences: what failed, where, and how many rows are against it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from lifecycle_tools.build import BuildResult, Outcome

TESTS = ("test", "unit_test")
FAILED = ("error", "fail", "runtime error")
INTERNAL = ("base_", "stg_", "int_")  # tables whose names tell a user nothing: their file and description do
MODELS_NAMED = 3  # of those that a test reads

# A fault of the machine makes every node after the first fail: one sentence says it all.
NO_SPACE = re.compile("No space left on device|File too large|Disk quota exceeded")
NOT_WRITABLE = re.compile("Read-only file system|Permission denied|attached in read-only mode")
OPEN_ELSEWHERE = re.compile("Could not set lock on file")


def passed(result: BuildResult) -> int:
    """How many tests passed."""
    return sum(outcome.kind in TESTS and outcome.status == "pass" for outcome in result.outcomes)


def warnings(result: BuildResult) -> list[str]:
    """One sentence for each test that only warns."""
    return [_test(outcome) for outcome in result.outcomes if outcome.kind in TESTS and outcome.status == "warn"]


def failures(result: BuildResult, warehouse: Path) -> list[str]:
    """One sentence for each fault, then how much was not run because of them; a fault of the machine alone."""
    messages = [*result.errors, *(outcome.message for outcome in result.outcomes)]
    if fault := _fault_of_the_machine(messages, warehouse):
        return [fault]
    sentences = list(result.errors)
    for outcome in result.outcomes:
        if outcome.status in FAILED:
            sentences.append(_test(outcome) if outcome.kind in TESTS else _node(outcome))
    skipped = [outcome for outcome in result.outcomes if outcome.status == "skipped"]
    if skipped:
        tests = sum(outcome.kind in TESTS for outcome in skipped)
        sentences.append(f"Not run because of that: {len(skipped) - tests} models, {tests} tests.")
    return list(dict.fromkeys(sentences))


def advice(result: BuildResult) -> list[str]:
    """What to do about a table or test that failed and whose message is not the project's own sentence."""
    faults = [outcome for outcome in result.outcomes if outcome.status in FAILED and not outcome.is_said_plainly]
    return ["docs/debugging.md says how to find the rows and the cause."] if faults else []


def _fault_of_the_machine(messages: Sequence[str], warehouse: Path) -> str | None:
    of_warehouse = [message for message in messages if warehouse.name in message]
    if any(NO_SPACE.search(message) for message in messages):
        return f"There is no space left to write {warehouse}: free some, then build again."
    if any(OPEN_ELSEWHERE.search(message) for message in of_warehouse):
        return f"Another program has {warehouse} open: close it, then build again. Readers open the published file."
    if any(NOT_WRITABLE.search(message) for message in of_warehouse):
        return f"{warehouse} cannot be written: allow it, then build again."
    return None


def _test(outcome: Outcome) -> str:
    what = "Unit test" if outcome.kind == "unit_test" else "Test"
    tables = [table for table in outcome.about if not table.startswith(INTERNAL)]
    named = ", ".join(tables[-MODELS_NAMED:]) + (" and others" if len(tables) > MODELS_NAMED else "")
    of_what = f" of {named}:" if named else ""
    sentence = f'{what}{of_what} "{outcome.name.removeprefix("assert_").replace("_", " ")}"'
    if outcome.row_count is not None and outcome.status in ("fail", "warn"):
        rows = "1 row breaks" if outcome.row_count == 1 else f"{outcome.row_count:,} rows break"
        return f"{sentence}: {rows} it{_query(outcome)}.{_declaration(outcome)}"
    return f"{sentence}: {outcome.message}{_query(outcome)}"


def _declaration(outcome: Outcome) -> str:
    """Why the test is there, as far as the project says so, and where it stands."""
    why = f" {outcome.description.rstrip('.')}." if outcome.description else ""
    return f"{why} It stands in {outcome.file}." if outcome.file else why


def _node(outcome: Outcome) -> str:
    if outcome.is_said_plainly or outcome.kind not in ("model", "seed"):
        return outcome.message
    what = outcome.description.partition(". ")[0].rstrip(".")
    what = f": {what[0].lower()}{what[1:]}" if what else ""
    table = "A table within" if outcome.name.startswith(INTERNAL) else f"The table {outcome.schema}.{outcome.name}"
    return f"{table} ({outcome.file}{what}) could not be built: {outcome.message}"


def _query(outcome: Outcome) -> str:
    if not outcome.query or not Path(outcome.query).exists():
        return ""
    path = os.path.relpath(outcome.query)
    return f" (its query: {outcome.query if path.startswith('..') else path})"
