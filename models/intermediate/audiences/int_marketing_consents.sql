-- One row per customer that may be written to: its record says so, or says nothing and the customer has subscribed to the
-- newsletter; and it has not unsubscribed since, under whatever id.
with

as_of as (
    select as_of_date from {{ ref('stg_calendar__as_of_date') }}
),

customers as (
    select * from {{ ref('int_customers') }}
    where absorbed_date is null
),

answers as (
    select
        memberships.customer_key,
        engagements.engagement_type,
        row_number() over (
            partition by memberships.customer_key
            -- of two at the same moment the no counts
            order by
                engagements.occurred_at desc,
                case when engagements.engagement_type = 'newsletter_unsubscribed' then 1 else 2 end asc
        ) as answer_number
    from {{ ref('stg_marketing__engagements') }} as engagements
    inner join {{ ref('int_identity_memberships') }} as memberships
        on engagements.person_id = memberships.person_id and memberships.valid_to = {{ end_of_time() }}
    cross join as_of
    {{ join_shared_ids('engagements', 'occurred_date') }}
    where
        engagements.engagement_type in ('newsletter_subscribed', 'newsletter_unsubscribed')
        and {{ known_until('engagements.deleted_date', 'as_of.as_of_date') }} = {{ end_of_time() }}
        and (shared_ids.person_id is null or (engagements.anonymous_id is not null and engagements.email is not null))
),

int_marketing_consents as (
    select
        customers.customer_key,
        customers.brand,
        customers.customer_id
    from customers
    left join answers on customers.customer_key = answers.customer_key and answers.answer_number = 1
    where
        coalesce(answers.engagement_type, 'none') <> 'newsletter_unsubscribed'
        and coalesce(customers.marketing_consent, answers.engagement_type = 'newsletter_subscribed', false)
)

select * from int_marketing_consents
