"""The recipes in docs/recipes, followed in a copy of the project: what each promises, what fails if a step is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from oracle.raw_files import write_raw_data

from dev.project_copy import copy_of_project
from lifecycle_tools.build import PROJECT_DIR, BuildResult, run_dbt

RECIPES = PROJECT_DIR / "docs" / "recipes"
AS_OF_DATE = date(2024, 3, 20)
THRESHOLDS = "seeds/lifecycle/lifecycle_thresholds.csv"
STAGES = "seeds/lifecycle/lifecycle_stages.csv"
RULES = "seeds/lifecycle/lifecycle_rules.csv"
TRANSITIONS = "seeds/lifecycle/stage_transitions.csv"
FACT_STAGES = "models/intermediate/lifecycle/int_fact_stages.sql"
SEMANTICS = "models/metrics/semantic/_lifecycle__semantic.yml"
CATALOGUE = "seeds/lifecycle/metric_catalogue.csv"
SMALL = ("+lifecycle_customers", "+stage_restatements", "+int_recorded_build")
PERIODS = "select customer_id, date_day, stage from marts.customer_stages_daily where is_stage_entry order by all"


def order(number: int, customer: str, day: date) -> dict[str, object]:
    return {"order_id": f"o{number}", "customer_id": customer, "ordered_at": day, "total_amount": "10.00"}


# Anna bought once, 79 days before the last day. Ben has bought on four dates and recommends.
RAW = {
    "customers": [{"customer_id": name, "created_at": date(2024, 1, 1)} for name in ("anna", "ben")],
    "orders": [
        order(1, "anna", date(2024, 1, 1)),
        *(order(number, "ben", date(2024, 3, number)) for number in range(2, 6)),
    ],
    "reviews": [{"review_id": "r1", "customer_id": "ben", "rating": 5, "published_at": date(2024, 3, 10)}],
}


@dataclass(frozen=True)
class Copy:
    """A copy of the project, and its warehouse."""

    directory: Path

    def run(self, *arguments: str) -> BuildResult:
        return run_dbt(
            arguments,
            project_dir=self.directory,
            raw_data_dir=self.directory / "raw",
            warehouse_path=self.directory / "warehouse.duckdb",
            as_of_date=AS_OF_DATE.isoformat(),
            business_time_zone="UTC",
            dbt_target_path=self.directory / "target",
            dbt_log_path=self.directory / "logs",
        )

    def built(self, *arguments: str) -> None:
        result = self.run(*arguments)
        assert result.success, "\n".join(result.problems)

    def edit(self, file: str, old: str, new: str) -> None:
        text = (self.directory / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {text.count(old)} times: {old}"
        (self.directory / file).write_text(text.replace(old, new), encoding="utf-8")

    def append(self, file: str, *lines: str) -> None:
        with (self.directory / file).open("a", encoding="utf-8") as text:
            text.write("".join(f"{line}\n" for line in lines))

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.directory / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def stages(self) -> dict[str, str]:
        return dict(self.rows("select customer_id, current_stage from marts.lifecycle_customers"))


@pytest.fixture(scope="module")
def threshold_changed(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The recipe of a threshold: a build, the seed's row changed, an increment."""
    copy = Copy(copy_of_project(tmp_path_factory.mktemp("recipe") / "project"))
    write_raw_data(RAW, copy.directory / "raw")
    copy.built("seed")
    copy.built("run", "--select", *SMALL)
    assert copy.stages() == {"anna": "conversion", "ben": "advocacy"}
    copy.edit(THRESHOLDS, "\ndefault,90,", "\ndefault,60,")
    copy.built("seed", "--select", "lifecycle_thresholds")
    copy.built("run", "--select", *SMALL)
    return copy


def test_a_threshold_is_changed_in_one_row(threshold_changed: Copy) -> None:
    assert threshold_changed.stages() == {"anna": "churned", "ben": "advocacy"}


def test_a_changed_threshold_restates_published_days(threshold_changed: Copy) -> None:
    query = "select customer_id, valid_from, published_stage, restated_stage, cause from marts.stage_restatements"
    assert threshold_changed.rows(query) == [("anna", date(2024, 3, 1), "conversion", "churned", "thresholds")]


