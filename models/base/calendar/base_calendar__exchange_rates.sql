-- One row per foreign currency and day, from its first rate to the last day of the seed: the last known rate.
{{ config(materialized='table') }}

{%- set reporting_currency = setting('reporting_currency') | upper %}

with

seed_rates as (
    select * from {{ seed('exchange_rates') }}
),

rates as (
    select
        from_currency as currency,
        rate_date,
        cast(rate as decimal(18, 8)) as rate
    from seed_rates
    where to_currency = '{{ reporting_currency }}'

    union all

    -- a currency with rates in the other direction only
    select
        inverse_rates.to_currency as currency,
        inverse_rates.rate_date,
        cast(1 / inverse_rates.rate as decimal(18, 8)) as rate
    from seed_rates as inverse_rates
    left join seed_rates as direct_rates
        on
            inverse_rates.to_currency = direct_rates.from_currency
            and direct_rates.to_currency = '{{ reporting_currency }}'
    where
        inverse_rates.from_currency = '{{ reporting_currency }}'
        and direct_rates.from_currency is null
),

last_day as (
    select max(rate_date) as last_date from rates
),

rate_periods as (
    select
        rates.currency,
        rates.rate,
        rates.rate_date,
        coalesce(
            lead(rates.rate_date) over (partition by rates.currency order by rates.rate_date),
            {{ add_days('last_day.last_date', 1) }}
        ) as next_rate_date
    from rates
    cross join last_day
),

rate_days as (
    select
        currency,
        rate,
        rate_date,
        {{ unnest_integers('0', days_between('rate_date', 'next_rate_date')) }} as day_number
    from rate_periods
    {{ join_integers('0', days_between('rate_date', 'next_rate_date')) }}
),

base_calendar__exchange_rates as (
    select
        currency,
        {{ add_days('rate_date', 'day_number') }} as date_day,
        rate
    from rate_days
)

select * from base_calendar__exchange_rates
