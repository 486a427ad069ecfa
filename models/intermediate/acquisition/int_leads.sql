-- One row per customer who became a lead: the first day of an engagement that makes a lead (seed event_types), unless it had
-- bought before that day.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

engagements as (
    select * from {{ ref('customer_lifecycle', 'stg_marketing__engagements') }}
),

lead_types as (
    select event_type from {{ seed('event_types') }}
    where source_table = 'engagements' and is_lead
),

identity_map as (
    select * from {{ ref('customer_lifecycle', 'int_identity_map') }}
    where valid_to = {{ end_of_time() }}
),

first_purchases as (
    select distinct
        customer_key,
        first_purchase_date
    from {{ ref('customer_lifecycle', 'int_customer_purchase_history') }}
),

first_engagements as (
    select
        identity_map.customer_key,
        min(engagements.occurred_date) as lead_date
    from engagements
    cross join as_of
    inner join lead_types on engagements.engagement_type = lead_types.event_type
    inner join identity_map on engagements.person_id = identity_map.person_id
    {{ join_shared_ids('engagements', 'occurred_date') }}
    where
        shared_ids.person_id is null
        and (engagements.deleted_date is null or engagements.deleted_date > as_of.as_of_date)
    group by identity_map.customer_key
),

int_leads as (
    select
        first_engagements.customer_key,
        first_engagements.lead_date
    from first_engagements
    left join first_purchases on first_engagements.customer_key = first_purchases.customer_key
    where first_purchases.first_purchase_date is null or first_purchases.first_purchase_date >= first_engagements.lead_date
)

select * from int_leads
