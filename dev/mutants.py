"""``mutants``: plant faults into copies of the project, one each, and see which tests of a build stop it.

Faults are made by rule (``RULES``) at every place of models, macros and seeds where a rule applies; a sample is drawn evenly
over the areas (folders). Each build begins with the finished warehouse of the demo and builds anew the models of the changed
file and, where a value of theirs is another, whatever reads those, with every data test and unit test, until the first one
fails: a user's build stops there. Others change a value of the demo, which test_golden.py sees (dev/golden.py). A fault after
which every table of ``staging``, ``marts`` and ``quality`` is the same is counted apart: it is equivalent, or the demo has no
row that shows it.

What came of each is kept in ``tests/fixtures/mutants.csv``, where a column says why an unseen fault changes nothing or which
other test sees it, and docs/planted_faults.md is made from it. ``--count 40`` judges forty more, ``--unseen`` again those that
no test saw, ``--again 6`` six that were stopped or seen, which must be so still.

Source of the method: DeMillo, Lipton and Sayward, Hints on Test Data Selection, 1978.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import io
import random
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dev.golden import PUBLISHED, Golden, differences, fingerprints
from dev.project_copy import copy_of_project
from lifecycle_tools.build import PROJECT_DIR, run_dbt

# name, what it finds in a line of SQL, what stands there instead
RULES: tuple[tuple[str, str, str], ...] = (
    ("< for <=", r"(?<=[\w)}] )<=(?= )", "<"),
    ("<= for <", r"(?<=[\w)}] )<(?= )", "<="),
    ("> for >=", r"(?<=[\w)}] )>=(?= )", ">"),
    (">= for >", r"(?<=[\w)}] )>(?= )", ">="),
    ("= for <>", r"(?<= )<>(?= )", "="),
    ("inner for left join", r"\bleft join\b", "inner join"),
    ("left for inner join", r"\binner join\b", "left join"),
    ("a condition is missing", r"^(\s*)and (?!.*(?:\bcase\b|\bbetween\b)).*[^(,]$", r"\1"),
    ("a filter is missing", r"\bwhere (?=\S)(?!.*\()(.+)$", "where true"),
    ("max for min", r"\bmin\(", "max("),
    ("min for max", r"\bmax\(", "min("),
    ("count for sum", r"\bsum\((?!case)", "count("),
    ("all for distinct ones", r"\bcount\(distinct ", "count("),
    ("null for not null", r"\bis not null\b", "is null"),
    ("in for not in", r"\bnot in \(", "in ("),
    ("or for and", r"(?<=\S) and (?=\S)", " or "),
    ("one more", r"(?<= [+-] )1\b", "2"),
    ("none more", r" \+ 1\b", ""),
    ("the last for the first", r"\blag\(", "lead("),
    ("the first for the last", r"\blead\(", "lag("),
    ("descending order", r"\border by (\w+(?:\.\w+)?)(?= *\))", r"order by \1 desc"),
    ("no default", r"\bcoalesce\(([\w.]+), [\w.']+\)", r"\1"),
    ("rows twice", r"^(\s*)select distinct\b", r"\1select"),
    ("in the wrong zone", r"\butc_to_local\(('?[\w.]+'?), [^)]*\)", r"\1"),
    ("a day more", r"\badd_days\(('[\w.]+'), (\w+|'\w+')\)", r"add_days(\1, 1)"),
    ("another denominator", r"\bratio_of\(('[\w.]+'), ('[\w.]+')\)", r"ratio_of(\2, \1)"),
)
# What only tests, loads, asks or speaks: no rule of the warehouse stands there.
NO_RULES = r"macros/(tests|seeds|raw|semantic_layer|value)/|macros/\w+[.]sql"
OF_ANOTHER_ENGINE = re.compile(r"\{% macro (?:postgres|spark|databricks|bigquery|snowflake|redshift|trino)__")
NOT_CODE = re.compile(r"^\s*(--|\{#|\{%|\{\{ config)")
RECORD = PROJECT_DIR / "tests" / "fixtures" / "mutants.csv"
COLUMNS = ("area", "file", "rule", "text", "place", "outcome", "test", "reason")
PAGE = PROJECT_DIR / "docs" / "planted_faults.md"
WAREHOUSE = "warehouse.duckdb"
SCHEMAS = (*PUBLISHED, "intermediate")
# Of this process, once it has begun (_begin): its copy of the project, and what is built of the demo without a fault.
WORKSHOP, BUILT = Path(), {}
SEEDS = (
    "lifecycle_thresholds",
    "order_statuses",
    "event_types",
    "channel_rules",
    "exchange_rates",
    "subscription_statuses",
)


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
    def key(self) -> tuple[str, str, str, str]:
        """What it is known by when lines have moved."""
        return self.file, self.rule, self.text, str(self.place)


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: ``stopped`` or ``seen`` by ``test``, or ``unseen``."""

    mutant: Mutant
    outcome: str
    test: str = ""


