-- One row per month and dimensions of customers with an answer to an NPS survey in the 90 days up to the month's last day.
{% set dimensions = ['acquisition_channel', 'country_code', 'segment'] %}
with

responses as (
    select
        scores.brand, scores.response_id, scores.customer_key,
        {% for dimension in dimensions %}coalesce(dimensions.{{ dimension }}, 'unknown') as {{ dimension }}, {% endfor %}
        scores.is_scored, scores.nps_group, scores.responded_at, scores.responded_date,
        -- 90 days reach over the ends of four months at most
        {{ unnest_integers('0', '4') }} as month_number
    from {{ ref('customer_lifecycle', 'int_survey_scores') }} as scores
    left join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on scores.customer_key = dimensions.customer_key
    {{ join_integers('0', '4') }}
    where scores.survey_type = 'nps'
),

months as (
    select
        responses.*, as_of.as_of_date,
        {{ add_months(period_start('month', 'responses.responded_date'), 'responses.month_number') }} as month_date
    from responses
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
),

windows as (
    select *, least({{ add_days(add_months('month_date', 1), -1) }}, as_of_date) as last_day
    from months
    where month_date <= as_of_date
),

ranked as (
    -- an unidentified customer answers once
    select
        *,
        row_number() over (
            partition by brand, month_date, is_scored, customer_key, case when customer_key is null then response_id end
            order by responded_at desc, response_id asc
        ) as choice_number
    from windows
    where responded_date > {{ add_days('last_day', -90) }}
),

counts as (
    select
        brand,
        month_date,
        {{ dimensions | join(', ') }},
        sum(case when is_scored then 1 else 0 end) as response_count,
        sum(case when is_scored then 0 else 1 end) as unscored_response_count,
        sum(case when is_scored and choice_number = 1 then 1 else 0 end) as respondent_count,
        sum(case when is_scored and customer_key is null then 1 else 0 end) as anonymous_respondent_count,
        {% for group in ['promoter', 'passive', 'detractor'] %}
        sum(case when nps_group = '{{ group }}' and choice_number = 1 then 1 else 0 end) as {{ group }}_count,
        {% endfor %}
        max({{ add_days('last_day', 1) }}) = {{ add_months('month_date', 1) }} as is_mature
    from ranked
    group by brand, month_date, {{ dimensions | join(', ') }}
),

nps_monthly as (
    select
        brand,
        month_date,
        acquisition_channel,
        country_code,
        segment,
        cast(response_count as bigint) as response_count,
        cast(unscored_response_count as bigint) as unscored_response_count,
        cast(respondent_count as bigint) as respondent_count,
        cast(anonymous_respondent_count as bigint) as anonymous_respondent_count,
        cast(promoter_count as bigint) as promoter_count,
        cast(passive_count as bigint) as passive_count,
        cast(detractor_count as bigint) as detractor_count,
        cast(promoter_count - detractor_count as bigint) as net_promoter_count,
        -- in brackets, or the last digit differs from that of the interval's ends
        100 * ({{ ratio_of('(promoter_count - detractor_count)', 'respondent_count') }}) as nps,
        100 * {{ nps_lower('promoter_count', 'detractor_count', 'respondent_count') }} as nps_lower,
        100 * {{ nps_upper('promoter_count', 'detractor_count', 'respondent_count') }} as nps_upper,
        is_mature
    from counts
)

select * from nps_monthly
