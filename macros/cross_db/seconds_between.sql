{# Seconds from one moment to a later one, with fractions, a double.
   seconds_between('started_at', 'ended_at')   2024-01-01 00:00:00, 2024-01-01 00:01:00.5 -> 60.5 #}
{% macro seconds_between(start, end) %}{{ return(adapter.dispatch('seconds_between', 'customer_lifecycle')(start, end)) }}{% endmacro %}
{% macro default__seconds_between(start, end) %}(cast(epoch_us({{ end }}) - epoch_us({{ start }}) as double precision) / 1000000){% endmacro %}
{% macro postgres__seconds_between(start, end) %}cast(extract(epoch from ({{ end }} - {{ start }})) as double precision){% endmacro %}
{% macro spark__seconds_between(start, end) %}(cast(timestampdiff(microsecond, {{ start }}, {{ end }}) as double) / 1000000){% endmacro %}
{% macro bigquery__seconds_between(start, end) %}(cast(timestamp_diff({{ end }}, {{ start }}, microsecond) as float64) / 1000000){% endmacro %}
{% macro snowflake__seconds_between(start, end) %}(cast(datediff(microsecond, {{ start }}, {{ end }}) as double precision) / 1000000){% endmacro %}
{% macro redshift__seconds_between(start, end) %}(cast(datediff(microsecond, {{ start }}, {{ end }}) as double precision) / 1000000){% endmacro %}
{# Milliseconds are the shortest that it knows here. #}
{% macro trino__seconds_between(start, end) %}(cast(date_diff('millisecond', {{ start }}, {{ end }}) as double) / 1000){% endmacro %}
