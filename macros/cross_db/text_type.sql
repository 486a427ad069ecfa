{# A text of any length, as a type. Not dbt.type_string: 256 bytes on Redshift, and no varchar, as contracts say.
   text_type() -> varchar, string on BigQuery and Spark. Call: cast(date_day as {{ text_type() }}) #}
{% macro text_type() %}{{ return(adapter.dispatch('text_type', 'customer_lifecycle')()) }}{% endmacro %}
{% macro default__text_type() %}varchar{% endmacro %}
{% macro bigquery__text_type() %}string{% endmacro %}
{% macro spark__text_type() %}string{% endmacro %}
{# A bare varchar has 256 bytes there. #}
{% macro redshift__text_type() %}varchar(65535){% endmacro %}
