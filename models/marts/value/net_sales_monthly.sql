-- One row per month, stage on the day and dimensions in which revenue came or was reversed: what was sold, what was taken
-- back, and what is left. Money stands in the month in which it came or went, whenever the order was.
{% set dimensions = ['acquisition_channel', 'country_code', 'segment'] %}
with

entries as (
    select
        entries.*,
        {{ period_start('month', 'entries.entry_date') }} as month_date,
        coalesce(orders.person_id, subscriptions.person_id) as person_id
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    left join {{ ref('customer_lifecycle', 'stg_shop__orders') }} as orders
        on entries.brand = orders.brand and entries.order_id = orders.order_id
    left join {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }} as subscriptions
        on
            entries.source_table = 'subscriptions' and entries.brand = subscriptions.brand
            and entries.source_row = subscriptions.subscription_id
),

staged_entries as (
    -- revenue of no customer is revenue all the same
    select
        entries.*,
        {% for name in dimensions %}
        coalesce(dimensions.{{ name }}, 'unknown') as {{ name }},
        {% endfor %}
        coalesce(periods.stage, 'unknown') as stage
    from entries
    left join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on entries.customer_key = dimensions.customer_key
    -- the stage is that of the customer to whom the id belonged on the day
    left join {{ ref('customer_lifecycle', 'int_identity_map') }} as owners
        on
            entries.person_id = owners.person_id and entries.customer_key is not null
            and entries.entry_date >= owners.valid_from and entries.entry_date < owners.valid_to
    left join {{ ref('customer_lifecycle', 'int_customer_stage_periods') }} as periods
        on
            owners.customer_key = periods.customer_key
            and entries.entry_date >= periods.valid_from and entries.entry_date < periods.valid_to
),

sums as (
    select
        brand, month_date, stage, {{ dimensions | join(', ') }},
        count(distinct customer_key) as customer_count,
        {% for amount in ['revenue', 'refunded_revenue', 'net_revenue', 'margin'] %}
        sum({{ amount }}_amount) as {{ amount }}_amount,
        {% endfor %}
        sum(case when margin_amount is not null then net_revenue_amount else 0 end) as costed_net_revenue_amount
    from staged_entries
    group by brand, month_date, stage, {{ dimensions | join(', ') }}
),

net_sales_monthly as (
    select
        {% for name in ['brand', 'month_date', 'stage'] + dimensions %}sums.{{ name }}, {% endfor %}
        cast(sums.customer_count as bigint) as customer_count,
        {% for amount in ['revenue', 'refunded_revenue', 'net_revenue', 'costed_net_revenue', 'margin'] %}
        cast(sums.{{ amount }}_amount as decimal(18, 2)) as {{ amount }}_amount,
        {% endfor %}
        {{ ratio_of('sums.refunded_revenue_amount', 'sums.revenue_amount') }} as refund_rate,
        {{ add_months('sums.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from sums
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
)

select * from net_sales_monthly
