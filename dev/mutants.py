"""``mutants``: plant faults into copies of the project, one each, and see which tests notice.

Faults are made by rule (``RULES``) at every place of models, macros and seeds where a rule applies; a sample is drawn evenly
over the areas (folders). Each build begins with the finished warehouse of the demo and builds anew the models of the changed
file and, where a value of theirs is another, whatever reads those, with every data test and unit test, until the first one
fails. ``--whole`` builds everything instead, which takes minutes and must come to the same. Others change a value of the demo,
which test_golden.py sees (dev/golden.py). A fault after which every table of ``staging``, ``marts`` and ``quality`` is the same
is counted apart: it is equivalent, or another test has data that show it. A fault after which the SQL cannot be read is none:
no test had to notice.

What came of each is kept in ``tests/fixtures/mutants.csv`` (dev/mutant_record.py), where reasons are written by hand, and
docs/planted_faults.md is made from it. ``--count 40`` judges forty more, ``--unseen`` again those that no test saw and no reason
excuses, ``--prove`` runs the tests that reasons name, with the faults planted, ``--again 6`` judges six that were stopped or
seen, which must be so still.

Source of the method: DeMillo, Lipton and Sayward, Hints on Test Data Selection, 1978.
"""

from __future__ import annotations

import argparse
import atexit
import csv
import io
import itertools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from dev.golden import PUBLISHED, Golden, differences, fingerprints
from dev.mutant_record import (
    INVALID,
    NAMED_TEST,
    SEEN,
    STOPPED,
    TESTED,
    UNSEEN,
    Mutant,
    Verdict,
    drop_those_without_a_line,
    key_of,
    record,
    recorded,
    without_a_line,
)
from dev.project_copy import READ_BY_TESTS, copy_of_project
from lifecycle_tools.build import PROJECT_DIR, BuildResult, run_dbt

