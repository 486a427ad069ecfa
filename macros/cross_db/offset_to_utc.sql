{# A timestamp with time zone, or a text with an offset, as a timestamp in UTC without zone; null for a text that is none.
   '2024-01-01T10:00:00+02:00' -> 2024-01-01 08:00:00. Call: offset_to_utc('text_column') #}
{% macro offset_to_utc(value) %}{{- return(adapter.dispatch('offset_to_utc', 'customer_lifecycle')(value)) -}}{% endmacro %}
{% macro default__offset_to_utc(value) %}timezone('UTC', try_cast({{ value }} as timestamp with time zone)){% endmacro %}
{# Offsets, Z, UTC and GMT; other names of zones are no ISO 8601 and count as unparseable. #}
{% macro postgres__offset_to_utc(value) -%}
    {%- set text = 'cast(' ~ value ~ ' as text)' -%}
    case
        when {{ text }} ~ '^{{ customer_lifecycle.postgres_date_pattern() }}[T ]{{ customer_lifecycle.postgres_time_pattern() }}(Z|z| ?UTC| ?GMT|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$'
        then timezone('UTC', cast(regexp_replace({{ text }}, '([.][0-9]{6})[0-9]+', '\1') as timestamp with time zone))
    end
{%- endmacro %}
{% macro bigquery__offset_to_utc(value) %}safe_cast(cast({{ value }} as string) as timestamp){% endmacro %}
{% macro snowflake__offset_to_utc(value) -%}
    cast(convert_timezone('UTC', try_to_timestamp_tz(cast({{ value }} as varchar))) as timestamp_ntz)
{%- endmacro %}
{# An instant is a number of microseconds: no way round by the session's time zone, where an hour may occur twice. Added as an interval:
   timestampadd() takes an integer on Spark 3.5, and too many microseconds overflow there without an error. Spark has no hour 24. #}
{% macro spark__offset_to_utc(value) -%}
    {%- set text = "cast(" ~ value ~ " as string)" -%}
    {%- set with_seconds = "regexp_replace(" ~ text ~ ", '([T ][0-9]{1,2}:[0-9]{1,2})([^0-9:])', '$1:00$2')" -%}
    {%- set with_colon = "regexp_replace(" ~ with_seconds ~ ", '([+-][0-9]{2})([0-9]{2})$', '$1:$2')" -%}
    case
        when typeof({{ value }}) <> 'string' then {{ customer_lifecycle.spark_instant(value) }}
        when {{ text }} rlike '([+-][0-9]{2}(:?[0-9]{2})?|[^0-9])$'
        then {{ customer_lifecycle.spark_instant("regexp_replace(" ~ with_colon ~ ", '[T ]24:00(:00)?', ' 00:00:00')") }}
            + case when {{ text }} rlike '[T ]24:00' then interval '1' day else interval '0' day end
    end
{%- endmacro %}
{% macro spark_instant(value) -%}
    cast('1970-01-01 00:00:00' as timestamp_ntz)
    + make_dt_interval(0, 0, 0, cast(unix_micros(try_cast({{ value }} as timestamp_ltz)) as decimal(20, 0)) / 1000000)
{%- endmacro %}
{% macro databricks__offset_to_utc(value) -%}
    convert_timezone(current_timezone(), 'UTC', cast(try_cast({{ value }} as timestamp) as timestamp_ntz))
{%- endmacro %}
{% macro redshift__offset_to_utc(value) %}(try_cast(cast({{ value }} as varchar(65535)) as timestamptz) at time zone 'UTC'){% endmacro %}
{% macro trino__offset_to_utc(value) -%}
    cast(at_timezone(try_cast(replace(cast({{ value }} as varchar), 'T', ' ') as timestamp(6) with time zone), 'UTC') as timestamp(6))
{%- endmacro %}
