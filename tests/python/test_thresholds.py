"""Thresholds that contradict one another stop the build with one sentence that says which file, row and number to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from oracle.raw_files import write_raw_data
from oracle.runs import NAME, run_dbt

from lifecycle_tools.build import BuildResult

RAW = {"orders": [{"order_id": "o1", "customer_id": "a", "ordered_at": date(2024, 1, 1), "total_amount": "10.00"}]}
SEED = "staging.lifecycle_thresholds"
DEFAULT_ROW = "seeds/lifecycle/lifecycle_thresholds.csv, segment 'default'"


@dataclass(frozen=True)
class Project:
    """A warehouse in which everything up to the model that checks the thresholds has been built."""

    warehouse: Path
    settings: dict[str, object]

    def run(self, *arguments: str) -> BuildResult:
        """One dbt run on the warehouse."""
        return run_dbt(arguments, **self.settings)

    def run_with(self, change: str) -> BuildResult:
        """Build the checking model after the statement ``change`` on the seed's table, which is then put back."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(f"create table sound_thresholds as select * from {SEED}")
            connection.execute(change)
        result = self.run("run", "--select", "int_customer_fingerprints")
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(f"delete from {SEED}")
            connection.execute(f"insert into {SEED} select * from sound_thresholds")
            connection.execute("drop table sound_thresholds")
        return result


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One warehouse for all cases: each builds a single view anew."""
    directory = tmp_path_factory.mktemp("thresholds")
    warehouse = directory / NAME
    project = Project(
        warehouse,
        {
            "raw_data_dir": write_raw_data(RAW, directory / "raw"),
            "warehouse_path": warehouse,
            "dbt_target_path": directory / "target",
            "dbt_log_path": directory / "logs",
        },
    )
    for arguments in (["seed"], ["run", "--select", "+int_customer_fingerprints"]):
        result = project.run(*arguments)
        assert result.success, result.problems
    return project


STOPPING_CASES = {
    "at risk later than churned": (
        f"update {SEED} set at_risk_after_days = 91",
        f"{DEFAULT_ROW}: at_risk_after_days (91) is later than churn_after_days (90): it could never show; "
        "lower it or raise the other.",
    ),
    "interest lasts longer than silence": (
        f"update {SEED} set engagement_window_days = 181",
        f"{DEFAULT_ROW}: engagement_window_days (181) is later than dormant_after_days (180): it could never show; "
        "lower it or raise the other.",
    ),
    "a contradiction in another segment": (
        f"insert into {SEED} select * replace ('vip' as segment, 30 as churn_after_days) from {SEED}",
        "seeds/lifecycle/lifecycle_thresholds.csv, segment 'vip': at_risk_after_days (45) is later than churn_after_days "
        "(30): it could never show; lower it or raise the other.",
    ),
    "no default": (
        f"update {SEED} set segment = 'vip'",
        f"{DEFAULT_ROW} is missing: add the row that every other segment falls back to.",
    ),
    "zero": (
        f"update {SEED} set churn_after_days = 0",
        f"{DEFAULT_ROW}: churn_after_days is 0, but must be a whole number of at least 1.",
    ),
    "negative where zero is allowed": (
        f"update {SEED} set subscription_grace_days = -1",
        f"{DEFAULT_ROW}: subscription_grace_days is -1, but must be a whole number of at least 0.",
    ),
    "empty": (
        f"update {SEED} set loyalty_window_days = null",
        f"{DEFAULT_ROW}: loyalty_window_days is None, but must be a whole number of at least 1.",
    ),
}
SOUND_CHANGES = {
    "nothing": f"update {SEED} set segment = segment",
    "at risk on the day of the churn": f"update {SEED} set at_risk_after_days = churn_after_days",
    "interest as long as silence": f"update {SEED} set engagement_window_days = dormant_after_days",
    "no grace and no win-backs": f"update {SEED} set subscription_grace_days = 0, reactivation_days = 0",
    "the least of everything else": f"update {SEED} set conversion_days = 1, loyalty_min_purchase_dates = 1, "
    "loyalty_window_days = 1, loyalty_min_tenure_days = 1, advocacy_window_days = 1, at_risk_after_days = 1",
}


@pytest.mark.parametrize(("change", "sentence"), STOPPING_CASES.values(), ids=STOPPING_CASES)
def test_a_contradiction_stops_the_build_with_one_sentence(project: Project, change: str, sentence: str) -> None:
    """The build fails, and the one problem it tells is the sentence, with no stack of macros around it."""
    result = project.run_with(change)
    assert not result.success
    assert list(result.problems) == [f"model.customer_lifecycle.int_customer_fingerprints: {sentence}"]


@pytest.mark.parametrize("change", SOUND_CHANGES.values(), ids=SOUND_CHANGES)
def test_thresholds_at_the_edge_of_what_is_sound_are_accepted(project: Project, change: str) -> None:
    """What is merely unusual builds."""
    result = project.run_with(change)
    assert result.success, result.problems
