"""The demo data: deterministic, complete, plausible, and true to the process that was drawn."""

from __future__ import annotations

import filecmp
import inspect
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from dev import generate as package
from dev.generate import generate, main

PROJECT_DIR = Path(__file__).resolve().parents[2]
DEMO, DEMO_TRUTH = PROJECT_DIR / "seeds" / "demo", PROJECT_DIR / "tests" / "fixtures" / "demo_truth"

# The raw contract, written down a second time on purpose.
CONTRACT = {
    "customers": "customer_id email phone first_name last_name created_at country_code city segment acquisition_source "
    "marketing_consent is_test updated_at",
    "orders": "order_id customer_id email ordered_at status currency subtotal_amount discount_amount shipping_amount "
    "tax_amount total_amount gift_card_amount cancelled_at cart_id discount_code affiliate_id sales_channel is_test "
    "updated_at",
    "order_items": "order_item_id order_id product_id quantity unit_price discount_amount is_gift_card",
    "refunds": "refund_id order_id refunded_at amount goods_amount shipping_amount tax_amount reason",
    "products": "product_id name category is_gift_card unit_cost currency",
    "carts": "cart_id customer_id anonymous_id created_at updated_at last_step value_amount currency order_id is_bot",
    "subscriptions": "subscription_id customer_id plan status trial_started_at trial_ended_at started_at ended_at "
    "cancelled_at cancel_reason is_involuntary monthly_amount currency updated_at",
    "campaigns": "campaign_id name channel platform objective started_at ended_at parent_campaign_id",
    "ad_performance": "date campaign_id platform impressions clicks spend_amount currency platform_conversions",
    "touchpoints": "touchpoint_id occurred_at customer_id anonymous_id email touch_type utm_source utm_medium "
    "utm_campaign campaign_id referrer landing_page is_bot",
    "engagements": "engagement_id occurred_at customer_id anonymous_id email engagement_type channel campaign_id "
    "is_bot",
    "social_daily": "date platform is_paid impressions followers_total likes comments shares mentions",
    "messages": "message_id sent_at customer_id held_out audience campaign_id channel cost_amount currency",
    "podcast_daily": "date platform episode_id listeners downloads",
    "survey_responses": "response_id responded_at customer_id email survey_type score scale_max touchpoint reason "
    "comment",
    "support_tickets": "ticket_id created_at customer_id email category first_response_at resolved_at reopened_count",
    "referrals": "referral_id referrer_customer_id program invited_at invite_channel code referred_email "
    "referred_customer_id accepted_at reward_amount currency",
    "affiliate_sales": "affiliate_sale_id affiliate_id order_id occurred_at commission_amount currency status "
    "affiliate_customer_id",
    "reviews": "review_id customer_id product_id rating published_at is_user_content",
    "identity_links": "link_id linked_at id_type id_value customer_id",
    "erasure_requests": "request_id requested_at customer_id email",
}
NEVER_NULL_ENOUGH = {"deleted_at"}  # not every table has soft deletes

