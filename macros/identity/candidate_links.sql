{# A query: the candidate links of persons who were not erased; what is known of the erased alone links nothing any more.
   candidate_links() -> select candidates.* from int_identity_candidates ... #}
{% macro candidate_links() -%}
    select candidates.*
    from {{ ref('customer_lifecycle', 'int_identity_candidates') }} as candidates
    left join {{ ref('customer_lifecycle', 'int_erased_ids') }} as erased_ids
        on candidates.canonical_person_id = erased_ids.person_id and candidates.linked_date <= erased_ids.erased_until_date
    where not candidates.is_erased and erased_ids.person_id is null
{%- endmacro %}
