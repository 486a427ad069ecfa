-- One row per rating: 2 for good and 1 for bad, of 2, so that good counts as satisfied. Where the loader has no table
-- of ratings, they are changes of a ticket's field, of which the last counts.
{{ config(enabled=fills('zendesk', 'survey_responses')) }}

with

{% if is_loaded('zendesk', 'satisfaction_ratings') -%}
satisfaction_ratings as (
    {{ vendor_rows('zendesk', 'satisfaction_ratings') }}
),

ratings as (
    select
        brand, id, requester_id, lower(score) as score, comment, reason,
        coalesce(updated_at, created_at) as rated_at, loaded_at, deleted_at
    from satisfaction_ratings
),
{%- else -%}
field_changes as (
    {{ vendor_rows('zendesk', 'field_changes') }}
),

tickets as (
    {{ vendor_rows('zendesk', 'tickets') }}
),

ranked_changes as (
    select
        field_changes.*,
        row_number() over (partition by brand, ticket_id order by updated desc, value) as place
    from field_changes
    where field_name = 'satisfaction_score' and (lower(value) like 'good%' or lower(value) like 'bad%')
),

ratings as (
    select
        changes.brand, 'csat-' || changes.ticket_id as id, tickets.requester_id, lower(changes.value) as score,
        cast(null as {{ sql_type('text') }}) as comment, cast(null as {{ sql_type('text') }}) as reason,
        changes.updated as rated_at, changes.loaded_at, changes.deleted_at
    from ranked_changes as changes
    left join tickets on changes.brand = tickets.brand and changes.ticket_id = tickets.id
    where changes.place = 1
),
{%- endif %}

zendesk__survey_responses as (
    select
        brand,
        {{ vendor_id('zendesk', 'id') }} as response_id,
        rated_at as responded_at,
        {{ vendor_id('zendesk', 'requester_id') }} as customer_id,
        'csat' as survey_type,
        case when score like 'good%' then 2 else 1 end as score,
        2 as scale_max,
        'support' as touchpoint,
        reason,
        comment,
        loaded_at,
        deleted_at
    from ratings
    where score like 'good%' or score like 'bad%'
)

select * from zendesk__survey_responses
