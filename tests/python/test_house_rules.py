"""What the project asks of its own files and neither dbt nor the linters check. Reads files as text; runs no dbt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]

MODEL_FILES = sorted((PROJECT / "models").rglob("*.sql"))
SQL_FILES = (
    MODEL_FILES + sorted((PROJECT / "tests" / "singular").rglob("*.sql")) + sorted(PROJECT.glob("analyses/**/*.sql"))
)
YAML_FILES = [
    path for folder in ("models", "seeds", "tests/singular") for path in sorted((PROJECT / folder).rglob("*.yml"))
]
PORTABLE_MACROS = sorted((PROJECT / "macros" / "cross_db").glob("*.sql"))

LONGEST_LINE = 125
LONGEST_MODEL = 120  # lines with something on them

# The keys that dbt reads; it passes over any other in silence.
_SHARED = {"name", "description", "config", "meta", "docs"}
_COLUMN = _SHARED | {"data_type", "data_tests", "constraints", "tags", "quote", "granularity"}
KNOWN_KEYS = {
    "models": _SHARED
    | {"columns", "data_tests", "constraints", "latest_version", "versions", "access", "group", "time_spine"},
    "seeds": _SHARED | {"columns", "data_tests"},
    "sources": _SHARED | {"database", "schema", "tables", "loader", "freshness", "loaded_at_field", "quoting", "tags"},
    "tables": _SHARED | {"identifier", "columns", "data_tests", "freshness", "loaded_at_field", "quoting", "tags"},
    "columns": _COLUMN,
    "data_test": {"name", "description", "arguments", "config"},
    "unit_tests": {"name", "description", "model", "given", "expect", "overrides", "config", "versions"},
    "given": {"input", "rows", "format", "fixture"},
    "expect": {"rows", "format", "fixture"},
    "overrides": {"macros", "vars", "env_vars"},
    "data_tests": {"name", "description", "config"},  # of a singular test
    "analyses": _SHARED | {"columns"},
    "exposures": _SHARED | {"label", "type", "maturity", "url", "depends_on", "owner", "tags"},
    "macros": _SHARED | {"arguments"},
    "snapshots": _SHARED | {"relation", "columns", "data_tests"},
    "groups": {"name", "owner", "config", "description"},
    # the semantic layer is read by a parser of its own, which knows its keys
    "semantic_models": None,
    "metrics": None,
    "saved_queries": None,
}
KNOWN_CONFIG = {
    "access", "alias", "batch_size", "column_types", "contract", "database", "delimiter", "docs", "enabled",
    "error_if", "event_time", "fail_calc", "freshness", "full_refresh", "group", "incremental_strategy", "indexes", "limit",
    "loaded_at_query", "location", "materialized", "meta", "on_schema_change", "partition_by", "post-hook", "post_hook",
    "pre-hook", "pre_hook", "quote_columns", "schema", "severity", "sql_header", "static_analysis", "store_failures",
    "store_failures_as", "tags", "unique_key", "unlogged", "warn_if", "where",
}  # fmt: skip

# What only DuckDB understands, among what models have been seen to borrow from it.
DUCKDB_ONLY = {
    "qualify": r"\bqualify\b",
    "a cast by ::": r"::",
    "select * exclude": r"\bexclude\b",
    "list functions": r"\blist_\w+\s*\(|\blist\s*\(",
    "struct functions": r"\bstruct_\w+\s*\(",
    "group by all": r"\b(?:group|order)\s+by\s+all\b",
}


def _in_project(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _sql_of(path: Path) -> str:
    """The SQL of a file without its comments and without the strings of its templates."""
    text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)
    text = re.sub(r"--.*", "", text)
    return re.sub(r"'[^'\n]*'", "''", text)


def _properties() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each entry of the project's property files: its file, its kind (models, seeds ...) and what is said of it."""
    for path in YAML_FILES:
        for kind, entries in yaml.load(path.read_text(), yaml.CSafeLoader).items():
            if kind != "version":
                for entry in entries:
                    yield _in_project(path), kind, entry


PROPERTIES = list(_properties())


