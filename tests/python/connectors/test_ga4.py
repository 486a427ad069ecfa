"""Google Analytics 4: the export beside a shop and advertising, and with every set of its columns."""

# ruff: noqa: E501
from __future__ import annotations

import re
from datetime import datetime

from ga4_world import OPTIONAL, REQUIRED
from stores import Store

from lifecycle_tools.build import PROJECT_DIR

DAY = 1_735_689_600_000_000  # 2025-01-01, in millionths of a second
SHOP = (
    "create schema shopify",
    "create table shopify.\"order\" as select 7 as id, 10 as customer_id, 19.9 as total_price, timestamp '2025-01-01' as processed_at",
    "create table shopify.customer as select 10 as id, 'ann@example.org' as email",
    "create table shopify.customer_visit as select 1 as id, 7 as order_id, timestamp '2025-01-01' as occurred_at",
    "create table shopify.abandoned_checkout as select 1 as id, 'c' as cart_token, 10 as customer_id, timestamp '2025-01-01' as created_at",
    "create schema google_ads",
    "create table google_ads.campaign_history as select 99 as id, 'Brand' as name",
)


def event(second: float, name: str, device: str = "d", **said: object) -> str:
    """A row of the export; parameters are texts or whole numbers."""
    columns = {
        "user_id": said.pop("user", None),
        "gclid": said.pop("gclid", None),
        "source": said.pop("collected", None),
    }
    parameters = []
    for key, value in said.items():
        text, number = (f"'{value}'", "null") if isinstance(value, str) else ("null", str(value))
        values = f"'string_value': cast({text} as varchar), 'int_value': cast({number} as bigint)"
        values += ", 'float_value': cast(null as double), 'double_value': cast(null as double)"
        parameters.append(f"{{'key': '{key}', 'value': {{{values}}}}}")
    texts = {name: "cast(null as varchar)" if value is None else f"'{value}'" for name, value in columns.items()}
    return (
        f"select cast({DAY + int(second * 1_000_000)} as bigint) as event_timestamp, '{name}' as event_name, '{device}' as user_pseudo_id, {texts['user_id']} as user_id, "
        f"[{', '.join(parameters)}] as event_params, {{'manual_source': {texts['source']}, 'manual_medium': 'organic', 'gclid': {texts['gclid']}}} as collected_traffic_source, "
        "{'google_ads_campaign': {'campaign_id': '99', 'campaign_name': 'Brand'}} as session_traffic_source_last_click"
    )


EVENTS = [
    event(0.25, "session_start", ga_session_id=5, page_location="https://shop.example/?gclid=x"),
    event(0.5, "page_view", ga_session_id=5, gclid="x", collected="google", page_location="https://shop.example/second"),
    # the campaign of the last click is said of a direct session, too
    event(90000, "session_start", ga_session_id=6, user="10"),
    event(90010, "begin_checkout", ga_session_id=6, user="10", value=30, currency="eur"),
    event(90020, "purchase", ga_session_id=6, user="10", value=40, currency="eur", transaction_id="7"),
    event(90030, "login", ga_session_id=6, user="11"),
    event(90040, "login", ga_session_id=6, user="10"),
    # sent by a server: no session
    event(90050, "purchase", user="10", transaction_id="8"),
]  # fmt: skip
GA4 = {"schemas": "analytics_1", "loader": "bigquery_export"}


def write(store: Store, *tables: str) -> None:
    """The same events in several tables."""
    rows = " union all by name ".join(EVENTS)
    store.execute("create schema analytics_1", *(f"create table analytics_1.{table} as {rows}" for table in tables))


def test_the_export_beside_a_shop_and_its_advertising(store: Store) -> None:
    """Ids of people and orders are the shop's, those of campaigns Google Ads'; what two vendors hold counts once."""
    write(store, "events_20250101", "events_intraday_20250101", "events_fresh_20250101")
    store.execute(*SHOP)
    shopify = {"schemas": "shopify", "loader": "fivetran"}
    google = {"schemas": "google_ads", "loader": "fivetran", "prefix_ids": True}
    store.connect({"shopify": shopify, "google_ads": google, "ga4": GA4})
    touchpoints = "select touchpoint_id, occurred_at, anonymous_id, customer_id, utm_source, utm_medium, campaign_id, landing_page from store_connectors.raw__touchpoints order by 1"
    assert store.rows(touchpoints) == [
        ("ga4:d.5", datetime(2025, 1, 1, 0, 0, 0, 250000), "d", None, "google", "cpc", "google_ads:99", "https://shop.example/?gclid=x"),
        ("ga4:d.6", datetime(2025, 1, 2, 1), "d", "shopify:10", None, None, None, None),
    ]  # fmt: skip
    links = "select id_type, id_value, customer_id, epoch(linked_at) % 100 from store_connectors.raw__identity_links order by linked_at"
    assert store.rows(links) == [
        ("anonymous_id", "d", "shopify:10", 0),
        ("anonymous_id", "d", "shopify:11", 30),
        ("anonymous_id", "d", "shopify:10", 40),
    ]
    assert store.rows("select cart_id from store_connectors.raw__carts") == [("shopify:c",)]
    assert store.rows("select count(*) from store_connectors.raw__engagements") == [(0,)]


def test_what_two_vendors_hold_comes_from_both_where_that_is_asked_for(store: Store) -> None:
    """A day of which there is no whole table yet; a purchase that a server sent is no cart."""
    write(store, "events_intraday_20250101")
    store.execute(*SHOP)
    shopify = {"schemas": "shopify", "loader": "fivetran", "touchpoints": True, "prefix_ids": False}
    store.connect({"ga4": GA4 | {"carts": True, "prefix_ids": False}, "shopify": shopify})
    carts = "select cart_id, customer_id, last_step, cast(value_amount as double), currency, order_id from store_connectors.raw__carts order by 1"
    assert store.rows(carts) == [
        ("c", "10", "checkout", None, None, None),
        ("d.6", "10", "confirmation", 40, "EUR", "7"),
    ]
    (query,) = re.findall(r"```sql\n(.*?)```", (PROJECT_DIR / "docs/connectors/ga4.md").read_text(), flags=re.S)
    sessions = store.rows(query.replace("from connectors.", "from store_connectors."))
    # January: the visit that the shop knows, the direct session and the click
    assert [row[1:] for row in sessions] == [("(direct)", "(none)", 2, 1), ("google", "cpc", 1, 1)]


def test_every_model_builds_whatever_columns_are_there(store: Store) -> None:
    """All columns, those alone that are required, half of the others, one more, and no rows: a property each."""
    optional = list(OPTIONAL.items())
    variants = {
        "complete": OPTIONAL,
        "required_alone": {},
        "one_half": dict(optional[::2]),
        "other_half": dict(optional[1::2]),
        "one_more": OPTIONAL | {"_a_column_of_tomorrow": "struct(a varchar)[]"},
        "no_rows": OPTIONAL,
    }
    for variant, columns in variants.items():
        names = ", ".join(f"{name} {type_}" for name, type_ in (REQUIRED | columns).items())
        store.execute(f"create schema {variant}", f"create table {variant}.events_20250101 ({names})")
        if variant != "no_rows":
            store.execute(
                f"insert into {variant}.events_20250101 (event_timestamp, event_name, user_pseudo_id) values ({DAY}, 'sign_up', 'd')"
            )
    store.connect({"ga4": GA4 | {"schemas": list(variants)}}, command="build")
    found = [row[0] for row in store.rows("select brand from store_connectors.raw__engagements order by 1")]
    assert found == sorted(set(variants) - {"no_rows"})
