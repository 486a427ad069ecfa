-- One row per customer and link that it has to do with: one that brings an id to it, along whatever chain, or by which it is
-- absorbed itself. Shaped like an event, so that the two are compared alike.
{{ config(
    materialized=incremental_or_table(), incremental_strategy=append_strategy(), pre_hook='{{ forget_changed_customers() }}',
) }}
-- depends_on: {{ ref('int_published_facts') }}
with

links as (
    select * from {{ ref('int_identity_links') }}
    where link_status = 'accepted'
),

customers as (
    select customers.*
    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_customers_to_compute') }} as computed on customers.customer_key = computed.customer_key
),

int_customer_links as (
    select
        customers.customer_key,
        'link' as event_kind,
        links.source_table,
        links.source_row,
        links.linked_date as event_date,
        case
            when customers.customer_id = links.absorbed_person_id then links.linked_date
            else memberships.valid_from
        end as known_from,
        {{ end_of_time() }} as known_until,
        {{ end_of_time() }} as coverage_to
    from links
    inner join {{ ref('int_identity_memberships') }} as memberships on links.absorbed_person_id = memberships.person_id
    inner join customers on memberships.customer_key = customers.customer_key
)

select * from int_customer_links
