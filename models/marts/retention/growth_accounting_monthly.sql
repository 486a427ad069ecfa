-- One row per month: how the number of active customers and monthly recurring revenue moved, by every entry and exit.
{% set opening_mrr = '(closing_mrr_amount - change_mrr_amount)' %}
with

months as (
    select * from {{ ref('customer_lifecycle', 'int_active_customers_monthly') }}
),

changes as (
    select
        brand, {{ period_start('month', 'changed_date') }} as month_date, sum(active_change) as active_change,
        {% for kind in ['new', 'reactivated', 'churned', 'reversed'] %}
        sum(case when kind = '{{ kind }}' then 1 else 0 end) as {{ kind }}_count,
        {% endfor %}
        sum(case when kind = 'merged' then active_change else 0 end) as merged_change
    from {{ ref('customer_lifecycle', 'int_customer_activity_changes') }}
    group by brand, {{ period_start('month', 'changed_date') }}
),

mrr_changes as (
    select
        brand, month_date,
        {% for kind in ['new', 'reactivated', 'expansion', 'contraction', 'churned'] %}
        sum(case when kind = '{{ kind }}' then abs(change_mrr_amount) else 0 end) as {{ kind }}_mrr_amount,
        {% endfor %}
        sum(change_mrr_amount) as change_mrr_amount
    from {{ ref('customer_lifecycle', 'int_customer_mrr_months') }}
    group by brand, month_date
),

subscription_brands as (
    select distinct brand from mrr_changes
),

balances as (
    select
        months.brand, months.month_date, months.is_mature,
        {% for kind in ['new', 'reactivated', 'churned', 'reversed'] %}
        coalesce(changes.{{ kind }}_count, 0) as {{ kind }}_count,
        {% endfor %}
        coalesce(changes.active_change, 0) as active_change,
        coalesce(changes.merged_change, 0) as merged_change,
        sum(coalesce(changes.active_change, 0)) over (partition by months.brand order by months.month_date)
            as closing_active,
        {% for kind in ['new', 'reactivated', 'expansion', 'contraction', 'churned', 'change'] %}
        case when subscription_brands.brand is not null then coalesce(mrr_changes.{{ kind }}_mrr_amount, 0) end
            as {{ kind }}_mrr_amount,
        {% endfor %}
        case
            when subscription_brands.brand is not null then
                sum(coalesce(mrr_changes.change_mrr_amount, 0)) over (partition by months.brand order by months.month_date)
        end as closing_mrr_amount
    from months
    left join changes on months.brand = changes.brand and months.month_date = changes.month_date
    left join mrr_changes on months.brand = mrr_changes.brand and months.month_date = mrr_changes.month_date
    left join subscription_brands on months.brand = subscription_brands.brand
),

retained_balances as (
    select *, {{ opening_mrr }} - contraction_mrr_amount - churned_mrr_amount as gross_retained_mrr_amount from balances
),

growth_accounting_monthly as (
    select
        brand,
        month_date,
        cast(closing_active - active_change as bigint) as opening_active,
        {% for kind in ['new', 'reactivated', 'churned', 'reversed'] %}
        cast({{ kind }}_count as bigint) as {{ kind }},
        {% endfor %}
        cast(merged_change as bigint) as merged_net,
        cast(closing_active as bigint) as closing_active,
        cast(new_count + reactivated_count as bigint) as gained_count,
        cast(churned_count + reversed_count as bigint) as lost_count,
        {{ ratio_of('new_count + reactivated_count', '(churned_count + reversed_count)') }} as quick_ratio,
        {{ ratio_of('churned_count', '(closing_active - active_change)') }} as gross_churn_rate,
        cast(closing_mrr_amount - change_mrr_amount as decimal(18, 2)) as opening_mrr_amount,
        {% for name in ['new', 'reactivated', 'expansion', 'contraction', 'churned', 'closing', 'gross_retained'] %}
        cast({{ name }}_mrr_amount as decimal(18, 2)) as {{ name }}_mrr_amount,
        {% endfor %}
        cast(gross_retained_mrr_amount + expansion_mrr_amount as decimal(18, 2)) as net_retained_mrr_amount,
        {{ ratio_of('gross_retained_mrr_amount', opening_mrr) }} as gross_revenue_retention_rate,
        {{ ratio_of('(gross_retained_mrr_amount + expansion_mrr_amount)', opening_mrr) }} as net_revenue_retention_rate,
        is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from retained_balances
)

select * from growth_accounting_monthly
