"""Names that every engine takes."""

from __future__ import annotations

import yaml

from lifecycle_tools.build import PROJECT_DIR

LONGEST_NAME = 63  # PostgreSQL, which makes a table of each unit test's name


def test_names_of_models_and_unit_tests_are_short_enough_for_every_engine() -> None:
    """A longer one fails on PostgreSQL only, where its author may not look."""
    names = [path.stem for folder in ("models", "seeds") for path in (PROJECT_DIR / folder).rglob("*.*")]
    for path in (PROJECT_DIR / "models").rglob("*.yml"):
        names += [unit_test["name"] for unit_test in yaml.safe_load(path.read_text()).get("unit_tests") or ()]
    assert len(names) > 100
    assert not [name for name in names if len(name) > LONGEST_NAME]
