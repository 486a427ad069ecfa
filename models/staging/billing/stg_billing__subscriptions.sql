-- One row per subscription that can be used and is known by the as-of date, and paid period of it: one that ended before all
-- later versions start was another period. The first keeps the id, the next ones have a number behind it. A version that
-- starts on the day of that end continues the period. A trial belongs to the first period that ends after the trial began.
{{ config(materialized='table') }}
{% set versions = 'partition by brand, subscription_id order by version_number' %}
{% set older = versions ~ ' desc rows between unbounded preceding and 1 preceding' %}
with

rows_with_outcome as (
    {{ row_outcomes('subscriptions', excluded_ids=ref('customer_lifecycle', 'int_excluded_ids')) }}
),

versions as (
    select
        *,
        min(coalesce(started_date, main_date)) over ({{ versions }} rows between unbounded preceding and 1 preceding)
            as next_date,
        {% for name in ['deleted_at', 'deleted_date'] %}
        max(case when version_number = 1 then {{ name }} end) over (partition by brand, subscription_id) as last_{{ name }},
        {% endfor %}
        max(case when outcome <> 'rejected' then 1 else 0 end) over (partition by brand, subscription_id) as is_usable
    from rows_with_outcome
    where outcome <> 'rejected' or final_reason = 'superseded_version'
),

paid_periods as (
    select
        versions.*,
        case when coalesce(versions.ended_date < lag(versions.started_date) over ({{ versions }}), true) then 1 else 0 end
            as is_last_of_period
    from versions
    cross join {{ ref('customer_lifecycle', 'as_of_date') }} as as_of
    where
        versions.outcome = 'accepted'
        or (
            versions.is_usable = 1 and not versions.is_erased and versions.main_date <= as_of.as_of_date
            and versions.started_date is not null and versions.ended_date <= versions.next_date
        )
),

numbered_periods as (
    select
        *,
        coalesce(sum(is_last_of_period) over ({{ older }}), 0) as earlier_count,
        max(case when is_last_of_period = 1 then ended_date end) over ({{ older }}) as earlier_ended_date,
        min(case when is_last_of_period = 1 then version_number end) over ({{ older }}) as earlier_version_number
    from paid_periods
),

joined_periods as (
    select
        *,
        min(started_at) over (partition by brand, subscription_id, earlier_count) as first_started_at,
        min(started_date) over (partition by brand, subscription_id, earlier_count) as first_started_date,
        trial_started_date is not null and coalesce(trial_started_date >= earlier_ended_date, true) as has_trial
    from numbered_periods
),

stg_billing__subscriptions as (
    select
        -- ids
        brand,
        subscription_id || case when earlier_count > 0 then '#' || cast(earlier_count + 1 as {{ text_type() }}) else '' end
            as subscription_id,
        customer_id, person_id, record_key,

        -- attributes
        plan, status, cancel_reason, currency,

        -- numbers
        monthly_amount, reporting_rate,
        -- its versions: from this one, the last, to that before the earlier period's
        version_number, earlier_version_number,

        -- booleans
        is_involuntary,

        -- times
        {% for name in ['trial_started_at', 'trial_started_date', 'trial_ended_at', 'trial_ended_date'] %}
        case when has_trial then {{ name }} end as {{ name }},
        {% endfor %}
        first_started_at as started_at, first_started_date as started_date, ended_at, ended_date, cancelled_at,
        cancelled_date, updated_at, updated_date,
        case when has_trial then main_date else coalesce(first_started_date, main_date) end as main_date,
        loaded_at, last_deleted_at as deleted_at, last_deleted_date as deleted_date
    from joined_periods
    where is_last_of_period = 1
)

select * from stg_billing__subscriptions