# One question to the demo for each thing it promises to show: at least so many rows.
DEMO_HOLDS = {
    "guest orders": (20, "orders where customer_id is null and email is not null"),
    "guests who open an account with the address later": (
        10,
        "orders join customers on lower(orders.email) = lower(customers.email) where orders.customer_id is null",
    ),
    "orders of customers without a record": (
        2,
        "(select distinct customer_id from orders where customer_id not like '%.0' and order_id like 'O%'"
        " and customer_id not in (select customer_id from customers where customer_id is not null))",
    ),
    "other currencies": (50, "orders where upper(currency) in ('USD', 'GBP')"),
    "the other brand": (50, "orders where brand = 'atelier'"),
    "test accounts": (3, "customers where lower(is_test) in ('true', 't', 'yes', '1', 'oui', 'y')"),
    "bots": (10, "touchpoints where anonymous_id like 'bot-%'"),
    "sign-ins": (100, "touchpoints where customer_id is not null and anonymous_id is not null"),
    "a public device": (8, "touchpoints where anonymous_id like 'kiosk-%' and customer_id is not null"),
    "visits from the public device": (3, "touchpoints where anonymous_id like 'kiosk-%' and customer_id is null"),
    "merges": (8, "identity_links where id_type = 'customer_id'"),
    "chains of merges": (
        2,
        "identity_links as later join identity_links as earlier on later.customer_id = earlier.id_value"
        " and later.id_value <> earlier.customer_id where earlier.id_type = 'customer_id'",
    ),
    "a conflict of merges": (
        1,
        "identity_links as one join identity_links as other on one.id_value = other.id_value"
        " and one.customer_id < other.customer_id",
    ),
    "a cycle of merges": (
        1,
        "identity_links as one join identity_links as other on one.id_value = other.customer_id"
        " and one.customer_id = other.id_value where one.id_type = 'customer_id'",
    ),
    "shared addresses": (
        3,
        "(select lower(email) as mail from customers where email <> 'N/A' and customer_id not like '%.0'"
        " group by lower(email) having count(distinct customer_id) > 1)",
    ),
    "self-referrals": (1, "referrals where referrer_customer_id = referred_customer_id"),
    "invitations that no friend followed": (10, "referrals where accepted_at is null"),
    "referred friends who took their first order back": (
        2,
        "referrals join orders on referrals.referred_customer_id = orders.customer_id"
        " where lower(orders.status) in ('cancelled', 'refunded', 'returned')",
    ),
    "affiliates who are customers": (3, "affiliate_sales where affiliate_customer_id is not null"),
    "full refunds": (10, "orders where lower(status) = 'refunded'"),
    "partial refunds": (
        10,
        "refunds join orders using (order_id) where lower(status) in ('completed', 'paid', 'shipped', 'delivered')",
    ),
    "cancellations": (20, "orders where cancelled_at is not null"),
    "discounts": (100, "orders where discount_code is not null"),
    "free orders": (1, "orders where total_amount in ('0.00', '0,00')"),
    "trials that did not convert": (5, "subscriptions where trial_started_at is not null and started_at is null"),
    "trials that did": (10, "subscriptions where trial_started_at is not null and started_at is not null"),
    "voluntary ends": (3, "subscriptions where ended_at is not null and is_involuntary = 'false'"),
    "involuntary ends": (3, "subscriptions where is_involuntary in ('true', 't', 'yes', '1', 'oui', 'Y', 'TRUE')"),
    "returning subscribers": (
        2, "(select customer_id from subscriptions where customer_id is not null group by 1 having count(*) > 1)"
    ),
    "abandoned carts": (100, "carts where lower(last_step) <> 'confirmation'"),
    "carts rescued after a day": (
        20,
        "carts join orders using (cart_id)"
        " where try_cast(ordered_at as timestamp) > try_cast(carts.updated_at as timestamp) + interval 24 hour",
    ),
    "NPS": (20, "survey_responses where lower(survey_type) = 'nps'"),
    "CSAT": (20, "survey_responses where lower(survey_type) = 'csat'"),
    "CES": (3, "survey_responses where lower(survey_type) = 'ces'"),
    "exit surveys": (5, "survey_responses where lower(survey_type) = 'exit' and reason is not null"),
    "published content": (10, "reviews where is_user_content = 'true'"),
    "erasure by account": (1, "erasure_requests where customer_id is not null"),
    "erasure by address": (1, "erasure_requests where email is not null"),
    "customers held out": (50, "messages where held_out = 'true'"),
    "held out in other words": (1, "messages where held_out not in ('true', 'false')"),
    "messages to no customer": (2, "messages where customer_id like 'gone-%'"),
    "reminders to customers held out": (
        1,
        "(select customer_id from messages group by customer_id, brand, audience"
        " having min(sent_at) filter (held_out = 'true') < max(sent_at) filter (held_out = 'false'))",
    ),
    "soft deletes": (2, "engagements where deleted_at is not null"),
    "late rows": (
        10, "orders where try_cast(loaded_at as timestamp) > try_cast(updated_at as timestamp) + interval 3 day"
    ),
    "numbers with a comma": (3, "orders where total_amount like '%,%'"),
    "moments with an offset": (3, "engagements where occurred_at like '%+02:00'"),
    "ids from a spreadsheet": (3, "orders where customer_id like '%.0'"),
    "changes of plan": (8, "(select subscription_id from subscriptions group by 1 having count(distinct trim(plan)) > 1)"),
    "subscribers who went back to their plan": (
        2,
        "(select subscription_id from subscriptions where trim(plan) in ('basic', 'plus')"
        " group by 1 having count(distinct updated_at) > 2 and count(distinct trim(plan)) = 2)",
    ),
    "gift cards sold": (5, "order_items join products using (product_id) where products.is_gift_card = 'true'"),
    "orders paid with a gift card": (3, "orders where gift_card_amount is not null"),
    "refunds of shipping alone": (3, "refunds where shipping_amount = amount"),
    "refunds of goods and their tax": (10, "refunds where goods_amount not in ('0.00', '0,00') and goods_amount is not null"),
    "clicks in mails": (20, "touchpoints where lower(touch_type) = 'email_clicked'"),
    "ad clicks that only a click id tells": (10, "touchpoints where landing_page like '%gclid=%' and utm_source is null"),
    "origins in the address": (20, "touchpoints where landing_page like '%utm_medium=%' and utm_medium is null"),
    "names that were encoded twice": (3, "touchpoints where utm_medium like '%!%2520%' escape '!'"),
    "pages of payment": (3, "touchpoints where referrer like '%paypal%' or referrer like '%stripe%' or referrer like '%3ds%'"),
    "visits from an assistant": (3, "touchpoints where referrer = 'https://chatgpt.com/'"),
    "machines that click in mails": (3, "engagements where lower(is_bot) in ('true', 't', 'yes', '1', 'oui', 'y')"),
    "machines with carts": (3, "carts where lower(is_bot) in ('true', 't', 'yes', '1', 'oui', 'y')"),
    "answers sent twice": (
        3,
        "survey_responses as one join survey_responses as other using (survey_type, customer_id, touchpoint)"
        " where try_cast(other.responded_at as timestamp) = try_cast(one.responded_at as timestamp) + interval 2 second",
    ),
    "a till's account of all unknown buyers": (3, "orders where customer_id = 'WALK-IN'"),
    "a merge that was undone": (1, "identity_links where id_type = 'customer_id' and deleted_at is not null"),
    "amounts with their currency": (3, "orders where total_amount like '% EUR'"),
    "channels by utm": (8, "(select distinct utm_source, utm_medium, referrer from touchpoints)"),
}  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Two thousand people without dirt, in four parts, and their truth, as tables of those names."""
    directory = tmp_path_factory.mktemp("clean")
    generate(
        customers=2_000, directory=directory / "raw", file_format="parquet", dirt=0, chunk_size=500,
        truth_directory=directory / "truth", quiet=True,
    )  # fmt: skip
    connection = duckdb.connect()
    for name in CONTRACT:
        connection.execute(f"create view {name} as select * from '{directory}/raw/{name}/*.parquet'")
    for name in ("people", "identifiers", "lapses", "coverage"):
        connection.execute(f"create view truth_{name} as select * from '{directory}/truth/{name}.csv'")
    connection.execute("create view parts as select regexp_extract(file, '([a-z_]+)/part', 1) as name, file"
                       f" from glob('{directory}/raw/*/*.parquet')")  # fmt: skip
    return connection


def value(connection: duckdb.DuckDBPyConnection, query: str) -> int | float | None:
    """The first value of a query."""
    return connection.execute(query).fetchall()[0][0]


def files_of(directory: Path) -> list[str]:
    """All files below a directory, by relative path."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_same_arguments_write_the_same_bytes(tmp_path: Path, file_format: str) -> None:
    for run in ("one", "two"):
        generate(
            customers=120, directory=tmp_path / run, file_format=file_format, months=7, seed=5, chunk_size=50,
            truth_directory=tmp_path / f"{run} truth", quiet=True,
        )  # fmt: skip
    for first, second in ((tmp_path / "one", tmp_path / "two"), (tmp_path / "one truth", tmp_path / "two truth")):
        assert files_of(first) == files_of(second)
        assert filecmp.cmpfiles(first, second, files_of(first), shallow=False)[1:] == ([], [])
    generate(
        customers=120,
        directory=tmp_path / "other",
        file_format=file_format,
        months=7,
        seed=6,
        chunk_size=50,
        quiet=True,
    )
    assert filecmp.cmpfiles(tmp_path / "one", tmp_path / "other", files_of(tmp_path / "other"), shallow=False)[1]


