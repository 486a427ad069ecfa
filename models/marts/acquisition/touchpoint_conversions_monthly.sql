-- One row per month and type of touchpoint: the customers reached by it, and those of them who bought soon after. A customer
-- counts once a month and type, from the first touchpoint of that month on.
{% set window_days = setting('touchpoint_conversion_days') %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

touchpoints as (
    select
        touchpoints.brand,
        {{ period_start('month', 'touchpoints.occurred_date') }} as month_date,
        coalesce(touchpoints.touch_type, 'unknown') as touch_type,
        identity_map.customer_key,
        min(touchpoints.occurred_date) as touched_date
    from {{ ref('customer_lifecycle', 'stg_marketing__touchpoints') }} as touchpoints
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on touchpoints.person_id = identity_map.person_id
    cross join as_of
    {{ join_shared_ids('touchpoints', 'occurred_date') }}
    where
        identity_map.valid_to = {{ end_of_time() }}
        and (touchpoints.deleted_date is null or touchpoints.deleted_date > as_of.as_of_date)
        and shared_ids.person_id is null
    group by
        touchpoints.brand,
        {{ period_start('month', 'touchpoints.occurred_date') }},
        coalesce(touchpoints.touch_type, 'unknown'),
        identity_map.customer_key
),

purchases as (
    select * from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
),

buyers as (
    select distinct touchpoints.month_date, touchpoints.touch_type, touchpoints.customer_key
    from touchpoints
    inner join purchases
        on
            touchpoints.customer_key = purchases.customer_key
            and touchpoints.touched_date <= purchases.purchase_date
            and purchases.purchase_date <= {{ add_days('touchpoints.touched_date', window_days) }}
),

outcomes as (
    select
        touchpoints.brand, touchpoints.month_date, touchpoints.touch_type,
        {{ add_days('touchpoints.touched_date', window_days) }} <= as_of.as_of_date as is_eligible,
        buyers.customer_key is not null as is_buyer
    from touchpoints
    cross join as_of
    left join buyers
        on
            touchpoints.customer_key = buyers.customer_key
            and touchpoints.month_date = buyers.month_date
            and touchpoints.touch_type = buyers.touch_type
),

counts as (
    select
        brand, month_date, touch_type,
        count(*) as reached_count,
        sum(case when is_eligible then 1 else 0 end) as eligible_count,
        sum(case when is_eligible and is_buyer then 1 else 0 end) as converted_count
    from outcomes
    group by brand, month_date, touch_type
),

touchpoint_conversions_monthly as (
    select
        counts.brand, counts.month_date, counts.touch_type,
        cast(counts.reached_count as bigint) as reached_count,
        cast(counts.eligible_count as bigint) as eligible_count,
        cast(counts.converted_count as bigint) as converted_count,
        {{ ratio_of('counts.converted_count', 'counts.eligible_count') }} as conversion_rate,
        counts.eligible_count = counts.reached_count
        and {{ add_months('counts.month_date', 1) }} <= {{ add_days('as_of.as_of_date', 1) }} as is_mature
    from counts
    cross join as_of
)

select * from touchpoint_conversions_monthly
