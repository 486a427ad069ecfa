-- One row per customer and link that concerns it: a link that brings an id to it, along any chain, or the link by which it
-- is absorbed itself. The columns are those of an event, so that both are compared in one way.
{{ config(materialized=incremental_or_table(), pre_hook='{{ delete_changed_customers() }}') }}
-- depends_on: {{ ref('customer_lifecycle', 'int_published_facts') }}
with

links as (
    select * from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted'
),

customers as (
    select customers.*
    from {{ ref('customer_lifecycle', 'int_customers') }} as customers
    inner join {{ ref('customer_lifecycle', 'int_changed_customers') }} as computed
        on customers.customer_key = computed.customer_key
),

int_customer_links as (
    select
        customers.customer_key,
        'link' as event_kind,
        links.source_table,
        links.source_row,
        links.linked_date as event_date,
        case
            when customers.customer_id = links.merged_person_id then links.linked_date
            else identity_map.valid_from
        end as known_from,
        links.unlinked_date as known_until,
        {{ end_of_time() }} as subscribed_until
    from links
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on links.merged_person_id = identity_map.person_id
    inner join customers on identity_map.customer_key = customers.customer_key
    where
        case
            when customers.customer_id = links.merged_person_id then identity_map.valid_to = links.linked_date
            else identity_map.valid_from < links.unlinked_date and identity_map.valid_to > links.linked_date
        end
)

select * from int_customer_links
