{# Host of a web address, lower case, without user, port and a leading www.; addresses without a scheme pass as well.
   url_host("'https://www.Example.com:443/a?b=c'") -> 'example.com' #}
{% macro url_host(url) -%}
    {%- set pattern = "'^(([a-z][a-z0-9+.-]*:)?//)?([^/?#@]*@)?(www[.])?([^/?#:]*).*$'" -%}
    {{ return(adapter.dispatch('url_host', 'customer_lifecycle')('lower(' ~ url ~ ')', pattern)) }}
{%- endmacro %}
{% macro default__url_host(url, pattern) %}regexp_replace({{ url }}, {{ pattern }}, '\5'){% endmacro %}
{% macro bigquery__url_host(url, pattern) %}regexp_replace({{ url }}, {{ pattern }}, r'\5'){% endmacro %}
{% macro snowflake__url_host(url, pattern) %}regexp_replace({{ url }}, {{ pattern }}, '\\5'){% endmacro %}
{% macro spark__url_host(url, pattern) %}regexp_replace({{ url }}, {{ pattern }}, '$5'){% endmacro %}
{% macro redshift__url_host(url, pattern) %}regexp_replace({{ url }}, {{ pattern }}, '$5', 1, 'p'){% endmacro %}
{% macro trino__url_host(url, pattern) %}regexp_replace({{ url }}, {{ pattern }}, '$5'){% endmacro %}
