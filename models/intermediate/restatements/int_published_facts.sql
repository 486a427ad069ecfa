-- One row per customer whose history is not what it was, and event or link of that history as the last complete build had
-- it; one row without a fact where there was none. Saved before the customer is computed anew.
{% set saved = earlier_table('int_published_facts') %}
{% set events = earlier_table('int_customer_events') %}
{% set links = earlier_table('int_customer_links') %}
{% set fact = ['event_kind', 'source_table', 'source_row', 'event_date', 'known_from', 'known_until', 'coverage_to'] %}
with

saved_facts as (
    {% if saved -%}
    select saved.*
    from {{ saved }} as saved
    inner join {{ ref('int_current_build') }} as current_build on saved.build_number = current_build.build_number
    {%- else -%}
    select
        cast(null as integer) as build_number,
        cast(null as integer) as customer_key,
        cast(null as {{ text_type() }}) as event_kind,
        cast(null as {{ text_type() }}) as source_table,
        cast(null as {{ text_type() }}) as source_row,
        cast(null as date) as event_date,
        cast(null as date) as known_from,
        cast(null as date) as known_until,
        cast(null as date) as coverage_to
    from {{ ref('int_current_build') }}
    where 1 = 0
    {%- endif %}
),

customers as (
    select customers.customer_key
    from {{ ref('int_compared_customers') }} as customers
    where
        customers.has_other_history
        and customers.customer_key not in (select saved_facts.customer_key from saved_facts)
),

facts as (
    {% if events and links -%}
    select customer_key, {{ fact | join(', ') }} from {{ events }}
    union all
    select customer_key, {{ fact | join(', ') }} from {{ links }}
    {%- else -%}
    select customer_key, {{ fact | join(', ') }} from saved_facts
    where 1 = 0
    {%- endif %}
),

int_published_facts as (
    select build_number, customer_key, {{ fact | join(', ') }} from saved_facts

    union all

    select
        current_build.build_number,
        customers.customer_key,
        facts.event_kind,
        facts.source_table,
        facts.source_row,
        facts.event_date,
        facts.known_from,
        facts.known_until,
        facts.coverage_to
    from customers
    cross join {{ ref('int_current_build') }} as current_build
    left join facts on customers.customer_key = facts.customer_key
)

select * from int_published_facts
