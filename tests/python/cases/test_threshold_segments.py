"""Rows of lifecycle_thresholds find their customers whatever the case and blanks; a row without a customer is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest
from oracle.raw_files import write_raw_data
from oracle.runs import NAME, run_dbt

from lifecycle_tools.build import BuildResult

DAY = date(2024, 1, 1)
SEED = "staging.lifecycle_thresholds"
SEGMENTS = {"a": "b2b", "b": "Big Shop", "c": " vip ", "d": None, "e": "other"}
RAW = {
    "customers": [{"customer_id": name, "segment": segment, "created_at": DAY} for name, segment in SEGMENTS.items()],
    "orders": [
        {"order_id": f"o{name}", "customer_id": name, "ordered_at": DAY, "total_amount": "10.00"} for name in SEGMENTS
    ],
}


class Project:
    """A warehouse with seeds, which is built again for each set of segments."""

    def __init__(self, directory: Path) -> None:
        self.warehouse = directory / NAME
        self.settings = {
            "raw_data_dir": write_raw_data(RAW, directory / "raw"),
            "warehouse_path": self.warehouse,
            "as_of_date": "2024-02-15",
            "dbt_target_path": directory / "target",
            "dbt_log_path": directory / "logs",
        }

    def build(self, segments: Sequence[str]) -> tuple[BuildResult, list[str]]:
        """Build with a row of 30 days until churn for each of the segments: what came of it, and the warnings."""
        assert run_dbt(["seed"], **self.settings).success
        with duckdb.connect(str(self.warehouse)) as connection:
            for segment in segments:
                connection.execute(
                    f"insert into {SEED} select * replace (? as segment, 30 as churn_after_days, 20 as at_risk_after_days) "
                    f"from {SEED} where segment = 'default'",
                    [segment],
                )
        warnings: list[str] = []
        result = run_dbt(["run", "--select", "+lifecycle_customers"], on_warning=warnings.append, **self.settings)
        return result, [warning for warning in warnings if "lifecycle_thresholds" in warning]

    def churned(self) -> set[str]:
        """Customers whom the shorter window has made churned."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            query = "select customer_id from marts.lifecycle_customers where current_stage = 'churned'"
            return {name for (name,) in connection.execute(query).fetchall()}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("threshold_segments"))


@pytest.mark.parametrize(
    ("segments", "churned", "unused"),
    [
        ([], set(), []),
        (["B2B"], {"a"}, []),
        (["bigshop", "VIP"], {"b", "c"}, []),
        (["business", " B2B "], {"a"}, ["business"]),
        (["wholesale", "retail"], set(), ["retail", "wholesale"]),
    ],
)
def test_segments_are_matched_whatever_their_case_and_blanks(
    project: Project, segments: list[str], churned: set[str], unused: list[str]
) -> None:
    result, warnings = project.build(segments)
    assert result.success, result.problems
    assert project.churned() == churned
    assert len(warnings) == len(unused)
    for segment, warning in zip(unused, sorted(warnings), strict=True):
        assert f"segment '{segment}': no customer has this segment, so the row changes nothing" in warning
        assert "the segments there are: " in warning and all(
            name.strip() in warning for name in ("b2b", "vip", "other")
        )


@pytest.mark.parametrize("segments", [["b2b", "B2B"], ["Default"], ["vip", "v ip"]])
def test_a_segment_that_is_there_twice_stops_the_build(project: Project, segments: list[str]) -> None:
    result, _ = project.build(segments)
    assert not result.success
    assert any("is there twice" in problem for problem in result.problems), result.problems
