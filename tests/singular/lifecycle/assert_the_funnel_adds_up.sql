-- Identity 2 within the funnel: opening + entered - exited = closing, nothing is negative, and each closing is the next
-- day's opening; a day that has no row opens and closes empty.
with

funnel as (
    select * from {{ ref('customer_lifecycle', 'stage_funnel_daily') }}
),

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
)

select
    today.brand,
    today.date_day,
    today.stage,
    today.closing_count,
    tomorrow.opening_count
from funnel as today
cross join as_of
left join funnel as tomorrow
    on
        today.brand = tomorrow.brand
        and {{ add_days('today.date_day', 1) }} = tomorrow.date_day
        and today.stage = tomorrow.stage
        and today.acquisition_channel = tomorrow.acquisition_channel
        and today.country_code = tomorrow.country_code
        and today.segment = tomorrow.segment
where
    today.opening_count + today.entered_count - today.exited_count <> today.closing_count
    or least(today.opening_count, today.entered_count, today.exited_count, today.closing_count) < 0
    or (today.date_day < as_of.as_of_date and coalesce(tomorrow.opening_count, 0) <> today.closing_count)
    or today.date_day > as_of.as_of_date
