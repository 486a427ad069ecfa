{# The md5 of a text, 32 lower-case hexadecimal digits. Not dbt.hash, which cuts a text to 256 bytes on Redshift.
   text_md5('email')   'anna@example.org' -> '7771093713556e85d7a876c08cb5bb63' #}
{% macro text_md5(text) %}{{ return(adapter.dispatch('text_md5', 'customer_lifecycle')(text)) }}{% endmacro %}
{% macro default__text_md5(text) -%} md5({{ text }}) {%- endmacro %}
{% macro bigquery__text_md5(text) -%} to_hex(md5({{ text }})) {%- endmacro %}
{% macro trino__text_md5(text) -%} lower(to_hex(md5(to_utf8({{ text }})))) {%- endmacro %}
