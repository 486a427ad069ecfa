"""A row that says that it is mature never changes by the mere passing of time: one raw data set, built as of several dates.

The data say nothing afterwards about what was before: no refunds, cancellations, deletions or changed profiles, and each row
names the customer at once. What changes between two builds has therefore changed because of the later date alone.
LIFECYCLE_AS_OF_DATES=8 builds all dates; without it three are built.
"""

from __future__ import annotations

import csv
import os
from datetime import date
from math import isclose
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from conftest import PROJECT_DIR, Builder

from dev.generate import generate

# The three of CI lie apart in days of the month: one is a month's last day, one lies in the middle, one near the end.
DATES = [date.fromisoformat(text) for text in ("2024-01-31", "2024-10-25", "2025-05-31")]
MORE_DATES = [
    date.fromisoformat(text) for text in ("2023-09-14", "2023-11-30", "2024-05-20", "2025-01-31", "2025-02-27")
]
COUNT = int(os.environ.get("LIFECYCLE_AS_OF_DATES", "3"))
# Windows shorter than a month run out for every customer so far while the month goes on and may bring others.
SETTINGS = {"touchpoint_conversion_days": "7", "trial_conversion_days": "3"}
MODELS = ("path:models/marts", "lifecycle_metrics_monthly", "lifecycle_metrics_by_dimension")

ON_A_DAY = "a row of one day, which the as-of date includes or excludes as a whole"
OF_TODAY = "the state at the as-of date"
OF_THE_FACT = "a row of one fact, with what is known of it"
WITHOUT_MATURITY = {
    "acquisition_channels_daily": ON_A_DAY,
    "affiliate_revenue_monthly": "commissions are confirmed and clawed back without a term",
    "attribution_credits": OF_THE_FACT,
    "audience_daily": ON_A_DAY,
    "churn_window_calibration": OF_TODAY,
    "customer_ids": OF_TODAY,
    "customer_journeys": OF_TODAY,
    "customer_profile": OF_TODAY,
    "customer_referrals": OF_THE_FACT,
    "customer_stage_intervals": "valid_to and is_scheduled say what is over; stage_restatements lists what changes",
    "customer_stages_daily": ON_A_DAY,
    "customer_value": OF_TODAY,
    "customer_value_monthly": "valid_to_month says until when the row holds",
    "ideal_customer_profile": OF_TODAY,
    "lifecycle_audiences": OF_TODAY,
    "lifecycle_customers": OF_TODAY,
    "metric_restatements": "a log: rows are added; is_latest says which holds now",
    "product_lifecycle": OF_TODAY,
    "product_pairs": OF_TODAY,
    "product_sequences": OF_TODAY,
    "purchase_gaps": "the state at the as-of date; eligible_count says how much of a row is mature",
    "stage_funnel_daily": ON_A_DAY,
    "stage_restatements": "a log: rows are added, and never changed",
    "stage_transitions_daily": ON_A_DAY,
    "survival_curves": OF_TODAY,
    "value_model_holdouts": "a log of fits; is_current names the last",
    "value_model_parameters": "a log of fits; is_current names the last",
}
# Columns that grow as long as customers live, and say so in their descriptions: a maturity of the row does not speak of them.
WITHOUT_END = {
    "cohort_unit_economics": {"is_latest"},
    "cohort_unit_economics_blended": {"is_latest"},
    "customer_value_totals_monthly": {
        "predicted_customer_count",
        "predicted_clv_365d_amount",
        "mean_predicted_clv_365d",
    },
    "referral_metrics_monthly": {"accepted_count", "converted_count", "referred_net_revenue_amount", "reward_amount"},
    "referral_value_monthly": {
        *("order_count", "net_revenue_amount", "net_revenue_per_customer", "costed_net_revenue_amount"),
        *("cost_coverage_rate", "margin_amount", "margin_per_customer"),
    },
    "retention_cohorts_monthly": {"unbounded_retained_customer_count", "unbounded_retained_customer_rate"},
    "retention_cohorts_weekly": {"unbounded_retained_customer_count", "unbounded_retained_customer_rate"},
    "winback_cohorts_monthly": {"net_revenue_amount"},
}
# Where a row has a maturity of a part, the part is named: a word of its columns, or the columns.
PARTS = {
    ("cart_abandonment_daily", "is_recovery_mature"): {"recovered_count", "recovered_amount", "recovery_rate"},
    ("support_monthly", "is_resolution_mature"): {
        *("answered_count", "resolved_count", "open_count", "median_first_response_hours", "median_resolution_hours"),
    },
}

Row = dict[str, Any]
Build = dict[str, list[Row]]


