"""What the other tests share: the project, read once, is what dbt would read with the settings of each of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from oracle.runs import NAME, READ_WHILE_PARSING, project

from lifecycle_tools import build

SETTINGS = re.findall(r"^ +'(\w+)': +\['", (build.PROJECT_DIR / "macros" / "settings.sql").read_text(), flags=re.M)
OTHER_VALUES = {
    "as_of_date": "2024-02-29",
    "build_started_at": "2030-01-01T00:00:00+00:00",
    "business_time_zone": "Asia/Tokyo",
    "customer_stages_daily_as": "view",
    "date_order": "dmy",
    "decimal_separator": "comma",
    "identity_salt": "salt",
    "raw_compared_by": "loaded_at",
    "raw_data_dir": "nowhere",
    "raw_database": "elsewhere",
    "raw_schema": "landing",
    "reporting_currency": "USD",
    "subscription_revenue": "accrued",
}


def what_was_read(manifest: Any) -> dict[str, tuple]:
    """Of everything that dbt reads what it goes by when it builds."""
    nodes = {**manifest.nodes, **manifest.unit_tests}
    found = {
        name: (
            getattr(node, "raw_code", None),
            node.config.to_dict(),
            node.schema,
            getattr(node, "database", None),
            getattr(node, "alias", None),
        )
        for name, node in nodes.items()
    }
    return found | {name: (source.relation_name,) for name, source in manifest.sources.items()}


def what_is_built_before(manifest: Any) -> dict[str, set[str]]:
    """What each node waits for."""
    return {
        name: set(node.depends_on.nodes)
        for name, node in manifest.nodes.items()
        if hasattr(getattr(node, "depends_on", None), "nodes")
    }


@pytest.fixture(scope="module")
def parse(tmp_path_factory: pytest.TempPathFactory):
    """Read the project with settings of one's own, nothing shared."""
    directory = tmp_path_factory.mktemp("parsed")

    def read(**settings: str) -> Any:
        result = build.run_dbt(
            ["parse"],
            warehouse_path=directory / NAME,
            dbt_target_path=directory / "target",
            dbt_log_path=directory / "logs",
            **settings,
        )
        assert result.success, result.problems
        return result.manifest

    return read


def test_other_settings_change_nothing_that_is_shared(parse, tmp_path: Path) -> None:
    """All of them at once, those excepted that have a project of their own."""
    others = {name: OTHER_VALUES.get(name, "7") for name in SETTINGS if name not in READ_WHILE_PARSING}
    assert len(others) > 10
    shared, manifest = project({"warehouse_path": tmp_path / NAME}), parse(**others)
    expected, found = what_was_read(manifest), what_was_read(shared)
    assert len(found) > 500
    assert sorted(found) == sorted(expected)
    assert not [name for name in found if found[name] != expected[name]]
    # with an as-of date of its own, as_of_date waits for no table: to wait for them all the same changes no row
    waits = what_is_built_before(shared)
    missing = {name: before - waits[name] for name, before in what_is_built_before(manifest).items()}
    assert not {name: nodes for name, nodes in missing.items() if nodes}


@pytest.mark.parametrize("setting", READ_WHILE_PARSING)
def test_a_setting_that_is_read_while_parsing_has_a_project_of_its_own(parse, setting: str) -> None:
    """Else it would be the one of another test."""
    changed = {setting: OTHER_VALUES[setting]}
    shared = what_was_read(project(changed))
    assert shared == what_was_read(parse(**changed))
    assert shared != what_was_read(project({}))
