-- One row per deal that was won, where the option `orders` says that deals are orders. A deal that was merged into another
-- counts with that one alone.
{{ config(enabled=fills('hubspot', 'orders')) }}

with

deals as (
    {{ vendor_rows('hubspot', 'deals') }}
),

stages as (
    {{ vendor_rows('hubspot', 'deal_stages') }}
),

merged_deals as (
    {{ vendor_rows('hubspot', 'merged_deals') }}
),

deal_contacts as (
    {{ vendor_rows('hubspot', 'deal_contacts') }}
),

contacts as (
    {{ vendor_rows('hubspot', 'contacts') }}
),

customers as (
    select brand, deal_id, min(contact_id) as contact_id
    from deal_contacts
    group by brand, deal_id
),

won_deals as (
    select deals.*
    from deals
    left join stages on deals.brand = stages.brand and deals.stage_id = stages.id
    left join merged_deals on deals.brand = merged_deals.brand and deals.id = merged_deals.merged_deal_id
    where merged_deals.merged_deal_id is null
        and coalesce(deals.is_closed_won, stages.closed_won, stages.is_closed and stages.probability = 1)
),

hubspot__orders as (
    select
        won_deals.brand,
        {{ vendor_id('hubspot', 'won_deals.id') }} as order_id,
        {{ vendor_id('hubspot', 'customers.contact_id') }} as customer_id,
        contacts.email,
        won_deals.closedate as ordered_at,
        'paid' as status,
        upper(won_deals.currency) as currency,
        won_deals.amount as total_amount,
        won_deals.lastmodifieddate as updated_at,
        won_deals.loaded_at,
        coalesce(won_deals.deleted_at, case when won_deals.is_deleted then won_deals.loaded_at end) as deleted_at
    from won_deals
    left join customers on won_deals.brand = customers.brand and won_deals.id = customers.deal_id
    left join contacts on customers.brand = contacts.brand and customers.contact_id = contacts.id
)

select * from hubspot__orders
