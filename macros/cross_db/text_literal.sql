{# A text as a literal; where a backslash escapes, it is doubled (not so by dbt.string_literal).
   text_literal("\\N") -> '\N', on BigQuery and Spark '\\N';  text_literal("it's") -> 'it''s' #}
{% macro text_literal(text) %}{{ return(adapter.dispatch('text_literal', 'customer_lifecycle')(text)) }}{% endmacro %}
{% macro default__text_literal(text) %}'{{ text | replace("'", "''") }}'{% endmacro %}
{% macro bigquery__text_literal(text) %}'{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}'{% endmacro %}
{% macro spark__text_literal(text) %}'{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}'{% endmacro %}
{% macro snowflake__text_literal(text) %}'{{ text | replace('\\', '\\\\') | replace("'", "''") }}'{% endmacro %}
{% macro redshift__text_literal(text) %}'{{ text | replace('\\', '\\\\') | replace("'", "''") }}'{% endmacro %}
