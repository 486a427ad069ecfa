-- One row per raw row of subscriptions: cleaned, and with the reason why the row cannot be used, if any. A subscription that
-- was never paid has no started_at. Its status says so, or its paid period is shorter than a day: billing systems give up a
-- checkout that is not paid within a day.
{% set raw = raw_columns('subscriptions') -%}

with

-- 'On Hold', 'on-hold' and 'on_hold' are one
subscription_statuses as (
    select {{ spelling_of('status') }} as status, min(effect) as effect
    from {{ seed('subscription_statuses') }}
    group by 1
),

{{ raw_rows('subscriptions', raw) }},

cleaned_rows as {{ inlined() }} (
    select
        raw_rows.*,

        -- ids
        {{ clean_brand(raw.brand) }} as brand,
        {{ clean_id(raw.subscription_id) }} as subscription_id,
        {{ clean_customer_id(raw.customer_id) }} as customer_id,

        -- attributes
        {{ clean_text(raw.plan) }} as plan,
        {{ spelling_of(clean_code(raw.status), prefix='wc-') }} as status_spelling,
        {{ without_phones(clean_text(raw.cancel_reason)) }} as cancel_reason,
        {{ clean_currency('subscriptions', raw) }} as currency,

        -- numbers
        {{ clean_amount(raw.monthly_amount) }} as monthly_amount,

        -- booleans
        {{ clean_boolean(raw.is_involuntary) }} as is_involuntary,

        -- times
        {{ clean_timestamp(raw.trial_started_at) }} as trial_started_at,
        {{ clean_timestamp(raw.trial_ended_at) }} as trial_ended_at,
        {{ clean_timestamp(raw.started_at) }} as started_at,
        {{ clean_timestamp(raw.ended_at) }} as ended_at,
        {{ clean_timestamp(raw.cancelled_at) }} as cancelled_at,
        {{ clean_timestamp(raw.updated_at) }} as updated_at,
        {{ clean_timestamp(raw.loaded_at) }} as loaded_at,
        {{ clean_timestamp(raw.deleted_at) }} as deleted_at
    from raw_rows
),

rows_with_status as {{ inlined() }} (
    select cleaned_rows.*, subscription_statuses.status
    from cleaned_rows
    left join subscription_statuses on cleaned_rows.status_spelling = subscription_statuses.status
),

{{ checked_rows('subscriptions', raw, rows='rows_with_status') }},

{{ validated_rows(
    'subscriptions', raw,
    rates=ref('customer_lifecycle', 'base_calendar__exchange_rates'),
    rejected_customers=ref('customer_lifecycle', 'base_shop__rejected_customers')
) }},

rows_with_effect as {{ inlined() }} (
    select
        validated_rows.*,
        subscription_statuses.effect,
        -- a billing system that has one date of start alone gives that of the trial
        subscription_statuses.effect is not null
        and validated_rows.started_at <= validated_rows.trial_started_at
        and validated_rows.trial_ended_at is not null as is_paid_after_trial
    from validated_rows
    left join subscription_statuses on validated_rows.status = subscription_statuses.status
),

first_payments as {{ inlined() }} (
    select
        *,
        case when is_paid_after_trial then trial_ended_at else started_at end as paid_at,
        case when is_paid_after_trial then trial_ended_date else started_date end as paid_date
    from rows_with_effect
),

payments as {{ inlined() }} (
    select
        *,
        not coalesce(
            effect in ('never', 'trial')
            or ended_date <= paid_date
            or (effect is null and {{ seconds_between('paid_at', 'ended_at') }} < 86400),
            false
        ) as is_paid
    from first_payments
),

base_billing__subscriptions as (
    select
        brand, subscription_id, customer_id, plan, status, trial_started_at, trial_started_date, trial_ended_at,
        trial_ended_date,
        case when is_paid then paid_at end as started_at,
        case when is_paid then paid_date end as started_date,
        ended_at, ended_date, cancelled_at, cancelled_date, cancel_reason, is_involuntary, monthly_amount, currency,
        reporting_rate, updated_at, updated_date,
        -- 1 is the version that counts, 2 the one before
        version_number,
        {{ person_id('brand', customer_id='customer_id') }} as person_id,
        loaded_at, deleted_at, deleted_date, main_date, record_key,
        loaded_batch, raw_fingerprint, cleaning_rules, rejection_reason, cleaning_failures, raw_row
    from payments
)

select * from base_billing__subscriptions
