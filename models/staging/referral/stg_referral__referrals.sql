-- One row per referral that can be used and is known by the as-of date.
with

rows_with_outcome as (
    {{ row_outcomes('referrals', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

stg_referral__referrals as (
    select
        -- ids
        brand,
        referral_id,
        referrer_customer_id,
        referred_customer_id,
        referrer_person_id,
        referred_person_id,
        referred_email_person_id,

        -- attributes
        program,
        invite_channel,
        code,
        referred_email,
        currency,

        -- numbers
        reward_amount,
        reporting_rate,

        -- times
        invited_at,
        invited_date,
        accepted_at,
        accepted_date,
        loaded_at,
        deleted_at,
        deleted_date
    from rows_with_outcome
    where outcome = 'accepted'
)

select * from stg_referral__referrals
