{# Cast a text, null where that is impossible. Not dbt.safe_cast: on DuckDB and PostgreSQL it stops the build.
   '12.5' -> 12.50, 'abc' -> null. Call: safe_cast_to('text_column', 'decimal(18, 2)') #}
{% macro safe_cast_to(text, data_type) %}{{ return(adapter.dispatch('safe_cast_to', 'customer_lifecycle')(text, data_type)) }}{% endmacro %}
{% macro default__safe_cast_to(text, data_type) %}try_cast({{ text }} as {{ data_type }}){% endmacro %}
{# PostgreSQL 15 has no try_cast: a regular expression that only castable texts match guards the cast. Years 0001 to 9999; digits
   after the sixth of a second are cut off, as DuckDB does. #}
{% macro postgres__safe_cast_to(text, data_type) -%}
    {%- set type = data_type | lower | replace(' ', '') -%}
    {%- set text = 'cast(' ~ text ~ ' as text)' -%}
    {%- if type == 'date' -%}
        case
            when {{ text }} ~ '^({{ customer_lifecycle.postgres_date_pattern() }}|{{ customer_lifecycle.postgres_date_pattern('/') }})$'
            then cast({{ text }} as date)
        end
    {%- elif type == 'timestamp' -%}
        case
            when {{ text }} ~ '^{{ customer_lifecycle.postgres_date_pattern() }}[T ]{{ customer_lifecycle.postgres_time_pattern() }}$'
            then cast(regexp_replace({{ text }}, '([.][0-9]{6})[0-9]+', '\1') as timestamp)
        end
    {%- elif type.startswith(('decimal(', 'numeric(')) -%}
        {%- set precision, scale = type[8:-1].split(',') -%}
        case
            when {{ text }} ~ '^[+-]?([0-9]{1,200}[.]?[0-9]{0,200}|[.][0-9]{1,200})([eE][+-]?[0-9]{1,3})?$'
            then case
                when abs(round(cast({{ text }} as numeric), {{ scale }})) < cast('1e{{ precision | int - scale | int }}' as numeric)
                then cast({{ text }} as {{ data_type }})
            end
        end
    {%- else -%}
        {{ exceptions.raise_compiler_error("safe_cast_to does not know the type " ~ data_type ~ " on PostgreSQL: add its pattern.") }}
    {%- endif -%}
{%- endmacro %}
{# Days that exist: 1 to 28 in every month, 29 and 30 but in February, 31 in the long months, February 29 in leap years. #}
{% macro postgres_date_pattern(mark='-') -%}
    (?!0000)([0-9]{4}{{ mark }}(0?[1-9]|1[0-2]){{ mark }}(0?[1-9]|1[0-9]|2[0-8])
    {{- '' }}|[0-9]{4}{{ mark }}(0?[13-9]|1[0-2]){{ mark }}(29|30)|[0-9]{4}{{ mark }}(0?[13578]|1[02]){{ mark }}31
    {{- '' }}|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00){{ mark }}0?2{{ mark }}29)
{%- endmacro %}
{% macro postgres_time_pattern() %}(([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]*)?)?|24:00(:00)?){% endmacro %}
{# Spark's try_cast takes half a date for its first day, goes by what stands before the first blank, and knows neither
   2024/01/31 nor the hour 24. #}
{% macro spark__safe_cast_to(text, data_type) -%}
    {%- set string = 'cast(' ~ text ~ ' as string)' -%}
    {%- if data_type == 'date' -%}
        case
            when {{ string }} rlike '^[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}$'
            then try_cast(replace({{ string }}, '/', '-') as date)
        end
    {%- elif data_type == 'timestamp' -%}
        case
            when {{ string }} rlike '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ]24:00(:00)?$'
            then timestampadd(day, 1, try_cast(substring_index(replace({{ string }}, 'T', ' '), ' ', 1) as timestamp_ntz))
            when {{ string }} rlike '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?$'
            then try_cast({{ string }} as timestamp_ntz)
        end
    {%- else -%} try_cast({{ text }} as {{ data_type }}) {%- endif -%}
{%- endmacro %}
{% macro databricks__safe_cast_to(text, data_type) -%}
    try_cast({{ text }} as {{ 'timestamp_ntz' if data_type == 'timestamp' else data_type }})
{%- endmacro %}
{% macro bigquery__safe_cast_to(text, data_type) %}safe_cast(cast({{ text }} as string) as {{ data_type }}){% endmacro %}
{# try_cast takes texts only. #}
{% macro snowflake__safe_cast_to(text, data_type) -%}
    try_cast(cast({{ text }} as varchar) as {{ 'timestamp_ntz' if data_type == 'timestamp' else data_type }})
{%- endmacro %}
{% macro redshift__safe_cast_to(text, data_type) %}try_cast(cast({{ text }} as varchar(65535)) as {{ data_type }}){% endmacro %}
{% macro trino__safe_cast_to(text, data_type) -%}
    {%- if data_type == 'timestamp' -%} try_cast(replace({{ text }}, 'T', ' ') as timestamp(6))
    {%- else -%} try_cast({{ text }} as {{ data_type }}) {%- endif -%}
{%- endmacro %}