def test_the_committed_demo_is_what_the_generator_writes(tmp_path: Path) -> None:
    assert main(["--customers", "600", "--dir", str(tmp_path / "demo"), "--truth-dir", str(tmp_path / "truth")]) == 0
    for committed, written in ((DEMO, tmp_path / "demo"), (DEMO_TRUTH, tmp_path / "truth")):
        assert files_of(committed) == files_of(written)
        differing = filecmp.cmpfiles(committed, written, files_of(written), shallow=False)[1:]
        assert differing == ([], []), (
            "run: python -m dev.generate --customers 600 --dir seeds/demo --truth-dir tests/fixtures/demo_truth"
        )
    assert sum(path.stat().st_size for path in DEMO.iterdir()) < 4_000_000


@pytest.mark.parametrize("name", CONTRACT)
def test_the_demo_has_every_column_of_the_contract(name: str) -> None:
    columns = ["brand", *CONTRACT[name].split(), "loaded_at", "deleted_at"]
    relation = duckdb.connect().read_csv(str(DEMO / f"{name}.csv"), all_varchar=True)
    assert list(relation.columns) == columns
    filled = relation.aggregate(", ".join(f'count("{column}")' for column in columns)).fetchall()[0]
    empty = {column for column, count in zip(columns, filled, strict=True) if count == 0}
    assert empty <= NEVER_NULL_ENOUGH


