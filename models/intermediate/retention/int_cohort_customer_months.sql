-- One row per customer with a purchase and number of calendar months since the first one, where anything happens: purchases,
-- orders and money of the month, and whether the customer becomes active in it or ceases to be. Customers can be summed.
{% set sources = {
    'purchases': ['purchasing_customer_count', 'second_purchase_count'],
    'activations': ['active_change'], 'deactivations': ['active_change'], 'reactivations': ['reactivation_count'],
    'orders': ['order_count', 'order_revenue_amount'],
    'entries': [
        'entry_count', 'costed_entry_count', 'revenue_amount', 'refunded_revenue_amount', 'costed_net_revenue_amount',
        'margin_amount',
    ],
} %}
{% set measures = sources.values() | sum(start=[]) | unique | list %}
with

customers as (
    select brand, customer_key, first_purchase_date from {{ ref('customer_lifecycle', 'int_customer_first_purchases') }}
),

purchases as (
    -- a customer counts once a month, by its first purchase in it
    select
        customer_key, purchase_date as fact_date,
        case
            when previous_purchase_date >= {{ period_start('month', 'purchase_date') }} then 0
            else 1
        end as purchasing_customer_count,
        case when previous_purchase_date = first_purchase_date then 1 else 0 end as second_purchase_count
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
),

active_periods as (
    select periods.customer_key, periods.active_from, periods.active_to, customers.first_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_active_periods') }} as periods
    inner join customers on periods.customer_key = customers.customer_key
    where periods.active_to > customers.first_purchase_date
),

activations as (
    select customer_key, greatest(active_from, first_purchase_date) as fact_date, 1 as active_change from active_periods
),

deactivations as (
    select periods.customer_key, periods.active_to as fact_date, -1 as active_change
    from active_periods as periods
    inner join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of on periods.active_to <= as_of.as_of_date
),

reactivations as (
    select customer_key, reactivated_date as fact_date, 1 as reactivation_count
    from {{ ref('customer_lifecycle', 'int_customer_reactivations') }}
),

orders as (
    select
        orders.customer_key, orders.ordered_date as fact_date, 1 as order_count,
        orders.revenue_amount as order_revenue_amount
    from {{ ref('customer_lifecycle', 'int_order_amounts') }} as orders
    left join {{ ref('customer_lifecycle', 'int_order_gift_cards') }} as gift_cards
        on orders.brand = gift_cards.brand and orders.order_id = gift_cards.order_id
    -- to sell a gift card is no sale yet
    where orders.is_valid and not coalesce(gift_cards.is_gift_card_only, false)
),

entries as (
    -- an order before the first purchase that counts has come to nothing, whenever that was
    select
        entries.customer_key, entries.entry_date as fact_date, 1 as entry_count,
        case when entries.margin_amount is null then 0 else 1 end as costed_entry_count,
        entries.revenue_amount, entries.refunded_revenue_amount,
        case when entries.margin_amount is null then 0 else entries.net_revenue_amount end as costed_net_revenue_amount,
        coalesce(entries.margin_amount, 0) as margin_amount
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    inner join customers on entries.customer_key = customers.customer_key
    where entries.ordered_date >= customers.first_purchase_date
),

facts as (
    {% for source, own_measures in sources.items() %}
    select
        {% for measure in measures %}
        {% set value = measure if measure in own_measures else '0' %}
        {{ 'cast(' ~ value ~ ' as decimal(18, 2))' if 'amount' in measure else value }} as {{ measure }},
        {% endfor %}
        customer_key, fact_date
    from {{ source }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

int_cohort_customer_months as (
    select
        customers.brand, customers.customer_key,
        {% for measure in measures %}
        cast(sum(facts.{{ measure }}) as {{ 'decimal(18, 2)' if 'amount' in measure else 'bigint' }}) as {{ measure }},
        {% endfor %}
        {{ period_start('month', 'customers.first_purchase_date') }} as cohort_month,
        {{ periods_between('month', 'customers.first_purchase_date', 'facts.fact_date') }} as period_number
    from facts
    inner join customers on facts.customer_key = customers.customer_key
    group by
        customers.brand, customers.customer_key, {{ period_start('month', 'customers.first_purchase_date') }},
        {{ periods_between('month', 'customers.first_purchase_date', 'facts.fact_date') }}
)

select * from int_cohort_customer_months
