"""The generator's world as Stripe would hold it, and as each loader would land it: the mapping of the connector, backwards.

As in ``shopify_world``: ``write`` makes the schemas, ``expected`` says what must come back, ``UNSAYABLE`` why that is not all.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
from stores import in_their_words, write_by_way_of_forms

BRANDS = ("default", "atelier")
LOADERS = ("fivetran", "airbyte", "dlt")
STATUSES = {
    "completed": "paid", "paid": "paid", "shipped": "paid", "delivered": "paid", "pending": "pending", "failed": "failed",
    "cancelled": "paid", "refunded": "paid", "returned": "paid",
}  # fmt: skip
NO_ORDER = ("draft", "voided")

UNSAYABLE = {
    "customers": {
        "first_name": "Stripe has one name",
        "last_name": "the whole name",
        "segment": "no such thing",
        "acquisition_source": "no such thing",
        "marketing_consent": "no such thing",
        "is_test": "true or false, never unknown",
        "deleted_at": "gone since the load that found it gone",
        "updated_at": "no such thing",
    },
    "subscriptions": {"deleted_at": "a subscription is never deleted"},
    "orders": {
        "*": "drafts and voided orders were never charged",
        "customer_id": "a sale at the till without a name has no customer",
        "status": "the state of the payment, not of the delivery; a refund shows in refunds alone",
        "subtotal_amount": "a charge has one amount",
        "discount_amount": "a charge has one amount",
        "shipping_amount": "a charge has one amount",
        "tax_amount": "a charge has one amount",
        "gift_card_amount": "no such thing",
        "cancelled_at": "no such thing",
        "cart_id": "no such thing",
        "discount_code": "no such thing",
        "affiliate_id": "no such thing",
        "sales_channel": "no such thing",
        "updated_at": "no such thing",
        "deleted_at": "gone since the load that found it gone",
    },
    "refunds": {
        "goods_amount": "a refund has one amount",
        "shipping_amount": "a refund has one amount",
        "tax_amount": "a refund has one amount",
    },
}
UNSAYABLE_BY_LOADER = {
    "fivetran": {},
    "airbyte": {"customers": {"deleted_at": "not in this stream"}, "orders": {"deleted_at": "not in this stream"}},
    "dlt": {"customers": {"deleted_at": "not in this source"}, "orders": {"deleted_at": "not in this source"}},
}  # fmt: skip

ORDERS_THERE = f"select * from contract.orders where status is null or status not in {NO_ORDER}"
CURRENT = """
    select *, row_number() over (partition by brand, subscription_id order by updated_at desc) as age
    from contract.subscriptions
"""
PRICE_ID = "'price_' || plan || '_' || lower(currency)"
STATUS = in_their_words("status", STATUSES)


def forms() -> Iterator[tuple[str, str]]:
    """Stripe's own tables of one brand ($brand), amounts in cents."""
    yield (
        "customers",
        """
        select customer_id as id, email, concat_ws(' ', first_name, last_name) as name, phone, country_code as country, city,
            created_at as created, not coalesce(is_test, false) as livemode, loaded_at, deleted_at
        from contract.customers where brand = $brand
    """,
    )
    # a yearly price is paid once a year, plus as two pieces of half the price, which may have a fraction of a cent
    yield (
        "prices",
        f"""
        select distinct {PRICE_ID} as id, case plan when 'plus_yearly' then 'year' else 'month' end as interval, 1
            as interval_count,
            case plan when 'plus_yearly' then 1200 when 'plus' then 50 else 100 end * monthly_amount as unit_amount_decimal,
            case when unit_amount_decimal = floor(unit_amount_decimal) then cast(unit_amount_decimal as bigint) end
                as unit_amount,
            lower(currency) as currency, plan as nickname, timestamp '2024-01-01' as loaded_at
        from contract.subscriptions where brand = $brand
    """,
    )
    yield (
        "subscriptions",
        f"""
        select subscription_id as id, customer_id, status, coalesce(trial_started_at, started_at) as start_date,
            trial_started_at as trial_start,
            trial_ended_at as trial_end, cancelled_at as canceled_at,
            case when status = 'canceled' and started_at is null then trial_ended_at else ended_at end as ended_at,
            case when is_involuntary then 'payment_failed' when not is_involuntary then 'cancellation_requested' end as reason,
            case when not is_involuntary then cancel_reason end as feedback, {PRICE_ID} as price_id,
            case plan when 'plus' then 2 else 1 end as quantity, true as livemode, loaded_at
        from ({CURRENT}) where age = 1 and brand = $brand
    """,
    )
    # a line for each plan that the subscription had, another one a month later, and one that settles part of a period
    yield (
        "invoice_lines",
        f"""
        with versions as (
            select *, lag(plan) over (partition by brand, subscription_id order by updated_at) as earlier,
                lead(updated_at) over (partition by brand, subscription_id order by updated_at) as next_at
            from contract.subscriptions where brand = $brand and started_at is not null
        )
        select subscription_id, {PRICE_ID} as price_id, case plan when 'plus' then 2 else 1 end as quantity, n = 2 as proration,
            case when earlier is null then started_at else updated_at end + interval 30 days * (n % 2) as period_start,
                loaded_at
        from versions cross join range(3) as months (n)
        where (earlier is null or earlier <> plan) and (n <> 1 or next_at > updated_at + interval 30 days)
    """,
    )
    yield (
        "charges",
        f"""
        select order_id as id, nullif(customer_id, 'WALK-IN') as customer_id, email as receipt_email, ordered_at as created,
            cast(total_amount * 100 as bigint) as amount, lower(currency) as currency,
            case {STATUS} when 'paid' then 'succeeded' else {STATUS} end as status, true as captured,
            not is_test as livemode, loaded_at, deleted_at
        from ({ORDERS_THERE}) where brand = $brand
    """,
    )
    # beside those that succeeded there are some that did not
    yield (
        "refunds",
        f"""
        select refund_id || case n when 0 then '' else '_failed' end as id, order_id as charge_id, refunded_at as created,
            cast(amount * 100 as bigint) as amount, lower(o.currency) as currency,
                case n when 0 then 'succeeded' else 'failed' end as status,
            reason, r.loaded_at
        from contract.refunds as r inner join ({ORDERS_THERE}) as o using (brand, order_id) cross join range(2) as noise (n)
        where r.brand = $brand
    """,
    )


