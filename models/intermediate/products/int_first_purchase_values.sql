-- One row per living customer with a purchase that counts: what the customer has brought since, and in the 365 days from it.
-- An amount of those days never changes once they are over: a later refund is no part of it.
{% set days = 365 %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

first_purchases as (
    select
        brand, customer_key, first_purchase_date,
        {{ add_days('first_purchase_date', days) }} as last_counted_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
    where purchase_number = 1
),

entries as (
    -- an order before the first purchase that counts has come to nothing; costs may be unknown
    select
        first_purchases.customer_key,
        entries.net_revenue_amount,
        case when entries.margin_amount is not null then entries.net_revenue_amount end as costed_net_revenue_amount,
        entries.margin_amount,
        entries.entry_date <= first_purchases.last_counted_date as is_early
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    inner join first_purchases on entries.customer_key = first_purchases.customer_key
    where entries.ordered_date >= first_purchases.first_purchase_date
),

sums as (
    select
        {% for amount in ['net_revenue', 'costed_net_revenue', 'margin'] %}
        sum({{ amount }}_amount) as total_{{ amount }}_amount,
        sum(case when is_early then {{ amount }}_amount end) as {{ amount }}_{{ days }}d_amount,
        {% endfor %}
        customer_key
    from entries
    group by customer_key
),

int_first_purchase_values as (
    select
        first_purchases.brand,
        first_purchases.customer_key,
        first_purchases.first_purchase_date,
        {% for amount in ['net_revenue', 'costed_net_revenue', 'margin'] %}
        cast(coalesce(sums.total_{{ amount }}_amount, 0) as decimal(18, 2)) as {{ amount }}_amount,
        cast(coalesce(sums.{{ amount }}_{{ days }}d_amount, 0) as decimal(18, 2))
            as {{ amount }}_{{ days }}d_amount,
        {% endfor %}
        first_purchases.last_counted_date <= as_of.as_of_date as is_mature
    from first_purchases
    cross join as_of
    left join sums on first_purchases.customer_key = sums.customer_key
)

select * from int_first_purchase_values
