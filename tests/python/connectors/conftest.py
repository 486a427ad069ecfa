"""Stores with connectors, and the generator's world in the vendors' shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from stores import Store, macros_alone, make_store


@pytest.fixture(scope="session")
def macros(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """customer_lifecycle, its macros alone."""
    return macros_alone(tmp_path_factory.mktemp("lifecycle") / "customer_lifecycle")


@pytest.fixture
def store(tmp_path: Path, macros: Path) -> Store:
    """A store with an empty warehouse."""
    return make_store(tmp_path / "store", macros)
