-- One row per usable row of an event source that names a person: whom, when, and what it is by itself. Its sources are the
-- registry's (macro event_sources); what is made of them reads this model.
{{ config(materialized='view') }}
with

int_observed_events as (
    {% for source in event_sources() %}
    {% set person_id = source.person_id or 'person_id' %}
    {% set has_two_ids = 'anonymous_id' in source.person and 'email' in source.person %}
    select
        brand,
        '{{ source.table }}' as source_table,
        {{ source.key }} as source_row,
        {{ person_id }} as person_id,
        {{ 'anonymous_id is not null and email is not null' if has_two_ids else 'false' }} as has_two_ids,
        {{ source.event_type }} as event_type,
        case when {{ source.only_if or 'true' }} then '{{ source.event_class }}' else 'none' end as event_class,
        {{ source.date }} as event_date,
        deleted_date
    from {{ ref('customer_lifecycle', 'stg_' ~ source.folder ~ '__' ~ source.table) }}
    where {{ person_id }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_observed_events
