"""What two shops publish is what they published before: see dev/golden.py."""

from __future__ import annotations

import pytest
from oracle.runs import once, run_dbt

from dev.golden import ANOTHER, DEMO, build, differences, fingerprints, read


@pytest.mark.parametrize("shop", [DEMO, ANOTHER])
def test_no_value_changes_unnoticed(shop: str) -> None:
    directory = once(f"golden_{shop}", lambda folder: build(shop, folder, run_dbt))
    told = differences(fingerprints(directory / "warehouse.duckdb"), read(shop))
    if told:
        pytest.fail(
            f"{len(told)} tables of the shop {shop!r} are not what they were:\n"
            + "\n".join(told)
            + "\nIf that is meant, write it down: python -m dev.golden, and say in the commit what changes for whom.",
            pytrace=False,
        )


def test_a_changed_value_is_named() -> None:
    """One more row, another sum, another table; a sum of floating points may end otherwise."""
    before = {("marts.a", "x"): (3, 10.0), ("marts.a", "y"): (3, 1.0), ("marts.b", "z"): (1, 0.3)}
    assert differences(before, before) == []
    after = {("marts.a", "x"): (3, 11.0), ("marts.a", "y"): (4, 1.0), ("marts.b", "z"): (1, 0.1 + 0.2)}
    assert differences(after, before) == ["marts.a: x, y"]
    assert differences({**before, ("marts.c", "(row)"): (0, 0.0)}, before) == ["marts.c: (row)"]
