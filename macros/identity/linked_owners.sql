{# A query: since when and until when each merged id belongs to an id: the one it is linked with, and those along chains. `links` is a CTE. #}
{% macro linked_owners(links) %}
    select merged_person_id as person_id, canonical_person_id as owner_person_id, linked_date as valid_from, unlinked_date as valid_to
    from {{ links }}
    union all
    select own.merged_person_id, chains.owner_person_id, greatest(own.linked_date, chains.valid_from), least(own.unlinked_date, chains.valid_to)
    from {{ links }} as own
    inner join {{ ref('customer_lifecycle', 'int_identity_chains') }} as chains on own.canonical_person_id = chains.person_id
{% endmacro %}
