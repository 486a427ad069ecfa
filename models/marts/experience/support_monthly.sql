-- One row per month in which support tickets were created, and category.
with

tickets as (
    select *, {{ period_start('month', 'created_date') }} as month_date
    from {{ ref('customer_lifecycle', 'int_support_tickets') }}
),

counts as (
    select
        brand, month_date, category,
        count(*) as ticket_count,
        count(distinct customer_key) as contacting_customer_count,
        sum(case when is_answered then 1 else 0 end) as answered_count,
        sum(case when is_resolved then 1 else 0 end) as resolved_count,
        sum(case when reopened_count > 0 then 1 else 0 end) as reopened_ticket_count
    from tickets
    group by brand, month_date, category
),

-- one percentile to a query: not every engine takes two that sort differently
response_medians as (
    select
        brand, month_date, category,
        {{ percentile_of('first_response_hours', 0.5) }} as median_first_response_hours
    from tickets
    group by brand, month_date, category
),

resolution_medians as (
    select
        brand, month_date, category,
        {{ percentile_of('resolution_hours', 0.5) }} as median_resolution_hours
    from tickets
    group by brand, month_date, category
),

months as (
    select
        counts.*,
        response_medians.median_first_response_hours,
        resolution_medians.median_resolution_hours,
        coalesce(active.active_customer_count, 0) as active_customer_count,
        {{ add_months('counts.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from counts
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    {% for medians in ['response_medians', 'resolution_medians'] %}
    inner join {{ medians }}
        on
            counts.brand = {{ medians }}.brand
            and counts.month_date = {{ medians }}.month_date and counts.category = {{ medians }}.category
    {% endfor %}
    left join {{ ref('customer_lifecycle', 'int_active_customers_monthly') }} as active
        on counts.brand = active.brand and counts.month_date = active.month_date
),

support_monthly as (
    select
        brand,
        month_date,
        category,
        cast(ticket_count as bigint) as ticket_count,
        cast(contacting_customer_count as bigint) as contacting_customer_count,
        cast(active_customer_count as bigint) as active_customer_count,
        case when is_mature then {{ ratio_of('ticket_count', 'active_customer_count') }} end as contact_rate,
        cast(answered_count as bigint) as answered_count,
        median_first_response_hours,
        cast(resolved_count as bigint) as resolved_count,
        cast(ticket_count - resolved_count as bigint) as open_count,
        median_resolution_hours,
        cast(reopened_ticket_count as bigint) as reopened_ticket_count,
        {{ ratio_of('reopened_ticket_count', 'ticket_count') }} as reopened_rate,
        is_mature,
        is_mature and ticket_count = resolved_count as is_resolution_mature
    from months
)

select * from support_monthly