def mutants(project: Path = PROJECT_DIR) -> list[Mutant]:
    """Every fault that the rules make, in the order of files and lines."""
    found: list[Mutant] = []
    for folder in ("models", "macros"):
        for path in sorted((project / folder).rglob("*.sql")):
            if not re.search(NO_RULES, path.as_posix()):
                found += _of_sql(path, project)
    for seed in SEEDS:
        found += _of_seed(next((project / "seeds").rglob(f"{seed}.csv")), project)
    times: Counter[tuple[str, ...]] = Counter()
    placed = []
    for mutant in found:
        times[mutant.key] += 1
        placed.append(replace(mutant, place=times[mutant.key]))
    return placed


def _of_sql(path: Path, project: Path) -> Iterator[Mutant]:
    lines = path.read_text().splitlines(keepends=True)
    file = path.relative_to(project).as_posix()
    is_comment = is_elsewhere = False
    for number, line in enumerate(lines):
        is_comment = is_comment or "{#" in line
        is_elsewhere = bool(OF_ANOTHER_ENGINE.search(line)) or (is_elsewhere and "{% macro" not in line)
        if is_comment or is_elsewhere or NOT_CODE.match(line):
            is_comment = is_comment and "#}" not in line
            continue
        code = line.rstrip("\n").partition(" -- ")[0]
        for name, pattern, instead in RULES:
            for match in re.finditer(pattern, code):
                changed = code[: match.start()] + match.expand(instead) + code[match.end() :]
                after = "".join([*lines[:number], changed + "\n", *lines[number + 1 :]])
                yield Mutant("/".join(file.split("/")[:3][:-1]), name, file, number + 1, line.strip(), after)


