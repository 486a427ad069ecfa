-- One row per customer that may be written to: its record says so, or says nothing and the customer has subscribed to the
-- newsletter; and it has not unsubscribed since, under whatever id.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select * from {{ ref('customer_lifecycle', 'int_customers') }}
    where merged_date is null
),

answers as (
    select
        identity_map.customer_key,
        engagements.engagement_type,
        row_number() over (
            partition by identity_map.customer_key
            -- of two at the same moment the no counts
            order by
                engagements.occurred_at desc,
                case when engagements.engagement_type = 'newsletter_unsubscribed' then 1 else 2 end asc
        ) as answer_number
    from {{ ref('customer_lifecycle', 'stg_marketing__engagements') }} as engagements
    inner join {{ ref('customer_lifecycle', 'int_identity_map') }} as identity_map
        on engagements.person_id = identity_map.person_id and identity_map.valid_to = {{ end_of_time() }}
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
