"""What came of each planted fault (dev/mutants.py): the record, and the page of the docs that is made from it."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from lifecycle_tools.build import PROJECT_DIR

RECORD = PROJECT_DIR / "tests" / "fixtures" / "mutants.csv"
COLUMNS = ("area", "file", "rule", "text", "place", "outcome", "test", "reason")
PAGE = PROJECT_DIR / "docs" / "planted_faults.md"
# What a reason names when another test than those of a build sees the fault: --prove runs it.
NAMED_TEST = re.compile(r"tests/python/\w[\w/]*\.py(?:::\w+(?:\[[^\]]+\])?)?")
STOPPED, SEEN, TESTED, UNSEEN, INVALID = "stopped", "seen", "tested", "unseen", "invalid"
KILLED = (STOPPED, SEEN, TESTED)
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Mutant:
    """One planted fault: ``file`` below the project, ``line`` (from 1) and its ``text`` before, and the whole file ``after``.

    ``place``: 1 for the first fault of this rule at such a text in the file, 2 for the second.
    """

    area: str
    rule: str
    file: str
    line: int
    text: str
    after: str
    place: int = 1

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.file}:{self.line} {self.rule}"

    @property
    def key(self) -> Key:
        """What it is known by when lines have moved."""
        return self.file, self.rule, self.text, str(self.place)


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant.

    ``stopped`` by a data test or unit test of dbt, ``seen`` by test_golden.py, ``tested`` by another Python test: ``test`` says
    which. ``unseen``, or ``invalid``: the SQL cannot be read any more.
    """

    mutant: Mutant
    outcome: str
    test: str = ""


def recorded() -> list[dict[str, str]]:
    """The rows of the record."""
    if not RECORD.exists():
        return []
    with RECORD.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def key_of(row: Mapping[str, str]) -> Key:
    """What a row's fault is known by."""
    return row["file"], row["rule"], row["text"], row["place"]


def record(verdicts: Sequence[Verdict]) -> None:
    """Add verdicts to the record, in the place of earlier ones on the same fault; reasons stay."""
    rows = {key_of(row): row for row in recorded()}
    for verdict in verdicts:
        mutant = verdict.mutant
        reason = rows.get(mutant.key, {}).get("reason", "") if verdict.outcome in (TESTED, UNSEEN) else ""
        values = (mutant.area, *mutant.key, verdict.outcome, verdict.test[:160].strip(), reason)
        rows[mutant.key] = dict(zip(COLUMNS, values, strict=True))
    _write(list(rows.values()))


def without_a_line(plantable: Container[Key]) -> list[str]:
    """A sentence, if the record has faults that are not ``plantable`` any more: the code has changed where they stood."""
    gone = [row for row in recorded() if key_of(row) not in plantable]
    if not gone:
        return []
    named = [f"  {row['file']}, {row['rule']}: {row['text']}" for row in gone]
    first = f"{len(gone)} recorded faults have no line in the code any more: make mutants drops them and judges others."
    return [first, *named]


def drop_those_without_a_line(plantable: Container[Key]) -> None:
    """Write the record without the faults that are not ``plantable`` any more."""
    _write([row for row in recorded() if key_of(row) in plantable])


def _write(rows: Sequence[dict[str, str]]) -> None:
    ordered = sorted(rows, key=key_of)
    with RECORD.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(ordered)
    PAGE.write_text(page(ordered), encoding="utf-8")


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """The page of the docs: how many faults of each area were noticed and by what, how many were not, and what those are."""
    areas: dict[str, Counter[str]] = defaultdict(Counter)
    groups: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in rows:
        if (kind := _kind(row)) != INVALID:
            areas[row["area"]][kind] += 1
            areas["**all**"][kind] += 1
            groups[kind].append(row)
    lines = [PAGE_BEGINS]
    for area in sorted(areas, key=lambda name: (name == "**all**", name)):
        counts = areas[area]
        shown = (sum(counts.values()), *(counts[name] for name in ("unit", "data", SEEN, TESTED, "equivalent", UNSEEN)))
        lines.append(f"| {area} | {' | '.join(map(str, shown))} | {_kill_rate(counts)} |")
    lines.append(PAGE_ENDS)
    for title, kind in (("By another test", TESTED), ("Equivalent", "equivalent"), ("Unseen", UNSEEN)):
        lines += ["", f"## {title}", ""]
        for row in groups[kind]:
            why = f": {row['reason']}" if row["reason"] else ""
            lines.append(f"- `{row['file']}`, {row['rule']}, `{row['text']}`{why}")
        if not groups[kind]:
            lines.append("None.")
    return "\n".join(lines) + "\n"


