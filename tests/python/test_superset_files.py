"""Superset's files and their zip, without a Superset: ``make test-superset`` imports them into one. Reads files as text."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from superset.heads import HEADS

from dev.metric_list import headcounts
from dev.superset import __main__ as command
from dev.superset.dashboard import DASHBOARD

FILES = {
    path.relative_to(command.FOLDER).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(command.FOLDER.rglob("*.yaml"))
}
DATASETS = {each["table_name"]: each for file, each in FILES.items() if file.startswith("datasets/")}
CHARTS = {each["uuid"]: each for file, each in FILES.items() if file.startswith("charts/")}


def test_no_metric_sums_a_headcount_over_time() -> None:
    """Only within the last date, by list_sum: what that comes to is held to SQL by ``make test-superset``."""
    sums, lasts = [], 0
    for (mart, _), columns in headcounts().items():
        for metric in DATASETS[mart]["metrics"]:
            read = columns & set(re.findall(r"\w+", metric["expression"]))
            lasts += bool(read and "list_sum(" in metric["expression"])
            sums += [f"{mart}.{metric['metric_name']}" for part in _sums(metric["expression"]) if columns & part]
    assert not sums
    assert lasts >= 18


def test_superset_is_asked_for_every_headcount() -> None:
    """By ``make test-superset``, which installs too much to be run after every change."""
    tried = {
        key: {re.findall(r"[a-z_]\w*", amount.removesuffix(" end"))[-1] for amount in metrics.values()}
        for key, metrics in HEADS.items()
    }
    assert tried == headcounts()


def test_a_sum_of_headcounts_would_be_found() -> None:
    assert _sums("sum(case when is_mature then closing_count end) / nullif(sum(entered_count), 0)") == [
        {"case", "when", "is_mature", "then", "closing_count", "end"},
        {"entered_count"},
    ]


def _sums(expression: str) -> list[set[str]]:
    """The words in each plain sum of a metric."""
    return [set(re.findall(r"[a-z_]\w*", part)) for part in re.findall(r"(?<!list_)\bsum\(([^)]*)\)", expression)]


def test_the_dashboard_places_every_chart_on_a_dataset_that_is_there() -> None:
    places = [each for each in FILES[DASHBOARD]["position"].values() if isinstance(each, dict)]
    assert sorted(each["meta"]["uuid"] for each in places if each["type"] == "CHART") == sorted(CHARTS)
    by_uuid = {each["uuid"]: each for each in DATASETS.values()}
    for chart in CHARTS.values():
        dataset = by_uuid[chart["dataset_uuid"]]
        columns = {each["column_name"] for each in dataset["columns"]}
        metrics = {each["metric_name"] for each in dataset["metrics"]}
        looks = chart["params"]
        assert set(looks.get("metrics", [])) <= metrics, chart["slice_name"]
        named = {looks.get("x_axis"), *looks.get("groupby", []), *looks.get("all_columns", [])} - {None}
        assert named | {each["subject"] for each in looks["adhoc_filters"]} <= columns, chart["slice_name"]


def test_the_zip_is_for_the_published_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "current.duckdb").touch()
    monkeypatch.setenv("SERVING_DIR", str(tmp_path))
    monkeypatch.delenv("SUPERSET_DATABASE", raising=False)
    monkeypatch.setattr(command, "ZIP", tmp_path / "build" / "superset.zip")
    command.main(["pack"])
    assert "import it in Superset" in capsys.readouterr().out
    with zipfile.ZipFile(io.BytesIO(command.ZIP.read_bytes())) as archive:
        packed = {name.partition("/")[2]: yaml.safe_load(archive.read(name)) for name in archive.namelist()}
    database = packed.pop(command.DATABASE)
    assert database["sqlalchemy_uri"] == (
        f"duckdb:///{tmp_path}/current.duckdb?access_mode=READ_ONLY&enable_external_access=false"
    )
    assert {**database, "sqlalchemy_uri": command.ELSEWHERE} == FILES[command.DATABASE]
    assert packed.keys() == FILES.keys() - {command.DATABASE}


@pytest.mark.parametrize(
    ("database", "said"),
    [("", "Nothing is published as .*: run make build first"), ("postgresql://host/name", "give duckdb:////")],
)
def test_what_cannot_be_packed_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: str, said: str
) -> None:
    monkeypatch.setenv("SERVING_DIR", str(tmp_path))
    monkeypatch.setenv("SUPERSET_DATABASE", database)
    with pytest.raises(SystemExit, match=said):
        command.main(["pack"])


def test_files_that_are_not_made_any_more_are_removed(tmp_path: Path) -> None:
    command.write({"charts/old.yaml": "a: 1\n", "charts/kept.yaml": "a: 1\n"}, tmp_path)
    command.write({"charts/kept.yaml": "a: 2\n"}, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.rglob("*.yaml")} == {"kept.yaml": "a: 2\n"}
