{# The grain of a model: no two rows share these columns; nulls count as equal.
   data_tests: [is_unique_by: {name: ..., arguments: {columns: [brand, order_id]}}] #}
{% test is_unique_by(model, columns) %}
select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
