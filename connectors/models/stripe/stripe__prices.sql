-- One row per price or, as Stripe called them before, plan: what one piece costs a month, in the smallest unit of the
-- currency. A price that depends on use or on tiers has no amount of its own, and a price that is paid once no month.
{{ config(enabled=fills('stripe', 'subscriptions')) }}

with

prices as (
    {{ vendor_rows('stripe', 'prices') }}
),

plans as (
    {{ vendor_rows('stripe', 'plans') }}
),

known_prices as (
    select * from prices
    union all
    select plans.*
    from plans
    left join prices on plans.brand = prices.brand and plans.id = prices.id
    where prices.id is null
),

stripe__prices as (
    select
        brand,
        id as price_id,
        coalesce(nickname, id) as plan,
        upper(currency) as currency,
        pieces_at_once,
        lower(pieces_rounded) as pieces_rounded,
        case
            when coalesce(lower(usage_type), 'licensed') <> 'metered'
            then coalesce(unit_amount_decimal, unit_amount) / coalesce(interval_count, 1)
                * case lower(interval)
                    when 'month' then 1 when 'year' then 1 / 12.0 when 'week' then 52 / 12.0 when 'day' then 365 / 12.0
                end
        end as unit_amount_monthly
    from known_prices
)

select * from stripe__prices
