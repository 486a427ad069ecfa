-- One row per scope (channel, all), cohort of first purchase, acquisition channel and number of months since, where anything
-- happens: new customers, and revenue and margin of the month. What is spent on advertising in a month is the cost of the
-- customers whose first purchase falls in it.
with

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
    where purchase_date = first_purchase_date
),

cohort_customers as (
    select purchases.brand, purchases.customer_key, purchases.first_purchase_date, channels.acquisition_channel
    from purchases
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as channels
        on purchases.customer_key = channels.customer_key
),

facts as (
    select
        brand, acquisition_channel, first_purchase_date,
        first_purchase_date as fact_date,
        1 as customer_count, 0 as entry_count, 0 as net_revenue_amount,
        cast(null as decimal(18, 2)) as costed_net_revenue_amount,
        cast(null as decimal(18, 2)) as margin_amount,
        cast(null as decimal(18, 2)) as acquisition_cost
    from cohort_customers

    union all

    select
        brand,
        channel as acquisition_channel,
        date_day as first_purchase_date,
        date_day as fact_date,
        0 as customer_count, 0 as entry_count, 0 as net_revenue_amount,
        null as costed_net_revenue_amount, null as margin_amount,
        spend_amount as acquisition_cost
    from {{ ref('customer_lifecycle', 'int_channel_spend_daily') }}
    where spend_amount is not null

    union all

    -- an order before the first purchase that counts has come to nothing, whenever that was
    select
        cohort_customers.brand, cohort_customers.acquisition_channel, cohort_customers.first_purchase_date,
        entries.entry_date as fact_date,
        0 as customer_count, 1 as entry_count, entries.net_revenue_amount,
        case when entries.margin_amount is not null then entries.net_revenue_amount end as costed_net_revenue_amount,
        entries.margin_amount,
        null as acquisition_cost
    from {{ ref('customer_lifecycle', 'int_revenue_entries') }} as entries
    inner join cohort_customers on entries.customer_key = cohort_customers.customer_key
    where entries.ordered_date >= cohort_customers.first_purchase_date
),

int_cohort_economics_measures as (
    {% for scope in ['channel', 'all'] %}
    {% set channel = 'acquisition_channel' if scope == 'channel' else "'all'" %}
    select
        '{{ scope }}' as scope,
        brand,
        {{ period_start('month', 'first_purchase_date') }} as cohort_month,
        {{ channel }} as acquisition_channel,
        {{ periods_between('month', 'first_purchase_date', 'fact_date') }} as period_number,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(entry_count) as bigint) as entry_count,
        cast(count(margin_amount) as bigint) as costed_entry_count,
        cast(sum(net_revenue_amount) as decimal(18, 2)) as net_revenue_amount,
        cast(coalesce(sum(costed_net_revenue_amount), 0) as decimal(18, 2)) as costed_net_revenue_amount,
        cast(coalesce(sum(margin_amount), 0) as decimal(18, 2)) as margin_amount,
        cast(sum(acquisition_cost) as decimal(18, 2)) as acquisition_cost
    from facts
    group by
        brand,
        {{ period_start('month', 'first_purchase_date') }},
        {{ 'acquisition_channel,' if scope == 'channel' }}
        {{ periods_between('month', 'first_purchase_date', 'fact_date') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_cohort_economics_measures
