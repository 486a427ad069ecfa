-- One row per purchase and unbroken period [valid_from, valid_to) in which it counts: an order, or the start of a paid
-- subscription, which nothing but deletion takes back.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

int_purchases as (
    select
        brand,
        person_id,
        'orders' as source_table,
        order_id as source_row,
        ordered_date as purchase_date,
        valid_from,
        valid_to
    from {{ ref('int_order_validity') }}

    union all

    select
        subscriptions.brand,
        subscriptions.person_id,
        'subscriptions' as source_table,
        subscriptions.subscription_id as source_row,
        subscriptions.started_date as purchase_date,
        subscriptions.started_date as valid_from,
        {{ known_until('subscriptions.deleted_date', 'as_of.as_of_date') }} as valid_to
    from {{ ref('stg_billing__subscriptions') }} as subscriptions
    cross join as_of
    where
        subscriptions.person_id is not null
        and subscriptions.started_date <= as_of.as_of_date
)

select * from int_purchases
where valid_from < valid_to
