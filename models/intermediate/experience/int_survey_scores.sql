-- One row per answer to an NPS or CSAT survey that counts at the as-of date, with whose it is and what its score says;
-- answers that cannot be scored are kept and marked. A customer who answers one survey about one touchpoint again within the
-- hour has changed its mind, or its browser sent the answer twice: the last answer counts. Answers without an id count each:
-- their senders cannot be told apart.
{% set second_answer_minutes = 60 %}
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

responses as (
    select
        responses.brand,
        responses.response_id,
        identity_map.customer_key,
        responses.survey_type,
        coalesce(responses.touchpoint, 'unknown') as touchpoint,
        responses.score,
        coalesce(responses.scale_max, case responses.survey_type when 'nps' then 10 else 5 end) as scale_max,
        responses.responded_at,
        responses.responded_date
    from {{ ref('customer_lifecycle', 'stg_feedback__survey_responses') }} as responses
    cross join as_of
    left join {{ ref('customer_lifecycle', 'int_identity_shared_ids') }} as shared_ids
        on responses.person_id = shared_ids.person_id and responses.responded_date >= shared_ids.shared_from_date
    left join identity_map on responses.person_id = identity_map.person_id and shared_ids.person_id is null
    where
        responses.survey_type in ('nps', 'csat')
        and {{ known_until('responses.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
        -- an id that has become a test account's speaks for no customer; who gave no id, or a shared one, is anonymous
        and (responses.person_id is null or shared_ids.person_id is not null or identity_map.customer_key is not null)
),

scored_responses as (
    select
        *,
        case
            when score is null or score < 0 or score > scale_max then false
            when survey_type = 'nps' then scale_max = 10
            else scale_max >= 1
        end as is_scored
    from responses
),

next_responses as (
    -- of one month: what a finished month says stays said
    select
        *,
        lead(responded_at) over (
            partition by
                brand, survey_type, touchpoint, is_scored, {{ period_start('month', 'responded_date') }},
                customer_key, case when customer_key is null then response_id end
            -- of two at one instant the smaller id counts
            order by responded_at asc, response_id desc
        ) as next_responded_at
    from scored_responses
),

int_survey_scores as (
    select
        brand,
        response_id,
        customer_key,
        survey_type,
        touchpoint,
        is_scored,
        case
            when not is_scored or survey_type <> 'nps' then null
            when score >= 9 then 'promoter'
            when score >= 7 then 'passive'
            else 'detractor'
        end as nps_group,
        -- 4 of 5 lies three quarters up the scale from 1; so must any other, half points included
        case when is_scored and survey_type = 'csat' then score >= 1 and 4 * (score - 1) >= 3 * (scale_max - 1) end
            as is_satisfied,
        responded_at,
        responded_date
    from next_responses
    where
        next_responded_at is null
        or {{ seconds_between('responded_at', 'next_responded_at') }} > {{ 60 * second_answer_minutes }}
)

select * from int_survey_scores
