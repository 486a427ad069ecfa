-- One row per raw table, brand, column and reason for which optional values of usable rows were nulled or not understood,
-- or a column not read.
{% set unread = [] -%}
with

event_types as (
    select * from {{ seed('event_types') }}
),

failures as (
    {%- for table in raw_tables() %}
    select
        '{{ table }}' as entity,
        brand,
        cleaning_failures,
        count(*) as row_count
    from {{ ref('customer_lifecycle', base_model(table)) }}
    where
        cleaning_failures is not null
        and rejection_reason is null
    group by brand, cleaning_failures
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

checks as (
    {%- for table in raw_tables() %}
    {%- set last_table = loop.last %}
    {%- for column, reason in optional_failures(table) %}
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

unknown_event_types as (
    {%- for source in event_sources() if "'" not in source.event_type %}
    select
        '{{ source.table }}' as entity,
        events.brand,
        '{{ source.event_type }}' as column_name,
        'unknown_event_type' as reason,
        count(*) as value_count
    from {{ ref('customer_lifecycle', 'stg_' ~ source.folder ~ '__' ~ source.table) }} as events
    left join event_types
        on event_types.source_table = '{{ source.table }}' and events.{{ source.event_type }} = event_types.event_type
    where events.{{ source.event_type }} is not null and event_types.event_class is null
    group by events.brand
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

{% for table in raw_tables() if execute -%}
{%- for column, meant in unread_columns(table).items() if meant -%}
{%- do unread.append(table ~ '.' ~ column) -%}
unread_column_{{ unread | length }} as (
    select
        '{{ table }}' as entity, brand, '{{ column | replace("'", "''") }}' as column_name, 'unknown_column' as reason,
        count(*) as value_count
    from {{ ref('customer_lifecycle', base_model(table)) }}
    group by brand
),

{% endfor -%}
{%- endfor -%}
cleaning_events as (
    {%- for column in unread %}
    select entity, brand, column_name, reason, value_count from unread_column_{{ loop.index }}
    union all
    {%- endfor %}
    select entity, brand, column_name, reason, cast(value_count as bigint) as value_count from nulled_values
    union all
    select entity, brand, column_name, reason, value_count from unknown_event_types
)

select * from cleaning_events
