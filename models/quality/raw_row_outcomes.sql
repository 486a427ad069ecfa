-- One row per raw table, outcome and reason: how many raw rows went that way.
with

{% for table in raw_tables() -%}
{{ table }} as (
    {{ row_outcomes(
        table,
        excluded_ids=ref('customer_lifecycle', 'int_excluded_ids'),
        order_outcomes=ref('customer_lifecycle', 'stg_shop__order_outcomes'),
        machine_rows=ref('customer_lifecycle', 'stg_marketing__machine_rows'),
        shared_ids=ref('customer_lifecycle', 'int_identity_shared_ids')
    ) }}
),

{% endfor -%}
raw_row_outcomes as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as entity,
        brand,
        outcome,
        final_reason as rejection_reason,
        count(*) as row_count
    from {{ table }}
    group by brand, outcome, final_reason
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from raw_row_outcomes