@pytest.mark.parametrize("promise", DEMO_HOLDS)
def test_the_demo_shows(promise: str) -> None:
    at_least, source = DEMO_HOLDS[promise]
    connection = duckdb.connect()
    for name in CONTRACT:
        if name in source:
            connection.execute(f"create view {name} as select * from read_csv('{DEMO}/{name}.csv', all_varchar=true)")
    assert value(connection, f"select count(*) from {source}") >= at_least


def test_the_demo_has_rows_to_reject_for_every_reason() -> None:
    reasons = duckdb.connect().execute(f"select distinct reason from '{DEMO_TRUTH}/dirt.csv'").fetchall()
    assert {reason for (reason,) in reasons} == {
        "duplicate_row", "superseded_version", "missing_key", "missing_required_value", "unparseable_value",
        "orphan_reference", "future_timestamp", "implausible_timestamp", "negative_amount", "unknown_currency",
        "invalid_enum",
    }  # fmt: skip


def test_row_counts_per_person_are_as_planned(tmp_path: Path) -> None:
    rows = generate(customers=20_000, directory=tmp_path, file_format="parquet", dirt=0, quiet=True)
    per_person = {name: rows[name] / 20_000 for name in rows}
    assert set(rows) == set(CONTRACT)
    assert 2.6 < per_person["orders"] < 3.4
    assert 2.0 < per_person["touchpoints"] < 3.0
    assert 9.0 < per_person["touchpoints"] + per_person["engagements"] < 11.0
    connection = duckdb.connect()
    rows_seen = f"from '{tmp_path}/touchpoints/*.parquet' where not is_bot group by anonymous_id"
    first_seen = f"select min(occurred_at) as moment {rows_seen}"
    age = value(connection, f"select avg(date_diff('day', moment, timestamp '2025-06-30')) from ({first_seen})")
    assert 200 < age < 330
    schema = pyarrow.parquet.read_schema(tmp_path / "orders" / "part-0001.parquet")
    assert [str(schema.field(name).type) for name in ("ordered_at", "total_amount", "is_test", "order_id")] == [
        "timestamp[us]", "decimal128(18, 2)", "bool", "string",
    ]  # fmt: skip


