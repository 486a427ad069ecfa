"""The generator's world as Recharge would hold it, and as each loader would land it: the mapping of the connector, backwards.

As in ``shopify_world``: ``write`` makes the schemas, ``expected`` says what must come back, ``UNSAYABLE`` why that is not all.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran", "airbyte")

UNSAYABLE = {
    "customers": {
        "country_code": "stands at addresses, of which a customer has several",
        "city": "stands at addresses",
        "segment": "no such thing",
        "acquisition_source": "no such thing",
        "marketing_consent": "a matter of the shop",
        "is_test": "no such thing",
        "deleted_at": "gone since the load that found it gone",
    },
    "subscriptions": {
        "*": "a subscription begins with its first charge: trials that were never paid are not there",
        "trial_started_at": "no such thing",
        "trial_ended_at": "no such thing",
        "status": "active, cancelled or expired, no more",
        "ended_at": "nothing is charged once it is cancelled",
        "deleted_at": "gone since the load that found it gone; never of a subscription that is over",
    },
}
UNSAYABLE_BY_LOADER = {
    "fivetran": {
        "subscriptions": {"is_involuntary": "not in these tables", "currency": "that of the shop"},
    },
    "airbyte": {
        "customers": {"deleted_at": "not in this stream"},
        "subscriptions": {"deleted_at": "not in this stream"},
    },
}  # fmt: skip

NUMBER = "cast(regexp_replace({}, '^[A-Z]+', '') as bigint)"
PAID = "select * from contract.subscriptions where started_at is not null"


def forms() -> Iterator[tuple[str, str]]:
    """Recharge's own tables of one brand ($brand)."""
    yield (
        "customers",
        """
        select cast(customer_id as bigint) as id, email, phone, first_name, last_name, created_at, updated_at, loaded_at, deleted_at
        from contract.customers where brand = $brand
    """,
    )
    # a year is charged at once, plus in two pieces every four weeks
    yield (
        "subscriptions",
        f"""
        select {NUMBER.format("subscription_id")} as id, cast(customer_id as bigint) as customer_id, upper(case status when 'canceled' then 'cancelled' else 'active' end) as status,
            plan as product_title, case plan when 'plus_yearly' then 12.0 when 'plus' then 4 * 12 / 52.0 / 2 else 1 end * monthly_amount as price,
            case plan when 'plus' then 2 else 1 end as quantity, currency as presentment_currency, case plan when 'plus' then 'week' else 'month' end as order_interval_unit,
            case plan when 'plus_yearly' then 12 when 'plus' then 4 else 1 end as charge_interval_frequency, started_at as created_at, updated_at,
            cancelled_at, cancel_reason as cancellation_reason, is_involuntary, loaded_at, deleted_at
        from ({PAID}) where brand = $brand
    """,
    )


SYNCED = "loaded_at as _fivetran_synced"
EXTRACTED = "timezone('UTC', loaded_at) as _airbyte_extracted_at"
SHAPES = {
    "fivetran": {
        "customer": f"select * exclude (loaded_at, deleted_at), deleted_at is not null as _fivetran_deleted, {SYNCED} from form.customers",
        "subscription_history": f"""
            select * exclude (id, presentment_currency, is_involuntary, price, loaded_at, deleted_at), id as subscription_id, cast(price as varchar) as price,
                deleted_at is not null as _fivetran_deleted, {SYNCED}
            from form.subscriptions
        """,
        "subscription": "select id, customer_id, 'read where there is no history' as product_title from form.subscriptions",
    },
    "airbyte": {
        "customers": f"select * exclude (phone, loaded_at, deleted_at), phone as billing_phone, {EXTRACTED} from form.customers",
        "subscriptions": f"""
            select * exclude (is_involuntary, charge_interval_frequency, created_at, loaded_at, deleted_at), cast(charge_interval_frequency as varchar) as charge_interval_frequency,
                timezone('UTC', created_at) as created_at, cast(is_involuntary as int) as max_retries_reached, {EXTRACTED}
            from form.subscriptions
        """,
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"recharge_{loader}", BRANDS, forms, SHAPES[loader])


def own(table: str) -> str:
    """The contract's own rows, with the ids as numbers, as Recharge has them."""
    number = f"cast({NUMBER.format('subscription_id')} as varchar) as subscription_id"
    return f"select * {f'replace ({number})' if table == 'subscriptions' else ''} from contract.{table}"


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    is_fivetran = loader == "fivetran"
    gone = "case when deleted_at is not null then loaded_at end" if is_fivetran else "null"
    return {
        "customers": f"""
            select * replace (null as country_code, null as city, null as segment, null as acquisition_source, null as marketing_consent,
                null as is_test, {gone} as deleted_at)
            from contract.customers
        """,
        "subscriptions": f"""
            select * replace (null as trial_started_at, null as trial_ended_at, case status when 'canceled' then 'cancelled' else 'active' end as status,
                cancelled_at as ended_at, {'null' if is_fivetran else 'is_involuntary'} as is_involuntary,
                {'null' if is_fivetran else 'currency'} as currency, case when status <> 'canceled' then {gone} end as deleted_at)
            from ({own('subscriptions')}) where started_at is not null
        """,
    }  # fmt: skip
