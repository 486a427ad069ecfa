-- One row per customer who was not merged: what its record and its newsletter say of consent, since when, and what follows.
-- An anonymous customer, known by a device alone, may not be written to, even if the device has subscribed: no address is
-- known to belong to that customer.
with

as_of as (
    select as_of_date from {{ ref('customer_lifecycle', 'as_of_date') }}
),

customers as (
    select
        *,
        case when brand <> 'default' then brand || ':' else '' end || 'anonymous:' as anonymous_prefix
    from {{ ref('customer_lifecycle', 'int_customers') }}
    where merged_date is null
),

records as (
    select person_id, coalesce(updated_date, created_date) as changed_date
    from {{ ref('customer_lifecycle', 'stg_shop__customers') }}
),

answers as (
    select
        identity_map.customer_key,
        engagements.engagement_type,
        engagements.occurred_date,
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

sayings as (
    select
        customers.customer_key, customers.brand, customers.customer_id,
        substr(customers.customer_id, 1, length(customers.anonymous_prefix)) = customers.anonymous_prefix as is_anonymous,
        customers.marketing_consent as has_record_consent,
        -- a record does not say when its consent was given: it says so since it was changed last, at the latest
        case
            when customers.marketing_consent is not null and records.changed_date <= as_of.as_of_date
                then records.changed_date
        end as record_consent_date,
        answers.engagement_type = 'newsletter_subscribed' as has_newsletter_consent,
        answers.occurred_date as newsletter_consent_date
    from customers
    cross join as_of
    left join records on customers.customer_id = records.person_id
    left join answers on customers.customer_key = answers.customer_key and answers.answer_number = 1
),

int_customer_consents as (
    select
        *,
        not is_anonymous
        and coalesce(has_newsletter_consent, true)
        and coalesce(has_record_consent, has_newsletter_consent, false) as has_marketing_consent
    from sayings
)

select * from int_customer_consents
