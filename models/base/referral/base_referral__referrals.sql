-- One row per raw row of referrals: cleaned, and with the reason why the row cannot be used, if any.
{% set raw = raw_columns('referrals') -%}

with

{{ raw_rows('referrals', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.referral_id) }} as referral_id,
        {{ clean_customer_id(raw.referrer_customer_id) }} as referrer_customer_id,
        {{ clean_email(raw.referred_email) }} as referred_email,
        {{ clean_customer_id(raw.referred_customer_id) }} as referred_customer_id,

        -- attributes
        {{ clean_text(raw.program) }} as program,
        {{ clean_text(raw.invite_channel) }} as invite_channel,
        {{ clean_text(raw.code) }} as code,
        {{ clean_currency('referrals', raw) }} as currency,

        -- numbers
        {{ clean_amount(raw.reward_amount) }} as reward_amount,

        -- times
        {{ clean_timestamp(raw.invited_at) }} as invited_at,
        {{ clean_timestamp(raw.accepted_at) }} as accepted_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

{{ checked_rows('referrals', raw) }},

{{ validated_rows(
    'referrals', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates'),
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

base_referral__referrals as (
    select
        brand, referral_id, referrer_customer_id, program, invited_at, invited_date, invite_channel, code,
        referred_email, referred_customer_id, accepted_at, accepted_date, reward_amount, currency, reporting_rate,
        {{ person_id('brand', customer_id='referrer_customer_id') }} as referrer_person_id,
        {{ person_id('brand', customer_id='referred_customer_id') }} as referred_person_id,
        {{ person_id('brand', email='referred_email') }} as referred_email_person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from validated_rows
)

select * from base_referral__referrals
