"""The demo as a reader of marts sees it: the figures of a plausible shop, in which returns, expansion and targets can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle.runs import demo as demo_in

RECENT_MONTHS = 1  # a cohort has hardly bought again


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every model of the demo."""
    return demo_in(tmp_path_factory.mktemp("demo"), "UTC")


def rows(demo: Path, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with duckdb.connect(str(demo), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_customers_are_worth_more_than_they_cost(demo: Path) -> None:
    """Blended, brand by brand, and month by month in the brand that wins enough customers to tell."""
    by_brand = rows(
        demo,
        "select brand, sum(cumulative_margin_amount) / sum(acquisition_cost), sum(customer_count) "
        "from marts.cohort_unit_economics_blended where is_latest group by brand",
    )
    assert {brand for brand, _, _ in by_brand} == {"default", "atelier"}
    assert all(1 < ratio < 8 for _, ratio, _ in by_brand), by_brand
    cohorts = rows(
        demo,
        "select cohort_month, ltv_to_cac, payback_month from marts.cohort_unit_economics_blended "
        f"where is_latest and brand = 'default' and period_number >= {RECENT_MONTHS} order by 1",
    )
    assert len(cohorts) == 17
    assert all(1 < ratio < 8 for _, ratio, _ in cohorts), cohorts
    assert all(0 <= payback <= 14 for _, _, payback in cohorts), cohorts
    assert len({payback for _, _, payback in cohorts}) >= 3, "all cohorts pay back in the same month"


def test_each_paid_channel_pays_back_and_has_a_return(demo: Path) -> None:
    """Four channels are paid for in the large brand."""
    paid = ["affiliate", "paid_search", "paid_social", "podcast"]
    returns = rows(
        demo,
        "select channel, count(*), count(roas), sum(first_order_revenue_amount) / sum(spend_amount) "
        "from marts.acquisition_channels_monthly where brand = 'default' and spend_amount > 0 group by 1 order by 1",
    )
    assert [channel for channel, *_ in returns] == paid
    assert all(months == known and 0.1 < ratio < 4 for _, months, known, ratio in returns), returns
    credited = rows(
        demo,
        "select channel, sum(credited_revenue_amount) / sum(spend_amount) from marts.attribution_channels_monthly "
        "where brand = 'default' and model = 'last_non_direct' and spend_amount > 0 group by 1 order by 1",
    )
    assert [channel for channel, _ in credited] == paid
    assert all(0.2 < ratio < 8 for _, ratio in credited), credited
    paybacks = rows(
        demo,
        "select acquisition_channel, min(payback_month), max(payback_month) from marts.cohort_unit_economics "
        "where is_latest and acquisition_cost > 0 and brand = 'default' group by 1",
    )
    assert all(0 <= first <= last <= 14 for _, first, last in paybacks), paybacks


def test_recurring_revenue_moves_in_every_way(demo: Path) -> None:
    """New, expansion, contraction and churn, in several months each."""
    kinds = ("new", "expansion", "contraction", "churned")
    months = ", ".join(f"count(*) filter (where {kind}_mrr_amount > 0)" for kind in kinds)
    found = rows(demo, f"select {months} from marts.growth_accounting_monthly")[0]
    assert all(count >= 3 for count in found), dict(zip(kinds, found, strict=True))


def test_targets_are_met_and_missed(demo: Path) -> None:
    """A target that is always met, or never, tells nothing; that for carts is one of those that tell."""
    found = {
        metric: (above, below)
        for metric, above, below in rows(
            demo,
            "select metric_id, count(*) filter (where value > target), count(*) filter (where value < target) "
            "from marts.lifecycle_metrics_monthly "
            "where brand = 'default' and dimension_name = 'all' and target is not null group by 1",
        )
    }
    assert len(found) == 13
    assert all(above >= 2 and below >= 2 for above, below in found.values()), found
    assert min(found["cart_abandonment_rate"]) >= 3


def test_gift_cards_and_parts_of_refunds_are_in_the_money(demo: Path) -> None:
    """Cards are sold without revenue and redeemed at the full price; a refund of shipping takes back nothing."""
    sold, redeemed = rows(
        demo,
        "select count(*) filter (where sold_amount > 0), count(*) filter (where left_out_amount > 0) "
        "from intermediate.int_order_gift_cards",
    )[0]
    assert sold >= 10
    assert redeemed >= 5
    postage = rows(
        demo,
        "select sum(amounts.refunded_revenue_amount) from intermediate.int_order_amounts as amounts "
        "inner join staging.base_shop__refunds as refunds using (brand, order_id) where refunds.amount = refunds.shipping_amount",
    )
    assert postage == [(0,)]
    # an order that a card paid is not an order whose tax is more than its total
    reasons = rows(demo, "select distinct reason from quality.cleaning_events order by 1")
    assert reasons == [("placeholder_id",), ("unparseable_value",)]


def test_what_machines_and_double_clicks_leave_is_out(demo: Path) -> None:
    """Machines in three tables are rejected, a till's account is no customer, an answer given twice counts once."""
    rejected = dict(
        rows(
            demo,
            "select entity, count(*) from quality.rejected_records where rejection_reason = 'bot_traffic' group by 1",
        )
    )
    assert set(rejected) == {"touchpoints", "engagements", "carts"}
    assert rows(demo, "select count(*) from marts.lifecycle_customers where customer_id ilike '%walk%'") == [(0,)]
    answers = (
        "(select count(*) from staging.stg_feedback__survey_responses where survey_type = 'csat' and score is not null)"
    )
    assert rows(demo, f"select sum(response_count) < {answers} from marts.csat_monthly") == [(True,)]


def test_the_visits_of_an_assistant_and_of_mails_have_a_channel(demo: Path) -> None:
    """Sessions by channel."""
    channels = {
        channel
        for (channel,) in rows(demo, "select channel from marts.acquisition_channels_monthly where session_count > 0")
    }
    assert {"ai_assistant", "email", "direct", "organic_search", "paid_search", "paid_social", "affiliate"} <= channels