@pytest.fixture(scope="module")
def segment_added(threshold_changed: Copy) -> Copy:
    """The recipe of a segment: Anna's profile and the seed say so, an increment."""
    copy = threshold_changed
    (default,) = re.findall(r"^default,60,(.*)$", (copy.directory / THRESHOLDS).read_text(encoding="utf-8"), flags=re.M)
    copy.append(THRESHOLDS, f"business,180,{default}")
    segments = [
        profile | {"segment": "Business" if profile["customer_id"] == "anna" else ""} for profile in RAW["customers"]
    ]
    write_raw_data({"customers": segments}, copy.directory / "raw")
    copy.built("seed", "--select", "lifecycle_thresholds")
    copy.built("run", "--select", *SMALL)
    return copy


def test_a_segment_has_thresholds_of_its_own(segment_added: Copy) -> None:
    assert segment_added.stages() == {"anna": "conversion", "ben": "advocacy"}
    assert segment_added.rows("select customer_id, segment from marts.lifecycle_customers order by 1") == [
        ("anna", "Business"),
        ("ben", "unknown"),
    ]
    restated = "select published_stage, restated_stage, cause from marts.stage_restatements where build_number = 3"
    assert segment_added.rows(restated) == [("churned", "conversion", "correction")]


@pytest.fixture(scope="module")
def backfilled(segment_added: Copy) -> tuple[Copy, list[tuple]]:
    """The recipe of a backfill: the orders of 2023 come after those of 2024, an increment. And the stage periods after it."""
    copy = segment_added
    earlier = write_raw_data({"orders": [order(0, "anna", date(2023, 12, 1))]}, copy.directory / "earlier")
    (copy.directory / "raw" / "orders").mkdir()
    (earlier / "orders.csv").rename(copy.directory / "raw" / "orders" / "2023.csv")
    copy.built("run", "--select", *SMALL)
    return copy, copy.rows(PERIODS)


def test_a_backfill_changes_the_days_that_it_is_about(backfilled: tuple[Copy, list[tuple]]) -> None:
    copy, periods = backfilled
    assert [(row[1], row[2]) for row in periods if row[0] == "anna"] == [
        (date(2023, 12, 1), "conversion"),
        (date(2024, 1, 1), "retention"),
    ]
    (query,) = re.findall(r"```sql\n(.*?)```", (RECIPES / "backfill.md").read_text(encoding="utf-8"), flags=re.S)
    assert copy.rows(query) == [("late_row", "orders", 1, 31 + 80)]  # December, and every day since


@pytest.fixture(scope="module")
def stage_added(backfilled: tuple[Copy, list[tuple]]) -> Copy:
    """The recipes of a stage and of a metric, and one full build."""
    copy, _ = backfilled
    stages = (copy.directory / STAGES).read_text(encoding="utf-8")
    renumbered = re.sub(
        r"^(\w+),(\d+),", lambda row: f"{row[1]},{int(row[2]) + (int(row[2]) > 2)},", stages, flags=re.M
    )
    (copy.directory / STAGES).write_text(renumbered, encoding="utf-8")
    copy.append(STAGES, "champion,3,6,true,promotion,promotion,retention,fidélisation,Buys often and recommends")
    copy.append(RULES, "buys_and_recommends,champion,bought often and has an advocacy event")
    copy.edit(
        FACT_STAGES,
        "        is_purchased and is_advocating as is_recommending_customer,\n",
        "        is_purchased and is_advocating and is_bought_often as is_champion,\n"
        "        is_purchased and is_advocating as is_recommending_customer,\n",
    )
    copy.edit(
        FACT_STAGES,
        "            when is_recommending_customer then 'advocacy'\n",
        "            when is_champion then 'champion'\n            when is_recommending_customer then 'advocacy'\n",
    )
    copy.edit(
        FACT_STAGES,
        "            when is_recommending_customer then 'recommends'\n",
        "            when is_champion then 'buys_and_recommends'\n"
        "            when is_recommending_customer then 'recommends'\n",
    )
    copy.append(TRANSITIONS, "loyalty,champion,advocacy")
    copy.append(TRANSITIONS, "champion,churned,time_out")  # what follows if Ben does nothing
    copy.edit(
        SEMANTICS,
        "\nmetrics:\n",
        "\nmetrics:\n  - {name: orders, label: Orders, type: simple, type_params: {measure: order_count}}\n",
    )
    copy.append(
        CATALOGUE,
        "orders,conversion,conversion,conversion,acquisition,acquisition,Orders,Commandes,Valid orders of the month.,"
        "Commandes valides du mois.,count,higher,order_metrics_monthly,order_count",
    )
    copy.built("seed")
    copy.built("run", "--full-refresh")
    return copy


