-- Where does a channel's cohort pay back?
-- One row per brand and acquisition channel with advertising costs: how many monthly cohorts there are, how many have
-- earned their acquisition cost back and after how many months on average (0: in the month of the first purchase), and
-- what the cohorts observed for 3, 6 and 12 complete months had earned by then per unit of cost (LTV:CAC; above 1 is
-- paid back). Cohorts too young for a horizon are in neither side of its ratio. A channel whose 12-month ratio stays
-- below 1 loses money on each customer.
{% set horizons = [3, 6, 12] %}
with

cohort_periods as (
    select * from {{ ref('customer_lifecycle', 'cohort_unit_economics') }}
    where acquisition_cost > 0
),

latest as (
    select
        brand,
        acquisition_channel,
        count(*) as cohort_count,
        sum(customer_count) as customer_count,
        sum(acquisition_cost) as acquisition_cost,
        sum(case when payback_month is not null then 1 else 0 end) as paid_back_cohort_count,
        avg(cast(payback_month as {{ double_type() }})) as mean_payback_month
    from cohort_periods
    where is_latest
    group by brand, acquisition_channel
),

horizons as (
    select
        brand,
        {% for horizon in horizons %}
        sum(case when period_number = {{ horizon }} and is_mature then 1 else 0 end) as cohort_{{ horizon }}m_count,
        sum(case when period_number = {{ horizon }} and is_mature then cumulative_margin_amount end)
            as margin_{{ horizon }}m_amount,
        sum(case
            when period_number = {{ horizon }} and is_mature and cumulative_margin_amount is not null then acquisition_cost
        end) as cost_{{ horizon }}m_amount,
        {% endfor %}
        acquisition_channel
    from cohort_periods
    group by brand, acquisition_channel
)

select
    latest.brand,
    latest.acquisition_channel,
    latest.cohort_count,
    latest.customer_count,
    latest.acquisition_cost,
    {% for horizon in horizons %}
    horizons.cohort_{{ horizon }}m_count,
    {{ ratio_of('horizons.margin_' ~ horizon ~ 'm_amount', 'horizons.cost_' ~ horizon ~ 'm_amount') }}
        as ltv_to_cac_{{ horizon }}m,
    {% endfor %}
    latest.paid_back_cohort_count,
    latest.mean_payback_month
from latest
inner join horizons
    on latest.brand = horizons.brand and latest.acquisition_channel = horizons.acquisition_channel
order by latest.brand asc, latest.acquisition_cost desc, latest.acquisition_channel asc
