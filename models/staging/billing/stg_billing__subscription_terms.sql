-- One row per subscription and period [valid_from, valid_to) with the plan and the price that held then: those of the
-- version that brought them, from its date until the next. The first version holds from the beginning: earlier terms are not
-- known. The first price of a paid version does as well: a trial has no price. A version without a price keeps the last one.
-- If a subscription started again, each period has its own versions.
{{ config(materialized='table') }}
with

subscriptions as (
    select * from {{ ref('customer_lifecycle', 'stg_billing__subscriptions') }}
),

base_versions as (
    select
        *,
        coalesce(updated_at, loaded_at) as changed_at
    from {{ ref('customer_lifecycle', 'base_billing__subscriptions') }}
    where rejection_reason is null or rejection_reason = 'superseded_version'
),

versions as (
    select
        versions.brand,
        subscriptions.subscription_id,
        versions.version_number,
        versions.plan,
        case when versions.started_date is not null then round(versions.monthly_amount * versions.reporting_rate, 2) end
            as monthly_amount,
        coalesce(
            {{ business_date('versions.changed_at', 'versions.brand', business_time_zones()) }}, {{ beginning_of_time() }}
        ) as version_date
    from base_versions as versions
    inner join subscriptions
        on
            versions.brand = subscriptions.brand and versions.record_key = subscriptions.record_key
            and versions.version_number >= subscriptions.version_number
            and versions.version_number < coalesce(subscriptions.earlier_version_number, versions.version_number + 1)
),

periods as (
    -- a version holds until the first of the later ones; the higher its number, the older it is
    select
        *,
        coalesce(
            min(version_date) over (
                partition by brand, subscription_id order by version_number
                rows between unbounded preceding and 1 preceding
            ),
            {{ end_of_time() }}
        ) as valid_to
    from versions
),

prices as (
    select
        *,
        lag(valid_to, 1, {{ beginning_of_time() }}) over (partition by brand, subscription_id order by valid_to)
            as valid_from,
        greatest(count(monthly_amount) over (partition by brand, subscription_id order by valid_to), 1) as price_number
    from periods
    where version_date < valid_to
),

stg_billing__subscription_terms as (
    select
        brand,
        subscription_id,
        plan,
        cast(max(monthly_amount) over (partition by brand, subscription_id, price_number) as decimal(18, 2))
            as mrr_amount,
        valid_from,
        valid_to
    from prices
)

select * from stg_billing__subscription_terms