STAGE_TESTS = (
    "every_state_is_one_of_the_nine_stages",
    "assert_each_rule_leads_to_its_stage",
    "assert_transitions_are_allowed",
    "assert_stages_follow_each_other_as_allowed",
)


def test_a_new_stage_is_reached(stage_added: Copy) -> None:
    assert stage_added.stages() == {"anna": "retention", "ben": "champion"}
    stage_added.built("test", "--select", *STAGE_TESTS)


def test_a_backfill_ends_in_the_rows_of_a_full_build(backfilled: tuple[Copy, list[tuple]], stage_added: Copy) -> None:
    _, periods = backfilled
    assert [row for row in stage_added.rows(PERIODS) if row[0] == "anna"] == [
        row for row in periods if row[0] == "anna"
    ]


def test_a_new_metric_has_values(stage_added: Copy) -> None:
    query = "select month_date, value from marts.lifecycle_metrics_monthly where metric_id = 'orders' and dimension_name = 'all'"
    assert sorted(stage_added.rows(query)) == [
        (date(2023, 12, 1), 1.0),
        (date(2024, 1, 1), 1.0),
        (date(2024, 3, 1), 4.0),
    ]
    stage_added.built("test", "--select", "every_metric_that_has_a_value_is_in_the_catalogue")


@pytest.mark.parametrize(
    ("seed", "key", "failing"),
    [
        ("lifecycle_stages", "stage = 'champion'", {"every_state_is_one_of_the_nine_stages"}),
        ("lifecycle_rules", "stage = 'champion'", {"assert_each_rule_leads_to_its_stage"}),
        ("stage_transitions", "to_stage = 'champion'", set(STAGE_TESTS[2:])),
        ("metric_catalogue", "metric_id = 'orders'", {"every_metric_that_has_a_value_is_in_the_catalogue"}),
    ],
)
def test_a_row_left_out_is_told_by_the_test_that_the_recipe_names(
    stage_added: Copy, seed: str, key: str, failing: set[str]
) -> None:
    page = "add_a_metric.md" if seed == "metric_catalogue" else "add_a_stage.md"
    step = next(row for row in (RECIPES / page).read_text().splitlines() if f"/{seed}.csv" in row)
    assert failing <= set(re.findall(r"`(\w+)`", step))
    with duckdb.connect(str(stage_added.directory / "warehouse.duckdb")) as connection:
        connection.execute(f"create table kept as select * from staging.{seed} where {key}")
        connection.execute(f"delete from staging.{seed} where {key}")
    result = stage_added.run("test", "--select", *failing)
    with duckdb.connect(str(stage_added.directory / "warehouse.duckdb")) as connection:
        connection.execute(f"insert into staging.{seed} select * from kept")
        connection.execute("drop table kept")
    statuses = {name.split(".")[2]: status for name, status in result.statuses.items() if name.startswith("test.")}
    assert statuses == dict.fromkeys(failing, "fail")


def test_the_pages_name_files_that_are_there() -> None:
    pages = sorted(RECIPES.glob("*.md"))
    assert {page.name for page in pages} >= {
        "change_a_threshold.md",
        "try_a_threshold.md",
        "calibrate.md",
        "add_a_stage.md",
        "add_a_metric.md",
        "add_an_engine.md",
        "add_a_segment.md",
        "backfill.md",
        "erase_a_person.md",
    }
    for page in pages:
        named = re.findall(
            r"`((?:models|seeds|macros|tests|docs|lifecycle_tools)/[\w/.*]+)`", page.read_text(encoding="utf-8")
        )
        assert named, page.name
        # the wishlists are what the recipe makes
        absent = [name for name in named if "wishlists" not in name and not list(PROJECT_DIR.glob(name))]
        assert not absent, page.name


def test_contributing_leads_to_each_recipe() -> None:
    linked = re.findall(r"\(docs/recipes/(\w+\.md)\)", (PROJECT_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert {page.name for page in RECIPES.glob("*.md")} <= set(linked)
    assert len(linked) == 10
