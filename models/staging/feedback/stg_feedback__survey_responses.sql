-- One row per survey response that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('survey_responses', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_feedback__survey_responses as (
    select
        -- ids
        brand,
        response_id,
        customer_id,
        person_id,
        email_person_id,

        -- attributes
        email,
        survey_type,
        touchpoint,
        reason,
        comment,

        -- numbers
        score,
        scale_max,

        -- times
        responded_at,
        responded_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_feedback__survey_responses
