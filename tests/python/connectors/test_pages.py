"""The queries of the pages about vendors run on what the connectors present, and agree with what the vendors' tables sum up to."""

# ruff: noqa: E501
from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import duckdb
import facebook_ads_world
import google_ads_world
import hubspot_world
import klaviyo_world
import pytest
import recharge_world
import shopify_world
import stripe_world
import woocommerce_world
import zendesk_world
from stores import Store, load_world, make_store

from lifecycle_tools.build import PROJECT_DIR

PAGES = PROJECT_DIR / "docs" / "connectors"


def _connect(store: Store, vendors: dict[str, tuple[ModuleType, str]], schema: str = "store") -> None:
    """Write the first brand's tables of each vendor, in the shape that its world calls so, and connect them."""
    with duckdb.connect(str(store.warehouse)) as connection:
        schemas = {vendor: world.write(connection, shape)["default"] for vendor, (world, shape) in vendors.items()}
    loaders = {vendor: shape.split("_")[0] for vendor, (_, shape) in vendors.items()}
    store.connect({vendor: {"schemas": schemas[vendor], "loader": loaders[vendor]} for vendor in vendors}, schema)


@pytest.fixture(scope="module")
def store(macros: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with all vendors, the first brand alone."""
    directory = tmp_path_factory.mktemp("pages")
    made = make_store(directory / "store", macros)
    load_world(made, directory / "raw", 100, 1)
    _connect(
        made,
        {
            "shopify": (shopify_world, "fivetran_rest"),
            "stripe": (stripe_world, "fivetran"),
            "hubspot": (hubspot_world, "fivetran"),
            "klaviyo": (klaviyo_world, "fivetran"),
            "google_ads": (google_ads_world, "fivetran"),
            "facebook_ads": (facebook_ads_world, "fivetran_campaign"),
        },
    )
    return made


@pytest.fixture(scope="module")
def other_store(store: Store) -> Store:
    """The same store with another shop, in schemas of its own."""
    _connect(
        store,
        {
            "woocommerce": (woocommerce_world, "airbyte"),
            "recharge": (recharge_world, "fivetran"),
            "zendesk": (zendesk_world, "fivetran_ratings"),
        },
        "other",
    )
    return store


def queries(page: str, schema: str = "store") -> list[str]:
    """The queries of a page, on the schema of the store."""
    found = re.findall(r"```sql\n(.*?)```", (PAGES / page).read_text(), flags=re.S)
    return [query.replace(" connectors.", f" {schema}_connectors.") for query in found]


def test_the_queries_run_on_what_the_connectors_present(store: Store) -> None:
    sales, buyers = queries("shopify.md")
    (total,) = store.rows(
        'select sum(total_price) from shopify_fivetran_rest_default."order" where not coalesce(test, false) and not _fivetran_deleted'
    )[0]
    assert sum(row[-1] for row in store.rows(sales)) == total
    firsts = store.rows(
        'select count(distinct customer_id) from shopify_fivetran_rest_default."order" where not coalesce(test, false) and not _fivetran_deleted'
    )[0][0]
    assert sum(row[1] for row in store.rows(buyers)) == firsts
    (recurring,) = queries("stripe.md")
    running = """
        select upper(currency), count(*), sum(unit_amount_decimal * quantity / case interval when 'year' then 12 else 1 end) / 100
        from stripe_fivetran_default.subscription_history as s
        inner join stripe_fivetran_default.subscription_item as i on s.id = i.subscription_id
        inner join (select * from stripe_fivetran_default.price_of_all) as p on i.plan_id = p.id
        where s._fivetran_active and s.status = 'active' group by 1 order by 1
    """
    store.execute(
        """create or replace view stripe_fivetran_default.price_of_all as
            select id, currency, recurring_interval as interval, unit_amount_decimal from stripe_fivetran_default.price
            union all
            select id, currency, interval, amount from stripe_fivetran_default.plan where id not in (select id from stripe_fivetran_default.price)"""
    )
    found, wanted = store.rows(recurring), store.rows(running)
    assert [row[:2] for row in found] == [row[:2] for row in wanted]
    assert all(abs(float(one[2]) - float(other[2])) < 0.05 for one, other in zip(found, wanted, strict=True))


def test_the_queries_of_mailings_agree_with_the_vendors_tables(store: Store) -> None:
    mailings, contacts = queries("hubspot.md")
    recipients = """
        select 'hubspot:' || email_campaign_id, count(distinct recipient) filter (type = 'DELIVERED'), count(distinct recipient) filter (type = 'OPEN'),
            count(distinct recipient) filter (type = 'CLICK')
        from hubspot_fivetran_default.email_event
        where not coalesce(filtered_event, false) and type in ('DELIVERED', 'OPEN', 'CLICK') and not _fivetran_deleted
        group by 1 order by 1
    """
    assert store.rows(mailings) == store.rows(recipients) != []
    (there,) = store.rows(
        """select count(*) from hubspot_fivetran_default.contact as c where not _fivetran_deleted and not exists (
            select 1 from hubspot_fivetran_default.contact as o
            where list_contains(string_split(o.property_hs_merged_object_ids, ';'), cast(c.id as varchar)) and o.id <> c.id)"""
    )[0]
    assert sum(row[1] for row in store.rows(contacts)) == there
    (mailings,) = queries("klaviyo.md")
    profiles = """
        select 'klaviyo:' || coalesce(e.campaign_id, e.flow_id), count(distinct person_id) filter (metric_id = 'm-Received Email'),
            count(distinct person_id) filter (metric_id = 'm-Opened Email'), count(distinct person_id) filter (metric_id = 'm-Clicked Email')
        from klaviyo_fivetran_default.event as e
        where metric_id in ('m-Received Email', 'm-Opened Email', 'm-Clicked Email') and not coalesce(property_bot_click, property_machine_open, false) group by 1 order by 1
    """
    assert store.rows(mailings) == store.rows(profiles) != []


def test_the_queries_of_another_shop_agree_with_its_tables(other_store: Store) -> None:
    """Sales and buyers of WooCommerce, subscriptions of Recharge, tickets and ratings of Zendesk."""
    sales, buyers = queries("woocommerce.md", "other")
    sold = """
        from woocommerce_airbyte_default.orders where status not in ('pending', 'failed', 'cancelled', 'checkout-draft', 'trash')
    """
    totals = other_store.rows(f"select count(*), sum(cast(total as decimal(18, 2))) {sold}")[0]
    found = other_store.rows(sales)
    assert (sum(row[1] for row in found), sum(row[-1] for row in found)) == totals
    (people,) = other_store.rows(f"select count(distinct lower(billing ->> 'email')) {sold}")[0]
    assert sum(row[1] for row in other_store.rows(buyers)) == people > 0
    (recurring,) = queries("recharge.md", "other")
    active = """
        select product_title, count(*) from recharge_fivetran_default.subscription_history as s
        where status = 'ACTIVE' and not _fivetran_deleted
            and updated_at = (select max(updated_at) from recharge_fivetran_default.subscription_history as o where o.subscription_id = s.subscription_id)
        group by 1 order by 1
    """
    assert [row[:2] for row in other_store.rows(recurring)] == other_store.rows(active) != []
    tickets, ratings = queries("zendesk.md", "other")
    solved = "select count(*), count(*) filter (status in ('solved', 'closed')) from zendesk_fivetran_ratings_default.ticket where status <> 'deleted'"
    found = other_store.rows(tickets)
    assert (sum(row[1] for row in found), sum(row[2] for row in found)) == other_store.rows(solved)[0]
    rated = "select count(*) filter (score = 'good'), count(*) filter (score <> 'offered') from zendesk_fivetran_ratings_default.satisfaction_rating"
    found = other_store.rows(ratings)
    assert (sum(row[1] for row in found), sum(row[2] for row in found)) == other_store.rows(rated)[0]
    assert sum(row[2] for row in found) > 0


def test_costs_are_those_of_the_platforms(store: Store) -> None:
    """What the queries of the pages sum up, in the loaders' own tables."""
    google = "select sum(impressions), sum(clicks), sum(cost_micros) / 1000000, sum(conversions) from google_ads_fivetran_default.campaign_stats"
    meta = """
        select sum(impressions), sum(inline_link_clicks), sum(spend), (
            select sum(value) from facebook_ads_fivetran_campaign_default.basic_campaign_actions where action_type = 'omni_purchase')
        from facebook_ads_fivetran_campaign_default.basic_campaign
    """
    for page, query in {"google_ads.md": google, "facebook_ads.md": meta}.items():
        (of_page,) = queries(page)
        found = [sum(float(row[place]) for row in store.rows(of_page)) for place in range(2, 6)]
        assert found == pytest.approx([float(value) for value in store.rows(query)[0]])
        assert min(found) > 0


def test_the_tests_that_answer_complaints_are_there() -> None:
    """Each row in the table of the guide names a test, or a file of tests, that is there."""
    tests = PROJECT_DIR / "tests" / "python"
    texts = {path.name: path.read_text() for path in tests.rglob("test_*.py")}
    guide = (PROJECT_DIR / "docs" / "connectors.md").read_text()
    rows = guide[guide.index("## What users of other packages") :].split("|---|---|---|\n")[1].strip().splitlines()
    named_in_rows = {row: set(re.findall(r"`(test_\w+(?:\.py)?)`", row)) for row in rows}
    assert len(rows) >= 13
    assert not [row for row, names in named_in_rows.items() if not names]
    named = set().union(*named_in_rows.values())
    there = set(texts) | {name for text in texts.values() for name in re.findall(r"^def (test_\w+)", text, flags=re.M)}
    assert named <= there, named - there