def calm(directory: Path, folder: Path) -> Path:
    """The tables of the directory without what is said afterwards, of one brand, in ``folder``."""
    tables = {file.stem: list(csv.DictReader(file.open(encoding="utf-8"))) for file in directory.glob("*.csv")}
    owners: dict[tuple[str, str], str] = {}
    addresses: dict[str, str] = {}  # of devices of prospects
    for rows in tables.values():
        for row in rows:
            if row.get("email") and row.get("anonymous_id"):
                addresses.setdefault(row["anonymous_id"].lower(), row["email"])
            for column in ("email", "anonymous_id"):
                if row.get("customer_id") and row.get(column):
                    owners.setdefault((column, row[column].lower()), row["customer_id"])
    folder.mkdir()
    for table, rows in tables.items():
        kept = []
        for row in rows:
            if (
                table in ("refunds", "identity_links", "erasure_requests")
                or row["brand"] != "default"
                or row["deleted_at"]
            ):
                continue
            if "customer_id" in row and table != "customers":
                known = [owners.get((column, row.get(column, "").lower())) for column in ("email", "anonymous_id")]
                row["customer_id"] = row["customer_id"] or next(filter(None, known), "")
                if row["customer_id"]:
                    row |= dict.fromkeys({"email", "anonymous_id"} & set(row), "")
                elif row.get("anonymous_id", "").lower() in addresses:
                    if "email" not in row:
                        continue
                    row |= {"email": addresses[row["anonymous_id"].lower()], "anonymous_id": ""}
            if table == "orders":
                row |= {"status": "paid", "cancelled_at": ""}
            elif table == "customers":
                row["created_at"] = ""
            elif table == "referrals":
                friend = owners.get(("email", row["referred_email"].lower()), "")
                row |= {"referred_customer_id": row["referred_customer_id"] or friend, "referred_email": ""}
            kept.append(row)
        if kept:
            with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(kept[0]))
                writer.writeheader()
                writer.writerows(kept)
    return folder


def tables_of(path: Path) -> Build:
    """All published tables of a warehouse."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in ('marts', 'metrics')"
        ).fetchall()
        found: Build = {}
        for schema, name in names:
            result = connection.execute(f"select * from {schema}.{name}")
            columns = [column for column, *_ in result.description]
            found[name] = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    return found


def primary_keys() -> dict[str, list[str]]:
    """The primary key of each mart, as its description says it."""
    keys = {}
    for file in PROJECT_DIR.glob("models/m*/**/_*models.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            _, _, key = model["description"].partition("Primary key:")
            if key:
                keys[model["name"]] = [name.strip() for name in key.strip().split("\n")[0].split(",")]
    return keys


def flags(row: Row) -> list[str]:
    """The columns that say what of a row is mature."""
    return [column for column in row if column.startswith("is_") and "mature" in column]


def governed(mart: str, flag: str, columns: list[str]) -> set[str]:
    """The columns of which ``flag`` says that they change no more."""
    parts = {name: PARTS.get((mart, name)) for name in flags(dict.fromkeys(columns))}
    if parts[flag]:
        return parts[flag] | {flag}
    if flag != "is_mature":
        window = flag.removeprefix("is_mature_")
        return {column for column in columns if window in column}
    elsewhere = {column for name, part in parts.items() if part for column in {*part, name}}
    return set(columns) - elsewhere - WITHOUT_END.get(mart, set())


def is_same(before: Any, after: Any) -> bool:
    """Whether two values are one, but for the order in which floats were added."""
    if isinstance(before, float) and isinstance(after, float):
        return isclose(before, after, rel_tol=1e-9, abs_tol=1e-12)
    return before == after


@pytest.fixture(scope="module")
def builds(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> dict[date, Build]:
    """The published tables by as-of date, earliest first."""
    folder = tmp_path_factory.mktemp("mature")
    generate(customers=250, directory=folder / "generated", months=30, dirt=0, quiet=True)
    raw = calm(folder / "generated", folder / "raw")
    made = {}
    for day in sorted([*DATES, *MORE_DATES][: max(COUNT, len(DATES))]):
        made[day] = tables_of(builder.build(f"as_of_{day}", raw, as_of_date=day, models=MODELS, **SETTINGS).path)
    return made


def test_every_mart_says_what_is_mature_or_is_listed(builds: dict[date, Build]) -> None:
    """A mart without a maturity column is listed above with its reason, and nothing else is."""
    columns: dict[str, set[str]] = {}
    for build in builds.values():
        for mart, rows in build.items():
            columns.setdefault(mart, set()).update(*rows[:1])
    marts = set(primary_keys()) & set(columns)
    assert {mart for mart in marts if not flags(dict.fromkeys(columns[mart]))} == set(WITHOUT_MATURITY) & marts
    assert set(WITHOUT_END) <= marts
    assert {mart: names - columns[mart] for mart, names in WITHOUT_END.items() if names - columns[mart]} == {}


def test_a_mature_row_never_changes_by_the_passing_of_time(builds: dict[date, Build]) -> None:
    """Each is in all later builds, with the same values."""
    keys = primary_keys()
    changed, compared = [], set()
    days = list(builds)
    for number, day in enumerate(days):
        for mart, rows in builds[day].items():
            for flag in flags(rows[0]) if rows else ():
                columns = sorted(governed(mart, flag, list(rows[0])))
                mature = [row for row in rows if row[flag]]
                compared |= {(mart, flag)} if mature else set()
                for later in days[number + 1 :]:
                    after = {tuple(row[name] for name in keys[mart]): row for row in builds[later][mart]}
                    for row in mature:
                        key = tuple(row[name] for name in keys[mart])
                        if key not in after:
                            changed.append((mart, flag, key, str(day), str(later), "gone"))
                            continue
                        changed += [
                            (mart, flag, key, str(day), str(later), column, row[column], after[key][column])
                            for column in columns
                            if not is_same(row[column], after[key][column])
                        ]
    assert len(compared) > 30, "hardly anything was compared"
    assert not changed, f"{len(changed)} values changed:\n" + "\n".join(map(str, changed[:40]))
