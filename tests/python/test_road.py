"""The road through the models, and the figures by which the house is kept small. Reads dbt's manifest; builds nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from conftest import PROJECT_DIR

MODELS = PROJECT_DIR / "models"
# What a macro may ask the warehouse while a model compiles: dbt's lineage does not see the answer.
LOOK_UP = re.compile(r"\b(?:run_query|load_relation|get_relation|get_columns_in_relation)\(")
MOST = {
    # the plan: 195, then subscriptions, gift cards, volumes of raw tables, cut cohorts, products, profiles, restated metrics,
    # survival curves, growth by dimension, messages (three to clean and count them, and the mart), e-mail (its events,
    # its touches, and the mart), errors of predictions, forecasts of metrics (how each method did, and the mart),
    # metrics by dimension (their facts, their cells, and the mart)
    "models": 248,
    "models on the longest path": 33,  # the last of them says what the metrics, which read all marts, were before
    # the plan: 2,400, then what a build says of raw data and of nested values, reading amounts whole, what names persons
    # and in which signs, and holdouts
    "lines of macros": 3367,
    "lines of macros, as a percentage of the models' lines": 24.5,
    "lines of a model, nine in ten": 91,
    "lines of the longest model": 117,
    "models whose SQL a macro makes": 1,
    "look-ups while a model compiles": 5,
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What dbt knows of the project after reading it."""
    from lifecycle_tools.build import run_dbt

    directory = tmp_path_factory.mktemp("manifest")
    result = run_dbt(
        ["parse"], dbt_target_path=directory, dbt_log_path=directory, warehouse_path=directory / "none.duckdb"
    )
    assert result.success, result.problems
    return json.loads((directory / "manifest.json").read_text())


def _arrows(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each pair of a model and a model that it reads, as files below ``models``."""
    files = {name: node["original_file_path"].removeprefix("models/") for name, node in _models(manifest).items()}
    for name, node in _models(manifest).items():
        yield from ((files[name], files[read]) for read in node["depends_on"]["nodes"] if read in files)


def _models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def _road() -> list[str]:
    """The folders of ``models/README.md``, in its order."""
    return re.findall(r"^\| `([\w/]+)` \|", (MODELS / "README.md").read_text(), flags=re.M)


def _place(file: str) -> int:
    """Where on the road a file stands: a folder includes the folders within it."""
    places = [place for place, folder in enumerate(_road()) if file.startswith(f"{folder}/")]
    assert places, f"models/{file} is in no folder that models/README.md names."
    return places[0]


def test_a_folder_reads_itself_and_the_folders_before_it(manifest):
    backwards = [f"{reader} reads {read}" for reader, read in _arrows(manifest) if _place(read) > _place(reader)]
    assert not backwards, "\n".join(backwards)
    assert all((MODELS / folder).is_dir() for folder in _road())


def test_no_intermediate_model_reads_a_mart_and_nothing_reads_the_metrics(manifest):
    wrong = [
        f"{reader} reads {read}"
        for reader, read in _arrows(manifest)
        if (read.startswith("marts/") and not reader.startswith(("marts/", "metrics/", "build_record/")))
        or (read.startswith("metrics/") and not reader.startswith("metrics/"))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_house_is_as_small_as_it_says(manifest):
    figures = _figures(manifest)
    print("\n".join(f"{name}: {figures[name]} (at most {most})" for name, most in MOST.items()))
    assert not (more := {name: figures[name] for name, most in MOST.items() if figures[name] > most}), more


def _figures(manifest: dict[str, Any]) -> dict[str, float]:
    texts = {path: path.read_text() for path in MODELS.rglob("*.sql")}
    lengths = sorted(text.count("\n") for text in texts.values())
    macro_lines = sum(path.read_text().count("\n") for path in (PROJECT_DIR / "macros").rglob("*.sql"))
    without_jinja = {path: re.sub(r"{[{%#].*?[}%#]}|--[^\n]*", "", text, flags=re.S) for path, text in texts.items()}
    return {
        "models": len(texts),
        "models on the longest path": _longest_path(manifest),
        "lines of macros": macro_lines,
        "lines of macros, as a percentage of the models' lines": round(100 * macro_lines / sum(lengths), 1),
        "lines of a model, nine in ten": lengths[int(0.9 * len(lengths))],
        "lines of the longest model": lengths[-1],
        "models whose SQL a macro makes": sum("select" not in sql for sql in without_jinja.values())
        + sum(len(re.findall(r"\bmetric_specs\(", text)) > 0 for text in texts.values()),
        "look-ups while a model compiles": sum(len(LOOK_UP.findall(macro)) for macro in _macros_of_models(manifest)),
    }


def _longest_path(manifest: dict[str, Any]) -> int:
    models = _models(manifest)

    @cache
    def length(name: str) -> int:
        return 1 + max((length(read) for read in models[name]["depends_on"]["nodes"] if read in models), default=0)

    return max(map(length, models))


def _macros_of_models(manifest: dict[str, Any]) -> list[str]:
    """The text of this project's macros that models call, or that those call, without comments."""
    todo = [name for node in _models(manifest).values() for name in node["depends_on"]["macros"]]
    seen: dict[str, str] = {}
    while todo:
        name = todo.pop()
        macro = manifest["macros"].get(name, {})
        if name not in seen and macro.get("package_name") == "customer_lifecycle":
            seen[name] = re.sub(r"{#.*?#}", "", macro["macro_sql"], flags=re.S)
            todo += macro["depends_on"]["macros"]
    return list(seen.values())
