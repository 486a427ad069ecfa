-- One row per raw row that cannot be used, with its one reason.
with

{% for table in raw_contract() -%}
{% set lone_ids = lone_id_columns(table) -%}
{{ table }}_judged as (
    {{ judged_rows(table) }}
),

{{ table }} as (
    select
        {{ table }}_judged.brand,
        case
            when {{ table }}_judged.is_erased and {{ table }}_judged.record_key like '%@%' then null
            else {{ table }}_judged.record_key
        end as record_key,
        {% if lone_ids -%}
        case when shared_ids.person_id is not null then 'shared_identifier' else {{ table }}_judged.final_reason end
        {%- else -%}
        {{ table }}_judged.final_reason
        {%- endif %} as rejection_reason,
        case
            when {{ table }}_judged.is_erased then null
            when {{ table }}_judged.raw_row is not null then {{ table }}_judged.raw_row
            else {{ row_as_json(contract_values(table, table ~ '_judged')) }}
        end as raw_row,
        {{ table }}_judged.main_date,
        {{ table }}_judged.loaded_at
    {%- if lone_ids %}
    from {{ table }}_judged
    left join {{ ref('int_identity_shared_ids') }} as shared_ids on {{ shared_id_of_row(table ~ '_judged', lone_ids) }}
    {%- else %}
    from {{ table }}_judged
    {%- endif %}
    where
        {{ table }}_judged.outcome = 'rejected'
        {%- if lone_ids %}
        or shared_ids.person_id is not null
        {%- endif %}
),

{% endfor -%}
rejected_records as (
    {%- for table in raw_contract() %}
    select
        '{{ table }}' as entity,
        brand,
        record_key,
        rejection_reason,
        raw_row,
        main_date,
        loaded_at
    from {{ table }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from rejected_records