SYNCED = "loaded_at as _fivetran_synced"
EXTRACTED = "timezone('UTC', loaded_at) as _airbyte_extracted_at"
LOAD = "cast(epoch(loaded_at) as varchar) as _dlt_load_id"
SECONDS = "cast(epoch({0}) as bigint) as {0}"
TIMES = ", ".join(
    SECONDS.format(name) for name in ("start_date", "trial_start", "trial_end", "canceled_at", "ended_at")
)
SHAPES = {
    "fivetran": {
        "customer": f"""
            select * exclude (country, city, loaded_at, deleted_at), country as address_country, city as address_city,
                deleted_at is not null as is_deleted, {SYNCED}
            from form.customers
        """,
        "subscription_history": f"""
            select * exclude (reason, feedback, price_id, quantity, loaded_at), reason as cancellation_details_reason,
                feedback as cancellation_details_feedback, true as _fivetran_active, {SYNCED}
            from form.subscriptions
            union all
            select * exclude (reason, feedback, price_id, quantity, loaded_at) replace ('past_due' as status), null, null,
                false, loaded_at
            from form.subscriptions
        """,
        "subscription_item": f"""
            select 'si_' || id as id, id as subscription_id, price_id as plan_id, quantity, {SYNCED} from form.subscriptions
        """,
        "price": f"""
            select * exclude (interval, interval_count, loaded_at), interval as recurring_interval, interval_count
                as recurring_interval_count, {SYNCED}
            from form.prices where nickname <> 'basic'
        """,
        "plan": f"""
            select * exclude (unit_amount, unit_amount_decimal, loaded_at), unit_amount as amount, {SYNCED} from form.prices
        """,
        "invoice_line_item": f"select * exclude (price_id, loaded_at), price_id as plan_id, {SYNCED} from form.invoice_lines",
        "charge": f"""
            select * exclude (loaded_at, deleted_at), deleted_at is not null as _fivetran_deleted, {SYNCED} from form.charges
        """,
        "refund": f"select * exclude (loaded_at), {SYNCED} from form.refunds",
    },
    "airbyte": {
        "customers": f"""
            select id, email, name, phone, json_object('country', country, 'city', city) as address, cast(epoch(created)
                as bigint) as created, livemode, {EXTRACTED}
            from form.customers
        """,
        "subscriptions": f"""
            select id, customer_id as customer, status, {TIMES}, livemode, json_object('reason', reason, 'feedback',
                feedback) as cancellation_details,
                json_object('object', 'list', 'data', json_array(json_object('id', 'si_' || id, 'quantity', quantity,
                    'plan', json_object('id', price_id)))) as items,
                {EXTRACTED}
            from form.subscriptions
        """,
        "prices": f"""
            select * exclude (interval, interval_count, loaded_at), json_object('interval', interval, 'interval_count',
                interval_count) as recurring, {EXTRACTED}
            from form.prices
        """,
        "invoice_line_items": f"""
            select subscription_id as subscription, json_object('id', price_id) as price, quantity, proration,
                json_object('start', cast(epoch(period_start) as bigint)) as period, {EXTRACTED}
            from form.invoice_lines
        """,
        "charges": f"""
            select * exclude (customer_id, receipt_email, created, loaded_at, deleted_at), customer_id as customer,
                cast(epoch(created) as bigint) as created,
                json_object('email', receipt_email) as billing_details, {EXTRACTED}
            from form.charges
        """,
        "refunds": f"""
            select * exclude (charge_id, created, loaded_at), charge_id as charge, strftime(created,
                '%Y-%m-%dT%H:%M:%S.000Z') as created, {EXTRACTED}
            from form.refunds
        """,
    },
    "dlt": {
        "_dlt_loads": """
            select distinct cast(epoch(loaded_at) as varchar) as load_id, 0 as status, timezone('UTC', loaded_at) as inserted_at
            from (select loaded_at from form.customers union select loaded_at from form.subscriptions
                union select loaded_at from form.invoice_lines
                union select loaded_at from form.charges union select loaded_at from form.refunds)
        """,
        "customer": f"""
            select id, email, name, phone, country as address__country, city as address__city, cast(epoch(created)
                as bigint) as created, livemode, {LOAD}
            from form.customers
        """,
        "subscription": f"""
            select id, customer_id as customer, status, {TIMES}, livemode, reason as cancellation_details__reason,
                feedback as cancellation_details__feedback,
                {LOAD}, 's' || id as _dlt_id
            from form.subscriptions
        """,
        "subscription__items__data": """
            select 'si_' || id as id, price_id as price__id, quantity, 's' || id as _dlt_parent_id, 0 as _dlt_list_idx
                from form.subscriptions
        """,
        "price": f"""
            select * exclude (interval, interval_count, loaded_at), interval as recurring__interval, interval_count
                as recurring__interval_count, {LOAD}
            from form.prices
        """,
        "invoice": f"""
            select distinct subscription_id as subscription, {LOAD}, subscription_id || loaded_at as _dlt_id
                from form.invoice_lines
        """,
        "invoice__lines__data": """
            select price_id as price__id, quantity, proration, cast(epoch(period_start) as bigint) as period__start,
                subscription_id || loaded_at as _dlt_parent_id
            from form.invoice_lines
        """,
        "charge": f"""
            select * exclude (customer_id, created, loaded_at, deleted_at), customer_id as customer, cast(epoch(created)
                as bigint) as created, {LOAD}
            from form.charges
        """,
        "refund": f"""
            select * exclude (charge_id, created, loaded_at), charge_id as charge, timezone('UTC', created) as created,
                {LOAD} from form.refunds
        """,
    },
}  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, loader: str) -> dict[str, str]:
    """Make the schemas of a loader; returns brand -> schema."""
    return write_by_way_of_forms(connection, f"stripe_{loader}", BRANDS, forms, SHAPES[loader])