def _of_seed(path: Path, project: Path) -> Iterator[Mutant]:
    """Each number one more, and each row missing."""
    rows = list(csv.reader(io.StringIO(path.read_text())))
    file = path.relative_to(project).as_posix()
    for number in range(1, len(rows)):
        text = ",".join(rows[number])
        yield Mutant("seeds", "a row is missing", file, number + 1, text, _as_csv(rows[:number] + rows[number + 1 :]))
        for place, value in enumerate(rows[number]):
            if value.isdigit():
                row = [*rows[number][:place], str(int(value) + 1), *rows[number][place + 1 :]]
                after = _as_csv([*rows[:number], row, *rows[number + 1 :]])
                yield Mutant("seeds", f"{rows[0][place]} is one more", file, number + 1, text, after)


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def sample(found: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """``count`` of them, drawn in turn from each area so that small areas are tried as often as large ones."""
    random_ = random.Random(seed)
    by_area: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in found:
        by_area[mutant.area].append(mutant)
    for group in by_area.values():
        random_.shuffle(group)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(by_area.values()):
        drawn += [group.pop() for group in by_area.values() if group]
    return drawn[:count]


def _begin(original: Path) -> None:
    """Give this process a copy of the finished project: dbt reads the same path each time, and so only what has changed."""
    global WORKSHOP, BUILT
    WORKSHOP = Path(tempfile.mkdtemp(prefix="mutants_")) / "project"
    copy_of_project(WORKSHOP)
    BUILT = fingerprints(original / WAREHOUSE, SCHEMAS)
    atexit.register(shutil.rmtree, WORKSHOP.parent, ignore_errors=True)


def judge(mutant: Mutant, original: Path, selected: Sequence[str]) -> Verdict:
    """Build this process's copy of the project ``original`` with the fault, and compare what it publishes.

    ``selected``: the models and seeds that the file is part of. They are built anew, and what reads those that have changed.
    """
    file = WORKSHOP / mutant.file
    before = file.read_text()
    shutil.copy(original / WAREHOUSE, WORKSHOP / WAREHOUSE)
    file.write_text(mutant.after)
    try:
        problems = build(WORKSHOP, selected)
        changed = [] if problems else _changed(selected)
        if changed:
            problems = build(WORKSHOP, [f"{table}+" for table in changed])
    finally:
        file.write_text(before)
    if problems:
        return Verdict(mutant, "stopped", _plain(problems[0]))
    seen = differences(_published(fingerprints(WORKSHOP / WAREHOUSE)), _published(BUILT)) if changed else []
    return Verdict(mutant, "seen", f"test_golden: {seen[0]}") if seen else Verdict(mutant, "unseen")


def _changed(tables: Sequence[str]) -> list[str]:
    """Which of these tables are not what they are without a fault."""
    built = {key: found for key, found in BUILT.items() if key[0].partition(".")[2] in tables}
    found = differences(fingerprints(WORKSHOP / WAREHOUSE, SCHEMAS, only=tables), built)
    return [line.partition(":")[0].partition(".")[2] for line in found]


def _published(tables: Golden) -> Golden:
    return {key: found for key, found in tables.items() if key[0].partition(".")[0] in PUBLISHED}


def _plain(problem: str) -> str:
    """The name of the test or model, without the rest of its unique id, and what it says."""
    name, _, text = problem.partition(":")
    return f"{'.'.join(name.split('.')[2:3]) or name}:{re.sub(chr(27) + '[^m]*m', '', text)}"


def build(project: Path, selected: Sequence[str] = ()) -> list[str]:
    """Build the demo in ``project`` until the first failure, all of it or what is selected; what failed, or nothing."""
    arguments = ["build", "--fail-fast", "--full-refresh", *(["--select", *selected] if selected else [])]
    result = run_dbt(arguments, **_settings(project))
    return list(result.problems) or ["the build failed without a word"] if not result.success else []


def _settings(project: Path) -> dict[str, Any]:
    return {
        "project_dir": project,
        "raw_data_dir": PROJECT_DIR / "seeds" / "demo",
        "warehouse_path": project / WAREHOUSE,
        "dbt_target_path": project / "target",
        "dbt_log_path": project / "logs",
        "dbt_threads": "1",
        "dbt_write_json": "false",
        "build_started_at": "2030-01-01T00:00:00+00:00",
    }


def _parts(manifest: Any) -> dict[str, list[str]]:
    """The models and seeds that each file is part of: a macro's are those that call it, at any depth."""
    parts: dict[str, list[str]] = defaultdict(list)
    files = {name: macro.original_file_path for name, macro in manifest.macros.items()}
    called: dict[str, set[str]] = {}

    def below(name: str) -> set[str]:
        if name not in called:
            called[name] = {name}
            for other in manifest.macros[name].depends_on.macros if name in manifest.macros else ():
                called[name] |= below(other)
        return called[name]

    for node in manifest.nodes.values():
        if node.resource_type in ("model", "seed"):
            parts[node.original_file_path].append(node.name)
            macros = (
                set().union(*(below(name) for name in node.depends_on.macros)) if node.resource_type == "model" else ()
            )
            for file in {files[name] for name in macros if name in files}:
                parts[file].append(node.name)
    return parts


def record(verdicts: Sequence[Verdict], plantable: Container[tuple[str, str, str, str]]) -> None:
    """Add verdicts to the record, in the place of earlier ones on the same fault; reasons stay.

    Rows whose fault is not ``plantable`` any more, as its line has gone, are dropped.
    """
    rows = {key: row for row in recorded() if (key := _key(row)) in plantable}
    for verdict in verdicts:
        mutant = verdict.mutant
        reason = rows.get(mutant.key, {}).get("reason", "")
        values = (mutant.area, *mutant.key, verdict.outcome, verdict.test[:160].strip(), reason)
        rows[mutant.key] = dict(zip(COLUMNS, values, strict=True))
    with RECORD.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[key] for key in sorted(rows))
    PAGE.write_text(page(list(rows.values())), encoding="utf-8")


