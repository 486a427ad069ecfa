-- One row per session in which something was put into a cart or a checkout was begun: how far it came, and the order. Its value
-- is that of the checkout, else of what was added less what was taken out.
{{ config(enabled=fills('ga4', 'carts')) }}
{% set steps = {
    'add_to_cart': 'cart', 'begin_checkout': 'checkout', 'add_shipping_info': 'shipping', 'add_payment_info': 'payment',
    'purchase': 'confirmation',
} %}

with

cart_events as (
    select
        events.*,
        case event_name
            {%- for event in steps %}
            when '{{ event }}' then {{ loop.index }}
            {%- endfor %}
        end as step,
        row_number() over (
            partition by brand, session_key
            order by case when value is null or event_name in ('add_to_cart', 'remove_from_cart') then 1 else 0 end,
                event_number desc
        ) as place_of_value,
        row_number() over (
            partition by brand, session_key order by case when customer_id is null then 1 else 0 end, event_number desc
        ) as place_of_customer
    from {{ ref('ga4__events') }} as events
    where session_key is not null and event_name in ('{{ steps | join("', '") }}', 'remove_from_cart')
),

carts as (
    select
        brand,
        session_key,
        min(anonymous_id) as anonymous_id,
        max(case when place_of_customer = 1 then customer_id end) as customer_id,
        min(occurred_at) as created_at,
        max(occurred_at) as updated_at,
        max(step) as last_step,
        min(step) as first_step,
        max(case when place_of_value = 1 and event_name not in ('add_to_cart', 'remove_from_cart') then value end)
            as checkout_value,
        sum(case event_name when 'add_to_cart' then value when 'remove_from_cart' then -value end) as added_value,
        max(currency) as currency,
        max(case when event_name = 'purchase' then order_id end) as order_id
    from cart_events
    group by brand, session_key
),

ga4__carts as (
    select
        brand,
        {{ vendor_id('ga4', 'session_key') }} as cart_id,
        customer_id,
        anonymous_id,
        created_at,
        updated_at,
        case last_step
            {%- for step in steps.values() %}
            when {{ loop.index }} then '{{ step }}'
            {%- endfor %}
        end as last_step,
        cast(coalesce(checkout_value, added_value) as {{ sql_type('amount') }}) as value_amount,
        currency,
        order_id,
        updated_at as loaded_at
    from carts
    -- a purchase alone may be one of the till, sent by a server
    where first_step < {{ steps | length }}
)

select * from ga4__carts
