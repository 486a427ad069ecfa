-- Tickets, CSAT answers and reviews of staging stand in the marts once each, whoever they belong to by now: the joins that
-- look for the customer neither multiply nor lose any, but for those of ids that have become test accounts.
with

said as (
    {% for model, date, condition in [
        ('stg_feedback__support_tickets', 'created_date', 'true'),
        ('stg_feedback__survey_responses', 'responded_date', "rows_said.survey_type = 'csat'"),
        ('stg_feedback__reviews', 'published_date', 'true'),
    ] %}
    select
        '{{ model }}' as source_model,
        rows_said.brand,
        {{ period_start('month', 'rows_said.' ~ date) }} as month_date
    from {{ ref(model) }} as rows_said
    cross join {{ ref('stg_calendar__as_of_date') }} as as_of
    left join {{ ref('int_identity_memberships') }} as memberships
        on rows_said.person_id = memberships.person_id and memberships.valid_to = {{ end_of_time() }}
    where
        {{ condition }}
        and (rows_said.deleted_date is null or rows_said.deleted_date > as_of.as_of_date)
        and (rows_said.person_id is null or memberships.person_id is not null)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

said_counts as (
    select source_model, brand, month_date, count(*) as said_count from said
    group by source_model, brand, month_date
),

counted as (
    select 'stg_feedback__support_tickets' as source_model, brand, month_date, sum(ticket_count) as counted_count
    from {{ ref('support_monthly') }}
    group by brand, month_date

    union all

    select 'stg_feedback__survey_responses', brand, month_date, sum(response_count + unscored_response_count)
    from {{ ref('csat_monthly') }}
    group by brand, month_date

    union all

    select 'stg_feedback__reviews', brand, month_date, published_count from {{ ref('user_content_monthly') }}
)

select
    said_counts.*,
    counted.counted_count
from said_counts
full outer join counted
    on
        said_counts.source_model = counted.source_model
        and said_counts.brand = counted.brand
        and said_counts.month_date = counted.month_date
where coalesce(said_counts.said_count, 0) <> coalesce(counted.counted_count, 0)
