-- One row per audience or campaign, and month or all months: who was messaged and who was held out, what each group ordered
-- within the days after, and the difference.
{% set groups = {'messaged': 'not is_held_out', 'held_out': 'is_held_out'} %}
with

counts as (
    select
        brand, dimension_name, dimension_value, period_name, month_date,
        {% for group, condition in groups.items() %}
        cast(count(case when {{ condition }} then customer_key end) as bigint) as {{ group }}_customer_count,
        cast(sum(case when {{ condition }} and order_count > 0 then 1 else 0 end) as bigint) as {{ group }}_converted_count,
        cast(sum(case when {{ condition }} then order_count else 0 end) as bigint) as {{ group }}_order_count,
        cast(sum(case when {{ condition }} then net_revenue_amount else 0 end) as decimal(18, 2)) as {{ group }}_amount,
        {% endfor %}
        cast(count(case when has_crossed_over then customer_key end) as bigint) as crossed_over_customer_count,
        cast(count(*) - count(customer_key) as bigint) as unknown_customer_count,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(cost_amount) as decimal(18, 2)) as cost_amount,
        max(window_to_date) as window_to_date
    from {{ ref('customer_lifecycle', 'int_message_recipients') }}
    group by brand, dimension_name, dimension_value, period_name, month_date
),

closed as (
    select
        counts.*,
        coalesce(campaigns.name, counts.dimension_value) as dimension_value_name,
        -- an audience goes on, and so does a campaign that has not ended: all of its months are never over
        case
            when counts.period_name = 'month' then {{ add_days(add_months('counts.month_date', 1), -1) }}
            else coalesce(campaigns.ended_date, {{ end_of_time() }})
        end as over_date,
        as_of.as_of_date
    from counts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join {{ ref('customer_lifecycle', 'stg_marketing__campaigns') }} as campaigns
        on
            counts.brand = campaigns.brand and counts.dimension_name = 'campaign'
            and counts.dimension_value = campaigns.campaign_id
),

rates as (
    select
        *,
        {% for group in groups %}
        {{ ratio_of(group ~ '_converted_count', group ~ '_customer_count') }} as {{ group }}_rate,
        {{ wilson_lower(group ~ '_converted_count', group ~ '_customer_count') }} as {{ group }}_lower,
        {{ wilson_upper(group ~ '_converted_count', group ~ '_customer_count') }} as {{ group }}_upper,
        {% endfor %}
        messaged_amount * held_out_customer_count - held_out_amount * messaged_customer_count as scaled_amount
    from closed
),

uplifts as (
    select
        *,
        messaged_rate - held_out_rate as uplift_rate,
        (messaged_rate - held_out_rate) * messaged_customer_count as incremental_converted_count,
        -- Newcombe 1998, method 10: from the score intervals of both rates
        sqrt(power(messaged_rate - messaged_lower, 2) + power(held_out_upper - held_out_rate, 2)) as reach_down,
        sqrt(power(messaged_upper - messaged_rate, 2) + power(held_out_rate - held_out_lower, 2)) as reach_up,
        (messaged_rate + held_out_rate) / 2 as mean_rate,
        messaged_rate * (1 - messaged_rate) + held_out_rate * (1 - held_out_rate) as variance
    from rates
),

message_uplift as (
    select
        brand, dimension_name, dimension_value, dimension_value_name, period_name, month_date,
        {% for group in groups %}
        {{ group }}_customer_count, {{ group }}_converted_count, {{ group }}_rate as {{ group }}_conversion_rate,
        {{ group }}_order_count, {{ group }}_amount as {{ group }}_net_revenue_amount,
        {% endfor %}
        uplift_rate, uplift_rate - reach_down as uplift_lower, uplift_rate + reach_up as uplift_upper,
        -- for a two-sided test at 5 % that finds what is there in 80 % of cases (Fleiss): so many standard errors each
        cast(ceil(power(
            1.959963984540054 * sqrt(2 * mean_rate * (1 - mean_rate)) + 0.8416212335729143 * sqrt(variance), 2
        ) / nullif(power(uplift_rate, 2), 0)) as bigint) as needed_customer_count,
        message_count, crossed_over_customer_count, unknown_customer_count, cost_amount, incremental_converted_count,
        {{ ratio_of('scaled_amount', 'held_out_customer_count') }} as incremental_net_revenue,
        case when uplift_rate > 0 then {{ ratio_of('cost_amount', 'incremental_converted_count') }} end
            as cost_per_incremental_conversion,
        window_to_date <= as_of_date and over_date <= as_of_date as is_mature,
        cast({{ setting('touchpoint_conversion_days') }} as integer) as window_days,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from uplifts
)

select * from message_uplift
