{# Joins shared_ids: a row that carries a shared e-mail or device, dated on or after the day on which it came to be shared, has
   a shared_ids.person_id, and with nothing else on it is nobody's. A join, since DuckDB looks for distinct ids and dates first
   when it is asked "not exists ... and shared_from_date <= date".
   join_shared_ids('orders', 'ordered_date') -> left join ... on orders.person_id = shared_ids.person_id and ... #}
{% macro join_shared_ids(row, date) -%}
    left join {{ ref('int_identity_shared_ids') }} as shared_ids
        on {{ row }}.person_id = shared_ids.person_id and shared_ids.shared_from_date <= {{ row }}.{{ date }}
{%- endmacro %}