# name, what it finds in a line of SQL, what stands there instead
RULES: tuple[tuple[str, str, str], ...] = (
    ("< for <=", r"(?<=[\w)}] )<=(?= )", "<"),
    ("<= for <", r"(?<=[\w)}] )<(?= )", "<="),
    ("> for >=", r"(?<=[\w)}] )>=(?= )", ">"),
    (">= for >", r"(?<=[\w)}] )>(?= )", ">="),
    ("= for <>", r"(?<= )<>(?= )", "="),
    ("inner for left join", r"\bleft join\b", "inner join"),
    ("left for inner join", r"\binner join\b", "left join"),
    ("a condition is missing", r"^(\s*)and (?!.*(?:\bcase\b|\bbetween\b|\bas \w+$)).*[^(,]$", r"\1"),
    ("a filter is missing", r"\bwhere (?=\S)(?!.*[(~])((?:[^'\"]|'[^']*')+)$", "where true"),
    ("max for min", r"\bmin\(", "max("),
    ("min for max", r"\bmax\(", "min("),
    ("count for sum", r"\bsum\((?!case)", "count("),
    ("all for distinct ones", r"\bcount\(distinct ", "count("),
    ("null for not null", r"\bis not null\b", "is null"),
    ("in for not in", r"\bnot in \(", "in ("),
    ("or for and", r"(?<=\S) and (?=\S)(?<!preceding and )(?<!following and )", " or "),
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
# What dbt and the database say of SQL that cannot be read.
NO_SQL = re.compile(r"(?:Binder|Parser|Catalog) Error|Invalid column name: '\w+' in unit test fixture")
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
    """Each number one more, and each row missing; a rule of a priority comes after the next one."""
    rows = list(csv.reader(io.StringIO(path.read_text())))
    file = path.relative_to(project).as_posix()
    for number in range(1, len(rows)):
        text = ",".join(rows[number])
        yield Mutant("seeds", "a row is missing", file, number + 1, text, _as_csv(rows[:number] + rows[number + 1 :]))
        for place, value in enumerate(rows[number]):
            if value.isdigit() and rows[0][place] != "priority":
                name, instead = f"{rows[0][place]} is one more", str(int(value) + 1)
            elif value.isdigit() and number + 1 < len(rows):
                name, instead = "the next rule comes first", str(int(rows[number + 1][place]) + 1)
            else:
                continue
            row = [*rows[number][:place], instead, *rows[number][place + 1 :]]
            yield Mutant("seeds", name, file, number + 1, text, _as_csv([*rows[:number], row, *rows[number + 1 :]]))


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def sample(found: Sequence[Mutant], seed: int) -> Iterator[Mutant]:
    """All of them, in turn from each area, in any order, so that small areas are tried as often as large ones."""
    random_ = random.Random(seed)
    by_area: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in found:
        by_area[mutant.area].append(mutant)
    groups = list(by_area.values())
    random_.shuffle(groups)
    for group in groups:
        random_.shuffle(group)
    for turn in itertools.zip_longest(*groups):
        yield from (mutant for mutant in turn if mutant)


def _begin(original: Path) -> None:
    """Give this process a copy of the finished project: dbt reads the same path each time, and so only what has changed."""
    global WORKSHOP, BUILT
    WORKSHOP = Path(tempfile.mkdtemp(prefix="mutants_")) / "project"
    copy_of_project(WORKSHOP)
    BUILT = fingerprints(original / WAREHOUSE, SCHEMAS)
    atexit.register(shutil.rmtree, WORKSHOP.parent, ignore_errors=True)


def judge(mutant: Mutant, original: Path, selected: Sequence[str], is_whole: bool = False) -> Verdict:
    """Build this process's copy of the project ``original`` with the fault, and compare what it publishes.

    ``selected``: the models and seeds that the file is part of. They are built anew, and what reads those that have changed;
    or everything, if ``is_whole``.
    """
    file = WORKSHOP / mutant.file
    before = file.read_text()
    shutil.copy(original / WAREHOUSE, WORKSHOP / WAREHOUSE)
    file.write_text(mutant.after)
    try:
        result = build(WORKSHOP, () if is_whole else selected)
        changed = _changed(selected) if result.success and not is_whole else []
        if changed:
            result = build(WORKSHOP, [f"{table}+" for table in changed])
    finally:
        file.write_text(before)
    if not result.success:
        failure = _failure(result)
        return Verdict(mutant, INVALID if NO_SQL.search(failure) or not result.outcomes else STOPPED, failure)
    if not changed and not is_whole:
        return Verdict(mutant, UNSEEN)
    seen = differences(_published(fingerprints(WORKSHOP / WAREHOUSE)), _published(BUILT))
    seen = [
        line
        for line in seen
        if line.partition(":")[0].partition(".")[2] != Path(mutant.file).stem or file.suffix == ".sql"
    ]
    return Verdict(mutant, SEEN, f"test_golden: {seen[0]}") if seen else Verdict(mutant, UNSEEN)


def _changed(tables: Sequence[str]) -> list[str]:
    """Which of these tables are not what they are without a fault."""
    if unread := set(tables) - {key[0].partition(".")[2] for key in BUILT}:
        raise RuntimeError(
            f"{', '.join(unread)} is in none of the schemas that are compared: add its schema to SCHEMAS."
        )
    built = {key: found for key, found in BUILT.items() if key[0].partition(".")[2] in tables}
    found = differences(fingerprints(WORKSHOP / WAREHOUSE, SCHEMAS, only=tables), built)
    return [line.partition(":")[0].partition(".")[2] for line in found]


def _published(tables: Golden) -> Golden:
    return {key: found for key, found in tables.items() if key[0].partition(".")[0] in PUBLISHED}


def _failure(result: BuildResult) -> str:
    """The first test or model that failed, and what it says."""
    failed = [each for each in result.outcomes if each.status in ("error", "fail", "runtime error")]
    kinds = {"test": "data test", "unit_test": "unit test"}
    named = [f"{kinds.get(each.kind, each.kind)} {each.name}: {each.message}" for each in failed[:1]]
    return re.sub(chr(27) + "[^m]*m", "", (named or list(result.problems) or ["the build failed without a word"])[0])


def build(project: Path, selected: Sequence[str] = ()) -> BuildResult:
    """Build the demo in ``project`` until the first failure, all of it or what is selected."""
    arguments = ["build", "--fail-fast", "--full-refresh", *(["--select", *selected] if selected else [])]
    return run_dbt(arguments, **_settings(project))


def _settings(project: Path) -> dict[str, Any]:
    return {
        "project_dir": project,
        "raw_data_dir": PROJECT_DIR / "seeds" / "demo",
        "warehouse_path": project / WAREHOUSE,
        "dbt_target_path": project / "target",
        "dbt_log_path": project / "logs",
        "dbt_threads": "1",
        "duckdb_memory_limit": "2GB",  # enough for the demo; a recursion that has no end comes to one
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


def prove(mutant: Mutant, test: str, copy: Path) -> Verdict:
    """Run the Python test ``test``, which passes by itself, in ``copy`` of the project with the fault: it must fail."""
    file = copy / mutant.file
    before = file.read_text()
    file.write_text(mutant.after)
    try:
        code, output = _pytest(copy, test)
    finally:
        file.write_text(before)
    if code == 1:  # tests ran, and one failed
        return Verdict(mutant, INVALID if NO_SQL.search(output) else TESTED, test)
    return Verdict(mutant, UNSEEN, f"{test} passes" if code == 0 else f"{test} cannot be run")


def _pytest(project: Path, *tests: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def _proofs(made: Sequence[Mutant]) -> Iterator[Verdict]:
    """Of each recorded fault whose reason names a test, what that test says of it."""
    named = {key_of(row): found[0] for row in recorded() if (found := NAMED_TEST.search(row["reason"]))}
    tests = {mutant: named[mutant.key] for mutant in made if mutant.key in named}
    with tempfile.TemporaryDirectory(prefix="proofs_") as scratch:
        copy = copy_of_project(Path(scratch) / "project", READ_BY_TESTS)
        code, output = _pytest(copy, *sorted(set(tests.values()))) if tests else (0, "")
        if code:
            raise SystemExit(f"A test fails without any fault: mend it first.\n{output[-2000:]}")
        yield from (prove(mutant, test, copy) for mutant, test in tests.items())


def _judged(submit: Callable[[Mutant], Future], drawn: Iterator[Mutant], count: int) -> Iterator[Verdict]:
    """Verdicts on ``count`` faults, and on another one for each that turns out to be none."""
    pending = {submit(each) for each in itertools.islice(drawn, count)}
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        for verdict in (future.result() for future in done):
            if verdict.outcome == INVALID and (another := next(drawn, None)):
                pending.add(submit(another))
            yield verdict


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument(
        "--count", type=int, default=120, help="how many new faults (default 120); 0: drop those without a line"
    )
    parser.add_argument("--again", type=int, help="judge so many faults of the record that were stopped or seen")
    parser.add_argument("--whole", type=int, help="judge so many faults of the record by building everything")
    parser.add_argument("--unseen", action="store_true", help="judge again what no test saw")
    parser.add_argument(
        "--prove", action="store_true", help="run the tests that reasons name, with their faults planted"
    )
    parser.add_argument("--file", default="", help="only faults of files whose path this regular expression finds")
    parser.add_argument("--seed", type=int, help="which ones (default: others after each change of the code)")
    parser.add_argument("--processes", type=int, default=2, help="how many at the same time (default 2)")
    return parser.parse_args(argv)


def _asked_for(options: argparse.Namespace, made: Sequence[Mutant]) -> tuple[list[Mutant], int]:
    """The faults that may be judged, and how many of them shall be."""
    rows = {key_of(row): row for row in recorded()}
    noticed = [each for each in made if each.key in rows and rows[each.key]["outcome"] in (STOPPED, SEEN)]
    unseen = [each for each in made if each.key in rows and rows[each.key]["outcome"] == UNSEEN]
    if options.again is not None:
        return noticed, options.again
    if options.whole is not None:
        return noticed + unseen, options.whole
    if options.unseen:
        open_questions = [each for each in unseen if not rows[each.key]["reason"]]
        return open_questions, len(open_questions)
    return [each for each in made if each.key not in rows], options.count


def main(argv: Sequence[str] | None = None) -> int:
    """Judge faults and record what came of them; with ``--again`` and ``--whole`` return 1 when something else came of one."""
    options = _options(argv)
    made = mutants()
    is_checked = options.again is not None or options.whole is not None
    for line in without_a_line({each.key for each in made}):
        print(line, flush=True)
    if not is_checked:
        drop_those_without_a_line({each.key for each in made})
    # what is drawn with one state of the code is drawn with it again, but other faults with the next state
    seed = zlib.crc32("".join(each.after for each in made).encode()) if options.seed is None else options.seed
    made = [each for each in made if re.search(options.file, each.file)]
    if options.prove:
        return _prove_all(made)
    found, count = _asked_for(options, made)
    return _judge_all(found, count, seed, options, is_checked) if count else 0


def _prove_all(made: Sequence[Mutant]) -> int:
    outcomes = []
    for verdict in _proofs(made):
        print(_line(verdict), flush=True)
        record([verdict])
        outcomes.append(verdict.outcome)
    return int(UNSEEN in outcomes)


def _judge_all(found: Sequence[Mutant], count: int, seed: int, options: argparse.Namespace, is_checked: bool) -> int:
    outcomes = {key_of(row): row["outcome"] for row in recorded()}
    is_whole, others = options.whole is not None, []
    with tempfile.TemporaryDirectory(prefix="original_") as scratch:
        original = copy_of_project(Path(scratch) / "project")
        if not (built := build(original)).success:
            print(f"The project itself does not build: {_failure(built)}", file=sys.stderr)
            return 1
        parts = _parts(run_dbt(["parse"], **_settings(original)).manifest)
        drawn = sample([each for each in found if parts[each.file]], seed)
        with ProcessPoolExecutor(options.processes, get_context("spawn"), _begin, (original,)) as pool:
            for verdict in _judged(
                lambda each: pool.submit(judge, each, original, parts[each.file], is_whole), drawn, count
            ):
                print(_line(verdict), flush=True)
                if not is_checked:
                    record([verdict])
                elif verdict.outcome not in ((outcomes[verdict.mutant.key],) if is_whole else (STOPPED, SEEN)):
                    others.append(f"{verdict.mutant.name} was {outcomes[verdict.mutant.key]} and is {verdict.outcome}")
    if others:
        print("Something else came of a fault than is recorded:\n" + "\n".join(others), file=sys.stderr)
    return 1 if others else 0


def _line(verdict: Verdict) -> str:
    return f"{verdict.outcome:<7} {verdict.mutant.name}  {verdict.test[:160]}"


if __name__ == "__main__":
    sys.exit(main())