def expected(loader: str) -> dict[str, str]:
    """Queries on the contract's tables that give what must come back, by table."""
    gone = "case when deleted_at is not null then loaded_at end" if loader == "fivetran" else "null"
    return {
        "customers": f"""
            select * replace (null as first_name, concat_ws(' ', first_name, last_name) as last_name, null as segment,
                null as acquisition_source,
                null as marketing_consent, coalesce(is_test, false) as is_test, null as updated_at, {gone} as deleted_at)
            from contract.customers
        """,
        "subscriptions": "select * replace (null as deleted_at) from contract.subscriptions",
        "orders": f"""
            select * replace (nullif(customer_id, 'WALK-IN') as customer_id, {STATUS} as status, null as subtotal_amount,
                null as discount_amount,
                null as shipping_amount, null as tax_amount, null as gift_card_amount, null as cancelled_at, null
                    as cart_id, null as discount_code,
                null as affiliate_id, null as sales_channel, null as updated_at, {gone} as deleted_at)
            from ({ORDERS_THERE})
        """,
        "refunds": f"""
            select r.* replace (null as goods_amount, null as shipping_amount, null as tax_amount) from contract.refunds as r
            inner join ({ORDERS_THERE}) as o using (brand, order_id)
        """,
    }  # fmt: skip
