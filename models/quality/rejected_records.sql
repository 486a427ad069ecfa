-- One row per raw row that cannot be used, with its one reason.
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
rejected_records as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as entity,
        brand,
        record_key,
        final_reason as rejection_reason,
        {% if table == 'erasure_requests' -%}
        -- names a person who asked to be forgotten, whether or not the engine can change the rows of base models
        cast(null as {{ text_type() }}) as raw_row,
        {%- else -%}
        -- a row that turned out unusable after it had been cleaned is shown as it was cleaned
        case
            when not is_erased
                then {{ without_persons('coalesce(raw_row, ' ~ row_as_json(cleaned_values(table)) ~ ')') }}
        end as raw_row,
        {%- endif %}
        main_date,
        loaded_at
    from {{ table }}
    where outcome = 'rejected'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from rejected_records
