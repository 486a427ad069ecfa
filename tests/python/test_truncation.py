"""No look-ahead: all data with an earlier as-of date, and data cut off at that date, come to the same tables."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from oracle import histories
from oracle.raw_files import merge_raw_data
from oracle.truncation import truncate

HISTORIES = int(os.environ.get("LIFECYCLE_HISTORIES", "2000"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "1"))
MODELS = ("customer_stages_daily", "customer_stage_intervals", "lifecycle_customers")


@pytest.fixture(scope="module")
def raw() -> dict[str, list[dict]]:
    """Random histories in one raw data set."""
    return merge_raw_data(histories.random_histories(SEED, HISTORIES))


@pytest.fixture(scope="module", params=[2, 13, 45], ids=lambda days: f"{days} days earlier")
def pair(request: pytest.FixtureRequest, builder, raw):
    """The two builds: everything with an earlier as-of date, and the data as they stood then."""
    last_day = histories.AS_OF_DATE - timedelta(days=request.param)
    seeds = {"thresholds": histories.THRESHOLDS, "time_zones": histories.TIME_ZONES}
    return (
        builder.build(f"held_back_{request.param}", raw, as_of_date=last_day, **seeds),
        builder.build(
            f"truncated_{request.param}", truncate(raw, histories.SETTINGS, last_day), as_of_date=last_day, **seeds
        ),
    )


@pytest.mark.parametrize("model", MODELS)
def test_later_facts_change_nothing(pair, model: str, raw: dict[str, list[dict]]) -> None:
    """Both builds have the same rows in each table."""
    held_back, truncated = (set(warehouse.rows(f"select * from marts.{model}")) for warehouse in pair)
    columns = [name for name, *_ in pair[0].rows(f"describe marts.{model}")]
    assert held_back, "nothing was published"
    differing = sorted(
        [("only with all data", *row) for row in held_back - truncated]
        + [("only with truncated data", *row) for row in truncated - held_back],
        key=lambda row: str(row[1:]),
    )
    assert not differing, f"{len(differing)} rows of {model} differ; {columns}:\n" + "\n".join(map(str, differing[:20]))
