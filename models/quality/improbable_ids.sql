-- One row per id with so many orders, or so many devices, beside the others of its brand that it can hardly be one person: a
-- tenth of all and ten times what others have on average, or a hundred times that. The user says which of them are not
-- customers.
{{ config(post_hook=["{{ warn_of_improbable_ids() }}", "{{ warn_of_ids_that_nearly_meet() }}"]) }}
with

usages as (
    select brand, person_id, 'orders' as counted, count(*) as usage_count
    from {{ ref('customer_lifecycle', 'stg_shop__orders') }}
    where person_id is not null
    group by brand, person_id

    union all

    select brand, canonical_person_id, 'devices', count(*)
    from {{ ref('customer_lifecycle', 'int_identity_links') }}
    where link_status = 'accepted' and merged_id_type = 'anonymous_id'
    group by brand, canonical_person_id
),

totals as (
    select brand, counted, sum(usage_count) as total_count, count(*) as id_count from usages
    group by brand, counted
),

improbable_ids as (
    select
        usages.brand,
        usages.person_id as customer_id,
        usages.counted,
        cast(usages.usage_count as bigint) as usage_count,
        {{ ratio_of('usages.usage_count', 'totals.total_count') }} as share_rate
    from usages
    inner join totals on usages.brand = totals.brand and usages.counted = totals.counted
    where
        totals.id_count > 1
        and (
            (
                usages.usage_count >= 20 and usages.usage_count * 10 >= totals.total_count
                and usages.usage_count * (totals.id_count - 1) >= 10 * (totals.total_count - usages.usage_count)
            )
            or (
                usages.usage_count >= 100
                and usages.usage_count * (totals.id_count - 1) >= 100 * (totals.total_count - usages.usage_count)
            )
        )
        and usages.person_id not in (
            select shared_ids.person_id from {{ ref('customer_lifecycle', 'int_identity_shared_ids') }} as shared_ids
        )
)

select * from improbable_ids
