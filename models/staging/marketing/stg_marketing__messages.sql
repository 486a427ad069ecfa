-- One row per message, sent or held back, that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('messages', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_marketing__messages as (
    select
        -- ids
        brand,
        message_id,
        customer_id,
        campaign_id,
        person_id,

        -- attributes
        audience,
        channel,
        currency,

        -- numbers
        cost_amount,
        reporting_rate,

        -- booleans
        held_out,

        -- times
        sent_at,
        sent_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_marketing__messages