def test_people_are_written_in_chunks_that_do_not_collide(clean: duckdb.DuckDBPyConnection) -> None:
    shared = {"products", "campaigns", "ad_performance", "social_daily", "podcast_daily"}
    parts = dict(clean.execute("select name, count(*) from parts group by name").fetchall())
    assert parts == {name: 1 if name in shared else 4 for name in CONTRACT}
    for name in CONTRACT.keys() - shared:
        # of a subscription there is a row for each of its versions
        key = "subscription_id, updated_at" if name == "subscriptions" else CONTRACT[name].split()[0]
        assert value(clean, f"select count(*) - count(distinct (brand, {key})) from {name}") == 0, name


def test_order_amounts_add_up(clean: duckdb.DuckDBPyConnection) -> None:
    assert value(
        clean,
        """
        with baskets as (
            select order_id, sum(quantity * unit_price - discount_amount) as amount from order_items group by order_id
        )
        select count(*) from orders left join baskets using (order_id)
        where amount is distinct from subtotal_amount
            or total_amount + coalesce(gift_card_amount, 0)
            <> subtotal_amount - discount_amount + shipping_amount + tax_amount
        """,
    ) == 0  # fmt: skip
    assert value(
        clean,
        """
        with paid_back as (select order_id, sum(amount) as amount from refunds group by order_id)
        select count(*) from orders inner join paid_back using (order_id)
        where amount > total_amount or (status = 'refunded') <> (amount = total_amount)
        """,
    ) == 0  # fmt: skip
    assert value(
        clean,
        """
        select count(*) from refunds inner join orders using (order_id)
        where amount <> goods_amount + refunds.shipping_amount + refunds.tax_amount
            or least(goods_amount, refunds.shipping_amount, refunds.tax_amount) < 0
            or refunds.shipping_amount > orders.shipping_amount
        """,
    ) == 0  # fmt: skip


def test_nothing_happens_outside_the_period(clean: duckdb.DuckDBPyConnection) -> None:
    for name, column in (("orders", "ordered_at"), ("touchpoints", "occurred_at"), ("engagements", "occurred_at"),
                         ("orders", "cancelled_at"), ("refunds", "refunded_at"), ("referrals", "invited_at"),
                         ("subscriptions", "started_at"), ("identity_links", "linked_at"),
                         ("orders", "deleted_at")):  # fmt: skip
        outside = f"{column} < timestamp '2024-01-01' or {column} >= timestamp '2025-07-01'"
        assert value(clean, f"select count(*) from {name} where {outside}") == 0, (name, column)
        assert value(clean, f"select count(*) from {name} where loaded_at < {column}") == 0, (name, column)


