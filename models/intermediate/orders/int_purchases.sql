-- One row per purchase and unbroken period [valid_from, valid_to) in which it counts: an order, from its date until it is
-- cancelled, refunded in full or deleted, and again if a refund is deleted later; or the start of a paid subscription,
-- which only deletion reverses.
with

standings as (
    select
        *,
        lead(entry_date) over (partition by brand, order_id order by entry_date) as next_change_date
    from {{ ref('customer_lifecycle', 'int_order_entries') }}
    where standing_change <> 0
),

int_purchases as (
    select
        orders.brand,
        orders.person_id,
        'orders' as source_table,
        orders.order_id as source_row,
        orders.ordered_date as purchase_date,
        orders.entry_date as valid_from,
        coalesce(orders.next_change_date, {{ end_of_time() }}) as valid_to
    from standings as orders
    {{ join_shared_ids('orders', 'ordered_date') }}
    where
        orders.standing_change = 1
        and orders.person_id is not null
        and shared_ids.person_id is null

    union all

    select
        subscriptions.brand,
        subscriptions.person_id,
        'subscriptions' as source_table,
        subscriptions.subscription_id as source_row,
        subscriptions.started_date as purchase_date,
        subscriptions.started_date as valid_from,
        {{ known_until('subscriptions.deleted_date', 'as_of.as_of_date') }} as valid_to
    from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where
        subscriptions.person_id is not null
        and subscriptions.started_date <= as_of.as_of_date
)

select * from int_purchases
where valid_from < valid_to
