-- One row per subscription and moment from which it had another plan or amount: as its invoices tell, each for the period
-- that it begins. Prices never change in Stripe; a new amount is a new price or another quantity.
{{ config(enabled=fills('stripe', 'subscriptions')) }}

with

invoice_lines as (
    {{ vendor_rows('stripe', 'invoice_lines') }}
),

prices as (
    select * from {{ ref('stripe__prices') }}
),

invoiced_terms as (
    select
        invoice_lines.brand,
        invoice_lines.subscription_id,
        invoice_lines.period_start as valid_from,
        min(prices.plan) as plan,
        min(prices.currency) as currency,
        {{ major_units(
            'sum(' ~ priced_pieces('invoice_lines.quantity') ~ ' * prices.unit_amount_monthly)', 'min(prices.currency)'
        ) }} as monthly_amount,
        min(invoice_lines.loaded_at) as loaded_at
    from invoice_lines
    inner join prices on invoice_lines.brand = prices.brand and invoice_lines.price_id = prices.price_id
    -- what is settled for parts of periods has no price of its own; what is paid once is no subscription
    where invoice_lines.subscription_id is not null
        and coalesce(invoice_lines.proration, false) = false
        and prices.unit_amount_monthly is not null
    group by 1, 2, 3
),

compared_terms as (
    select
        invoiced_terms.*,
        lag(plan) over (partition by brand, subscription_id order by valid_from) as earlier_plan,
        lag(monthly_amount) over (partition by brand, subscription_id order by valid_from) as earlier_amount
    from invoiced_terms
),

stripe__subscription_terms as (
    select
        brand, subscription_id, valid_from, plan, currency, monthly_amount, loaded_at,
        count(*) over (partition by brand, subscription_id) as term_count,
        max(valid_from) over (partition by brand, subscription_id) as last_valid_from
    from compared_terms
    where earlier_plan is null or earlier_plan <> plan or earlier_amount <> monthly_amount
)

select * from stripe__subscription_terms
