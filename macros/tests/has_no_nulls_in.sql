{# None of these columns is ever null: one pass over the model instead of one for each column.
   data_tests: [has_no_nulls_in: {name: ..., arguments: {columns: [brand, order_id]}}] #}
{% test has_no_nulls_in(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
