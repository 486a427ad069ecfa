-- One row per customer whose history has changed, and event or link of the history that the last complete build had; one row
-- without a fact where that history was empty. Saved before the customer is computed again.
{% set saved = earlier_table('int_published_facts') %}
{% set last_build = last_complete_build() %}
{% set fact = ['event_kind', 'source_table', 'source_row', 'event_date', 'known_from', 'known_until', 'subscribed_until'] %}
with

saved_facts as (
    {% if saved -%}
    select saved.*
    from {{ saved }} as saved
    inner join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
        on saved.build_number = current_build.build_number
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
        cast(null as date) as subscribed_until
    from {{ ref('customer_lifecycle', 'int_current_build') }}
    where 1 = 0
    {%- endif %}
),

customers as (
    select customers.customer_key
    from {{ ref('customer_lifecycle', 'int_changed_customers') }} as customers
    where
        customers.is_compared
        and customers.has_other_history
        and customers.customer_key not in (select saved_facts.customer_key from saved_facts)
),

facts as (
    {% if last_build -%}
    select customer_key, {{ fact | join(', ') }} from {{ last_build.int_customer_events }}
    union all
    select customer_key, {{ fact | join(', ') }} from {{ last_build.int_customer_links }}
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
        facts.subscribed_until
    from customers
    cross join {{ ref('customer_lifecycle', 'int_current_build') }} as current_build
    left join facts on customers.customer_key = facts.customer_key
)

select * from int_published_facts
