-- One row per subject, item, month, dimension and value in which anything happens: sums of what metrics are made of. What
-- comes before a customer's first purchase is 'no purchase yet' in the dimensions of that purchase, what is no known
-- customer's is 'unknown', and costs are 'not split' but by channel and campaign.
{{ config(schema='intermediate', contract={'enforced': false}) }}
{% set slices = ['acquisition_channel', 'acquisition_campaign', 'country_code', 'segment'] %}
{% set firsts = [
    'first_purchase_type', 'first_product', 'first_category', 'first_sales_channel', 'first_discount_code',
    'first_discount_share', 'first_order_size',
] %}
{% set sources = {
    'fact_cells': [
        'stay_count', 'seen_days', 'exit_count', 'open_count', 'left_30d_count', 'seen_30d_count', 'left_90d_count',
        'seen_90d_count', 'left_365d_count', 'seen_365d_count', 'customer_count', 'lead_count', 'order_count',
        'discounted_order_count', 'revenue_amount', 'spend_amount', 'session_count', 'answer_count', 'good_answer_count',
    ],
    'cohort_cells': ['customer_count', 'revenue_amount', 'margin_amount', 'costed_entry_count'],
    'credit_cells': ['conversion_credit', 'first_conversion_credit', 'revenue_amount'],
} %}
{% set measures = sources.values() | sum(start=[]) | unique | list %}
{% set no_ones = "case when facts.channel is null then 'unknown' else 'not split' end" %}
{% set cell = 'brand, subject, item, month_date' %}
with

customers as (
    -- a merged customer first bought what the customer did who goes on with its history
    select
        customers.customer_key, customers.customer_id, cohorts.first_purchase_date, {{ firsts | join(', ') }},
        dimensions.acquisition_channel, coalesce(dimensions.acquisition_campaign_id, 'none') as acquisition_campaign,
        coalesce(dimensions.acquisition_landing_page, 'none') as acquisition_landing_page,
        dimensions.country_code, dimensions.segment
    from {{ ref('customer_lifecycle', 'int_customers') }} as customers
    inner join {{ ref('customer_lifecycle', 'int_customer_dimensions') }} as dimensions
        on customers.customer_key = dimensions.customer_key
    left join {{ ref('customer_lifecycle', 'int_identity_map') }} as owners
        on
            customers.customer_id = owners.person_id and customers.merged_date is not null
            and owners.valid_to = {{ end_of_time() }}
    left join {{ ref('customer_lifecycle', 'int_cohort_customers') }} as cohorts
        on coalesce(owners.customer_key, customers.customer_key) = cohorts.customer_key
),

cut_facts as (
    select
        facts.*, 'all' as all_customers,
        coalesce(facts.channel, customers.acquisition_channel, 'unknown') as acquisition_channel,
        coalesce(facts.campaign_id, customers.acquisition_campaign, 'unknown') as acquisition_campaign,
        {% for dimension in firsts %}
        case
            when facts.fact_date >= customers.first_purchase_date then customers.{{ dimension }}
            when facts.customer_key is null then {{ no_ones }} else 'no purchase yet'
        end as {{ dimension }},
        {% endfor %}
        coalesce(customers.acquisition_landing_page, {{ no_ones }}) as acquisition_landing_page,
        coalesce(customers.country_code, {{ no_ones }}) as country_code,
        coalesce(customers.segment, {{ no_ones }}) as segment
    from {{ ref('customer_lifecycle', 'int_dimension_facts') }} as facts
    left join customers on facts.customer_key = customers.customer_key
),

cut_credits as (
    -- few enough to be cut again and again, unlike pages and first products
    select
        credits.brand, 'attribution_' || credits.model as subject, credits.channel as item,
        {{ period_start('month', 'credits.converted_date') }} as month_date, 'all' as all_customers,
        {% for dimension in slices %}coalesce(customers.{{ dimension }}, 'unknown') as {{ dimension }}, {% endfor %}
        sum(credits.credit) as conversion_credit, sum(credits.credited_amount) as revenue_amount,
        sum(case when credits.is_first_purchase then credits.credit else 0 end) as first_conversion_credit
    from {{ ref('customer_lifecycle', 'attribution_credits') }} as credits
    left join customers on credits.customer_id = customers.customer_id
    group by
        {% for dimension in slices %}coalesce(customers.{{ dimension }}, 'unknown'), {% endfor %}
        credits.brand, credits.model, credits.channel, {{ period_start('month', 'credits.converted_date') }}
),

{% for source, rows, dimensions in [
    ('fact_cells', 'cut_facts', slices + ['acquisition_landing_page'] + firsts), ('credit_cells', 'cut_credits', slices)
] %}
{{ source }} as (
    {% for dimension in ['all_customers'] + dimensions %}
    select
        {% for measure in sources[source] %}
        sum({{ measure }}) as {{ measure }},
        {% endfor %}
        {{ cell }}, '{{ dimension }}' as dimension, {{ dimension }} as dimension_value
    from {{ rows }}
    group by {{ cell }}, {{ dimension }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{% endfor %}
cohort_cells as (
    select
        brand, 'unit_economics' as subject, cast(period_number as {{ text_type() }}) || ' months' as item,
        cohort_month as month_date, dimension, dimension_value, cohort_customer_count as customer_count,
        cumulative_revenue_amount - cumulative_refunded_revenue_amount as revenue_amount,
        cumulative_margin_amount as margin_amount, cumulative_costed_entry_count as costed_entry_count
    from {{ ref('customer_lifecycle', 'int_cohort_dimension_periods') }}
    where period_number in (3, 12) and is_mature and dimension <> 'stitched_channel'
),

int_dimension_cells as (
    {% for source, own_measures in sources.items() %}
    select
        {% for measure in measures %}
        cast({{ measure if measure in own_measures else 'null' }} as decimal(28, 9)) as {{ measure }},
        {% endfor %}
        {{ cell }}, case dimension when 'all_customers' then 'all' else dimension end as dimension_name, dimension_value
    from {{ source }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_dimension_cells