def _kind(row: Mapping[str, str]) -> str:
    """The column of the page: a stopped fault by its test, an unseen one that a reason excuses is equivalent."""
    if row["outcome"] == STOPPED:
        return "unit" if row["test"].startswith("unit test ") else "data"
    if row["outcome"] == UNSEEN and row["reason"] and not NAMED_TEST.search(row["reason"]):
        return "equivalent"
    return row["outcome"]


def _kill_rate(counts: Mapping[str, int]) -> str:
    """Of the faults that are not equivalent, the percentage that a test noticed."""
    killed = sum(counts[name] for name in ("unit", "data", SEEN, TESTED))
    faults = killed + counts[UNSEEN]
    return f"{100 * killed // faults} %" if faults else ""


PAGE_BEGINS = """# Planted faults

For readers who ask how much the tests see. Words: [glossary](glossary.md).

`make mutants COUNT=40` plants faults by rule into copies of the project, one each: `<` for `<=`, a missing condition, the wrong
join, a window in another order, a seed's number one higher (`dev/mutants.py` has the rules). A fault after which the SQL cannot
be read is not counted: the database would refuse it without any test. The figures are of all faults judged so far, drawn evenly
from the areas.

The rules make some 3,700 faults, 1,990 of them in `models/intermediate` and 812 in `models/marts`. A sample that is even over the
areas tries each kind of file, and few of those two: all 31 judged there that change anything are noticed, so up to a tenth of the
others may go unseen (95 %). Where a fault was unseen a test was written: the rate is that of the faults judged, and
`make mutants` judges more.

- **Unit test**: a unit test of dbt is the first to fail. `make test` and `dbt build` run those; `make build` leaves them out, as
  they test the models and not the data.
- **Data test**: a data test, a contract or a model's own check is the first to fail: `make build` publishes nothing either.
- **Golden values**: `tests/python/test_golden.py` names the tables and columns of the demo that have changed.
- **Another test**: no value of the demo differs, and a Python test with data of its own fails: it was run with the fault planted
  (`python -m dev.mutants --prove`). The list below names it.
- **Equivalent**: the fault changes nothing that is published, whatever the data. The list below says why.
- **Unseen**: no test is known that sees it, or the test that the list below names has not been run with the fault planted.

**Killed** is the percentage, rounded down, of the faults that are not equivalent that any of the tests notices.

| area | faults | unit test | data test | golden values | another test | equivalent | unseen | killed |
|---|---|---|---|---|---|---|---|---|"""

PAGE_ENDS = """
Each fault is judged by building again the models of the changed file and what reads a value that has changed, not the whole demo
([D-230](../DECISIONS.md#d-230)). `make test-mutants COUNT=6` plants some of the noticed ones again, others after each change of
the code, and names recorded faults whose line has gone.

## Seeds

A threshold, a channel rule or a status is a setting of the user's. No data test or unit test holds its value, since a user who
changes it would then fail a test of ours ([D-232](../DECISIONS.md#d-232)). Data tests hold what must be true of any setting: no
value is missing, names are known, no rule stands twice, no priority is given twice. In this repository the golden values hold
the seeds that we ship: a row that changes by accident is seen by what it does to the demo, and each channel rule decides an
example of `tests/python/cases/test_channels_naively.py`. A change of the seed's own table alone does not count here."""
