-- One row per month and customer with a purchase so far: recency, frequency and money by the cut-offs of a seed, which are
-- the same for all customers, so that equal customers always have equal scores.
with

months as (
    select * from {{ ref('customer_lifecycle', 'int_customer_rfm_months') }}
),

brands as (
    select distinct brand from months
),

own_cutoffs as (
    select distinct brand from {{ seed('rfm_cutoffs') }}
),

cutoffs as (
    select
        {% for score in [5, 4, 3, 2] %}
        max(case when cutoffs.score = {{ score }} then cutoffs.maximum_recency_days end) as recency_days_{{ score }},
        max(case when cutoffs.score = {{ score }} then cutoffs.minimum_frequency end) as frequency_{{ score }},
        max(case when cutoffs.score = {{ score }} then cutoffs.minimum_monetary_amount end) as monetary_amount_{{ score }},
        {% endfor %}
        brands.brand
    from brands
    left join own_cutoffs on brands.brand = own_cutoffs.brand
    inner join {{ seed('rfm_cutoffs') }} as cutoffs on coalesce(own_cutoffs.brand, 'default') = cutoffs.brand
    group by brands.brand
),

scores as (
    select
        {% for measure, comparison in [('recency_days', '<='), ('frequency', '>='), ('monetary_amount', '>=')] %}
        case
            {% for score in [5, 4, 3, 2] %}
            when months.{{ measure }} {{ comparison }} cutoffs.{{ measure }}_{{ score }} then {{ score }}
            {% endfor %}
            else 1
        end as {{ measure.split('_')[0] }}_score,
        {% endfor %}
        months.*
    from months
    inner join cutoffs on months.brand = cutoffs.brand
),

rfm_segments_monthly as (
    select
        scores.brand,
        scores.month_date,
        customers.customer_id,
        scores.recency_days,
        scores.frequency,
        scores.monetary_amount,
        cast(scores.recency_score as integer) as recency_score,
        cast(scores.frequency_score as integer) as frequency_score,
        cast(scores.monetary_score as integer) as monetary_score,
        segments.rfm_segment,
        scores.is_mature,
        cast('{{ setting("reporting_currency") | upper }}' as {{ text_type() }}) as currency
    from scores
    inner join {{ ref('customer_lifecycle', 'int_customers') }} as customers on scores.customer_key = customers.customer_key
    left join {{ seed('rfm_segments') }} as segments
        on scores.recency_score = segments.recency_score and scores.frequency_score = segments.frequency_score
)

select * from rfm_segments_monthly
