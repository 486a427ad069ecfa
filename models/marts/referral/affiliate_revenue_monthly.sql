-- One row per month and affiliate with a sale, or with money or commission of one that comes or goes.
with

movements as (
    select
        *,
        earned_commission_amount - clawed_back_commission_amount as commission_amount
    from {{ ref('int_affiliate_movements') }}
),

affiliate_revenue_monthly as (
    select
        brand,
        {{ period_start('month', 'movement_date') }} as month_date,
        affiliate_id,
        cast(sum(case when is_made and kind = 'sale' then 1 else 0 end) as bigint) as sale_count,
        cast(sum(case when is_made and kind = 'repeated' then 1 else 0 end) as bigint) as repeated_claim_count,
        cast(sum(case when is_made and kind = 'self_purchase' then 1 else 0 end) as bigint) as self_purchase_count,
        cast(sum(case when is_made and kind in ('rejected', 'void') then 1 else 0 end) as bigint) as rejected_count,
        cast(sum(gross_revenue_amount) as decimal(18, 2)) as gross_revenue_amount,
        cast(sum(refunded_revenue_amount) as decimal(18, 2)) as refunded_revenue_amount,
        cast(sum(gross_revenue_amount - refunded_revenue_amount) as decimal(18, 2)) as net_revenue_amount,
        cast(sum(earned_commission_amount) as decimal(18, 2)) as earned_commission_amount,
        cast(sum(clawed_back_commission_amount) as decimal(18, 2)) as clawed_back_commission_amount,
        cast(sum(commission_amount) as decimal(18, 2)) as commission_amount,
        cast(sum(case when status_effect = 'pending' then commission_amount else 0 end) as decimal(18, 2))
            as pending_commission_amount,
        cast(sum(case when kind = 'self_purchase' then commission_amount else 0 end) as decimal(18, 2))
            as self_purchase_commission_amount,
        cast(sum(gross_revenue_amount - refunded_revenue_amount - commission_amount) as decimal(18, 2))
            as contribution_amount
    from movements
    group by brand, {{ period_start('month', 'movement_date') }}, affiliate_id
)

select * from affiliate_revenue_monthly
