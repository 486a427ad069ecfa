{# Open ends inside the intermediate models: real dates, because least() and greatest() treat nulls differently from one
   engine to the next. What is published says null instead (see null_if_never).
   beginning_of_time() -> cast('0001-01-01' as date), end_of_time() -> cast('9999-12-31' as date) #}
{% macro beginning_of_time() %}cast('0001-01-01' as date){% endmacro %}
{% macro end_of_time() %}cast('9999-12-31' as date){% endmacro %}
{# null_if_never('valid_to') -> null where valid_to is the end of time #}
{% macro null_if_never(date) %}nullif({{ date }}, {{ customer_lifecycle.end_of_time() }}){% endmacro %}
