-- One row per raw table, outcome and reason: how many raw rows went that way.
with

{% for table in raw_contract() -%}
{% set lone_ids = lone_id_columns(table) -%}
{{ table }}_judged as (
    {{ judged_rows(table) }}
),

{{ table }} as (
    select
        {{ table }}_judged.brand,
        {%- if lone_ids %}
        case when shared_ids.person_id is not null then 'rejected' else {{ table }}_judged.outcome end as outcome,
        case when shared_ids.person_id is not null then 'shared_identifier' else {{ table }}_judged.final_reason end
            as rejection_reason,
        {%- else %}
        {{ table }}_judged.outcome,
        {{ table }}_judged.final_reason as rejection_reason,
        {%- endif %}
        count(*) as row_count
    {%- if lone_ids %}
    from {{ table }}_judged
    left join {{ ref('int_identity_shared_ids') }} as shared_ids on {{ shared_id_of_row(table ~ '_judged', lone_ids) }}
    {%- else %}
    from {{ table }}_judged
    {%- endif %}
    group by 1, 2, 3
),

{% endfor -%}
raw_row_outcomes as (
    {%- for table in raw_contract() %}
    select
        '{{ table }}' as entity,
        brand,
        outcome,
        rejection_reason,
        row_count
    from {{ table }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from raw_row_outcomes