def _unknown(place: str, kind: str, entry: dict[str, Any]) -> Iterator[str]:
    """The keys of an entry, and of what stands in it, that dbt does not read."""
    known = KNOWN_KEYS.get(kind, set())
    if known is None:
        return
    yield from (f"{place}: {key}" for key in entry if key not in known)
    yield from (f"{place}.config: {key}" for key in entry.get("config") or () if key not in KNOWN_CONFIG)
    for inner in ("tables", "columns", "given"):
        for number, part in enumerate(entry.get(inner) or ()):
            yield from _unknown(f"{place}.{part.get('name', number)}", inner, part)
    for inner in ("expect", "overrides"):
        if entry.get(inner):
            yield from _unknown(f"{place}.{inner}", inner, entry[inner])
    if kind != "data_tests":
        for test in entry.get("data_tests") or ():
            for name, said in _test_of(test):
                yield from _unknown(f"{place}.{name}", "data_test", said)


def _test_of(test: str | dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A generic data test as written, ``not_null`` or ``{not_null: {...}}``: its kind and what is said of it."""
    if isinstance(test, str):
        yield test, {}
    else:
        yield from ((kind, said or {}) for kind, said in test.items())


def test_no_property_has_a_key_that_dbt_passes_over_in_silence():
    unknown = [
        problem
        for place, kind, entry in PROPERTIES
        for problem in (
            _unknown(f"{place} {entry.get('name')}", kind, entry) if kind in KNOWN_KEYS else [f"{place}: {kind}"]
        )
    ]
    assert not unknown, "\n".join(unknown)


def test_a_misspelt_key_would_be_found():
    entry = {
        "name": "orders",
        "descriptoin": "",
        "config": {"materialised": "table"},
        "columns": [{"name": "order_id", "tests": [], "data_tests": [{"not_null": {"named": "x"}}]}],
    }
    assert [problem.split(": ")[1] for problem in _unknown("here", "models", entry)] == [
        "descriptoin",
        "materialised",
        "tests",
        "named",
    ]


def test_every_model_and_seed_is_described_with_all_its_columns():
    entries = [entry for _, kind, entry in PROPERTIES if kind in ("models", "seeds")]
    described = {entry["name"]: entry for entry in entries}
    assert len(entries) == len(described), "Something is described twice."
    names = [path.stem for path in MODEL_FILES + sorted((PROJECT / "seeds" / "lifecycle").glob("*.csv"))]
    wanting = [f"{name}: not described" for name in names if not (described.get(name) or {}).get("description")]
    wanting += [f"{name}: there is no such model or seed" for name in described if name not in names]
    for name, entry in described.items():
        columns = entry.get("columns") or []
        wanting += [] if columns else [f"{name}: no columns"]
        wanting += [f"{name}.{column['name']}: not described" for column in columns if not column.get("description")]
    assert not wanting, "\n".join(wanting)


def test_descriptions_name_the_columns_that_a_model_selects():
    """Wherever the last query lists its columns by name, without a loop, the descriptions list the same ones in that order."""
    described = {entry["name"]: entry for _, kind, entry in PROPERTIES if kind == "models"}
    differing = []
    for path in MODEL_FILES:
        selected = _selected_columns(path)
        columns = [column["name"] for column in (described.get(path.stem) or {}).get("columns") or ()]
        if selected and columns and selected != columns:
            differing.append(f"{path.stem}: selects {selected}, describes {columns}")
    assert not differing, "\n".join(differing)


def _selected_columns(path: Path) -> list[str]:
    """The columns of the CTE named as the model, or nothing where they cannot be told from the text."""
    text = re.sub(r"\n\s*(?=\n)", "", re.sub(r"{#.*?#}|--[^\n]*", "", path.read_text(), flags=re.S))
    found = re.search(rf"\n{path.stem} as \(\n    select( distinct)?\n(.*?)\n    from", text, flags=re.S)
    if not found or "{%" in found[2] or "*" in found[2].replace("count(*)", ""):
        return []
    # columns may share a line, so that a comma divides them wherever it is in no string, expression of dbt or parentheses
    listed, nested = re.sub(r"'[^']*'", "''", found[2]), r"\([^()]*\)|{{[^{}]*}}"
    while re.search(nested, listed):
        listed = re.sub(nested, "''", listed)
    names = [re.search(r"(\w+)\s*$", expression) for expression in listed.split(",")]
    return [name[1] for name in names] if all(names) else []


def test_every_mart_with_money_says_in_which_currency_in_its_last_column():
    without = [
        model["name"]
        for path in YAML_FILES
        if path.is_relative_to(PROJECT / "models" / "marts")
        for model in yaml.safe_load(path.read_text()).get("models", [])
        if any(column["name"].endswith("_amount") for column in model.get("columns", []))
        and model["columns"][-1]["name"] != "currency"
    ]
    assert not without, without


def test_every_data_test_has_a_name_of_its_own():
    names, nameless = [], []
    for place, kind, entry in PROPERTIES:
        if kind == "unit_tests":
            names.append(entry["name"])
        for part in [entry, *(entry.get("columns") or ()), *(entry.get("tables") or ())] if kind in KNOWN_KEYS else ():
            for test in part.get("data_tests") or ():
                for test_kind, said in _test_of(test):
                    names.append(said.get("name"))
                    nameless += [] if said.get("name") else [f"{place} {entry['name']}.{part['name']}: {test_kind}"]
    names += [path.stem for path in (PROJECT / "tests" / "singular").rglob("*.sql")]
    assert not nameless, "\n".join(nameless)
    assert not (twice := sorted({name for name in names if names.count(name) > 1})), twice


@pytest.mark.parametrize("folder", ["marts", "quality"])
def test_what_is_published_has_a_contract(folder):
    configured = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["customer_lifecycle"]
    # enforced wherever `varchar`, the type of every text in a contract, is a type
    assert configured[folder]["+contract"] == {
        "enforced": "{{ target.type not in ['bigquery', 'databricks', 'redshift', 'spark'] }}"
    }
    described = {entry["name"]: entry for _, kind, entry in PROPERTIES if kind == "models"}
    wanting = []
    for path in (PROJECT / "models" / folder).rglob("*.sql"):
        entry = described.get(path.stem) or {}
        if re.search(r"\bcontract\s*=", path.read_text()) or "contract" in (entry.get("config") or {}):
            wanting.append(f"{path.stem} has a contract setting of its own")
        wanting += [
            f"{path.stem}.{column['name']}: no type"
            for column in entry.get("columns") or ()
            if not column.get("data_type")
        ]
    assert not wanting, "\n".join(wanting)


def test_models_leave_what_differs_between_engines_to_macros():
    found = [f"{_in_project(path)}: target.type" for path in SQL_FILES if "target.type" in path.read_text()]
    for path in SQL_FILES:
        sql = _sql_of(path)
        found += [
            f"{_in_project(path)}: {what}" for what, pattern in DUCKDB_ONLY.items() if re.search(pattern, sql, re.I)
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "sql", ["qualify n = 1", "x::int", "* exclude (x)", "list_sort(xs)", "struct_pack(a)", "group by all"]
)
def test_borrowed_syntax_would_be_found(sql):
    assert any(re.search(pattern, sql) for pattern in DUCKDB_ONLY.values())


def test_models_and_tests_begin_with_what_they_say():
    silent = [_in_project(path) for path in SQL_FILES if not path.read_text().startswith("-- ")]
    assert not silent, silent


def test_models_can_be_read_in_one_go():
    lengths = {
        _in_project(path): sum(1 for line in path.read_text().splitlines() if line.strip()) for path in SQL_FILES
    }
    assert not (long := {path: length for path, length in lengths.items() if length > LONGEST_MODEL}), long


def test_lines_are_as_long_as_people_can_read():
    """In place of the linter's own rule, which counts the characters that macros render."""
    long = [
        f"{_in_project(path)}:{number} has {len(line)} characters"
        for path in SQL_FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert not long, "\n".join(long)


def integers_called_for(sql: str) -> dict[str, list[str]]:
    """What a file gives to unnest_integers and to join_integers, in order."""
    calls = re.findall(r"{{ (?:customer_lifecycle[.])?(unnest|join)_integers\((.*?)\) }}", sql)
    return {name: [given for called, given in calls if called == name] for name in ("unnest", "join")}


def test_integers_are_joined_as_they_are_made():
    """DuckDB, PostgreSQL and Spark make nothing of the join: no build on them would show a fault in it."""
    called = {path: integers_called_for(path.read_text()) for path in [*MODEL_FILES, *PORTABLE_MACROS]}
    assert sum(len(calls["unnest"]) for calls in called.values()) > 15
    assert not [path.name for path, calls in called.items() if calls["unnest"] != calls["join"]]


def test_what_differs_between_engines_stands_one_to_a_file_with_an_example():
    problems = []
    for path in PORTABLE_MACROS:
        text = path.read_text()
        header = re.match(r"{#.*?#}", text, flags=re.S)
        if text.count("adapter.dispatch(") > 1:
            problems.append(f"{path.name}: more than one macro that differs between engines")
        if path.stem not in re.findall(r"macro (\w+)\(", text) and "adapter.dispatch(" in text:
            problems.append(f"{path.name}: not named as its macro")
        if not header or "->" not in header[0]:
            problems.append(f"{path.name}: no example of the shape input -> output in the first comment")
    assert not problems, "\n".join(problems)


# A lock file is complete: without --no-deps, pip asks again what its packages with extras need (see oracle/environments.py).
INSTALLS = r"\bpip\b[^\n]{0,60}?\binstall\b"
INSTALLS_A_LOCK = r"install\W+--no-deps\W+--require-hashes\W+-r\W+\S*(requirements\.txt|lock)\b"


def _installations(text: str) -> list[str]:
    """The lines that install packages; flags that change no package are left out."""
    text = re.sub(r"[\s\"',]*--(quiet|disable-pip-version-check)", "", text)
    return [line.strip() for line in text.splitlines() if re.search(INSTALLS, line) or "*pip," in line]


def test_packages_are_installed_from_complete_locks_alone():
    files = [PROJECT / "Makefile", *(PROJECT / ".ci").iterdir(), *(PROJECT / "tests" / "python").rglob("*.py")]
    named = (Path(__file__).name, "test_doc_commands.py")  # the second lists commands of the pages that no test runs
    lines = [line for path in files if path.name not in named for line in _installations(path.read_text())]
    pages = [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
    lines += [line for path in pages for line in _installations(path.read_text()) if " -r " in line]
    assert len(lines) >= 4
    loose = [line for line in lines if not re.search(INSTALLS_A_LOCK, line) and '"check"' not in line]
    assert not loose, "\n".join(loose)


@pytest.mark.parametrize(
    "line",
    [
        "pip install --require-hashes -r requirements.txt",
        "pip install --no-deps -r requirements.txt",
        "pip install --no-deps dbt-core==1.12.0",
        'subprocess.run([python, "-m", "pip", "install", "--quiet", "pytest"])',
        'subprocess.run([*pip, "install", "--require-hashes", "-r", lock], check=True)',
    ],
)
def test_a_loose_installation_would_be_found(line):
    assert [found for found in _installations(line) if not re.search(INSTALLS_A_LOCK, found)]


# Words for any person, where the field has a noun: customer, reader, user, analyst. After a quote or a comma they are data.
ANY_PERSON = re.compile(
    r"""(?<!['",])\b(?:nobody|somebody|everybody|anybody|everyone|someone|anyone|whoever|whomever)\b""", re.I
)
WORDS_IN = {
    "*.md": ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "docs", "models"),
    "*.sql": ("models", "macros", "analyses", "tests/singular"),
    "*.yml": ("models", "seeds", "tests/singular", "lifecycle_tools"),
    "*.py": ("lifecycle_tools", "dev"),
}


def test_pages_and_comments_name_the_customer_the_reader_or_the_user():
    files = [
        path
        for ending, places in WORDS_IN.items()
        for place in places
        for path in ([PROJECT / place] if place.endswith(".md") else sorted((PROJECT / place).rglob(ending)))
    ]
    assert len(files) > 400
    found = [
        f"{_in_project(path)}:{number}: {word[0]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (word := ANY_PERSON.search(line))
    ]
    assert not found, "\n".join(found)


def test_a_word_for_any_person_would_be_found():
    assert ANY_PERSON.search("For whoever reads") and ANY_PERSON.search("Nobody, not even")
    assert not ANY_PERSON.search("'guest', 'nobody'") and not ANY_PERSON.search("same_id,nobody,x NOBODY_IDS")
