"""A copy of what dbt, or a Python test, reads of this project, for tests that change it and for planted faults."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from lifecycle_tools.build import PROJECT_DIR

READ_BY_DBT = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "analyses", "tests/singular")
READ_BY_TESTS = (
    *READ_BY_DBT[:-1],
    "tests",
    "dev",
    "lifecycle_tools",
    "docs",
    "bi",
    "pyproject.toml",
    "Makefile",
    "README.md",
)


def copy_of_project(directory: Path, names: Sequence[str] = READ_BY_DBT) -> Path:
    """Copy the project into ``directory``, which is made: what dbt reads of it, or the files and folders ``names``."""
    for name in names:
        source, target = PROJECT_DIR / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return directory