def recorded() -> list[dict[str, str]]:
    """The rows of the record."""
    if not RECORD.exists():
        return []
    with RECORD.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _key(row: Mapping[str, str]) -> tuple[str, str, str, str]:
    return row["file"], row["rule"], row["text"], row["place"]


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """The page of the docs: how many faults of each area were stopped, seen and not seen, and what those are."""
    areas: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        outcome = "explained" if row["outcome"] == "unseen" and row["reason"] else row["outcome"]
        areas[row["area"]][outcome] += 1
        areas["**all**"][outcome] += 1
    lines = [PAGE_BEGINS]
    for area in sorted(areas, key=lambda name: (name == "**all**", name)):
        counts = areas[area]
        shown = (sum(counts.values()), *(counts[name] for name in ("stopped", "seen", "explained", "unseen")))
        lines.append(f"| {area} | {' | '.join(map(str, shown))} |")
    for title, is_shown in (("Explained", True), ("Unseen", False)):
        lines += ["", f"## {title}", ""]
        for row in rows:
            if row["outcome"] == "unseen" and bool(row["reason"]) == is_shown:
                why = f": {row['reason']}" if is_shown else ""
                lines.append(f"- `{row['file']}`, {row['rule']}, `{row['text']}`{why}")
    return "\n".join(lines) + "\n"


PAGE_BEGINS = """# Planted faults

For readers who ask how much the tests see. Words: [glossary](glossary.md).

`make mutants COUNT=40` plants faults by rule into copies of the project, one each: `<` for `<=`, a missing condition, the wrong
join, a window in another order, a seed's number one higher (`dev/mutants.py` has the rules). The figures below are of all faults
judged so far.

- **Stopped by the build**: a data test or unit test of dbt fails, so that `make build` publishes nothing.
- **Seen**: the build passes, and `tests/python/test_golden.py` names the tables and columns of the demo that have changed.
- **Explained**: no value of the demo differs. The list below says why the fault changes nothing, or which other test sees it.
- **Unseen**: no value of the demo differs, and nothing is known that would see it: a missing row in the demo or a missing test.

| area | faults | stopped by the build | seen | explained | unseen |
|---|---|---|---|---|---|"""


def main(argv: Sequence[str] | None = None) -> int:
    """Judge faults and record what came of them; return 0, or with ``--again`` 1 when one is no longer stopped or seen."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=120, help="how many faults (default 120)")
    parser.add_argument("--again", type=int, help="judge so many faults of the record that were stopped or seen")
    parser.add_argument(
        "--unseen", action="store_true", help="judge again what no test saw, and no reason is given for"
    )
    parser.add_argument("--seed", type=int, default=1, help="which ones (default 1)")
    parser.add_argument("--processes", type=int, default=2, help="how many at the same time (default 2)")
    options = parser.parse_args(argv)
    outcomes = {_key(row): row["outcome"] for row in recorded()}
    with tempfile.TemporaryDirectory(prefix="original_") as scratch:
        original = Path(scratch) / "project"
        copy_of_project(original)
        if problems := build(original):
            print(f"The project itself does not build: {problems[0]}", file=sys.stderr)
            return 1
        parts = _parts(run_dbt(["parse"], **_settings(original)).manifest)
        made = [each for each in mutants() if parts[each.file]]
        plantable = {each.key for each in made}
        if options.again:
            drawn = sample(
                [each for each in made if outcomes.get(each.key, "unseen") != "unseen"], options.again, options.seed
            )
        elif options.unseen:
            open_questions = {_key(row) for row in recorded() if row["outcome"] == "unseen" and not row["reason"]}
            drawn = [each for each in made if each.key in open_questions]
        else:
            drawn = sample([each for each in made if each.key not in outcomes], options.count, options.seed)
        verdicts = []
        with ProcessPoolExecutor(options.processes, get_context("spawn"), _begin, (original,)) as pool:
            judged = [pool.submit(judge, each, original, parts[each.file]) for each in drawn]
            for verdict in (each.result() for each in as_completed(judged)):
                verdicts.append(verdict)
                print(f"{verdict.outcome:<7} {verdict.mutant.name}  {verdict.test[:160]}", flush=True)
                if not options.again:
                    record([verdict], plantable)
    lost = [verdict.mutant.name for verdict in verdicts if options.again and verdict.outcome == "unseen"]
    if lost:
        print("No test sees what was stopped or seen before:\n" + "\n".join(lost), file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
