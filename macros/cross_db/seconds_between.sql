{# Seconds from one moment to a later one, with fractions, a double.
   seconds_between('started_at', 'ended_at')   2024-01-01 00:00:00, 2024-01-01 00:01:00.5 -> 60.5 #}
{% macro seconds_between(first_moment, last_moment) -%}
    {{ return(adapter.dispatch('seconds_between', 'customer_lifecycle')(first_moment, last_moment)) }}
{%- endmacro %}

{% macro default__seconds_between(first_moment, last_moment) -%}
    (cast(epoch_us({{ last_moment }}) - epoch_us({{ first_moment }}) as double precision) / 1000000)
{%- endmacro %}

{% macro postgres__seconds_between(first_moment, last_moment) -%}
    cast(extract(epoch from ({{ last_moment }} - {{ first_moment }})) as double precision)
{%- endmacro %}

{% macro spark__seconds_between(first_moment, last_moment) -%}
    (cast(timestampdiff(microsecond, {{ first_moment }}, {{ last_moment }}) as double) / 1000000)
{%- endmacro %}

{% macro bigquery__seconds_between(first_moment, last_moment) -%}
    (cast(timestamp_diff({{ last_moment }}, {{ first_moment }}, microsecond) as float64) / 1000000)
{%- endmacro %}

{% macro snowflake__seconds_between(first_moment, last_moment) -%}
    (cast(datediff(microsecond, {{ first_moment }}, {{ last_moment }}) as double precision) / 1000000)
{%- endmacro %}

{% macro redshift__seconds_between(first_moment, last_moment) -%}
    (cast(datediff(microsecond, {{ first_moment }}, {{ last_moment }}) as double precision) / 1000000)
{%- endmacro %}

{# Milliseconds are the shortest that it knows here. #}
{% macro trino__seconds_between(first_moment, last_moment) -%}
    (cast(date_diff('millisecond', {{ first_moment }}, {{ last_moment }}) as double) / 1000)
{%- endmacro %}
