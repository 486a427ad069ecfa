"""``mutants``: plant faults into copies of the project, one each, and see which tests of a build stop it.

Faults are made by rule (``RULES``) at every place of models, macros and seeds where a rule applies; a sample is drawn evenly
over the areas (folders). Each copy begins with the finished warehouse of the demo and builds anew what reads the changed file,
with every data test and unit test, until the first one fails. A fault after which every table of ``marts`` and ``quality`` is
the same, row for row, is counted apart: it is equivalent, or the demo has no row that shows it.

Source of the method: DeMillo, Lipton and Sayward, Hints on Test Data Selection, 1978.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

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
WAREHOUSE = "warehouse.duckdb"
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
    """One planted fault: ``file`` below the project, ``line`` (from 1) and its ``text`` before, and the whole file ``after``."""

    area: str
    rule: str
    file: str
    line: int
    text: str
    after: str

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.file}:{self.line} {self.rule}"


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: ``killed`` by ``test``, ``unseen`` where no published row differs, or ``survived``."""

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
    return found


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


def judge(mutant: Mutant, original: Path, selected: Sequence[str]) -> Verdict:
    """Build a copy of the project ``original`` with the fault, in a process of its own, and compare what it publishes.

    ``selected``: the models and seeds that the file is part of; they and whatever reads them are built anew.
    """
    with tempfile.TemporaryDirectory(prefix="mutant_") as scratch:
        project = Path(scratch) / "project"
        copy_of_project(project)
        (project / mutant.file).write_text(mutant.after)
        shutil.copy(original / WAREHOUSE, project / WAREHOUSE)
        command = [sys.executable, "-m", "dev.mutants", "--build", str(project), *(f"{name}+" for name in selected)]
        said = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False).stdout
        problems = json.loads(said.splitlines()[-1]) if said.strip() else ["the build ended without a word"]
        if problems:
            return Verdict(mutant, "killed", problems[0])
        return Verdict(mutant, "survived" if _different(project / WAREHOUSE, original / WAREHOUSE) else "unseen")


def build(project: Path, selected: Sequence[str] = ()) -> list[str]:
    """Build the demo in ``project`` until the first failure, all of it or what is selected; what failed, or nothing."""
    arguments = ["build", "--fail-fast", "--full-refresh", *(["--select", *selected] if selected else [])]
    result = run_dbt(arguments, **_settings(project))
    return list(result.problems) if not result.success else []


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


def _different(path: Path, original: Path) -> list[str]:
    """The tables of marts and quality that are not the same, row for row."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as mutated (read_only); attach '{original}' as original (read_only)")
        query = """
            select schema_name || '.' || table_name from duckdb_tables()
            where database_name = 'original' and schema_name in ('marts', 'quality')
        """
        tables = [table for (table,) in connection.execute(query).fetchall()]
        return [
            table
            for table in tables
            if connection.execute(
                f"select count(*) from ((from original.{table} except all from mutated.{table}) union all "
                f"(from mutated.{table} except all from original.{table}))"
            ).fetchone()
            != (0,)
        ]


def report(verdicts: Sequence[Verdict]) -> str:
    """The table of docs/mutants.md: by area, and each fault that no test of a build stops."""
    areas: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        areas[verdict.mutant.area][verdict.outcome] += 1
        areas["all"][verdict.outcome] += 1
    lines = ["| area | faults | killed | no published row differs | survived |", "|---|---|---|---|---|"]
    for area in sorted(areas, key=lambda name: (name == "all", name)):
        counts = areas[area]
        shown = (sum(counts.values()), counts["killed"], counts["unseen"], counts["survived"])
        lines.append(f"| {area} | {' | '.join(map(str, shown))} |")
    for outcome, title in (("survived", "Survived"), ("unseen", "No published row differs"), ("killed", "Killed")):
        lines += ["", f"## {title}", ""]
        for verdict in sorted(verdicts, key=lambda each: each.mutant.name):
            if verdict.outcome == outcome:
                by = f" by `{verdict.test.partition(':')[0]}`" if verdict.test else ""
                lines.append(f"- `{verdict.mutant.name}`{by}: `{verdict.mutant.text}`")
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Judge a sample; return 0 when no fault survived, else 1."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=120, help="how many faults (default 120)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default 1)")
    parser.add_argument("--processes", type=int, default=2, help="how many at the same time (default 2)")
    parser.add_argument("--out", type=Path, help="write the report there, as Markdown")
    parser.add_argument("--build", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.build:
        project, *selected = options.build
        print(json.dumps(build(Path(project), selected)))
        return 0
    with tempfile.TemporaryDirectory(prefix="original_") as scratch:
        original = Path(scratch) / "project"
        copy_of_project(original)
        if problems := build(original):
            print(f"The project itself does not build: {problems[0]}", file=sys.stderr)
            return 1
        verdicts = []
        parts = _parts(run_dbt(["parse"], **_settings(original)).manifest)
        drawn = sample([each for each in mutants() if parts[each.file]], options.count, options.seed)
        with ThreadPoolExecutor(options.processes) as pool:
            for verdict in pool.map(lambda each: judge(each, original, parts[each.file]), drawn):
                verdicts.append(verdict)
                print(f"{verdict.outcome:<9} {verdict.mutant.name}  {verdict.test[:120]}", flush=True)
    text = report(verdicts)
    print("\n" + text.partition("\n## ")[0])
    if options.out:
        options.out.write_text(text)
    return int(any(verdict.outcome == "survived" for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
