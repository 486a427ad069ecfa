"""A copy of what dbt reads of this project, for tests that change it and for planted faults."""

from __future__ import annotations

import shutil
from pathlib import Path

from lifecycle_tools.build import PROJECT_DIR

READ_BY_DBT = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "analyses", "tests/singular")


def copy_of_project(directory: Path) -> Path:
    """Copy the project into ``directory``, which is made."""
    for name in READ_BY_DBT:
        source, target = PROJECT_DIR / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return directory
