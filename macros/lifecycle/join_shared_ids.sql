{# Joins shared_ids: a row with a shared e-mail or device, dated on or after the day on which it became shared, has a shared_ids.person_id;
   with no other id on it, the row is no customer's. "not exists" would be slower on DuckDB.
   join_shared_ids('orders', 'ordered_date') -> left join ... on orders.person_id = shared_ids.person_id and ... #}
{% macro join_shared_ids(row, date) -%}
    left join {{ ref('customer_lifecycle', 'int_identity_shared_ids') }} as shared_ids
        on {{ row }}.person_id = shared_ids.person_id and shared_ids.shared_from_date <= {{ row }}.{{ date }}
{%- endmacro %}
