-- One row per month of reactivation and campaign of the last touchpoint before it.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

reactivations as (
    select
        reactivations.*,
        coalesce(touchpoints.campaign_id, 'none') as campaign_id
    from {{ ref('customer_lifecycle', 'int_customer_reactivations') }} as reactivations
    left join {{ ref('customer_lifecycle', 'int_reactivation_touchpoints') }} as touchpoints
        on
            reactivations.customer_key = touchpoints.customer_key
            and reactivations.reactivated_date = touchpoints.reactivated_date
),

revenue_since as (
    select
        reactivations.customer_key,
        reactivations.reactivated_date,
        sum(orders.net_revenue_amount) as net_revenue_amount
    from reactivations
    inner join {{ ref('customer_lifecycle', 'int_revenue_entries') }} as orders
        on reactivations.customer_key = orders.customer_key and reactivations.reactivated_date <= orders.ordered_date
    group by reactivations.customer_key, reactivations.reactivated_date
),

cohorts as (
    select
        reactivations.brand,
        {{ period_start('month', 'reactivations.reactivated_date') }} as reactivation_month,
        reactivations.campaign_id,
        count(*) as reactivated_count,
        {% for days in [30, 90, 180] %}
        sum(case when {{ add_days('reactivations.reactivated_date', days) }} <= as_of.as_of_date then 1 else 0 end)
            as eligible_{{ days }}d_count,
        sum(case
            when
                {{ add_days('reactivations.reactivated_date', days) }} <= as_of.as_of_date
                and {{ add_days('reactivations.reactivated_date', days) }} < reactivations.active_to
                then 1
            else 0
        end) as still_active_{{ days }}d_count,
        count(active_{{ days }}d.customer_key) as active_on_day_{{ days }}_count,
        {% endfor %}
        coalesce(sum(revenue_since.net_revenue_amount), 0) as net_revenue_amount
    from reactivations
    cross join as_of
    -- who has left meanwhile may be back by then, in a later period of activity
    {% for days in [30, 90, 180] %}
    left join reactivations as active_{{ days }}d
        on
            reactivations.customer_key = active_{{ days }}d.customer_key
            and active_{{ days }}d.reactivated_date <= {{ add_days('reactivations.reactivated_date', days) }}
            and active_{{ days }}d.active_to > {{ add_days('reactivations.reactivated_date', days) }}
            and {{ add_days('reactivations.reactivated_date', days) }} <= as_of.as_of_date
    {% endfor %}
    left join revenue_since
        on
            reactivations.customer_key = revenue_since.customer_key
            and reactivations.reactivated_date = revenue_since.reactivated_date
    group by
        reactivations.brand, {{ period_start('month', 'reactivations.reactivated_date') }}, reactivations.campaign_id
),

winback_cohorts_monthly as (
    select
        brand,
        reactivation_month,
        campaign_id,
        cast(reactivated_count as bigint) as reactivated_count,
        {% for days in [30, 90, 180] %}
        cast(eligible_{{ days }}d_count as bigint) as eligible_{{ days }}d_count,
        cast(still_active_{{ days }}d_count as bigint) as still_active_{{ days }}d_count,
        {{ ratio_of('still_active_' ~ days ~ 'd_count', 'eligible_' ~ days ~ 'd_count') }} as still_active_{{ days }}d_rate,
        cast(active_on_day_{{ days }}_count as bigint) as active_on_day_{{ days }}_count,
        {{ ratio_of('active_on_day_' ~ days ~ '_count', 'eligible_' ~ days ~ 'd_count') }} as active_on_day_{{ days }}_rate,
        {% endfor %}
        cast(net_revenue_amount as decimal(18, 2)) as net_revenue_amount,
        eligible_180d_count = reactivated_count as is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from cohorts
)

select * from winback_cohorts_monthly
