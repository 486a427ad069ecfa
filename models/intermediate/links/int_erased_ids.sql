-- One row per id whose rows are erased, with the day up to which they are: the ids that requests name, the customer whose
-- profile has an e-mail that one names, and what was that customer's on that day by the first link that still held: other
-- records, e-mails and devices. An id that many customers share is no customer's.
with

named_ids as (
    select * from {{ ref('customer_lifecycle', 'int_erasures') }}
),

numbered_links as (
    select
        *,
        coalesce(
            max(ended_date) over (
                partition by merged_person_id order by linked_date, canonical_person_id
                rows between unbounded preceding and 1 preceding
            ),
            linked_date
        ) as first_from_date,
        count(*) over (partition by merged_person_id) as link_total
    from {{ ref('customer_lifecycle', 'int_identity_candidates') }}
    where exists (select 1 from named_ids)
),

first_links as (
    select * from numbered_links
    where link_total <= {{ setting('identity_max_cluster_size') | int }}
),

step_0 as (
    select person_id, erased_until_date from named_ids

    union all

    select first_links.canonical_person_id, named_ids.erased_until_date
    from first_links
    inner join named_ids on first_links.merged_person_id = named_ids.person_id
    where
        first_links.merged_id_type = 'email'
        and greatest(first_links.linked_date, first_links.first_from_date) <= named_ids.erased_until_date
        and first_links.ended_date > named_ids.erased_until_date
),

{# a record merged into the customer, its e-mail, a device on which that was left -#}
{% for step in [1, 2, 3] -%}
step_{{ step }} as (
    select person_id, erased_until_date from step_{{ step - 1 }}

    union all

    select first_links.merged_person_id, owners.erased_until_date
    from first_links
    inner join step_{{ step - 1 }} as owners on first_links.canonical_person_id = owners.person_id
    where
        greatest(first_links.linked_date, first_links.first_from_date) <= owners.erased_until_date
        and first_links.ended_date > owners.erased_until_date
),

{% endfor -%}
int_erased_ids as (
    select person_id, max(erased_until_date) as erased_until_date from step_3
    group by person_id
)

select * from int_erased_ids
