{# True for a row that carries nothing but a shared e-mail or device, dated on or after the day it came to be shared.
   is_nobodys('orders', 'ordered_date') -> exists (...)   (the row's own id is its column person_id) #}
{% macro is_nobodys(row, date) -%}
    exists (
        select 1 from {{ ref('int_identity_shared_ids') }} as shared_ids
        where shared_ids.person_id = {{ row }}.person_id and shared_ids.shared_from_date <= {{ row }}.{{ date }}
    )
{%- endmacro %}
