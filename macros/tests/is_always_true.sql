{# What holds for every row of a model; null counts as false.
   data_tests: [is_always_true: {name: ..., arguments: {expression: valid_from < valid_to}}] #}
{% test is_always_true(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
