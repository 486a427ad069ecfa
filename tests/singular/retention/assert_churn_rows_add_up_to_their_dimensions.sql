-- Each row closes, and the rows of one set of dimension values share out its customers and its recurring revenue
-- completely; a month that is still running has no rates.
with

dimension_rows as (
    select
        *,
        sum(active_at_start_count) over (
            partition by brand, acquisition_channel, country_code, segment, month_date
        ) as shared_out_count,
        sum(opening_mrr_amount) over (
            partition by brand, acquisition_channel, country_code, segment, month_date
        ) as shared_out_mrr_amount
    from {{ ref('customer_lifecycle', 'churn_monthly') }}
)

select
    brand,
    acquisition_channel,
    country_code,
    segment,
    month_date,
    churn_reason
from dimension_rows
where
    churned_count <> active_at_start_count - retained_count
    or churned_count <> voluntary_churned_count + involuntary_churned_count
    or retained_count < 0
    or churned_count < 0
    or involuntary_churned_count < 0
    or churned_mrr_amount < 0
    or opening_mrr_amount < churned_mrr_amount
    or shared_out_count <> dimension_active_at_start_count
    or shared_out_mrr_amount <> dimension_opening_mrr_amount
    or (churn_rate is not null) <> is_mature
    or (retention_rate is not null) <> is_mature
    or (revenue_churn_rate is not null and not is_mature)