def test_the_truth_agrees_with_the_rows(clean: duckdb.DuckDBPyConnection) -> None:
    clean.execute(
        """
        create or replace temp table order_people as
        select orders.*, person_id from orders
        left join (
            select distinct on (brand, id_type, id_value) * from truth_identifiers order by all
        ) as ids
            on ids.brand = orders.brand and ids.id_value = coalesce(orders.customer_id, orders.email)
        where customer_id is distinct from 'WALK-IN'
        """
    )
    assert value(clean, "select count(*) from order_people where person_id is null") == 0
    never = "status in ('pending', 'failed', 'draft', 'voided') or (status = 'cancelled' and updated_at is null)"
    assert value(
        clean,
        f"""
        with seen as (
            select
                person_id, min(ordered_at)::date as first_date, max(ordered_at)::date as last_date, count(*) as orders
            from order_people where ({never}) is not true group by person_id
        )
        select count(*) from truth_people full join seen using (person_id)
        where first_date is distinct from first_order_date or coalesce(orders, 0) <> purchase_order_count
            or last_date > churned_date
        """,
    ) == 0  # fmt: skip
    # A person who is truly gone was last seen buying, or covered, on that very day; prospects fade without an event.
    assert value(clean, "select count(*) from truth_people where first_purchase_date > churned_date") == 0
    assert value(
        clean,
        """
        with latest as (
            select distinct on (subscription_id) * from subscriptions
            order by subscription_id, updated_at desc
        )
        select count(*) from truth_coverage full join (select * from latest where started_at is not null)
            using (subscription_id)
        where started_at::date is distinct from started_date or ended_at::date is distinct from ended_date
        """,
    ) == 0  # fmt: skip
    assert value(
        clean,
        """
        select count(*) from truth_lapses inner join truth_people using (person_id)
        where won_back_date - lapsed_date < 60 or lapsed_date < first_touch_date
        """,
    ) == 0  # fmt: skip
    referrers = "truth_people as friend join truth_people as referrer on friend.referrer_person_id = referrer.person_id"
    assert (
        value(clean, f"select count(*) from {referrers} where referrer.first_purchase_date > friend.first_touch_date")
        == 0
    )
    assert value(clean, f"select count(*) from {referrers} where referrer.brand <> friend.brand") == 0
    assert value(clean, "select count(*) from truth_people where referrer_person_id is not null") > 60


def test_dirt_keeps_every_clean_row(tmp_path: Path) -> None:
    for dirt in (0, 0.05):
        generate(customers=400, directory=tmp_path / str(dirt), dirt=dirt, seed=3, quiet=True)
    connection = duckdb.connect()
    for name in CONTRACT:
        key = CONTRACT[name].split()[0]
        for dirt, view in ((0, "clean_rows"), (0.05, "dirty_rows")):
            file = tmp_path / str(dirt) / f"{name}.csv"
            connection.execute(f"create or replace view {view} as select * from read_csv('{file}', all_varchar=true)")
        restored = f"select regexp_replace({key}, '\\.0$', '') from dirty_rows"
        lost = f"select count(*) from (select {key} from clean_rows except {restored})"
        if key != "date":
            assert value(connection, lost) == 0, name
        assert value(connection, "select count(*) from dirty_rows") > value(
            connection, "select count(*) from clean_rows"
        )


def test_no_clock_is_read() -> None:
    for module in (
        "__init__",
        "people",
        "shop",
        "marketing",
        "feedback",
        "referral",
        "identity",
        "billing",
        "dirt",
        "truth",
        "world",
    ):
        source = (Path(inspect.getfile(package)).parent / f"{module}.py").read_text()
        assert "today(" not in source and ".now(" not in source and "time.time(" not in source


def test_senseless_arguments_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--customers", "10", "--dir", str(tmp_path), "--truth-dir", str(tmp_path / "truth")])
    assert "must not lie within" in capsys.readouterr().err
    with pytest.raises(ValueError, match="at least 1"):
        generate(customers=0, directory=tmp_path)


@pytest.mark.parametrize("customers", [1, 2, 7])
def test_the_smallest_data_sets_have_all_tables(tmp_path: Path, customers: int) -> None:
    rows = generate(customers=customers, directory=tmp_path, months=3, end_date=date(2024, 2, 29), quiet=True)
    assert set(rows) == set(CONTRACT)
    assert files_of(tmp_path) == sorted(f"{name}.csv" for name in CONTRACT)
