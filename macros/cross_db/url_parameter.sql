{# The value of a parameter of a web address in lower case, in its query or its fragment, as it is encoded there; null without one.
   url_parameter("'https://a.example/p?utm_source=News%20letter'", 'utm_source') -> 'news%20letter' #}
{% macro url_parameter(url, name) -%}
    nullif({{ adapter.dispatch('url_parameter', 'customer_lifecycle')(url, "'[?&#;]" ~ name ~ "=([^&#;]*)'") }}, '')
{%- endmacro %}
{% macro default__url_parameter(url, pattern) %}regexp_extract({{ url }}, {{ pattern }}, 1){% endmacro %}
{% macro postgres__url_parameter(url, pattern) %}substring({{ url }} from {{ pattern }}){% endmacro %}
{% macro bigquery__url_parameter(url, pattern) %}regexp_extract({{ url }}, {{ pattern }}){% endmacro %}
{% macro snowflake__url_parameter(url, pattern) %}regexp_substr({{ url }}, {{ pattern }}, 1, 1, 'e', 1){% endmacro %}
{% macro redshift__url_parameter(url, pattern) %}regexp_substr({{ url }}, {{ pattern }}, 1, 1, 'e'){% endmacro %}
