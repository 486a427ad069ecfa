-- One row per raw table, brand, column and reason for which optional values of usable rows were nulled or not understood.
with

event_types as (
    select * from {{ ref('event_types') }}
),

failures as (
    {%- for table in raw_contract() %}
    select
        '{{ table }}' as entity,
        brand,
        cleaning_failures,
        count(*) as row_count
    from {{ ref(base_model(table)) }}
    where
        cleaning_failures is not null
        and rejection_reason is null
    group by brand, cleaning_failures
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

checks as (
    {%- for table in raw_contract() %}
    {%- set last_table = loop.last %}
    {%- for column, reason in cleaning_checks(table) %}
    select '{{ table }}' as entity, '{{ column }}' as column_name, '{{ reason }}' as reason
    {{ 'union all' if not (last_table and loop.last) }}
    {%- endfor %}
    {%- endfor %}
),

nulled_values as (
    select
        failures.entity,
        failures.brand,
        checks.column_name,
        checks.reason,
        sum(failures.row_count) as value_count
    from failures
    inner join checks
        on
            failures.entity = checks.entity
            and failures.cleaning_failures like '%|' || checks.column_name || ':' || checks.reason || '|%'
    group by failures.entity, failures.brand, checks.column_name, checks.reason
),

{% for table, column in [('touchpoints', 'touch_type'), ('engagements', 'engagement_type')] -%}
unknown_{{ column }}s as (
    select
        '{{ table }}' as entity,
        {{ table }}.brand,
        '{{ column }}' as column_name,
        'unknown_event_type' as reason,
        count(*) as value_count
    from {{ ref(base_model(table, 'stg')) }} as {{ table }}
    left join event_types
        on
            event_types.source_table = '{{ table }}'
            and {{ table }}.{{ column }} = event_types.event_type
    where
        {{ table }}.{{ column }} is not null
        and event_types.event_class is null
    group by {{ table }}.brand
),

{% endfor -%}
cleaning_events as (
    select entity, brand, column_name, reason, cast(value_count as bigint) as value_count from nulled_values
    union all
    select entity, brand, column_name, reason, value_count from unknown_touch_types
    union all
    select entity, brand, column_name, reason, value_count from unknown_engagement_types
)

select * from cleaning_events
