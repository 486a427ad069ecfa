-- Tickets, CSAT answers and reviews of staging stand in the marts once at most, whichever customer they belong to by now,
-- and none of them is lost: the joins that look for the customer neither multiply nor lose a row. Only what a
-- customer sent twice is counted once, and what ids said that have become test accounts not at all.
with

said as (
    {% for model, key, date, condition in [
        ('stg_feedback__support_tickets', 'ticket_id', 'created_date', 'true'),
        ('stg_feedback__survey_responses', 'response_id', 'responded_date', "rows_said.survey_type = 'csat'"),
        ('stg_feedback__reviews', 'review_id', 'published_date', 'true'),
    ] %}
    select
        '{{ model }}' as source_model,
        rows_said.brand,
        -- a customer, or an unknown person
        coalesce(cast(identity_map.customer_key as {{ text_type() }}), 'row ' || rows_said.{{ key }}) as said_by,
        {{ period_start('month', 'rows_said.' ~ date) }} as month_date
    from {{ ref('customer_lifecycle', model) }} as rows_said
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    left join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on rows_said.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
    where
        {{ condition }}
        and (rows_said.deleted_date is null or rows_said.deleted_date > as_of.as_of_date)
        and (rows_said.person_id is null or identity_map.person_id is not null)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

said_counts as (
    select source_model, brand, month_date, count(*) as said_count, count(distinct said_by) as sayer_count from said
    group by source_model, brand, month_date
),

counted as (
    select 'stg_feedback__support_tickets' as source_model, brand, month_date, sum(ticket_count) as counted_count
    from {{ ref('customer_lifecycle', 'support_monthly') }}
    group by brand, month_date

    union all

    select 'stg_feedback__survey_responses', brand, month_date, sum(response_count + unscored_response_count)
    from {{ ref('customer_lifecycle', 'csat_monthly') }}
    group by brand, month_date

    union all

    select 'stg_feedback__reviews', brand, month_date, published_count
    from {{ ref('customer_lifecycle', 'user_content_monthly') }}
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
where
    coalesce(counted.counted_count, 0) > coalesce(said_counts.said_count, 0)
    or coalesce(counted.counted_count, 0) < coalesce(said_counts.sayer_count, 0)
